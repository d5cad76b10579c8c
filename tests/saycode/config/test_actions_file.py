"""actions.toml: what the operator declares, and what is refused in it before anything listens."""

from pathlib import Path

import pytest

from saycode.config.actions_file import parse_actions
from saycode.config.loader import load
from saycode.config.parsers import InvalidValue
from saycode.config.policy import build_policy
from tests.saycode.config.test_settings import REQUIRED, problems
from twiml.text import message_purpose
from twiml.words import LANGUAGES, words
from verification.policy import BUILT_IN_ACTIONS, Action, action_phrase
from verification.types import CallStyle, Channel

FILE = """
[close-account]
fresh = 30
channels = ["call"]
styles = ["key"]

[close-account.spoken]
en-US = "to close your account"
de-DE = "zum Schließen Ihres Kontos"

[sign-in]
risky = true
"""
CLOSE = Action(
    name="close-account",
    spoken=(("en-US", "to close your account"), ("de-DE", "zum Schließen Ihres Kontos")),
    approval_lifetime=30,
    channels=frozenset({Channel.CALL}),
    styles=frozenset({CallStyle.KEY}),
)


def written(folder: Path, text: str) -> str:
    path = folder / "actions.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_adds_its_actions_and_changes_built_in_ones(tmp_path: Path) -> None:
    declared = parse_actions(written(tmp_path, FILE))
    assert declared[:2] == (CLOSE, Action(name="sign-in", risky=True))
    assert declared[2:] == BUILT_IN_ACTIONS[1:]


def test_the_settings_bring_them_into_the_policy(tmp_path: Path) -> None:
    settings = load({**REQUIRED, "SAYCODE_ACTIONS": written(tmp_path, FILE), "SAYCODE_APPROVAL_LIFETIME": "90"})
    made = build_policy(settings)
    assert made.action("close-account") == CLOSE
    assert (made.approval_seconds("close-account"), made.approval_seconds("sign-in")) == (30, 90)
    assert build_policy(load(REQUIRED)).actions == BUILT_IN_ACTIONS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[close", "is no TOML"),
        ("[Close]", "Close is no name"),
        ("[your-code-is-111111-call-1-800-and-so-on-and-on]", "is no name"),
        ("close = 1", "close must be a table"),
        ("[close]\nfresh = 5", "close.fresh must be 10 to 600 seconds"),
        ("[close]\nfresh = true", "close.fresh must be 10 to 600 seconds"),
        ("[close]\nrisky = 1", "close.risky must be true or false"),
        ("[close]\nchannels = []", "close.channels must be a list of: call, sms"),
        ("[close]\nchannels = [1]", "close.channels must be a list of: call, sms"),
        ('[close]\nchannels = "call"', "close.channels must be a list of: call, sms"),
        ('[close]\nchannels = ["email"]', "close.channels must be a list of: call, sms"),
        ("[close]\nstyles = [[]]", "close.styles must be a list of: say, key"),
        ("[close]\ncolour = 1", "close.colour is unknown"),
        ("[close]\nspoken = 1", "close.spoken must be a table"),
        ('[close.spoken]\nxx = "a"', "close.spoken.xx is not one of the languages"),
        ("[close.spoken]\nen-US = 1", "close.spoken.en-US must be a text"),
        ('[close.spoken]\nen-US = "your code is 111111"', "close.spoken.en-US must not have three numbers"),
        ('[close.spoken]\nen-US = "<Play/>"', "close.spoken.en-US must be letters"),
        ('[close.spoken]\nen-US = "at evil.example"', "close.spoken.en-US must be letters"),
        (f'[close.spoken]\nen-US = "{"x" * 61}"', "close.spoken.en-US must have 1 to 60 characters"),
    ],
)
def test_what_means_nothing_is_refused_in_one_line(tmp_path: Path, text: str, expected: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InvalidValue) as refused:
        parse_actions(path)
    (line,) = refused.value.args
    assert line.startswith("names a file ")
    assert expected in line


def test_a_start_tells_all_problems_a_line_each(tmp_path: Path) -> None:
    path = written(tmp_path, "[close]\nfresh = 1\nrisky = 1\n[Open]\n")
    found = problems({**REQUIRED, "SAYCODE_ACTIONS": path})
    assert len(found) == 3
    assert all(line.startswith("SAYCODE_ACTIONS names a file where ") for line in found)


@pytest.mark.parametrize("path", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_stops_the_start(path: str) -> None:
    (found,) = problems({**REQUIRED, "SAYCODE_ACTIONS": path})
    assert found.startswith("SAYCODE_ACTIONS names a file that cannot be read")


@pytest.mark.parametrize("language", ["en-US", "de-DE"])
def test_an_action_needs_a_phrase_in_the_operators_own_language(tmp_path: Path, language: str) -> None:
    path = written(tmp_path, '[close.spoken]\nfr-FR = "pour fermer votre compte"')
    (found,) = problems({**REQUIRED, "SAYCODE_ACTIONS": path, "SAYCODE_LANGUAGE": language})
    assert "close.spoken has nothing for " + language in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_without_a_phrase_says_the_neutral_one(language: str) -> None:
    spoken = words(language)
    expected = {"en": CLOSE.spoken[0][1], "de": CLOSE.spoken[1][1]}
    purpose = spoken.purpose("close-account", action_phrase((CLOSE,), "close-account", language))
    assert purpose == expected.get(language.split("-")[0], spoken.purposes["neutral"])


def test_a_text_says_what_it_is_for_unless_that_is_signing_in() -> None:
    english = words("en-US")
    assert message_purpose(english, "sign-in") == ""
    assert message_purpose(english, "change-password") == "to change your password"
    declared = action_phrase((CLOSE,), "close-account", "en-US")
    assert message_purpose(english, "close-account", declared=declared) == "to close your account"
