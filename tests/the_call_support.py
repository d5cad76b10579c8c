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

from saycode.answers import SqliteAnswers
from saycode.attempts import SqliteAttempts
from saycode.carrier import Detection, Line, Patience, TimedHttpClient, TwilioCarrier
from saycode.receipts import SignedReceipts
from saycode.table import SqliteTable
from saycode.tenants import SqliteTenants
from simulator.app import create_app as create_simulator
from simulator.call import Call
from simulator.clock import ToldClock
from simulator.events import DocumentStarted, Noted
from simulator.phone import Phone
from simulator.twilio import Twilio
from tests import asgi
from tests.door_fakes import ACCOUNT, PHONE, SECRET, SENDER, TOKEN, BreakableTable, lay_out
from tests.fakes import SeededRandomness
from tests.simulator_support import AppWire, Switch
from tests.the_call_script import Script
from twiml.words import words
from verification.codes import KeyRing
from verification.making import Wanted
from verification.numbers import Number, parse
from verification.policy import SEED, Policy
from verification.ports import OfVerification
from verification.records import BUILT_IN_SERVICE, SIGN_IN, CallStyle, Case, Delivery, Verification
from verification.service import Service
from verification.states import Channel
from webhooks.app import create_app
from webhooks.doors import Addresses
from webhooks.doorway import Doorway
from webhooks.signature import signatures

PUBLIC_URL = "https://verify.example"


class DirectHttp(TimedHttpClient):
    """The carrier's HTTP client, with the simulator's REST interface right behind it."""

    def __init__(self, switch: Switch) -> None:
        super().__init__(Patience())
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
        sent = [("content-type", asgi.FORM), ("authorization", "Basic " + b64encode(":".join(auth).encode()).decode())]
        body = urlencode({name: value for name, value in (data or {}).items() if value is not None}, doseq=True)
        answer = await asgi.ask(self._switch, method.upper(), urlsplit(url).path, headers=sent, body=body.encode())
        return Response(answer.status, answer.text, dict(answer.headers))


@dataclass(slots=True, kw_only=True)
class Village:
    """One service, one Twilio, and their people."""

    service: Service
    doorway: Doorway
    table: BreakableTable
    twilio: Twilio
    door: Switch
    path: Path
    documents: dict[str, list[str]] = field(default_factory=dict)

    @property
    def clock(self) -> ToldClock:
        clock = self.twilio.clock
        assert isinstance(clock, ToldClock)
        return clock

    @property
    def phone(self) -> Phone:
        return self.twilio.phone(PHONE)

    @property
    def hooks(self) -> asgi.Twilio:
        """Sends webhooks that Twilio would not send now: replays, other calls, long tone streams."""
        return asgi.Twilio(self.door, PUBLIC_URL, ACCOUNT, TOKEN)

    @property
    def created(self) -> dict[str, str]:
        """The parameters of the last call that was asked for."""
        asked = [request for request in self.twilio.ledger.requests if request.path.endswith("/Calls.json")]
        return dict(asked[-1].parameters)

    def browser(self) -> asgi.Browser:
        return asgi.Browser(self.door)

    async def start(
        self,
        *,
        number: Number | str = PHONE,
        username: str = "ada",
        channel: Channel = Channel.CALL,
        style: CallStyle = CallStyle.SAY,
        language: str = "en-US",
        action: str = SIGN_IN,
    ) -> Verification:
        """A verification whose phone is about to ring."""
        wanted = Wanted(
            username=username,
            number=parse(number) if isinstance(number, str) else number,
            channel=channel,
            action=action,
            language=language,
            service=BUILT_IN_SERVICE,
            style=style,
        )
        return (await self.service.start(wanted)).verification

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

    async def case(self, verification: Verification) -> Case:
        """What the file holds about it now."""
        return await self.table.table.read(OfVerification(verification.sid))

    async def delivery(self, verification: Verification) -> Delivery:
        """Its newest delivery."""
        latest = (await self.case(verification)).latest
        assert latest is not None
        return latest

    def document(self, call: Call) -> Script:
        """The document that runs in this call, or ran last."""
        return Script(self.documents[call.sid][-1])

    def note(self, noted: Noted) -> None:
        """Keep every document of every call, as it was sent."""
        if isinstance(noted.event, DocumentStarted):
            self.documents.setdefault(noted.event.call_sid, []).append(noted.event.document)

    async def restart(self) -> None:
        """The service stops and another one starts: nothing lives on but the file."""
        await self.clock.settle()
        await self.close()
        self.table = BreakableTable(SqliteTable.open(self.path, secrets=(SECRET,)))
        self.service = replace(self.service, table=self.table)
        self.serve(replace(self.doorway, service=self.service))

    def serve(self, doorway: Doorway) -> None:
        """Put a new application behind the public address."""
        self.doorway = doorway
        self.door.app = create_app(doorway)

    async def close(self) -> None:
        """Close the file."""
        table = self.table.table
        assert isinstance(table, SqliteTable)
        await table.close()


@asynccontextmanager
async def open_village(
    folder: Path,
    *,
    policy: Policy = SEED,
    brand: str = "Acme",
    style: CallStyle = CallStyle.SAY,
    detection: Detection = Detection.OFF,
    patience: float = 3,
) -> AsyncIterator[Village]:
    """A service whose file lies in this folder, and its Twilio. `patience`: seconds to wait for a locked file."""
    path, door, api = folder / "table.db", Switch(), Switch()
    await lay_out(path)
    addresses = Addresses(PUBLIC_URL)
    simulator = create_simulator(
        account_sid=ACCOUNT, auth_token=TOKEN, clock=ToldClock(), wire=AppWire(door), calls_per_second=None
    )
    api.app, twilio = simulator, simulator.state.twilio
    line = Line(
        account_sid=ACCOUNT,
        key=(ACCOUNT, TOKEN),
        sender=SENDER,
        messaging_service=None,
        base_url=None,
        brand=brand,
        detection=detection,
    )
    carrier = TwilioCarrier(line, addresses=addresses, words=words, jitter=lambda: 0, http=DirectHttp(api))
    opened = SqliteTable.open(path, secrets=(SECRET,), patience=patience)
    table = BreakableTable(opened)
    service = Service(
        table=table,
        carrier=carrier,
        clock=twilio.clock,
        randomness=SeededRandomness(),
        policy=policy,
        keys=KeyRing((SECRET,)),
    )
    here = Doorway(
        service=service,
        receipts=SignedReceipts(opened.sealer, issuer=PUBLIC_URL, policy=policy),
        tenants=SqliteTenants(opened),
        attempts=SqliteAttempts(opened),
        answers=SqliteAnswers(opened),
        addresses=addresses,
        signatures=signatures(PUBLIC_URL, (TOKEN,)),
        account_sid=ACCOUNT,
        brand=brand,
        language="en-US",
        region="US",
        sender=SENDER,
        call_back_after=0,
        style=style,
    )
    twilio.add_number(SENDER, voice_url=addresses.of("called"), sms_url=addresses.of("texted"))
    village = Village(service=service, doorway=here, table=table, twilio=twilio, door=door, path=path)
    village.serve(here)
    with twilio.events.subscribed(village.note):
        try:
            yield village
        finally:
            await twilio.close()
            await carrier.close()
            await village.close()
