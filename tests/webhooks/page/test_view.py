"""What the page says and offers for each state: every delivery status has its sentence and its buttons."""

import pytest
from msgspec.structs import replace

from tests.support.records import CALL, NOW, PENDING, SESSION, TEXT, context, ended
from twiml.words import LANGUAGES, Words, words
from verification.flow.admission import next_delivery_wait
from verification.flow.delivery import busy_until
from verification.models import Delivery, Manner, Progress, State
from verification.policy import DEFAULT_POLICY, Policy
from verification.types import CallStyle, Channel, DeliveryStatus, VerificationStatus
from verification.values.twilio_errors import TWILIO_ERRORS
from webhooks.page.delivery_status import NextStep, Tone, resend_buttons
from webhooks.page.state_view import for_state
from webhooks.page.times import resend_sentence, time_left, wait_sentence
from webhooks.page.view import PageState, View, ViewContext

ENGLISH = words("en-US")
PAGE = ENGLISH.page
PROGRESS = PAGE.progress
SENDER = "+14155550199"
#: Without a place where a line could end.
SENDER_IN_GROUPS = "+1\u00a0415-\u2060555-\u20600199"
SID = "VE9ab3f00c" + "0" * 24
RUNNING = State(verification=PENDING, session=SESSION)
NO_PAUSES = replace(DEFAULT_POLICY, repeat_spacing=())
USUAL, EVERY = DEFAULT_POLICY.channels, frozenset(Channel)


def see(
    *deliveries: Delivery,
    at: float = NOW + 1,
    state: State = RUNNING,
    alert: str = "",
    spoken: Words = ENGLISH,
    policy: Policy = NO_PAUSES,
    channels: frozenset[Channel] = USUAL,
) -> View:
    """The page with these deliveries."""
    if state.verification is not None:
        state = replace(state, verification=replace(state.verification, sid=SID))
    state, now = replace(state, deliveries=deliveries), context(at, policy)
    around = ViewContext(
        brand="Acme",
        sender=SENDER,
        now=at,
        waits={channel: next_delivery_wait(state, channel, now) for channel in Channel},
        busy_until={channel: busy_until(state, channel, now) for channel in Channel},
        channels=channels,
        max_deliveries=policy.max_deliveries,
    )
    return for_state(state, spoken, around, alert=alert)


def offered(shown: View) -> list[str]:
    return [button.value.value for button in shown.buttons]


def main(shown: View) -> list[str]:
    return [button.value.value for button in shown.buttons if button.main]


def call(status: str, *, progress: Progress = Progress.NOTHING, machine: bool = False) -> Delivery:
    return replace(CALL, status=DeliveryStatus(status), progress=progress, machine=machine)


def text(status: str, error: int | None = None) -> Delivery:
    return replace(TEXT, status=DeliveryStatus(status), error=error)


def whatsapp(status: str, error: int | None = None) -> Delivery:
    return replace(text(status, error), channel=Channel.WHATSAPP)


# Sentences.


