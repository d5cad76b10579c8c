"""Pages of a list, as Verify v2 has them: forward, from the entry where the last page ended."""

from dataclasses import dataclass
from urllib.parse import urlencode

from . import errors
from .parameters import Parameter, Values, integer, string
from .serializers import Body

MAX_PAGE_SIZE = 1000
DEFAULT_PAGE_SIZE = 50
PAGE_PARAMETERS = (
    Parameter(name="PageSize", description="Number of entries per page.", schema=integer(1, MAX_PAGE_SIZE)),
    Parameter(
        name="Page",
        description="Page number; informational, use `PageToken` to move on.",
        schema=integer(0, 999_999_999),
    ),
    Parameter(
        name="PageToken",
        description="Where to continue; taken from `next_page_url`.",
        schema=string(36, 36, pattern="^PT(VA|VL)[0-9a-f]{32}$"),
    ),
)


@dataclass(frozen=True, slots=True)
class ListPage:
    """Which page is asked for: `size` entries from the one behind `after` on. `rest` are the list's own filters."""

    number: int
    size: int
    after: str | None
    filters: tuple[tuple[str, str], ...] = ()

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
        return f"{address}?{urlencode([*self.filters, ('PageSize', self.size), *more.items()])}"


def read_page(given: Values, filters: tuple[tuple[str, str], ...] = ()) -> ListPage:
    """The page that is asked for. Raises Fault."""
    number, after = given.get("Page", 0), given.get("PageToken")
    if (number > 0) != (after is not None):
        raise errors.invalid("Page", "follow next_page_url")
    return ListPage(
        number, given.get("PageSize", DEFAULT_PAGE_SIZE), after.removeprefix("PT") if after else None, filters
    )
