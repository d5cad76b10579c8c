"""The findings of the doctor, and how they are printed."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ..config.twilio_settings import DIALECTS, STANDBY, Carrier, Dialect

#: Twilio's pages, which findings name.
CONSOLE, STATUS_PAGE = DIALECTS[Carrier.TWILIO].console, DIALECTS[Carrier.TWILIO].status_page


class Level(StrEnum):
    """The severity. Only a problem makes the command fail."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


class Check(StrEnum):
    """The subject of a finding, in the order of the examination."""

    SETTINGS = "settings"
    LANGUAGE = "language"
    COUNTRIES = "countries"
    TEST_NUMBERS = "test numbers"
    LIMITS = "limits"
    ALERTS = "alerts"
    DATABASE = "database"
    CREDENTIALS = "credentials"
    ACCOUNT = "account"
    CLOCK = "clock"
    KEY = "api key"
    NUMBER = "number"
    CALLS = "calls to us"
    TEXTS = "texts to us"
    SERVICE = "messaging"
    SENDER = "sender"
    WHATSAPP = "whatsapp"
    ADDRESS = "address"
    IDENTITY = "this service"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One result in one or two sentences. A problem always has a fix."""

    check: Check
    level: Level
    message: str
    fix: str = ""


def ok(check: Check, message: str) -> Finding:
    return Finding(check=check, level=Level.OK, message=message)


def note(check: Check, message: str, fix: str = "") -> Finding:
    """Worth knowing, and possibly intended."""
    return Finding(check=check, level=Level.NOTE, message=message, fix=fix)


def problem(check: Check, message: str, fix: str) -> Finding:
    """Calls, texts or webhooks do not work this way."""
    return Finding(check=check, level=Level.PROBLEM, message=message, fix=fix)


def in_words_of(dialect: Dialect, finding: Finding) -> Finding:
    """A finding about another company than Twilio, with that company's name and pages."""
    if dialect.company == "Twilio":
        return finding
    names = {CONSOLE: dialect.console, STATUS_PAGE: dialect.status_page, "Twilio": dialect.company}
    message, fix = finding.message, finding.fix
    for ours, theirs in names.items():
        message, fix = message.replace(ours, theirs), fix.replace(ours, theirs)
    return replace(finding, message=message, fix=fix)


def of_standby(finding: Finding) -> Finding:
    """A finding about the standby account, with the names of its settings."""
    message, fix = finding.message, finding.fix
    for name in STANDBY:
        first = f"TWILIO_{name.upper()}"
        message, fix = (text.replace(first, f"SAYCODE_STANDBY_{name.upper()}") for text in (message, fix))
    return replace(finding, message=f"Standby account: {message}", fix=fix)


_COLORS = {Level.OK: "\x1b[32m", Level.NOTE: "\x1b[33m", Level.PROBLEM: "\x1b[31m"}
_PLAIN = "\x1b[0m"
_LEVEL_WIDTH, _CHECK_WIDTH = 9, 14


def finding_lines(finding: Finding, *, width: int, color: bool) -> list[str]:
    """A finding for a terminal that is `width` columns wide."""
    level = finding.level.ljust(_LEVEL_WIDTH)
    margin = _LEVEL_WIDTH + _CHECK_WIDTH
    text_width = max(width - margin, 30)
    lines = textwrap.wrap(_printable(finding.message), text_width, break_long_words=False, break_on_hyphens=False)
    if finding.fix:
        lines += textwrap.wrap(
            "Fix: " + _printable(finding.fix),
            text_width,
            subsequent_indent="      ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    head = (f"{_COLORS[finding.level]}{level}{_PLAIN}" if color else level) + finding.check.ljust(_CHECK_WIDTH)
    return [head + lines[0], *(" " * margin + line for line in lines[1:])]


def summary(findings: Sequence[Finding]) -> str:
    """The last line of the output."""
    problems, notes = (sum(finding.level is level for finding in findings) for level in (Level.PROBLEM, Level.NOTE))
    to_note = f", {notes} to note" if notes else ""
    return f"{problems} to fix{to_note}." if problems else f"All is well{to_note}."


def to_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """All findings for JSON, under their documented keys."""
    entries = [
        {"check": finding.check, "level": finding.level, "said": finding.message, "mend": finding.fix}
        for finding in findings
    ]
    return {"well": is_well(findings), "findings": entries}


def is_well(findings: Sequence[Finding]) -> bool:
    """Whether there is no problem."""
    return all(finding.level is not Level.PROBLEM for finding in findings)


def _printable(text: str) -> str:
    """Parts of the text came over the network, and must not control the terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