@pytest.mark.parametrize(
    ("delivery", "sentence", "tone"),
    [
        (call("planned"), PROGRESS.call_queued, Tone.LIVE),
        (call("queued"), PROGRESS.call_queued, Tone.LIVE),
        (call("unknown"), PROGRESS.maybe_ringing, Tone.LIVE),
        (call("ringing"), PROGRESS.call_ringing, Tone.LIVE),
        (call("answered", progress=Progress.ANSWERED), PROGRESS.call_answered, Tone.LIVE),
        (call("answered", progress=Progress.READING), PROGRESS.call_reading, Tone.LIVE),
        (call("answered", progress=Progress.HEARD), PROGRESS.call_heard, Tone.DONE),
        (call("completed", progress=Progress.HEARD), PROGRESS.call_heard, Tone.DONE),
        (call("completed", progress=Progress.READING), PROGRESS.call_completed, Tone.LIVE),
        (call("completed", progress=Progress.ANSWERED), PROGRESS.call_no_keys, Tone.PROBLEM),
        (replace(call("completed", progress=Progress.ANSWERED), tries=1), PROGRESS.call_wrong_keys, Tone.PROBLEM),
        (call("busy"), PROGRESS.call_busy, Tone.PROBLEM),
        (call("no-answer"), PROGRESS.call_no_answer, Tone.PROBLEM),
        (call("failed"), PROGRESS.call_failed, Tone.PROBLEM),
        (call("canceled"), PROGRESS.call_failed, Tone.PROBLEM),
        (call("answered", progress=Progress.ANSWERED, machine=True), PROGRESS.call_machine, Tone.PROBLEM),
        (call("completed", progress=Progress.ANSWERED, machine=True), PROGRESS.call_machine, Tone.PROBLEM),
        (call("completed", progress=Progress.READING, machine=True), PROGRESS.call_completed, Tone.LIVE),
        (text("planned"), PROGRESS.text_queued, Tone.LIVE),
        (text("sending"), PROGRESS.text_queued, Tone.LIVE),
        (text("sent"), PROGRESS.text_sent, Tone.LIVE),
        (text("delivered"), PROGRESS.text_delivered, Tone.DONE),
        (text("undelivered", 30003), PROGRESS.text_undelivered, Tone.PROBLEM),
        (text("failed"), PROGRESS.text_undelivered, Tone.PROBLEM),
    ],
)
def test_every_state_of_a_delivery_has_its_sentence_and_its_tone(delivery: Delivery, sentence: str, tone: Tone) -> None:
    shown = see(delivery)
    assert (shown.status, shown.tone, shown.failed) == (sentence, tone, tone is Tone.PROBLEM)


TYPED = replace(RUNNING, verification=replace(PENDING, style=CallStyle.KEY))


def test_where_the_code_is_typed_on_the_phone_the_page_says_so() -> None:
    """B4"""
    answered = see(call("answered", progress=Progress.ANSWERED), state=TYPED)
    assert answered.status == "You answered. Press the keys you hear, then type the code below."
    ended_early = see(call("completed", progress=Progress.PRESSED), state=TYPED)
    assert ended_early.status == "The call ended before a code was typed. Was it voicemail?"
    assert ended_early.failed


# What to do.


@pytest.mark.parametrize(
    ("delivery", "state", "heading"),
    [
        (call("queued"), RUNNING, "Answer your phone"),
        (call("unknown"), RUNNING, "Answer your phone"),
        (call("ringing"), RUNNING, "Answer your phone"),
        (call("answered", progress=Progress.READING), RUNNING, "Enter the 6-\u2060digit code"),
        (call("completed", progress=Progress.HEARD), RUNNING, "Enter the 6-\u2060digit code"),
        (call("no-answer"), RUNNING, "Let's try again"),
        (text("queued"), RUNNING, "Check your phone"),
        (text("delivered"), RUNNING, "Check your phone"),
        (text("undelivered", 30006), RUNNING, "Let's try again"),
        (call("ringing"), TYPED, "Answer your phone"),
        (call("answered"), TYPED, "Type this code on your phone"),
    ],
)
def test_the_heading_says_what_to_do(delivery: Delivery, state: State, heading: str) -> None:
    """B1"""
    shown = see(delivery, state=state)
    assert (shown.heading, shown.title) == (heading, f"{heading} · Acme")


def test_the_label_and_the_heading_name_the_length_of_the_code() -> None:
    long = replace(RUNNING, verification=replace(PENDING, code_length=8))
    shown = see(call("answered"), state=long)
    assert (shown.label, shown.heading) == ("8-\u2060digit code", "Enter the 8-\u2060digit code")


