"""What PostgresqlStore guarantees beyond the contract of a store: over nodes, and when the server fails."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from saycode.storage import counters, queries, records
from saycode.storage.api.services import SqliteServices
from saycode.storage.connection import Connection, DatabaseFailed, StatementRefused
from saycode.storage.postgresql import migrations
from saycode.storage.postgresql.connection import PostgresqlConnection
from saycode.storage.postgresql.failures import ConnectionLost
from saycode.storage.postgresql.statements import SETS, as_set, of_values, translated
from saycode.storage.postgresql.store import PostgresqlStore
from tests.support.fakes import SeededRandomness
from tests.support.postgresql import DURABLE, Server, running_server
from tests.support.store import NUMBER, SECRETS, change, count, delivery, event, in_two_processes, put, verification
from verification.errors import Unavailable
from verification.models import OPERATOR
from verification.ports import ByNumber, ByVerification
from verification.services import new_api_key, new_service
from verification.values.references import sids

NOW = 1_800_000_000.0
FIRST = verification()


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as made:
        yield made


def open_store(url: str, **options: Any) -> PostgresqlStore:
    return PostgresqlStore.open(url, secrets=SECRETS, **options)


async def checks(store: PostgresqlStore) -> int:
    found = (await store.read(ByVerification(FIRST.sid))).verification
    assert found is not None
    return found.checks


# Statements.


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("SELECT a FROM t WHERE b = ? AND c = ?", "SELECT a FROM t WHERE b = %b AND c = %b"),
        ("SELECT ?1, ?2, ?1", "SELECT %(1)b, %(2)b, %(1)b"),
        ("a = :name AND b = :other_name", "a = %(name)b AND b = %(other_name)b"),
        ("a = '?' AND b = ':no' AND c = ?", "a = '?' AND b = ':no' AND c = %b"),
        ("a = 'it''s ?' AND b % 2 = ?", "a = 'it''s ?' AND b %% 2 = %b"),
        ("p::text = ?", "p::text = %b"),
    ],
)
def test_values_get_the_drivers_placeholders(text: str, driver: str) -> None:
    assert translated(text) == driver


@pytest.mark.parametrize(
    ("text", "types", "of_rows"),
    [
        (
            "INSERT INTO t (a, b) VALUES (?, coalesce((SELECT id FROM v WHERE s = ?), 0)) ON CONFLICT (a) DO NOTHING",
            ("int8", "text"),
            "INSERT INTO t (a, b) SELECT q.p1, coalesce((SELECT id FROM v WHERE s = q.p2), 0)"
            " FROM unnest(%b::int8[], %b::text[]) AS q (p1, p2) ON CONFLICT (a) DO NOTHING",
        ),
        (
            "UPDATE t SET a = ?, b = ? WHERE sid = ?",
            ("int8", "bytea", "text"),
            "UPDATE t SET a = q.p1, b = q.p2 FROM unnest(%b::int8[], %b::bytea[], %b::text[]) AS q (p1, p2, p3)"
            " WHERE sid = q.p3",
        ),
        ("DELETE FROM t WHERE a = ?", ("bytea",), "DELETE FROM t USING unnest(%b::bytea[]) AS q (p1) WHERE a = q.p1"),
    ],
)
def test_a_statement_for_many_rows_takes_arrays(text: str, types: tuple[str, ...], of_rows: str) -> None:
    assert re.sub(r"\s+", " ", as_set(text, types)) == of_rows


STATEMENTS = {
    name: text
    for name, text in vars(queries).items()
    if name.isupper() and name[0] != "_" and isinstance(text, str) and text.lstrip().startswith(("SELECT", "UPDATE"))
}
#: A handful of notices, and a table of one row.
SCANS = {"NOTICES", "PADDING_WRITE"}
VALUES = {"sid": "", "session": "", "account": b"", "action": "", "number": b"", "now": 0.0, "n": 1}


def with_numbers(text: str) -> str:
    """The statement as the server's PREPARE takes it."""
    names = {value: f"${n}" for n, value in enumerate(dict.fromkeys(re.findall(r":\w+|\?\d", text)), 1)}
    counter = iter(range(1, 100))
    return re.sub(r":\w+|\?\d|\?", lambda found: names.get(found.group()) or f"${next(counter)}", text)


