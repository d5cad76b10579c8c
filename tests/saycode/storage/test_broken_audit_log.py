"""A broken audit log cannot be laundered: what is written and pruned next leaves the break visible."""

from collections.abc import Callable

import pytest

from saycode.storage.audit_chain import ChainBreak, ChainHead
from saycode.storage.audit_log import AuditLog
from saycode.storage.connection import Connection
from saycode.storage.encryption import FieldCipher
from tests.saycode.storage.test_audit_log import ATTACKS, Attack, audit_log, conn, entry, run, written
from verification.models import EventKind

__all__ = ["audit_log", "conn", "written"]

#: Attacks that the next event would have sealed, or that pruning would have removed.
LAUNDERED: list[tuple[Attack, int | None, str]] = [
    (run("UPDATE events SET at = 0"), 4, "changed"),
    (run("UPDATE events SET at = 0 WHERE id = 6"), 6, "changed"),
    (run("UPDATE events SET at = 1e12"), 4, "changed"),
    (lambda conn: _new_head(conn, "DELETE FROM events WHERE id > 7"), None, "head of the audit log was changed"),
    (lambda conn: _new_head(conn, "DELETE FROM events"), None, "head of the audit log was changed"),
]


def _new_head(conn: Connection, deletion: str) -> None:
    """The newest entries are deleted, and the head names what is left."""
    conn.execute(deletion)
    conn.execute(
        "UPDATE audit_log_ends SET event_id = (SELECT coalesce(max(id), 3) FROM events), link = coalesce("
        "(SELECT link FROM events ORDER BY id DESC LIMIT 1), ?) WHERE name = 'head'",
        (bytes(32),),
    )


def check_all(audit_log: AuditLog, conn: Connection) -> None:
    """What a worker does in one round."""
    position: ChainHead | None = None
    while True:
        found = audit_log.verify_next(conn, position, limit=2)
        if found is None:
            return
        if isinstance(found, ChainBreak):
            audit_log.close_if_broken(conn, position, limit=2, now=2000)
            return
        position = found


@pytest.mark.parametrize(("attack", "number", "why"), [*ATTACKS, *LAUNDERED])
@pytest.mark.parametrize("first", ["add", "prune", "check"])
def test_no_attack_is_sealed_or_removed_by_what_the_service_does_next(
    written: Connection, audit_log: AuditLog, attack: Attack, number: int | None, why: str, first: str
) -> None:
    attack(written)
    steps: dict[str, Callable[[], object]] = {
        "add": lambda: audit_log.add(written, [entry(20), entry(21)]),
        "prune": lambda: audit_log.prune(written, before=1005, limit=100, now=2000),
        "check": lambda: check_all(audit_log, written),
    }
    for step in (first, *steps, *steps):
        steps[step]()
    report = audit_log.verify(written)
    assert report.broken is not None
    shown = [report.broken, *report.later]
    assert any(why in found.why for found in shown), shown
    assert audit_log.known_break(written) is not None
    assert {entry.detail for entry in audit_log.entries(written)} >= {"20", "21"}


@pytest.mark.parametrize(("attack", "number", "why"), LAUNDERED[:2])
def test_entries_whose_time_was_changed_are_not_pruned(
    written: Connection, audit_log: AuditLog, attack: Attack, number: int, why: str
) -> None:
    attack(written)
    assert audit_log.prune(written, before=1003.5, limit=100, now=2000) == 0
    assert [entry.number for entry in audit_log.entries(written)][:6] == [4, 5, 6, 7, 8, 9]