def test_the_number_that_this_browser_typed_stays_on_the_page_in_groups() -> None:
    """B3"""
    for delivery in (call("ringing"), call("busy"), text("delivered")):
        assert see(delivery).sent_to == "+1 415-555-0100"
    over = see(CALL, state=State(verification=ended(VerificationStatus.EXPIRED), session=SESSION))
    assert over.sent_to == "+1 415-555-0100"
    extension = replace(PENDING.number, extension=",12")
    shown = see(CALL, state=replace(RUNNING, verification=replace(PENDING, number=extension)))
    assert shown.sent_to == "+1 415-555-0100 ext. 12"


def test_a_page_in_accounts_mode_shows_the_user_name_and_two_digits_and_nothing_of_the_call() -> None:
    """B19"""
    private = replace(RUNNING, verification=replace(PENDING, manner=Manner.PRIVATE))
    shown = see(replace(call("queued"), created_at=NOW), state=private)
    assert (shown.sent_to, shown.heading) == ("Ada", "Enter the 6-\u2060digit code")
    assert shown.status == "If this username is registered, we are calling the number ending in 00."
    assert "repeat" in offered(shown), "that it is missing would show that a call is under way"


def test_the_page_says_the_same_whatever_twilio_says_about_the_line() -> None:
    """3.8 The page does not tell what kind of line a number is."""
    for code in (None, 30003, *TWILIO_ERRORS):
        shown = see(text("undelivered", code))
        assert (shown.status, offered(shown), main(shown)) == (
            PROGRESS.text_undelivered,
            ["call", "repeat"],
            ["call"],
        )
        assert str(code) not in f"{shown.status} {shown.note} {shown.heading} {shown.alert}"


def test_a_code_that_says_something_lasting_about_a_text_says_nothing_about_one_that_arrived() -> None:
    assert see(text("delivered", 30018)).status == PROGRESS.text_delivered
    assert "repeat" in offered(see(text("sent", 30018)))


# Buttons.


@pytest.mark.parametrize(
    ("delivery", "buttons", "first"),
    [
        (call("ringing"), ["sms"], []),
        (call("answered"), ["sms"], []),
        (call("busy"), ["sms", "repeat"], ["sms"]),
        (call("no-answer"), ["sms", "repeat"], ["sms"]),
        (call("failed"), ["sms", "repeat"], ["sms"]),
        (call("completed", progress=Progress.ANSWERED), ["sms", "repeat"], ["sms"]),
        (call("completed", progress=Progress.ANSWERED, machine=True), ["sms", "repeat"], ["sms"]),
        (call("completed", progress=Progress.HEARD), ["repeat", "sms"], []),
        (text("planned"), ["call"], []),
        (text("sent"), ["repeat", "call"], []),
        (text("undelivered", 30003), ["call", "repeat"], ["call"]),
        (text("undelivered"), ["call", "repeat"], ["call"]),
        (text("undelivered", 30006), ["call", "repeat"], ["call"]),
    ],
)
def test_the_most_promising_step_comes_first_and_none_is_offered_that_would_do_nothing(
    delivery: Delivery, buttons: list[str], first: list[str]
) -> None:
    """B6, B11, B18"""
    shown = see(delivery)
    assert (offered(shown), main(shown)) == (buttons, first)
    assert delivery.channel.fallbacks[0].value in offered(shown)
    assert shown.unfolds == bool(first), "as long as the code may come, its field is the main thing"


def test_a_call_that_is_unclear_is_offered_again_when_the_page_knows_that_it_does_not_ring() -> None:
    unclear = replace(call("unknown"), provider_sid=None)
    first = see(unclear, at=NOW + 10)
    assert (offered(first), first.refresh_at) == (["sms"], NOW + DEFAULT_POLICY.unknown_timeout)
    assert "repeat" in offered(see(unclear, at=first.refresh_at))