def planned(conn: PostgresqlConnection, text: str) -> str:
    """The server's plan for any values."""
    conn.execute(f"PREPARE plan AS {with_numbers(text)}")
    query = "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'plan'"
    nulls = ", ".join(["NULL"] * conn.execute(query).fetchone()[0])
    plan = conn.execute(f"EXPLAIN EXECUTE plan{f'({nulls})' if nulls else ''}").fetchall()
    conn.execute("DEALLOCATE plan")
    return "\n".join(row for (row,) in plan)


@pytest.fixture
async def planner(url: str) -> AsyncIterator[PostgresqlConnection]:
    async with open_store(url):
        conn = PostgresqlConnection(url, limits=(5, 5, 5), name="plans", by_index=True)
        conn.execute("SET plan_cache_mode = force_generic_plan")
        yield conn
        conn.close()


async def test_no_statement_of_a_decision_reads_a_whole_table(planner: PostgresqlConnection) -> None:
    planner.connect()
    raw: Any = planner._raw
    raw.prepare_threshold = None
    assert {name for name, text in STATEMENTS.items() if "Seq Scan" in planned(planner, text)} <= SCANS


async def test_no_statement_of_a_set_reads_a_whole_table(planner: PostgresqlConnection) -> None:
    for name, text in STATEMENTS.items():
        if name.startswith("BY_"):
            of_set, names = records.for_set(text, 2)
            values = [VALUES["n"], *(VALUES[each] for each in names)]
            plan = planner.execute(f"EXPLAIN {of_set}", [*values, *[None] * len(values)]).fetchall()
            assert "Seq Scan" not in str(plan), name
    plan = planner.execute(f"EXPLAIN {counters.statement_for(4)}", [b"", b"", None, None]).fetchall()
    assert "Seq Scan" not in str(plan)


# Groups.


async def test_a_duplicate_sid_is_refused_alone_and_the_first_row_stays(url: str) -> None:
    async with open_store(url) as store:
        await put(store, verifications=(FIRST,), deliveries=(delivery(),))
        outcomes = await asyncio.gather(
            put(store, verifications=(verification(2),)),
            put(store, verifications=(verification(checks=1),)),
            put(store, verifications=(verification(3),)),
            return_exceptions=True,
        )
        assert [type(outcome) for outcome in outcomes] == [type(None), StatementRefused, type(None)]
        assert await checks(store) == 0
        for n in (2, 3):
            assert (await store.read(ByVerification(verification(n).sid))).verification == verification(n)


async def test_a_delivery_or_an_event_without_a_verification_is_refused_with_its_whole_decision(url: str) -> None:
    async with open_store(url) as store:
        with pytest.raises(StatementRefused):
            await put(store, verifications=(FIRST,), deliveries=(delivery(of=2),), suppress=(NUMBER,))
        with pytest.raises(StatementRefused):
            await put(store, events=(event(of=2),))
        state = await store.read(ByNumber(NUMBER))
        assert (state.verification, state.suppressed) == (None, False)


async def test_what_a_work_is_refused_for_undoes_that_work_alone(url: str) -> None:
    def add(name: str) -> Any:
        return lambda conn: conn.execute("INSERT INTO suppressions VALUES (?, 0)", (name.encode(),)) and name

    async with open_store(url) as store:
        outcomes = await asyncio.gather(
            *(store.write(add(name)) for name in ("a", "b", "a", "c")), return_exceptions=True
        )
        assert [outcome if isinstance(outcome, str) else type(outcome) for outcome in outcomes] == [
            *("a", "b", StatementRefused, "c")
        ]
        query = "SELECT number_hash FROM suppressions ORDER BY 1"
        assert await store.query(lambda conn: conn.execute(query).fetchall()) == [(b"a",), (b"b",), (b"c",)]