def test_the_log_goes_on_in_a_new_segment_that_says_so(
    written: Connection, audit_log: AuditLog, caplog: pytest.LogCaptureFixture
) -> None:
    written.execute("DELETE FROM events WHERE id > 7")
    audit_log.add(written, [entry(20)])
    audit_log.add(written, [entry(21)])
    *_, broken, first, second = audit_log.entries(written)
    assert (broken.number, broken.kind, broken.detail) == (10, "audit-log-broken", "entry 8: missing")
    assert (first.number, first.detail, second.number) == (11, "20", 12)
    report = audit_log.verify(written)
    assert (report.entries_checked, report.broken, report.continued) == (4, ChainBreak(8, "missing"), 10)
    assert str(report.head) == f"12:{second.link}"
    assert report.later == ()
    assert [record.getMessage() for record in caplog.records].count(
        "the audit log is broken and goes on in a new segment"
    ) == 1


def test_the_break_stays_when_the_broken_segment_is_put_right_again(written: Connection, audit_log: AuditLog) -> None:
    (link,) = written.execute("SELECT link FROM events WHERE id = 9").fetchone()
    written.execute("UPDATE events SET link = ? WHERE id = 9", (bytes(32),))
    audit_log.add(written, [entry(20)])
    written.execute("UPDATE events SET link = ? WHERE id = 9", (link,))
    why = "the log before it was broken: entry 9: changed, moved or inserted"
    assert audit_log.verify(written).broken == ChainBreak(10, why)
    written.execute("DELETE FROM audit_log_closed")
    assert audit_log.verify(written).broken == ChainBreak(4, "before the start of the audit log")
    written.execute("DELETE FROM events WHERE kind = 'audit-log-broken'")
    assert audit_log.verify(written).broken == ChainBreak(4, "before the start of the audit log")
    assert audit_log.prune(written, before=2001, limit=100, now=2001) == 0
    assert audit_log.verify(written).broken is not None


def test_a_second_break_begins_a_third_segment(written: Connection, audit_log: AuditLog) -> None:
    written.execute("DELETE FROM events WHERE id = 9")
    audit_log.add(written, [entry(20)])
    written.execute("DELETE FROM events WHERE detail = '20'")
    audit_log.add(written, [entry(21)])
    report = audit_log.verify(written)
    assert report.broken == ChainBreak(9, "missing")
    assert ChainBreak(11, "missing") in report.later
    assert [entry.kind for entry in audit_log.entries(written)].count("audit-log-broken") == 2


def test_a_broken_segment_goes_when_the_entry_that_closed_it_is_old(written: Connection, audit_log: AuditLog) -> None:
    written.execute("UPDATE events SET at = 1e12")
    assert audit_log.prune(written, before=1003.5, limit=100, now=2000) == 0
    audit_log.add(written, [entry(5000)])
    audit_log.prune(written, before=1999, limit=100, now=2001)
    assert audit_log.verify(written).broken is not None
    for _ in range(6):
        audit_log.prune(written, before=2001, limit=2, now=9000)
    assert [entry.detail for entry in audit_log.entries(written)] == ["5000"]
    report = audit_log.verify(written)
    assert (report.broken, report.entries_checked, audit_log.known_break(written)) == (None, 1, None)


def test_a_log_that_is_set_back_while_the_service_runs_is_found(written: Connection, audit_log: AuditLog) -> None:
    ends = written.execute("SELECT * FROM audit_log_ends").fetchall()
    for n in range(10, 14):
        audit_log.add(written, [entry(n)])
    position = audit_log.verify_next(written, None, limit=8)
    assert isinstance(position, ChainHead)
    written.execute("DELETE FROM events WHERE id > 9")
    written.execute("DELETE FROM audit_log_ends")
    written.executemany("INSERT INTO audit_log_ends VALUES (?, ?, ?, ?)", ends)
    found = audit_log.verify_next(written, position, limit=8)
    assert found == ChainBreak(10, "missing: the log was set back")


def test_the_log_of_another_key_is_not_continued(written: Connection) -> None:
    other = AuditLog(FieldCipher(b"another key"))
    other.add(written, [entry(20)])
    assert written.execute("SELECT kind FROM events WHERE id = 10").fetchone() == (EventKind.AUDIT_LOG_BROKEN.value,)
