"""The parameters of a REST request. An invalid value raises a `RestError` with the code of its parameter."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from ..core.errors import RestError
from ..core.request_log import Pairs
from ..core.urls import is_fetchable

DAY = 86_400


@dataclass(frozen=True, slots=True)
class Parameters:
    pairs: Pairs

    def get(self, name: str) -> str | None:
        """The first value, None when the parameter is absent or empty."""
        return next((value for key, value in self.pairs if key == name and value), None)

    def raw(self, name: str) -> str | None:
        """The first value, which may be empty; None when the parameter is absent."""
        return next((value for key, value in self.pairs if key == name), None)

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.pairs if key == name and value)

    def unknown(self, known: Iterable[str]) -> list[str]:
        names = set(known)
        return sorted({key for key, _ in self.pairs if key not in names})

    def note_ineffective(self, names: Collection[str], notice: Callable[[str], None]) -> None:
        """Note each of these parameters that the request has: the simulator takes it, without any effect."""
        for name in sorted({key for key, value in self.pairs if key in names and value}):
            notice(f"The simulator does not do {name}: it has no effect")

    def url(self, name: str, *, code: int, longest: int | None = None) -> str | None:
        """An absolute http or https URL without an underscore in its host."""
        value = self.get(name)
        if value is None:
            return None
        if not is_fetchable(value) or (longest is not None and len(value) > longest):
            raise RestError(code, value)
        return value

    def method(self, name: str, *, code: int) -> str:
        value = self.get(name)
        if value is not None and value not in ("GET", "POST"):
            raise RestError(code, value)
        return value or "POST"

    def integer(self, name: str, *, minimum: int, maximum: int, code: int) -> int | None:
        value = self.get(name)
        if value is None:
            return None
        if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or not minimum <= int(value) <= maximum:
            raise RestError(code, f"{name}={value}")
        return int(value)

    def boolean(self, name: str, *, code: int) -> bool:
        value = self.get(name)
        if value is not None and value.lower() not in ("true", "false"):
            raise RestError(code, f"{name}={value}")
        return value is not None and value.lower() == "true"

    def one_of(self, name: str, values: Iterable[str], *, code: int) -> str | None:
        value = self.get(name)
        if value is not None and value not in values:
            raise RestError(code, f"{name}={value}")
        return value

    def moment(self, name: str) -> tuple[float, float] | None:
        """The range of a date (a whole day in UTC) or of a date with time (one second)."""
        value = self.get(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:
            raise RestError(20422, f"{name}={value}") from error
        start = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
        return start, start + (DAY if len(value) == 10 else 1)

    def within(self, name: str, moment: float | None) -> bool:
        """Whether a moment matches the filters `name`, `name<` (on or before) and `name>` (on or after)."""
        on, before, after = (self.moment(name + suffix) for suffix in ("", "<", ">"))
        if on is before is after is None:
            return True
        if on is not None and on[0] % DAY == 0:
            on = on[0], on[0] + DAY  # the library writes a bare date as its first second
        if moment is None:
            return False
        return (
            (on is None or on[0] <= moment < on[1])
            and (before is None or moment < before[1])
            and (after is None or moment >= after[0])
        )
