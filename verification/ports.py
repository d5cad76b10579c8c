"""What the domain needs from outside: the store, the provider, the time, randomness and signed receipts."""

from collections.abc import Callable, Collection
from math import inf
from typing import Any, ClassVar, Generic, Protocol, TypeVar, cast

from msgspec.structs import replace

from .counters.counter import LimitKey, Update
from .counters.rules import Denial
from .models import Account, Delivery, Event, Notice, NumberPause, Session, State, Verification
from .policy import SIGN_IN
from .types import Channel, DeliveryStatus, Record, Scope
from .values.payments import Payment
from .values.phone_numbers import PhoneNumber

V = TypeVar("V")
W = TypeVar("W")


class ByVerification(Record, frozen=True):
    """The verification of this sid, and the requesting session, if there is one.

    `scopes`: the decision is sure to read the counters of these, so they are loaded before it is asked.
    """

    sid: str
    session: str | None = None
    scopes: tuple[Scope, ...] = ()


class ByDelivery(Record, frozen=True):
    """The verification of this delivery. With `sending`, also what could forbid one more delivery."""

    sid: str
    sending: bool = False


class BySession(Record, frozen=True):
    """The verification of this browser session. `scopes`: as in ByVerification."""

    id: str
    scopes: tuple[Scope, ...] = ()


class ByNumber(Record, frozen=True):
    """The newest pending verification of this number, across all services. With `sid`, also whether the text or call
    to us with this sid of the provider's had an effect before.
    """

    number: PhoneNumber
    sid: str = ""


class ByAccount(Record, frozen=True, kw_only=True):
    """The newest pending verification for this account and action, the session, and what could forbid sending to
    `number`. With `enrolled`, also since when the account has the number. With `own`, the pending verification of this
    session only, whatever other browsers have begun. `counters`: those that the decision is sure to read.
    """

    service: str
    account: str
    action: str
    number: PhoneNumber
    session: str | None = None
    enrolled: bool = False
    own: bool = False
    counters: tuple[LimitKey, ...] = ()


class ByCheck(Record, frozen=True, kw_only=True):
    """For a check without a sid: the newest pending verification of this account and action, or else the newest that
    ran out of checks and has a deadline after `now`. `scopes`: as in ByVerification.
    """

    service: str
    account: str
    action: str
    now: float
    scopes: tuple[Scope, ...] = ()


class ByEnrolled(Record, frozen=True):
    """The account of this name only."""

    service: str
    account: str


class ByNotices(Record, frozen=True):
    """The oldest unsent notices that are due at a time."""

    limit: int
    due: float = inf


Query = ByVerification | ByDelivery | BySession | ByNumber | ByAccount | ByCheck | ByEnrolled | ByNotices


class Received(Record, frozen=True, kw_only=True):
    """A text or call to us that had an effect, by the provider's sid; its repetition must have none."""

    sid: str
    at: float


class Changes(Record, Generic[V], frozen=True, kw_only=True):
    """The result of a decision and everything to write with it.

    Verifications and deliveries that were loaded are updated, others inserted; a session replaces the one of its id, an
    account the one of its name; a changed notice is written if it is still there. Removing a number or an account ends
    its open verifications. `padded`: wait for a commit even though nothing is written, so that response times do not
    differ. `counted`: events that are counted and not written, because the like was written a moment ago.
    """

    result: V
    verifications: tuple[Verification, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    sessions: tuple[Session, ...] = ()
    suppress: tuple[PhoneNumber, ...] = ()
    lift: tuple[PhoneNumber, ...] = ()
    pauses: tuple[NumberPause, ...] = ()
    counter_updates: tuple[Update, ...] = ()
    denials: tuple[Denial, ...] = ()
    accounts: tuple[Account, ...] = ()
    removed_accounts: tuple[Account, ...] = ()
    notices: tuple[Notice, ...] = ()
    changed_notices: tuple[Notice, ...] = ()
    sent_notices: tuple[Notice, ...] = ()
    received: tuple[Received, ...] = ()
    events: tuple[Event, ...] = ()
    counted: tuple[Event, ...] = ()
    padded: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.padded or any(getattr(self, name) for name in _WRITTEN))

    def with_result(self, result: W) -> "Changes[W]":
        """The same changes with another result."""
        return replace(cast("Changes[Any]", self), result=result)

    def with_actor(self, actor: str) -> "Changes[V]":
        """The same changes, with `actor` in the events that have none."""
        events = [event if event.actor else replace(event, actor=actor) for event in self.events]
        return replace(self, events=tuple(events))


