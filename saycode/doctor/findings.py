"""What the doctor finds, and how it is printed."""

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How bad it is. Only a problem makes the command fail."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


class Check(StrEnum):
    """What was looked at, in the order of the visit."""

    SETTINGS = "settings"
    LANGUAGE = "language"
    COUNTRIES = "countries"
    LIMITS = "limits"
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
    ADDRESS = "address"
    IDENTITY = "this service"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One result, in one plain sentence or two. A problem always says how to mend it."""

    check: Check
    level: Level
    said: str
    mend: str = ""


def ok(check: Check, said: str) -> Finding:
    """All is well here."""
    return Finding(check=check, level=Level.OK, said=said)


def note(check: Check, said: str, mend: str = "") -> Finding:
    """Worth knowing; it may be meant."""
    return Finding(check=check, level=Level.NOTE, said=said, mend=mend)


def problem(check: Check, said: str, mend: str) -> Finding:
    """Something that keeps calls, texts or webhooks from working."""
    return Finding(check=check, level=Level.PROBLEM, said=said, mend=mend)


_COLOURS = {Level.OK: "\x1b[32m", Level.NOTE: "\x1b[33m", Level.PROBLEM: "\x1b[31m"}
_PLAIN = "\x1b[0m"
_LEVEL_WIDTH, _CHECK_WIDTH = 9, 14


def finding_lines(finding: Finding, *, width: int, colour: bool) -> list[str]:
    """A finding for a terminal that is `width` columns wide."""
    level = finding.level.ljust(_LEVEL_WIDTH)
    margin = _LEVEL_WIDTH + _CHECK_WIDTH
    room = max(width - margin, 30)
    said = textwrap.wrap(_printable(finding.said), room, break_long_words=False, break_on_hyphens=False)
    if finding.mend:
        said += textwrap.wrap(
            "Fix: " + _printable(finding.mend),
            room,
            subsequent_indent="      ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    head = (f"{_COLOURS[finding.level]}{level}{_PLAIN}" if colour else level) + finding.check.ljust(_CHECK_WIDTH)
    return [head + said[0], *(" " * margin + line for line in said[1:])]


def summary(findings: Sequence[Finding]) -> str:
    """The last line."""
    problems, notes = (sum(finding.level is level for finding in findings) for level in (Level.PROBLEM, Level.NOTE))
    noted = f", {notes} to note" if notes else ""
    if problems:
        return f"{problems} to fix{noted}."
    return f"All is well{noted}."


def to_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """Print all findings as JSON."""
    return {"well": is_well(findings), "findings": [asdict(finding) for finding in findings]}


def is_well(findings: Sequence[Finding]) -> bool:
    """Whether there is no problem."""
    return all(finding.level is not Level.PROBLEM for finding in findings)


def _printable(text: str) -> str:
    """Parts of it came over the network, and must not steer a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
