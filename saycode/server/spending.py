"""What calls and texts took of the ceilings so far, from the counters that the limits read, and by country."""

from collections.abc import Mapping
from typing import NamedTuple

from verification.counters.counter import DAY, LimitKey
from verification.counters.rules import Ceiling
from verification.policy import Policy
from verification.types import Scope

from ..storage import metric_totals
from ..storage.connection import Connection
from ..storage.counters import CounterKeys, SqliteCounters

#: Money is counted in ten-thousandths of the operator's currency.
_UNITS = {Scope.MINUTES: 1, Scope.MONEY: 10_000}
_BY_COUNTRY = """SELECT name, sum(value) FROM hourly_totals
    WHERE measure = ? AND split = ? AND hour > ? AND hour <= ? GROUP BY name"""


class Spent(NamedTuple):
    """Of the last day, in minutes or in the operator's currency."""

    used: float
    ceiling: float
    by_country: Mapping[str, float]


def ceilings(policy: Policy) -> Mapping[Scope, Ceiling]:
    """The ceilings of a policy: of minutes and, where one is set, of money."""
    return {scope: rule for scope, rules in policy.limits for rule in rules if isinstance(rule, Ceiling)}


def read_spending(
    conn: Connection, keys: CounterKeys, ceilings: Mapping[Scope, Ceiling], *, now: float
) -> Mapping[Scope, Spent]:
    """By the scope of each ceiling. Reads one row for each ceiling, and at most one for each country and hour."""
    counters, spent = SqliteCounters(conn, keys), dict[Scope, Spent]()
    for scope, ceiling in ceilings.items():
        [counter] = counters.of(LimitKey(scope, ""))
        measure, unit = metric_totals.SPENT[scope], _UNITS[scope]
        hours = measure, metric_totals.COUNTRY, int(now) - DAY, int(now)
        countries = sorted(conn.execute(_BY_COUNTRY, hours).fetchall())
        spent[scope] = Spent(
            used=counter.window_total(ceiling.seconds, now).open / unit,
            ceiling=ceiling.amount / unit,
            by_country={country: max(0.0, value) / unit for country, value in countries},
        )
    return spent
