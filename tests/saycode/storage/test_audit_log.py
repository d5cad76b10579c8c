"""The audit trail: what was written is found as it was, and any other state of it is seen."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from saycode.storage.audit_log import AuditEntry, AuditLog, ChainBreak, ChainHead
from saycode.storage.database import open_database
from saycode.storage.encryption import FieldCipher
from tests.support.store import SECRETS, in_two_processes
from verification.models import OPERATOR, Event, EventKind

Attack = Callable[[sqlite3.Connection], object]


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(tmp_path / "codes.db", secrets=SECRETS, create=True, patience=1)[0]) as opened:
        yield opened


@pytest.fixture
def trail() -> AuditLog:
    return AuditLog(FieldCipher(b"the data key of the tests"))


@pytest.fixture
def written(conn: sqlite3.Connection, trail: AuditLog) -> sqlite3.Connection:
    """Nine lines, three of which were pruned since."""
    conn.execute("DELETE FROM trail_ends")
    trail.begin(conn)
    for n in range(1, 10):
        trail.add(conn, [line(n)])
    assert trail.prune(conn, before=1003.5, limit=100) == 3
    return conn


def line(n: int) -> Event:
    return Event(kind=EventKind.CHECK_FAILED, at=1000.0 + n, delivery=f"VL{n}", detail=str(n), source="192.0.2.7")


def run(sql: str, *values: object) -> Attack:
    return lambda conn: conn.execute(sql, values)


def swap(conn: sqlite3.Connection) -> None:
    """Lines 5 and 6 change places, links and all."""
    for step in ("id = 100 WHERE id = 5", "id = 5 WHERE id = 6", "id = 6 WHERE id = 100"):
        conn.execute(f"UPDATE events SET {step}")


def shift(conn: sqlite3.Connection) -> None:
    """Line 6 goes, and those behind it close up."""
    conn.execute("DELETE FROM events WHERE id = 6")
    for n in (7, 8, 9):
        conn.execute("UPDATE events SET id = id - 1 WHERE id = ?", (n,))


def cut_off(conn: sqlite3.Connection) -> None:
    """The end goes, and the head is made to name the line before with that line's own link."""
    conn.execute("DELETE FROM events WHERE id > 7")
    conn.execute(
        "UPDATE trail_ends SET event_id = 7, link = (SELECT link FROM events WHERE id = 7) WHERE name = 'head'"
    )


def cut_in(conn: sqlite3.Connection) -> None:
    """The beginning goes, and the start is made to name it."""
    conn.execute("UPDATE trail_ends SET event_id = 5, link = (SELECT link FROM events WHERE id = 5) WHERE name='start'")
    conn.execute("DELETE FROM events WHERE id <= 5")


def exchange_ends(conn: sqlite3.Connection) -> None:
    """Nothing was ever here: the start takes the place of the head."""
    conn.execute("DELETE FROM events")
    conn.execute(
        "INSERT OR REPLACE INTO trail_ends SELECT 'head', event_id, link, seal FROM trail_ends WHERE name='start'"
    )


def insert(number: int) -> Attack:
    return run(
        "INSERT INTO events SELECT ?, NULL, '', '', kind, at, '', '', x'', link FROM events WHERE id = 6", number
    )


ATTACKS: list[tuple[Attack, int | None, str]] = [
    *((run(f"UPDATE events SET {change} WHERE id = 6"), 6, "changed") for change in (
        "kind = 'approved'", "at = at + 0.001", "verification = 'VE1'", "delivery = ''", "detail = '0'",
        "actor = 'operator'", "source = x'00'", "link = zeroblob(32)", "detail = x'36'",
    )),
    (run("DELETE FROM events WHERE id = 6"), 6, "missing"),
    (run("DELETE FROM events WHERE id = 4"), 4, "missing"),
    (run("DELETE FROM events WHERE id = 9"), 9, "missing"),
    (run("DELETE FROM events WHERE id > 5"), 6, "missing"),
    (run("DELETE FROM events"), 4, "missing"),
    (swap, 5, "changed, moved"),
    (shift, 6, "changed, moved"),
    (cut_off, None, "head of the trail was changed"),
    (cut_in, None, "start of the trail was changed"),
    (exchange_ends, None, "head of the trail was changed"),
    (run("DELETE FROM trail_ends WHERE name = 'head'"), None, "head of the trail is gone"),
    (run("DELETE FROM trail_ends"), None, "start of the trail is gone"),
    (insert(10), 10, "behind the head"),
    (insert(12), 12, "behind the head"),
    (insert(2), 2, "before the start"),
]  # fmt: skip


