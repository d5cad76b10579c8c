"""What the page says and offers for each state: every delivery status has its sentence and its buttons."""

from dataclasses import replace

import pytest

from tests.support.records import CALL, NOW, PENDING, SESSION, TEXT, ended
from twiml.words import LANGUAGES, Words, words
from verification.models import Delivery, Progress, State
from verification.policy import DEFAULT_POLICY
from verification.types import DeliveryStatus, VerificationStatus
from verification.values.twilio_errors import TWILIO_ERRORS
from webhooks.page.delivery_status import NextStep, resend_buttons
from webhooks.page.view import PageState, View, ViewContext, for_state, time_left, wait_sentence

ENGLISH = words("en-US")
PAGE = ENGLISH.page
PROGRESS = PAGE.progress
SENDER = "+14155550199"
RUNNING = State(verification=PENDING, session=SESSION)


def see(
    *deliveries: Delivery,
    at: float = NOW + 1,
    waiting: float = 0,
    state: State = RUNNING,
    alert: str = "",
    spoken: Words = ENGLISH,
) -> View:
    around = ViewContext(
        brand="Acme", sender=SENDER, now=at, wait=waiting, max_deliveries=DEFAULT_POLICY.max_deliveries
    )
    return for_state(replace(state, deliveries=deliveries), spoken, around, alert=alert)


def offered(shown: View) -> list[str]:
    return [button.value.value for button in shown.buttons]


def main(shown: View) -> list[str]:
    return [button.value.value for button in shown.buttons if button.main]


def call(status: str, *, progress: Progress = Progress.NOTHING, machine: bool = False) -> Delivery:
    return replace(CALL, status=DeliveryStatus(status), progress=progress, machine=machine)


def text(status: str, error: int | None = None) -> Delivery:
    return replace(TEXT, status=DeliveryStatus(status), error=error)


# Sentences.


@pytest.mark.parametrize(
    ("delivery", "sentence"),
    [
        (call("planned"), "We are calling ••••\u00a000."),
        (call("queued"), "We are calling ••••\u00a000."),
        (call("unknown"), PROGRESS.maybe_ringing),
        (call("ringing"), PROGRESS.call_ringing),
        (call("answered", progress=Progress.ANSWERED), PROGRESS.call_answered),
        (call("answered", progress=Progress.READING), PROGRESS.call_reading),
        (call("answered", progress=Progress.HEARD), PROGRESS.call_heard),
        (call("completed", progress=Progress.HEARD), PROGRESS.call_heard),
        (call("completed", progress=Progress.READING), PROGRESS.call_completed),
        (call("completed", progress=Progress.ANSWERED), PROGRESS.call_completed),
        (call("busy"), PROGRESS.call_busy),
        (call("no-answer"), PROGRESS.call_no_answer),
        (call("failed"), PROGRESS.call_failed),
        (call("canceled"), PROGRESS.call_failed),
        (call("answered", progress=Progress.ANSWERED, machine=True), PROGRESS.call_machine),
        (call("completed", progress=Progress.ANSWERED, machine=True), PROGRESS.call_machine),
        (call("completed", progress=Progress.READING, machine=True), PROGRESS.call_completed),
        (text("planned"), "We are sending a text message to ••••\u00a000."),
        (text("sending"), "We are sending a text message to ••••\u00a000."),
        (text("sent"), PROGRESS.text_sent),
        (text("delivered"), PROGRESS.text_delivered),
        (text("undelivered", 30003), PROGRESS.text_undelivered),
        (text("failed"), PROGRESS.text_undelivered),
    ],
)
def test_every_state_of_a_delivery_has_its_sentence(delivery: Delivery, sentence: str) -> None:
    assert see(delivery).status == sentence


def test_the_page_says_the_same_whatever_twilio_says_about_the_line() -> None:
    """3.8 The page does not tell what kind of line a number is."""
    for code in (None, 30003, *TWILIO_ERRORS):
        shown = see(text("undelivered", code))
        assert (shown.status, offered(shown), main(shown)) == (
            PROGRESS.text_undelivered,
            ["call", "repeat", "change"],
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
        (call("ringing"), ["repeat", "sms"], []),
        (call("busy"), ["repeat", "sms"], ["repeat"]),
        (call("no-answer"), ["sms", "repeat"], ["sms"]),
        (call("failed"), ["sms", "repeat"], ["sms"]),
        (call("completed", progress=Progress.ANSWERED, machine=True), ["sms", "repeat"], ["sms"]),
        (call("completed", progress=Progress.HEARD), ["repeat", "sms"], []),
        (text("sent"), ["repeat", "call"], []),
        (text("undelivered", 30003), ["call", "repeat"], ["call"]),
        (text("undelivered"), ["call", "repeat"], ["call"]),
        (text("undelivered", 30006), ["call", "repeat"], ["call"]),
    ],
)
def test_the_most_promising_step_comes_first_and_the_other_channel_is_always_there(
    delivery: Delivery, buttons: list[str], first: list[str]
) -> None:
    shown = see(delivery)
    assert (offered(shown), main(shown)) == ([*buttons, "change"], first)
    assert delivery.channel.other.value in offered(shown)


