"""The whole product and a Twilio of its own, in the event loop of the test and without sockets.

Rules, doors, code table, carrier and simulator are the real ones; only the time is told. The code is read where a
person reads it: on the phone, or on the page.
"""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from twilio.http.response import Response

from saycode.server.receipts import JwtReceiptSigner
from saycode.storage.attempts import SqliteAttempts
from saycode.storage.idempotency import SqliteIdempotencyStore
from saycode.storage.services import SqliteServices
from saycode.storage.store import SqliteStore
from saycode.twilio.client import MachineDetection, Timeouts, TwilioConfig, TwilioHttpClient, TwilioProvider
from tests.support import asgi_client
from tests.support.app import ACCOUNT, PHONE, SECRET, SENDER, TOKEN, BreakableTable, lay_out
from tests.support.call_transcript import Script
from tests.support.fakes import SeededRandomness
from tests.support.simulator import AsgiTransport, SwitchableApp
from twilio_simulator.app import create_app as create_simulator
from twilio_simulator.core.clock import ManualClock
from twilio_simulator.core.events import DocumentStarted, PublishedEvent
from twilio_simulator.engine import Twilio
from twilio_simulator.network.call import Call
from twilio_simulator.phone import Phone
from twiml.words import words
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE, Delivery, State, Verification
from verification.policy import DEFAULT_POLICY, SIGN_IN, Policy
from verification.ports import ByVerification
from verification.types import CallStyle, Channel
from verification.values.codes import KeyRing
from verification.values.phone_numbers import PhoneNumber, parse
from verification.verifier import Verifier
from webhooks.app import create_app
from webhooks.context import AppContext
from webhooks.routes import PublicUrls
from webhooks.signature import signature_validator

PUBLIC_URL = "https://verify.example"


