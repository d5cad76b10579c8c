"""Databases with a schema that one test after the other uses: making and dropping one takes longer than most tests.

    with databases.lent(secret) as url:     as new, wherever the last test left off

A database whose schema a test has changed is dropped, and so is one that cannot be made as new.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import psycopg

from saycode.storage.postgresql.database import open_database
from tests.support.postgresql import ADMIN, Server

#: Everything that was done to the schema, its rights and its settings: each leaves another row version.
_SCHEMA = """SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
    SELECT 'c' || oid || '.' || xmin FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT 'a' || a.attrelid || '.' || a.attnum || '.' || a.xmin
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace
    UNION ALL SELECT 't' || tgrelid || '.' || oid || '.' || xmin FROM pg_trigger
    UNION ALL SELECT 'p' || oid || '.' || xmin FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'n' || oid || '.' || xmin FROM pg_namespace WHERE nspname = 'public'
    UNION ALL SELECT 's' || setrole || '.' || xmin FROM pg_db_role_setting
    UNION ALL SELECT 'd' || datdba || datconnlimit || datallowconn FROM pg_database WHERE datname = current_database()
) AS parts (part)"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"
_END_OTHERS = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


@dataclass(slots=True)
class _Database:
    """A database and what it was when it was new."""

    url: str
    conn: psycopg.Connection[tuple[object, ...]]
    stack: ExitStack
    schema: object = None
    clear: str = ""

    def remember(self) -> None:
        """Keep the rows that it has now, and how to return to them."""
        tables = [str(name) for (name,) in self.conn.execute(_TABLES)]
        sequences = self.conn.execute(_SEQUENCES).fetchall()
        steps = ["SET session_replication_role = replica"]  # in any order of the tables
        steps += [f'DELETE FROM public."{table}"' for table in tables]
        self.conn.execute("CREATE SCHEMA kept")
        for table in tables:
            if self.conn.execute(f'SELECT 1 FROM public."{table}" LIMIT 1'.encode()).fetchone():
                self.conn.execute(f'CREATE TABLE kept."{table}" AS TABLE public."{table}"'.encode())
                steps.append(f'INSERT INTO public."{table}" SELECT * FROM kept."{table}"')
        for name, last in sequences:
            steps.append(f"SELECT setval('public.{name}', {last or 1}, {'true' if last else 'false'})")
        self.clear = "; ".join(steps)
        self.schema = self._schema()

    def is_new_again(self) -> bool:
        """Make it as it was. False when it cannot be."""
        try:
            self.conn.execute(_END_OTHERS)
            if self._schema() != self.schema:
                return False
            self.conn.execute(self.clear.encode())
        except psycopg.Error:
            return False
        return True

    def _schema(self) -> object:
        row = self.conn.execute(_SCHEMA.encode()).fetchone()
        return row and row[0]


@dataclass(slots=True)
class ReusedDatabases:
    """The databases of one server that wait for the next test, by the secret that opens them."""

    server: Server
    _waiting: dict[bytes, list[_Database]] = field(default_factory=dict)

    @contextmanager
    def lent(self, secret: bytes) -> Iterator[str]:
        """The address of a database as `open_database` makes it with this secret."""
        waiting = self._waiting.setdefault(secret, [])
        database = waiting.pop() if waiting else self._made(secret)
        try:
            yield database.url
        finally:
            if database.is_new_again():
                waiting.append(database)
            else:
                database.stack.close()

    def close(self) -> None:
        """Drop those that wait."""
        for waiting in self._waiting.values():
            for database in waiting:
                database.stack.close()
        self._waiting.clear()

    def _made(self, secret: bytes) -> _Database:
        stack = ExitStack()
        url = stack.enter_context(self.server.database())
        open_database(url, secrets=(secret,), create=True)
        admin = self.server.url(url.rpartition("/")[2], role=ADMIN)
        conn = stack.enter_context(psycopg.connect(admin, autocommit=True, application_name="tests"))
        database = _Database(url, conn, stack)
        database.remember()
        return database
