"""The state of a phone: its behavior, its calls and the texts it has received."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from .call import Call
from .detection import CalleeType


class OnCall(StrEnum):
    """What the phone does when it is called."""

    WAIT = "wait"
    ANSWER = "answer"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    DECLINE = "decline"
    VOICEMAIL = "voicemail"
    FAX = "fax"
    SILENCE = "silence"
    FAILED = "failed"

    @property
    def picks_up(self) -> bool:
        return self in (OnCall.ANSWER, OnCall.VOICEMAIL, OnCall.FAX, OnCall.SILENCE)

    @property
    def callee_type(self) -> CalleeType:
        return {
            OnCall.VOICEMAIL: CalleeType.MACHINE,
            OnCall.FAX: CalleeType.FAX,
            OnCall.SILENCE: CalleeType.SILENCE,
        }.get(self, CalleeType.PERSON)


class OnText(StrEnum):
    """What happens to a text to this phone. `SILENT`: it arrives, but no status is reported.
    `STUCK`: it stays in Twilio's queue until its validity period ends.
    """

    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    SENT = "sent"
    SILENT = "silent"
    STUCK = "stuck"


class OnWhatsApp(StrEnum):
    """What happens to a WhatsApp message to this phone. `ABSENT`: the number has no WhatsApp. `SENT`: it is off."""

    DELIVERED = "delivered"
    READ = "read"
    SENT = "sent"
    UNDELIVERED = "undelivered"
    ABSENT = "absent"


class LineType(StrEnum):
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


VOICEMAIL_SECONDS = 120.0
"""The simulated voicemail hangs up after this time."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """`after`: seconds of ringing before the phone reacts. `drop_after`: seconds from the answer until the call drops.
    `text_after`: seconds from a text or WhatsApp message to its receipt. `sip_code`, `answered_by`, `text_code` and
    `whatsapp_code` override the usual values.
    """

    on_call: OnCall = OnCall.WAIT
    after: float = 0.0
    drop_after: float | None = None
    sip_code: int | None = None
    answered_by: str | None = None
    on_text: OnText = OnText.DELIVERED
    text_code: int | None = None
    text_after: float = 0.0
    on_whatsapp: OnWhatsApp = OnWhatsApp.DELIVERED
    whatsapp_code: int | None = None


@dataclass(frozen=True, slots=True)
class ReceivedText:
    message_sid: str
    sender: str
    body: str
    at: float
    media: tuple[str, ...] = ()
    """URLs."""

    def to_json(self) -> dict[str, object]:
        return {
            "message_sid": self.message_sid,
            "from": self.sender,
            "body": self.body,
            "at": round(self.at, 3),
            "media": list(self.media),
        }


@dataclass(slots=True, eq=False)
class Handset:
    number: str
    behaviour: Behaviour = field(default_factory=Behaviour)
    line_type: LineType = LineType.MOBILE
    pumping_risk: int = 0
    sim_swapped: bool | None = False
    """Whether the SIM changed within Lookup's period; None when the carrier provides no data."""
    forwarded: bool | None = False
    call: Call | None = None
    """The call that is ringing or in progress."""
    calls: list[Call] = field(default_factory=list)
    texts: list[ReceivedText] = field(default_factory=list)
