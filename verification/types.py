"""Statuses, channels and rate-limit scopes, and the allowed status transitions.

    verification    pending -> approved | canceled | max_attempts_reached | expired | failed

    delivery        planned -> unknown -> queued -> ringing -> answered -> completed
                                                 -> sending -> sent     -> delivered | undelivered
                                                                           delivered -> read
                    from any of them             -> busy | no-answer | canceled | failed

The names are Twilio's, except `planned` (committed, Twilio not asked yet) and `unknown` (asked, no clear answer).
Twilio's callbacks come twice, late and out of order, so a delivery only moves forward, and a final status stays; only
`read` comes after one, where a messenger tells that the message was opened.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from msgspec import Struct


class Record(Struct, frozen=True):
    """An immutable record. `hidden` fields are secret or personal: no representation shows them.

    A struct takes a tenth of the time of a frozen dataclass to make, and a fiftieth to copy with a change.
    """

    hidden: ClassVar[frozenset[str]] = frozenset()

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [(name, getattr(self, name)) for name in self.__struct_fields__ if name not in self.hidden]

    def __repr__(self) -> str:
        return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"


class PartlyCompared(Record, frozen=True):
    """A record in which `uncompared` fields make no difference."""

    uncompared: ClassVar[frozenset[str]] = frozenset()

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())

    def _compared(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__struct_fields__ if name not in self.uncompared)


class CountrySender(Record, frozen=True, kw_only=True):
    """What calls and texts to one country come from, where it differs. An empty field is as everywhere.

    `number` is in E.164. `messaging_service` is a sid of Twilio's, and sends the texts in place of the number.
    """

    number: str = ""
    messaging_service: str = ""
    brand: str = ""


class CallStyle(StrEnum):
    """`say`: the call says the code. `key`: the page shows the code, and the person types it on the phone."""

    SAY = "say"
    KEY = "key"


class VerificationStatus(StrEnum):
    """Twilio Verify v2's statuses, and `failed` when the first delivery was not sent."""

    PENDING = "pending"
    APPROVED = "approved"
    CANCELED = "canceled"
    MAX_ATTEMPTS_REACHED = "max_attempts_reached"
    EXPIRED = "expired"
    FAILED = "failed"

    final: bool

    def __init__(self, value: str) -> None:
        self.final = value != "pending"


_FINAL = 9
#: How far a delivery is. Statuses of one rank do not follow each other.
_RANKS = {
    "planned": 0,
    "unknown": 1,
    "queued": 2,
    "ringing": 3,
    "sending": 3,
    "answered": 4,
    "sent": 4,
    **dict.fromkeys(("completed", "busy", "no-answer", "canceled", "delivered", "undelivered", "failed"), _FINAL),
    "read": _FINAL + 1,
}


class DeliveryStatus(StrEnum):
    PLANNED = "planned"
    UNKNOWN = "unknown"
    QUEUED = "queued"
    RINGING = "ringing"
    ANSWERED = "answered"
    SENDING = "sending"
    SENT = "sent"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    READ = "read"

    rank: int
    final: bool
    arrived: bool  # a message is on the phone
    live: bool  # a phone may be ringing, or a call may be up

    def __init__(self, value: str) -> None:
        self.rank = _RANKS[value]
        self.final = self.rank >= _FINAL
        self.arrived = value in ("delivered", "read")
        self.live = not self.final and value != "sent"


class _Traits(Record, frozen=True, kw_only=True):
    """What a channel is. `Channel` has the meaning of each."""

    word: str
    spoken: bool
    dials_extensions: bool
    needs_text_line: bool
    templated: bool
    fallbacks: tuple[str, ...]
    address_prefix: str = ""
    resource: str
    sid_prefix: str
    amr: str
    statuses: Mapping[str, DeliveryStatus]


