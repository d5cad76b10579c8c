"""What a command needs before it can begin, and how it says that it cannot."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from .settings import Settings

#: The settings, the database or the arguments do not allow a start.
CANNOT_START = 2


def settings_or_stop() -> "Settings":
    """The settings of the environment or `.env`; ends the command with a line for each that is wrong."""
    from .settings import SettingsError, load, read_environment

    try:
        return load(read_environment(Path.cwd()))
    except SettingsError as problem:
        stop(str(problem))


def stop(problem: str) -> NoReturn:
    """End the command with this on standard error."""
    click.echo(problem, err=True)
    sys.exit(CANNOT_START)
