"""Paging of lists, newest first. A page token names the item before the page, so that new items do not shift pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from ..core.errors import RestError
from .parameters import Parameters

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 50, 1000
PAGING_PARAMETERS = ("Page", "PageSize", "PageToken")


class HasSid(Protocol):
    @property
    def sid(self) -> str: ...


T = TypeVar("T", bound=HasSid)


def page_of(
    items: Sequence[T], parameters: Parameters, *, name: str, path: str, render: Callable[[T], dict[str, Any]]
) -> dict[str, Any]:
    """The body of one page of `items`, which are ordered newest first."""
    size, number = _size(parameters), _number(parameters)
    start = number * size
    token = parameters.get("PageToken")
    if token is not None:
        sids = [item.sid for item in items]
        start = sids.index(token[2:]) + 1 if token[2:] in sids else start
    shown = items[start : start + size]
    filters = [(key, value) for key, value in parameters.pairs if key not in PAGING_PARAMETERS]
    following = start + size < len(items)

    def address(page: int, after: str | None = None) -> str:
        query = [*filters, ("PageSize", str(size)), ("Page", str(page))]
        if after is not None:
            query.append(("PageToken", after))
        return f"{path}?{urlencode(query)}"

    return {
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + len(shown) - 1 if shown else start,
        "uri": address(number, token),
        "first_page_uri": address(0),
        "next_page_uri": address(number + 1, f"PA{shown[-1].sid}") if following else None,
        "previous_page_uri": address(number - 1) if number else None,
        name: [render(item) for item in shown],
    }


def _size(parameters: Parameters) -> int:
    return parameters.integer("PageSize", minimum=1, maximum=MAX_PAGE_SIZE, code=20007) or DEFAULT_PAGE_SIZE


def _number(parameters: Parameters) -> int:
    value = parameters.get("Page")
    if value is None:
        return 0
    if not value.isascii() or not value.isdigit():
        raise RestError(20422, f"Page={value}")
    return int(value)
