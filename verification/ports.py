"""The three things that the rules need from outside: a code table, a carrier, and the time.

Attempts, as Verify v2 calls deliveries when it looks back at them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar, cast

from .counters.updates import Denial, Update
from .models import Account, Delivery, Event, Notice, NumberPause, Session, State, Verification
from .policy import SIGN_IN
from .types import Channel, DeliveryStatus
from .values.payments import Payment
from .values.phone_numbers import PhoneNumber

V = TypeVar("V")
W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class ByVerification:
    """The verification of this sid, and the session that asks, if one does."""

    sid: str
    session: str | None = None


@dataclass(frozen=True, slots=True)
class ByDelivery:
    """The verification that this delivery belongs to. With `sending`, what stands against one more delivery as well."""

    sid: str
    sending: bool = False


@dataclass(frozen=True, slots=True)
class BySession:
    """The verification that this browser session names."""

    id: str


@dataclass(frozen=True, slots=True)
class ByNumber:
    """The newest pending verification of this number, over all services."""

    number: PhoneNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class ByAccount:
    """The newest pending verification for this account and action; the session, and what stands against sending to
    `number`. `enrolled`: and whether the number is one of the account's.
    """

    service: str
    account: str
    action: str
    number: PhoneNumber
    session: str | None = None
    enrolled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ByCheck:
    """What a check without a sid is about: the newest pending verification of this account and action, or else the
    newest that ran out of checks and whose deadline is after `now`.
    """

    service: str
    account: str
    action: str
    now: float


@dataclass(frozen=True, slots=True)
class ByEnrolled:
    """The account of this name, and nothing else."""

    service: str
    account: str


@dataclass(frozen=True, slots=True)
class ByNotices:
    """The oldest notices that are still to be given."""

    limit: int


Query = ByVerification | ByDelivery | BySession | ByNumber | ByAccount | ByCheck | ByEnrolled | ByNotices


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes(Generic[V]):
    """A verdict and everything to be written with it.

    Verifications and deliveries that the case held are changed, others are new; a session replaces the one of its id,
    an account the one of its name. What an account gives up takes its open verifications along, with their codes.
    `padded`: it takes as long as one that writes something, so that nobody can tell by the time that nothing was.
    """

    result: V
    verifications: tuple[Verification, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    sessions: tuple[Session, ...] = ()
    suppress: tuple[PhoneNumber, ...] = ()
    lift: tuple[PhoneNumber, ...] = ()
    pauses: tuple[NumberPause, ...] = ()
    counted: tuple[Update, ...] = ()
    refusals: tuple[Denial, ...] = ()
    enrolled: tuple[Account, ...] = ()
    removed: tuple[Account, ...] = ()
    notices: tuple[Notice, ...] = ()
    told: tuple[Notice, ...] = ()
    events: tuple[Event, ...] = ()
    padded: bool = False

    def saying(self, result: W) -> "Changes[W]":
        """The same to be written, under another verdict."""
        return replace(cast("Changes[Any]", self), result=result)


@dataclass(frozen=True, slots=True)
class ChangeFeed:
    """The verifications that something was committed about; None when it is too long ago to tell: any of them.

    `mark` stands for now, and asks for what comes next.
    """

    mark: int
    about: frozenset[str] | None


class Store(Protocol):
    """Where everything durable lives. It applies decisions; it does not make them.

    Every verb raises Unavailable when the table cannot answer: then nothing was decided and nothing was counted.
    """

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        """Load what is known, let `decide` decide, save all of it in one transaction, then tell the verdict.

        No other decision runs between the loading and the saving, on this worker or another, so what `decide` asks of
        the case's counts is of that instant, too. `decide` is pure: it may run on another thread, and twice. What it
        raises is raised here, and then nothing was written.
        """

    async def read(self, query: Query) -> State:
        """What is known, without waiting for any writer."""

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        """Sids of pending verifications past their deadline, the oldest first."""

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        """Sids of deliveries that may be live and went quiet, whatever became of their verification.

        Quiet: unchanged for `patience` seconds, and for as long as it took to the last change. A day later they are
        left as they are.
        """

    async def news(self, since: int | None) -> ChangeFeed:
        """What was committed since an earlier mark, by whatever process; for whoever waits for news."""

    async def events(self, verification: str) -> list[Event]:
        """The story of one verification, oldest first."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier took it, under this sid of its own."""

    provider_sid: str
    status: DeliveryStatus = DeliveryStatus.QUEUED


