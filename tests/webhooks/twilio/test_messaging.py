"""People text us: STOP, START, HELP, CALL, and everything else."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.support.app import PHONE, SENDER, House, Phone, open_house, open_page, path_of
from verification.policy import DEFAULT_POLICY


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "table.db") as house:
        yield house


async def texted(house: House, body: str, *, number: str = PHONE) -> str | None:
    """What we answer to a text; None when we stay silent."""
    fields = {"MessageSid": "SM77", "From": number, "To": SENDER, "Body": body, "NumMedia": "0"}
    answer = await house.twilio.post(path_of("texted"), fields)
    assert (answer.status, answer.header("content-type")) == (200, "text/xml; charset=utf-8")
    messages = list(ElementTree.fromstring(answer.text))
    assert len(messages) <= 1
    return messages[0].text if messages else None


async def may_start(house: House, channel: str = "sms") -> bool:
    """Whether a code may be sent to the number."""
    sent = await house.browser().post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": channel})
    assert sent.status in (303, 403)
    return sent.status == 303


@pytest.mark.parametrize(
    "body",
    ["STOP", "stop", " Stop \n", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"],
)
async def test_words_that_twilio_acts_on_suppress_and_are_answered_by_twilio(house: House, body: str) -> None:
    assert await texted(house, body) is None
    assert not await may_start(house)


@pytest.mark.parametrize("body", ["Stop!", "opt out", "ARR\u00caT", "please stop texting me", "STOP PLEASE"])
async def test_other_wishes_to_stop_suppress_and_are_confirmed_once(house: House, body: str) -> None:
    assert await texted(house, body) == "Acme: we will not call or text this number again. Text START to allow it."
    assert not await may_start(house)


async def test_a_stop_asks_nothing_of_twilio_by_either_channel(house: House) -> None:
    await texted(house, "STOP")
    for channel in ("sms", "call"):
        assert not await may_start(house, channel)
    assert house.provider.asked == 0


async def test_a_stop_means_this_number_only(house: House) -> None:
    await texted(house, "STOP", number="+14155550101")
    assert await may_start(house)


@pytest.mark.parametrize("body", ["START", "yes", "UNSTOP"])
async def test_start_lifts_it(house: House, body: str) -> None:
    await texted(house, "STOP")
    assert await texted(house, body) is None
    assert await may_start(house)


async def test_a_start_that_twilio_does_not_know_is_confirmed_by_us(house: House) -> None:
    await texted(house, "STOP")
    assert await texted(house, "Start!") == "Acme: we may call and text this number again. Text STOP to end that."
    assert await may_start(house)


async def test_help_names_somebody_to_ask(house: House) -> None:
    assert await texted(house, "HELP") is None  # Twilio's own answer
    assert "Questions: verify.example" in str(await texted(house, "help!"))


@pytest.mark.parametrize("body", ["HELP", "hello", "", "CALL", "START"])
async def test_what_is_no_stop_does_not_suppress(house: House, body: str) -> None:
    await texted(house, body)
    assert await may_start(house)


async def test_call_rings_the_waiting_code_again(house: House) -> None:
    browser = house.browser()
    code = await house.started(browser)
    house.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    await texted(house, "CALL")
    ((delivery, number),) = house.provider.calls
    assert number.e164 == PHONE
    assert await Phone(house.twilio, delivery, f"CA{house.provider.asked}").read_code() == code
    await browser.post(path_of("code"), {"code": code})
    assert (await open_page(browser)).state == "welcome"


async def test_call_says_nothing_about_whether_a_code_is_waiting(house: House) -> None:
    await house.started(house.browser())
    house.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    waiting, other = await texted(house, "CALL"), await texted(house, "CALL", number="+14155550101")
    assert waiting == other == "If a code is waiting for this number, we will call you now."
    assert len(house.provider.calls) == 1


async def test_call_rings_one_phone_at_a_time(house: House) -> None:
    await house.called()
    house.clock.advance(DEFAULT_POLICY.repeat_spacing[0])
    await texted(house, "CALL")
    assert len(house.provider.calls) == 1


async def test_call_keeps_the_spacing(house: House) -> None:
    await house.started(house.browser())
    await texted(house, "CALL")
    assert house.provider.calls == []


async def test_a_report_by_text_kills_the_code_hangs_up_and_pauses_the_number(house: House) -> None:
    browser = house.browser()
    phone = await house.called()
    code = await phone.read_code()
    await house.started(browser, username="other", channel="sms")
    newest = house.provider.texts[-1].code
    for _ in range(2):
        assert await texted(house, "NO") == "Thank you. If a code was waiting for this number, it no longer works."
    await browser.post(path_of("code"), {"code": newest})
    assert (await open_page(browser)).state == "ended"
    sent = await browser.post(path_of("start"), {"username": "ada", "phone": PHONE, "channel": "sms"})
    assert sent.status == 429
    assert code != newest


async def test_a_report_hangs_up_the_call_that_it_is_about(house: House) -> None:
    phone = await house.called()
    await phone.answer()
    await texted(house, "report")
    assert house.provider.hung_up == [phone.call_sid]


async def test_a_report_is_answered_the_same_whether_a_code_was_waiting_or_not(house: House) -> None:
    await house.called()
    other, before = await texted(house, "no", number="+14155550101"), house.rows()
    assert await texted(house, "no", number="+14155550102") == other == await texted(house, "no")
    assert house.rows() != before
    assert await may_start_elsewhere(house)


async def may_start_elsewhere(house: House) -> bool:
    """Whether a number that only a forged report was about can still be called."""
    form = {"username": "eve", "phone": "+14155550101", "channel": "sms"}
    return (await house.browser().post(path_of("start"), form)).status == 303


async def test_a_forged_stop_is_obeyed_told_on_the_page_and_lifted_by_start(house: House) -> None:
    """The sender of a text can be forged, and law wins: the number is left alone. Its holder has the way back."""
    browser = house.browser()
    await house.started(browser)
    await texted(house, "STOP")
    page = await open_page(browser)
    assert f"text START to {SENDER}" in page.text
    answer = await browser.post(path_of("next"), {"next": "sms"})
    assert answer.status == 403
    assert f"text START to {SENDER}" in answer.text
    with closing(sqlite3.connect(house.path)) as file:
        told = file.execute("SELECT detail FROM events WHERE kind = 'suppressed'").fetchall()
    assert told == [("\u2022\u2022\u2022\u2022 00",)]
    await texted(house, "START")
    assert await may_start(house)


async def test_anything_else_is_told_what_this_number_is(house: House) -> None:
    before = house.rows()
    for body in ("hello", "", "\0", "x" * 10_000, "\U0001f44b" * 1000, "\u202egnirts", "<Response>", "{{7*7}}"):
        assert await texted(house, body) == "This is the automatic phone of Acme. Text HELP for help, STOP to end."
    assert house.rows() == before


@pytest.mark.parametrize("number", ["12345", "Acme", "", "whatsapp:+14155550100", "+1415555010", "x" * 10_000])
async def test_a_sender_that_is_no_phone_is_not_answered_or_remembered(house: House, number: str) -> None:
    before = house.rows()
    for body in ("STOP", "stop it, do not text me", "CALL", "hello"):
        assert await texted(house, body, number=number) is None
    assert house.rows() == before


async def test_a_text_with_pictures_and_fields_of_other_channels_is_read_like_any_other(house: House) -> None:
    media = {f"MediaUrl{n}": "https://media.example/x" for n in range(10)}
    fields = {"From": PHONE, "Body": "Stop!", "NumMedia": "10", "ProfileName": "", "OptOutType": "", **media}
    assert (await house.twilio.post(path_of("texted"), fields)).status == 200
    assert not await may_start(house)


async def test_the_answer_is_in_the_language_of_the_senders_country(house: House) -> None:
    german = await texted(house, "CALL", number="+4930901820")
    assert german not in (None, await texted(house, "CALL"))


async def test_texts_and_numbers_stay_out_of_the_logs(house: House, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        for body in ("STOP", "my card is 4242", "START", "CALL"):
            await texted(house, body)
    for record in caplog.records:
        written = f"{record.getMessage()} {record.__dict__.get('fields')}"
        assert "4242" not in written
        assert PHONE[1:] not in written