async def test_a_group_that_the_server_ends_because_of_a_conflict_is_decided_again(url: str) -> None:
    tries: list[int] = []

    def work(conn: Connection) -> int:
        tries.append(1)
        conn.execute("UPDATE verifications SET checks = checks + 1")
        if len(tries) < 3:
            conn.execute("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$")
        return len(tries)

    async with open_store(url) as store:
        await put(store, verifications=(FIRST,))
        assert await store.write(work) == 3
        assert await checks(store) == 1


async def test_many_nodes_count_exactly(url: str) -> None:
    async with AsyncExitStack() as stack:
        nodes = [await stack.enter_async_context(open_store(url)) for _ in range(3)]
        await put(nodes[0], verifications=(FIRST,))
        numbers = await asyncio.gather(*(node.apply(ByVerification(FIRST.sid), count) for node in nodes * 30))
        assert sorted(numbers) == list(range(1, 91))
        assert (await nodes[0].query(nodes[0].audit_log.verify)).broken is None


async def test_a_reference_goes_by_the_index_of_the_sids(url: str) -> None:
    columns = (
        "sid, service, account_hash, number_hash, personal_data, action, language, status, key_id, style, brand, manner"
    )
    zeros = "code_length, max_checks, checks, created_at, expires_at, trusted_browser"
    fill = f"""INSERT INTO verifications ({columns}, {zeros})
        SELECT 'VE' || md5(n::text), '', '', '', '', '', '', 'expired', '', '', '', '', 0, 0, 0, n, 0, 0
        FROM generate_series(1, 20000) n"""
    async with open_store(url) as store:
        await store.write(lambda conn: conn.execute(fill).rowcount)
        await store.write(lambda conn: conn.execute("ANALYZE verifications").rowcount)

        def plan(conn: Connection) -> str:
            return "\n".join(
                step
                for (step,) in conn.execute(
                    f"EXPLAIN {queries.OF_REFERENCE}", (*sids("60430813"), *sids("60430813", "VL"))
                )
            )

        assert "verifications_sid_key" in await store.scan(plan)


# Connections.


async def test_lost_connections_are_made_again(url: str, postgresql: Server) -> None:
    async with open_store(url) as store:
        await put(store, verifications=(FIRST,))
        for number in (1, 2, 3):
            assert postgresql.end_connections() > 0
            assert (await change(store, checks=number)).checks == number
            assert postgresql.end_connections() > 0
            assert await checks(store) == number


class LostAtCommit(PostgresqlConnection):
    """Loses its connection at the next COMMIT: before the server has it, or after."""

    lose: str | None = None
    failure: DatabaseFailed = ConnectionLost("in the test")
    then: Callable[[], object] = staticmethod(lambda: None)

    def end_group(self, how: str) -> None:
        lose, self.lose = self.lose, None
        if how != "COMMIT" or lose is None:
            self.lose = lose
            super().end_group(how)
            return
        if lose == "after":
            super().end_group(how)
        self.close()
        self.then()
        raise self.failure


@pytest.mark.parametrize("lose", ["before", "after"])
@pytest.mark.parametrize("failure", [ConnectionLost("the server is gone"), DatabaseFailed("pipeline aborted")])
async def test_a_group_whose_commit_is_unknown_is_written_once(
    url: str, lose: str, failure: DatabaseFailed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LostAtCommit, "failure", failure)
    monkeypatch.setattr("saycode.storage.postgresql.store.PostgresqlConnection", LostAtCommit)
    async with open_store(url) as store:
        await put(store, verifications=(FIRST,))
        store._writer._conn.lose = lose  # type: ignore[attr-defined]
        assert await store.apply(ByVerification(FIRST.sid), count) == 1
        assert await checks(store) == 1


