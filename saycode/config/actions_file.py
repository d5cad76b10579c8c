"""actions.toml: the actions of verifications, declared by the operator.

    [close-account]                 the name in addresses, logs and receipts
    fresh = 60                      seconds that an approval is valid
    channels = ["call"]             call, sms
    styles = ["key"]                say, key
    risky = true                    not with a number that is new to its account

    [close-account.spoken]          the phrase after "code": "the code to close your account"
    en-US = "to close your account"

A built-in action needs no phrases. Any other needs one in the operator's language; in a language without one the call
says the neutral phrase ("the code you asked for").
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from twiml.words import LANGUAGES, words
from verification.policy import ACTION_NAME, BUILT_IN_ACTIONS, MAX_PHRASE_LENGTH, Action
from verification.types import CallStyle, Channel
from verification.values.spoken_names import Unspeakable, speakable

from .parsers import InvalidValue
from .text_files import read_toml

E = TypeVar("E", bound=StrEnum)

MIN_FRESH, MAX_FRESH = 10, 600
ALLOWED_PUNCTUATION = "'\u2019,-"


def parse_actions(path: str) -> tuple[Action, ...]:
    """The actions of the file and the built-in ones, which the file may replace by name.

    Raises InvalidValue with a line for each problem.
    """
    declared = read_toml(path)
    problems = [f"{name}{problem}" for name, action in declared.items() for problem in _problems(name, action)]
    if problems:
        raise InvalidValue(*(f"names a file where {problem}" for problem in problems))
    own = {name: _parse_action(name, action) for name, action in declared.items()}
    return (*own.values(), *(action for action in BUILT_IN_ACTIONS if action.name not in own))


def actions_without_phrase(actions: tuple[Action, ...], language: str) -> Iterator[str]:
    """The names of actions that have no phrase in this language."""
    built_in = words(language).purposes
    return (action.name for action in actions if action.name not in built_in and action.phrase(language) is None)


def _problems(name: str, declaration: object) -> Iterator[str]:
    if not ACTION_NAME.fullmatch(name):
        yield " is no name: use up to 40 of a-z, 0-9 and -, and begin with a letter"
    if not isinstance(declaration, Mapping):
        yield " must be a table"
        return
    for key in sorted(declaration.keys() - {"fresh", "channels", "styles", "risky", "spoken"}):
        yield f".{key} is unknown; the keys are fresh, channels, styles, risky and spoken"
    fresh = declaration.get("fresh")
    if fresh is not None and not (type(fresh) is int and MIN_FRESH <= fresh <= MAX_FRESH):
        yield f".fresh must be {MIN_FRESH} to {MAX_FRESH} seconds"
    if not isinstance(declaration.get("risky", True), bool):
        yield ".risky must be true or false"
    for key, kind in (("channels", Channel), ("styles", CallStyle)):
        if _parse_enum_set(kind, declaration.get(key, [*kind])) is None:
            yield f".{key} must be a list of: {', '.join(kind)}"
    yield from _phrase_problems(declaration.get("spoken", {}))


def _phrase_problems(spoken: object) -> Iterator[str]:
    if not isinstance(spoken, Mapping):
        yield ".spoken must be a table of phrases by language"
        return
    for language, phrase in spoken.items():
        if language not in LANGUAGES:
            yield f".spoken.{language} is not one of the languages: {', '.join(LANGUAGES)}"
        elif not isinstance(phrase, str):
            yield f".spoken.{language} must be a text"
        else:
            try:
                speakable(phrase, longest=MAX_PHRASE_LENGTH, marks=ALLOWED_PUNCTUATION)
            except Unspeakable as problem:
                yield f".spoken.{language} {problem}"


def _parse_enum_set(kind: type[E], value: object) -> frozenset[E] | None:
    try:
        return frozenset(map(kind, value)) or None if isinstance(value, list) else None
    except ValueError:
        return None


def _parse_action(name: str, declaration: Mapping[str, Any]) -> Action:
    spoken = {
        language: speakable(phrase, longest=MAX_PHRASE_LENGTH, marks=ALLOWED_PUNCTUATION)
        for language, phrase in declaration.get("spoken", {}).items()
    }
    return Action(
        name=name,
        spoken=tuple(spoken.items()),
        approval_lifetime=declaration.get("fresh"),
        channels=frozenset(map(Channel, declaration.get("channels", Channel))),
        styles=frozenset(map(CallStyle, declaration.get("styles", CallStyle))),
        risky=declaration.get("risky", True),
    )