def test_buttons_say_what_they_do() -> None:
    labels = {button.value: button.label for button in resend_buttons(call("busy"), PAGE)}
    assert labels == {NextStep.REPEAT: "Call me again", NextStep.SMS: "Send a text message instead"}
    labels = {button.value: button.label for button in resend_buttons(text("sent"), PAGE)}
    assert labels == {NextStep.REPEAT: "Send the text message again", NextStep.CALL: "Call me instead"}


def test_the_newest_delivery_is_the_one_that_counts() -> None:
    shown = see(text("undelivered", 30006), replace(call("ringing"), sid="VL8"))
    assert (shown.status, offered(shown)) == (PROGRESS.call_ringing, ["repeat", "sms", "change"])


def test_after_the_last_delivery_only_a_new_code_helps() -> None:
    many = [replace(call("busy"), sid=f"VL{number}") for number in range(DEFAULT_POLICY.max_deliveries)]
    assert offered(see(*many[1:])) == ["repeat", "sms", "change"]
    shown = see(*many, waiting=20)
    assert (offered(shown), main(shown), shown.pause) == (["begin-again", "change"], ["begin-again"], "")


def test_what_never_left_does_not_count_as_a_delivery() -> None:
    refused = replace(call("failed"), provider_sid=None)
    many = [replace(refused, sid=f"VL{number}") for number in range(DEFAULT_POLICY.max_deliveries)]
    assert "repeat" in offered(see(*many))


def test_a_suppressed_number_sees_how_to_allow_us_again_and_nothing_is_offered_that_cannot_work() -> None:
    shown = see(text("sent"), state=State(verification=PENDING, session=SESSION, suppressed=True))
    assert offered(shown) == ["change"]
    assert "START" in shown.note
    assert SENDER in shown.note


# The pause between two deliveries.


def test_the_pause_is_shown_in_words_as_long_as_it_lasts() -> None:
    assert see(call("busy"), waiting=19.2).pause == "Please wait 20 seconds before you try again."
    assert see(call("busy"), waiting=200).pause == "Please wait 4 minutes before you try again."
    assert see(call("busy")).pause == ""


def test_the_pause_is_shown_once_when_an_alert_says_it() -> None:
    assert see(call("busy"), waiting=19, alert="Please wait 19 seconds before you try again.").pause == ""


@pytest.mark.parametrize(
    ("seconds", "number"), [(0.1, 2), (1, 2), (2.5, 3), (90, 90), (90.1, 2), (120, 2), (120.1, 3), (300, 5)]
)
def test_a_wait_is_rounded_up_so_that_the_button_works_when_it_says_so(seconds: float, number: int) -> None:
    assert str(number) in wait_sentence(seconds, PAGE)
    assert ("minutes" in wait_sentence(seconds, PAGE)) == (seconds > 90)


def test_only_what_sends_the_same_code_has_to_wait() -> None:
    resending = {button.value for button in see(call("no-answer"), at=PENDING.expires_at - 1).buttons if button.resends}
    assert resending == {NextStep.REPEAT, NextStep.SMS}


# The time left.


