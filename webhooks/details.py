"""What the form asks for, parsed once: who, which phone, how to reach it."""

import unicodedata
from dataclasses import dataclass

from twiml.words import Words, fill
from verification import errors, usernames
from verification.numbers import Number, parse
from verification.records import CallStyle
from verification.states import Channel

from .counter import Asked
from .forms import Fields

NAMES = ("username", "phone", "channel", "style")


@dataclass(frozen=True, slots=True)
class Details:
    """A form that is right."""

    username: str
    number: Number
    channel: Channel
    style: CallStyle


def read_asked(form: Fields, words: Words) -> tuple[Asked | None, dict[str, str]]:
    """The same where the number is the account's; one that is sent along is not even looked at."""
    wrong: dict[str, str] = {}
    username = _username(form.text("username"), words, wrong)
    channel = _channel(form.text("channel"), words, wrong)
    if username is None or channel is None:
        return None, wrong
    return Asked(username, channel, _style(form, channel)), wrong


def read(form: Fields, words: Words, *, region: str | None) -> tuple[Details | None, dict[str, str]]:
    """The details, or what is wrong with each field, in the person's language.

    National numbers are read as of `region`. A text always says its code, so it has no style of its own.
    """
    wrong: dict[str, str] = {}
    username = _username(form.text("username"), words, wrong)
    number = _number(form.text("phone"), words, wrong, region=region)
    channel = _channel(form.text("channel"), words, wrong)
    if username is None or number is None or channel is None:
        return None, wrong
    return Details(username, number, channel, _style(form, channel)), wrong


def _style(form: Fields, channel: Channel) -> CallStyle:
    typed = form.text("style") == CallStyle.KEY and channel is Channel.CALL
    return CallStyle.KEY if typed else CallStyle.SAY


def _username(text: str, words: Words, wrong: dict[str, str]) -> str | None:
    said = words.page.errors
    try:
        return usernames.clean(text)
    except errors.UsernameInvalid as problem:
        wrong["username"] = {
            errors.UsernameProblem.MISSING: said.username_missing,
            errors.UsernameProblem.TOO_LONG: fill(said.username_too_long, limit=usernames.LONGEST),
            errors.UsernameProblem.CHARACTERS: said.username_characters,
        }[problem.problem]
    return None


def _number(text: str, words: Words, wrong: dict[str, str], *, region: str | None) -> Number | None:
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
