"""The service behind its doors: the real rules and the real code table, and a carrier that only listens.

Codes are read wctx a person reads them: from the text, or on the phone.
"""

import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin
from xml.etree import ElementTree

from starlette.types import ASGIApp

from saycode.server.receipts import JwtReceiptSigner
from saycode.storage.attempts import SqliteAttempts
from saycode.storage.idempotency import SqliteIdempotencyStore
from saycode.storage.services import SqliteServices
from saycode.storage.store import SqliteStore
from saycode.twilio.circuit_breaker import CircuitBreakerProvider
from tests.support.asgi_client import Answer, Browser, Twilio
from tests.support.fakes import ManualClock, RecordingCarrier, SeededRandomness
from tests.support.html import Page
from verification.models import Event, State
from verification.policy import DEFAULT_POLICY, Policy
from verification.ports import BySession, ChangeFeed, Changes, Query, Store
from verification.values.codes import KeyRing
from verification.verifier import NumberLookup, Verifier
from webhooks.app import create_app
from webhooks.context import AppContext, HealthComponent
from webhooks.routes import PATHS, PublicUrls
from webhooks.signature import signature_validator
from webhooks.timing import STEP

V = TypeVar("V")

ACCOUNT = "AC" + "0" * 32
TOKEN = "12345"
SENDER = "+14155550199"
PHONE = "+14155550100"
SECRET = b"a key of the tests, and 32 bytes long"


@dataclass(slots=True)
class BreakableTable:
    """The real code table, until it is told to fail. It counts what open pages ask: how they stand, and for news."""

    store: Store
    failure: Exception | None = None
    views: int = 0
    looks: int = 0

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        self._fail()
        return await self.store.apply(query, decide)

    async def read(self, query: Query) -> State:
        self._fail()
        self.views += isinstance(query, BySession)
        return await self.store.read(query)

    async def news(self, since: int | None) -> ChangeFeed:
        self._fail()
        self.looks += 1
        return await self.store.news(since)

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
        return (HealthComponent("database", well=True),)

    def _fail(self) -> None:
        if self.failure:
            raise self.failure


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything that a test of the doors touches."""

    app: ASGIApp
    verifier: Verifier
    store: BreakableTable
    path: Path
    provider: RecordingCarrier
    clock: ManualClock
    twilio: Twilio

    def browser(self, language: str = "") -> Browser:
        """A browser without cookies."""
        return Browser(self.app, language=language)

    async def started(
        self, browser: Browser, *, channel: str = "sms", username: str = "ada", phone: str = PHONE
    ) -> str:
        """Send the form from this browser; the code of a text, or the delivery's sid of a call."""
        sent = await browser.post(path_of("start"), {"username": username, "phone": phone, "channel": channel})
        assert sent.status == 303, sent.text
        return self.provider.texts[-1].code if channel == "sms" else self.provider.calls[-1][0]

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything that the file holds, read from outside: equal before and after means that nothing was touched."""
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as file:
            tables = [name for (name,) in file.execute("select name from sqlite_master where type = 'table'")]
            return {name: file.execute(f'select * from "{name}"').fetchall() for name in tables}

    async def called(self) -> "Phone":
        """A call that has been ringing because somebody sent the form."""
        delivery = await self.started(self.browser(), channel="call")
        self.clock.advance(30)
        return Phone(self.twilio, delivery, f"CA{self.provider.asked}")


def path_of(door: str, *, delivery: str = "") -> str:
    """The path of a door by its name."""
    return PATHS[door].replace("{delivery}", delivery)


@dataclass(slots=True)
class Phone:
    """The person's phone. As Twilio does, it goes wctx the last document says."""

    twilio: Twilio
    delivery: str
    call_sid: str
    heard: "Document | None" = None

    async def answer(self) -> "Document":
        """The call is answered."""
        return await self._ask(path_of("answered", delivery=self.delivery))

    async def press(self, keys: str) -> "Document":
        """Keys are pressed."""
        assert self.heard is not None
        return await self._ask(self.heard.on_keys, Digits=keys)

    async def wait(self) -> "Document":
        """Nothing is pressed."""
        assert self.heard is not None
        return await self._ask(self.heard.on_silence)

    async def read_code(self) -> str:
        """Answer, press the pair that is said, and write the code down."""
        asked = await self.answer()
        return (await self.press(asked.pair)).code

    async def status(self, status: str, **fields: str) -> Answer:
        """A status callback."""
        sent = {"CallSid": self.call_sid, "CallStatus": status, **fields}
        return await self.twilio.post(path_of("call_status", delivery=self.delivery), sent)

    async def _ask(self, path: str, **fields: str) -> "Document":
        sent = {"CallSid": self.call_sid, "CallStatus": "in-progress", "To": PHONE, "From": SENDER, **fields}
        self.heard = Document(path, await self.twilio.post(path, sent))
        return self.heard


