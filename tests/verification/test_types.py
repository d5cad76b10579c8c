"""Statuses: a delivery only moves forward, a final status stays, and the order of reports does not matter."""

import re
from itertools import pairwise, permutations, product
from pathlib import Path

import pytest

from verification.types import Channel, DeliveryStatus, VerificationStatus, advance

ROOT = Path(__file__).parent.parent.parent
FINAL = {"completed", "busy", "no-answer", "canceled", "delivered", "undelivered", "failed", "read"}


@pytest.mark.parametrize("status", DeliveryStatus)
def test_the_final_statuses_of_a_delivery_are_twilios(status: DeliveryStatus) -> None:
    assert status.final == (status.value in FINAL)


@pytest.mark.parametrize("status", DeliveryStatus)
def test_a_phone_may_ring_until_the_end_but_a_sent_text_is_out_of_our_hands(status: DeliveryStatus) -> None:
    assert status.live == (status.value not in FINAL | {"sent"})


def test_nothing_leaves_a_final_state_but_a_message_that_was_read() -> None:
    for current, reported in product(DeliveryStatus, DeliveryStatus):
        if current.final:
            read = reported is DeliveryStatus.READ
            assert advance(current, reported) is (reported if read else current)


def test_every_state_before_the_end_gives_way_to_every_final_one() -> None:
    for current, reported in product(DeliveryStatus, DeliveryStatus):
        if reported.final and not current.final:
            assert advance(current, reported) is reported


@pytest.mark.parametrize(
    "way",
    [
        "planned unknown queued ringing answered completed",
        "planned unknown queued sending sent delivered read",
        "planned unknown queued sending sent undelivered",
    ],
)
def test_each_step_of_the_table_is_up_and_never_back(way: str) -> None:
    steps = [DeliveryStatus(word) for word in way.split()]
    for earlier, later in pairwise(steps):
        assert advance(earlier, later) is later
        assert advance(later, earlier) is later


def test_the_same_report_twice_is_the_same_as_once() -> None:
    for current, reported in product(DeliveryStatus, DeliveryStatus):
        once = advance(current, reported)
        assert advance(once, reported) is once


def test_reports_of_one_way_lead_to_the_same_state_in_every_order() -> None:
    for way in ("queued ringing answered completed", "queued sending sent delivered read", "queued ringing answered"):
        ends = set()
        for order in permutations(way.split()):
            status = DeliveryStatus.PLANNED
            for word in order:
                status = advance(status, DeliveryStatus(word))
            ends.add(status.value)
        assert ends == {way.split()[-1]}


def test_only_a_pending_verification_is_not_final() -> None:
    assert [status for status in VerificationStatus if not status.final] == [VerificationStatus.PENDING]


def test_a_call_falls_back_on_a_text_and_a_text_on_a_call_and_a_messenger_on_both() -> None:
    assert (Channel.CALL.fallbacks, Channel.SMS.fallbacks) == ((Channel.SMS,), (Channel.CALL,))
    assert Channel.WHATSAPP.fallbacks == (Channel.SMS, Channel.CALL)


@pytest.mark.parametrize("channel", Channel)
def test_every_other_channel_can_be_offered_once(channel: Channel) -> None:
    assert sorted([channel, *channel.others]) == sorted(Channel)
    assert channel.others[: len(channel.fallbacks)] == channel.fallbacks


def test_only_a_message_that_was_delivered_or_read_has_arrived() -> None:
    assert {status for status in DeliveryStatus if status.arrived} == {DeliveryStatus.DELIVERED, DeliveryStatus.READ}
    assert advance(DeliveryStatus.DELIVERED, DeliveryStatus.READ) is DeliveryStatus.READ
    assert advance(DeliveryStatus.READ, DeliveryStatus.DELIVERED) is DeliveryStatus.READ


def test_only_a_call_is_spoken_and_reaches_an_extension() -> None:
    assert [channel for channel in Channel if channel.spoken] == [Channel.CALL]
    assert [channel for channel in Channel if channel.dials_extensions] == [Channel.CALL]
    assert [channel for channel in Channel if channel.needs_text_line] == [Channel.SMS]


def test_the_rules_ask_for_what_a_channel_is_and_not_which_it_is() -> None:
    which = re.compile(r"(\bis|\bis not|==|!=) Channel\.[A-Z]")
    sources = [path for package in ("verification", "webhooks", "saycode") for path in (ROOT / package).rglob("*.py")]
    assert len(sources) > 100
    assert [str(path) for path in sources if which.search(path.read_text(encoding="utf-8"))] == []


def test_every_channel_has_a_row_with_what_twilio_and_a_receipt_call_it() -> None:
    rows = {channel: (channel.word, channel.resource, channel.sid_prefix, channel.amr) for channel in Channel}
    assert rows == {
        Channel.CALL: ("call", "Calls", "CA", "tel"),
        Channel.SMS: ("text", "Messages", "SM", "sms"),
        Channel.WHATSAPP: ("WhatsApp message", "Messages", "SM", "mca"),
    }


def test_the_words_are_those_that_twilio_verify_and_twilio_callbacks_use() -> None:
    assert {status.value for status in VerificationStatus} == {
        "pending",
        "approved",
        "canceled",
        "max_attempts_reached",
        "expired",
        "failed",
    }
    assert {"queued", "ringing", "completed", "busy", "no-answer", "canceled", "failed"} <= {
        status.value for status in DeliveryStatus
    }