@pytest.mark.parametrize(
    ("delivery", "buttons", "first"),
    [
        (whatsapp("sent"), ["repeat", "sms", "call"], []),
        (whatsapp("read"), ["repeat", "sms", "call"], []),
        (whatsapp("failed", 63024), ["sms", "call", "repeat"], ["sms"]),
        (call("busy"), ["sms", "whatsapp", "repeat"], ["sms"]),
        (text("undelivered"), ["call", "whatsapp", "repeat"], ["call"]),
    ],
)
def test_where_whatsapp_is_set_up_every_other_channel_is_offered_and_the_likeliest_first(
    delivery: Delivery, buttons: list[str], first: list[str]
) -> None:
    shown = see(delivery, channels=EVERY)
    assert (offered(shown), main(shown)) == (buttons, first)


def test_a_channel_that_was_switched_off_since_is_not_offered_again() -> None:
    shown = see(whatsapp("failed", 63024), channels=frozenset({Channel.CALL}))
    assert (offered(shown), main(shown)) == (["call"], ["call"])


@pytest.mark.parametrize(
    ("status", "sentence", "tone"),
    [
        ("queued", "The WhatsApp message is about to be sent.", Tone.LIVE),
        ("unknown", "The WhatsApp message is about to be sent.", Tone.LIVE),
        ("sent", "The WhatsApp message has been sent.", Tone.LIVE),
        ("delivered", "The WhatsApp message has arrived.", Tone.DONE),
        ("read", "The WhatsApp message has arrived.", Tone.DONE),
        ("undelivered", "The WhatsApp message could not be delivered.", Tone.PROBLEM),
        ("failed", "The WhatsApp message could not be delivered.", Tone.PROBLEM),
    ],
)
def test_the_page_tells_how_a_whatsapp_message_goes_and_not_that_it_was_read(
    status: str, sentence: str, tone: Tone
) -> None:
    shown = see(whatsapp(status), channels=EVERY)
    assert (shown.status, shown.tone) == (sentence, tone)


@pytest.mark.parametrize("channel", Channel)
def test_a_channel_that_the_operator_does_not_allow_is_not_offered(channel: Channel) -> None:
    for delivery in (call("busy"), text("delivered"), text("undelivered")):
        shown = see(delivery, channels=frozenset({channel}))
        assert channel.fallbacks[0].value not in offered(shown)


def test_buttons_say_what_they_do() -> None:
    labels = {button.value: button.label for button in resend_buttons(call("busy"), PAGE, USUAL)}
    assert labels == {NextStep.REPEAT: "Call me again", NextStep.SMS: "Send a text message instead"}
    labels = {button.value: button.label for button in resend_buttons(text("sent"), PAGE, USUAL)}
    assert labels == {NextStep.REPEAT: "Send the text message again", NextStep.CALL: "Call me instead"}
    labels = {button.value: button.label for button in resend_buttons(whatsapp("sent"), PAGE, EVERY)}
    assert labels == {
        NextStep.REPEAT: "Send the WhatsApp message again",
        NextStep.SMS: "Send a text message instead",
        NextStep.CALL: "Call me instead",
    }
    assert {button.value: button.label for button in resend_buttons(call("busy"), PAGE, EVERY)} == {
        NextStep.SMS: "Send a text message instead",
        NextStep.WHATSAPP: "Send a WhatsApp message instead",
        NextStep.REPEAT: "Call me again",
    }


def test_the_newest_delivery_is_the_one_that_counts() -> None:
    shown = see(text("undelivered", 30006), replace(call("ringing"), sid="VL8"))
    assert (shown.status, shown.failed) == (PROGRESS.call_ringing, False)


def test_after_the_last_delivery_only_a_new_code_helps() -> None:
    many = [replace(call("busy"), sid=f"VL{number}") for number in range(DEFAULT_POLICY.max_deliveries)]
    assert offered(see(*many[1:])) == ["sms", "repeat"]
    shown = see(*many, policy=DEFAULT_POLICY)
    assert (offered(shown), main(shown), shown.pause) == (["begin-again"], ["begin-again"], "")


def test_what_never_left_does_not_count_as_a_delivery() -> None:
    refused = replace(call("failed"), provider_sid=None)
    many = [replace(refused, sid=f"VL{number}") for number in range(DEFAULT_POLICY.max_deliveries)]
    assert "repeat" in offered(see(*many))


