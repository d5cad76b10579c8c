"""Pages of a list as in Verify v2: forward only, each from where the last one ended."""

from urllib.parse import urlencode

from verification.types import Record

from . import errors
from .parameters import Parameter, Parameters, Values, integer, string
from .serializers import Body

MAX_PAGE_SIZE = 1000
DEFAULT_PAGE_SIZE = 50
PAGE_PARAMETERS = Parameters(
    Parameter(name="PageSize", description="The number of entries per page.", schema=integer(1, MAX_PAGE_SIZE)),
    Parameter(
        name="Page",
        description="The page number, for information. Use `PageToken` to get the next page.",
        schema=integer(0, 999_999_999),
    ),
    Parameter(
        name="PageToken",
        description="The token of the next page, from `next_page_url`.",
        schema=string(36, 36, pattern="^PT(VA|VL)[0-9a-f]{32}$"),
    ),
)


class ListPage(Record, frozen=True):
    """The requested page: `size` entries after the sid `after`. `filters` are the list's own parameters."""

    number: int
    size: int
    after: str | None
    filters: tuple[tuple[str, str], ...] = ()

    def of(self, key: str, entries: list[Body], address: str, *, more: bool) -> Body:
        """The body of the page, with the address of the next one if there are more entries."""
        first_url = self._address(address, Page=0)
        next_url = None
        if more:
            next_url = self._address(address, Page=self.number + 1, PageToken="PT" + str(entries[-1]["sid"]))
        return {
            "meta": {
                "key": key,
                "page": self.number,
                "page_size": self.size,
                "first_page_url": first_url,
                "previous_page_url": None,
                "next_page_url": next_url,
                "url": self._address(address, Page=self.number),
            },
            key: entries,
        }

    def _address(self, address: str, **more: object) -> str:
        return f"{address}?{urlencode([*self.filters, ('PageSize', self.size), *more.items()])}"


def read_page(values: Values, filters: tuple[tuple[str, str], ...] = ()) -> ListPage:
    """The requested page. Raises ApiError."""
    number, after = values.get("Page", 0), values.get("PageToken")
    if (number > 0) != (after is not None):
        raise errors.invalid("Page", "follow next_page_url")
    return ListPage(
        number, values.get("PageSize", DEFAULT_PAGE_SIZE), after.removeprefix("PT") if after else None, filters
    )
