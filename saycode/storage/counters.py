"""What is counted for limits, in SQLite, as one transaction sees it: each row is read once and written once.

The decisions of a group have a service, a country and often a block of numbers in common, so what a group commits is
much less than what its decisions count. When a work is undone, so is what was remembered of it (see writer).

Everything goes straight to its row by a primary key, so nothing gets slower as the tables grow. A test looks at the
plans.

Between what is counted about somebody and its row: what is looked for stands in columns, all else in one value.

What the table knows of those who are counted, and of what they have to do with: keyed hashes.

Those who are asked for together have the beginning of their hashes in common, so they stand side by side in the table,
and most decisions touch three of its pages: that of a number with its neighbours and its block, that of a source, and
that of an account. Whoever has the file without the key learns from it that two numbers are of one block of ten
thousand, and not of which.
"""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache, partial
from typing import Any

from msgspec import msgpack

from verification.counters.counter import NO_FAILURES, Chunks, Counter, Failures
from verification.counters.rules import LimitKey
from verification.counters.updates import RecordAlert, RemoveDistinct, TrustBrowser, Update
from verification.errors import Unavailable
from verification.flow.rate_limits import BLOCK_DIGITS, RANGE_DIGITS
from verification.types import Scope
from verification.values.phone_numbers import PhoneNumber

from . import queries
from .encryption import FieldCipher
from .writer import UnitOfWork

#: The same few are asked for all the time, so theirs are remembered.
_CACHE_SIZE = 4096
_SHARED = 6  # bytes of a hash that those of one place have in common
_LOCALITY: dict[Scope, Callable[[str], str]] = {
    Scope.NUMBER: lambda number: number[:-BLOCK_DIGITS],
    Scope.NEIGHBOURS: lambda run: run[: RANGE_DIGITS - BLOCK_DIGITS],
    Scope.PREFIX: lambda block: block,
}


class CounterKeys:
    """Hashes under one data key."""

    def __init__(self, cipher: FieldCipher) -> None:
        self._field_cipher = cipher
        self.of: Callable[[LimitKey], bytes] = lru_cache(_CACHE_SIZE)(self._of)
        self.thing: Callable[[str], bytes] = lru_cache(_CACHE_SIZE)(partial(cipher.counter_hash, "other"))
        self._place: Callable[[str], bytes] = lru_cache(_CACHE_SIZE)(partial(cipher.counter_hash, "place"))

    def _of(self, who: LimitKey) -> bytes:
        scope, key = who
        found, place = self._field_cipher.counter_hash(scope, key), _LOCALITY.get(scope)
        return found if place is None else self._place(place(key))[:_SHARED] + found[_SHARED:]

    def alert(self, who: LimitKey, rule: str) -> bytes:
        """The operator, who is told of this rule."""
        return self._field_cipher.counter_hash("alert", f"{who.scope} {who.key} {rule}")

    def number(self, number: PhoneNumber) -> bytes:
        """A number, as the rest of the tables knows it."""
        return self._field_cipher.number_hash(number.e164)

    def browser(self, browser: str) -> bytes:
        """A browser."""
        return self._field_cipher.counter_hash("browser", browser)


#: sends, rolled, tallies, met
_Rest = tuple[list[float], int, dict[int, list[int]], dict[bytes, float]]
_pack = msgpack.Encoder().encode
_unpack = msgpack.Decoder(_Rest).decode
_unpack_times = msgpack.Decoder(list[float]).decode


def decode_counter(
    row: Sequence[Any], *, name: Callable[[str], bytes], chunk: Callable[[int], Sequence[float]]
) -> Counter:
    """What stands in a row: at, failed, failed_at, rest."""
    at, failed, failed_at, rest = row
    failures = Failures(failed, failed_at) if failed else NO_FAILURES
    if not rest:
        return Counter(at, failures=failures, chunk=chunk, name=name)
    sends, chunk_count, window_slots, met = _unpack(rest)
    return Counter(at, sends, chunk_count, window_slots, met, failures, chunk, name)


def encode_counter(counted: Counter) -> tuple[Any, ...]:
    """The same, as it is written."""
    failures, rest = counted.failures, (counted.sends, counted.chunk_count, counted.window_slots, counted.met)
    return counted.at, failures.count, failures.at, _pack(rest)


def encode_times(times: Sequence[float]) -> bytes:
    """Times, as they are written."""
    return _pack(times)


def decode_times(blob: bytes) -> list[float]:
    """Times that were written."""
    return _unpack_times(blob)


_MOST = len(queries.COUNTERS) - 1


