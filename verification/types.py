"""Where a verification and a delivery can be, and what may follow what.

    verification    pending -> approved | canceled | max_attempts_reached | expired | failed

    delivery        planned -> unknown -> queued -> ringing -> answered -> completed
                                                 -> sending -> sent     -> delivered | undelivered
                    from any of them             -> busy | no-answer | canceled | failed

The names are Twilio's. `planned` (committed, Twilio not asked yet) and `unknown` (asked, no clear answer) are ours.
Twilio's callbacks come twice, late and out of order, so a delivery only moves up, and nothing leaves a final state.
"""

from enum import StrEnum


class Channel(StrEnum):
    """How a code travels."""

    CALL = "call"
    SMS = "sms"

    @property
    def other(self) -> "Channel":
        """The channel to offer when this one did not work."""
        return Channel.SMS if self is Channel.CALL else Channel.CALL


class CallStyle(StrEnum):
    """Who says the code: the call, or the page, and then it is typed on the phone's keys."""

    SAY = "say"
    KEY = "key"


class VerificationStatus(StrEnum):
    """Twilio Verify v2's words, and `failed` when the first delivery never left."""

    PENDING = "pending"
    APPROVED = "approved"
    CANCELED = "canceled"
    MAX_ATTEMPTS_REACHED = "max_attempts_reached"
    EXPIRED = "expired"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Whether nothing can change it any more."""
        return self is not VerificationStatus.PENDING


class DeliveryStatus(StrEnum):
    """One call or text, from the plan to its end."""

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

    @property
    def final(self) -> bool:
        """Whether nothing can change it any more."""
        return _RANK[self] == _FINAL

    @property
    def live(self) -> bool:
        """Whether a phone may be ringing or a call may be up because of it."""
        return not self.final and self is not DeliveryStatus.SENT


_FINAL = 9
_RANK = {
    DeliveryStatus.PLANNED: 0,
    DeliveryStatus.UNKNOWN: 1,
    DeliveryStatus.QUEUED: 2,
    DeliveryStatus.RINGING: 3,
    DeliveryStatus.SENDING: 3,
    DeliveryStatus.ANSWERED: 4,
    DeliveryStatus.SENT: 4,
    DeliveryStatus.COMPLETED: _FINAL,
    DeliveryStatus.BUSY: _FINAL,
    DeliveryStatus.NO_ANSWER: _FINAL,
    DeliveryStatus.CANCELED: _FINAL,
    DeliveryStatus.DELIVERED: _FINAL,
    DeliveryStatus.UNDELIVERED: _FINAL,
    DeliveryStatus.FAILED: _FINAL,
}


def advance(current: DeliveryStatus, reported: DeliveryStatus) -> DeliveryStatus:
    """The status after a report: the further of the two, and a final one for good."""
    return reported if _RANK[reported] > _RANK[current] else current


def end_status(current: VerificationStatus, wanted: VerificationStatus) -> VerificationStatus:
    """The status after an ending was asked for: the first ending stays."""
    return current if current.final else wanted


class Scope(StrEnum):
    """Who is counted."""

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
    ASKED = "asked for by a source"
    KNOWN = "known browser"
    SEND_ALLOWANCE = "reserve of a known browser"
    CHECK_ALLOWANCE = "reserved checks of a known browser"

    # An enum's own is a function in Python, and every rule looks for somebody by their scope.
    __hash__ = str.__hash__
