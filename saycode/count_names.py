"""What the table knows of those who are counted, and of what they have to do with: keyed hashes.

Those who are asked for together have the beginning of their hashes in common, so they stand side by side in the table,
and most decisions touch three of its pages: that of a number with its neighbours and its block, that of a source, and
that of an account. Whoever has the file without the key learns from it that two numbers are of one block of ten
thousand, and not of which.
"""

from collections.abc import Callable
from functools import lru_cache, partial

from verification.counting import BLOCK, RUN
from verification.limits import Scope, Who
from verification.numbers import Number

from .sealing import Sealer

#: The same few are asked for all the time, so theirs are remembered.
_REMEMBERED = 4096
_SHARED = 6  # bytes of a hash that those of one place have in common
_PLACES: dict[Scope, Callable[[str], str]] = {
    Scope.NUMBER: lambda number: number[:-BLOCK],
    Scope.NEIGHBOURS: lambda run: run[: RUN - BLOCK],
    Scope.PREFIX: lambda block: block,
}


class Names:
    """Hashes under one data key."""

    def __init__(self, sealer: Sealer) -> None:
        self._sealer = sealer
        self.of: Callable[[Who], bytes] = lru_cache(_REMEMBERED)(self._of)
        self.thing: Callable[[str], bytes] = lru_cache(_REMEMBERED)(partial(sealer.counted_hash, "other"))
        self._place: Callable[[str], bytes] = lru_cache(_REMEMBERED)(partial(sealer.counted_hash, "place"))

    def _of(self, who: Who) -> bytes:
        scope, key = who
        found, place = self._sealer.counted_hash(scope, key), _PLACES.get(scope)
        return found if place is None else self._place(place(key))[:_SHARED] + found[_SHARED:]

    def alert(self, who: Who, rule: str) -> bytes:
        """The operator, who is told of this rule."""
        return self._sealer.counted_hash("alert", f"{who.scope} {who.key} {rule}")

    def number(self, number: Number) -> bytes:
        """A number, as the rest of the tables knows it."""
        return self._sealer.number_hash(number.e164)

    def browser(self, browser: str) -> bytes:
        """A browser."""
        return self._sealer.counted_hash("browser", browser)