async def test_an_unknown_commit_is_asked_for_until_the_server_is_back_and_others_are_refused_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running_server(DURABLE) as server, server.database() as url:
        monkeypatch.setattr("saycode.storage.postgresql.store.PostgresqlConnection", LostAtCommit)
        async with open_store(url, patience=0.3) as store:
            await put(store, verifications=(FIRST,))
            store._writer._conn.lose = "after"  # type: ignore[attr-defined]
            store._writer._conn.then = lambda: server.stop(signal.SIGKILL)  # type: ignore[attr-defined]
            first = asyncio.create_task(store.apply(ByVerification(FIRST.sid), count))
            await asyncio.sleep(0.1)
            async with asyncio.timeout(2):
                with pytest.raises(Unavailable):
                    await store.apply(ByVerification(FIRST.sid), count)
            assert store.last_error
            assert not first.done()
            await asyncio.to_thread(server.start)
            assert await first == 1
            assert await store.apply(ByVerification(FIRST.sid), count) == 2
            assert store.last_error is None


async def test_a_server_that_is_gone_is_unavailable_at_once_and_found_again(tmp_path: Path) -> None:
    with running_server(DURABLE) as server, server.database() as url:
        async with open_store(url) as store:
            await put(store, verifications=(FIRST,))
            server.stop(signal.SIGKILL)
            async with asyncio.timeout(4):
                for _ in range(3):
                    with pytest.raises(Unavailable):
                        await store.apply(ByVerification(FIRST.sid), count)
                    with pytest.raises(Unavailable):
                        await checks(store)
            assert store.last_error
            server.start()
            assert await store.apply(ByVerification(FIRST.sid), count) == 1
            assert await checks(store) == 1
            assert store.last_error is None


async def test_a_transaction_of_another_program_that_holds_the_lock_is_not_waited_for_without_end(url: str) -> None:
    async with open_store(url, patience=0.2) as store:
        await put(store, verifications=(FIRST,))
        with psycopg.connect(url) as other:
            other.execute("SELECT 1 FROM restore_marker FOR UPDATE")
            with pytest.raises(Unavailable, match="lock timeout"):
                await store.apply(ByVerification(FIRST.sid), count)
            assert await checks(store) == 0, "a read waits for no lock"
        assert await store.apply(ByVerification(FIRST.sid), count) == 1


async def test_a_lock_does_not_stop_the_event_loop(url: str) -> None:
    async with open_store(url, patience=0.5) as store:
        await put(store, verifications=(FIRST,))
        with psycopg.connect(url) as other:
            other.execute("SELECT 1 FROM restore_marker FOR UPDATE")
            waiting = asyncio.create_task(store.apply(ByVerification(FIRST.sid), count))
            turns = 0
            while not waiting.done():
                turns += 1
                await asyncio.sleep(0.01)
            assert turns > 20
        with pytest.raises(Unavailable):
            await waiting


class HeldStore(PostgresqlStore):
    """Counts what is read, and holds each answer while `held` is set."""

    reads, held = 0, False

    async def query(self, read: Callable[[Connection], Any]) -> Any:
        self.reads += 1
        found = await super().query(read)
        while self.held:
            await asyncio.sleep(0)
        return found


async def add_key(services: SqliteServices) -> str:
    chance = SeededRandomness(1)
    service = new_service("Acme", now=NOW, randomness=chance)
    key, _ = new_api_key(service.sid, now=NOW, randomness=chance)
    await services.put(service, actor=OPERATOR)
    assert await services.add_key(key, actor=OPERATOR)
    return key.sid


async def test_one_read_finds_the_keys_of_all_requests_that_wait(url: str) -> None:
    async with HeldStore.open(url, secrets=SECRETS) as store:
        services = SqliteServices(store)
        keys = [await add_key(services), *(f"SK{n:032x}" for n in range(5))]
        found = await asyncio.gather(*(services.find_key(key) for key in 20 * keys))
        assert [holder[0].sid if holder else None for holder in found] == 20 * [keys[0], *5 * [None]]
        assert store.reads == 1


