"""`saycode numbers`: suppressed numbers, and erasing a person, before and after."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database

from saycode.storage.sqlite import migrations
from saycode.storage.store import SqlStore
from tests.saycode.cli.test_main import GOOD, alone, run
from tests.support import engine
from tests.support.engine import another_program, open_store
from tests.support.keys import KEY
from tests.support.store import NUMBER, OTHER_NUMBER, delivery, event, put, session, verification
from verification.counters.counter import AddSend, Failures, LimitKey, SetFailures
from verification.models import Account, EnrolledNumber, Event, EventKind, Notice, NumberPause
from verification.types import Channel, Scope, VerificationStatus

__all__ = ["alone"]
SECRETS = (KEY.encode(),)
ENDED: dict[str, Any] = {"status": VerificationStatus.EXPIRED, "seed": None, "ended_at": 1100.0}
#: Every column that holds a person by hash or seal, and who takes care of it when that person is erased.
PERSONS = {
    *(
        "verifications.number_hash",
        "verifications.account_hash",
        "verifications.personal_data",
        "deliveries.number_hash",
    ),
    *("counters.counter_hash", "counter_chunks.counter_hash", "pauses.number_hash"),
    *("accounts.account_hash", "accounts.personal_data", "account_numbers.number_hash"),
    *("account_numbers.line_hash", "notices.personal_data"),
    *("trusted_browsers.browser_hash", "trusted_browsers.counter_hash", "trusted_browsers.number_hash"),
    "denials.number_hash",
    "openid_requests.number_hash",
    *(
        "openid_requests.request_hash",
        "openid_grants.request_hash",
        "openid_requests.source_hash",
    ),  # of a random key; of an address, for a day
    *("openid_grants.code_hash", "openid_grants.token_hash", "openid_grants.nonce_hash"),  # of random keys
    "operator_sessions.session_hash",  # of a random key
    "alerts.alert_hash",  # never of a number alone
    "suppressions.number_hash",
    "inbound_messages.message_hash",  # of Twilio's sid, for a month
    *("idempotency_keys.key_hash", "idempotency_keys.body_hash"),  # they go with their verification
}


def in_table(work: Any) -> Any:
    async def opened() -> Any:
        async with open_store(Path("saycode.db"), secrets=SECRETS) as store:
            return await work(store)

    return asyncio.run(opened())


async def fill(store: SqlStore) -> None:
    """Two people: one on NUMBER with something in every table, and one on OTHER_NUMBER."""
    for n in range(1, 31):
        who = NUMBER if n % 3 else OTHER_NUMBER
        pending = {} if n > 28 else ENDED
        await put(
            store,
            verifications=(verification(n, number=who, **pending),),
            deliveries=(delivery(n, of=n),),
            sessions=(session(f"browser {n}", of=n),),
            events=(event(n),),
        )
    both = (EnrolledNumber(NUMBER), EnrolledNumber(OTHER_NUMBER))
    accounts = (
        Account(service="VA1", name="ada", username="Ada", numbers=(EnrolledNumber(NUMBER),)),
        Account(service="VA1", name="bob", username="Bob", numbers=both),
    )
    await put(
        store,
        accounts=accounts,
        notices=tuple(
            Notice(sid=f"NO{n}", number=who, channel=Channel.SMS, language="en", at=1.0)
            for n, who in enumerate((NUMBER, OTHER_NUMBER))
        ),
        pauses=(NumberPause(number=NUMBER, until=5.0), NumberPause(number=OTHER_NUMBER, until=5.0)),
        counter_updates=tuple(
            entry
            for who in (LimitKey(Scope.NUMBER, number.e164) for number in (NUMBER, OTHER_NUMBER))
            for entry in (*(AddSend(who, 1.0 * n, 99) for n in range(64)), SetFailures(who, Failures(1, 2.0)))
        ),
        events=(Event(kind=EventKind.ACCOUNT_ADDED, at=1.0),),
    )


def hashes(number: Any) -> list[bytes]:
    async def work(store: SqlStore) -> list[bytes]:
        names = store.counter_keys
        return [
            store.cipher.number_hash(number.e164),
            names.key(LimitKey(Scope.NUMBER, number.e164)),
        ]

    found: list[bytes] = in_table(work)
    return found


def counts(path: Path) -> dict[str, int]:
    names = (
        "verifications",
        "deliveries",
        "sessions",
        "accounts",
        "account_numbers",
        "notices",
        "pauses",
        "counters",
        "counter_chunks",
    )
    with another_program(path) as conn:
        return {name: conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}


def stored(path: Path) -> bytes:
    """Every byte of the file and its log, where the engine is SQLite; else of every value."""
    if engine.POSTGRESQL:
        values = [value for rows in engine.all_rows(path).values() for row in rows for value in row]
        return b" ".join(value if isinstance(value, bytes) else str(value).encode() for value in values)
    return b"".join(file.read_bytes() for file in path.parent.iterdir() if file.name.startswith(path.name))


def test_every_column_with_personal_data_is_covered_by_erasure() -> None:
    with Database(memory=True, execute_plugins=False) as db:
        migrations.migrate(db)
        found = {
            f"{name}.{column.name}"
            for name in db.table_names()
            for column in db.table(name).columns
            if column.name.endswith("_hash") or column.name == "personal_data"
        }
    assert found <= PERSONS


def test_erasure_removes_one_person_everywhere_and_reports_it(tmp_path: Path) -> None:
    in_table(fill)
    path = tmp_path / "saycode.db"
    gone, other = hashes(NUMBER), hashes(OTHER_NUMBER)
    before = stored(path)
    assert all(one in before for one in (*gone, *other))
    done = run("numbers", "erase", NUMBER.e164, "--json", **GOOD)
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "number": NUMBER.masked,
        "verifications": 20,
        "deliveries": 20,
        "sessions": 20,
        "counters": 2,
        "pauses": 1,
        "accounts": 2,
        "notices": 1,
        "twilio_records": 0,
        "suppressed": False,
        "settled": True,
    }
    left = {"verifications": 10, "deliveries": 10, "sessions": 10, "accounts": 1, "account_numbers": 1}
    assert counts(path) == left | {"notices": 1, "pauses": 1, "counters": 1, "counter_chunks": 1}
    after = stored(path)
    assert [one in after for one in (*gone, *other)] == [False] * len(gone) + [True] * len(other)
    assert NUMBER.e164.encode() not in after
    again = run("numbers", "erase", NUMBER.e164, **GOOD)
    assert "0  verifications" in again.stdout


@pytest.mark.sqlite
def test_encrypted_values_of_an_erased_person_are_in_no_byte_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "saycode.db"
    in_table(fill)
    with closing(sqlite3.connect(path)) as conn:
        hashed = hashes(NUMBER)[0]
        seals = [
            seal for (seal,) in conn.execute("SELECT personal_data FROM verifications WHERE number_hash = ?", (hashed,))
        ]
        seals += [seal for (seal,) in conn.execute("SELECT personal_data FROM accounts")]
        seals += [seal for (seal,) in conn.execute("SELECT personal_data FROM notices WHERE sid = 'NO0'")]
    run("numbers", "erase", NUMBER.e164, **GOOD)
    after = path.read_bytes()
    assert len(seals) == 23
    assert [seal for seal in seals if seal in after] == []


def test_erasure_reports_what_it_keeps() -> None:
    in_table(fill)
    run("numbers", "suppress", NUMBER.e164, **GOOD)
    said = run("numbers", "erase", NUMBER.e164, **GOOD).stdout
    assert said.splitlines()[0] == f"{NUMBER.masked} is erased. Removed:"
    assert "Kept: the number's keyed hash in the suppressions" in said
    assert run("numbers", "list", NUMBER.e164, **GOOD).stdout.startswith(f"{NUMBER.masked} is suppressed since 20")
    lines = json.loads(run("audit", "list", "--json", **GOOD).stdout)
    assert [line["event"] for line in lines].count("started") == 30
    assert lines[-1] == lines[-1] | {
        "event": "erased",
        "actor": "operator",
        "detail": f"20 verifications, {NUMBER.masked}",
    }
    assert run("audit", "verify", **GOOD).exit_code == 0


def test_a_number_is_suppressed_listed_by_its_hash_and_lifted() -> None:
    assert run("numbers", "list", "--json", **GOOD).stdout == "[]\n"
    assert json.loads(run("numbers", "suppress", NUMBER.e164, "--json", **GOOD).stdout) == {
        "number": NUMBER.masked,
        "suppressed": True,
    }
    (listed,) = json.loads(run("numbers", "list", "--json", **GOOD).stdout)
    assert listed["hash"] == hashes(NUMBER)[0].hex()
    assert listed["since"].startswith("20")
    assert NUMBER.e164[-4:] not in run("numbers", "list", **GOOD).stdout
    assert "may be called" in run("numbers", "lift", NUMBER.e164, **GOOD).stdout
    assert "is not suppressed." in run("numbers", "list", NUMBER.e164, **GOOD).stdout
    kinds = [line["event"] for line in json.loads(run("audit", "list", "--json", **GOOD).stdout)]
    assert kinds == ["suppressed", "lifted"]


COMMANDS = [
    "show {}",
    "why {}",
    "why --number {}",
    "unlock --number {}",
    "numbers list {}",
    "numbers suppress {}",
    "numbers lift {}",
    "numbers erase {}",
]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "number",
    ["+14155550100", "+1 (415) 555-0100", "(415) 555-0100", "4155550100", "tel:+1-415-555-0100", "+447700900123"],
)
def test_every_command_takes_every_spelling_of_a_number(command: str, number: str) -> None:
    done = run(*(word.format(number) for word in command.split()), **GOOD)
    assert "E.164" not in done.stderr
    assert done.exit_code == 0 or "nothing is known about •••• " in done.stderr


def test_a_spelling_is_the_same_number() -> None:
    run("numbers", "suppress", "(415) 555-0100", **GOOD)
    for number in ("+14155550100", "415.555.0100", "+1 415 555 0100"):
        assert "is suppressed since" in run("numbers", "list", number, **GOOD).stdout


@pytest.mark.parametrize("command", ["list", "suppress", "lift", "erase"])
@pytest.mark.parametrize("number", ["12", "hello", "+0"])
def test_an_invalid_number_is_refused(command: str, number: str) -> None:
    refused = run("numbers", command, number, **GOOD)
    assert (refused.exit_code, "a number must be in E.164" in refused.stderr) == (2, True)
