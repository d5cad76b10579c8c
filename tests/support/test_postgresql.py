import signal
from pathlib import Path

import psycopg
import pytest

from tests.support.postgresql import DURABLE, Server, binary, running_server
from tools import programs


def test_each_database_is_empty_and_of_a_role_without_rights(postgresql: Server) -> None:
    names = []
    for _ in range(2):
        with postgresql.database() as url, psycopg.connect(url) as connection:
            names.append(connection.info.dbname)
            connection.execute("CREATE TABLE codes (id integer)")
            (superuser,) = connection.execute("SELECT usesuper FROM pg_user WHERE usename = current_user").fetchone()  # type: ignore[misc]
            assert not superuser
    assert len(set(names)) == 2
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(postgresql.url(names[0]))


def test_a_role_with_a_password_needs_it(postgresql: Server, postgresql_url: str) -> None:
    database = postgresql_url.rpartition("/")[2]
    psycopg.connect(postgresql.url(database, role="keyed", password="right")).close()
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(postgresql.url(database, role="keyed", password="wrong"))


def test_what_was_committed_is_there_after_a_crash_of_the_postmaster(tmp_path: Path) -> None:
    with running_server(DURABLE, log=tmp_path / "server.log") as server, server.database() as url:
        connection = psycopg.connect(url, autocommit=True)
        connection.execute("CREATE TABLE codes (id integer)")
        connection.execute("INSERT INTO codes VALUES (1)")
        server.stop(signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            ask_until_it_fails(connection)  # a process of the server notices a moment later that its postmaster is gone
        assert not server.running
        server.start()
        assert server.execute("SELECT id FROM codes", url.rpartition("/")[2]) == [(1,)]
    assert "database system was not properly shut down" in (tmp_path / "server.log").read_text()


def ask_until_it_fails(connection: psycopg.Connection) -> None:
    while True:
        connection.execute("SELECT 1")


def test_connections_of_the_service_can_be_cut(postgresql: Server, postgresql_url: str) -> None:
    connection = psycopg.connect(postgresql_url)
    assert postgresql.end_connections() == 1
    with pytest.raises(psycopg.OperationalError, match="terminat"):
        connection.execute("SELECT 1")


def test_without_postgresql_the_tests_are_left_out_and_fail_on_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "postgresql", lambda: None)
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install postgresql"):
        binary("postgres")
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="apt-get install postgresql"):
        binary("postgres")
