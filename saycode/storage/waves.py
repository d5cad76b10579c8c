"""Decides all that waits as one set: the number of statements of a group does not grow with the group.

    load      one statement for each kind of query, and one for the counters of all
    decide    each in order, in memory, on the counters as the earlier ones have left them
    write     one statement for each table
    once      the audit chain, the totals and the counters of the whole group

A decision whose state an earlier one of its wave has touched is made in the next wave, when that one is written. So two
requests about the same verification, account, number or browser are as exact as one after the other. Nothing is written
before a wave is decided, so a decision that raises takes no other along. A query names the counters that its decision
is sure to read; which others it reads is known once it is asked, so it may be asked twice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from verification.counters.counter import LimitKey
from verification.flow.rate_limits import keys_of
from verification.models import Event, EventKind, State
from verification.ports import ByAccount, ByCheck, ByDelivery, ByNumber, BySession, ByVerification, Changes, Query

from . import queries
from .connection import Connection
from .counters import MissingCounters, SqliteCounters
from .jobs import Failure, raise_if_database_failed
from .metric_totals import record_totals
from .records import RecordMapper, UnreadableRow, note_changes
from .rows import Rows, rows_of

#: What of the store a state is read from, or a decision touches: its kind and its key.
Part = tuple[str, ...]
_SCOPED = (ByVerification, ByCheck, BySession)


@dataclass(frozen=True, slots=True)
class Request:
    """A decision to make, and the query of its state."""

    query: Query
    decide: Callable[[State], Changes[Any]]


@dataclass(slots=True)
class _Wave:
    """What is decided between one load and one write."""

    states: dict[int, State]
    decided: list[tuple[Changes[Any], State]] = field(default_factory=list)
    rows: Rows = field(default_factory=dict)
    later: list[int] = field(default_factory=list)
    touched: set[Part] = field(default_factory=set)
    closed: bool = False

    def may_decide(self, query: Query, state: State) -> bool:
        """Whether no earlier decision of this wave has touched the state."""
        return not self.closed and (not self.touched or self.touched.isdisjoint(_parts_read(query, state)))

    def add(self, changes: Changes[Any], state: State, rows: Rows) -> None:
        """Take a decision up. A change of accounts may touch anything."""
        self.decided.append((changes, state))
        for statement, values in rows.items():
            if statement in self.rows:
                self.rows[statement] += values
            else:
                self.rows[statement] = values
        self.touched.update(_parts_touched(changes, state))
        self.closed = _concerns_accounts(changes)


class Waves:
    """Decides groups on one connection, in the transaction of the writer."""

    def __init__(
        self,
        conn: Connection,
        records: RecordMapper,
        counters: SqliteCounters,
        *,
        on_unreadable: Callable[[UnreadableRow], None],
    ) -> None:
        self._conn, self._records, self._counters = conn, records, counters
        self._on_unreadable = on_unreadable

    def decide(self, requests: Sequence[Request]) -> list[Changes[Any] | Failure]:
        """The outcomes, in the order of the requests. Raises when something cannot be written."""
        outcomes: dict[int, Changes[Any] | Failure] = {}
        waiting, decided, events = list(range(len(requests))), list[tuple[Changes[Any], State]](), list[Event]()
        self._counters.reset()
        while waiting:
            wave = _Wave(dict(zip(waiting, self._load([requests[n].query for n in waiting]), strict=True)))
            self._counters.load([key for n in waiting for key in _counters_of(requests[n].query, wave.states[n])])
            self._decide_wave(wave, requests, outcomes)
            events += self._write(wave)
            decided += wave.decided
            waiting = sorted(wave.later)
        self._counters.flush()
        note_changes(self._conn, self._changed(decided, events))
        record_totals(self._conn, decided)
        if events:
            self._records.audit_log.add(self._conn, events)
            if self._conn.execute(queries.NEWEST_EVENT_TARGET).fetchone()[0] is not None:
                for changes, state in decided:
                    self._records.outbox.add(self._conn, changes, state)
        return [outcomes[n] for n in range(len(requests))]

    def _load(self, wanted: Sequence[Query]) -> list[State]:
        """The states. A damaged row must not keep other requests from being served, or its own account from starting
        again: it is hidden, and ended.
        """
        states = []
        for loaded in self._records.load_all(self._conn, wanted, self._counters):
            if isinstance(loaded, UnreadableRow):
                self._on_unreadable(loaded)
                self._records.quarantine(self._conn, loaded.sid)
            states.append(loaded.state if isinstance(loaded, UnreadableRow) else loaded)
        return states

    def _decide_wave(
        self, wave: _Wave, requests: Sequence[Request], outcomes: dict[int, Changes[Any] | Failure]
    ) -> None:
        asked, missing = list(wave.states), MissingCounters()
        for self._counters.strict in (True, False):
            again: list[int] = []
            for n in asked:
                request, state = requests[n], wave.states[n]
                if not wave.may_decide(request.query, state):
                    wave.later.append(n)
                    continue
                try:
                    changes = request.decide(state)
                    rows = rows_of(self._records.cipher, changes, state)
                except MissingCounters as found:
                    missing.keys += found.keys
                    again.append(n)
                except BaseException as error:
                    raise_if_database_failed(error)
                    outcomes[n] = Failure(error)
                else:
                    outcomes[n] = changes
                    wave.add(changes, state, rows)
                    self._counters.apply(changes.counter_updates)
            asked = again
            self._counters.load(missing.keys)

    def _write(self, wave: _Wave) -> list[Event]:
        """Write the rows of a wave. The events for the audit log, with those of what a change of accounts has ended."""
        events: list[Event] = []
        for statement in queries.WRITES:
            if rows := wave.rows.get(statement):
                self._conn.executemany(statement, rows)
        if any(changes.padded for changes, _ in wave.decided):
            self._conn.execute(queries.PADDING_WRITE)
        for changes, _ in wave.decided:
            events += changes.events
        if wave.closed:
            events += self._records.accounts.save(self._conn, wave.decided[-1][0])
        return events

    def _changed(self, decided: Sequence[tuple[Changes[Any], State]], events: Sequence[Event]) -> Iterator[str]:
        """The verifications whose pages show something else now: theirs, those that a session had, those of a number
        that was suppressed, and those that a change of accounts has ended.
        """
        for changes, state in decided:
            for verification in changes.verifications:
                yield verification.sid
            for delivery in changes.deliveries:
                yield delivery.verification
            if changes.sessions and state.session is not None:
                yield state.session.verification
            if not (changes.suppress or changes.lift):
                continue
            for number in (*(() if state.suppressed else changes.suppress), *changes.lift):
                hashed = self._records.cipher.number_hash(number.line)
                for (sid,) in self._conn.execute(queries.PENDING_OF_NUMBER, (hashed,)).fetchall():
                    yield sid
        for event in events:
            if event.kind is EventKind.CANCELED:
                yield event.verification


def _concerns_accounts(changes: Changes[Any]) -> bool:
    """Whether it changes accounts or notices."""
    notices = changes.notices or changes.changed_notices or changes.sent_notices
    return bool(changes.accounts or changes.removed_accounts or notices)


def _counters_of(query: Query, state: State) -> tuple[LimitKey, ...]:
    """The counters that a decision is sure to read, as its query says. One that reads more is asked again."""
    if isinstance(query, ByAccount):
        return query.counters
    if not isinstance(query, _SCOPED) or not query.scopes or state.verification is None:
        return ()
    return () if state.verification.status.final else keys_of(state.verification, query.scopes)


def _parts_read(query: Query, state: State) -> list[Part]:
    parts: list[Part] = []
    if state.verification is not None:
        parts = [("verification", state.verification.sid), ("number", state.verification.number.line)]
    if isinstance(query, ByAccount):
        account = "account", query.service, query.account, query.action
        return [*parts, account, ("number", query.number.line), ("session", query.session or "")]
    if isinstance(query, ByDelivery):
        return [*parts, ("delivery", query.sid)]
    if isinstance(query, ByVerification):
        return [*parts, ("verification", query.sid), ("session", query.session or "")]
    if isinstance(query, BySession):
        return [*parts, ("session", query.id)]
    if isinstance(query, ByCheck):
        return [*parts, ("account", query.service, query.account, query.action)]
    if isinstance(query, ByNumber):
        return [*parts, ("number", query.number.line), ("received", query.sid)]
    return parts


def _parts_touched(changes: Changes[Any], state: State) -> list[Part]:
    parts: list[Part] = []
    for verification in changes.verifications:
        account = "account", verification.service, verification.account, verification.action
        parts += ("verification", verification.sid), account, ("number", verification.number.line)
    for delivery in changes.deliveries:
        parts += ("delivery", delivery.sid), ("verification", delivery.verification)
        if state.verification is not None:
            parts.append(("number", state.verification.number.line))
    for session in changes.sessions:
        parts.append(("session", session.id))
    if changes.suppress or changes.lift or changes.pauses or changes.received:
        numbers = *changes.suppress, *changes.lift, *(pause.number for pause in changes.pauses)
        parts += [("number", number.line) for number in numbers]
        parts += [("received", received.sid) for received in changes.received]
    return parts
