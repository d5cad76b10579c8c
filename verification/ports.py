"""The three things that the rules need from outside: a code table, a carrier, and the time."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar, cast

from .counts import Entry, Refusal
from .numbers import Number
from .payments import Payment
from .records import SIGN_IN, Account, Case, Delivery, Event, Notice, Pause, Session, Verification
from .states import DeliveryStatus

V = TypeVar("V")
W = TypeVar("W")


@dataclass(frozen=True, slots=True)
class OfVerification:
    """The verification of this sid, and the session that asks, if one does."""

    sid: str
    session: str | None = None


@dataclass(frozen=True, slots=True)
class OfDelivery:
    """The verification that this delivery belongs to. With `sending`, what stands against one more delivery as well."""

    sid: str
    sending: bool = False


@dataclass(frozen=True, slots=True)
class OfSession:
    """The verification that this browser session names."""

    id: str


@dataclass(frozen=True, slots=True)
class OfNumber:
    """The newest pending verification of this number, over all services."""

    number: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class OfAccount:
    """The newest pending verification for this account and action; the session, and what stands against sending to
    `number`. `enrolled`: and whether the number is one of the account's.
    """

    service: str
    account: str
    action: str
    number: Number
    session: str | None = None
    enrolled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCheck:
    """What a check without a sid is about: the newest pending verification of this account and action, or else the
    newest that ran out of checks and whose deadline is after `now`.
    """

    service: str
    account: str
    action: str
    now: float


@dataclass(frozen=True, slots=True)
class OfEnrolled:
    """The account of this name, and nothing else."""

    service: str
    account: str


@dataclass(frozen=True, slots=True)
class OfNotices:
    """The oldest notices that are still to be given."""

    limit: int


Subject = OfVerification | OfDelivery | OfSession | OfNumber | OfAccount | OfCheck | OfEnrolled | OfNotices


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Generic[V]):
    """A verdict and everything to be written with it.

    Verifications and deliveries that the case held are changed, others are new; a session replaces the one of its id,
    an account the one of its name. What an account gives up takes its open verifications along, with their codes.
    `padded`: it takes as long as one that writes something, so that nobody can tell by the time that nothing was.
    """

    verdict: V
    verifications: tuple[Verification, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    sessions: tuple[Session, ...] = ()
    suppress: tuple[Number, ...] = ()
    lift: tuple[Number, ...] = ()
    pauses: tuple[Pause, ...] = ()
    counted: tuple[Entry, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    enrolled: tuple[Account, ...] = ()
    removed: tuple[Account, ...] = ()
    notices: tuple[Notice, ...] = ()
    told: tuple[Notice, ...] = ()
    events: tuple[Event, ...] = ()
    padded: bool = False

    def saying(self, verdict: W) -> "Decision[W]":
        """The same to be written, under another verdict."""
        return replace(cast("Decision[Any]", self), verdict=verdict)


@dataclass(frozen=True, slots=True)
class News:
    """The verifications that something was committed about; None when it is too long ago to tell: any of them.

    `mark` stands for now, and asks for what comes next.
    """

    mark: int
    about: frozenset[str] | None


class CodeTable(Protocol):
    """Where everything durable lives. It applies decisions; it does not make them.

    Every verb raises Unavailable when the table cannot answer: then nothing was decided and nothing was counted.
    """

    async def apply(self, subject: Subject, decide: Callable[[Case], Decision[V]]) -> V:
        """Load what is known, let `decide` decide, save all of it in one transaction, then tell the verdict.

        No other decision runs between the loading and the saving, on this worker or another, so what `decide` asks of
        the case's counts is of that instant, too. `decide` is pure: it may run on another thread, and twice. What it
        raises is raised here, and then nothing was written.
        """

    async def read(self, subject: Subject) -> Case:
        """What is known, without waiting for any writer."""

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        """Sids of pending verifications past their deadline, the oldest first."""

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        """Sids of deliveries that may be live and went quiet, whatever became of their verification.

        Quiet: unchanged for `patience` seconds, and for as long as it took to the last change. A day later they are
        left as they are.
        """

    async def news(self, since: int | None) -> News:
        """What was committed since an earlier mark, by whatever process; for whoever waits for news."""

    async def events(self, verification: str) -> list[Event]:
        """The story of one verification, oldest first."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier took it, under this sid of its own."""

    carrier_sid: str
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
class Report:
    """What the carrier says became of a call or text, under its own sid."""

    carrier_sid: str
    status: DeliveryStatus
    error: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOrder:
    """A text to send; the carrier words it, with what the code is for. `lifetime` is what is left of it, in seconds.

    `brand` is who sends it; empty for the operator.
    """

    delivery: str
    to: Number
    code: str
    language: str
    lifetime: int
    brand: str = ""
    action: str = SIGN_IN
    payment: Payment | None = None


class Carrier(Protocol):
    """Twilio, seen from here. None of the verbs raises for what the network or Twilio does."""

    async def call(self, delivery: str, to: Number) -> Outcome:
        """Place a call whose webhooks carry the delivery's sid. Never repeated when the answer is unclear."""

    async def text(self, order: TextOrder) -> Outcome:
        """Send a text."""

    async def tell(self, notice: Notice) -> Outcome:
        """Call or text somebody that the number of their account was changed. No code, nothing to answer."""

    async def hang_up(self, carrier_sid: str) -> None:
        """End a call in whatever state it is."""

    async def look_up(self, delivery: Delivery, to: Number) -> Report | Rejected | None:
        """What the carrier says became of a delivery: Rejected when it never had it, None when it does not say.

        One whose start had no clear answer has no sid of the carrier's yet; it is found by whom it went to, and when.
        """


class Receipts(Protocol):
    """Whoever signs what an approved check gives to the application, to show for proof."""

    def receipt(self, case: Case, *, now: float) -> str | None:
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
