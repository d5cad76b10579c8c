"""A transaction whose node says nothing any more, in both states that PostgreSQL knows of it."""

import asyncio
import time

import psycopg
import pytest

from saycode.storage.postgresql.connection import LOCK
from saycode.storage.postgresql.store import PostgresqlStore
from tests.support.sql import number
from tests.support.store import SECRETS, put, verification
from verification.errors import Unavailable

PATIENCE = 1.0


@pytest.mark.parametrize("in_pipeline", [False, True])
async def test_a_group_that_waits_for_a_hung_node_ends_its_transaction_and_is_written(
    postgresql_url: str, in_pipeline: bool
) -> None:
    async with PostgresqlStore.open(postgresql_url, secrets=SECRETS, patience=PATIENCE) as store:
        with psycopg.connect(postgresql_url, application_name="saycode-writer") as hung:
            if in_pipeline:
                hung.pipeline().__enter__()
            assert hung.execute(LOCK.encode()).fetchone()
            began = time.monotonic()
            await put(store, verifications=(verification(1),))
            assert time.monotonic() - began < 10
            assert number(postgresql_url, "SELECT count(*) FROM verifications") == 1
            with pytest.raises(psycopg.OperationalError):
                hung.execute("SELECT 1").fetchone()


async def test_a_transaction_that_is_at_work_is_left_alone(postgresql_url: str) -> None:
    """A long import or erasure of another node: its server has something to do."""
    async with PostgresqlStore.open(postgresql_url, secrets=SECRETS, patience=PATIENCE) as store:
        with psycopg.connect(postgresql_url, application_name="saycode-writer") as working:
            working.execute(LOCK.encode())
            with working.pipeline():
                slow = working.execute("SELECT pg_sleep(4)")
                working.execute("SELECT 1")  # sends both
                waiting = asyncio.create_task(put(store, verifications=(verification(1),)))
                with pytest.raises(Unavailable):
                    await waiting
                assert await asyncio.to_thread(slow.fetchone)
            working.commit()
        await put(store, verifications=(verification(2),))
        assert number(postgresql_url, "SELECT count(*) FROM verifications") == 1
