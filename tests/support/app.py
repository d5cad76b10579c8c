"""The application for tests of its routes: the real domain and store, and a provider that records what it is asked.

Tests read a code where a person would: in the text, or on the phone.
"""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin
from xml.etree import ElementTree

from starlette.types import ASGIApp

from saycode import testing
from saycode.storage.sqlite.store import SqliteStore
from saycode.testing import build_context, build_verifier
from saycode.twilio.provider import CircuitBreakers
from tests.support import engine
from tests.support.asgi_client import Answer, Browser, Twilio
from tests.support.fakes import ManualClock, RecordingProvider, SeededRandomness
from tests.support.html import Page
from verification.dispatcher import NumberLookup
from verification.models import Event, State
from verification.policy import DEFAULT_POLICY, Policy
from verification.ports import BySession, ChangeFeed, Changes, Outcome, Query, Store, TextMessage
from verification.types import CallStyle, Channel, CountrySender
from verification.values.phone_numbers import PhoneNumber
from verification.verifier import Verifier
from webhooks.app import create_app
from webhooks.context import STEP, AppContext, HealthComponent
from webhooks.routes import PATHS
from webhooks.senders import Hook
from webhooks.signature import TWILIO_SIGNATURES, SignatureScheme

V = TypeVar("V")

ACCOUNT, TOKEN, SENDER, SECRET = testing.ACCOUNT_SID, testing.AUTH_TOKEN, testing.SENDER, testing.SECRET
PHONE = "+14155550100"


@dataclass(slots=True)
class BreakableStore:
    """The real store, until `failure` is set. It counts what open pages read: their state and the changes."""

    store: Store
    failure: Exception | None = None
    session_reads: int = 0
    polls: int = 0

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        self._fail()
        return await self.store.apply(query, decide)

    async def read(self, query: Query) -> State:
        self._fail()
        self.session_reads += isinstance(query, BySession)
        return await self.store.read(query)

    async def changes_since(self, since: int | None) -> ChangeFeed:
        self._fail()
        self.polls += 1
        return await self.store.changes_since(since)

    async def overdue(self, *, now: float, limit: int) -> list[str]:
        self._fail()
        return await self.store.overdue(now=now, limit=limit)

    async def unsettled(self, *, now: float, patience: float, limit: int) -> list[str]:
        self._fail()
        return await self.store.unsettled(now=now, patience=patience, limit=limit)

    async def events(self, verification: str) -> list[Event]:
        self._fail()
        return await self.store.events(verification)

    async def examine(self) -> tuple[HealthComponent, ...]:
        self._fail()
        return (HealthComponent("database", ok=True),)

    def _fail(self) -> None:
        if self.failure:
            raise self.failure


@dataclass(slots=True)
class GuardedProvider(RecordingProvider):
    """A recording provider behind circuit breakers."""

    breakers: CircuitBreakers = field(default_factory=CircuitBreakers)

    async def call(self, delivery: str, to: PhoneNumber) -> Outcome:
        return await self.breakers.run(Channel.CALL, lambda: RecordingProvider.call(self, delivery, to))

    async def text(self, order: TextMessage) -> Outcome:
        return await self.breakers.run(Channel.SMS, lambda: RecordingProvider.text(self, order))


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningApp:
    """A running application and what it runs on."""

    app: ASGIApp
    context: AppContext
    verifier: Verifier
    store: BreakableStore
    path: Path
    provider: RecordingProvider
    clock: ManualClock
    twilio: Twilio

    def browser(self, language: str = "") -> Browser:
        """A browser without cookies."""
        return Browser(self.app, language=language)

    async def started(
        self, browser: Browser, *, channel: str = "sms", username: str = "ada", phone: str = PHONE
    ) -> str:
        """Send the form from this browser. The code of a text, or the delivery's sid of a call."""
        sent = await browser.post(path_of("start"), {"username": username, "phone": phone, "channel": channel})
        assert sent.status == 303, sent.text
        return self.provider.texts[-1].code if channel == "sms" else self.provider.calls[-1][0]

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """All rows of the database, read from outside: equal before and after means that nothing was written."""
        return engine.all_rows(self.path)

    async def ringing_phone(self) -> "Phone":
        """A ringing call, started with the form."""
        delivery = await self.started(self.browser(), channel="call")
        self.clock.advance(30)
        return Phone(self.twilio, delivery, f"CA{self.provider.asked}")


def path_of(route: str, *, delivery: str = "") -> str:
    return PATHS[route].replace("{delivery}", delivery)


