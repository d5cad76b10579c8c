"""Pages of a list, as Verify v2 has them: forward, from the entry where the last page ended."""

from dataclasses import dataclass
from urllib.parse import urlencode

from . import faults
from .parameters import Given, Parameter, text, whole
from .resources import Body

LARGEST = 1000
USUAL = 50
PAGING = (
    Parameter(name="PageSize", meaning="Entries in a page.", schema=whole(1, LARGEST)),
    Parameter(name="Page", meaning="Which page it is; only counted.", schema=whole(0, 999_999_999)),
    Parameter(
        name="PageToken",
        meaning="Where the last page ended; take it from `next_page_url`.",
        schema=text(36, 36, pattern="^PT(VA|VL)[0-9a-f]{32}$"),
    ),
)


@dataclass(frozen=True, slots=True)
class Page:
    """Which page is asked for: `size` entries from the one behind `after` on. `rest` are the list's own filters."""

    number: int
    size: int
    after: str | None
    rest: tuple[tuple[str, str], ...] = ()

    def of(self, key: str, entries: list[Body], address: str, *, more: bool) -> Body:
        """The page with what is in it, and the address of the next one when there is more."""
        first = self._address(address, Page=0)
        following = None
        if more:
            following = self._address(address, Page=self.number + 1, PageToken="PT" + str(entries[-1]["sid"]))
        return {
            "meta": {
                "key": key,
                "page": self.number,
                "page_size": self.size,
                "first_page_url": first,
                "previous_page_url": None,
                "next_page_url": following,
                "url": self._address(address, Page=self.number),
            },
            key: entries,
        }

    def _address(self, address: str, **more: object) -> str:
        return f"{address}?{urlencode([*self.rest, ('PageSize', self.size), *more.items()])}"


def read_page(given: Given, rest: tuple[tuple[str, str], ...] = ()) -> Page:
    """The page that is asked for. Raises Fault."""
    number, after = given.get("Page", 0), given.get("PageToken")
    if (number > 0) != (after is not None):
        raise faults.invalid("Page", "follow next_page_url")
    return Page(number, given.get("PageSize", USUAL), after.removeprefix("PT") if after else None, rest)
