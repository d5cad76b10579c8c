"""A verifier over the real SQLite store in a file, with a provider and a clock that a test controls."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from saycode.testing import build_verifier
from tests.support.engine import open_store
from tests.support.fakes import ManualClock, RecordingProvider, SeededRandomness
from tests.support.records import NUMBER, SECRET
from verification.flow.start import StartRequest, StartResult
from verification.ivr.prompts import AskForKeys, CallInput, ReadCode
from verification.ivr.turn import NextPrompt
from verification.models import BUILT_IN_SERVICE, Delivery, EventKind, Verification
from verification.policy import DEFAULT_POLICY, SIGN_IN, Policy
from verification.ports import ByVerification, Rejected
from verification.types import Channel, DeliveryStatus
from verification.values.phone_numbers import parse
from verification.verifier import Verifier

REJECTED = Rejected(permanent=False, code=20429)
CALL, SMS = Channel.CALL, Channel.SMS
EVERY_CHANNEL = replace(DEFAULT_POLICY, channels=frozenset(Channel))
SENT = DeliveryStatus.SENT


@dataclass(slots=True)
class VerifierSetup:
    """A verifier and everything around it. A verification is named by its sid, a call by its delivery's sid."""

    path: Path
    stack: AsyncExitStack
    policy: Policy = EVERY_CHANNEL
    secrets: tuple[bytes, ...] = (SECRET,)
    clock: ManualClock = field(default_factory=ManualClock)
    provider: RecordingProvider = field(default_factory=RecordingProvider)
    randomness: SeededRandomness = field(default_factory=SeededRandomness)
    workers: list[Verifier] = field(default_factory=list)

    async def open(self) -> Verifier:
        """Open one more worker on the same file."""
        store = await self.stack.enter_async_context(open_store(self.path, secrets=self.secrets))
        self.workers.append(
            build_verifier(
                store,
                provider=self.provider,
                clock=self.clock,
                randomness=self.randomness,
                policy=self.policy,
                secrets=self.secrets,
            )
        )
        return self.workers[-1]

    @property
    def verifier(self) -> Verifier:
        return self.workers[-1]

    def use_policy(self, policy: Policy) -> Verifier:
        """Replace the policy."""
        self.workers[-1] = replace(self.verifier, policy=policy)
        return self.verifier

    async def start(
        self,
        channel: Channel = CALL,
        *,
        username: str = "ada",
        session: str | None = None,
        browser: str | None = None,
        number: str = NUMBER.e164,
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
                browser=browser,
            )
        )

    async def texted_code(self, **parameters: str | None) -> tuple[str, str]:
        """Start by text: the verification's sid, and the code in the text."""
        planned = await self.start(SMS, **parameters)  # type: ignore[arg-type]  # the keyword arguments of start
        return planned.verification.sid, self.provider.texts[-1].code

    async def call_webhook(self, delivery: str, digits: str | None = None, *, provider_sid: str = "CA1") -> NextPrompt:
        """A webhook of the call: keys, silence when they are empty, the first request without any."""
        call_input = CallInput.ANSWERED if digits is None else CallInput.KEYS if digits else CallInput.SILENCE
        return await self.verifier.handle_call_event(
            delivery, provider_sid=provider_sid, call_input=call_input, digits=digits or ""
        )

    async def pass_gate(self, delivery: str, *, provider_sid: str = "CA1") -> str:
        """Answer, press the requested keys, and return the code that the call says."""
        asked = (await self.call_webhook(delivery, provider_sid=provider_sid)).prompt
        assert isinstance(asked, AskForKeys)
        read = (await self.call_webhook(delivery, asked.keys, provider_sid=provider_sid)).prompt
        assert isinstance(read, ReadCode)
        return read.code

    async def cancel(self, sid: str) -> Verification:
        """Cancel a verification and hang up its calls."""
        canceled = await self.verifier.cancel(sid)
        await self.verifier.hang_up(canceled.hang_up)
        return canceled.verification

    async def verification(self, sid: str) -> Verification:
        verification = (await self.verifier.store.read(ByVerification(sid))).verification
        assert verification is not None
        return verification

    async def deliveries(self, sid: str) -> tuple[Delivery, ...]:
        return (await self.verifier.store.read(ByVerification(sid))).deliveries

    async def event_kinds(self, sid: str) -> list[EventKind]:
        return [event.kind for event in await self.verifier.store.events(sid)]


@asynccontextmanager
async def open_verifier(path: Path) -> AsyncIterator[VerifierSetup]:
    """A verifier on a new file."""
    async with AsyncExitStack() as stack:
        setup = VerifierSetup(path, stack)
        await setup.open()
        yield setup
