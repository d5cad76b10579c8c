"""What a look-up of a number says about it, and what follows: refuse it, ask for the other channel, or only note it.

A look-up is asked after the start was counted and before anything is sent, outside of every transaction. It never makes
anything easier: a number that is refused by its country or kind of line is not looked up at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, StrEnum

from ..models import Event, EventKind, State
from ..ports import Changes, Rejected
from ..types import Channel


class LineType(StrEnum):
    """What kind of line a number is, in Twilio's words."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    FIXED_VOIP = "fixedVoip"
    NON_FIXED_VOIP = "nonFixedVoip"
    PERSONAL = "personal"
    TOLL_FREE = "tollFree"
    PREMIUM = "premium"
    SHARED_COST = "sharedCost"
    UAN = "uan"
    VOICEMAIL = "voicemail"
    PAGER = "pager"
    UNKNOWN = "unknown"


class LookupAction(StrEnum):
    """What a signal leads to."""

    NOTE = "note"
    OTHER = "other"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupResult:
    """What a look-up brought; None for what was not asked or is not known. `down` says why it brought nothing."""

    line: LineType | None = None
    sim_changed: bool | None = None
    forwarded: bool | None = None
    down: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupRules:
    """The operator's answer to each signal. `lines` are the kinds of line that are called and texted."""

    lines: frozenset[LineType] = frozenset(
        {LineType.MOBILE, LineType.LANDLINE, LineType.FIXED_VOIP, LineType.NON_FIXED_VOIP, LineType.PERSONAL}
    )
    line: LookupAction = LookupAction.REFUSE
    sim: LookupAction = LookupAction.REFUSE
    forwarding: LookupAction = LookupAction.OTHER
    down: LookupAction = LookupAction.NOTE


class LookupErrorCode(Enum):
    """Why we did not send, where Twilio's codes stand; they have five digits."""

    OTHER_CHANNEL = 900_001
    REFUSED = 900_002
    #: Twilio's own: no text reaches this kind of line.
    NO_TEXTS = 21614


@dataclass(frozen=True, slots=True)
class LookupDecision:
    """`refusal` stands where the carrier's answer would; `detail` is for the story, empty when nothing was found."""

    refusal: Rejected | None
    detail: str


_NO_TEXT_LINES = frozenset({LineType.LANDLINE, LineType.TOLL_FREE, LineType.UAN, LineType.VOICEMAIL})
_BY_STRICTNESS = list(LookupAction)


def evaluate_lookup(found: LookupResult, channel: Channel, answers: LookupRules) -> LookupDecision:
    """What follows from a look-up for a delivery by this channel: the strictest of all answers."""
    signals = list(_matching_rules(found, channel, answers))
    if not signals:
        return LookupDecision(None, "")
    strictest = max((answer for _, answer in signals), key=_BY_STRICTNESS.index)
    detail = f"{', '.join(name for name, _ in signals)}: {strictest.value}"
    if strictest is LookupAction.NOTE:
        return LookupDecision(None, detail)
    code = LookupErrorCode.REFUSED if strictest is LookupAction.REFUSE else LookupErrorCode.OTHER_CHANNEL
    if strictest is LookupAction.OTHER and channel is Channel.SMS and found.line in _NO_TEXT_LINES:
        code = LookupErrorCode.NO_TEXTS
    return LookupDecision(Rejected(permanent=True, code=code.value, counts=True), detail)


def _matching_rules(found: LookupResult, channel: Channel, answers: LookupRules) -> Iterator[tuple[str, LookupAction]]:
    if found.down:
        yield f"look-up down ({found.down})", answers.down
    if found.line is not None and found.line not in answers.lines:
        yield f"line {found.line.value}", answers.line
    elif found.line in _NO_TEXT_LINES and channel is Channel.SMS:
        yield f"line {found.line.value}", LookupAction.OTHER
    if found.sim_changed:
        yield "SIM changed", answers.sim
    if found.forwarded:
        yield "calls forwarded", answers.forwarding if channel is Channel.CALL else LookupAction.NOTE


def record_lookup(state: State, delivery: str, detail: str, *, now: float) -> Changes[None]:
    """One line of the story: what a look-up found, and what follows from it."""
    verification = state.verification.sid if state.verification else ""
    event = Event(kind=EventKind.LOOKED_UP, at=now, verification=verification, delivery=delivery, detail=detail)
    return Changes(result=None, events=(event,))