def test_what_was_written_is_found_and_holds(written: sqlite3.Connection, trail: AuditLog) -> None:
    found = trail.inspect(written)
    assert (found.lines, found.broken) == (6, None)
    source = FieldCipher(b"the data key of the tests").counter_hash("source", "192.0.2.7").hex()
    first = next(trail.lines(written))
    assert first == AuditEntry(4, "", "VL4", "check-failed", 1004.0, "4", "", source, first.link)


@pytest.mark.parametrize(("attack", "number", "why"), ATTACKS)
def test_any_other_state_is_seen_at_its_first_place(
    written: sqlite3.Connection, trail: AuditLog, attack: Attack, number: int | None, why: str
) -> None:
    attack(written)
    broken = trail.inspect(written).broken
    assert broken is not None
    assert (broken.number, why in broken.why) == (number, True), broken


def test_another_key_makes_no_link(written: sqlite3.Connection) -> None:
    assert AuditLog(FieldCipher(b"a key of somebody else's")).inspect(written).broken


def test_a_trail_that_goes_on_after_an_attack_stays_broken(written: sqlite3.Connection, trail: AuditLog) -> None:
    written.execute("DELETE FROM trail_ends")
    written.execute("DELETE FROM events")
    trail.add(written, [line(1)])
    assert trail.inspect(written).broken == ChainBreak(None, "the start of the trail is gone")


def test_a_head_from_outside_shows_that_the_trail_was_put_back(written: sqlite3.Connection, trail: AuditLog) -> None:
    ends = written.execute("SELECT * FROM trail_ends").fetchall()
    trail.add(written, [line(10)])
    known = trail.inspect(written).head
    assert known is not None
    assert trail.inspect(written, known=known).compared
    written.execute("DELETE FROM events WHERE id = 10")
    written.executemany("INSERT OR REPLACE INTO trail_ends VALUES (?, ?, ?, ?)", ends)
    assert trail.inspect(written).broken is None
    broken = trail.inspect(written, known=known).broken
    assert broken == ChainBreak(10, "missing, up to the line 10 that you know")
    trail.add(written, [line(11)])
    assert trail.inspect(written, known=known).broken == ChainBreak(10, "not the line that you know")


def test_a_head_that_was_pruned_since_cannot_be_compared(written: sqlite3.Connection, trail: AuditLog) -> None:
    found = trail.inspect(written, known=ChainHead(2, "00"))
    assert (found.broken, found.compared) == (None, False)


def test_pruning_takes_the_oldest_in_order_and_never_more_than_its_limit(
    written: sqlite3.Connection, trail: AuditLog
) -> None:
    assert trail.prune(written, before=1100, limit=2) == 2
    assert [one.number for one in trail.lines(written)] == [6, 7, 8, 9]
    assert trail.prune(written, before=1100, limit=100) == 4
    assert trail.prune(written, before=1100, limit=100) == 0
    trail.add(written, [line(10)])
    assert [one.number for one in trail.lines(written)] == [10]
    assert trail.inspect(written).broken is None


def test_who_did_it_is_written_and_an_address_only_as_a_hash(written: sqlite3.Connection, trail: AuditLog) -> None:
    trail.add(written, [Event(kind=EventKind.LIFTED, at=1, actor=OPERATOR, source="192.0.2.99")])
    *_, last = trail.lines(written)
    assert (last.kind, last.actor, len(last.source)) == ("lifted", "operator", 32)
    assert "192.0.2.99" not in "\n".join(written.iterdump())


def write(path: Path, times: int) -> int:
    """Write so many lines, each in a transaction of its own."""
    conn, key = open_database(path, secrets=SECRETS, create=True, patience=10)
    trail = AuditLog(FieldCipher(key))
    with closing(conn):
        for n in range(times):
            conn.execute("BEGIN IMMEDIATE")
            trail.add(conn, [line(n)])
            conn.execute("COMMIT")
    return times


def test_two_processes_write_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "codes.db"
    write(path, 1)
    assert in_two_processes(write, path, 100) == [100, 100]
    conn, key = open_database(path, secrets=SECRETS, create=False, patience=1)
    with closing(conn):
        found = AuditLog(FieldCipher(key)).inspect(conn)
    assert (found.lines, found.broken) == (201, None)