@dataclass(slots=True)
class Phone:
    """The person's phone. Like Twilio, it goes where the last document says."""

    twilio: Twilio
    delivery: str
    call_sid: str
    heard: "Document | None" = None
    number: str = PHONE

    async def answer(self) -> "Document":
        """The call is answered."""
        return await self._ask(path_of("call_answered", delivery=self.delivery))

    async def press(self, keys: str) -> "Document":
        """Keys are pressed."""
        assert self.heard is not None
        return await self._ask(self.heard.on_keys, Digits=keys)

    async def wait(self) -> "Document":
        """Nothing is pressed."""
        assert self.heard is not None
        return await self._ask(self.heard.on_silence)

    async def read_code(self) -> str:
        """Answer, press the keys that are said, and write the code down."""
        asked = await self.answer()
        return (await self.press(asked.asked_for)).code

    async def status(self, status: str, **fields: str) -> Answer:
        """A status callback."""
        sent = {"CallSid": self.call_sid, "CallStatus": status, **fields}
        return await self.twilio.post(path_of("call_status", delivery=self.delivery), sent)

    async def _ask(self, path: str, **fields: str) -> "Document":
        sent = {"CallSid": self.call_sid, "CallStatus": "in-progress", "To": self.number, "From": SENDER, **fields}
        self.heard = Document(path, await self.twilio.post(path, sent))
        return self.heard


class Document:
    """The TwiML document that was fetched from this path."""

    def __init__(self, path: str, answer: Answer) -> None:
        assert answer.status == 200, answer
        assert answer.header("content-type") == "text/xml; charset=utf-8"
        self.path = path
        self.text = answer.text
        self.root = ElementTree.fromstring(answer.text)

    @property
    def said(self) -> str:
        """Every sentence, one after another."""
        return " ".join("".join(element.itertext()) for element in self.root.iter("Say"))

    @property
    def on_keys(self) -> str:
        """The path that gets the keys."""
        (gather,) = self.root.iter("Gather")
        return self._path(gather.attrib["action"])

    @property
    def on_silence(self) -> str:
        """The path that is fetched without keys."""
        (redirect,) = self.root.iter("Redirect")
        return self._path(redirect.text or "")

    @property
    def asked_for(self) -> str:
        """The keys that prove that a person answered."""
        return str(re.findall(r"[1-9](?:, [1-9]){1,2}\b", self.said)[0]).replace(", ", "")

    @property
    def code(self) -> str:
        """The code, as a person writes it down."""
        return str(re.findall(r"[0-9](?:, [0-9]){3,9}", self.said)[0]).replace(", ", "")

    @property
    def over(self) -> bool:
        """Whether the phone hangs up after it."""
        return self.root.find("Hangup") is not None

    def _path(self, address: str) -> str:
        absolute = urljoin("https://verify.example" + self.path, address)
        assert absolute.startswith("https://verify.example/"), absolute
        return absolute.removeprefix("https://verify.example")


def page_of(answer: Answer) -> Page:
    """The page in an answer."""
    assert answer.header("content-type") == "text/html; charset=utf-8"
    return Page(answer.text)


async def open_page(browser: Browser, target: str = "/") -> Page:
    """The page that this browser sees now."""
    answer = await browser.get(target)
    assert answer.status == 200
    return page_of(answer)


_empty_file: list[bytes] = []


async def create_empty_store(path: Path) -> None:
    """A database without rows. It is created once and then copied: creating it takes longer than most tests."""
    if engine.POSTGRESQL:
        return
    if not _empty_file:
        await SqliteStore.open(path, secrets=(SECRET,)).close()
        _empty_file.append(path.read_bytes())
    path.write_bytes(_empty_file[0])


@asynccontextmanager
async def running_app(
    path: Path,
    *,
    policy: Policy = DEFAULT_POLICY,
    public_url: str = "https://verify.example",
    tokens: tuple[str, ...] = (TOKEN,),
    brand: str = "Acme",
    language: str = "en-US",
    guarded: bool = False,
    messaging_service: str | None = None,
    senders: Mapping[str, CountrySender] | None = None,
    whatsapp_sender: str = "",
    lookup: NumberLookup | None = None,
    accounts: bool = False,
    step: float = STEP,
    style: CallStyle = CallStyle.SAY,
    hooks: Mapping[str, Hook] | None = None,
    signature_scheme: SignatureScheme = TWILIO_SIGNATURES,
) -> AsyncIterator[RunningApp]:
    """The application with its database in this file. `guarded`: with circuit breakers before the provider."""
    if not path.exists():
        await create_empty_store(path)
    opened = engine.open_store(path, secrets=(SECRET,))
    store = BreakableStore(opened)
    clock = ManualClock()
    provider = GuardedProvider(breakers=CircuitBreakers(now=clock.now)) if guarded else RecordingProvider()
    verifier = build_verifier(
        store,
        provider=provider,
        clock=clock,
        randomness=SeededRandomness(),
        policy=policy,
        lookup=lookup,
    )
    ctx = build_context(
        verifier,
        opened,
        public_url=public_url,
        auth_tokens=tokens,
        brand=brand,
        language=language,
        health_check=store.examine,
        messaging_service=messaging_service,
        country_senders=senders or {},
        whatsapp_sender=whatsapp_sender,
        accounts_mode=accounts,
        timing_step=step,
        call_style=style,
        hooks=hooks or {},
        signature_scheme=signature_scheme,
    )
    app = create_app(ctx)
    async with opened:
        yield RunningApp(
            app=app,
            context=ctx,
            verifier=verifier,
            store=store,
            path=path,
            provider=provider,
            clock=clock,
            twilio=Twilio(app, public_url, ACCOUNT, tokens[0]),
        )
