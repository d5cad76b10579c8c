"""`saycode preview`: the call and the text as the recipient gets them."""

import click

from .context import exit_with_error


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
    for line in preview_lines(call, twiml=twiml):
        click.echo(line)