async def test_a_request_that_comes_after_a_revocation_does_not_get_what_was_read_before(url: str) -> None:
    async with HeldStore.open(url, secrets=SECRETS) as store:
        services = SqliteServices(store)
        key = await add_key(services)
        store.held = True
        before = asyncio.create_task(services.find_key(key))
        while not store.reads:
            await asyncio.sleep(0)
        await asyncio.sleep(0.2)  # it has the key, and has not handed it over
        assert await services.revoke(key, now=NOW, actor=OPERATOR)
        after = [asyncio.create_task(services.find_key(key)) for _ in range(5)]
        await asyncio.sleep(0)
        store.held = False
        assert await before is not None
        assert await asyncio.gather(*after) == 5 * [None]
        assert store.reads == 2


async def test_a_read_that_fails_fails_for_those_who_waited_for_it_only(url: str, postgresql: Server) -> None:
    async with open_store(url) as store:
        services = SqliteServices(store)
        key = await add_key(services)
        with psycopg.connect(url, autocommit=True) as other:
            other.execute("ALTER TABLE api_keys RENAME TO lost")
            failed = await asyncio.gather(*(services.find_key(key) for _ in range(3)), return_exceptions=True)
            other.execute("ALTER TABLE lost RENAME TO api_keys")
        assert [type(error) for error in failed] == 3 * [Unavailable]
        assert await services.find_key(key) is not None


def start_once(url: str) -> int:
    """Open the store and count one check."""

    async def work() -> int:
        async with open_store(url) as store:
            return await store.apply(ByNumber(NUMBER), lambda _: count_made())

    def count_made() -> Any:
        from verification.ports import Changes

        return Changes(result=1)

    return asyncio.run(work())


async def test_two_nodes_that_start_at_once_migrate_once(url: str) -> None:
    assert in_two_processes(start_once, url) == [1, 1]
    async with open_store(url) as store:
        query = "SELECT name FROM saycode_migrations ORDER BY name"
        names = [name for (name,) in await store.query(lambda conn: conn.execute(query).fetchall())]
        assert names == sorted(migration.__name__ for migration in migrations.MIGRATIONS)
        assert (await store.query(store.audit_log.verify)).broken is None


class Overtaken(PostgresqlConnection):
    """A node that another one overtakes after its first statement."""

    address, overtaken = "", False

    def execute(self, *statement: Any) -> Any:
        found = super().execute(*statement)
        if not self.overtaken:
            self.overtaken = True
            PostgresqlStore.open(self.address, secrets=SECRETS)
        return found


async def test_the_tables_of_a_node_that_starts_just_now_are_not_those_of_another_program(url: str) -> None:
    node = Overtaken(url, limits=(10, 10, 10), name="overtaken")
    node.address = url
    try:
        assert migrations.applied(node) == frozenset()
        assert migrations.is_current(migrations.applied(node))
    finally:
        node.close()


def test_every_statement_of_a_set_is_one_that_the_server_takes() -> None:
    assert all(text.count("?") for text in SETS)


@pytest.mark.parametrize("size", [1, 8, 64])
def test_a_set_of_queries_has_one_text_for_every_size(size: int) -> None:
    text, types = of_values(records.for_set(queries.BY_ACCOUNT, size)[0])
    assert types == ("int8", "bytea", "text", "bytea")
    assert re.sub(r"\s+", " ", text).startswith(
        "WITH q (n, account, action, number) AS (SELECT * FROM"
        " unnest(%b::int8[], %b::bytea[], %b::text[], %b::bytea[])) SELECT q.n, EXISTS"
    )
    assert text == of_values(records.for_set(queries.BY_ACCOUNT, 2)[0])[0]
    assert of_values(counters.statement_for(size))[0] == of_values(counters.statement_for(1))[0]
