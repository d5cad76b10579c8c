"""A move from SQLite to PostgreSQL: every row, in one transaction, and the same service afterwards."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from saycode.config.databases import PostgresqlUrl
from saycode.maintenance.moving import TABLES, Move, move
from saycode.server.clock import randomness
from saycode.storage.api.authorizations import SqliteAuthorizations
from saycode.storage.connection import DatabaseUnusable
from saycode.storage.postgresql.store import PostgresqlStore
from saycode.storage.sqlite.store import SqliteStore
from tests.support.account_cases import account as enrolled
from tests.support.postgresql import Server
from tests.support.store import NUMBER, SECRETS, account, change, count, delivery, event, put, session, verification
from verification.authorizations import Authorization, Grant, new_client
from verification.flow import accounts
from verification.models import BUILT_IN_SERVICE, OPERATOR, EventKind
from verification.ports import ByEnrolled, ByNumber, ByVerification
from verification.types import VerificationStatus

N = 30


@pytest.fixture
def url(postgresql: Server) -> Iterator[PostgresqlUrl]:
    with postgresql.database() as made:
        yield PostgresqlUrl(made)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "codes.db"

    async def fill() -> None:
        async with SqliteStore.open(made, secrets=SECRETS) as store:
            for n in range(1, N):
                tags = {"order": f"№ {n}\t\\N\n"}
                rows = {"verifications": (verification(n, tags=tags),), "deliveries": (delivery(n, of=n),)}
                await put(store, **rows, events=(event(n),), sessions=(session(f"browser {n}", of=n),))
            await change(store, 3, status=VerificationStatus.APPROVED, seed=None, ended_at=1100.0)
            await put(store, suppress=(NUMBER,), events=(event(2, EventKind.REPORTED),))
            await store.apply(
                ByEnrolled(BUILT_IN_SERVICE, "ann"),
                lambda state: accounts.put_account(state, enrolled("ann", NUMBER), now=1),
            )

    asyncio.run(fill())
    return made


def moved(path: Path, url: PostgresqlUrl) -> Move:
    return move(path, url, SECRETS, progress=lambda table, rows: None)


async def test_everything_is_there_afterwards_and_goes_on(path: Path, url: PostgresqlUrl) -> None:
    done = await asyncio.to_thread(moved, path, url)
    assert (done.rows["verifications"], done.rows["deliveries"], done.rows["services"]) == (N - 1, N - 1, 1)
    async with (
        SqliteStore.open(path, secrets=SECRETS) as old,
        PostgresqlStore.open(url.reveal(), secrets=SECRETS) as new,
    ):
        for n in range(1, N):
            query = ByVerification(verification(n).sid, session=f"browser {n}")
            assert await new.read(query) == await old.read(query)
            assert await new.events(query.sid) == await old.events(query.sid)
        for other in (account(verification(5)), ByNumber(NUMBER), ByEnrolled(BUILT_IN_SERVICE, "ann")):
            assert await new.read(other) == await old.read(other)
        assert new.cipher.database_id == old.cipher.database_id
        report = await new.query(new.audit_log.verify)
        assert (report.broken, report.head) == (None, done.head)
        assert await new.apply(ByVerification(verification(1).sid), count) == 1
        await put(new, verifications=(verification(N),), deliveries=(delivery(N, of=N),), events=(event(N),))
        assert (await new.read(ByVerification(verification(N).sid))).verification == verification(N)


async def test_the_way_back_leads_to_the_same_file(
    path: Path, url: PostgresqlUrl, caplog: pytest.LogCaptureFixture
) -> None:
    there = await asyncio.to_thread(moved, path, url)
    async with PostgresqlStore.open(url.reveal(), secrets=SECRETS) as new:
        await put(new, verifications=(verification(N),), events=(event(N),))
    back = path.with_name("back.db")
    done = await asyncio.to_thread(move, url, back, SECRETS, progress=lambda table, rows: None)
    assert done.rows["verifications"] == there.rows["verifications"] + 1
    async with (
        PostgresqlStore.open(url.reveal(), secrets=SECRETS) as new,
        SqliteStore.open(back, secrets=SECRETS) as again,
    ):
        for n in range(1, N + 1):
            query = ByVerification(verification(n).sid, session=f"browser {n}")
            assert await again.read(query) == await new.read(query)
            assert await again.events(query.sid) == await new.events(query.sid)
        report = await again.query(again.audit_log.verify)
        assert (report.broken, report.head) == (None, done.head)
        await put(again, verifications=(verification(N + 1),), events=(event(N + 1),))
    assert "restored" not in caplog.text


async def test_a_file_in_use_is_no_target_and_stays(path: Path, url: PostgresqlUrl) -> None:
    other = path.with_name("other.db")
    async with SqliteStore.open(other, secrets=SECRETS) as store:
        await put(store, verifications=(verification(1),))
    await asyncio.to_thread(moved, path, url)
    with pytest.raises(DatabaseUnusable, match=r"is in use already \(it has verifications"):
        await asyncio.to_thread(move, url, other, SECRETS, progress=lambda table, rows: None)
    async with SqliteStore.open(other, secrets=SECRETS) as store:
        assert (await store.read(ByVerification(verification(1).sid))).verification == verification(1)


async def test_nothing_is_moved_back_while_a_node_runs(path: Path, url: PostgresqlUrl) -> None:
    async with PostgresqlStore.open(url.reveal(), secrets=SECRETS) as store:
        await store.read(ByVerification(""))
        with pytest.raises(DatabaseUnusable, match="is in use: stop every node"):
            await asyncio.to_thread(move, url, path.with_name("back.db"), SECRETS, progress=lambda table, rows: None)


async def test_applications_and_what_they_asked_for_go_on(path: Path, url: PostgresqlUrl) -> None:
    client, _ = new_client("Shop", ("https://shop.example/cb",), public=False, now=1, randomness=randomness)
    grant = Grant(
        client=client.id,
        redirect_uri="https://shop.example/cb",
        scope="openid",
        challenge="c",
        acr="sign-in",
        verification="VE1",
        issued_at=1,
    )
    asked = Authorization(client=client.id, client_name="Shop", parameters={"state": "s"}, since=1)
    async with SqliteStore.open(path, secrets=SECRETS) as store:
        old = SqliteAuthorizations(store)
        await old.add_client(client, actor=OPERATOR)
        await old.begin("cookie", asked, source="192.0.2.1")
        await old.issue("code", grant, key=None)
    await asyncio.to_thread(moved, path, url)
    async with PostgresqlStore.open(url.reveal(), secrets=SECRETS) as store:
        new = SqliteAuthorizations(store)
        assert await new.client(client.id) == client
        assert await new.begun("cookie", now=2) == asked
        assert await new.grant("code") == grant
        assert await new.redeem("code", "token", now=2)
        assert not await new.redeem("code", "token", now=2)
        await new.add_client(new_client("More", (), public=True, now=1, randomness=randomness)[0], actor=OPERATOR)


def test_every_table_of_the_schema_is_carried_over(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        tables = {name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {table for table in tables if not table.startswith(("_sqlite", "sqlite"))} == set(TABLES)


async def test_a_database_in_use_is_refused_and_stays(path: Path, url: PostgresqlUrl) -> None:
    await asyncio.to_thread(moved, path, url)
    with pytest.raises(DatabaseUnusable, match=r"is in use already \(it has verifications"):
        await asyncio.to_thread(moved, path, url)
    async with PostgresqlStore.open(url.reveal(), secrets=SECRETS) as store:
        assert (await store.read(ByVerification(verification(4).sid))).verification is not None


async def test_nothing_is_moved_while_the_service_runs(path: Path, url: PostgresqlUrl) -> None:
    async with SqliteStore.open(path, secrets=SECRETS):
        with pytest.raises(DatabaseUnusable, match="is in use: stop the service"):
            await asyncio.to_thread(moved, path, url)


async def test_a_log_that_was_broken_before_is_found_as_broken_as_it_was(path: Path, url: PostgresqlUrl) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("UPDATE events SET detail = 'changed' WHERE id = 7")
    await asyncio.to_thread(moved, path, url)
    async with PostgresqlStore.open(url.reveal(), secrets=SECRETS) as store:
        report = await store.query(store.audit_log.verify)
    assert report.broken is not None
    assert report.broken.number == 7
