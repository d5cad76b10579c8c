"""Status callbacks: late, repeated and reordered ones, and what the page says."""

from itertools import permutations

import pytest

from tests.support.app import Phone, RunningApp, open_page, path_of
from tests.support.asgi_client import Answer
from verification.ports import ByDelivery, Unclear
from verification.types import Channel, DeliveryStatus


async def status_of(running: RunningApp, delivery: str) -> DeliveryStatus:
    stored = (await running.store.read(ByDelivery(delivery))).delivery(delivery)
    assert stored is not None
    return stored.status


async def text_said(running: RunningApp, delivery: str, status: str, **fields: str) -> Answer:
    """A status callback of the first text."""
    sent = {"MessageSid": "SM1", "SmsSid": "SM1", "MessageStatus": status, "SmsStatus": status, **fields}
    return await running.twilio.post(path_of("message_status", delivery=delivery), sent)


def test_every_word_of_twilios_for_a_call_has_a_status() -> None:
    words = "queued initiated ringing in-progress completed busy no-answer failed canceled"
    assert set(Channel.CALL.statuses) == set(words.split())


def test_every_word_of_twilios_for_a_text_has_a_status() -> None:
    words = "accepted scheduled queued sending sent delivered read undelivered failed canceled"
    assert set(Channel.SMS.statuses) == set(words.split())


@pytest.mark.parametrize(("word", "status"), Channel.CALL.statuses.items())
async def test_a_call_moves_as_twilio_says(running: RunningApp, word: str, status: DeliveryStatus) -> None:
    phone = await running.ringing_phone()
    answer = await phone.status(word)
    assert (answer.status, answer.body) == (204, b"")
    assert await status_of(running, phone.delivery) is status


@pytest.mark.parametrize(("word", "status"), Channel.SMS.statuses.items())
async def test_a_text_moves_as_twilio_says(running: RunningApp, word: str, status: DeliveryStatus) -> None:
    await running.started(running.browser())
    delivery = running.provider.texts[0].delivery
    answer = await text_said(running, delivery, word)
    assert (answer.status, answer.body) == (204, b"")
    assert await status_of(running, delivery) is status


async def test_the_end_of_a_call_stays_in_whatever_order_the_reports_arrive(running: RunningApp) -> None:
    for order in permutations(["initiated", "ringing", "in-progress", "completed"]):
        phone = await running.ringing_phone()
        for word in order:
            assert (await phone.status(word)).status == 204
        assert await status_of(running, phone.delivery) is DeliveryStatus.COMPLETED


@pytest.mark.parametrize("first", ["busy", "no-answer", "failed", "canceled", "completed"])
async def test_nothing_follows_a_final_status(running: RunningApp, first: str) -> None:
    phone = await running.ringing_phone()
    await phone.status(first)
    before = running.rows()
    for word in (first, "initiated", "ringing", "completed", "busy"):
        assert (await phone.status(word)).status == 204
    assert running.rows() == before


async def test_a_receipt_that_comes_before_sent_stays(running: RunningApp) -> None:
    await running.started(running.browser())
    delivery = running.provider.texts[0].delivery
    await text_said(running, delivery, "delivered")
    await text_said(running, delivery, "sent")
    assert await status_of(running, delivery) is DeliveryStatus.DELIVERED


async def test_a_report_that_comes_twice_is_one_event(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    await phone.status("ringing")
    before = running.rows()
    await phone.status("ringing")
    assert running.rows() == before


async def test_a_word_that_is_not_known_changes_nothing(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    before = running.rows()
    for word in ("", "receiving", "RINGING", "ringing ", "x" * 10_000, "\0"):
        assert (await phone.status(word)).status == 204, word
    assert running.rows() == before


async def test_a_status_settles_a_start_without_an_answer(running: RunningApp) -> None:
    running.provider.script.append(Unclear("time-out"))
    phone = await running.ringing_phone()
    assert await status_of(running, phone.delivery) is DeliveryStatus.UNKNOWN
    assert (await phone.status("ringing")).status == 204
    assert await status_of(running, phone.delivery) is DeliveryStatus.RINGING
    other_phone = Phone(running.twilio, phone.delivery, "CA" + "f" * 32)
    assert (await other_phone.status("completed")).status == 404


@pytest.mark.parametrize(
    ("error", "kept"),
    [("30003", 30003), ("", None), ("x", None), ("-1", None), ("\u0663\u0660", None), ("9" * 5000, None)],
)
async def test_the_code_of_an_error_is_kept_when_it_is_one(running: RunningApp, error: str, kept: int | None) -> None:
    await running.started(running.browser())
    delivery = running.provider.texts[0].delivery
    assert (await text_said(running, delivery, "undelivered", ErrorCode=error)).status == 204
    stored = (await running.store.read(ByDelivery(delivery))).delivery(delivery)
    assert stored is not None
    assert stored.error == kept


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("initiated", "The call is about to start."),
        ("ringing", "Your phone is ringing."),
        ("in-progress", "You answered. Please press the keys you hear."),
        ("completed", "The call ended before we said the code: no keys were pressed. Was it voicemail?"),
        ("busy", "The line was busy."),
        ("no-answer", "Nobody answered the call."),
        ("failed", "The call didn't go through."),
        ("canceled", "The call didn't go through."),
    ],
)
async def test_the_page_tells_how_the_call_is_going(running: RunningApp, word: str, sentence: str) -> None:
    browser = running.browser()
    delivery = await running.started(browser, channel="call")
    await Phone(running.twilio, delivery, "CA1").status(word)
    page = await open_page(browser)
    assert (page.state, page.one("p", role="status").text) == ("code", sentence)
    live = word in ("initiated", "ringing", "in-progress")  # a second call would not be made
    assert page.next == ["change", "sms", *([] if live else ["repeat"])]


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("queued", "The text message is about to be sent."),
        ("sent", "The text message has been sent."),
        ("delivered", "The text message has arrived."),
        ("undelivered", "The text message could not be delivered."),
        ("failed", "The text message could not be delivered."),
    ],
)
async def test_the_page_tells_how_the_text_is_going(running: RunningApp, word: str, sentence: str) -> None:
    browser = running.browser()
    await running.started(browser)
    await text_said(running, running.provider.texts[0].delivery, word)
    page = await open_page(browser)
    assert (page.state, page.one("p", role="status").text) == ("code", sentence)
    call_first = word in ("undelivered", "failed")
    assert page.next == ["change", *(["call", "repeat"] if call_first else ["repeat", "call"])]


async def test_the_page_follows_what_is_said_on_the_phone(running: RunningApp) -> None:
    browser = running.browser()
    phone = Phone(running.twilio, await running.started(browser, channel="call"), "CA1")
    await phone.status("in-progress")
    await phone.read_code()
    assert (await open_page(browser)).one("p", role="status").text == "We are reading out the code."
    await phone.wait()
    code_heard = "You have heard the code. Please enter it here."
    assert (await open_page(browser)).one("p", role="status").text == code_heard
    await phone.status("completed")
    assert (await open_page(browser)).one("p", role="status").text == code_heard