def test_a_suppressed_number_sees_how_to_allow_us_again_and_nothing_is_offered_that_cannot_work() -> None:
    shown = see(text("sent"), state=State(verification=PENDING, session=SESSION, suppressed=True))
    assert offered(shown) == []
    assert "START" in shown.note
    assert SENDER_IN_GROUPS in shown.note, "in groups (B24)"


# The pause between two deliveries.


def waiting(shown: View) -> list[str]:
    return [button.value.value for button in shown.buttons if button.waits]


def test_the_pause_is_shown_in_words_as_long_as_it_lasts() -> None:
    """B8"""
    done = call("completed", progress=Progress.HEARD)
    shown = see(done, at=NOW + 10.2, policy=DEFAULT_POLICY)
    assert (shown.pause, waiting(shown)) == ("You can ask again in 20 seconds.", ["repeat", "sms"])
    over = see(done, at=NOW + 30, policy=DEFAULT_POLICY)
    assert (over.pause, waiting(over)) == ("", [])


def test_after_a_failure_only_the_same_channel_waits() -> None:
    """B10"""
    shown = see(call("busy"), at=NOW + 10, policy=DEFAULT_POLICY)
    assert (main(shown), waiting(shown), shown.pause) == (["sms"], ["repeat"], "You can ask again in 20 seconds.")


def test_a_number_whose_holder_reported_another_code_is_not_offered_what_would_be_refused() -> None:
    paused = replace(RUNNING, paused_until=NOW + 1800)
    shown = see(call("no-answer"), state=paused)
    assert (waiting(shown), shown.pause) == (["sms", "repeat"], "You can ask again in 30 minutes.")
    over = see(state=State(verification=ended(VerificationStatus.EXPIRED), session=SESSION, paused_until=NOW + 1800))
    assert (waiting(over), over.pause) == (["begin-again"], "You can ask again in 30 minutes.")
    assert over.refresh_at == NOW + 1800


@pytest.mark.parametrize(
    ("seconds", "number"), [(0.1, 2), (1, 2), (2.5, 3), (90, 90), (90.1, 2), (120, 2), (120.1, 3), (300, 5)]
)
def test_a_wait_is_rounded_up_so_that_the_button_works_when_it_says_so(seconds: float, number: int) -> None:
    assert str(number) in wait_sentence(seconds, PAGE)
    assert ("minutes" in wait_sentence(seconds, PAGE)) == (seconds > 90)

    assert str(number) in resend_sentence(seconds, PAGE)


@pytest.mark.parametrize(
    ("last", "buttons"),
    [
        (text("delivered"), ["begin-again", "call"]),
        (call("completed", progress=Progress.HEARD), ["begin-again", "sms"]),
        (call("no-answer"), ["sms", "repeat"]),
        (text("undelivered", 30006), ["call", "repeat"]),
    ],
)
def test_near_the_end_each_button_brings_a_new_code_which_need_not_wait(last: Delivery, buttons: list[str]) -> None:
    late = replace(last, created_at=PENDING.expires_at - 10)
    shown = see(late, at=PENDING.expires_at - 1, policy=DEFAULT_POLICY)
    assert (offered(shown), waiting(shown), shown.unfolds) == (buttons, [], True)


# The time left.


def test_the_time_left_is_rounded_down_and_a_new_code_shows_its_whole_life() -> None:
    """B9"""
    sentences = [time_left(seconds, PAGE) for seconds in (300, 295, 294.9, 115, 114.9, 60, 54.9, 0)]
    assert sentences == [
        "This code works for 5 more minutes",
        "This code works for 5 more minutes",
        "This code works for 4 more minutes",
        "This code works for 2 more minutes",
        "This code works for one more minute",
        "This code works for one more minute",
        "This code works for less than a minute",
        "This code works for less than a minute",
    ]


