"""A PostgreSQL database that cannot be used: one sentence that says how to fix it, and nothing is written."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from saycode.cli.main import main
from saycode.config.databases import PostgresqlUrl, parse_database
from saycode.config.parsers import InvalidValue
from saycode.storage.connection import DatabaseAway, DatabaseUnusable
from saycode.storage.postgresql import database
from saycode.storage.postgresql.failures import NotConnected, is_passing
from saycode.storage.postgresql.store import PostgresqlStore
from tests.support.postgresql import Server
from tests.support.store import SECRETS, put, verification
from verification.ports import ByVerification

PASSWORD = "p%40ss-word"
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"


@pytest.fixture
def url(postgresql: Server) -> Iterator[str]:
    with postgresql.database() as made:
        yield made


def refusal(url: str, *, secrets: tuple[bytes, ...] = SECRETS, create: bool = True) -> str:
    with pytest.raises(DatabaseUnusable) as refused:
        PostgresqlStore.open(url, secrets=secrets, create=create)
    return str(refused.value)


def tables(server: Server, url: str) -> object:
    return server.execute(TABLES, url.rpartition("/")[2])[0][0]


async def made(url: str) -> None:
    async with PostgresqlStore.open(url, secrets=SECRETS) as store:
        await put(store, verifications=(verification(),))


def test_a_wrong_password_is_said_without_the_password(postgresql: Server) -> None:
    said = refusal(postgresql.url("postgres", role="keyed", password=PASSWORD))
    assert "password authentication failed" in said
    assert said.endswith("check the user name and the password in SAYCODE_DATABASE_URL.")
    assert "ss-word" not in said


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        (lambda url: url.rpartition("/")[0] + "/missing", "create it, or fix the name in SAYCODE_DATABASE_URL."),
        (lambda url: url.replace("saycode@", "unknown@"), "create it, or fix the user name in SAYCODE_DATABASE_URL."),
        (lambda url: "postgresql://127.0.0.1:1/x", "start the server, or fix host and port in SAYCODE_DATABASE_URL."),
    ],
)
def test_an_address_that_leads_nowhere_says_what_to_fix(url: str, change: Callable[[str], str], hint: str) -> None:
    assert refusal(change(url)).endswith(hint)


def test_the_tables_of_another_program_are_left_alone(url: str, postgresql: Server) -> None:
    name = url.rpartition("/")[2]
    postgresql.execute("CREATE TABLE public.orders (id int)", name)
    assert "holds the tables of another program" in refusal(url)
    assert tables(postgresql, url) == 1


HERE = "127.0.0.1"


@pytest.mark.parametrize(
    ("address", "passing"),
    [
        (f"{HERE}:1/x", True),  # the server is down
        ("nothing.invalid/x", True),  # its name is not known yet
        ("/x?host=/nothing", True),
        (f"{HERE}:1,{HERE}:1/x", True),
        (f"{HERE}:PORT/missing", False),
        (f"keyed:wrong@{HERE}:PORT/postgres", False),
        (f"keyed@{HERE}:PORT/postgres", False),
        (f"saycode@{HERE}:PORT/postgres?sslmode=require", False),
        (f"keyed:wrong@{HERE}:1,{HERE}:PORT/postgres", False),
    ],
)
def test_only_a_server_that_may_come_back_is_away(postgresql: Server, address: str, passing: bool) -> None:
    url = f"postgresql://{address}".replace("PORT", str(postgresql.port))
    with pytest.raises(DatabaseUnusable) as refused:
        PostgresqlStore.open(url, secrets=SECRETS)
    assert isinstance(refused.value, DatabaseAway) == passing, refused.value


@pytest.mark.parametrize(
    ("said", "hosts", "passing"),
    [
        ("FATAL:  the database system is starting up", 1, True),
        ("FATAL:  the database system is not yet accepting connections", 1, True),
        ("FATAL:  sorry, too many clients already", 1, True),
        ("FATAL:  remaining connection slots are reserved for non-replication superuser connections", 1, True),
        ("FATAL:  server login has been failing, cached error: connect failed (server_login_retry)", 1, True),
        ("FATAL:  no pg_hba.conf entry for host", 1, False),
        ("session is read-only", 1, False),
        ("session is read-only", 2, True),
        ("server is in hot standby mode", 2, True),
    ],
)
def test_what_servers_and_poolers_say_while_they_start_is_passing(said: str, hosts: int, passing: bool) -> None:
    assert is_passing(NotConnected(f"connection failed: {said}"), hosts=hosts) == passing


async def test_a_newer_schema_stops_the_start(url: str, postgresql: Server) -> None:
    await made(url)
    name = url.rpartition("/")[2]
    postgresql.execute("INSERT INTO saycode_migrations VALUES ('add_a_thing', 0)", name)
    assert "was made by a newer Saycode (it has add_a_thing)" in refusal(url)


def test_an_empty_database_is_not_filled_without_permission(url: str, postgresql: Server) -> None:
    assert "is empty and SAYCODE_DATABASE_CREATE is no" in refusal(url, create=False)
    assert tables(postgresql, url) == 0


def test_a_role_that_may_not_make_tables_is_told(url: str, postgresql: Server) -> None:
    name = url.rpartition("/")[2]
    postgresql.execute(f"ALTER DATABASE {name} OWNER TO postgres")
    assert "this role may not: GRANT CREATE ON SCHEMA public to it" in refusal(url)
    assert tables(postgresql, url) == 0


async def test_a_role_that_may_only_use_the_tables_is_enough_later(url: str, postgresql: Server) -> None:
    await made(url)
    name = url.rpartition("/")[2]
    postgresql.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO keyed", name)
    postgresql.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO keyed", name)
    other = postgresql.url(name, role="keyed", password="right")
    async with PostgresqlStore.open(other, secrets=SECRETS) as store:
        assert (await store.read(ByVerification(verification().sid))).verification == verification()
        await put(store, verifications=(verification(2),))


async def test_a_read_only_server_is_told(url: str, postgresql: Server) -> None:
    await made(url)
    name = url.rpartition("/")[2]
    postgresql.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert "is a read-only replica: name the primary" in refusal(url)


def test_an_old_server_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "OLDEST_SERVER", 99)
    assert "Saycode needs 99 or newer; upgrade the server." in refusal(url)


async def test_another_secret_does_not_open_it_and_a_former_one_does(url: str) -> None:
    await made(url)
    new = b"another secret of 32 characters or more"
    assert "SAYCODE_SECRET_KEY does not open" in refusal(url, secrets=(new,))
    async with PostgresqlStore.open(url, secrets=(new, *SECRETS)) as store:
        assert (await store.read(ByVerification(verification().sid))).verification == verification()
    async with PostgresqlStore.open(url, secrets=(new,)) as store:
        found = (await store.read(ByVerification(verification().sid))).verification
        assert found == verification(expires_at=verification().created_at), "its code's key is gone"


# The setting.


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://host",
        "postgresql://user:p@ss:word/@host/x",
        "postgresql://host/x?nothing=1",
        "postgres://",
    ],
)
def test_an_address_that_is_none_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_database(text)
    assert str(refused.value).startswith(("must be postgresql://user:password@", "must name a database"))
    assert "p@ss" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://ann:secret@db.example/saycode", "postgresql://db.example/saycode"),
        ("postgres://db/saycode?password=secret", "postgresql://db/saycode"),
        ("postgresql://a:s@one:5432,two:5433/x?target_session_attrs=read-write", "postgresql://one:5432,two:5433/x"),
    ],
)
def test_an_address_is_shown_without_user_and_password(text: str, shown: str) -> None:
    url = parse_database(text)
    assert isinstance(url, PostgresqlUrl)
    assert str(url) == shown == database.display_name(text)
    assert "secret" not in repr(url)
    assert url.reveal() == text


def test_the_command_line_exits_with_2_and_one_sentence(
    postgresql: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    for name, value in {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "0123456789abcdef0123456789abcdef",
        "TWILIO_FROM_NUMBER": "+14155550199",
        "SAYCODE_BRAND": "Acme",
        "SAYCODE_PUBLIC_URL": "https://verify.example",
        "SAYCODE_SECRET_KEY": "7f3a9c01e5d2846b7f3a9c01e5d2846bAa",
        "SAYCODE_DATABASE_URL": postgresql.url("postgres", role="keyed", password=PASSWORD),
    }.items():
        monkeypatch.setenv(name, value)
    for command in (["audit", "verify"], ["renew"], ["serve"]):
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 2, result.output
        assert "password authentication failed" in result.output
        assert "ss-word" not in result.output
    result = CliRunner().invoke(main, ["backup", "copy.db"])
    assert (result.exit_code, "pg_dump" in result.output) == (2, True)
