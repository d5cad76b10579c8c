"""The audit log: entries are read as they were written, and every other state is detected."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from saycode.storage.audit_log import AuditEntry, AuditLog, ChainBreak, ChainHead
from saycode.storage.connection import Connection
from saycode.storage.encryption import FieldCipher
from saycode.storage.sqlite.database import open_database
from tests.support.engine import another_program, open_store
from tests.support.store import SECRETS, in_two_processes
from verification.models import OPERATOR, Event, EventKind

Attack = Callable[[Connection], object]


@pytest.fixture
def conn(tmp_path: Path) -> Iterator[Connection]:
    asyncio.run(open_store(tmp_path / "codes.db", secrets=SECRETS).close())
    with another_program(tmp_path / "codes.db") as opened:
        yield opened


@pytest.fixture
def audit_log() -> AuditLog:
    return AuditLog(FieldCipher(b"the data key of the tests"))


@pytest.fixture
def written(conn: Connection, audit_log: AuditLog) -> Connection:
    """Nine entries, three of which were pruned."""
    conn.execute("DELETE FROM audit_log_ends")
    audit_log.initialize(conn)
    for n in range(1, 10):
        audit_log.add(conn, [entry(n)])
    assert audit_log.prune(conn, before=1003.5, limit=100, now=1010) == 3
    return conn


def entry(n: int) -> Event:
    return Event(kind=EventKind.CHECK_FAILED, at=1000.0 + n, delivery=f"VL{n}", detail=str(n), source="192.0.2.7")


def run(sql: str, *values: object) -> Attack:
    return lambda conn: conn.execute(sql, values)


def swap(conn: Connection) -> None:
    """Entries 5 and 6 are swapped, with their links."""
    for step in ("id = 100 WHERE id = 5", "id = 5 WHERE id = 6", "id = 6 WHERE id = 100"):
        conn.execute(f"UPDATE events SET {step}")


def shift(conn: Connection) -> None:
    """Entry 6 is removed, and the later ones are renumbered."""
    conn.execute("DELETE FROM events WHERE id = 6")
    for n in (7, 8, 9):
        conn.execute("UPDATE events SET id = id - 1 WHERE id = ?", (n,))


def cut_off(conn: Connection) -> None:
    """The end is removed, and the head names the entry before with its own link."""
    conn.execute("DELETE FROM events WHERE id > 7")
    conn.execute(
        "UPDATE audit_log_ends SET event_id = 7, link = (SELECT link FROM events WHERE id = 7) WHERE name = 'head'"
    )


def cut_in(conn: Connection) -> None:
    """The beginning is removed, and the start names it."""
    conn.execute(
        "UPDATE audit_log_ends SET event_id = 5, link = (SELECT link FROM events WHERE id = 5) WHERE name='start'"
    )
    conn.execute("DELETE FROM events WHERE id <= 5")


def exchange_ends(conn: Connection) -> None:
    """Pretend that the log is empty: the start replaces the head."""
    conn.execute("DELETE FROM events")
    conn.execute("DELETE FROM audit_log_ends WHERE name = 'head'")
    conn.execute(
        "INSERT INTO audit_log_ends SELECT 'head', event_id, link, mac FROM audit_log_ends WHERE name = 'start'"
    )


def insert(number: int) -> Attack:
    return run(
        "INSERT INTO events SELECT ?, NULL, '', '', kind, at, '', '', ?, link FROM events WHERE id = 6", number, b""
    )


ATTACKS: list[tuple[Attack, int | None, str]] = [
    *((run(f"UPDATE events SET {change} WHERE id = 6"), 6, "changed") for change in (
        "kind = 'approved'", "at = at + 0.001", "verification = 'VE1'", "delivery = ''", "detail = '0'",
        "actor = 'operator'", "detail = x'36'",
    )),
    (run("UPDATE events SET source = ? WHERE id = 6", b"\0"), 6, "changed"),
    (run("UPDATE events SET link = ? WHERE id = 6", bytes(32)), 6, "changed"),
    (run("DELETE FROM events WHERE id = 6"), 6, "missing"),
    (run("DELETE FROM events WHERE id = 4"), 4, "missing"),
    (run("DELETE FROM events WHERE id = 9"), 9, "missing"),
    (run("DELETE FROM events WHERE id > 5"), 6, "missing"),
    (run("DELETE FROM events"), 4, "missing"),
    (swap, 5, "changed, moved"),
    (shift, 6, "changed, moved"),
    (cut_off, None, "head of the audit log was changed"),
    (cut_in, None, "start of the audit log was changed"),
    (exchange_ends, None, "head of the audit log was changed"),
    (run("DELETE FROM audit_log_ends WHERE name = 'head'"), None, "head of the audit log is missing"),
    (run("DELETE FROM audit_log_ends"), None, "start of the audit log is missing"),
    (insert(10), 10, "after the head"),
    (insert(12), 12, "after the head"),
    (insert(2), 2, "before the start"),
]  # fmt: skip


def test_entries_are_read_as_written_and_verify(written: Connection, audit_log: AuditLog) -> None:
    report = audit_log.verify(written)
    assert (report.entries_checked, report.broken) == (6, None)
    source = FieldCipher(b"the data key of the tests").counter_hash("source", "192.0.2.7").hex()
    first = next(audit_log.entries(written))
    assert first == AuditEntry(4, "", "VL4", "check-failed", 1004.0, "4", "", source, first.link)


@pytest.mark.parametrize(("attack", "number", "why"), ATTACKS)
def test_every_attack_is_detected_at_its_first_entry(
    written: Connection, audit_log: AuditLog, attack: Attack, number: int | None, why: str
) -> None:
    attack(written)
    broken = audit_log.verify(written).broken
    assert broken is not None
    assert (broken.number, why in broken.why) == (number, True), broken


def test_another_key_verifies_nothing(written: Connection) -> None:
    assert AuditLog(FieldCipher(b"another key")).verify(written).broken


def test_a_log_that_continues_after_an_attack_stays_broken(written: Connection, audit_log: AuditLog) -> None:
    written.execute("DELETE FROM audit_log_ends")
    written.execute("DELETE FROM events")
    audit_log.add(written, [entry(1)])
    broken = audit_log.verify(written).broken
    assert broken == ChainBreak(1, "the log before it was broken: the start of the audit log is missing")


def test_a_known_head_reveals_that_the_log_was_set_back(written: Connection, audit_log: AuditLog) -> None:
    ends = written.execute("SELECT * FROM audit_log_ends").fetchall()
    audit_log.add(written, [entry(10)])
    known = audit_log.verify(written).head
    assert known is not None
    assert audit_log.verify(written, known=known).compared
    written.execute("DELETE FROM events WHERE id = 10")
    written.execute("DELETE FROM audit_log_ends")
    written.executemany("INSERT INTO audit_log_ends VALUES (?, ?, ?, ?)", ends)
    assert audit_log.verify(written).broken is None
    broken = audit_log.verify(written, known=known).broken
    assert broken == ChainBreak(10, "missing, up to line 10 of the head that you gave")
    audit_log.add(written, [entry(11)])
    assert audit_log.verify(written, known=known).broken == ChainBreak(10, "not the entry of the head that you gave")


def test_a_head_that_was_pruned_since_cannot_be_compared(written: Connection, audit_log: AuditLog) -> None:
    report = audit_log.verify(written, known=ChainHead(2, "00"))
    assert (report.broken, report.compared) == (None, False)


def test_pruning_removes_the_oldest_entries_up_to_its_limit(written: Connection, audit_log: AuditLog) -> None:
    assert audit_log.prune(written, before=1100, limit=2, now=1100) == 2
    assert [entry.number for entry in audit_log.entries(written)] == [6, 7, 8, 9]
    assert audit_log.prune(written, before=1100, limit=100, now=1100) == 4
    assert audit_log.prune(written, before=1100, limit=100, now=1100) == 0
    audit_log.add(written, [entry(10)])
    assert [entry.number for entry in audit_log.entries(written)] == [10]
    assert audit_log.verify(written).broken is None


def test_the_actor_is_recorded_and_the_address_only_as_a_hash(written: Connection, audit_log: AuditLog) -> None:
    audit_log.add(written, [Event(kind=EventKind.LIFTED, at=1, actor=OPERATOR, source="192.0.2.99")])
    *_, last = audit_log.entries(written)
    assert (last.kind, last.actor, len(last.source)) == ("lifted", "operator", 32)
    assert "192.0.2.99" not in repr(written.execute("SELECT * FROM events").fetchall())


def write(path: Path, times: int) -> int:
    """Write so many entries, each in its own transaction."""
    conn, key = open_database(path, secrets=SECRETS, create=True, patience=10)
    audit_log = AuditLog(FieldCipher(key))
    with closing(conn):
        for n in range(times):
            conn.execute("BEGIN IMMEDIATE")
            audit_log.add(conn, [entry(n)])
            conn.execute("COMMIT")
    return times


@pytest.mark.sqlite
def test_two_processes_write_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "codes.db"
    write(path, 1)
    assert in_two_processes(write, path, 100) == [100, 100]
    conn, key = open_database(path, secrets=SECRETS, create=False, patience=1)
    with closing(conn):
        report = AuditLog(FieldCipher(key)).verify(conn)
    assert (report.entries_checked, report.broken) == (201, None)
