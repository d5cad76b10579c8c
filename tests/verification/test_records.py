"""Records: what they show of themselves, and when two of them are equal."""

import pickle

import pytest
from msgspec import Struct
from msgspec.structs import replace

from tests.support.records import CALL, KEYS, NUMBER, PENDING
from verification.counters.rules import NoCounters
from verification.flow.start import StartRequest, StartResult
from verification.idempotency import Claim
from verification.models import Event, EventKind, Session, State
from verification.ports import TextMessage
from verification.services import ApiKey
from verification.types import Channel, PartlyCompared

SECRET = "4f1d9a"
FULL = replace(PENDING, seed=SECRET.encode(), browser=SECRET, source="203.0.113.7", tags={"order": SECRET})
EVENT = Event(kind=EventKind.STARTED, at=1, source="203.0.113.7")
SESSION = Session(id="browser", verification="VE1", channel=Channel.CALL, expires_at=1, answer=SECRET.encode())
REQUEST = StartRequest(
    username="ann",
    number=NUMBER,
    channel=Channel.CALL,
    action="sign-in",
    language="en-US",
    service="VA1",
    tags={"order": SECRET},
)


@pytest.mark.parametrize(
    "record",
    [
        *(FULL, SESSION, EVENT, REQUEST, KEYS),
        ApiKey(sid="SK1", service="VA1", digest=SECRET.encode(), created_at=1),
        Claim(key=SECRET, body=SECRET, delivery="VL1", at=1),
        State(verification=FULL, session=SESSION, decoy_seed=SECRET.encode()),
        StartResult(FULL, CALL, state=State(verification=FULL)),
    ],
)
def test_no_representation_shows_a_secret_a_number_or_an_address(record: Struct) -> None:
    for shown in (repr(record), str(record), f"{[record]}", repr(record.__rich_repr__())):
        assert SECRET not in shown
        assert NUMBER.e164 not in shown
        assert "203.0.113.7" not in shown
        assert "a key of the tests" not in shown
    assert repr(record).startswith(type(record).__name__ + "(")


def test_a_representation_shows_the_rest() -> None:
    assert (
        repr(EVENT)
        == "Event(kind=<EventKind.STARTED: 'started'>, at=1, verification='', delivery='', detail='', actor='', "
        "country='', service='')"
    )


def test_a_record_cannot_be_changed_and_a_copy_with_a_change_can_be_made() -> None:
    with pytest.raises(AttributeError):
        PENDING.checks = 7  # type: ignore[misc]  # the point of the test
    changed = replace(PENDING, checks=7)
    assert (changed.checks, changed.sid, PENDING.checks) == (7, PENDING.sid, 0)
    assert pickle.loads(pickle.dumps(changed)) == changed  # noqa: S301  # its own


def test_equal_records_have_equal_hashes_and_another_value_is_another_record() -> None:
    again = replace(FULL, tags={"order": SECRET})
    assert again == FULL
    assert hash(again) == hash(FULL)
    assert replace(FULL, checks=1) != FULL
    assert replace(FULL, tags={}) != FULL


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (State(verification=PENDING), State(verification=PENDING, counters=NoCounters())),
        (StartResult(PENDING, CALL), StartResult(PENDING, CALL, state=State())),
    ],
)
def test_what_is_carried_along_makes_no_difference(one: PartlyCompared, other: PartlyCompared) -> None:
    assert one == other
    assert hash(one) == hash(other)
    assert one != State()
    assert one != object()


def test_a_text_message_shows_no_code() -> None:
    order = TextMessage(
        action="sign-in",
        payment=None,
        delivery="VL1",
        channel=Channel.SMS,
        to=NUMBER,
        code="827364",
        language="en-US",
        lifetime=300,
    )
    assert "827364" not in repr(order)
