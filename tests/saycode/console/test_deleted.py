"""The story of a verification of which only the audit log still knows."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest

from saycode.reports.deleted import Found, find, wanted
from saycode.storage.store import SqlStore
from tests.support.operators_console import Console
from tests.support.store import delivery, event, put, verification
from verification.models import EventKind
from verification.values import references

ONE, OTHER = verification(1).sid, verification(2).sid
UNKNOWN = "VE" + "f" * 32


async def call(store: SqlStore, n: int) -> None:
    """A call that was answered, and whose code was typed."""
    call = delivery(n, of=n).sid
    await put(
        store, verifications=(verification(n),), deliveries=(delivery(n, of=n),), events=(event(n, detail="sign-in"),)
    )
    events = (
        event(n, EventKind.DELIVERY, detail="call planned", delivery=call),
        event(n, EventKind.DELIVERY, detail="call answered", delivery=call),
        event(n, EventKind.APPROVED),
    )
    await put(store, events=events)


@pytest.fixture
async def deleted(store: SqlStore) -> None:
    """Two calls, whose details were deleted."""
    await call(store, 1)
    await call(store, 2)
    await store.write(lambda conn: conn.execute("DELETE FROM verifications"))


@pytest.mark.usefixtures("deleted")
async def test_a_deleted_verification_has_its_story_from_the_audit_log(console: Console, store: SqlStore) -> None:
    await console.sign_in()
    page = await console.get(f"/verifications/{ONE}")
    assert page.status == 200
    told = [
        "It was started, for sign in.",
        "A call was requested.",
        "The call was answered.",
        "The right code was typed.",
    ]
    assert [page.text.index(sentence) for sentence in told] == sorted(page.text.index(sentence) for sentence in told)
    assert [page.text.count(sentence) for sentence in told] == [1, 1, 1, 1]
    assert references.written(references.reference(ONE)) in page.text
    assert "Call again" not in page.text
    assert "further back" not in page.text
    entries = await store.query(lambda conn: list(store.audit_log.entries(conn)))
    assert (entries[-1].kind, entries[-1].detail) == ("person-looked-up", f"deleted details of {ONE}")
    assert entries[-1].actor.startswith("operator")


@pytest.mark.usefixtures("deleted")
async def test_a_search_for_its_sid_leads_to_it(console: Console) -> None:
    await console.sign_in()
    found = await console.post("/search", f"token={console.token}&q={ONE}")
    assert (found.status, found.header("location")) == (303, f"/verifications/{ONE}")


@pytest.mark.usefixtures("deleted")
async def test_the_audit_log_is_read_for_a_call_when_that_is_asked_for(console: Console) -> None:
    asked = delivery(1).sid
    await console.sign_in()
    first = await console.post("/search", f"token={console.token}&q={asked}")
    assert first.status == 404
    assert "Look in the audit log" in first.text
    found = await console.post("/search", f"token={console.token}&q={asked}&before=")
    assert (found.status, found.header("location")) == (303, f"/verifications/{ONE}")


@pytest.mark.usefixtures("deleted")
async def test_verifications_that_share_a_reference_are_listed(console: Console) -> None:
    """Both of these sids begin with zeros."""
    await console.sign_in()
    first = await console.post("/search", f"token={console.token}&q={references.reference(ONE)}")
    assert "Look in the audit log" in first.text
    found = await console.post("/search", f"token={console.token}&q={references.reference(ONE)}&before=")
    assert found.status == 200
    assert f'href="/verifications/{ONE}"' in found.text
    assert f'href="/verifications/{OTHER}"' in found.text


@pytest.mark.usefixtures("deleted")
@pytest.mark.parametrize("asked", ["9999 9999", "VL" + "f" * 32])
async def test_what_the_audit_log_has_not_is_told(console: Console, asked: str) -> None:
    await console.sign_in()
    answer = await console.post("/search", f"token={console.token}&q={asked}&before=")
    assert answer.status == 404
    assert "The audit log has none either." in answer.text
    assert "Look in the audit log" not in answer.text


@pytest.mark.usefixtures("deleted")
@pytest.mark.parametrize("sid", [UNKNOWN, "VE1", "VL" + "f" * 32, "SM" + "0" * 32, "%00", "12345678", "x" * 500])
@pytest.mark.parametrize(
    "before", ["", "?before=1", "?before=-1", "?before=x", "?before=" + "9" * 40, "?before=%D9%A4"]
)
async def test_what_was_never_there_is_not_found(console: Console, sid: str, before: str) -> None:
    await console.sign_in()
    assert (await console.get(f"/verifications/{sid}{before}")).status == 404


# Reading the log in parts


async def read(store: SqlStore, sid: str, *, before: int | None = None, at: Callable[[], float]) -> Found:
    return await store.scan(lambda conn: find(conn, wanted(sid), before=before, seconds=1, step=2, clock=at))


def still() -> float:
    return 0.0


@pytest.mark.usefixtures("deleted")
async def test_the_log_is_read_back_until_the_verification_began(store: SqlStore) -> None:
    found = await read(store, OTHER, at=still)
    assert ([sid for sid, _ in found.sids], len(found.lines), found.before) == ([OTHER], 4, None)
    times = [line.at for line in found.lines]
    assert times == sorted(times)


@pytest.mark.usefixtures("deleted")
async def test_a_search_ends_with_its_time_and_goes_on_where_it_ended(store: SqlStore) -> None:
    passing: Iterator[int] = count(0, 10)
    found, parts = await read(store, ONE, at=lambda: next(passing)), 1
    lines = list(found.lines)
    while found.before is not None:
        found = await read(store, ONE, before=found.before, at=lambda: next(passing))
        lines, parts = [*found.lines, *lines], parts + 1
    assert parts == 4
    assert lines[0].text == "It was started, for sign in."
    assert len(lines) == 4


async def test_an_empty_log_has_nothing(store: SqlStore) -> None:
    assert await read(store, ONE, at=still) == Found(sids=(), lines=(), before=None, back_to=None)
