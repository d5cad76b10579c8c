"""A set-up for the doctor to examine: the simulator and the real service on loopback, with anything between them and
the doctor that a test puts there.

`Town.places` leads names to servers on loopback, so that a test can have https://verify.example without a network.
"""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from saycode.config.settings import load
from saycode.doctor.findings import Check, Finding, Level
from saycode.doctor.http import Answer, HttpTransport, RequestFailure
from saycode.doctor.run import examine
from saycode.server.app import build_app, open_store
from saycode.storage.store import SqliteStore
from tests.support.simulator import SwitchableApp, served
from twilio_simulator.app import create_app
from twilio_simulator.engine import Twilio

ACCOUNT, TOKEN = "AC" + "0" * 32, "a-token-of-twilios-that-nobody-sees"
TEST_PAIR = ("AC" + "7" * 32, "the-token-of-the-test-pair")
SECRET = "s" * 40
SENDER = "+14155550199"
PUBLIC, API = "https://verify.example", "https://api.twilio.com"


@dataclass(frozen=True, slots=True)
class Place:
    """A server whose application a test chooses."""

    url: str
    switch: SwitchableApp


@dataclass(slots=True)
class Elsewhere:
    """The network, where some names lead to servers on loopback, and others nowhere. Nothing ever leaves loopback."""

    wire: HttpTransport
    places: Mapping[str, "str | RequestFailure"]

    async def send(
        self,
        method: str,
        url: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
    ) -> Answer:
        sent = dict(headers or {})
        for name, place in self.places.items():
            if url.startswith(name):
                if isinstance(place, RequestFailure):
                    return place
                sent |= {"Host": urlsplit(url).netloc, "X-Forwarded-Proto": urlsplit(url).scheme}
                url = place + url.removeprefix(name)
                break
        assert url.startswith(("http://127.0.0.1:", "https://127.0.0.1:", "https://localhost:")), url
        return await self.wire.send(method, url, fields=fields, headers=sent, login=login)


@dataclass(slots=True)
class Town:
    """Twilio, the service, and the settings that the doctor is given."""

    api: Place
    site: Place
    folder: Path
    store: SqliteStore
    environ: dict[str, str]
    places: dict[str, "str | RequestFailure"]
    simulator: Starlette
    now: Callable[[], float] = time.time
    patience: float = 10

    @property
    def twilio(self) -> Twilio:
        engine: Twilio = self.simulator.state.twilio
        return engine

    def serve(self, **changed: str) -> ASGIApp:
        """The service as it is with these settings changed; it answers from now on."""
        self.site.switch.app = build_app(load(self.environ | changed), self.store)
        return self.site.switch.app

    async def examine(self, **changed: str) -> list[Finding]:
        """What the doctor finds with these settings changed."""
        return await self._visit(changed, fix=False)

    async def mend(self, **changed: str) -> list[Finding]:
        """The same with --fix."""
        return await self._visit(changed, fix=True)

    async def _visit(self, changed: dict[str, str], *, fix: bool) -> list[Finding]:
        numbers = itertools.count(1)
        async with HttpTransport(patience=self.patience) as wire:
            return [
                finding
                async for finding in examine(
                    self.folder,
                    self.environ | changed,
                    wire=Elsewhere(wire, self.places),
                    now=self.now,
                    nonce=lambda: f"{next(numbers):032x}",
                    fix=fix,
                )
            ]


@contextmanager
def settled(folder: Path) -> Iterator[Callable[[], Town]]:
    """Servers and a database for all tests of a file. Each call gives a town where all is well, at
    https://verify.example and https://api.twilio.com.
    """
    environ = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM_NUMBER": SENDER,
        "SAYCODE_PUBLIC_URL": PUBLIC,
        "SAYCODE_SECRET_KEY": SECRET,
        "SAYCODE_DATABASE_URL": f"sqlite:///{folder / 'saycode.db'}",
    }
    store, api, site = open_store(load(environ)), SwitchableApp(), SwitchableApp()
    with served(api) as first, served(site) as second:

        def settle() -> Town:
            simulator = create_app(account_sid=ACCOUNT, auth_token=TOKEN, test_credentials=TEST_PAIR)
            api.app = simulator
            places: dict[str, str | RequestFailure] = {PUBLIC: second.url, API: first.url}
            town = Town(Place(first.url, api), Place(second.url, site), folder, store, dict(environ), places, simulator)
            town.twilio.add_number(SENDER, voice_url=f"{PUBLIC}/webhooks/voice", sms_url=f"{PUBLIC}/webhooks/sms")
            town.serve()
            return town

        yield settle
    asyncio.run(store.close())


def problems(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level is Level.PROBLEM]


def the_problem(findings: list[Finding]) -> Finding:
    """The only problem there is."""
    (found,) = problems(findings)
    assert found.mend
    return found


def levels(findings: list[Finding], check: Check) -> set[Level]:
    """What was said of one check."""
    return {finding.level for finding in findings if finding.check is check}


def said(findings: list[Finding]) -> str:
    return " ".join(finding.said for finding in findings)


@dataclass(slots=True)
class Proxy:
    """Stands before an application and spoils requests. `answers`: paths that it answers itself.

    `headers` replaces headers, None takes them away; `doubled` names one to send twice; `tidy` trims fields and drops
    blank ones.
    """

    app: ASGIApp
    headers: dict[str, str | None] = field(default_factory=dict)
    doubled: str = ""
    tidy: bool = False
    answers: dict[str, Response] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if answer := self.answers.get(scope["path"]):
            await answer(scope, receive, send)
            return
        changed = {name.lower().encode(): value for name, value in self.headers.items()}
        headers = [pair for pair in scope["headers"] if pair[0] not in changed]
        headers += [(name, value.encode()) for name, value in changed.items() if value is not None]
        headers += [pair for pair in headers if pair[0] == self.doubled.lower().encode()]
        await self.app({**scope, "headers": headers}, self._tidied(receive) if self.tidy else receive, send)

    def _tidied(self, receive: Receive) -> Receive:
        async def tidied() -> Message:
            message = await receive()
            pairs = parse_qsl(message.get("body", b"").decode())
            return {**message, "body": urlencode([(name, value.strip()) for name, value in pairs]).encode()}

        return tidied


def everywhere(answer: Response) -> ASGIApp:
    """An application that gives every request the same answer."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, receive, send)

    return app
