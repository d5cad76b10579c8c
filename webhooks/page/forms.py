"""The form: its fields parsed and validated, and the number formatted while it is typed.

The number travels in the body of a POST: an address would appear in logs.
"""

import unicodedata
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from twiml.words import Words, fill
from verification import errors
from verification.types import CallStyle, Channel
from verification.values import phone_numbers, usernames
from verification.values.phone_numbers import PhoneNumber, parse

from .. import requests
from ..context import app_context
from ..requests import Fields
from .accounts_mode import AccountForm
from .session import same_site

FIELDS = ("username", "phone", "channel", "style")


@dataclass(frozen=True, slots=True)
class StartForm:
    """A valid form with a phone field."""

    username: str
    number: PhoneNumber
    channel: Channel
    style: CallStyle


def parse_account_form(form: Fields, words: Words, *, offers_typing: bool) -> tuple[AccountForm | None, dict[str, str]]:
    """The form in accounts mode, or the error of each field. A phone field is ignored; `offers_typing` as below."""
    invalid: dict[str, str] = {}
    username = _username(form.text("username"), words, invalid)
    channel = _channel(form.text("channel"), words, invalid)
    if username is None or channel is None:
        return None, invalid
    return AccountForm(username, channel, _style(form, channel, offers_typing)), invalid


def parse_start_form(
    form: Fields, words: Words, *, region: str | None, offers_typing: bool
) -> tuple[StartForm | None, dict[str, str]]:
    """The form, or the error of each field.

    `region` is the country of numbers in national form. `offers_typing`: the code may be typed on the phone, where the
    operator says so. A text always names its code, so it has no style.
    """
    invalid: dict[str, str] = {}
    username = _username(form.text("username"), words, invalid)
    number = _number(form.text("phone"), words, invalid, region=region)
    channel = _channel(form.text("channel"), words, invalid)
    if username is None or number is None or channel is None:
        return None, invalid
    return StartForm(username, number, channel, _style(form, channel, offers_typing)), invalid


def _style(form: Fields, channel: Channel, offers_typing: bool) -> CallStyle:
    typed_on_phone = offers_typing and form.text("style") == CallStyle.KEY and channel is Channel.CALL
    return CallStyle.KEY if typed_on_phone else CallStyle.SAY


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


def _number(text: str, words: Words, invalid: dict[str, str], *, region: str | None) -> PhoneNumber | None:
    try:
        if any(unicodedata.category(c) == "Cc" for c in text.strip()):
            raise errors.NumberInvalid("control characters")  # phonenumbers ignores them
        number = parse(text, region=region)
        phone_numbers.require_public(number)
        return number
    except errors.NumberInvalid:
        invalid["phone"] = words.page.errors.phone_invalid if text.strip() else words.page.errors.phone_missing
    return None


def _channel(text: str, words: Words, invalid: dict[str, str]) -> Channel | None:
    try:
        return Channel(text)
    except ValueError:
        invalid["channel"] = words.page.errors.channel_missing
    return None


@same_site
async def format_number(request: Request) -> Response:
    """The field `phone`, grouped as in the home country."""
    form = await requests.read_form(request)
    return PlainTextResponse(phone_numbers.format_as_typed(form.text("phone"), region=app_context(request).region))
