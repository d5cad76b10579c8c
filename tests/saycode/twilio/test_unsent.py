"""Test numbers are never called, texted, told or looked up at Twilio; other numbers as ever."""

import logging

import pytest

from saycode.twilio.unsent import UnsentTests
from tests.support.fakes import RecordingProvider
from tests.support.records import CALL
from verification.models import Notice
from verification.ports import Accepted, DeliveryReport, TextMessage
from verification.types import Channel
from verification.values.phone_numbers import PhoneNumber

TEST, OTHER = PhoneNumber("+14155550100", "US"), PhoneNumber("+14155550101", "US")


def text(to: PhoneNumber) -> TextMessage:
    return TextMessage(
        delivery="VL" + "1" * 32, channel=Channel.SMS, to=to, code="123456", language="en-US", lifetime=300
    )


def notice(to: PhoneNumber) -> Notice:
    return Notice(sid="NO" + "1" * 32, number=to, channel=Channel.SMS, language="en-US", at=0)


async def test_nothing_is_sent_to_a_test_number(caplog: pytest.LogCaptureFixture) -> None:
    recording = RecordingProvider()
    provider = UnsentTests(recording, lambda number: number.line == TEST.line)
    with caplog.at_level(logging.WARNING):
        answers = [
            await provider.call("VL" + "1" * 32, TEST),
            await provider.text(text(TEST)),
            await provider.notify(notice(TEST)),
        ]
    assert all(isinstance(answer, Accepted) and answer.status.final for answer in answers)
    assert isinstance(await provider.fetch_status(CALL, TEST), DeliveryReport)
    assert recording.asked == 0
    assert len(caplog.records) == 3
    assert all("test number" in record.getMessage() for record in caplog.records)
    assert not any("4155550100" in record.getMessage() or "123456" in record.getMessage() for record in caplog.records)


async def test_other_numbers_are_called_and_texted() -> None:
    recording = RecordingProvider()
    provider = UnsentTests(recording, lambda number: number.line == TEST.line)
    await provider.call("VL" + "1" * 32, OTHER)
    await provider.text(text(OTHER))
    assert recording.asked == 2