def test_the_time_left_is_rounded_down() -> None:
    sentences = [time_left(seconds, PAGE) for seconds in (300, 299.9, 120, 119.9, 60, 59.9, 0)]
    assert sentences == [
        "5 minutes left",
        "4 minutes left",
        "2 minutes left",
        "One minute left",
        "One minute left",
        "Less than a minute left",
        "Less than a minute left",
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
    first = see(call("busy"), waiting=20)
    assert first == see(call("busy"), at=NOW + 11, waiting=10)
    assert first != see(call("busy"), at=PENDING.expires_at - 30)
    assert first != see(call("ringing"), waiting=20)


# Ended verifications.


@pytest.mark.parametrize(
    ("status", "heading"),
    [
        (VerificationStatus.MAX_ATTEMPTS_REACHED, PAGE.code.wrong),
        (VerificationStatus.EXPIRED, PAGE.code.expired),
        (VerificationStatus.CANCELED, f"{PAGE.code.canceled} {PAGE.code.latest_counts}"),
        (VerificationStatus.APPROVED, f"{PAGE.code.canceled} {PAGE.code.latest_counts}"),
    ],
)
def test_an_end_says_why_and_one_press_begins_again(status: VerificationStatus, heading: str) -> None:
    shown = see(CALL, state=State(verification=ended(status), session=SESSION))
    assert (shown.state, shown.heading, offered(shown)) == (PageState.ENDED, heading, ["begin-again", "change"])
    assert main(shown) == ["begin-again"]
    assert shown.title == f"{heading} · Acme"


def failed(delivery: Delivery, *, suppressed: bool = False) -> View:
    state = State(verification=ended(VerificationStatus.FAILED), session=SESSION, suppressed=suppressed)
    return see(replace(delivery, provider_sid=None), state=state)


@pytest.mark.parametrize(
    ("delivery", "note", "buttons"),
    [
        (call("failed"), PROGRESS.try_text, ["sms", "begin-again", "change"]),
        (text("failed", 20429), PROGRESS.try_call, ["call", "begin-again", "change"]),
        (text("failed", 21614), PROGRESS.try_call, ["call", "begin-again", "change"]),
    ],
)
def test_a_start_that_was_refused_offers_the_other_channel(delivery: Delivery, note: str, buttons: list[str]) -> None:
    shown = failed(delivery)
    assert (shown.state, shown.heading, shown.note) == (PageState.ENDED, PROGRESS.not_reached, note)
    assert (offered(shown), main(shown)) == (buttons, buttons[:1])


def test_a_text_that_was_refused_because_of_stop_says_how_to_start() -> None:
    shown = failed(text("failed", 21610), suppressed=True)
    assert SENDER in shown.note
    assert offered(shown) == ["change"]


def reported(*, at: float = NOW + 60, paused_until: float = NOW + 50 + 3600, spoken: Words = ENGLISH) -> View:
    over = replace(ended(VerificationStatus.CANCELED), ended_at=NOW + 50)
    return see(at=at, state=State(verification=over, session=SESSION, paused_until=paused_until), spoken=spoken)


def test_after_a_report_the_page_says_what_happened_and_for_how_long_and_offers_nothing_that_is_refused() -> None:
    """20.11"""
    shown = reported()
    assert (shown.state, shown.heading) == (PageState.ENDED, PAGE.code.canceled)
    assert "had not asked for this code, so we stopped it" in shown.note
    assert "for 60 minutes" in shown.note
    assert offered(shown) == ["change"]
    assert "for 1 minutes" in reported(at=NOW + 50 + 3600 - 20).note
    over = reported(at=NOW + 50 + 3600)
    assert (over.note, offered(over)) == ("", ["begin-again", "change"])


def test_a_report_of_another_code_for_the_number_says_nothing_about_this_one() -> None:
    assert reported(paused_until=NOW + 90 + 3600).note == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_for_how_long_a_reported_number_is_not_contacted(language: str) -> None:
    assert "60" in reported(spoken=words(language)).note


def test_after_never_again_the_page_says_how_to_allow_us_and_offers_nothing_that_is_refused() -> None:
    """20.11"""
    state = State(verification=ended(VerificationStatus.CANCELED), session=SESSION, suppressed=True)
    shown = see(state=state)
    assert (shown.heading, SENDER in shown.note) == (PAGE.code.canceled, True)
    assert offered(shown) == ["change"]


def test_the_welcome_has_the_name_and_only_in_the_browser_that_proved_the_phone() -> None:
    approved = ended(VerificationStatus.APPROVED)
    shown = see(CALL, state=State(verification=approved, session=replace(SESSION, approved=True)))
    assert (shown.state, shown.heading, shown.buttons) == (PageState.WELCOME, "Welcome, Ada", ())
    assert see(CALL, state=State(verification=approved, session=SESSION)).state is PageState.ENDED


def test_a_browser_without_a_verification_gets_the_form() -> None:
    assert see(state=State()).state is PageState.FORM


def test_a_masked_number_keeps_its_direction_in_a_language_from_right_to_left() -> None:
    shown = see(call("queued"), spoken=words("ar"))
    assert "\u2066••••\u00a000\u2069" in shown.status
