"""What is kept: verifications, deliveries, sessions, and the events that tell their story.

All times are seconds since 1970 in UTC. A sid is two letters and 32 random hex digits, as Twilio's are.
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from .counters.updates import NO_COUNTERS, Counters
from .policy import Keypress
from .types import CallStyle, Channel, DeliveryStatus, VerificationStatus
from .values.payments import Payment
from .values.phone_numbers import PhoneNumber

#: The service that the page belongs to.
BUILT_IN_SERVICE = "VA" + "0" * 32


class CallStage(StrEnum):
    """Where the talk in a call stands, so that the next key press continues, also after a restart."""

    GATE = "gate"
    READING = "reading"
    SLOWLY = "slowly"
    ONE_BY_ONE = "singly"
    MENU = "menu"
    OVER = "over"


class Manner(StrEnum):
    """Whose number it is, and who may know what becomes of it.

    `typed` came with the request. `enrolled` is the account's, asked for by a client, who is told all. `discreet`
    is the account's, asked for by the public, who must not learn whether there is such an account. `silent` looks like
    it, but nobody is called and no code is right: there is no such account, or something stands against calling it.
    """

    TYPED = "typed"
    ENROLLED = "enrolled"
    DISCREET = "discreet"
    SILENT = "silent"


class Progress(IntEnum):
    """How far a person got in a call. `completed` alone never counts as heard."""

    NOTHING = 0
    ANSWERED = 1
    PRESSED = 2
    READING = 3
    HEARD = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """One try at proving a phone: one code, one number, one action. `seed` is gone once it has ended.

    `source` is the address that asked, as limits count it; empty when nobody knows. `known`: it was started from a
    browser that has proven this account and number before. `brand` is who calls, and
    `keypress` what proves a person, where the service or the request said so; otherwise they are the operator's.
    `payment`: its code is good for this amount and payee only. `redeemed_at`: its receipt was used up then.
    """

    sid: str
    service: str
    account: str
    username: str
    action: str
    number: PhoneNumber
    language: str
    status: VerificationStatus
    seed: bytes | None = field(repr=False)
    key_id: str
    code_length: int
    max_checks: int
    checks: int
    created_at: float
    expires_at: float
    ended_at: float | None = None
    style: CallStyle = CallStyle.SAY
    known: bool = False
    source: str = field(default="", repr=False)
    brand: str = ""
    keypress: Keypress | None = None
    manner: Manner = Manner.TYPED
    payment: Payment | None = None
    redeemed_at: float | None = None

    @property
    def discreet(self) -> bool:
        """Whether the public must see nothing that depends on the account or its number."""
        return self.manner in (Manner.DISCREET, Manner.SILENT)

    @property
    def silent(self) -> bool:
        """Whether it only looks like a verification."""
        return self.manner is Manner.SILENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One call or text that carries the code. `carrier_sid` is Twilio's own, once it is known.

    `machine`: Twilio heard a voicemail, a machine or a fax. `keys`: those that were used in the menu. `webhook`: names
    the last webhook of the call that moved anything, so that the same one again does not.
    """

    sid: str
    verification: str
    channel: Channel
    status: DeliveryStatus
    created_at: float
    updated_at: float
    provider_sid: str | None = None
    error: int | None = None
    stage: CallStage = CallStage.GATE
    progress: Progress = Progress.NOTHING
    tries: int = 0
    silences: int = 0
    position: int = 0
    keys: str = ""
    machine: bool = False
    webhook: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser. `id` is a digest of its cookie; `answer` proves the code it gave, for one repeat of a lost answer."""

    id: str
    verification: str
    channel: Channel
    expires_at: float
    approved: bool = False
    replaced_at: float | None = None
    answer: bytes | None = field(default=None, repr=False)


class EventKind(StrEnum):
    """What happened, in the order of a life."""

    STARTED = "started"
    START_REFUSED = "start-refused"
    DELIVERY = "delivery"
    GATE_FAILED = "gate-failed"
    CODE_SAID = "code-said"
    CHECK_FAILED = "check-failed"
    CHECK_REFUSED = "check-refused"
    APPROVED = "approved"
    CANCELED = "canceled"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"
    FAILED = "failed"
    REPORTED = "reported"
    SUPPRESSED = "suppressed"
    LIFTED = "lifted"
    REDEEMED = "redeemed"
    ERASED = "erased"
    LIMIT_WATCHED = "limit-watched"
    LOOKED_UP = "looked-up"
    ALERT = "alert"
    ACCOUNT_ADDED = "account-added"
    ACCOUNT_CHANGED = "account-changed"
    ACCOUNT_REMOVED = "account-removed"
    ACCOUNTS_IMPORTED = "accounts-imported"
    NUMBER_CHANGED = "number-changed"
    NUMBER_CHANGE_TOLD = "number-change-told"
    SERVICE_ADDED = "service-added"
    SERVICE_CHANGED = "service-changed"
    SERVICE_REMOVED = "service-removed"
    KEY_ADDED = "key-added"
    KEY_REVOKED = "key-revoked"
    TARGET_ADDED = "target-added"
    TARGET_REMOVED = "target-removed"


#: Who did it, where that is neither the person at the page nor a key with a sid of its own.
OPERATOR, PROVIDER, PHONE, TEXT = "operator", "carrier", "phone", "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the story, and of the audit trail. `detail` is a word or two: never a code, never a number.

    `actor`: the operator, a key's sid, the carrier, whoever held the phone; empty for whoever is at the page.
    `source` is the address that it came from, as limits count it. The table keeps a keyed hash of it only, and that is
    what it gives back.
    """

    kind: EventKind
    at: float
    verification: str = ""
    delivery: str = ""
    detail: str = ""
    actor: str = ""
    source: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPause:
    """Nothing is sent to this number before `until`.

    Its holder reported a call. The account cannot be paused for it: anybody may type somebody else's user name.
    """

    number: PhoneNumber
    until: float


