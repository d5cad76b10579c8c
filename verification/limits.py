"""Limits over time: at most so many sends in any so many seconds, for everybody who is counted.

Exact, and as quick with ten million sends as with ten: the sends of whoever is counted are numbered, so a limit of five
looks at one thing only, when the fifth last one was. It is read and written in the transaction that sends.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Scope(StrEnum):
    """Who is counted."""

    NUMBER = "number"
    ACCOUNT = "account"
    SOURCE = "source"
    PREFIX = "prefix"
    COUNTRY = "country"
    SERVICE = "service"
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most `count` within any `seconds`."""

    count: int
    seconds: int


Limits = tuple[tuple[Scope, tuple[Limit, ...]], ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """Somebody who is counted: the table knows a keyed hash of `key` only. `counts`: how far back the limits look."""

    scope: Scope
    key: str = field(repr=False)
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Send:
    """One call or text, counted for somebody, in seconds since 1970. `kept`: how many of theirs are remembered."""

    scope: Scope
    key: str = field(repr=False)
    at: float
    kept: int
