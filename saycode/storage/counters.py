"""Rate-limit counters in SQLite, as one transaction sees them: each row is read once and written once.

The decisions of a group have a service, a country and often a block of numbers in common, so a group writes far fewer
rows than its decisions update.

Every row is found by its primary key, so nothing gets slower as the tables grow. A test checks the query plans.

Keys are keyed hashes. Counters that are read together have the first bytes of their hashes in common, so they are
neighbors in the table, and most decisions touch three of its pages: that of a number with its neighbors and its block,
that of a client address, and that of an account. A thief of the file who lacks the key learns that two numbers are of
one block of ten thousand, and not of which.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache, lru_cache, partial
from typing import Any

from msgspec import msgpack

from verification.counters.counter import (
    NO_FAILURES,
    Chunks,
    Counter,
    Failures,
    LimitKey,
    RecordAlert,
    TrustBrowser,
    Update,
)
from verification.counters.rules import ANSWER_SCOPES
from verification.errors import Unavailable
from verification.flow.rate_limits import BLOCK_DIGITS, RANGE_DIGITS
from verification.types import Scope
from verification.values.phone_numbers import PhoneNumber

from . import queries
from .connection import DATABASE_ERRORS, Connection
from .encryption import FieldCipher

#: Most requests need the same few hashes.
_CACHE_SIZE = 1024
_LOCALITY_BYTES = 6  # of a hash, shared by the counters of one block of numbers
_LOCALITY: dict[Scope, Callable[[str], str]] = {
    Scope.NUMBER: lambda number: number[:-BLOCK_DIGITS],
    Scope.NEIGHBOURS: lambda run: run[: RANGE_DIGITS - BLOCK_DIGITS],
    Scope.PREFIX: lambda block: block,
    Scope.SERVICE_NEIGHBOURS: lambda run: run.split(" ")[-1][: RANGE_DIGITS - BLOCK_DIGITS],
    Scope.SERVICE_PREFIX: lambda block: block.split(" ")[-1],
}

#: The longest pause after a report, life of a session, and wait between two tries of a notice or a message, in seconds.
_LONGEST = {"pause": 3600, "session": 1800, "notice": 1800, "message": 86_400}

#: Seconds by which the clock of another node may be ahead, as `/health/ready` allows: such times are no future.
_AHEAD = 30.0
_CUT_TIMES = (
    "UPDATE verifications SET created_at = :now, expires_at = :now WHERE status = 'pending' AND created_at > :late",
    "UPDATE verifications SET ended_at = :now WHERE ended_at > :late",
    "UPDATE deliveries SET created_at = CASE WHEN created_at < :now THEN created_at ELSE :now END, updated_at = :now "
    "WHERE live = 1 AND updated_at > :late",
    "UPDATE pauses SET until = :now + :pause WHERE until > :late + :pause",
    "UPDATE sessions SET expires_at = :now + :session WHERE expires_at > :late + :session",
    "UPDATE notices SET at = CASE WHEN at < :now THEN at ELSE :now END, next_at = :now "
    "WHERE at > :late OR next_at > :late + :notice",
    "UPDATE outbox SET next_at = :now WHERE next_at > :late + :message",
    "UPDATE inbound_messages SET at = :now WHERE at > :late",
    "UPDATE account_numbers SET since = :now WHERE since > :late",
    "UPDATE alerts SET at = :now WHERE at > :late",
    "UPDATE trusted_browsers SET at = :now WHERE at > :late",
)
_FUTURE_COUNTERS = "SELECT counter_hash, at, failures, failed_at, packed FROM counters WHERE at > ?"
_FUTURE_CHUNKS = "SELECT counter_hash, number, sends FROM counter_chunks WHERE at > ?"


class CounterKeys:
    """The hashes that counters are stored under."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._cipher = cipher
        self.key: Callable[[LimitKey], bytes] = lru_cache(_CACHE_SIZE)(self._key)
        self.item: Callable[[str], bytes] = lru_cache(_CACHE_SIZE)(partial(cipher.counter_hash, "other"))
        self._locality: Callable[[str], bytes] = lru_cache(_CACHE_SIZE)(partial(cipher.counter_hash, "place"))

    def _key(self, limit_key: LimitKey) -> bytes:
        scope, key = limit_key.scope, limit_key.key
        hashed, locality = self._cipher.counter_hash(scope, key), _LOCALITY.get(scope)
        if locality is None:
            return hashed
        return self._locality(locality(key))[:_LOCALITY_BYTES] + hashed[_LOCALITY_BYTES:]

    def alert(self, limit_key: LimitKey, rule: str) -> bytes:
        return self._cipher.counter_hash("alert", f"{limit_key.scope} {limit_key.key} {rule}")

    def number(self, number: PhoneNumber) -> bytes:
        """The same hash as in the other tables."""
        return self._cipher.number_hash(number.line)

    def browser(self, browser: str) -> bytes:
        return self._cipher.counter_hash("browser", browser)