_WRITTEN = tuple(name for name in Changes.__struct_fields__ if name not in ("result", "counted", "padded"))


class ChangeFeed(Record, frozen=True):
    """The verifications that were changed; None when the mark is too old: any of them may have changed.

    `mark` is the current position in the feed.
    """

    mark: int
    about: frozenset[str] | None


class Store(Protocol):
    """Where everything durable lives. It applies decisions; it does not make them.

    Every method raises Unavailable when the store cannot answer: then nothing was decided and nothing was counted.
    """

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        """Load the state, call `decide`, save the changes, all in one transaction; return the result after the commit.

        No other decision runs between loading and saving, on this worker or another, so the counters that `decide`
        reads are of the same instant. `decide` is pure: it may run on another thread, and twice. What it raises is
        raised here, and then nothing was written.
        """

    async def read(self, query: Query) -> State:
        """The state, without waiting for any writer."""

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        """Sids of pending verifications past their deadline, oldest first."""

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        """Sids of deliveries that may be live and went quiet, whatever the status of their verification.

        Quiet: unchanged for `patience` seconds, and for as long as the last change took. After a day they are left as
        they are.
        """

    async def changes_since(self, mark: int | None) -> ChangeFeed:
        """What any process has committed since an earlier mark."""

    async def events(self, verification: str) -> list[Event]:
        """The events of one verification, oldest first."""


class Accepted(Record, frozen=True):
    """The provider accepted the request, under its own sid."""

    provider_sid: str
    status: DeliveryStatus = DeliveryStatus.QUEUED


class Rejected(Record, frozen=True):
    """The provider certainly rejected the request. `permanent`: the same request can never succeed.

    `opted_out`: the holder of the number has opted out at the provider. `counts`: the send still counts against limits,
    because the look-up cost money.
    """

    permanent: bool
    code: int | None
    opted_out: bool = False
    counts: bool = False


class Unclear(Record, frozen=True):
    """No clear answer: a phone may be ringing. It counts as started until proven otherwise."""

    reason: str


Outcome = Accepted | Rejected | Unclear


class DeliveryReport(Record, frozen=True):
    """The status of a call or text, as the provider reports it under its own sid."""

    provider_sid: str
    status: DeliveryStatus
    error: int | None = None


class TextMessage(Record, frozen=True, kw_only=True):
    """A written message to send; the provider's adapter words it. `lifetime`: the seconds that the code is still valid.

    `brand` is the sender's name; empty for the operator's. `app_hash` as in a verification.
    """

    hidden: ClassVar = frozenset({"code"})

    delivery: str
    channel: Channel
    to: PhoneNumber
    code: str
    language: str
    lifetime: int
    brand: str = ""
    action: str = SIGN_IN
    payment: Payment | None = None
    app_hash: str = ""


class Provider(Protocol):
    """Twilio. No method raises for what the network or Twilio does."""

    async def call(self, delivery: str, to: PhoneNumber) -> Outcome:
        """Place a call whose webhooks carry the delivery's sid. Never repeated when the answer is unclear."""

    async def text(self, order: TextMessage) -> Outcome:
        """Send a written message. Never repeated when the answer is unclear."""

    async def notify(self, notice: Notice) -> Outcome:
        """Send the notice that a number was changed, by call or text. It has no code and expects no answer."""

    async def hang_up(self, provider_sid: str) -> None:
        """End a call in any state."""

    async def fetch_status(
        self, delivery: Delivery, to: PhoneNumber, others: Collection[str] = ()
    ) -> DeliveryReport | Rejected | None:
        """The provider's status of a delivery: Rejected when it has no record of it, None when it does not answer.

        A delivery with an unclear start has no provider sid yet; it is found by its number and time. It is none of
        `others`: the provider sids of other deliveries.
        """


class ReceiptSigner(Protocol):
    """Signs receipts: the proof of an approved verification that the application can show."""

    def receipt(self, state: State, *, now: float) -> str | None:
        """The receipt of an approved verification, a signed JWT; None when its approval is no longer valid."""

    def keys(self, *, now: float) -> dict[str, Any]:
        """The public keys as a JWK Set (RFC 7517): those of valid receipts, and the next one."""


class Clock(Protocol):
    """The server's time; no other clock is used."""

    def now(self) -> float:
        """Seconds since 1970, never going back while the process runs."""


class Randomness(Protocol):
    """The operating system's secure generator."""

    def __call__(self, size: int, /) -> bytes:
        """This many random bytes."""
