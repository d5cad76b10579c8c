"""A database that one test after the other uses is as new for each."""

import psycopg

from saycode.storage.postgresql.store import PostgresqlStore
from tests.support.postgresql import Server
from tests.support.reused_databases import ReusedDatabases
from tests.support.store import SECRETS, delivery, event, put, verification
from verification.models import State
from verification.ports import ByVerification

OTHER = (b"another secret of the tests, 32 bytes long", *SECRETS)


async def filled(url: str, secrets: tuple[bytes, ...] = SECRETS) -> None:
    async with PostgresqlStore.open(url, secrets=secrets) as store:
        assert await store.read(ByVerification(verification().sid)) == State()
        await put(store, verifications=(verification(),), deliveries=(delivery(),), events=(event(),))
        report = await store.query(store.audit_log.verify)
        assert (report.entries_checked, report.broken) == (1, None)


async def test_rows_numbers_and_the_wrapped_key_are_as_they_were(postgresql: Server) -> None:
    databases, urls = ReusedDatabases(postgresql), []
    for secrets in (SECRETS, OTHER, SECRETS):  # the second wraps the key anew
        with databases.lent(SECRETS[0]) as url:
            urls.append(url)
            await filled(url, secrets)
    assert len(set(urls)) == 1
    databases.close()


async def test_what_is_still_connected_does_not_reach_the_next_test(postgresql: Server) -> None:
    databases = ReusedDatabases(postgresql)
    with databases.lent(SECRETS[0]) as url:
        left = psycopg.connect(url)
        left.execute("UPDATE restore_marker SET commits = 7")
    with databases.lent(SECRETS[0]) as again:
        assert again == url
        await filled(again)
    left.close()
    databases.close()


async def test_a_database_with_another_schema_is_not_used_again(postgresql: Server) -> None:
    databases = ReusedDatabases(postgresql)
    for change in (
        b"CREATE TABLE more (id int)",
        b"ALTER TABLE events ADD more int",
        b"REVOKE ALL ON events FROM saycode",
    ):
        with databases.lent(SECRETS[0]) as url, psycopg.connect(url, autocommit=True) as conn:
            conn.execute(change)
        with databases.lent(SECRETS[0]) as other:
            assert other != url
            await filled(other)
    databases.close()
