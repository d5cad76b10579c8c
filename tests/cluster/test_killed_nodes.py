"""Nodes and a database that are killed under load, half a minute of it. `make cluster` goes on for two minutes."""

from pathlib import Path

import pytest

from tests.cluster.__main__ import LEAST_KILLS, run, storage_of

SECONDS = 20


@pytest.mark.parametrize("kind", ["postgresql", "pgbouncer"])
async def test_the_ledgers_agree_after_nodes_and_the_database_were_killed_under_load(kind: str, tmp_path: Path) -> None:
    with storage_of(kind, tmp_path) as storage:
        result = await run(storage, tmp_path, seconds=SECONDS, seed=SECONDS)
    assert result.ledger.differences == [], str(result)
    assert (result.kills >= LEAST_KILLS, result.crashes) == (True, 1)
    assert len(result.ledger.comparison.accepted) > SECONDS
    assert sum(user.approved for user in result.people.users) > SECONDS // 4
    assert len(result.served) == 3
