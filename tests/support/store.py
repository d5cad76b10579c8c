"""Shared by the tests of the store: openers, records, and a second worker process."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlite_utils import Database, Migrations

from saycode.storage.connection import Connection
from saycode.storage.postgresql.store import PostgresqlStore
from saycode.storage.sqlite import database, migrations
from saycode.storage.sqlite.store import SqliteStore
from saycode.storage.writer import Writer
from tests.support.engine import another_program
from tests.support.postgresql import Server
from verification.models import BUILT_IN_SERVICE, Delivery, Event, EventKind, Session, State, Verification
from verification.policy import SIGN_IN, Keypress
from verification.ports import ByAccount, ByVerification, Changes, Store
from verification.types import Channel, DeliveryStatus, VerificationStatus
from verification.values.codes import key_id
from verification.values.phone_numbers import PhoneNumber

SECRETS = (b"the secret key of the tests, 32 characters",)
NUMBER = PhoneNumber("+12025550100", "US")
OTHER_NUMBER = PhoneNumber("+442079460123", "GB")

Opener = Callable[[Path], AbstractAsyncContextManager[Store]]
Work = Callable[[Connection], Any]


def sqlite(folder: Path) -> AbstractAsyncContextManager[Store]:
    """A store in a file of this folder; opened again, a second worker on the same file."""
    return SqliteStore.open(folder / "codes.db", secrets=SECRETS)


def postgresql(folder: Path) -> AbstractAsyncContextManager[Store]:
    """A store in the database of this folder (see `database_of`); opened again, a second node on the same database."""
    return PostgresqlStore.open((folder / "postgresql").read_text(), secrets=SECRETS)


#: Every implementation of a store; the contract is tested on all of them.
OPENERS: tuple[Opener, ...] = (sqlite, postgresql)


@contextmanager
def database_of(folder: Path, server: Server) -> Iterator[str]:
    """A new database whose address is kept in this folder, where other processes find it."""
    with server.database() as url:
        (folder / "postgresql").write_text(url)
        yield url


def verification(n: int = 1, **changes: Any) -> Verification:
    """A pending verification; its sid and account come from `n`."""
    made = Verification(
        sid=f"VE{n:032x}",
        service=BUILT_IN_SERVICE,
        account=f"acme {n}",
        username=f"Acme {n}",
        action=SIGN_IN,
        number=NUMBER,
        language="en-US",
        status=VerificationStatus.PENDING,
        seed=b"a seed of 16 b..",
        key_id=key_id(SECRETS[0]),
        code_length=6,
        max_checks=1,
        checks=0,
        created_at=1000.0,
        expires_at=1300.0,
        brand="Acme Bank",
        keypress=Keypress.ANY,
    )
    return replace(made, **changes)


def delivery(n: int = 1, of: int = 1, **changes: Any) -> Delivery:
    """A planned call with sid `n` for the verification `of`."""
    made = Delivery(
        sid=f"VL{n:032x}",
        verification=f"VE{of:032x}",
        channel=Channel.CALL,
        status=DeliveryStatus.PLANNED,
        created_at=1000.0,
        updated_at=1000.0,
    )
    return replace(made, **changes)


def session(name: str = "browser", of: int = 1, **changes: Any) -> Session:
    """The session of a browser that waits for the verification `of`."""
    made = Session(id=name, verification=f"VE{of:032x}", channel=Channel.CALL, expires_at=2800.0)
    return replace(made, **changes)


def event(of: int = 1, kind: EventKind = EventKind.STARTED, **changes: Any) -> Event:
    """An event of the verification `of`."""
    return replace(Event(kind=kind, at=1000.0, verification=f"VE{of:032x}"), **changes)


def account(of: Verification, **changes: Any) -> ByAccount:
    """The query by which a start finds this verification."""
    query = ByAccount(service=of.service, account=of.account, action=of.action, number=of.number)
    return replace(query, **changes)


async def put(store: Store, **rows: Any) -> None:
    """Write these rows in one decision."""
    await store.apply(ByVerification(""), lambda _: Changes(result=None, **rows))


async def change(store: Store, n: int = 1, **changes: Any) -> Verification:
    """Change these fields of verification `n`."""

    def decide(state: State) -> Changes[Verification]:
        assert state.verification is not None
        changed = replace(state.verification, **changes)
        return Changes(result=changed, verifications=(changed,))

    return await store.apply(ByVerification(f"VE{n:032x}"), decide)


def count(state: State) -> Changes[int]:
    """Count one check, and return its number."""
    assert state.verification is not None
    counted = replace(state.verification, checks=state.verification.checks + 1)
    return Changes(result=counted.checks, verifications=(counted,))


def count_elsewhere(opener: Opener, folder: Path, times: int) -> list[int]:
    """Count so many checks at the same instant, in this process."""

    async def work() -> list[int]:
        async with opener(folder) as store:
            return await asyncio.gather(*(store.apply(ByVerification(f"VE{1:032x}"), count) for _ in range(times)))

    return asyncio.run(work())


@asynccontextmanager
async def writing(
    path: Path, *, patience: float = 0.05, max_waiting: int = 1000, **more: Any
) -> AsyncIterator[Writer[Any]]:
    """A writer alone, on a new file."""
    conn, _ = database.open_database(path, secrets=SECRETS, create=True, patience=1)

    def decide(works: Sequence[Work]) -> list[Any]:
        return [work(conn) for work in works]

    writer: Writer[Any] = Writer(conn, decide=decide, patience=patience, max_waiting=max_waiting, **more)
    try:
        yield writer
    finally:
        await writer.close()


def written(path: Path) -> list[str]:
    """What `add` has written and what was committed, in a file that must be sound."""
    with another_program(path) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [hashed.decode() for (hashed,) in conn.execute("SELECT number_hash FROM suppressions ORDER BY 1")]


def add(name: str, *, then: BaseException | None = None) -> Work:
    """Write this row, and then raise."""

    def work(conn: Connection) -> str:
        conn.execute("INSERT INTO suppressions VALUES (?, 0)", (name.encode(),))
        if then:
            raise then
        return name

    return work


def in_two_processes(work: Callable[..., Any], *arguments: Any) -> list[Any]:
    """The results of two new processes that do the same work at the same time."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pending = [pool.apply_async(work, arguments) for _ in range(2)]
        return [answer.get(timeout=20) for answer in pending]


def add_migration(monkeypatch: pytest.MonkeyPatch, migration: Callable[[Database], None]) -> None:
    """Make this program a later version, whose schema has this migration too."""
    later = Migrations("saycode")
    for known in migrations.migrations.pending(Database(memory=True)):
        later(name=known.name)(known.fn)
    later(name=migration.__name__)(migration)
    monkeypatch.setattr(migrations, "migrations", later)
    monkeypatch.setattr(database, "MIGRATIONS", migrations.known_migrations())