class DirectHttp(TwilioHttpClient):
    """The carrier's HTTP client, with the simulator's REST interface right behind it."""

    def __init__(self, switch: SwitchableApp) -> None:
        super().__init__(Timeouts())
        self._switch = switch

    async def request(  # type: ignore[override]  # as the class above
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        assert auth is not None
        sent = [
            ("content-type", asgi_client.FORM),
            ("authorization", "Basic " + b64encode(":".join(auth).encode()).decode()),
        ]
        body = urlencode({name: value for name, value in (data or {}).items() if value is not None}, doseq=True)
        answer = await asgi_client.ask(
            self._switch, method.upper(), urlsplit(url).path, headers=sent, body=body.encode()
        )
        return Response(answer.status, answer.text, dict(answer.headers))


@dataclass(slots=True, kw_only=True)
class Village:
    """One service, one Twilio, and their people."""

    verifier: Verifier
    context: AppContext
    store: BreakableTable
    twilio: Twilio
    door: SwitchableApp
    path: Path
    documents: dict[str, list[str]] = field(default_factory=dict)

    @property
    def clock(self) -> ManualClock:
        clock = self.twilio.clock
        assert isinstance(clock, ManualClock)
        return clock

    @property
    def phone(self) -> Phone:
        return self.twilio.phone(PHONE)

    @property
    def hooks(self) -> asgi_client.Twilio:
        """Sends webhooks that Twilio would not send now: replays, other calls, long tone streams."""
        return asgi_client.Twilio(self.door, PUBLIC_URL, ACCOUNT, TOKEN)

    @property
    def created(self) -> dict[str, str]:
        """The parameters of the last call that was asked for."""
        asked = [request for request in self.twilio.request_log.requests if request.path.endswith("/Calls.json")]
        return dict(asked[-1].parameters)

    def browser(self) -> asgi_client.Browser:
        return asgi_client.Browser(self.door)

    async def start(
        self,
        *,
        number: PhoneNumber | str = PHONE,
        username: str = "ada",
        channel: Channel = Channel.CALL,
        style: CallStyle = CallStyle.SAY,
        language: str = "en-US",
        action: str = SIGN_IN,
    ) -> Verification:
        """A verification whose phone is about to ring."""
        wanted = StartRequest(
            username=username,
            number=parse(number) if isinstance(number, str) else number,
            channel=channel,
            action=action,
            language=language,
            service=BUILT_IN_SERVICE,
            style=style,
        )
        return (await self.verifier.start(wanted)).verification

    async def pick_up(self, **wanted: Any) -> Verification:
        """A verification whose call was answered."""
        verification = await self.start(**wanted)
        await self.twilio.phone(verification.number.e164).answer()
        return verification

    async def read_code(self, **wanted: Any) -> tuple[Verification, str]:
        """A verification whose keys were pressed as soon as they were asked for; the code is being read."""
        verification = await self.pick_up(**wanted)
        await self.press(self.script.pair)
        (code,) = self.script.codes
        return verification, code

    async def press(self, keys: str) -> None:
        """Press keys as soon as the phone listens."""
        await self.clock.run_until(lambda: not self.call.is_live or self.call.listening)
        await self.phone.press(keys)

    async def silence(self) -> None:
        """Press nothing until the next document, or the end."""
        before = self.call.documents
        await self.clock.run_until(lambda: not self.call.is_live or self.call.documents > before)
        await self.clock.settle()

    @property
    def call(self) -> Call:
        """The newest call to the phone."""
        return self.phone.calls[-1]

    @property
    def script(self) -> Script:
        """The document that runs in it, or ran last."""
        return self.document(self.call)

    @property
    def scripts(self) -> list[Script]:
        """All documents of it."""
        return [Script(document) for document in self.documents[self.call.sid]]

    async def state(self, verification: Verification) -> State:
        """What the file holds about it now."""
        return await self.store.store.read(ByVerification(verification.sid))

    async def delivery(self, verification: Verification) -> Delivery:
        """Its newest delivery."""
        latest = (await self.state(verification)).latest
        assert latest is not None
        return latest

    def document(self, call: Call) -> Script:
        """The document that runs in this call, or ran last."""
        return Script(self.documents[call.sid][-1])

    def note(self, noted: PublishedEvent) -> None:
        """Keep every document of every call, as it was sent."""
        if isinstance(noted.event, DocumentStarted):
            self.documents.setdefault(noted.event.call_sid, []).append(noted.event.document)

    async def restart(self) -> None:
        """The service stops and another one starts: nothing lives on but the file."""
        await self.clock.settle()
        await self.close()
        self.store = BreakableTable(SqliteStore.open(self.path, secrets=(SECRET,)))
        self.verifier = replace(self.verifier, store=self.store)
        self.serve(replace(self.context, verifier=self.verifier))

    def serve(self, context: AppContext) -> None:
        """Put a new application behind the public address."""
        self.context = context
        self.door.app = create_app(context)

    async def close(self) -> None:
        """Close the file."""
        store = self.store.store
        assert isinstance(store, SqliteStore)
        await store.close()


@asynccontextmanager
async def open_village(
    folder: Path,
    *,
    policy: Policy = DEFAULT_POLICY,
    brand: str = "Acme",
    style: CallStyle = CallStyle.SAY,
    detection: MachineDetection = MachineDetection.OFF,
    patience: float = 3,
) -> AsyncIterator[Village]:
    """A service whose file lies in this folder, and its Twilio. `patience`: seconds to wait for a locked file."""
    path, door, api = folder / "store.db", SwitchableApp(), SwitchableApp()
    await lay_out(path)
    addresses = PublicUrls(PUBLIC_URL)
    simulator = create_simulator(
        account_sid=ACCOUNT, auth_token=TOKEN, clock=ManualClock(), transport=AsgiTransport(door), calls_per_second=None
    )
    api.app, twilio = simulator, simulator.state.twilio
    line = TwilioConfig(
        account_sid=ACCOUNT,
        key=(ACCOUNT, TOKEN),
        sender=SENDER,
        messaging_service=None,
        base_url=None,
        brand=brand,
        detection=detection,
    )
    provider = TwilioProvider(line, addresses=addresses, words=words, jitter=lambda: 0, http=DirectHttp(api))
    opened = SqliteStore.open(path, secrets=(SECRET,), patience=patience)
    store = BreakableTable(opened)
    verifier = Verifier(
        store=store,
        provider=provider,
        clock=twilio.clock,
        randomness=SeededRandomness(),
        policy=policy,
        keys=KeyRing((SECRET,)),
    )
    ctx = AppContext(
        verifier=verifier,
        receipts=JwtReceiptSigner(opened.cipher, issuer=PUBLIC_URL, policy=policy),
        services=SqliteServices(opened),
        attempts=SqliteAttempts(opened),
        answers=SqliteIdempotencyStore(opened),
        addresses=addresses,
        signatures=signature_validator(PUBLIC_URL, (TOKEN,)),
        account_sid=ACCOUNT,
        brand=brand,
        language="en-US",
        region="US",
        sender=SENDER,
        callback_delay=0,
        style=style,
    )
    twilio.add_number(SENDER, voice_url=addresses.of("called"), sms_url=addresses.of("texted"))
    village = Village(verifier=verifier, context=ctx, store=store, twilio=twilio, door=door, path=path)
    village.serve(ctx)
    with twilio.events.subscribed(village.note):
        try:
            yield village
        finally:
            await twilio.close()
            await provider.close()
            await village.close()