class SqliteCounters(UnitOfWork):
    """The `Counters` port on a connection: inside the writer's transaction, or as it was committed last.

    Every question raises Unavailable when the file cannot answer.
    """

    def __init__(self, conn: sqlite3.Connection, names: CounterKeys) -> None:
        self._conn = conn
        self._names = names
        self._counted: dict[LimitKey, Counter] = {}
        self._changed: dict[LimitKey, Counter] = {}
        self._rolls: dict[tuple[bytes, int], Sequence[float]] = {}
        self.changes = 0

    def begin(self) -> None:
        """Know nothing of what was read or changed before."""
        self._counted.clear()
        self._changed.clear()
        self._rolls.clear()

    def write(self) -> None:
        """Write what was changed, and know nothing of it any more: others may change it behind us."""
        if self._changed:
            left, gone, named = [], [], self._names.of
            for who, counted in self._changed.items():
                if counted.empty:
                    gone.append((named(who),))
                else:
                    left.append((named(who), *encode_counter(counted)))
            left.sort()  # neighbours in the table are written together
            if gone:
                self._conn.executemany(queries.DELETE_COUNTER, gone)
            self._conn.executemany(queries.PUT_COUNTER, left)
        self.begin()

    def of(self, *people: LimitKey) -> list[Counter]:
        """What is counted for each; those that are not known yet are asked for together."""
        known = self._counted
        unknown = {self._names.of(who): who for who in people if who not in known}
        if unknown:
            hashes = list(unknown)
            for begin in range(0, len(hashes), _MOST):
                part = hashes[begin : begin + _MOST]
                for hashed, *row in self._ask(queries.COUNTERS[len(part)], part):
                    chunk = partial(self._roll, hashed)
                    known[unknown[hashed]] = decode_counter(row, name=self._names.thing, chunk=chunk)
            for hashed, who in unknown.items():
                if who not in known:
                    known[who] = Counter(name=self._names.thing, chunk=partial(self._roll, hashed))
        return [known[who] for who in people]

    def alerted(self, who: LimitKey, rule: str, /) -> float:
        """When the operator was last told of this rule."""
        rows = self._ask(queries.LAST_ALERT, (self._names.alert(who, rule),))
        return float(rows[0][0]) if rows else 0

    def known(self, who: LimitKey, browser: str, /) -> float:
        """When this browser last proved that account and number."""
        rows = self._ask(queries.KNOWN_BROWSER, (self._names.browser(browser), self._names.of(who)))
        return float(rows[0][0]) if rows else 0

    def enter(self, entries: Collection[Update]) -> None:
        """Add these lines, in the transaction in which these counts were asked."""
        self.changes += len(entries)
        known, changed, names = self._counted, self._changed, self._names
        for entry in entries:
            who, at = entry.who, entry.at
            if isinstance(entry, RecordAlert):
                self._conn.execute(queries.PUT_ALERT, (names.alert(who, entry.rule), at))
            elif isinstance(entry, TrustBrowser):
                row = names.browser(entry.browser), names.of(who), names.number(entry.number), at
                self._conn.execute(queries.PUT_KNOWN_BROWSER, row)
            else:
                counted = changed[who] = known.get(who) or self.of(who)[0]
                if at > counted.at:
                    counted.at = at
                if chunks := entry.enter(counted):
                    self._save_rolls(names.of(who), chunks)

    def _save_rolls(self, hashed: bytes, chunks: Chunks) -> None:
        for number, sends in chunks.items():
            self._rolls[hashed, number] = sends
            if sends:
                self._conn.execute(queries.PUT_ROLL, (hashed, number, sends[-1], encode_times(sends)))
            else:
                self._conn.execute(queries.DELETE_ROLL, (hashed, number))

    def _roll(self, hashed: bytes, number: int) -> Sequence[float]:
        if (sends := self._rolls.get((hashed, number))) is None:
            rows = self._ask(queries.ROLL, (hashed, number))
            sends = self._rolls[hashed, number] = decode_times(rows[0][0]) if rows else ()
        return sends

    def _ask(self, statement: str, values: Sequence[Any]) -> list[Any]:
        try:
            return self._conn.execute(statement, values).fetchall()
        except sqlite3.Error as problem:
            raise Unavailable(str(problem)) from problem


def delete_counters(conn: sqlite3.Connection, names: CounterKeys, number: PhoneNumber) -> int:
    """Remove what is counted about a number, in the caller's transaction. How many rows were its own."""
    counts = SqliteCounters(conn, names)
    counts.enter([RemoveDistinct(LimitKey(Scope.NEIGHBOURS, number.e164[:-RANGE_DIGITS]), number.e164)])
    counts.write()
    who = names.of(LimitKey(Scope.NUMBER, number.e164))
    return sum(
        conn.execute(f"DELETE FROM {table} WHERE counted_hash = ?", (who,)).rowcount for table in ("counted", "rolls")
    )
