"""`saycode audit`: what it prints of an intact and of a broken audit log."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.saycode.cli.test_main import GOOD, alone, run
from tests.support.engine import all_rows, another_program, open_store
from tests.support.keys import KEY
from tests.support.store import event, put, verification
from verification.models import OPERATOR, Event, EventKind

__all__ = ["alone"]
VE = verification().sid


@pytest.fixture(autouse=True)
def audit_log() -> None:
    """Four entries in the database of the working directory."""

    async def write() -> None:
        async with open_store(Path("saycode.db"), secrets=(KEY.encode(),)) as store:
            started = event(at=1_790_000_000.0, detail="sign-in", source="192.0.2.7")
            await put(store, verifications=(verification(),), events=(started,))
            await put(store, events=(event(kind=EventKind.APPROVED, at=1_790_000_009.5),))
            lifted = Event(kind=EventKind.LIFTED, at=1_790_000_010.0, actor=OPERATOR)
            assert await store.write(lambda _: 2, events=lambda times: [lifted] * times) == 2

    asyncio.run(write())


def verify(*arguments: str) -> tuple[int, str]:
    done = run("audit", "verify", *arguments, **GOOD)
    return done.exit_code, done.stdout


def execute(statement: str) -> None:
    with another_program(Path("saycode.db")) as conn:
        conn.execute(statement)


def test_an_intact_log_is_counted_and_its_head_is_printed() -> None:
    code, output = verify()
    assert (code, output.splitlines()[0]) == (0, "4 entries, all unchanged.")
    head = output.splitlines()[1].removeprefix("Head: ")
    assert verify("--head", head) == (
        0,
        f"4 entries, all unchanged.\nThey continue from the given head.\nHead: {head}\n",
    )


def test_a_broken_log_exits_1_and_names_the_first_broken_entry() -> None:
    execute("UPDATE events SET kind = 'canceled' WHERE id = 2")
    code, output = verify()
    assert code == 1
    assert output.splitlines()[:2] == [
        "The audit log is broken. Entry 2: changed, moved or inserted.",
        "1 entry before that is unchanged.",
    ]
    code, output = verify("--json")
    assert (code, json.loads(output)["broken"]) == (1, {"number": 2, "why": "changed, moved or inserted"})


def test_a_log_that_was_broken_and_went_on_stays_broken() -> None:
    execute("DELETE FROM events WHERE id = 4")
    assert run("numbers", "suppress", "+14155550100", **GOOD).exit_code == 0
    code, output = verify()
    assert (code, output.splitlines()) == (
        1,
        [
            "The audit log is broken. Entry 4: missing.",
            "3 entries before that are unchanged.",
            "It goes on in a new segment with entry 5.",
        ],
    )
    code, output = verify("--json")
    assert (code, json.loads(output)["continued"]) == (1, 5)


def test_a_log_that_was_replaced_by_an_older_one_is_broken_against_a_stored_head() -> None:
    code, output = verify("--head", f"5:{'0' * 64}")
    assert (code, output.splitlines()[0]) == (
        1,
        "The audit log is broken. Entry 5: missing, up to line 5 of the head that you gave.",
    )


@pytest.mark.parametrize("head", ["7", "x:00", ":", "7:", "²:00"])
def test_a_malformed_head_is_refused(head: str) -> None:
    assert verify("--head", head)[0] == 2


def test_entries_are_listed_as_text_and_as_json() -> None:
    listed = run("audit", "list", **GOOD).stdout.splitlines()
    assert [line.split()[2] for line in listed] == ["started", "approved", "lifted", "lifted"]
    assert listed[1].split() == ["2", "2026-09-21T14:13:29.500Z", "approved", VE]
    found: list[dict[str, Any]] = json.loads(run("audit", "list", "--verification", VE, "--json", **GOOD).stdout)
    assert [(line["number"], line["event"], line["verification"]) for line in found] == [
        (1, "started", VE),
        (2, "approved", VE),
    ]
    assert len(found[0]["source"]) == 32
    assert len(run("audit", "list", "--last", "1", **GOOD).stdout.splitlines()) == 1


def test_an_export_continues_after_the_last_number() -> None:
    lines = [json.loads(line) for line in run("audit", "export", "--after", "2", **GOOD).stdout.splitlines()]
    assert [(line["number"], line["actor"], len(line["link"])) for line in lines] == [
        (3, "operator", 64),
        (4, "operator", 64),
    ]
    assert run("audit", "export", "--after", "4", **GOOD).stdout == ""


def test_no_source_address_is_printed(tmp_path: Path) -> None:
    assert "192.0.2.7" not in run("audit", "list", "--json", **GOOD).stdout
    assert "192.0.2.7" not in repr(all_rows(tmp_path / "saycode.db"))
