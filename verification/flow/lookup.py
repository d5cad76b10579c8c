"""Rules for the look-up of a number: reject it, ask for the other channel, or only record the finding.

The look-up comes after the start was counted and before anything is sent, outside of every transaction. It only ever
adds restrictions: a number that its country or line type excludes is not looked up.
"""

from collections.abc import Iterator
from enum import Enum, StrEnum

from ..models import Event, EventKind, State
from ..ports import Changes, Rejected
from ..types import Channel, Record


class LineType(StrEnum):
    """Twilio's line types."""

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
    """What follows from a finding, the mildest first."""

    NOTE = "note"
    OTHER = "other"
    REFUSE = "refuse"


class LookupResult(Record, frozen=True, kw_only=True):
    """The findings; None for what was not asked or is not known. `down`: why the look-up failed."""

    line: LineType | None = None
    sim_changed: bool | None = None
    forwarded: bool | None = None
    down: str = ""


class LookupRules(Record, frozen=True, kw_only=True):
    """The operator's action for each finding. `lines` are the line types that are called and texted."""

    lines: frozenset[LineType] = frozenset(
        {LineType.MOBILE, LineType.LANDLINE, LineType.FIXED_VOIP, LineType.NON_FIXED_VOIP}
    )
    line: LookupAction = LookupAction.REFUSE
    sim: LookupAction = LookupAction.REFUSE
    forwarding: LookupAction = LookupAction.OTHER
    down: LookupAction = LookupAction.NOTE


class LookupErrorCode(Enum):
    """Our own error codes, beside Twilio's five-digit codes."""

    OTHER_CHANNEL = 900_001
    REFUSED = 900_002
    #: Twilio's code: texts do not reach this line type.
    NO_TEXTS = 21614


class LookupDecision(Record, frozen=True):
    """`rejection` takes the place of the provider's answer; `detail` is for the event, empty when no rule matched."""

    rejection: Rejected | None
    detail: str


_NO_TEXT_LINES = frozenset({LineType.LANDLINE, LineType.TOLL_FREE, LineType.UAN, LineType.VOICEMAIL})
_BY_STRICTNESS = list(LookupAction)


def evaluate_lookup(result: LookupResult, channel: Channel, rules: LookupRules) -> LookupDecision:
    """The strictest action of all matching rules, for a delivery by this channel."""
    matches = list(_matching_rules(result, channel, rules))
    if not matches:
        return LookupDecision(None, "")
    strictest = max((action for _, action in matches), key=_BY_STRICTNESS.index)
    detail = f"{', '.join(name for name, _ in matches)}: {strictest.value}"
    if strictest is LookupAction.NOTE:
        return LookupDecision(None, detail)
    code = LookupErrorCode.REFUSED if strictest is LookupAction.REFUSE else LookupErrorCode.OTHER_CHANNEL
    if strictest is LookupAction.OTHER and channel.needs_text_line and result.line in _NO_TEXT_LINES:
        code = LookupErrorCode.NO_TEXTS
    return LookupDecision(Rejected(permanent=True, code=code.value, counts=True), detail)


def _matching_rules(result: LookupResult, channel: Channel, rules: LookupRules) -> Iterator[tuple[str, LookupAction]]:
    if result.down:
        yield f"look-up down ({result.down})", rules.down
    if result.line is not None and result.line not in rules.lines:
        yield f"line {result.line.value}", rules.line
    elif result.line in _NO_TEXT_LINES and channel.needs_text_line:
        yield f"line {result.line.value}", LookupAction.OTHER
    if result.sim_changed:
        yield "SIM changed", rules.sim
    if result.forwarded:
        yield "calls forwarded", rules.forwarding if channel.spoken else LookupAction.NOTE


def record_lookup(state: State, delivery: str, detail: str, *, now: float) -> Changes[None]:
    """Write the event of a look-up."""
    verification = state.verification.sid if state.verification else ""
    event = Event(kind=EventKind.LOOKED_UP, at=now, verification=verification, delivery=delivery, detail=detail)
    return Changes(result=None, events=(event,))
