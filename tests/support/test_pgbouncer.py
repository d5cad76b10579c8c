import psycopg

from tests.support.pgbouncer import running_pooler
from tests.support.postgresql import Server


def test_each_transaction_may_get_another_connection_of_the_server(postgresql: Server, postgresql_url: str) -> None:
    database = postgresql_url.rpartition("/")[2]
    with running_pooler(postgresql, pool=1) as port:
        pooled = postgresql.url(database, port=port)
        with psycopg.connect(pooled, autocommit=True) as one, psycopg.connect(pooled, autocommit=True) as other:
            pids = [connection.execute("SELECT pg_backend_pid()").fetchone() for connection in (one, other, one, other)]
    assert len(set(pids)) == 1
