"""The service over the real code table in a file, with a carrier and a clock that can be read."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from saycode.storage.store import SqliteStore
from tests.support.fakes import ManualClock, RecordingCarrier, SeededRandomness
from tests.support.records import NUMBER, SECRET
from verification.flow.start import StartRequest, StartResult
from verification.ivr.dialogue import AskForKeys, CallInput, ReadCode
from verification.ivr.turn import NextPrompt
from verification.models import BUILT_IN_SERVICE, Delivery, EventKind, Verification
from verification.policy import DEFAULT_POLICY, SIGN_IN, Policy
from verification.ports import ByVerification, Rejected
from verification.types import Channel, DeliveryStatus
from verification.values.codes import KeyRing
from verification.values.phone_numbers import parse
from verification.verifier import Verifier

REFUSED = Rejected(permanent=False, code=20429)
CALL, SMS = Channel.CALL, Channel.SMS
SENT = DeliveryStatus.SENT


@dataclass(slots=True)
class Home:
    """A service and everything around it. A verification is named by its sid, a call by its delivery's."""

    path: Path
    stack: AsyncExitStack
    policy: Policy = DEFAULT_POLICY
    secrets: tuple[bytes, ...] = (SECRET,)
    clock: ManualClock = field(default_factory=ManualClock)
    provider: RecordingCarrier = field(default_factory=RecordingCarrier)
    randomness: SeededRandomness = field(default_factory=SeededRandomness)
    workers: list[Verifier] = field(default_factory=list)

    async def open(self) -> Verifier:
        """One more worker on the same file."""
        store = await self.stack.enter_async_context(SqliteStore.open(self.path, secrets=self.secrets))
        self.workers.append(
            Verifier(
                store=store,
                provider=self.provider,
                clock=self.clock,
                randomness=self.randomness,
                policy=self.policy,
                keys=KeyRing(self.secrets),
            )
        )
        return self.workers[-1]

    @property
    def verifier(self) -> Verifier:
        return self.workers[-1]

    def under(self, policy: Policy) -> Verifier:
        """The service under another policy."""
        self.workers[-1] = replace(self.verifier, policy=policy)
        return self.verifier

    async def start(
        self, channel: Channel = CALL, *, username: str = "ada", session: str | None = None, number: str = NUMBER.e164
    ) -> StartResult:
        return await self.verifier.start(
            StartRequest(
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
        return planned.verification.sid, self.provider.texts[-1].code

    async def hear(self, delivery: str, digits: str | None = None, *, provider_sid: str = "CA1") -> NextPrompt:
        """A webhook of the call: keys, silence when they are empty, the first document without any."""
        heard = CallInput.ANSWERED if digits is None else CallInput.KEYS if digits else CallInput.SILENCE
        return await self.verifier.handle_call_event(
            delivery, provider_sid=provider_sid, heard=heard, digits=digits or ""
        )

    async def pass_the_gate(self, delivery: str, *, provider_sid: str = "CA1") -> str:
        """Answer and press what is asked for: the code as the person hears it."""
        asked = (await self.hear(delivery, provider_sid=provider_sid)).line
        assert isinstance(asked, AskForKeys)
        read = (await self.hear(delivery, asked.keys, provider_sid=provider_sid)).line
        assert isinstance(read, ReadCode)
        return read.code

    async def verification(self, sid: str) -> Verification:
        found = (await self.verifier.store.read(ByVerification(sid))).verification
        assert found is not None
        return found

    async def deliveries(self, sid: str) -> tuple[Delivery, ...]:
        return (await self.verifier.store.read(ByVerification(sid))).deliveries

    async def story(self, sid: str) -> list[EventKind]:
        return [event.kind for event in await self.verifier.store.events(sid)]


@asynccontextmanager
async def open_home(path: Path) -> AsyncIterator[Home]:
    """A service on a new file."""
    async with AsyncExitStack() as stack:
        home = Home(path, stack)
        await home.open()
        yield home
