"""The command line. Each command is a few lines here and its work elsewhere, imported when it is asked for."""

import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from .commands.accounts import accounts
from .commands.audit import audit
from .commands.backup import backup
from .commands.events import events
from .commands.numbers import numbers
from .commands.services import keys, services
from .commands.show import show
from .commands.why import unlock, why
from .preconditions import settings_or_stop, stop

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
    help="What the phone does. A silent one is answered, but nobody presses a key.",
)
@click.option("--speed", default=4.0, show_default=True, type=click.FloatRange(1, 100), help="Against a real line.")
def demo(port: int, once: bool, phone: str, speed: float) -> None:
    """Watch a whole verification: no account, no internet, nothing kept."""
    from .demo import run

    sys.exit(run(port=port, once=once, phone=phone, speed=speed))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=PORT)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the page, the webhooks and the API, with the settings of the environment or `.env`."""
    from .database import DatabaseProblem
    from .serving import serve as serve_settings

    settings = settings_or_stop()
    try:
        serve_settings(settings, host=host, port=port, workers=workers)
    except DatabaseProblem as problem:
        stop(str(problem))


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8001, show_default=True, type=PORT)
@click.option("--told", is_flag=True, help="Time moves only when told to, so that tests are quick.")
@click.option(
    "--calls-per-second", default=1.0, show_default=True, type=click.FloatRange(0), help="Further calls queue; 0: none."
)
def simulate(host: str, port: int, told: bool, calls_per_second: float) -> None:
    """Serve a Twilio of your own, for anybody's tests."""
    from .serving import simulate as serve_simulator

    sid, token = _account(os.environ)
    serve_simulator(sid, token, host=host, port=port, told=told, calls_per_second=calls_per_second or None)


@main.command()
@click.option("--fix", is_flag=True, help="Let calls and texts to the from-number lead to this service.")
@click.option("--json", "json_wanted", is_flag=True, help="Everything at once, for a program.")
def doctor(fix: bool, json_wanted: bool) -> None:
    """Check the set-up, and say how to mend it: exit 1 on any problem."""
    from .doctor.visit import run

    sys.exit(run(json_wanted=json_wanted, fix=fix, directory=Path.cwd()))


@main.command()
@click.option("--language", default="en-US", show_default=True)
@click.option("--action", help="What the code is for; sign-in, or payment where there is an amount.")
@click.option("--actions", envvar="SAYCODE_ACTIONS", help="The file that declares it.")
@click.option("--amount", default="", help="What is paid, with its currency: '12.30 EUR'.")
@click.option("--payee", default="", help="Who is paid.")
@click.option("--brand", default="Saycode", show_default=True, help="Who is calling.")
@click.option("--keypress", type=click.Choice(["digits", "any", "off"]), default="digits", show_default=True)
@click.option("--style", type=click.Choice(["say", "key"]), default="say", show_default=True, help="Who says the code.")
@click.option("--twiml", is_flag=True, help="The documents instead of the sentences.")
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
    """Print what a person would hear, with pauses, the menu, how long it takes, and the text."""
    from twiml.words import LANGUAGES, match, words
    from verification import payments
    from verification.actions import BUILT_IN, PAYMENT, SIGN_IN
    from verification.errors import PaymentInvalid
    from verification.policy import Keypress
    from verification.records import CallStyle

    from .actions import parse_actions
    from .preview import Preview, lines
    from .setting_types import BadValue, parse_brand

    known = match(language)
    if known is None:
        stop(f"--language: {language} is not among {', '.join(LANGUAGES)}")
    try:
        who = parse_brand(brand)
    except BadValue as problem:
        stop(f"--brand {problem}")
    try:
        declared = parse_actions(actions) if actions else BUILT_IN
        payment = payments.parse(amount, payee)
    except BadValue as problem:
        stop("\n".join(f"--actions {line}" for line in problem.args))
    except PaymentInvalid as problem:
        stop(f"--amount and --payee: {problem.why or 'give both, the amount as 12.30 EUR'}")
    action = action or (PAYMENT if payment else SIGN_IN)
    if action not in {one.name for one in declared}:
        stop(f"--action: {action} is not declared; there are {', '.join(one.name for one in declared)}")
    wanted = Preview(words(known), who, action, Keypress(keypress), CallStyle(style), payment, declared)
    for line in lines(wanted, twiml=twiml):
        click.echo(line)


def _account(environ: Mapping[str, str]) -> tuple[str, str]:
    """The one live account: the environment's, or one that is made up and shown."""
    sid, token = environ.get("TWILIO_ACCOUNT_SID", ""), environ.get("TWILIO_AUTH_TOKEN", "")
    if not sid or not token:
        sid, token = "AC" + secrets.token_hex(16), secrets.token_hex(16)
        click.echo(f"TWILIO_ACCOUNT_SID={sid}\nTWILIO_AUTH_TOKEN={token}")
    return sid, token
