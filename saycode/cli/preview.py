"""`saycode preview`: the call and the text as the recipient gets them, and the check of a language."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .context import counted, exit_with_error

if TYPE_CHECKING:
    from ..reports.preview import Preview


def _check(context: click.Context, _option: click.Parameter, language: str | None) -> None:
    """Print what is wrong with a language, or its figures. Exits with 1 when anything is wrong."""
    if language is None or context.resilient_parsing:
        return
    from twiml.words import LANGUAGES, match_language, words

    from ..reports.language_check import figures, problems

    tag = match_language(language)
    if tag is None:
        exit_with_error(f"--check: {language} is not among {', '.join(LANGUAGES)}")
    try:
        spoken = words(tag)
    except (ImportError, TypeError) as problem:  # no file, or a sentence that is missing or unknown
        click.echo(f"{tag}: {problem}")
        sys.exit(1)
    found = list(problems(spoken))
    click.echo("\n".join([f"{spoken.native_name} ({tag}), {spoken.voice}", *(found or figures(spoken))]))
    click.echo(f"{counted(len(found), 'problem', 'problems')}." if found else "No problems.")
    sys.exit(1 if found else 0)


@click.command()
@click.option("--language", default="en-US", show_default=True)
@click.option("--action", help="What the code is for; default: sign-in, or payment with an amount.")
@click.option("--actions", envvar="SAYCODE_ACTIONS", help="The file that declares the actions.")
@click.option("--amount", default="", help="The amount with its currency: '12.30 EUR'.")
@click.option("--payee", default="", help="The payee.")
@click.option("--brand", default="Saycode", show_default=True, help="The name of the caller.")
@click.option("--keypress", type=click.Choice(["digits", "any", "off"]), default="digits", show_default=True)
@click.option(
    "--style",
    type=click.Choice(["say", "key"]),
    default="say",
    show_default=True,
    help="say: the call reads the code; key: the user types it.",
)
@click.option("--twiml", is_flag=True, help="Print the TwiML instead of the sentences.")
@click.option("--wav", type=click.Path(dir_okay=False, path_type=Path), help="Write the call as sound instead.")
@click.option("--voice", type=click.Path(dir_okay=False, path_type=Path), help="The file of a Piper voice for --wav.")
@click.option(
    "--check",
    metavar="LANGUAGE",
    callback=_check,
    is_eager=True,
    expose_value=False,
    help="Check the sentences of a language, and print nothing else.",
)
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
    wav: Path | None,
    voice: Path | None,
) -> None:
    """Print what the person on the phone hears, with pauses, menu and duration, and the text message."""
    from twiml.words import LANGUAGES, match_language, words
    from verification.errors import PaymentInvalid
    from verification.policy import BUILT_IN_ACTIONS, PAYMENT, SIGN_IN, Keypress
    from verification.types import CallStyle
    from verification.values import payments

    from ..config.actions_file import parse_actions
    from ..config.parsers import InvalidValue, parse_brand
    from ..reports.preview import Preview, preview_lines

    tag = match_language(language)
    if tag is None:
        exit_with_error(f"--language: {language} is not among {', '.join(LANGUAGES)}")
    try:
        caller = parse_brand(brand)
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
    names = [declaration.name for declaration in declared]
    if action not in names:
        exit_with_error(f"--action: {action} is not declared; the actions are {', '.join(names)}")
    call = Preview(words(tag), caller, action, Keypress(keypress), CallStyle(style), payment, declared)
    if wav is not None:
        _write_sound(call, wav, voice)
        return
    for line in preview_lines(call, twiml=twiml):
        click.echo(line)


def _write_sound(call: "Preview", path: Path, voice_file: Path | None) -> None:
    from ..reports.piper_voice import NoVoice, load_voice
    from ..reports.sound import call_pieces, render_sound, write_wav

    try:
        voice = load_voice(call.words.tag, voice_file)
        sound = render_sound(call_pieces(call.happy_path()), voice)
        write_wav(path, sound)
    except NoVoice as problem:
        exit_with_error(f"--wav: {problem}")
    except OSError as problem:
        exit_with_error(f"--wav: {path} cannot be written: {problem.strerror}")
    click.echo(f"{path}: {sound.seconds:.0f} s, as on a phone, spoken by {voice.name}.")
