"""The command line. A command imports its code when it runs, so that `--help` stays fast."""

import gc
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path

import click

from .context import Group, exit_with_error, load_settings_or_exit, open_store_and_tell

#: Not EXIT_CANNOT_START, which tells a supervisor that a restart would not help: the port may soon be free.
EXIT_CANNOT_LISTEN = 3
PORT = click.IntRange(0, 65535)
#: The module of each command that is not in this one.
_MODULES = {
    **{
        "services": "services",
        "keys": "services",
        "accounts": "accounts",
        "audit": "audit",
        "backup": "backup",
    },
    "alerts": "alerts",
    "move": "move",
    "clients": "clients",
    **{"renew": "renew", "show": "show", "why": "why", "unlock": "why", "numbers": "numbers", "events": "events"},
    "preview": "preview",
    **{"operators": "operators", "console": "operators"},
}


class LateGroup(Group):
    """Imports the module of a command when the command is asked for: `serve` starts without the others."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _MODULES and cmd_name not in self.commands:
            self.add_command(getattr(import_module(f".{_MODULES[cmd_name]}", __package__), cmd_name))
        return super().get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_MODULES})


@click.group(cls=LateGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="saycode")
def main() -> None:
    """Phone verification that you host yourself."""


@main.command()
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65534),
    help="The page; the simulator takes the next port.",
)
@click.option("--once", is_flag=True, help="Stop after the first verification: exit 0 when it was approved, 1 if not.")
@click.option(
    "--phone",
    type=click.Choice(["answer", "busy", "no-answer", "silent"]),
    default="answer",
    show_default=True,
    help="What the phone does; silent: it is answered, but no key is pressed.",
)
@click.option(
    "--speed", default=4.0, show_default=True, type=click.FloatRange(1, 100), help="Speed-up over a real call."
)
def demo(port: int, once: bool, phone: str, speed: float) -> None:
    """Run a complete verification locally: no account, no internet, nothing stored."""
    from ..demo import run

    sys.exit(run(port=port, once=once, phone=phone, speed=speed))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=PORT)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the page, the webhooks and the API, with the settings of the environment or `.env`."""
    gc.disable()  # until the rest is loaded: it would look at what is imported again and again
    from ..server.serve import CannotListen
    from ..server.serve import serve as serve_settings
    from ..storage.connection import DatabaseUnusable

    settings = load_settings_or_exit()
    open_store = partial(open_store_and_tell, as_log=True)
    try:
        serve_settings(settings, host=host, port=port, workers=workers, open_store=open_store)
    except DatabaseUnusable as problem:
        exit_with_error(str(problem))
    except CannotListen as problem:
        exit_with_error(str(problem), code=EXIT_CANNOT_LISTEN)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8001, show_default=True, type=PORT)
@click.option("--told", is_flag=True, help="Advance time only on request, so that tests run fast.")
@click.option(
    "--calls-per-second", default=1.0, show_default=True, type=click.FloatRange(0), help="Further calls queue; 0: none."
)
@click.option(
    "--dialect",
    default="twilio",
    show_default=True,
    type=click.Choice(["twilio", "signalwire"]),
    help="The company whose API is played.",
)
def simulate(host: str, port: int, told: bool, calls_per_second: float, dialect: str) -> None:
    """Serve the Twilio simulator, for tests."""
    from twilio_simulator.command import run

    run(host=host, port=port, manual_clock=told, calls_per_second=calls_per_second, dialect=dialect)


@main.command()
@click.option("--fix", is_flag=True, help="Point the from-number's webhooks at this service, after a question.")
@click.option("--yes", is_flag=True, help="Answer that question with yes, for scripts.")
@click.option("--json", "as_json", is_flag=True, help="Print all findings as JSON.")
def doctor(fix: bool, yes: bool, as_json: bool) -> None:
    """Check the set-up and explain how to fix it; exit 1 on any problem."""
    from ..doctor.run import run

    def confirm(changes: Sequence[str]) -> bool:
        for change in changes:
            click.echo(change, err=True)
        try:
            return yes or click.confirm("Change this at Twilio?", err=True)
        except click.Abort:  # no terminal, and nothing to read an answer from
            return False

    sys.exit(run(as_json=as_json, fix=confirm if fix else None, directory=Path.cwd()))