def test_near_the_end_there_is_a_warning_and_a_new_code_in_one_press() -> None:
    before, after = see(call("ringing"), at=PENDING.expires_at - 60.1), see(call("ringing"), at=PENDING.expires_at - 60)
    assert (before.note, "begin-again" in offered(before)) == ("", False)
    assert (after.note, offered(after)[0]) == (PAGE.code.warning, "begin-again")


def test_a_code_that_lives_for_seconds_warns_at_half_its_life() -> None:
    short = State(verification=replace(PENDING, expires_at=NOW + 10), session=SESSION)
    assert see(call("ringing"), at=NOW + 4.9, state=short).note == ""
    assert see(call("ringing"), at=NOW + 5, state=short).note == PAGE.code.warning


def test_a_view_knows_when_time_alone_will_change_it() -> None:
    ends = PENDING.expires_at
    assert see(call("ringing")).refresh_at == ends - 60
    assert see(call("ringing"), at=ends - 59).refresh_at == ends
    assert see(call("ringing"), state=State(verification=ended(VerificationStatus.CANCELED))).refresh_at == float("inf")


def test_seconds_that_pass_make_no_other_view_but_a_warning_does() -> None:
    first = see(call("busy"), at=NOW + 2, policy=DEFAULT_POLICY)
    assert first == see(call("busy"), at=NOW + 11, policy=DEFAULT_POLICY)
    assert first != see(call("busy"), at=PENDING.expires_at - 30, policy=DEFAULT_POLICY)
    assert first != see(call("ringing"), at=NOW + 2, policy=DEFAULT_POLICY)


# Tries.


def test_after_a_wrong_code_the_number_of_tries_left_stays_and_the_error_does_not() -> None:
    """B7"""
    checked = replace(RUNNING, verification=replace(PENDING, max_checks=3, checks=1))
    shown = see(text("delivered"), state=checked)
    assert (shown.errors, shown.tries_left) == ({}, "Tries left: 2")
    assert shown.heading == "Enter the 6-\u2060digit code"
    assert see(text("delivered")).tries_left == ""


# Ended verifications.


@pytest.mark.parametrize(
    ("status", "heading", "note"),
    [
        (VerificationStatus.MAX_ATTEMPTS_REACHED, PAGE.code.wrong, PAGE.code.wrong_next),
        (VerificationStatus.EXPIRED, PAGE.code.expired, ""),
        (VerificationStatus.CANCELED, PAGE.code.canceled, PAGE.code.latest_counts),
        (VerificationStatus.APPROVED, PAGE.code.canceled, PAGE.code.latest_counts),
    ],
)
def test_an_end_says_why_and_one_press_begins_again(status: VerificationStatus, heading: str, note: str) -> None:
    shown = see(CALL, state=State(verification=ended(status), session=SESSION))
    assert (shown.state, shown.heading, shown.note) == (PageState.ENDED, heading, note)
    assert (offered(shown), main(shown), shown.change) == (["begin-again"], ["begin-again"], "Use a different number")
    assert shown.title == f"{heading} · Acme"


@pytest.mark.parametrize("status", [status for status in VerificationStatus if status.final])
def test_a_suppressed_number_is_offered_no_new_code_however_its_verification_ended(status: VerificationStatus) -> None:
    shown = see(CALL, state=State(verification=ended(status), session=SESSION, suppressed=True))
    assert (offered(shown), "START" in shown.note) == ([], True)


def failed(delivery: Delivery, *, suppressed: bool = False) -> View:
    state = State(verification=ended(VerificationStatus.FAILED), session=SESSION, suppressed=suppressed)
    return see(replace(delivery, provider_sid=None), state=state)


@pytest.mark.parametrize(
    ("delivery", "note", "buttons"),
    [
        (call("failed"), PROGRESS.try_text, ["sms", "begin-again"]),
        (text("failed", 20429), PROGRESS.try_call, ["call", "begin-again"]),
        (text("failed", 21614), PROGRESS.try_call, ["call", "begin-again"]),
    ],
)
def test_a_start_that_was_refused_offers_the_other_channel(delivery: Delivery, note: str, buttons: list[str]) -> None:
    shown = failed(delivery)
    assert (shown.state, shown.heading, shown.note) == (PageState.ENDED, PROGRESS.not_reached, note)
    assert (offered(shown), main(shown)) == (buttons, buttons[:1])