#: sends, number of full chunks, window slots, distinct items
_Packed = tuple[list[float], int, dict[int, list[int]], dict[bytes, float]]
_pack = msgpack.Encoder().encode
_unpack = msgpack.Decoder(_Packed).decode
_unpack_times = msgpack.Decoder(list[float]).decode


def decode_counter(
    row: Sequence[Any], *, name: Callable[[str], bytes], chunk: Callable[[int], Sequence[float]]
) -> Counter:
    """From a row: at, failures, failed_at, packed."""
    at, failure_count, failed_at, packed = row
    failures = Failures(failure_count, failed_at) if failure_count else NO_FAILURES
    if not packed:
        return Counter(at, failures=failures, chunk=chunk, name=name)
    sends, chunk_count, window_slots, distinct = _unpack(packed)
    return Counter(at, sends, chunk_count, window_slots, distinct, failures, chunk, name)


def encode_counter(counter: Counter) -> tuple[Any, ...]:
    """The row that `decode_counter` reads."""
    packed = _pack((counter.sends, counter.chunk_count, counter.window_slots, counter.distinct))
    return counter.at, counter.failures.count, counter.failures.at, packed


class MissingCounters(Exception):
    """A decision reads counters that are not loaded yet: `keys`."""

    def __init__(self, keys: Iterable[LimitKey] = ()) -> None:
        super().__init__("counters are not loaded yet")
        self.keys = list(keys)


#: Keys in one statement.
_MAX_KEYS = 1024


@cache
def statement_for(size: int) -> str:
    """The counters of so many keys; a NULL stands for none."""
    values, columns = ", ".join(["(?)"] * size), queries.COUNTER_COLUMNS.replace(", ", ", c.")
    return f"""WITH q (counter_hash) AS (VALUES {values})
        SELECT c.counter_hash, c.{columns} FROM q CROSS JOIN counters c WHERE c.counter_hash = q.counter_hash
    """


