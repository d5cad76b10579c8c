"""The command line. Each command is a few lines here and its work elsewhere, imported when it is asked for."""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from .accounts import accounts
from .audit import audit
from .backup import backup
from .context import exit_with_error, load_settings_or_exit
from .events import events
from .numbers import numbers
from .services import keys, services
from .show import show
from .why import unlock, why

PORT = click.IntRange(0, 65535)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="saycode")
def main() -> None:
    """Phone verification that you host yourself."""


main.add_command(services)
main.add_command(keys)
main.add_command(accounts)
main.add_command(audit)
main.add_command(backup)
main.add_command(show)
main.add_command(why)
main.add_command(unlock)
main.add_command(numbers)
main.add_command(events)


@main.command()
@click.option("--port", default=8000, show_default=True, type=PORT, help="The page; the simulator takes the next port.")
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
    from ..server.serve import serve as serve_settings
    from ..storage.database import DatabaseUnusable

    settings = load_settings_or_exit()
    try:
        serve_settings(settings, host=host, port=port, workers=workers)
    except DatabaseUnusable as problem:
        exit_with_error(str(problem))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8001, show_default=True, type=PORT)
@click.option("--told", is_flag=True, help="Advance time only on request, so that tests run fast.")
@click.option(
    "--calls-per-second", default=1.0, show_default=True, type=click.FloatRange(0), help="Further calls queue; 0: none."
)
def simulate(host: str, port: int, told: bool, calls_per_second: float) -> None:
    """Serve the Twilio simulator, for tests."""
    from ..server.serve import simulate as serve_simulator

    sid, token = _account(os.environ)
    serve_simulator(sid, token, host=host, port=port, told=told, calls_per_second=calls_per_second or None)


@main.command()
@click.option("--fix", is_flag=True, help="Point the from-number's webhooks at this service.")
@click.option("--json", "json_wanted", is_flag=True, help="Print all findings as JSON.")
def doctor(fix: bool, json_wanted: bool) -> None:
    """Check the set-up and explain how to fix it; exit 1 on any problem."""
    from ..doctor.run import run

    sys.exit(run(json_wanted=json_wanted, fix=fix, directory=Path.cwd()))


@main.command()
@click.option("--language", default="en-US", show_default=True)
@click.option("--action", help="What the code is for; sign-in, or payment where there is an amount.")
@click.option("--actions", envvar="SAYCODE_ACTIONS", help="The file that declares it.")
@click.option("--amount", default="", help="What is paid, with its currency: '12.30 EUR'.")
@click.option("--payee", default="", help="Who is paid.")
@click.option("--brand", default="Saycode", show_default=True, help="Who is calling.")
@click.option("--keypress", type=click.Choice(["digits", "any", "off"]), default="digits", show_default=True)
@click.option(
    "--style",
    type=click.Choice(["say", "key"]),
    default="say",
    show_default=True,
    help="say: the call reads the code; key: the user types it.",
)
@click.option("--twiml", is_flag=True, help="Print the TwiML instead of the sentences.")
def preview(
    language: str,
    action: str | None,
    actions: str | None,
    amount: str,
    payee: str,
    brand: str,
    keypress: str,
    style: str,
    twiml: bool,
) -> None:
    """Print what the caller hears, with pauses, menu and duration, and the text message."""
    from twiml.words import LANGUAGES, match_language, words
    from verification.errors import PaymentInvalid
    from verification.policy import BUILT_IN_ACTIONS, PAYMENT, SIGN_IN, Keypress
    from verification.types import CallStyle
    from verification.values import payments

    from ..config.actions_file import parse_actions
    from ..config.parsers import InvalidValue, parse_brand
    from ..reports.preview import Preview, preview_lines

    known = match_language(language)
    if known is None:
        exit_with_error(f"--language: {language} is not among {', '.join(LANGUAGES)}")
    try:
        who = parse_brand(brand)
    except InvalidValue as problem:
        exit_with_error(f"--brand {problem}")
    try:
        declared = parse_actions(actions) if actions else BUILT_IN_ACTIONS
        payment = payments.parse(amount, payee)
    except InvalidValue as problem:
        exit_with_error("\n".join(f"--actions {line}" for line in problem.args))
    except PaymentInvalid as problem:
        exit_with_error(f"--amount and --payee: {problem.why or 'give both, the amount as 12.30 EUR'}")
    action = action or (PAYMENT if payment else SIGN_IN)
    if action not in {one.name for one in declared}:
        exit_with_error(f"--action: {action} is not declared; there are {', '.join(one.name for one in declared)}")
    wanted = Preview(words(known), who, action, Keypress(keypress), CallStyle(style), payment, declared)
    for line in preview_lines(wanted, twiml=twiml):
        click.echo(line)


def _account(environ: Mapping[str, str]) -> tuple[str, str]:
    """The one live account: the environment's, or one that is made up and shown."""
    sid, token = environ.get("TWILIO_ACCOUNT_SID", ""), environ.get("TWILIO_AUTH_TOKEN", "")
    if not sid or not token:
        sid, token = "AC" + secrets.token_hex(16), secrets.token_hex(16)
        click.echo(f"TWILIO_ACCOUNT_SID={sid}\nTWILIO_AUTH_TOKEN={token}")
    return sid, token
