"""What a command needs before it can begin, and how it says that it cannot.

A command that works on the database: opened with the settings, and plain words when that cannot be.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from ..config.settings import Settings

#: The settings, the database or the arguments do not allow a start.
EXIT_CANNOT_START = 2


def load_settings_or_exit() -> "Settings":
    """The settings of the environment or `.env`; ends the command with a line for each that is wrong."""
    from ..config.settings import SettingsError, load, read_environment

    try:
        return load(read_environment(Path.cwd()))
    except SettingsError as problem:
        exit_with_error(str(problem))


def exit_with_error(problem: str) -> NoReturn:
    """End the command with this on standard error."""
    click.echo(problem, err=True)
    sys.exit(EXIT_CANNOT_START)


if TYPE_CHECKING:
    from ..config.settings import Settings
    from ..storage.store import SqliteStore

T = TypeVar("T")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def with_store(work: "Callable[[SqliteStore], Awaitable[T]]") -> T:
    """What the work comes to, with the database of the settings."""
    from verification.errors import Unavailable

    from ..storage.database import DatabaseUnusable

    settings = load_settings_or_exit()
    try:
        return asyncio.run(_run_with_store(settings, work))
    except DatabaseUnusable as problem:
        exit_with_error(str(problem))
    except Unavailable as problem:
        raise click.ClickException(f"the database does not answer: {problem}") from problem


async def _run_with_store(settings: "Settings", work: "Callable[[SqliteStore], Awaitable[T]]") -> T:
    from ..server.app import open_store

    async with open_store(settings) as store:
        return await work(store)
