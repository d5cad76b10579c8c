"""A COMMIT whose answer is lost, or is no answer: the node asks, and decides nothing twice."""

import pytest

from saycode.storage.connection import DatabaseFailed
from saycode.storage.postgresql.failures import ConnectionLost
from saycode.storage.postgresql.store import PostgresqlStore
from tests.support.sql import number
from tests.support.store import SECRETS, event, put, verification


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("failure", [ConnectionLost("the server is gone"), DatabaseFailed("pipeline aborted")])
async def test_a_group_whose_commit_is_unknown_is_written_once(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, failure: DatabaseFailed, written: bool
) -> None:
    async with PostgresqlStore.open(postgresql_url, secrets=SECRETS) as store:
        server = store._writer._server
        commit, lost = server.end_group, [failure]

        def losing(how: str) -> None:
            if how == "COMMIT" and lost:
                if written:
                    commit(how)
                raise lost.pop()
            commit(how)

        monkeypatch.setattr(server, "end_group", losing)
        await put(store, verifications=(verification(1),), events=(event(1),))
        assert number(postgresql_url, "SELECT count(*) FROM verifications") == 1
        assert number(postgresql_url, "SELECT count(*) FROM events") == 1
        assert number(postgresql_url, "SELECT decisions FROM restore_marker") == 1
