"""A command that works on the database: opened with the settings, and plain words when that cannot be."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click

from ..preconditions import settings_or_stop, stop

if TYPE_CHECKING:
    from ..settings import Settings
    from ..table import SqliteTable

T = TypeVar("T")
JSON = click.option("--json", "as_json", is_flag=True, help="For a program.")


def with_table(work: "Callable[[SqliteTable], Awaitable[T]]") -> T:
    """What the work comes to, with the database of the settings."""
    from verification.errors import Unavailable

    from ..database import DatabaseProblem

    settings = settings_or_stop()
    try:
        return asyncio.run(_opened(settings, work))
    except DatabaseProblem as problem:
        stop(str(problem))
    except Unavailable as problem:
        raise click.ClickException(f"the database does not answer: {problem}") from problem


async def _opened(settings: "Settings", work: "Callable[[SqliteTable], Awaitable[T]]") -> T:
    from ..wiring import open_table

    async with open_table(settings) as table:
        return await work(table)


def utc(at: float) -> str:
    """A time as it is printed."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
