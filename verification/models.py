"""The records: verifications, deliveries, sessions, accounts and events.

All times are seconds since 1970 in UTC. A sid is two letters and 32 random hex digits, as Twilio's are.
"""

from collections.abc import Callable, Mapping
from enum import IntEnum, StrEnum
from typing import ClassVar

from msgspec import field

from .counters.rules import NO_COUNTERS, Counters
from .policy import Keypress
from .types import CallStyle, Channel, DeliveryStatus, PartlyCompared, Record, VerificationStatus
from .values.payments import Payment
from .values.phone_numbers import PhoneNumber

#: The operator's own service, which the page uses.
BUILT_IN_SERVICE = "VA" + "0" * 32


def new_sid(prefix: str, randomness: Callable[[int], bytes]) -> str:
    return prefix + randomness(16).hex()


class CallStage(StrEnum):
    """The stage of the dialogue in a call. It is stored, so the next key press continues after a restart, too."""

    GATE = "gate"
    READING = "reading"
    SLOWLY = "slowly"
    ONE_BY_ONE = "singly"
    MENU = "menu"
    CONFIRM_REPORT = "confirm-report"
    CONFIRM_NEVER = "confirm-never"
    TYPING = "typing"
    OVER = "over"


class Manner(StrEnum):
    """Where the number comes from, and what the requester may learn.

    `TYPED`: the number came with the request. `ENROLLED`: it is the account's, and an API client asks, which may see
    everything. `PRIVATE`: it is the account's, and the public asks, which must not learn whether the account exists.
    `DECOY`: looks like `PRIVATE`, but nothing is sent and no code is right, because there is no such account or a rule
    forbids the send. The values are stored.
    """

    TYPED = "typed"
    ENROLLED = "enrolled"
    PRIVATE = "discreet"
    DECOY = "silent"


class Progress(IntEnum):
    """How far a person got in a call. The status `completed` alone does not mean that the code was heard."""

    NOTHING = 0
    ANSWERED = 1
    PRESSED = 2
    READING = 3
    HEARD = 4


class Verification(Record, frozen=True, kw_only=True):
    """One attempt to prove a phone: one code, one number, one action. `seed` is None after the end.

    `source` is the client address that limits count, empty when unknown. `trusted`: started from a browser that has
    proven this account and number before; `browser` is the digest of its cookie then. `brand` and `keypress` are set
    where the service or the request has its own; otherwise the operator's apply. `payment`: the code is valid for this
    amount and payee only. `redeemed_at`: when the receipt was used. `tags`: the application's own notes, by name.
    `app_hash`: of the Android app that reads the text; empty for none. `sealed_code`: the application's own code under
    the drawn one (see `values.codes.seal`), which the application checks itself; empty where the drawn one counts.
    """

    hidden: ClassVar = frozenset({"seed", "sealed_code", "browser", "source", "tags"})

    sid: str
    service: str
    account: str
    username: str
    action: str
    number: PhoneNumber
    language: str
    status: VerificationStatus
    seed: bytes | None
    key_id: str
    code_length: int
    max_checks: int
    checks: int
    created_at: float
    expires_at: float
    ended_at: float | None = None
    style: CallStyle = CallStyle.SAY
    trusted: bool = False
    browser: str = ""
    source: str = ""
    brand: str = ""
    keypress: Keypress | None = None
    manner: Manner = Manner.TYPED
    payment: Payment | None = None
    redeemed_at: float | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    app_hash: str = ""
    sealed_code: str = ""

    def __hash__(self) -> int:
        return hash(self.sid)  # the tags cannot be hashed

    @property
    def private(self) -> bool:
        """Whether the public must see nothing that depends on the account or its number."""
        return self.manner in (Manner.PRIVATE, Manner.DECOY)

    @property
    def decoy(self) -> bool:
        """Whether it only looks like a verification."""
        return self.manner is Manner.DECOY


