"""People text us: STOP, START, HELP, CALL, and everything else."""

import re
from itertools import count
from pathlib import Path
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from tests.support.app import PHONE, SENDER, Document, Phone, RunningApp, open_page, path_of, running_app
from tests.support.engine import another_program
from verification.policy import DEFAULT_POLICY
from verification.types import CountrySender

_SIDS = count(1)


async def texted(running: RunningApp, body: str, *, number: str = PHONE, sid: str = "", **more: str) -> str | None:
    """What we answer to a text, a new one unless it has the `sid` of another; None when we stay silent."""
    sid = sid or f"SM{next(_SIDS):032x}"
    fields = {"MessageSid": sid, "From": number, "To": SENDER, "Body": body, "NumMedia": "0", **more}
    answer = await running.twilio.post(path_of("inbound_message"), fields)
    assert (answer.status, answer.header("content-type")) == (200, "text/xml; charset=utf-8")
    messages = list(ElementTree.fromstring(answer.text))
    assert len(messages) <= 1
    return messages[0].text if messages else None


async def may_start(running: RunningApp, channel: str = "sms") -> bool:
    """Whether a code may be sent to the number."""
    sent = await running.browser().post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": channel})
    assert sent.status in (303, 403)
    return sent.status == 303


@pytest.mark.parametrize(
    "body",
    ["STOP", "stop", " Stop \n", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"],
)
async def test_words_that_twilio_acts_on_suppress_and_are_answered_by_twilio(running: RunningApp, body: str) -> None:
    assert await texted(running, body) is None
    assert not await may_start(running)


@pytest.mark.parametrize("body", ["Stop!", "opt out", "ARR\u00caT", "please stop texting me", "STOP PLEASE"])
async def test_other_wishes_to_stop_suppress_and_are_confirmed_once(running: RunningApp, body: str) -> None:
    reply = "Acme: you won't get any more calls or texts from us. Reply START to get them again."
    assert await texted(running, body) == reply
    assert not await may_start(running)


async def test_a_stop_asks_nothing_of_twilio_by_either_channel(running: RunningApp) -> None:
    await texted(running, "STOP")
    for channel in ("sms", "call"):
        assert not await may_start(running, channel)
    assert running.provider.asked == 0


async def test_a_stop_means_this_number_only(running: RunningApp) -> None:
    await texted(running, "STOP", number="+14155550101")
    assert await may_start(running)


@pytest.mark.parametrize("body", ["START", "yes", "UNSTOP"])
async def test_start_lifts_it(running: RunningApp, body: str) -> None:
    await texted(running, "STOP")
    assert await texted(running, body) is None
    assert await may_start(running)


async def test_a_start_that_twilio_does_not_know_is_confirmed_by_us(running: RunningApp) -> None:
    await texted(running, "STOP")
    reply = "Acme: you'll get our calls and texts again when you ask for a code. Reply STOP to stop."
    assert await texted(running, "Start!") == reply
    assert await may_start(running)


async def test_help_names_a_contact(running: RunningApp) -> None:
    assert await texted(running, "HELP") is None  # Twilio's own answer
    assert "Help: verify.example" in str(await texted(running, "help!"))


@pytest.mark.parametrize("body", ["HELP", "hello", "", "CALL", "START"])
async def test_what_is_no_stop_does_not_suppress(running: RunningApp, body: str) -> None:
    await texted(running, body)
    assert await may_start(running)


async def test_call_rings_the_waiting_code_again(running: RunningApp) -> None:
    browser = running.browser()
    code = await running.started(browser)
    running.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    await texted(running, "CALL")
    ((delivery, number),) = running.provider.calls
    assert number.e164 == PHONE
    assert await Phone(running.twilio, delivery, f"CA{running.provider.asked}").read_code() == code
    await browser.post(path_of("check_code"), {"code": code})
    assert (await open_page(browser)).state == "welcome"


async def test_call_says_nothing_about_whether_a_code_is_waiting(running: RunningApp) -> None:
    await running.started(running.browser())
    running.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    waiting, other = await texted(running, "CALL"), await texted(running, "CALL", number="+14155550101")
    assert waiting == other == "If there's a code waiting for this number, we'll call you now."
    assert len(running.provider.calls) == 1


async def test_call_rings_one_phone_at_a_time(running: RunningApp) -> None:
    await running.ringing_phone()
    running.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    await texted(running, "CALL")
    assert len(running.provider.calls) == 1


async def test_call_keeps_the_spacing(running: RunningApp) -> None:
    await running.started(running.browser())
    await texted(running, "CALL")
    assert running.provider.calls == []


async def test_a_report_by_text_kills_the_code_hangs_up_and_pauses_the_number(running: RunningApp) -> None:
    browser = running.browser()
    phone = await running.ringing_phone()
    code = await phone.read_code()
    await running.started(browser, username="other", channel="sms")
    newest = running.provider.texts[-1].code
    assert await texted(running, "NO") == "Thank you. If a code was waiting for this number, it no longer works."
    assert await texted(running, "NO") is None  # done, and answered today
    await browser.post(path_of("check_code"), {"code": newest})
    assert (await open_page(browser)).state == "ended"
    sent = await browser.post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "sms"})
    assert sent.status == 429
    assert code != newest


