"""Example traffic for the demonstration, honest and hostile: two days and the hours of today, by the real rules.

Every number is kept for fiction: 555-01xx in North America, and those of Ofcom and the ACMA for drama. Every
verification has the tag `example`. It is written to an empty database only. Each person lives at a time of their own,
so that many of them share a commit; the traffic of an hour is begun once that of the last one has ended.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from hashlib import sha256

from msgspec.structs import replace

from verification.errors import VerificationError
from verification.flow.check import code_of
from verification.flow.start import StartRequest, StartResult
from verification.ivr.prompts import CallInput
from verification.models import BUILT_IN_SERVICE, Delivery, Notice
from verification.policy import SIGN_IN, Keypress, Policy
from verification.ports import Accepted, ByDelivery, ByVerification, DeliveryReport, Outcome, Rejected, TextMessage
from verification.types import Channel, DeliveryStatus
from verification.values.codes import KeyRing
from verification.values.phone_numbers import PhoneNumber
from verification.verifier import Verifier

from .config.policy import build_policy, key_ring
from .config.settings import Settings
from .storage.store import SqlStore

HOUR = 3600
#: Seconds that a person takes at most: nothing is written of the future.
LONGEST_SCRIPT = 150
#: Hours of a day after which the busiest begins, and verifications begun in each hour from midnight, UTC.
_BY_HOUR = (2, 1, 1, 1, 2, 3, 5, 7, 9, 10, 9, 9, 8, 9, 10, 11, 12, 13, 12, 10, 8, 6, 4, 3)
_AREAS = (202, 206, 212, 303, 312, 404, 512, 617, 702, 808)
_TAGS = {"example": "yes"}
_HOSTILE_SOURCE = "203.0.113.66"  # RFC 5737, as all sources here
_STARTED = "SELECT count(*) FROM (SELECT 1 FROM verifications LIMIT 2) AS started"

_at: ContextVar[float] = ContextVar("_at")


class _OwnTime:
    """The clock of one person: each task has its own."""

    def now(self) -> float:
        return _at.get()

    def pass_by(self, seconds: float) -> None:
        _at.set(_at.get() + seconds)


@dataclass(slots=True)
class _Draws:
    """The same choices in every run."""

    seed: str
    drawn: int = field(default=0)

    def bytes(self, size: int) -> bytes:
        self.drawn += 1
        return sha256(f"{self.seed} {self.drawn}".encode()).digest()[:size]

    def below(self, limit: int) -> int:
        return int.from_bytes(self.bytes(6)) % limit


class _Agreeable:
    """A provider that accepts everything, except a text to the last numbers of a range."""

    def __init__(self, draws: _Draws) -> None:
        self._draws = draws

    async def call(self, _delivery: str, _to: PhoneNumber) -> Outcome:
        return Accepted(f"CA{self._draws.bytes(16).hex()}")

    async def text(self, order: TextMessage) -> Outcome:
        if order.to.e164.endswith("99"):
            return Rejected(permanent=True, code=21612)
        return Accepted(f"SM{self._draws.bytes(16).hex()}")

    async def notify(self, _notice: Notice) -> Outcome:
        return Rejected(permanent=True, code=None)

    async def hang_up(self, _provider_sid: str) -> None:
        return None

    async def fetch_status(
        self, _delivery: Delivery, _to: PhoneNumber, _others: Collection[str] = ()
    ) -> DeliveryReport | Rejected | None:
        return None


class ExampleTraffic:
    """Fills an empty store. `policy`: that of the settings; here its limits hold, and any key opens a call."""

    def __init__(self, store: SqlStore, policy: Policy, keys: KeyRing) -> None:
        self._store, self._keys, self._draws = store, keys, _Draws("example traffic")
        self._clock = _OwnTime()
        self._verifier = Verifier(
            store=store,
            provider=_Agreeable(self._draws),
            clock=self._clock,
            randomness=self._draws.bytes,
            policy=replace(policy, enforce=True, keypress=Keypress.ANY, countries=frozenset({"US", "GB", "AU"})),
            keys=keys,
        )

    async def write(self, *, now: float) -> int:
        """The traffic of yesterday, the day before and the last hours. How many persons; 0 for a database in use.

        One verification, the demonstration's own, may have been before.
        """
        if await self._store.query(lambda conn: conn.execute(_STARTED).fetchone()[0]) > 1:
            return 0
        begin, persons = (int(now) // 86_400 - 2) * 86_400, 0
        for hour in range(begin, int(now), HOUR):
            scripts = [(at, script) for at, script in self._scripts_of(hour) if at < now - LONGEST_SCRIPT]
            persons += len(scripts)
            await asyncio.gather(*(self._live(at, script) for at, script in scripts))
            _at.set(min(hour + HOUR, now))
            await self._verifier.expire_overdue()
        return persons

    async def _live(self, at: float, script: Callable[[], Awaitable[None]]) -> None:
        _at.set(at)
        try:
            await script()
        except VerificationError:
            return  # a limit; the totals have it

    def _scripts_of(self, hour: int) -> Iterator[tuple[float, Callable[[], Awaitable[None]]]]:
        of_day, day = hour % 86_400 // HOUR, hour // 86_400
        for _ in range(_BY_HOUR[of_day] + self._draws.below(3)):
            person, number = self._draws.below(400), self._number()
            yield hour + self._draws.below(HOUR - 700), self._person(person, number, self._draws.below(100))
        if of_day in (3, 4) or (of_day == 15 and day % 2):
            for n in range(40):  # one source runs through a block of numbers
                victim = PhoneNumber(f"+447700900{200 + n + 40 * (of_day % 2):03}", "GB")
                yield hour + 20.0 + n, self._started(f"user{n}", victim, Channel.SMS, _HOSTILE_SOURCE)
        if of_day == 20:
            for n in range(12):  # one phone is made to ring again and again
                yield hour + 45.0 * n, self._started(f"ring{n}", PhoneNumber("+12025550142", "US"), Channel.CALL, "")

    def _number(self) -> PhoneNumber:
        kind, line = self._draws.below(10), self._draws.below(100)
        if kind < 7:
            return PhoneNumber(f"+1{_AREAS[self._draws.below(len(_AREAS))]}55501{line:02}", "US")
        return PhoneNumber(f"+447700900{line:03}", "GB") if kind < 9 else PhoneNumber(f"+614915701{line:02}", "AU")

    def _person(self, person: int, number: PhoneNumber, chance: int) -> Callable[[], Awaitable[None]]:
        channel = Channel.SMS if chance % 3 == 0 else Channel.CALL
        source = f"198.51.100.{person % 250 + 1}"

        async def live() -> None:
            started = await self._start(f"example-{person}", number, channel, source)
            if started.delivery is None:
                return
            heard = await (self._called if channel.spoken else self._texted)(started.delivery, chance)
            if heard and chance % 10 != 7:
                await self._type(started, wrong=chance % 20 == 3)

        return live

    def _started(self, name: str, number: PhoneNumber, channel: Channel, source: str) -> Callable[[], Awaitable[None]]:
        """A start that is never answered."""

        async def live() -> None:
            started = await self._start(name, number, channel, source)
            if started.delivery is not None and not channel.spoken:
                await self._report(started.delivery, DeliveryStatus.DELIVERED, after=3)
            elif started.delivery is not None:
                await self._report(started.delivery, DeliveryStatus.RINGING, after=2)
                await self._report(started.delivery, DeliveryStatus.NO_ANSWER, after=30)

        return live

    async def _start(self, name: str, number: PhoneNumber, channel: Channel, source: str) -> StartResult:
        return await self._verifier.start(
            StartRequest(
                username=name,
                number=number,
                channel=channel,
                action=SIGN_IN,
                language="en-US",
                service=BUILT_IN_SERVICE,
                source=source,
                tags=_TAGS,
            )
        )

    async def _texted(self, text: Delivery, chance: int) -> bool:
        await self._report(text, DeliveryStatus.SENT, after=1)
        arrived = chance % 12 != 6
        await self._report(text, DeliveryStatus.DELIVERED if arrived else DeliveryStatus.UNDELIVERED, after=4)
        self._clock.pass_by(8 + chance % 20)
        return arrived

    async def _called(self, call: Delivery, chance: int) -> bool:
        """Whether the person heard the code."""
        await self._report(call, DeliveryStatus.RINGING, after=2)
        if chance % 12 in (5, 11):
            ending = DeliveryStatus.BUSY if chance % 12 == 5 else DeliveryStatus.NO_ANSWER
            await self._report(call, ending, after=25)
            return False
        await self._report(call, DeliveryStatus.ANSWERED, after=4 + chance % 14)
        state = await self._verifier.store.read(ByDelivery(call.sid))
        sid = (state.delivery(call.sid) or call).provider_sid or ""
        await self._verifier.handle_call_event(call.sid, provider_sid=sid, call_input=CallInput.ANSWERED)
        self._clock.pass_by(3 + chance % 9)
        heard = chance % 25 != 9  # a voicemail presses nothing
        if heard:
            await self._verifier.handle_call_event(
                call.sid, provider_sid=sid, call_input=CallInput.KEYS, digits="1", webhook="keys"
            )
        await self._report(call, DeliveryStatus.COMPLETED, after=20 + chance % 60, seconds=25 + chance)
        return heard

    async def _report(self, delivery: Delivery, status: DeliveryStatus, *, after: float, seconds: int = 0) -> None:
        self._clock.pass_by(after)
        state = await self._verifier.store.read(ByDelivery(delivery.sid))
        current = state.delivery(delivery.sid)
        if current is not None and current.provider_sid is not None:
            await self._verifier.on_status(
                delivery.sid, provider_sid=current.provider_sid, status=status, seconds=seconds or None
            )

    async def _type(self, started: StartResult, *, wrong: bool) -> None:
        self._clock.pass_by(6)
        state = await self._verifier.store.read(ByVerification(started.verification.sid))
        if state.verification is None or state.verification.status.final:
            return
        code = code_of(state.verification, self._keys)
        typed = "".join(str((int(digit) + 1) % 10) for digit in code) if wrong else code
        await self._verifier.check(started.verification.sid, typed)


@asynccontextmanager
async def writing_examples(settings: Settings, store: SqlStore) -> AsyncIterator[None]:
    """Write example traffic in the background; what is not written at the end is left out."""
    logging.getLogger("saycode.events").setLevel(logging.ERROR)  # its alerts are examples, too
    examples = ExampleTraffic(store, build_policy(settings), key_ring(settings))
    writing = asyncio.create_task(examples.write(now=time.time()))
    try:
        yield
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
