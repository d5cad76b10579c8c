"""The speech of a `<Say>`: its SSML as plain text, and the time it takes to speak."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

CHARACTERS_PER_SECOND = 15.0
COMMA_PAUSE = 0.25
PERIOD_PAUSE = 0.45

SSML: dict[str, frozenset[str]] = {
    "break": frozenset({"strength", "time"}),
    "say-as": frozenset({"interpret-as", "format"}),
    "prosody": frozenset({"volume", "rate", "pitch"}),
    "emphasis": frozenset({"level"}),
    "lang": frozenset({"{http://www.w3.org/XML/1998/namespace}lang"}),
    "p": frozenset(),
    "s": frozenset(),
    "sub": frozenset({"alias"}),
    "phoneme": frozenset({"alphabet", "ph"}),
    "w": frozenset({"role"}),
}
_SPELLED = frozenset({"characters", "spell-out", "digits", "telephone"})
_BREAKS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.5}


@dataclass(frozen=True, slots=True)
class Speech:
    text: str
    seconds: float


def speaking_seconds(text: str) -> float:
    """About 15 characters a second, plus pauses for commas and periods."""
    commas, periods = re.findall(r"[,;:\u3001\uff0c]", text), re.findall(r"[.!?…。]", text)
    pauses = COMMA_PAUSE * len(commas) + PERIOD_PAUSE * len(periods)
    return len(text.strip()) / CHARACTERS_PER_SECOND + pauses


def flatten(say: Element) -> Speech:
    """The text of a `<Say>` without its SSML, and the time it takes."""
    pieces = list(_pieces(say, rate=1.0))
    text = re.sub(r"\s+", " ", "".join(text for text, _ in pieces)).strip()
    return Speech(text, sum(seconds for _, seconds in pieces))


def _pieces(element: Element, *, rate: float) -> Iterator[tuple[str, float]]:
    yield _spoken(element.text, rate)
    for child in element:
        yield from _tag(child, rate)
        yield _spoken(child.tail, rate)


def _tag(child: Element, rate: float) -> Iterator[tuple[str, float]]:
    match child.tag:
        case "break":
            yield " ", _break_seconds(child)
        case "say-as" if child.get("interpret-as") in _SPELLED:
            letters = "".join("".join(child.itertext()).split())
            text = " ".join(letters)
            yield text, len(letters) * 0.4 / rate
        case "sub":
            yield _spoken(child.get("alias"), rate)
        case "prosody":
            yield from _pieces(child, rate=rate * _rate(child.get("rate", "medium")))
        case "p" | "s":
            yield from _pieces(child, rate=rate)
            yield " ", PERIOD_PAUSE
        case _:
            yield from _pieces(child, rate=rate)


def _spoken(text: str | None, rate: float) -> tuple[str, float]:
    text = re.sub(r"\s+", " ", text or "")
    return text, speaking_seconds(text) / rate


def _break_seconds(child: Element) -> float:
    if match := re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s)", child.get("time", "")):
        return float(match[1]) / (1000 if match[2] == "ms" else 1)
    return _BREAKS.get(child.get("strength", "medium"), 0.4)


def _rate(value: str) -> float:
    if match := re.fullmatch(r"(\d+)%", value):
        return max(int(match[1]) / 100, 0.2)
    return _RATES.get(value, 1.0)