class Delivery(Record, frozen=True, kw_only=True):
    """One call or text that carries the code. `provider_sid` is Twilio's sid, once it is known.

    `machine`: Twilio detected voicemail, an answering machine or a fax. `tries`: wrong keys at the gate, or prompts
    that got no whole code; `silences`: prompts in a row that got no answer. `keys`: the keys pressed in the menu.
    `webhook`: the idempotency token of the last webhook that changed the delivery, so that a repeat does not.
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


class Session(Record, frozen=True, kw_only=True):
    """A browser session. `id` is a digest of the cookie; `answer` proves the submitted code, for a lost answer."""

    hidden: ClassVar = frozenset({"answer"})

    id: str
    verification: str
    channel: Channel
    expires_at: float
    approved: bool = False
    replaced_at: float | None = None
    answer: bytes | None = None


class EventKind(StrEnum):
    """What happened, in the order of a verification's life. The values are in the audit log."""

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
    CLIENT_ADDED = "client-added"
    CLIENT_REMOVED = "client-removed"
    LOGIN_CODE_REUSED = "login-code-reused"
    AUDIT_LOG_BROKEN = "audit-log-broken"
    DATA_KEY_RENEWED = "data-key-renewed"
    OPERATOR_ADDED = "operator-added"
    OPERATOR_REMOVED = "operator-removed"
    OPERATOR_SIGNED_IN = "operator-signed-in"
    PERSON_LOOKED_UP = "person-looked-up"


#: Actors other than the person at the page and API keys, which are named by their sid. The values are stored.
OPERATOR, PROVIDER, PHONE, TEXT = "operator", "carrier", "phone", "text"


class Event(Record, frozen=True, kw_only=True):
    """One line of the audit log. `detail` is a word or two: never a code, never a number.

    `actor`: the operator, an API key's sid, the provider, or the person on the phone; empty for the person at the page.
    `source` is the client address that limits count. The store keeps and returns a keyed hash of it only. `country` and
    `service`, of a refused start, are for totals: there is no verification to ask, and the store does not keep them.
    """

    hidden: ClassVar = frozenset({"source"})

    kind: EventKind
    at: float
    verification: str = ""
    delivery: str = ""
    detail: str = ""
    actor: str = ""
    source: str = ""
    country: str = ""
    service: str = ""


class NumberPause(Record, frozen=True, kw_only=True):
    """Nothing is sent to this number before `until`, because its holder reported a call. The account is not paused: an
    attacker may have typed another user's name.
    """

    number: PhoneNumber
    until: float


class EnrolledNumber(Record, frozen=True):
    """A number of an account, and when it was added; 0 for the numbers that the account was created with."""

    number: PhoneNumber
    since: float = 0


class Account(Record, frozen=True, kw_only=True):
    """An enrolled user name of a service, with its numbers, the preferred one first.

    `name` is the canonical form of `username`. `language` is empty when the account has none.
    """

    service: str
    name: str
    username: str
    numbers: tuple[EnrolledNumber, ...] = ()
    channel: Channel = Channel.CALL
    language: str = ""

    def holds(self, number: PhoneNumber) -> bool:
        """Whether the number is one of this account's."""
        return any(enrolled.number.identity == number.identity for enrolled in self.numbers)


class Notice(Record, frozen=True, kw_only=True):
    """A call or text to send once: the number of the account was changed. `brand` as in a verification.

    `next_at`: when to try next; `tries` so far. `asked_at`: when the provider was asked and has not answered clearly.
    """

    sid: str
    number: PhoneNumber
    channel: Channel
    language: str
    at: float
    brand: str = ""
    next_at: float = 0
    tries: int = 0
    asked_at: float | None = None


class State(PartlyCompared, frozen=True, kw_only=True):
    """What the store loaded for one query, in the transaction of the decision.

    `repeated`: the text or call to us had its effect before. `other_call_since`: when a live call of another
    verification to this number began. `counters` are read by the rules while they decide. `enrolled_since`: when the
    account got the number, None when it does not have it. `decoy_seed`: a lasting keyed hash of the account name.
    """

    hidden: ClassVar = frozenset({"counters", "decoy_seed"})
    uncompared: ClassVar = frozenset({"counters"})

    verification: Verification | None = None
    deliveries: tuple[Delivery, ...] = ()
    session: Session | None = None
    suppressed: bool = False
    repeated: bool = False
    paused_until: float = 0
    other_call_since: float | None = None
    counters: Counters = NO_COUNTERS
    enrolled_since: float | None = None
    account: Account | None = None
    notices: tuple[Notice, ...] = ()
    decoy_seed: bytes = b""

    def delivery(self, sid: str) -> Delivery | None:
        for delivery in self.deliveries:
            if delivery.sid == sid:
                return delivery
        return None

    @property
    def latest(self) -> Delivery | None:
        return self.deliveries[-1] if self.deliveries else None

    @property
    def channel(self) -> Channel:
        """The channel of the latest delivery; of a call where there is none."""
        return self.deliveries[-1].channel if self.deliveries else Channel.CALL
