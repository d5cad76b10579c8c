"""The debugger has a meaning and a level for every code in the source."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import twilio_simulator
from tests.support.simulator import make_simulator
from twilio_simulator.core.errors import REST_ERRORS
from twilio_simulator.http.debugger import ERRORS, WARNINGS, Level
from twilio_simulator.http.transport import ConnectionFailure

SOURCES = sorted(Path(twilio_simulator.__file__).parent.rglob("*.py"))
LATER = {30003, 30004, 30005, 30006, 30007, 30008, 30034, 30036, 30450, 60600, 60620}
"""Codes of messages and of Lookup, which the debugger never records."""


def test_every_code_in_the_source_has_its_meaning() -> None:
    codes = {
        int(code)
        for source in SOURCES
        for code in re.findall(r"\b(?:1[0-5]|2[01]|3[02]|60)\d{3}\b", source.read_text())
    }
    numbers = {10_000, 14_400}
    assert codes - numbers - LATER <= set(ERRORS) | set(WARNINGS) | set(REST_ERRORS)


def test_no_code_is_both_an_error_and_a_warning() -> None:
    assert not set(ERRORS) & set(WARNINGS)


@pytest.mark.parametrize("how", list(ConnectionFailure))
def test_every_fault_of_the_network_is_an_error(how: ConnectionFailure) -> None:
    assert how.value in ERRORS


@pytest.mark.parametrize(("code", "level"), [(12100, Level.ERROR), (12200, Level.WARNING)])
def test_a_code_has_its_level(code: int, level: Level) -> None:
    debugger = make_simulator().twilio.debugger
    debugger.record(code, "here", sid="CA1", url="http://x.example/")
    (entry,) = debugger
    assert (entry.level, entry.call_sid, entry.message_sid) == (level, "CA1", None)
    assert entry.message.endswith(": here")


def test_a_notice_has_no_code() -> None:
    debugger = make_simulator().twilio.debugger
    debugger.notice("Something is ignored", sid="SM1")
    (entry,) = debugger
    assert (entry.level, entry.code, entry.message_sid) == (Level.NOTICE, None, "SM1")
