"""The whole application and a Twilio of its own, in the event loop of the test and without sockets.

Everything but the clock is the real thing: decisions, routes, store, provider and simulator. A test reads the code
where a person reads it: on the phone or on the page.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec.structs import replace

from saycode.storage.store import SqlStore
from saycode.testing import build_context, build_verifier
from saycode.twilio.client import TwilioClient
from saycode.twilio.config import MachineDetection, TwilioConfig
from saycode.twilio.http_client import Answer, TwilioHttpClient
from saycode.twilio.provider import TwilioProvider
from tests.support import asgi_client
from tests.support.app import ACCOUNT, PHONE, SECRET, SENDER, TOKEN, BreakableStore, create_empty_store
from tests.support.call_transcript import Transcript
from tests.support.engine import open_store
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
from verification.values.phone_numbers import PhoneNumber, parse
from verification.verifier import Verifier
from webhooks.app import create_app
from webhooks.context import AppContext
from webhooks.routes import public_urls

PUBLIC_URL = "https://verify.example"


class DirectHttp(TwilioHttpClient):
    """The provider's HTTP client, connected to the simulator's REST API without a socket."""

    def __init__(self, switch: SwitchableApp) -> None:
        super().__init__()
        self._switch = switch

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: str = "", timeout: float | None = None
    ) -> Answer:
        sent_headers = [("content-type", asgi_client.FORM), ("authorization", headers["Authorization"])]
        address = urlsplit(url)
        target = f"{address.path}?{address.query}" if address.query else address.path
        answer = await asgi_client.send_request(self._switch, method, target, headers=sent_headers, body=body.encode())
        return Answer(answer.status, answer.text)


@dataclass(slots=True, kw_only=True)
class CallSetup:
    """One Saycode, one Twilio, and the phones and browsers that use them."""

    verifier: Verifier
    context: AppContext
    store: BreakableStore
    twilio: Twilio
    app: SwitchableApp
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
        """Sends webhooks with a valid signature that Twilio would not send now: replays, other calls, long digits."""
        return asgi_client.Twilio(self.app, PUBLIC_URL, ACCOUNT, TOKEN)

    @property
    def created(self) -> dict[str, str]:
        """The parameters of the last request for a call."""
        calls = [request for request in self.twilio.request_log.requests if request.path.endswith("/Calls.json")]
        return dict(calls[-1].parameters)

    def browser(self) -> asgi_client.Browser:
        return asgi_client.Browser(self.app)

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
        """Start a verification. Its phone is about to ring."""
        request = StartRequest(
            username=username,
            number=parse(number) if isinstance(number, str) else number,
            channel=channel,
            action=action,
            language=language,
            service=BUILT_IN_SERVICE,
            style=style,
        )
        return (await self.verifier.start(request)).verification

    async def pick_up(self, **parameters: Any) -> Verification:
        """Start a verification and answer its call."""
        verification = await self.start(**parameters)
        await self.twilio.phone(verification.number.e164).answer()
        return verification

    async def read_code(self, **parameters: Any) -> tuple[Verification, str]:
        """Start a verification, answer, and press the keys: the call is reading the code."""
        verification = await self.pick_up(**parameters)
        await self.press(self.transcript.keys)
        (code,) = self.transcript.codes
        return verification, code

    async def press(self, keys: str) -> None:
        """Press keys as soon as the phone listens, and wait for what they lead to."""
        await self.clock.run_until(lambda: not self.call.is_live or self.call.listening)
        before = self.call.documents
        await self.phone.press(keys)
        await self.clock.run_until(lambda: not self.call.is_live or self.call.documents > before)
        await self.clock.settle()

    async def hear_menu(self, **parameters: Any) -> tuple[Verification, str]:
        """Start a verification, answer, press the keys, and listen to the code: the call is saying the menu."""
        heard = await self.read_code(**parameters)
        await self.silence()
        return heard

    async def silence(self) -> None:
        """Press nothing until the next document or the end of the call."""
        before = self.call.documents
        await self.clock.run_until(lambda: not self.call.is_live or self.call.documents > before)
        await self.clock.settle()

    @property
    def call(self) -> Call:
        """The newest call to the phone."""
        return self.phone.calls[-1]

    @property
    def transcript(self) -> Transcript:
        """The document that runs in the newest call, or ran last."""
        return self.document(self.call)

    @property
    def transcripts(self) -> list[Transcript]:
        """All documents of the newest call."""
        return [Transcript(document) for document in self.documents[self.call.sid]]

    async def state(self, verification: Verification) -> State:
        """What the store contains about the verification now."""
        return await self.store.store.read(ByVerification(verification.sid))

    async def delivery(self, verification: Verification) -> Delivery:
        """The newest delivery of the verification."""
        latest = (await self.state(verification)).latest
        assert latest is not None
        return latest

    def document(self, call: Call) -> Transcript:
        """The document that runs in this call, or ran last."""
        return Transcript(self.documents[call.sid][-1])

    def record(self, published: PublishedEvent) -> None:
        """Record every document of every call, as it was sent."""
        if isinstance(published.event, DocumentStarted):
            self.documents.setdefault(published.event.call_sid, []).append(published.event.document)

    async def restart(self) -> None:
        """Stop the application and start another one on the same database file."""
        await self.clock.settle()
        await self.close()
        self.store = BreakableStore(open_store(self.path, secrets=(SECRET,)))
        self.verifier = replace(self.verifier, store=self.store)
        self.serve(replace(self.context, verifier=self.verifier))

    def serve(self, context: AppContext) -> None:
        """Serve a new application under the public URL."""
        self.context = context
        self.app.app = create_app(context)

    async def close(self) -> None:
        """Close the database file."""
        store = self.store.store
        assert isinstance(store, SqlStore)
        await store.close()


@asynccontextmanager
async def open_call_setup(
    folder: Path,
    *,
    policy: Policy = DEFAULT_POLICY,
    brand: str = "Acme",
    style: CallStyle = CallStyle.SAY,
    detection: MachineDetection = MachineDetection.OFF,
    patience: float = 3,
) -> AsyncIterator[CallSetup]:
    """An application with its database in this folder, and its Twilio. `patience`: seconds to wait for a lock."""
    path, app, api = folder / "store.db", SwitchableApp(), SwitchableApp()
    await create_empty_store(path)
    urls = public_urls(PUBLIC_URL)
    simulator = create_simulator(
        account_sid=ACCOUNT, auth_token=TOKEN, clock=ManualClock(), transport=AsgiTransport(app), calls_per_second=None
    )
    api.app, twilio = simulator, simulator.state.twilio
    config = TwilioConfig(
        account_sid=ACCOUNT,
        key=(ACCOUNT, TOKEN),
        sender=SENDER,
        messaging_service=None,
        base_url=None,
        brand=brand,
        detection=detection,
    )

    def connect(config: TwilioConfig) -> TwilioClient:
        return TwilioClient(config, jitter=lambda: 0, http=DirectHttp(api))

    provider = TwilioProvider(config, urls=urls, words=words, connect=connect)
    opened = open_store(path, secrets=(SECRET,), patience=patience)
    store = BreakableStore(opened)
    verifier = build_verifier(
        store,
        provider=provider,
        clock=twilio.clock,
        randomness=SeededRandomness(),
        policy=policy,
        secrets=(SECRET,),
    )
    ctx = build_context(verifier, opened, public_url=PUBLIC_URL, auth_tokens=(TOKEN,), brand=brand, call_style=style)
    twilio.add_number(SENDER, voice_url=urls.of("inbound_call"), sms_url=urls.of("inbound_message"))
    setup = CallSetup(verifier=verifier, context=ctx, store=store, twilio=twilio, app=app, path=path)
    setup.serve(ctx)
    with twilio.events.subscribed(setup.record):
        try:
            yield setup
        finally:
            await twilio.close()
            await provider.close()
            await setup.close()