@dataclass(frozen=True, slots=True)
class Rejected:
    """The carrier did not take it, for certain. `permanent`: the same request can never work.

    `opted_out`: the holder of the number has told the carrier to stop us. `counts`: against limits, because finding out
    was not free.
    """

    permanent: bool
    code: int | None
    opted_out: bool = False
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Unclear:
    """No clear answer: a phone may be ringing. It counts as started until it is known otherwise."""

    reason: str


Outcome = Accepted | Rejected | Unclear


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What the carrier says became of a call or text, under its own sid."""

    provider_sid: str
    status: DeliveryStatus
    error: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage:
    """A text to send; the carrier words it, with what the code is for. `lifetime` is what is left of it, in seconds.

    `brand` is who sends it; empty for the operator.
    """

    delivery: str
    to: PhoneNumber
    code: str
    language: str
    lifetime: int
    brand: str = ""
    action: str = SIGN_IN
    payment: Payment | None = None


class Provider(Protocol):
    """Twilio, seen from here. None of the verbs raises for what the network or Twilio does."""

    async def call(self, delivery: str, to: PhoneNumber) -> Outcome:
        """Place a call whose webhooks carry the delivery's sid. Never repeated when the answer is unclear."""

    async def text(self, order: TextMessage) -> Outcome:
        """Send a text."""

    async def tell(self, notice: Notice) -> Outcome:
        """Call or text somebody that the number of their account was changed. No code, nothing to answer."""

    async def hang_up(self, provider_sid: str) -> None:
        """End a call in whatever state it is."""

    async def fetch_status(self, delivery: Delivery, to: PhoneNumber) -> DeliveryReport | Rejected | None:
        """What the carrier says became of a delivery: Rejected when it never had it, None when it does not say.

        One whose start had no clear answer has no sid of the carrier's yet; it is found by whom it went to, and when.
        """


class ReceiptSigner(Protocol):
    """Whoever signs what an approved check gives to the application, to show for proof."""

    def receipt(self, state: State, *, now: float) -> str | None:
        """The receipt of an approved verification, a signed JWT; None when its approval does not count any more."""

    def keys(self, *, now: float) -> dict[str, Any]:
        """The public keys as a JWK Set (RFC 7517): those of receipts that are alive, and the next one."""


class Clock(Protocol):
    """The time of the server; only it counts."""

    def now(self) -> float:
        """Seconds since 1970, never going back while the process runs."""


class Randomness(Protocol):
    """The operating system's secure generator."""

    def __call__(self, size: int, /) -> bytes:
        """This many random bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A delivery with its verification. `converted`: it was the last before the code was found right."""

    delivery: Delivery
    verification: Verification
    converted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFilter:
    """Which attempts of a service are looked for; what is None does not matter. `prefix` is that of a number."""

    service: str
    since: float
    until: float
    verification: str | None = None
    channel: Channel | None = None
    number: str | None = None
    country: str | None = None
    prefix: str | None = None
    converted: bool | None = None


class AttemptStore(Protocol):
    """Looks back at deliveries. Every verb raises Unavailable when the table cannot answer."""

    async def attempt(self, sid: str) -> Attempt | None:
        """The one of this sid, of whatever service."""

    async def attempts(self, criteria: AttemptFilter, *, after: str | None, limit: int) -> list[Attempt]:
        """Those of the newest verifications first, from the one behind the attempt `after` on."""

    async def totals(self, criteria: AttemptFilter) -> tuple[int, int]:
        """How many there are, and how many of them converted."""