#: Twilio's statuses of calls and of messages. Both lists are whole; what Twilio adds later is ignored.
_CALL_STATUSES = {
    "queued": DeliveryStatus.QUEUED,
    "initiated": DeliveryStatus.QUEUED,
    "ringing": DeliveryStatus.RINGING,
    "in-progress": DeliveryStatus.ANSWERED,
    "completed": DeliveryStatus.COMPLETED,
    "busy": DeliveryStatus.BUSY,
    "no-answer": DeliveryStatus.NO_ANSWER,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.CANCELED,
}
_MESSAGE_STATUSES = {
    "accepted": DeliveryStatus.QUEUED,
    "scheduled": DeliveryStatus.QUEUED,
    "queued": DeliveryStatus.QUEUED,
    "sending": DeliveryStatus.SENDING,
    "sent": DeliveryStatus.SENT,
    "delivered": DeliveryStatus.DELIVERED,
    "read": DeliveryStatus.READ,
    "undelivered": DeliveryStatus.UNDELIVERED,
    "failed": DeliveryStatus.FAILED,
    "canceled": DeliveryStatus.CANCELED,
}
#: One row for each channel.
_TRAITS = {
    "call": _Traits(
        word="call",
        spoken=True,
        dials_extensions=True,
        needs_text_line=False,
        templated=False,
        fallbacks=("sms",),
        resource="Calls",
        sid_prefix="CA",
        amr="tel",
        statuses=_CALL_STATUSES,
    ),
    "sms": _Traits(
        word="text",
        spoken=False,
        dials_extensions=False,
        needs_text_line=True,
        templated=False,
        fallbacks=("call",),
        resource="Messages",
        sid_prefix="SM",
        amr="sms",
        statuses=_MESSAGE_STATUSES,
    ),
    "whatsapp": _Traits(
        word="WhatsApp message",
        spoken=False,
        dials_extensions=False,
        needs_text_line=False,
        templated=True,
        fallbacks=("sms", "call"),
        address_prefix="whatsapp:",
        resource="Messages",
        sid_prefix="SM",
        amr="mca",
        statuses=_MESSAGE_STATUSES,
    ),
}


class Channel(StrEnum):
    """How a code is sent. The rules ask for these attributes, and not which channel it is.

    `word`: one delivery in a sentence. `spoken`: it rings, lasts, costs by the minute, takes keys and can be hung up;
    what is not spoken is written, and costs by the message. `dials_extensions`: it reaches one phone behind a
    switchboard. `needs_text_line`: a landline does not take it. `templated`: its words are approved beforehand, with a
    place for the code alone, so it can name no payment. `resource`: the one of Twilio's REST API, whose sids begin with
    `sid_prefix`, and whose statuses mean `statuses`. `amr`: the method that it proves a phone by (RFC 8176, which has
    none for a messenger; `mca` is the nearest that is true).
    """

    CALL = "call"
    SMS = "sms"
    WHATSAPP = "whatsapp"

    word: str
    spoken: bool
    dials_extensions: bool
    needs_text_line: bool
    templated: bool
    resource: str
    sid_prefix: str
    amr: str
    statuses: Mapping[str, DeliveryStatus]

    def __init__(self, value: str) -> None:
        traits = _TRAITS[value]
        self.word, self.spoken, self.amr = traits.word, traits.spoken, traits.amr
        self.dials_extensions, self.needs_text_line = traits.dials_extensions, traits.needs_text_line
        self.templated = traits.templated
        self.resource, self.sid_prefix, self.statuses = traits.resource, traits.sid_prefix, traits.statuses

    @property
    def fallbacks(self) -> "tuple[Channel, ...]":
        """The channels that may follow a failure, the best first."""
        return tuple(Channel(name) for name in _TRAITS[self].fallbacks)

    @property
    def others(self) -> "tuple[Channel, ...]":
        """All other channels, those that follow a failure first."""
        return (*self.fallbacks, *(channel for channel in Channel if channel not in (self, *self.fallbacks)))

    def address(self, number: str) -> str:
        """A number in E.164 as Twilio takes and reports it."""
        return _TRAITS[self].address_prefix + number


def advance(current: DeliveryStatus, reported: DeliveryStatus) -> DeliveryStatus:
    """The status after a report: the later of the two; a final status stays."""
    return reported if reported.rank > current.rank else current


class Scope(StrEnum):
    """What a rate-limit counter belongs to. The values are part of stored hashes."""

    NUMBER = "number"
    ACCOUNT = "account"
    SOURCE = "source"
    PREFIX = "prefix"
    COUNTRY = "country"
    SERVICE = "service"
    TOTAL = "total"
    COUNTRIES = "countries of a source"
    NEIGHBOURS = "neighbouring numbers"
    MINUTES = "minutes"
    MONEY = "money"
    CHECKS = "checks"
    SERVICE_NEIGHBOURS = "neighbouring numbers of a service"
    SERVICE_PREFIX = "prefix of a service"
    SERVICE_COUNTRY = "country of a service"
    REFUSED = "refused sends of a source"
    TRUSTED_BROWSER = "known browser"
    SEND_ALLOWANCE = "reserve of a known browser"
    CHECK_ALLOWANCE = "reserved checks of a known browser"
    ANSWERS = "answers to texts"
    PASSIVE_ANSWERS = "answers to texts that ask for none"
    GATES = "wrong keys in calls"
    PERMISSION_CALLS = "calls about permission"

    # Enum's own hash is a Python function, and every rule looks up a key by its scope.
    __hash__ = str.__hash__