@dataclass(frozen=True, slots=True)
class EnrolledNumber:
    """A number of an account, and since when it is one; 0 for those that the account was made with."""

    number: PhoneNumber
    since: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A known user name of a service, with its numbers, the preferred one first.

    `name` is the one form that all spellings of `username` mean. `language` is empty when nobody said.
    """

    service: str
    name: str
    username: str
    numbers: tuple[EnrolledNumber, ...] = ()
    channel: Channel = Channel.CALL
    language: str = ""

    def holds(self, number: PhoneNumber) -> bool:
        """Whether it is one of this account's numbers."""
        return any(one.number.e164 == number.e164 for one in self.numbers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Somebody to be told, once, that the number of their account was changed. `brand` as in a verification."""

    sid: str
    number: PhoneNumber
    channel: Channel
    language: str
    at: float
    brand: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the table knows about one subject, read in the transaction that will decide on it.

    `called_elsewhere`: since when another verification has a call up to this number. `counts` answers the rules'
    questions while they decide. `enrolled_since`: since when the number is one of the account's, None when it is not.
    `likeness` is a keyed hash of the account, the same for ever.
    """

    verification: Verification | None = None
    deliveries: tuple[Delivery, ...] = ()
    session: Session | None = None
    suppressed: bool = False
    paused_until: float = 0
    other_call_since: float | None = None
    counts: Counters = field(default=NO_COUNTERS, compare=False, repr=False)
    enrolled_since: float | None = None
    account: Account | None = None
    notices: tuple[Notice, ...] = ()
    decoy_seed: bytes = field(default=b"", repr=False)

    def delivery(self, sid: str) -> Delivery | None:
        """The delivery of this sid."""
        return next((d for d in self.deliveries if d.sid == sid), None)

    @property
    def latest(self) -> Delivery | None:
        """The newest delivery."""
        return self.deliveries[-1] if self.deliveries else None