class SqliteCounters:
    """The `Counters` port on a connection: inside the writer's transaction, or as it was committed last.

    A `strict` one raises MissingCounters instead of reading. Its queries raise Unavailable when the database cannot
    answer.
    """

    def __init__(self, conn: Connection, keys: CounterKeys) -> None:
        self._conn = conn
        self._keys = keys
        self._loaded: dict[LimitKey, Counter] = {}
        self._changed: dict[LimitKey, Counter] = {}
        self._chunks: dict[tuple[bytes, int], Sequence[float]] = {}
        self._changed_chunks: dict[tuple[bytes, int], None] = {}
        self._alerts: dict[bytes, float] = {}
        self._trusted: dict[tuple[bytes, bytes], tuple[bytes, bytes, bytes, float]] = {}
        self.strict = False

    def reset(self) -> None:
        """Forget everything: other processes may change the rows before the next transaction."""
        for kept in (self._loaded, self._changed, self._chunks, self._changed_chunks, self._alerts, self._trusted):
            kept.clear()
        self.strict = False

    def flush(self) -> None:
        """Write what was changed, and forget all counters."""
        changed, emptied, key = [], [], self._keys.key
        for limit_key, counter in self._changed.items():
            if counter.empty:
                emptied.append((key(limit_key),))
            else:
                changed.append((key(limit_key), *encode_counter(counter)))
        changed.sort()  # neighbors in the table are written together
        chunks = [(*place, self._chunks[place]) for place in self._changed_chunks]
        for statement, rows in (
            (queries.DELETE_COUNTER, emptied),
            (queries.PUT_COUNTER, changed),
            (queries.PUT_COUNTER_CHUNK, [(*place, sends[-1], _pack(sends)) for *place, sends in chunks if sends]),
            (queries.DELETE_COUNTER_CHUNK, [place for *place, sends in chunks if not sends]),
            (queries.PUT_ALERT, list(self._alerts.items())),
            (queries.PUT_TRUSTED_BROWSER, list(self._trusted.values())),
        ):
            if rows:
                self._conn.executemany(statement, rows)
        self.reset()

    def of(self, *keys: LimitKey) -> list[Counter]:
        """The counters of these keys. Those that are not loaded yet are read by one statement."""
        loaded = self._loaded
        try:
            return [loaded[key] for key in keys]
        except KeyError:
            if self.strict:
                raise MissingCounters(keys) from None
            self.load(keys)
            return [loaded[key] for key in keys]

    def load(self, keys: Iterable[LimitKey]) -> None:
        """Load these counters, with one statement."""
        loaded, name, hash_of = self._loaded, self._keys.item, self._keys.key
        missing = {hash_of(key): key for key in set(keys).difference(loaded)}
        hashes = sorted(missing)
        for begin in range(0, len(hashes), _MAX_KEYS):
            part: list[bytes | None] = list(hashes[begin : begin + _MAX_KEYS])
            size = queries.PADDED[len(part)]
            part += [None] * (size - len(part))
            for hashed, *row in self._query(statement_for(size), part):
                loaded[missing.pop(hashed)] = decode_counter(row, name=name, chunk=partial(self._chunk, hashed))
        for hashed, key in missing.items():
            loaded[key] = Counter(name=name, chunk=partial(self._chunk, hashed))

    def last_alert(self, key: LimitKey, rule: str, /) -> float:
        hashed = self._keys.alert(key, rule)
        rows = () if hashed in self._alerts else self._query(queries.LAST_ALERT, (hashed,))
        return float(rows[0][0]) if rows else self._alerts.get(hashed, 0)

    def trusted_since(self, key: LimitKey, browser: str, /) -> float:
        place = self._keys.browser(browser), self._keys.key(key)
        if place in self._trusted:
            return self._trusted[place][-1]
        rows = self._query(queries.TRUSTED_BROWSER, place)
        return float(rows[0][0]) if rows else 0

    def apply(self, updates: Collection[Update]) -> None:
        """Apply these updates, in the transaction in which the counters were read."""
        loaded, changed, keys = self._loaded, self._changed, self._keys
        for update in updates:
            limit_key, at = update.key, update.at
            if type(update) is RecordAlert:  # a quarter of the time of isinstance, for a record of another type
                self._alerts[keys.alert(limit_key, update.rule)] = at
            elif type(update) is TrustBrowser:
                place = keys.browser(update.browser), keys.key(limit_key)
                self._trusted[place] = (*place, keys.number(update.number), at)
            else:
                counter = loaded.get(limit_key)
                if counter is None:
                    self.load([limit_key])
                    counter = loaded[limit_key]
                changed[limit_key] = counter
                if at > counter.at:
                    counter.at = at
                if chunks := update.apply_to(counter):
                    self._keep_chunks(keys.key(limit_key), chunks)

    def _keep_chunks(self, hashed: bytes, chunks: Chunks) -> None:
        for number, sends in chunks.items():
            self._chunks[hashed, number] = sends
            self._changed_chunks[hashed, number] = None

    def _chunk(self, hashed: bytes, number: int) -> Sequence[float]:
        if (sends := self._chunks.get((hashed, number))) is None:
            rows = self._query(queries.COUNTER_CHUNK, (hashed, number))
            sends = self._chunks[hashed, number] = _unpack_times(rows[0][0]) if rows else ()
        return sends

    def _query(self, statement: str, values: Sequence[Any]) -> list[Any]:
        try:
            return self._conn.execute(statement, values).fetchall()
        except DATABASE_ERRORS as problem:
            raise Unavailable(str(problem)) from problem


def delete_counters(conn: Connection, keys: CounterKeys, number: PhoneNumber) -> int:
    """Remove what is counted about a number, in the caller's transaction. Returns how many rows were its own."""
    own = [(keys.key(LimitKey(scope, number.line)),) for scope in (Scope.NUMBER, *sorted(ANSWER_SCOPES))]
    statements = queries.DELETE_COUNTER, queries.DELETE_CHUNKS
    return sum(conn.execute(statement, key).rowcount for statement in statements for key in own)


def cut_future_times(conn: Connection, clock: Callable[[], float]) -> None:
    """Cut times in the future to now, in a transaction of its own, when a process opens the database.

    A clock that was ahead leaves them behind. A limit would stay used up until they come: what is counted moves to now,
    and a code from the future is over. The clock is read in the transaction: others write while this one is waited for.
    """
    conn.execute("BEGIN IMMEDIATE")
    try:
        late = (now := clock()) + _AHEAD
        for statement in _CUT_TIMES:
            values = {"now": now, "late": late, **_LONGEST}
            conn.execute(statement, {name: value for name, value in values.items() if f":{name}" in statement})
        for hashed, *row in conn.execute(_FUTURE_COUNTERS, (late,)).fetchall():
            counter = decode_counter(row, name=str.encode, chunk=lambda _: ())
            counter.cut(now)
            conn.execute(queries.PUT_COUNTER, (hashed, *encode_counter(counter)))
        for hashed, number, packed in conn.execute(_FUTURE_CHUNKS, (late,)).fetchall():
            times = [min(at, now) for at in msgpack.decode(packed)]
            conn.execute(queries.PUT_COUNTER_CHUNK, (hashed, number, times[-1], msgpack.encode(times)))
        conn.execute("COMMIT")
    except BaseException:
        conn.execute("ROLLBACK")
        raise
