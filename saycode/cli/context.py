"""What commands share: the settings, the store, and the exit with one line per problem."""

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn, TypeVar

import click
from click.exceptions import NoSuchCommand

if TYPE_CHECKING:
    from verification.services import Service
    from verification.values.phone_numbers import PhoneNumber

    from ..config.settings import Settings
    from ..storage.store import SqlStore

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])
#: The exit code for wrong settings, arguments or database.
EXIT_CANNOT_START = 2
_NEAR = 0.7


class Group(click.Group):
    """A group that proposes a command for a name only when it is near; Click would propose `serve` for `users`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except NoSuchCommand as problem:
            from difflib import get_close_matches

            near = get_close_matches(problem.command_name, self.list_commands(ctx), cutoff=_NEAR)
            raise NoSuchCommand(problem.command_name, possibilities=near, ctx=ctx) from None


def load_settings_or_exit() -> "Settings":
    """The settings of the environment and `.env`. Exits with a line for each problem."""
    from ..config.loader import load, read_environment
    from ..config.setting import SettingsError

    try:
        return load(read_environment(Path.cwd()))
    except SettingsError as problem:
        exit_with_error(str(problem))


def exit_with_error(problem: str, *, code: int = EXIT_CANNOT_START) -> NoReturn:
    """Print the problem on standard error, and exit."""
    click.echo(problem, err=True)
    sys.exit(code)


def counted(count: int, one: str, more: str) -> str:
    """A count and its noun: 1 entry, 2 entries."""
    return f"{count} {one if count == 1 else more}"


def parse_number(text: str) -> "PhoneNumber":
    """A phone number of an argument, also one that is not assigned. A national form is read as of the home country of
    the settings, as `saycode accounts` does. Raises click.BadParameter.
    """
    from verification.errors import NumberInvalid
    from verification.values.phone_numbers import parse, parse_unassigned

    from ..config.policy import home_region

    region = None if "+" in text else home_region(load_settings_or_exit())
    try:
        return parse(text, region=region)
    except NumberInvalid as problem:
        if (number := parse_unassigned(text, region=region)) is not None:
            return number
        raise click.BadParameter("a number must be in E.164: a plus sign, the country, the number") from problem


class Subject(NamedTuple):
    """What an argument may mean. Eight digits may be a reference and, in some countries, a number as well."""

    text: str
    sid: str = ""
    reference: str = ""
    number: "PhoneNumber | None" = None

    @property
    def shown(self) -> str:
        """As an error names it."""
        return self.number.masked if self.number else self.text

    async def sids(self, store: "SqlStore") -> list[str]:
        """The sid that was given, or those of the reference, newest first; none for a number."""
        if self.sid:
            return [self.sid]
        return await store.of_reference(self.reference) if self.reference else []


def parse_subject(text: str) -> Subject:
    """A sid, a reference or a number. Raises click.BadParameter for none of them."""
    from verification.values import references

    if text.startswith(("VE", "VL")):
        return Subject(text, sid=text)
    reference = references.parse(text) or ""
    try:
        number = parse_number(text)
    except click.BadParameter:
        if not reference:
            raise
        number = None
    return Subject(text, reference=reference, number=number)


def find_service(sid: str) -> "Service":
    """The service of --service. Exits when there is none: a wrong one would look like one without accounts."""
    from ..storage.api.services import SqliteServices

    service = with_store(lambda store: SqliteServices(store).service(sid))
    if service is None:
        exit_with_error(f"--service: there is no service {sid}; saycode services list shows them")
    return service


def service_option(of: str) -> "Callable[[F], F]":
    """The option --service, checked; None stands for the built-in service. `of`: what it is the service of."""
    return click.option(
        "--service",
        metavar="VA…",
        callback=lambda _context, _option, sid: sid and find_service(sid).sid,
        help=f"The service of the {of}; default: the built-in service.",
    )


def when(seconds: float) -> str:
    """A time in UTC (ISO 8601)."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def with_store(work: "Callable[[SqlStore], Awaitable[T]]") -> T:
    """The result of work on the store of the settings. Exits when the store cannot be opened."""
    from verification.errors import Unavailable

    from ..storage.connection import DatabaseUnusable

    settings = load_settings_or_exit()
    try:
        return asyncio.run(_run_with_store(settings, work))
    except DatabaseUnusable as problem:
        exit_with_error(str(problem))
    except Unavailable as problem:
        raise click.ClickException(f"the database does not answer: {problem}") from problem


async def _run_with_store(settings: "Settings", work: "Callable[[SqlStore], Awaitable[T]]") -> T:
    async with open_store_and_tell(settings) as store:
        return await work(store)


def open_store_and_tell(settings: "Settings", *, as_log: bool = False) -> "SqlStore":
    """The store of the settings. Tells on standard error when its database is new, `as_log`: as a line of the
    service's log. Raises DatabaseUnusable.
    """
    from ..server.app import open_store

    path = settings.database
    is_new = isinstance(path, Path) and _is_new(path)  # PostgreSQL's store tells it by itself
    store = open_store(settings)
    if isinstance(path, Path) and is_new:
        message = f"A new database was made: {path.resolve()}"
        click.echo(_log_line(message) if as_log else message, err=True)
    return store


def _log_line(message: str) -> str:
    from ..server.logging import JsonFormatter

    return JsonFormatter().format(logging.LogRecord("saycode.storage", logging.WARNING, "", 0, message, None, None))


def _is_new(path: Path) -> bool:
    try:
        return path.stat().st_size == 0
    except FileNotFoundError:
        return True
    except OSError:  # the store says what is wrong with it
        return False
