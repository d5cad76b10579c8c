"""The service over the real code table in a file, with a carrier and a clock that can be read."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from saycode.table import SqliteTable
from tests.cases import NUMBER, SECRET
from tests.fakes import ManualClock, RecordingCarrier, SeededRandomness
from verification.call import AskForKeys, Heard, ReadCode
from verification.calling import Said
from verification.codes import KeyRing
from verification.making import Wanted
from verification.numbers import parse
from verification.policy import SEED, Policy
from verification.ports import OfVerification, Rejected
from verification.records import BUILT_IN_SERVICE, SIGN_IN, Delivery, EventKind, Verification
from verification.service import Service
from verification.starting import Planned
from verification.states import Channel, DeliveryStatus

REFUSED = Rejected(permanent=False, code=20429)
CALL, SMS = Channel.CALL, Channel.SMS
SENT = DeliveryStatus.SENT


@dataclass(slots=True)
class Home:
    """A service and everything around it. A verification is named by its sid, a call by its delivery's."""

    path: Path
    stack: AsyncExitStack
    policy: Policy = SEED
    secrets: tuple[bytes, ...] = (SECRET,)
    clock: ManualClock = field(default_factory=ManualClock)
    carrier: RecordingCarrier = field(default_factory=RecordingCarrier)
    randomness: SeededRandomness = field(default_factory=SeededRandomness)
    workers: list[Service] = field(default_factory=list)

    async def open(self) -> Service:
        """One more worker on the same file."""
        table = await self.stack.enter_async_context(SqliteTable.open(self.path, secrets=self.secrets))
        self.workers.append(
            Service(
                table=table,
                carrier=self.carrier,
                clock=self.clock,
                randomness=self.randomness,
                policy=self.policy,
                keys=KeyRing(self.secrets),
            )
        )
        return self.workers[-1]

    @property
    def service(self) -> Service:
        return self.workers[-1]

    def under(self, policy: Policy) -> Service:
        """The service under another policy."""
        self.workers[-1] = replace(self.service, policy=policy)
        return self.service

    async def start(
        self, channel: Channel = CALL, *, username: str = "ada", session: str | None = None, number: str = NUMBER.e164
    ) -> Planned:
        return await self.service.start(
            Wanted(
                username=username,
                number=parse(number),
                channel=channel,
                action=SIGN_IN,
                language="en-US",
                service=BUILT_IN_SERVICE,
                session=session,
            )
        )

    async def texted_code(self, **wanted: str | None) -> tuple[str, str]:
        """Start by text: the verification, and the code as the person reads it."""
        planned = await self.start(SMS, **wanted)  # type: ignore[arg-type]  # the keyword arguments of start
        return planned.verification.sid, self.carrier.texts[-1].code

    async def hear(self, delivery: str, digits: str | None = None, *, carrier_sid: str = "CA1") -> Said:
        """A webhook of the call: keys, silence when they are empty, the first document without any."""
        heard = Heard.ANSWERED if digits is None else Heard.KEYS if digits else Heard.SILENCE
        return await self.service.hear(delivery, carrier_sid=carrier_sid, heard=heard, digits=digits or "")

    async def pass_the_gate(self, delivery: str, *, carrier_sid: str = "CA1") -> str:
        """Answer and press what is asked for: the code as the person hears it."""
        asked = (await self.hear(delivery, carrier_sid=carrier_sid)).line
        assert isinstance(asked, AskForKeys)
        read = (await self.hear(delivery, asked.keys, carrier_sid=carrier_sid)).line
        assert isinstance(read, ReadCode)
        return read.code

    async def verification(self, sid: str) -> Verification:
        found = (await self.service.table.read(OfVerification(sid))).verification
        assert found is not None
        return found

    async def deliveries(self, sid: str) -> tuple[Delivery, ...]:
        return (await self.service.table.read(OfVerification(sid))).deliveries

    async def story(self, sid: str) -> list[EventKind]:
        return [event.kind for event in await self.service.table.events(sid)]


@asynccontextmanager
async def open_home(path: Path) -> AsyncIterator[Home]:
    """A service on a new file."""
    async with AsyncExitStack() as stack:
        home = Home(path, stack)
        await home.open()
        yield home
