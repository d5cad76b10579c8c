"""A connection to PostgreSQL that imitates sqlite3's, as far as `storage.connection` says.

Inside a group the connection is a pipeline: a statement whose result is not looked at costs no round trip, and that it
was refused is raised by a later one. Every connection has limits on its statements, its locks and its idle
transactions, so that neither a slow server nor a node that hangs holds the others for longer.

Through a pooler in transaction mode nothing may outlive a transaction: there the limits are set in each, and no
statement is prepared. A pooler is known by its process number, which is not that of the server.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from ..connection import DatabaseFailed
from .failures import ConnectionLost, NotConnected, first_line
from .results import OwnErrors, Rows
from .statements import AHEAD, SETS, as_set, has_names, numbered, of_values, translated
from .values import TYPE_NAMES, array_of, register_types, searched

T = TypeVar("T")

CONNECT_SECONDS = 3
_PREPARED = 300
_PROCESS = "SELECT pg_backend_pid()"
LOCK = "SELECT commits FROM restore_marker WHERE id = 1 FOR UPDATE"
#: A plan that was made while a table was small, or before its first ANALYZE, would read the whole table ever after.
_BY_INDEX = dict.fromkeys(("enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"), "off")
_WRITES = ("INSERT", "UPDATE", "DELETE")
#: The types of a set's values: the same for every connection of this process.
_types: dict[str, tuple[str, ...]] = {}


class PostgresqlConnection:
    """A connection that is made when it is first used, and made again once it is lost.

    `limits`: seconds for a statement, for a lock, and for a transaction that does nothing. Everything raises
    DatabaseFailed, or StatementRefused where the work is at fault. `by_index`: its statements find a few rows by their
    keys, and are never planned otherwise.
    """

    #: Whether a group is a pipeline.
    pipelined = True

    def __init__(self, url: str, *, limits: tuple[float, float, float], name: str, by_index: bool = False) -> None:
        self._url, self._name = url, name
        statement, lock, idle = (int(seconds * 1000) for seconds in limits)
        self._settings: dict[str, object] = {
            "statement_timeout": statement,
            "lock_timeout": lock,
            "idle_in_transaction_session_timeout": idle,
            **(_BY_INDEX if by_index else {}),
        }
        self._raw: psycopg.Connection[Any] | None = None
        self._pipeline: psycopg.Pipeline | None = None
        self._leaving: AbstractContextManager[psycopg.Pipeline] | None = None
        self._pooled = self._in_group = False
        self._lock: psycopg.Cursor[Any] | None = None
        self._ahead: dict[str, Rows] = {}
        self._changes = 0
        self._uses = 0

    # As sqlite3 has it.

    @property
    def in_transaction(self) -> bool:
        return self._raw is not None and self._raw.info.transaction_status is not TransactionStatus.IDLE

    @property
    def in_pipeline(self) -> bool:
        return self._pipeline is not None

    @property
    def lost(self) -> bool:
        return self._raw is None or self._raw.closed or self._raw.broken

    @property
    def total_changes(self) -> int:
        """Grows with every statement that may write."""
        return self._changes

    def execute(self, sql: str, parameters: Any = (), /) -> Rows:
        if sql == "BEGIN IMMEDIATE":
            self.begin_group()
            return Rows(None, self)
        if sql in ("COMMIT", "ROLLBACK"):
            self.end_group(sql)
            return Rows(None, self)
        if sql == "RELEASE work":
            self.settle()
        if sql.startswith("WITH q "):
            return self._execute_set(sql, parameters)
        if (known := self._ahead.pop(sql, None)) is not None:
            return known
        values = parameters
        if has_names(sql) and not isinstance(parameters, dict):
            values = {str(number): value for number, value in enumerate(parameters, start=1)}
        if sql.lstrip().startswith(_WRITES):
            self._changes += 1
        elif isinstance(values, dict):
            values = {name: searched(value) for name, value in values.items()}
        else:
            values = [searched(value) for value in values]
        return Rows(self._run(lambda cursor: cursor.execute(translated(sql).encode(), values or None)), self)

    def _execute_set(self, sql: str, parameters: Sequence[Any]) -> Rows:
        """A statement for a set of queries, as one whose text does not depend on their number. NULL pads the set."""
        text, types = of_values(sql)
        rows = [parameters[at : at + len(types)] for at in range(0, len(parameters), len(types))]
        columns = zip(*(row for row in rows if row[0] is not None), strict=True)
        values = [array_of(name, map(searched, column)) for name, column in zip(types, columns, strict=True)]
        return Rows(self._run(lambda cursor: cursor.execute(text.encode(), values)), self)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Rows:
        rows = list(parameters)
        if not rows:
            return Rows(None, self)
        self._changes += 1
        if sql in SETS:
            types = self._types_of(sql)
            values = [array_of(name, column) for name, column in zip(types, zip(*rows, strict=True), strict=True)]
            return Rows(self._run(lambda cursor: cursor.execute(as_set(sql, types).encode(), values)), self)
        if has_names(sql) and not isinstance(rows[0], dict):
            rows = [{str(number): value for number, value in enumerate(row, start=1)} for row in rows]
        return Rows(self._run(lambda cursor: cursor.executemany(translated(sql).encode(), rows)), self)

    @contextmanager
    def copying(self, sql: str) -> Iterator[Callable[[Sequence[Any]], None]]:
        """Many rows by COPY: call what it gives with each."""
        self.connect()
        assert self._raw is not None
        with OwnErrors(self), self._raw.cursor() as cursor, cursor.copy(sql.encode()) as copy:
            yield copy.write_row

    def close(self) -> None:
        raw, self._raw, self._pipeline, self._in_group = self._raw, None, None, False
        self._lock, self._ahead = None, {}
        if raw is not None:
            with suppress(psycopg.Error):
                raw.close()

    # Groups.

    def begin_group(self) -> None:
        """Begin a transaction. What it reads waits for all other groups, of every node, to end."""
        self.connect()
        self.refresh_plans()
        assert self._raw is not None
        for sql in SETS:
            self._types_of(sql)
        self._in_group = True
        if self.pipelined:
            self._leaving = self._raw.pipeline()
            with OwnErrors(self):
                self._pipeline = self._leaving.__enter__()
        self._begin()
        self._lock = self._run(lambda cursor: cursor.execute(LOCK.encode()))
        if self.pipelined:
            self._ahead = {sql: self.execute(sql) for sql in AHEAD}
        else:
            self.require_lock()

    def require_lock(self) -> None:
        """Wait for the lock, which the server takes before all that it was asked after it."""
        lock, self._lock = self._lock, None
        if lock is not None:
            with OwnErrors(self):
                lock.fetchone()

    def forget_ahead(self) -> None:
        """Ask anew for what was asked ahead: something else may have been written since."""
        self._ahead = {}

    def end_group(self, how: str) -> None:
        """COMMIT or ROLLBACK. After a statement that was refused, which raises here, the server skips a COMMIT."""
        self._ahead = {}
        if how == "ROLLBACK":
            self._leave_pipeline()
            if self.in_transaction:
                self._run(lambda cursor: cursor.execute(b"ROLLBACK", prepare=False))
        elif self._in_group or self.in_transaction:
            self.require_lock()
            committed = self._run(lambda cursor: cursor.execute(b"COMMIT", prepare=False))
            if self._pipeline is not None and self._leaving is not None:
                with OwnErrors(self):
                    self._leaving.__exit__(None, None, None)
                self._pipeline = None
            if committed.statusmessage != "COMMIT":
                raise DatabaseFailed("the server has rolled the group back")
        self._in_group = False

    def settle(self) -> None:
        """Wait for the results of all statements of the pipeline."""
        if self._pipeline is not None:
            self.require_lock()
            with OwnErrors(self):
                self._pipeline.sync()

    def refresh_plans(self) -> None:
        """Have the server plan anew after 2, 4, 8 … uses: what was planned for small tables is slow on large ones."""
        self._uses += 1
        if self._uses & (self._uses - 1) == 0 and self._raw is not None and not self._raw.closed:
            self._run(lambda cursor: cursor.execute(b"DISCARD PLANS", prepare=False))

    def connect(self) -> None:
        """Connect unless it is connected. A group that has lost its connection does not go on with another one."""
        if self._raw is not None and not self._raw.closed:
            return
        if self._in_group:
            raise ConnectionLost("the connection was lost")
        self.close()
        try:
            self._raw = self._connected()
        except psycopg.Error as problem:
            raise NotConnected(first_line(problem)) from problem

    def _connected(self) -> psycopg.Connection[Any]:
        raw = psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            application_name=self._name,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=15_000,
        )
        try:
            self._set_up(raw)
        except BaseException:
            raw.close()
            raise
        return raw

    def _set_up(self, raw: psycopg.Connection[Any]) -> None:
        raw.prepared_max = _PREPARED
        register_types(raw.adapters)
        (process,) = raw.execute(_PROCESS, prepare=False).fetchone() or (0,)
        self._pooled = process != raw.info.backend_pid
        raw.prepare_threshold = None if self._pooled else 0
        if not self._pooled:
            raw.execute("; ".join(self._set("SET")).encode(), prepare=False)

    def _begin(self) -> None:
        self._run(lambda cursor: cursor.execute(b"BEGIN", prepare=False))
        if self._pooled:
            for setting in self._set("SET LOCAL"):
                self._run(lambda cursor, text=setting: cursor.execute(text.encode(), prepare=False))  # type: ignore[misc]

    def _set(self, how: str) -> list[str]:
        return [f"{how} {name} = {value}" for name, value in self._settings.items()]

    def _leave_pipeline(self) -> None:
        if self._pipeline is not None and self._leaving is not None:
            self._pipeline = None
            with suppress(psycopg.Error):
                self._leaving.__exit__(None, None, None)

    def _types_of(self, sql: str) -> tuple[str, ...]:
        """The types of the values, as the server infers them."""
        if (known := _types.get(sql)) is None:
            self.connect()
            assert self._raw is not None
            # In a transaction, since a pooler may give two requests outside of one to two connections of the server.
            with OwnErrors(self), self._raw.transaction():
                server = self._raw.pgconn
                for result in (server.prepare(b"", numbered(sql).encode()), server.describe_prepared(b"")):
                    if result.error_message:
                        raise psycopg.OperationalError(result.get_error_message())
                oids = [result.param_type(n) for n in range(result.nparams)]
            known = _types[sql] = tuple(TYPE_NAMES[oid] for oid in oids)
        return known

    def _run(self, ask: Callable[[Any], T]) -> Any:
        self.connect()
        assert self._raw is not None
        with OwnErrors(self):
            cursor = self._raw.cursor(binary=True)
            ask(cursor)
            return cursor