async def test_a_report_hangs_up_the_call_that_it_is_about(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    await phone.answer()
    await texted(running, "report")
    assert running.provider.hung_up == [phone.call_sid]


async def test_a_report_is_answered_the_same_whether_a_code_was_waiting_or_not(running: RunningApp) -> None:
    await running.ringing_phone()
    other, before = await texted(running, "no", number="+14155550101"), running.rows()
    assert await texted(running, "no", number="+14155550102") == other == await texted(running, "no")
    assert running.rows() != before
    assert await may_start_elsewhere(running)


async def may_start_elsewhere(running: RunningApp) -> bool:
    """Whether a number that only a forged report was about can still be called."""
    form = {"username": "eve", "phone": "+14155550101", "channel": "sms"}
    return (await running.browser().post(path_of("start"), form)).status == 303


async def test_a_forged_stop_is_obeyed_shown_on_the_page_and_lifted_by_start(running: RunningApp) -> None:
    """The sender of a text can be forged, and law wins: the number is left alone. Its holder has the way back."""
    browser = running.browser()
    await running.started(browser)
    await texted(running, "STOP")
    page = await open_page(browser)
    assert "text START to +1 415-\u2060555-\u20600199" in page.text
    answer = await browser.post(path_of("next_step"), {"next": "sms"})
    assert answer.status == 403
    assert "text START to +1\u00a0415-\u2060555-\u20600199" in answer.text
    with another_program(running.path) as file:
        details = file.execute("SELECT detail FROM events WHERE kind = 'suppressed'").fetchall()
    assert details == [("\u2022\u2022\u2022\u2022 00",)]
    await texted(running, "START")
    assert await may_start(running)


async def test_any_other_text_is_answered_with_what_this_number_is(running: RunningApp) -> None:
    for n, body in enumerate(
        ("hello", "", "\0", "x" * 10_000, "\U0001f44b" * 1000, "\u202egnirts", "<Response>", "{{7*7}}")
    ):
        answer = await texted(running, body, number=f"+1415555010{n}")
        assert answer == "Acme: nobody reads texts to this number. Reply HELP for help or STOP to stop."
    assert running.rows()["suppressions"] == running.rows()["events"] == []


@pytest.mark.parametrize("number", ["12345", "Acme", "", "messenger:14155550100", "+1415555010", "x" * 10_000])
async def test_a_sender_that_is_no_phone_is_not_answered_or_remembered(running: RunningApp, number: str) -> None:
    before = running.rows()
    for body in ("STOP", "stop it, do not text me", "CALL", "hello"):
        assert await texted(running, body, number=number) is None
    assert running.rows() == before


async def test_a_text_with_pictures_and_fields_of_other_channels_is_read_like_any_other(running: RunningApp) -> None:
    media = {f"MediaUrl{n}": "https://media.example/x" for n in range(10)}
    fields = {"From": PHONE, "Body": "Stop!", "NumMedia": "10", "ProfileName": "", "OptOutType": "", **media}
    assert (await running.twilio.post(path_of("inbound_message"), fields)).status == 200
    assert not await may_start(running)


async def test_the_answer_is_in_the_language_of_the_senders_country(tmp_path: Path) -> None:
    policy = replace(DEFAULT_POLICY, countries=frozenset({"US", "DE"}))
    async with running_app(tmp_path / "germany.db", policy=policy) as running:
        german = await texted(running, "CALL", number="+4930901820")
        assert german not in (None, await texted(running, "CALL"))


async def test_texts_and_numbers_stay_out_of_the_logs(running: RunningApp, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        for body in ("STOP", "my card is 4242", "START", "CALL"):
            await texted(running, body)
    for record in caplog.records:
        written = f"{record.getMessage()} {record.__dict__.get('fields')}"
        assert "4242" not in written
        assert PHONE[1:] not in written


async def test_a_reply_and_a_greeting_name_the_brand_of_the_country(tmp_path: Path) -> None:
    senders = {"GB": CountrySender(number="+442079460018", brand="Acme UK")}
    policy = replace(DEFAULT_POLICY, countries=frozenset({"US", "GB"}))
    async with running_app(tmp_path / "store.db", senders=senders, policy=policy) as running:
        for number, brand in (("+447400123456", "Acme UK"), (PHONE, "Acme")):
            reply = await texted(running, "Stop!", number=number)
            assert reply is not None
            assert reply.startswith(f"{brand}: ")
            fields = {"CallSid": "CA7", "From": number, "To": SENDER}
            greeting = Document(path_of("inbound_call"), await running.twilio.post(path_of("inbound_call"), fields))
            assert re.search(rf" {brand}\b(?! UK)", greeting.said)


async def test_a_call_names_the_brand_of_the_country(tmp_path: Path) -> None:
    senders = {"GB": CountrySender(number="+442079460018", brand="Acme UK")}
    policy = replace(DEFAULT_POLICY, countries=frozenset({"US", "GB"}))
    async with running_app(tmp_path / "store.db", senders=senders, policy=policy) as running:
        for number, brand in (("+447400123456", "Acme UK"), (PHONE, "Acme")):
            delivery = await running.started(running.browser(), channel="call", phone=number)
            phone = Phone(running.twilio, delivery, f"CA{running.provider.asked}", number=number)
            assert re.search(rf" {brand}\b(?! UK)", (await phone.answer()).said)


async def test_the_page_names_the_number_that_takes_a_wish_to_allow_us_again(tmp_path: Path) -> None:
    senders = {"GB": CountrySender(number="+442079460018")}
    policy = replace(DEFAULT_POLICY, countries=frozenset({"US", "GB"}))
    async with running_app(tmp_path / "store.db", senders=senders, policy=policy) as running:
        browser, details = running.browser(), {"username": "ada", "channel": "sms"}
        await running.started(browser, phone="+447400123456")
        assert await texted(running, "Stop!", number="+447400123456") is not None
        assert "20 7946 0018" in unspaced((await open_page(browser)).text)
        for number, ours in (("+447400123456", "20 7946 0018"), (PHONE, "555 0199")):
            await texted(running, "STOP", number=number)
            page = await running.browser().post(path_of("start"), details | {"phone": number})
            assert ours in unspaced(page.text)


def unspaced(text: str) -> str:
    """Text with plain spaces and hyphens in its numbers."""
    return text.replace("\u00a0", " ").replace("\u2060", "").replace("-", " ")
