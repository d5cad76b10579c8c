"""Connection overrides: the fragment of a webhook's URL, `#rc=2&rp=5xx,ct&ct=2000`. Never sent, never signed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..core.wordlist import word_set

EDGES = word_set("ashburn dublin frankfurt sao-paulo singapore sydney tokyo umatilla")
CONDITIONS = frozenset({"4xx", "5xx", "ct", "rt", "all"})


@dataclass(frozen=True, slots=True)
class Overrides:
    """Timeouts in seconds. The defaults are Twilio's."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})

    def retries_after(self, condition: str) -> bool:
        return condition in self.retry_on or "all" in self.retry_on


@dataclass(frozen=True, slots=True)
class InvalidOverride:
    """An invalid item; the default applies. Twilio documents the codes 11240, 11241 and 11243 without their
    difference. The simulator uses 11240 for no `key=value`, 11241 for out of range, 11243 for an unknown key.
    """

    code: int
    detail: str


def split_overrides(url: str) -> tuple[str, Overrides, list[InvalidOverride]]:
    """The URL without its fragment, the overrides in the fragment, and its errors."""
    address, _, fragment = url.partition("#")
    overrides, invalid_overrides = Overrides(), list[InvalidOverride]()
    for item in filter(None, fragment.split("&")):
        key, equals, value = item.partition("=")
        if not equals:
            invalid_overrides.append(InvalidOverride(11240, item))
            continue
        changed = _apply(overrides, key, value)
        if isinstance(changed, InvalidOverride):
            invalid_overrides.append(changed)
        else:
            overrides = changed
    return address, overrides, invalid_overrides


def _apply(overrides: Overrides, key: str, value: str) -> Overrides | InvalidOverride:
    bad = InvalidOverride(11241, f"{key}={value}")
    if key in ("ct", "rt", "tt"):
        longest = 10_000 if key == "ct" else 15_000
        if not value.isascii() or not value.isdigit() or not 100 <= int(value) <= longest:
            return bad
        seconds = int(value) / 1000
        if key == "ct":
            return replace(overrides, connect=seconds)
        return replace(overrides, read=seconds) if key == "rt" else replace(overrides, total=seconds)
    if key == "rc":
        return replace(overrides, retries=int(value)) if value in tuple("012345") else bad
    if key == "rp":
        conditions = frozenset(value.split(","))
        return replace(overrides, retry_on=conditions) if conditions <= CONDITIONS else bad
    if key == "sni":
        return overrides if value in ("y", "n") else bad
    if key == "e":
        return overrides if {edge.removesuffix("-ix") for edge in value.split(",")} <= EDGES else bad
    return InvalidOverride(11243, key)
