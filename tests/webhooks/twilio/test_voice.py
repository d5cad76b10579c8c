"""Outbound calls from the first prompt to the last, and inbound calls."""

import logging
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from tests.support.app import PHONE, SENDER, Document, Phone, RunningApp, open_page, path_of, running_app
from tests.support.asgi_client import Answer
from verification.errors import Unavailable
from verification.policy import DEFAULT_POLICY, Keypress
from verification.values.references import reference

#: Keys that no call asks for, and that do not report.
IN_VAIN = "112"


async def menu(phone: Phone) -> Document:
    """Let the reading end, so that the menu is said."""
    await phone.read_code()
    return await phone.wait()


# Prompts.


async def test_the_first_words_say_who_calls_and_why_and_hold_no_code(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    first = await phone.answer()
    assert first.said.startswith("This is an automated call from Acme, with the code to sign in.")
    code = (await phone.press(first.asked_for)).code
    assert ", ".join(code) not in first.said
    assert code not in first.text


async def test_the_code_is_said_twice_after_the_right_keys_and_opens_the_page(running: RunningApp) -> None:
    browser = running.browser()
    delivery = await running.started(browser, channel="call")
    phone = Phone(running.twilio, delivery, f"CA{running.provider.asked}")
    reading = await phone.press((await phone.answer()).asked_for)
    assert reading.said.count(", ".join(reading.code)) == 2
    await browser.post(path_of("check_code"), {"code": reading.code})
    assert (await open_page(browser)).state == "welcome"


async def test_other_keys_get_one_more_try_with_a_new_pair_and_then_goodbye(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    first = await phone.answer()
    second = await phone.press(IN_VAIN)
    assert second.said.startswith("Those weren't the right keys. This is Acme again, with the code to sign in.")
    assert second.asked_for != first.asked_for
    last = await phone.press(IN_VAIN)
    assert last.over
    assert last.said.startswith("Those weren't the right keys, so we'll end the call now.")


async def test_silence_gets_three_more_tries_with_the_same_keys_and_then_goodbye(running: RunningApp) -> None:
    """A phone that screens calls answers first; the person who takes the call then hears who calls and why."""
    phone = await running.ringing_phone()
    first = await phone.answer()
    for _ in range(3):
        again = await phone.wait()
        assert again.said.startswith("This is Acme again, with the code to sign in.")
        assert again.asked_for == first.asked_for
    assert (await phone.wait()).over


async def test_keys_without_a_key_are_silence(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    await phone.answer()
    assert (await phone.press("")).said.startswith("This is Acme again")


@pytest.mark.parametrize("digits", ["112", "1234", "1" * 500, "***", "ABC", "D##"])
async def test_unexpected_digits_are_wrong_keys(running: RunningApp, digits: str) -> None:
    phone = await running.ringing_phone()
    await phone.answer()
    assert (await phone.press(digits)).said.startswith("Those weren't the right keys.")


async def test_the_menu_follows_the_reading(running: RunningApp) -> None:
    offered = (await menu(await running.ringing_phone())).said
    for offer in (
        "To hear the code again, press 1",
        "To hear it slowly, press 2",
        "text message, press 4",
        "If you didn't ask for it, press 0",
    ):
        assert offer in offered
    assert "press 3" not in offered
    assert "press 9" not in offered


async def test_the_code_stays_the_same_however_often_and_slowly_it_is_said(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    code = await phone.read_code()
    await phone.wait()
    assert (await phone.press("1")).code == code
    slowly = await phone.press("2")
    assert [part for part in slowly.said.split() if part.isdigit()] == list(code)
    single = await phone.press("3")
    for character in code:
        assert character in single.said.split()
        single = await phone.press("5")
    assert "To hear the code again, press 1" in single.said


async def test_a_text_asked_for_in_the_call_has_the_same_code(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    code = await phone.read_code()
    await phone.wait()
    assert (await phone.press("4")).said == "We are sending the code as a text message. Goodbye."
    assert [order.code for order in running.provider.texts] == [code]


async def test_twilio_has_the_document_before_twilio_is_asked_for_anything(
    running: RunningApp, caplog: pytest.LogCaptureFixture
) -> None:
    phone = await running.ringing_phone()
    await menu(phone)

    async def meanwhile(_: str) -> None:
        running.store.failure = Unavailable("the disk is full")

    running.provider.meanwhile = meanwhile
    assert (await phone.press("4")).said == "We are sending the code as a text message. Goodbye."
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.name == "saycode.http"


async def test_zero_reports_the_call_and_kills_the_code(running: RunningApp) -> None:
    browser = running.browser()
    delivery = await running.started(browser, channel="call")
    phone = Phone(running.twilio, delivery, f"CA{running.provider.asked}")
    code = await phone.read_code()
    await phone.wait()
    assert (await phone.press("0")).said.startswith("To confirm that you didn't ask for this call, press the star key.")
    assert (await phone.press("*")).said.startswith("Thank you. We've canceled that code")
    await browser.post(path_of("check_code"), {"code": code})
    assert (await open_page(browser)).state == "ended"


async def test_three_zeros_and_the_star_report_before_any_code_was_said(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    await phone.answer()
    assert "press the star key" in (await phone.press("000")).said
    assert (await phone.press("*")).said.startswith("Thank you. We've canceled that code")


async def test_a_lone_zero_at_the_gate_is_asked_again(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    await phone.answer()
    assert (await phone.press("0")).said.startswith("This is Acme again")


async def test_nine_and_the_star_suppress_the_number(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    await menu(phone)
    assert "To stop all our calls and texts, press 9" in (await phone.press("0")).said
    assert (await phone.press("9")).said.startswith("To stop all our calls and texts to this number, press the star")
    assert (await phone.press("*")).said.startswith("We won't call or text this number again.")
    asked = running.provider.asked
    again = await running.browser().post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "call"})
    assert again.status == 403
    assert running.provider.asked == asked


@pytest.mark.parametrize(
    ("keypress", "first_words"),
    [(Keypress.ANY, "To hear the code, press any key."), (Keypress.OFF, "If you didn't ask for this call, press 0")],
)
async def test_the_operator_may_ask_for_any_key_or_none(tmp_path: Path, keypress: Keypress, first_words: str) -> None:
    async with running_app(tmp_path / "store.db", policy=replace(DEFAULT_POLICY, keypress=keypress)) as running:
        phone = await running.ringing_phone()
        assert first_words in (await phone.answer()).said
        reading = await (phone.press("5") if keypress is Keypress.ANY else phone.wait())
        assert len(reading.code) == 6


async def test_the_call_speaks_the_language_of_the_browser(running: RunningApp) -> None:
    delivery = await running.started(running.browser("de-AT, en;q=0.5"), channel="call")
    first = await Phone(running.twilio, delivery, f"CA{running.provider.asked}").answer()
    (language,) = {say.attrib["language"] for say in first.root.iter("Say")}
    assert language == "de-DE"


async def test_the_operator_chooses_another_voice_for_a_language(running: RunningApp) -> None:
    context = replace(running.context, voices={"en-US": "Polly.Ruth-Neural"})
    assert context.words("en-US").voice == "Polly.Ruth-Neural"
    assert context.words("de-DE").voice == running.context.words("de-DE").voice


async def test_no_address_of_a_call_holds_more_than_the_sid_of_the_delivery(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    code = await phone.read_code()
    for document in (await phone.press("1"), await phone.press("2"), await phone.press("3"), await phone.wait()):
        for address in (document.on_keys, document.on_silence):
            assert address in (path_of(route, delivery=phone.delivery) for route in ("call_keys", "call_silence"))
            assert code not in address


# Ended and unknown calls.


async def test_a_replayed_webhook_hears_no_code_once_it_was_approved(running: RunningApp) -> None:
    browser = running.browser()
    delivery = await running.started(browser, channel="call")
    phone = Phone(running.twilio, delivery, f"CA{running.provider.asked}")
    code = await phone.read_code()
    await browser.post(path_of("check_code"), {"code": code})
    replayed = await phone.press("1")
    assert replayed.over
    assert "no longer needed" in replayed.said
    assert ", ".join(code) not in replayed.said


async def test_a_replayed_webhook_hears_no_code_once_the_call_has_ended(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    await menu(phone)
    await phone.status("completed")
    assert "no longer needed" in (await phone.press("1")).said


async def test_a_call_that_is_answered_after_the_deadline_hears_no_code(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    first = await phone.answer()
    running.clock.advance(DEFAULT_POLICY.code_lifetime)
    assert "no longer needed" in (await phone.press(first.asked_for)).said


@pytest.mark.parametrize("failure", [Unavailable("the disk is full"), RuntimeError("a secret detail")])
@pytest.mark.parametrize("route", ["call_answered", "call_keys", "call_silence", "call_fallback", "inbound_keys"])
async def test_an_internal_error_ends_the_call_with_an_apology(
    running: RunningApp, route: str, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    phone = await running.ringing_phone()
    await phone.read_code()
    running.store.failure = failure
    path = path_of(route, delivery=phone.delivery)
    known = {"CallSid": phone.call_sid, "Digits": "1", "From": SENDER}
    sorry = Document(path, await running.twilio.post(path, known))
    assert sorry.over
    assert sorry.said.startswith("This is Acme. We're sorry, something went wrong on our side.")
    assert str(failure) not in sorry.text
    named = re.findall(r"\d, \d, \d, \d", sorry.text)
    digits = reference(phone.delivery)
    halves = [", ".join(digits[:4]), ", ".join(digits[4:])]
    assert named == ([] if route == "inbound_keys" else halves * 2)
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.exc_info
    assert record.exc_info[1] is failure


@pytest.mark.parametrize("odd", ["VL0", "x", "VE" + "0" * 31, "VL" + "\u0661" * 32])
async def test_an_apology_in_a_call_that_cannot_be_ours_names_no_reference(running: RunningApp, odd: str) -> None:
    running.store.failure = Unavailable("the disk is full")
    path = path_of("call_answered", delivery=quote(odd))
    sorry = Document(path, await running.twilio.post(path, {"CallSid": "CA77"}))
    assert sorry.over
    assert not re.search(r"\d, \d", sorry.text)


# Inbound calls.


async def calling(running: RunningApp, route: str, **fields: str) -> Answer:
    return await running.twilio.post(path_of(route), {"CallSid": "CA77", "To": SENDER, **fields})


WITHHELD = [
    "anonymous",
    "unknown",
    "+266696687",
    "Restricted",
    "",
    "client:+14155550100",
    "sip:+14155550100@a.example",
    "4155550100",
]


async def test_every_inbound_caller_hears_the_same(running: RunningApp) -> None:
    await running.ringing_phone()
    greeting = await calling(running, "inbound_call", From=PHONE)
    assert Document(path_of("inbound_call"), greeting).said.startswith(
        "Hello, you've reached the automated line of Acme."
    )
    for caller in ("+14155550101", *WITHHELD):
        assert (await calling(running, "inbound_call", From=caller)).body == greeting.body, caller


async def test_the_greeting_leads_to_the_routes_for_its_keys(running: RunningApp) -> None:
    greeting = Document(path_of("inbound_call"), await calling(running, "inbound_call", From=PHONE))
    assert (greeting.on_keys, greeting.on_silence) == (path_of("inbound_keys"), path_of("inbound_silence"))


async def test_every_request_for_a_call_back_hears_the_same_and_only_a_pending_code_rings(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    await phone.status("no-answer")
    running.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    answers = {}
    for caller in ("+14155550101", *WITHHELD):
        answers[caller] = (await calling(running, "inbound_keys", From=caller, Digits="1")).body
        assert len(running.provider.calls) == 1, caller
    answers[PHONE] = (await calling(running, "inbound_keys", From=PHONE, Digits="1")).body
    assert [number.e164 for _, number in running.provider.calls] == [PHONE, PHONE]
    assert len(set(answers.values())) == 1
    assert b"If there's a code waiting for this number, we'll call you now." in answers[PHONE]


async def test_nine_from_a_caller_suppresses_nothing_and_calls_that_number_back(running: RunningApp) -> None:
    """A caller ID proves nothing: a forged one must not stop the calls of the person it belongs to."""
    answer = await calling(running, "inbound_keys", From=PHONE, Digits="9")
    assert b"We will call you back in a moment." in answer.body
    ((delivery, number),) = running.provider.calls
    assert number.e164 == PHONE
    phone = Phone(running.twilio, delivery, "CA1")
    asked = await phone.answer()
    assert asked.said.startswith("This is an automated call from Acme. You asked us to call back about our calls")
    assert "To stop all our calls and texts" in (await phone.press(asked.asked_for)).said
    allowed = await running.browser().post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "sms"})
    assert allowed.status == 303
    assert (await phone.press("*")).said.startswith("We won't call or text this number again.")
    refused = await running.browser().post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "sms"})
    assert refused.status == 403


async def test_nine_from_a_withheld_number_promises_nothing(running: RunningApp) -> None:
    before = running.rows()
    for caller in WITHHELD:
        assert b"We will" not in (await calling(running, "inbound_keys", From=caller, Digits="9")).body
    assert running.rows() == before


async def test_another_key_from_a_caller_is_goodbye(running: RunningApp) -> None:
    before = running.rows()
    for digits in ("", "5", "99", "19", "*", "A" * 1000):
        answer = await calling(running, "inbound_keys", From=PHONE, Digits=digits)
        assert Document(path_of("inbound_keys"), answer).said == "Thank you. Goodbye.", digits
    assert running.rows() == before


async def test_silence_from_a_caller_is_goodbye(running: RunningApp) -> None:
    answer = await calling(running, "inbound_silence", From=PHONE)
    assert Document(path_of("inbound_silence"), answer).said == "Thank you. Goodbye."