def test_a_text_that_was_refused_because_of_stop_says_how_to_start() -> None:
    shown = failed(text("failed", 21610), suppressed=True)
    assert SENDER_IN_GROUPS in shown.note
    assert offered(shown) == []


def reported(*, at: float = NOW + 60, paused_until: float = NOW + 50 + 3600, spoken: Words = ENGLISH) -> View:
    over = replace(ended(VerificationStatus.CANCELED), ended_at=NOW + 50)
    return see(at=at, state=State(verification=over, session=SESSION, paused_until=paused_until), spoken=spoken)


def test_after_a_report_the_page_says_what_happened_and_for_how_long_and_offers_nothing_that_is_refused() -> None:
    """20.11, B5"""
    shown = reported()
    assert (shown.state, shown.heading) == (PageState.ENDED, "We stopped this code")
    assert "had not asked for this code" in shown.note
    assert "for 60 minutes" in shown.note
    assert (offered(shown), shown.change) == ([], "Use a different number")
    assert "for 2 minutes" in reported(at=NOW + 50 + 3600 - 20).note
    over = reported(at=NOW + 50 + 3600)
    assert (over.note, offered(over)) == (PAGE.code.latest_counts, ["begin-again"])


def test_a_report_of_another_code_for_the_number_says_nothing_about_this_one() -> None:
    shown = reported(paused_until=NOW + 90 + 3600)
    assert (shown.note, waiting(shown)) == (PAGE.code.latest_counts, ["begin-again"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_for_how_long_a_reported_number_is_not_contacted(language: str) -> None:
    assert "60" in reported(spoken=words(language)).note


def test_after_never_again_the_page_says_how_to_allow_us_and_offers_nothing_that_is_refused() -> None:
    """20.11, B5"""
    state = State(verification=ended(VerificationStatus.CANCELED), session=SESSION, suppressed=True)
    shown = see(state=state)
    assert (shown.heading, SENDER_IN_GROUPS in shown.note) == ("We do not contact this number", True)
    assert offered(shown) == []


def test_the_welcome_has_the_name_and_only_in_the_browser_that_proved_the_phone() -> None:
    approved = ended(VerificationStatus.APPROVED)
    shown = see(CALL, state=State(verification=approved, session=replace(SESSION, approved=True)))
    assert (shown.state, shown.heading, shown.buttons) == (PageState.WELCOME, "Welcome, Ada", ())
    assert see(CALL, state=State(verification=approved, session=SESSION)).state is PageState.ENDED


def test_a_browser_without_a_verification_gets_the_form() -> None:
    assert see(state=State()).state is PageState.FORM


def test_two_digits_keep_their_direction_in_a_language_from_right_to_left() -> None:
    private = replace(RUNNING, verification=replace(PENDING, manner=Manner.PRIVATE))
    assert "\u206600\u2069" in see(call("queued"), state=private, spoken=words("ar")).status


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_shows_the_reference_while_a_code_is_pending_and_at_the_end(language: str) -> None:
    spoken = words(language)
    for state in (RUNNING, *(State(verification=ended(status), session=SESSION) for status in UNAPPROVED)):
        assert "6043\u00a00813" in see(state=state, spoken=spoken).reference
    assert see(state=State(), spoken=spoken).reference == ""


UNAPPROVED = [status for status in VerificationStatus if status not in ("pending", "approved")]


def test_the_welcome_needs_no_reference() -> None:
    approved = State(verification=ended(VerificationStatus.APPROVED), session=replace(SESSION, approved=True))
    shown = see(state=approved)
    assert (shown.state, shown.reference) == (PageState.WELCOME, "")
