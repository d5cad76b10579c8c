"""The form: its fields parsed and validated, and the number formatted while it is typed.

The number travels in the body of a POST: an address would appear in logs.
"""

import unicodedata
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from twiml.words import Words, fill
from verification import errors
from verification.policy import SIGN_IN
from verification.types import CallStyle, Channel
from verification.values import phone_numbers, usernames, written_numbers
from verification.values.phone_numbers import PhoneNumber, parse

from .. import requests
from ..context import AppContext, app_context
from ..requests import Fields
from .accounts_mode import AccountForm
from .session import same_site
from .view import Way, unbroken_number

FIELDS = ("username", "phone", "channel")


def ways(ctx: AppContext, action: str = SIGN_IN, *, payment: bool = False) -> tuple[Way, ...]:
    """The ways to send a code that the operator allows for an action, or for a `payment` that the message has to name.
    The code is shown, to be typed on the phone,
    where the operator offers that, or allows no other call.
    """
    allows = partial(ctx.verifier.policy.allows, payment=payment)
    usual = tuple(Way(channel) for channel in Channel if allows(action, channel, CallStyle.SAY))
    wanted = ctx.call_style is CallStyle.KEY or Way.CALL not in usual
    return (*usual, Way.KEY) if wanted and allows(action, Way.KEY.channel, CallStyle.KEY) else usual


@dataclass(frozen=True, slots=True)
class StartForm:
    """A valid form with a phone field."""

    username: str
    number: PhoneNumber
    channel: Channel
    style: CallStyle


def parse_account_form(
    form: Fields, words: Words, *, ways: tuple[Way, ...]
) -> tuple[AccountForm | None, dict[str, str]]:
    """The form in accounts mode, or the error of each field. A phone field is ignored; `ways` as below."""
    invalid: dict[str, str] = {}
    username = _username(form.text("username"), words, invalid)
    way = _way(form, words, invalid, ways)
    if username is None or way is None:
        return None, invalid
    return AccountForm(username, *_channel_and_style(way)), invalid


def parse_start_form(
    form: Fields, words: Words, *, region: str | None, countries: frozenset[str], ways: tuple[Way, ...]
) -> tuple[StartForm | None, dict[str, str]]:
    """The form, or the error of each field.

    `region` is the country of numbers in national form; a message has an example of one of the `countries`. `ways` are
    those that the form offers.
    """
    invalid: dict[str, str] = {}
    username = _username(form.text("username"), words, invalid)
    number = _number(form.text("phone"), words, invalid, region=region, home=region or min(countries))
    way = _way(form, words, invalid, ways)
    if username is None or number is None or way is None:
        return None, invalid
    return StartForm(username, number, *_channel_and_style(way)), invalid


def _channel_and_style(way: Way) -> tuple[Channel, CallStyle]:
    return way.channel, CallStyle.KEY if way is Way.KEY else CallStyle.SAY


def _username(text: str, words: Words, invalid: dict[str, str]) -> str | None:
    sentences = words.page.errors
    try:
        return usernames.clean_username(text)
    except errors.UsernameInvalid as error:
        invalid["username"] = {
            errors.UsernameProblem.MISSING: sentences.username_missing,
            errors.UsernameProblem.TOO_LONG: fill(sentences.username_too_long, limit=usernames.MAX_USERNAME_LENGTH),
            errors.UsernameProblem.CHARACTERS: sentences.username_characters,
        }[error.problem]
    return None


def _number(text: str, words: Words, invalid: dict[str, str], *, region: str | None, home: str) -> PhoneNumber | None:
    try:
        if any(unicodedata.category(c) == "Cc" for c in text.strip()):
            raise errors.NumberInvalid("control characters")  # phonenumbers ignores them
        number = parse(text, region=region)
        phone_numbers.require_public(number)
        return number
    except errors.NumberInvalid:
        example = unbroken_number(written_numbers.example_number(home))
        not_a_number = fill(words.page.errors.phone_invalid, example=example)
        invalid["phone"] = not_a_number if text.strip() else words.page.errors.phone_missing
    return None


def _way(form: Fields, words: Words, invalid: dict[str, str], ways: tuple[Way, ...]) -> Way | None:
    """The way that was chosen. `channel=call` with `style=key` is the older spelling of `channel=key`."""
    text = form.text("channel")
    if text == Way.CALL and form.text("style") == CallStyle.KEY and Way.KEY in ways:
        return Way.KEY
    if text in ways:
        return Way(text)
    invalid["channel"] = words.page.errors.channel_missing
    return None


@same_site
async def format_number(request: Request) -> Response:
    """The field `phone`, grouped as in the home country."""
    form = await requests.read_form(request)
    return PlainTextResponse(written_numbers.format_as_typed(form.text("phone"), region=app_context(request).region))