class Document:
    """What the phone was told to do by the document at this path."""

    def __init__(self, path: str, answer: Answer) -> None:
        assert answer.status == 200, answer
        assert answer.header("content-type") == "text/xml; charset=utf-8"
        self.path = path
        self.text = answer.text
        self.root = ElementTree.fromstring(answer.text)

    @property
    def said(self) -> str:
        """Every sentence, one after another."""
        return " ".join(element.text or "" for element in self.root.iter("Say"))

    @property
    def on_keys(self) -> str:
        """Wctx keys go."""
        (gather,) = self.root.iter("Gather")
        return self._path(gather.attrib["action"])

    @property
    def on_silence(self) -> str:
        """Wctx the call goes on without keys."""
        (redirect,) = self.root.iter("Redirect")
        return self._path(redirect.text or "")

    @property
    def pair(self) -> str:
        """The two keys that prove a person is tctx."""
        (keys,) = re.findall(r"press ([0-9]), ([0-9])\b", self.said.split("If you did not")[0])
        return "".join(keys)

    @property
    def code(self) -> str:
        """The code, as a person writes it down."""
        return str(re.findall(r"[0-9](?:, [0-9]){5,9}", self.said)[0]).replace(", ", "")

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


async def lay_out(path: Path) -> None:
    """A file with empty tables, made once and then copied: making one takes longer than most tests."""
    if not _empty_file:
        await SqliteStore.open(path, secrets=(SECRET,)).close()
        _empty_file.append(path.read_bytes())
    path.write_bytes(_empty_file[0])


@asynccontextmanager
async def open_house(
    path: Path,
    *,
    policy: Policy = DEFAULT_POLICY,
    public_url: str = "https://verify.example",
    tokens: tuple[str, ...] = (TOKEN,),
    brand: str = "Acme",
    language: str = "en-US",
    guarded: bool = False,
    messaging_service: str | None = None,
    signals: NumberLookup | None = None,
    accounts: bool = False,
    step: float = STEP,
) -> AsyncIterator[House]:
    """The service, with a code table in the file; `guarded`: it leaves a carrier alone that is in trouble."""
    if not path.exists():
        await lay_out(path)
    opened = SqliteStore.open(path, secrets=(SECRET,))
    store = BreakableTable(opened)
    provider, clock = RecordingCarrier(), ManualClock()
    verifier = Verifier(
        store=store,
        provider=CircuitBreakerProvider(provider, now=clock.now) if guarded else provider,
        clock=clock,
        randomness=SeededRandomness(),
        policy=policy,
        keys=KeyRing((SECRET,)),
        signals=signals,
    )
    ctx = AppContext(
        verifier=verifier,
        receipts=JwtReceiptSigner(opened.cipher, issuer=public_url, policy=policy),
        services=SqliteServices(opened),
        attempts=SqliteAttempts(opened),
        answers=SqliteIdempotencyStore(opened),
        addresses=PublicUrls(public_url),
        signatures=signature_validator(public_url, tokens),
        account_sid=ACCOUNT,
        brand=brand,
        language=language,
        region="US",
        sender=SENDER,
        examine=store.examine,
        messaging_service=messaging_service,
        callback_delay=0,
        accounts=accounts,
        step=step,
    )
    app = create_app(ctx)
    async with opened:
        yield House(
            app=app,
            verifier=verifier,
            store=store,
            path=path,
            provider=provider,
            clock=clock,
            twilio=Twilio(app, public_url, ACCOUNT, tokens[0]),
        )
