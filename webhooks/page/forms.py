"""What the form asks for, parsed once: who, which phone, how to reach it.

While the form is being filled in: the number that was typed so far, in groups.

It comes in the body of a POST and is answered and forgotten: a number in an address would stand in every log.
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
    """A form that is right."""

    username: str
    number: PhoneNumber
    channel: Channel
    style: CallStyle


def parse_account_form(form: Fields, words: Words) -> tuple[AccountForm | None, dict[str, str]]:
    """The same where the number is the account's; one that is sent along is not even looked at."""
    wrong: dict[str, str] = {}
    username = _username(form.text("username"), words, wrong)
    channel = _channel(form.text("channel"), words, wrong)
    if username is None or channel is None:
        return None, wrong
    return AccountForm(username, channel, _style(form, channel)), wrong


def parse_start_form(form: Fields, words: Words, *, region: str | None) -> tuple[StartForm | None, dict[str, str]]:
    """The details, or what is wrong with each field, in the person's language.

    National numbers are read as of `region`. A text always says its code, so it has no style of its own.
    """
    wrong: dict[str, str] = {}
    username = _username(form.text("username"), words, wrong)
    number = _number(form.text("phone"), words, wrong, region=region)
    channel = _channel(form.text("channel"), words, wrong)
    if username is None or number is None or channel is None:
        return None, wrong
    return StartForm(username, number, channel, _style(form, channel)), wrong


def _style(form: Fields, channel: Channel) -> CallStyle:
    typed = form.text("style") == CallStyle.KEY and channel is Channel.CALL
    return CallStyle.KEY if typed else CallStyle.SAY


def _username(text: str, words: Words, wrong: dict[str, str]) -> str | None:
    said = words.page.errors
    try:
        return usernames.clean_username(text)
    except errors.UsernameInvalid as problem:
        wrong["username"] = {
            errors.UsernameProblem.MISSING: said.username_missing,
            errors.UsernameProblem.TOO_LONG: fill(said.username_too_long, limit=usernames.MAX_USERNAME_LENGTH),
            errors.UsernameProblem.CHARACTERS: said.username_characters,
        }[problem.problem]
    return None


def _number(text: str, words: Words, wrong: dict[str, str], *, region: str | None) -> PhoneNumber | None:
    try:
        if any(unicodedata.category(c) == "Cc" for c in text.strip()):
            raise errors.NumberInvalid("control characters")  # phonenumbers passes over them
        return parse(text, region=region)
    except errors.NumberInvalid:
        wrong["phone"] = words.page.errors.phone_invalid if text.strip() else words.page.errors.phone_missing
    return None


def _channel(text: str, words: Words, wrong: dict[str, str]) -> Channel | None:
    try:
        return Channel(text)
    except ValueError:
        wrong["channel"] = words.page.errors.channel_missing
    return None


@same_site
async def format_number(request: Request) -> Response:
    """The field `phone`, as the home country writes it."""
    form = await requests.read_form(request)
    return PlainTextResponse(phone_numbers.format_as_typed(form.text("phone"), region=app_context(request).region))
