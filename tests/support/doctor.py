"""A setup for the doctor to examine: the simulator and the real service on loopback, with a faulty proxy between them
and the doctor where a test needs one.

`DoctorSetup.hosts` maps addresses to servers on loopback, so that a test has https://verify.example without a network.
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

from saycode.config.loader import load
from saycode.doctor.findings import Check, Finding, Level
from saycode.doctor.http import Answer, HttpTransport, RequestFailure
from saycode.doctor.run import Confirm, examine
from saycode.server.app import build_app, open_store
from saycode.storage.store import SqlStore
from tests.support.keys import KEY
from tests.support.simulator import SwitchableApp, served
from twilio_simulator.app import create_app
from twilio_simulator.engine import Twilio

ACCOUNT, TOKEN = "AC" + "0" * 32, "a-token-of-twilios-that-stays-secret"
TEST_PAIR = ("AC" + "7" * 32, "the-token-of-the-test-pair")
SECRET = KEY
SENDER = "+14155550199"
PUBLIC, API = "https://verify.example", "https://api.twilio.com"


@dataclass(frozen=True, slots=True)
class SwitchableServer:
    """A server whose application a test chooses."""

    url: str
    switch: SwitchableApp


@dataclass(slots=True)
class LoopbackTransport:
    """A transport that sends requests for `hosts` to servers on loopback, or lets them fail. It rejects all others."""

    transport: HttpTransport
    hosts: Mapping[str, "str | RequestFailure"]

    async def send(
        self,
        method: str,
        url: str,
        *,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        login: tuple[str, str] | None = None,
    ) -> Answer:
        all_headers = dict(headers or {})
        for address, target in self.hosts.items():
            if url.startswith(address):
                if isinstance(target, RequestFailure):
                    return target
                all_headers |= {"Host": urlsplit(url).netloc, "X-Forwarded-Proto": urlsplit(url).scheme}
                url = target + url.removeprefix(address)
                break
        assert url.startswith(("http://127.0.0.1:", "https://127.0.0.1:", "https://localhost:")), url
        return await self.transport.send(method, url, fields=fields, headers=all_headers, login=login)


@dataclass(slots=True)
class DoctorSetup:
    """Twilio, the service, and the settings that the doctor gets."""

    api: SwitchableServer
    site: SwitchableServer
    folder: Path
    store: SqlStore
    environ: dict[str, str]
    hosts: dict[str, "str | RequestFailure"]
    simulator: Starlette
    now: Callable[[], float] = time.time
    timeout: float = 10

    @property
    def twilio(self) -> Twilio:
        engine: Twilio = self.simulator.state.twilio
        return engine

    def serve(self, **changed: str) -> ASGIApp:
        """Replace the served application by one with these settings changed."""
        self.site.switch.app = build_app(load(self.environ | changed), self.store)
        return self.site.switch.app

    async def examine(self, **changed: str) -> list[Finding]:
        """The findings with these settings changed."""
        return await self._examine(changed, fix=None)

    async def fix(self, *, confirm: Confirm = lambda _: True, **changed: str) -> list[Finding]:
        """The findings of --fix."""
        return await self._examine(changed, fix=confirm)

    async def _examine(self, changed: dict[str, str], *, fix: Confirm | None) -> list[Finding]:
        numbers = itertools.count(1)
        async with HttpTransport(timeout=self.timeout) as transport:
            return [
                finding
                async for finding in examine(
                    self.folder,
                    self.environ | changed,
                    transport=LoopbackTransport(transport, self.hosts),
                    now=self.now,
                    new_nonce=lambda: f"{next(numbers):032x}",
                    fix=fix,
                )
            ]


@contextmanager
def doctor_setups(folder: Path) -> Iterator[Callable[[], DoctorSetup]]:
    """Servers and a database for all tests of a file. Each call gives a healthy setup at https://verify.example and
    https://api.twilio.com.
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

        def healthy() -> DoctorSetup:
            simulator = create_app(account_sid=ACCOUNT, auth_token=TOKEN, test_credentials=TEST_PAIR)
            api.app = simulator
            hosts: dict[str, str | RequestFailure] = {PUBLIC: second.url, API: first.url}
            setup = DoctorSetup(
                SwitchableServer(first.url, api),
                SwitchableServer(second.url, site),
                folder,
                store,
                dict(environ),
                hosts,
                simulator,
            )
            setup.twilio.add_number(SENDER, voice_url=f"{PUBLIC}/webhooks/voice", sms_url=f"{PUBLIC}/webhooks/sms")
            setup.serve()
            return setup

        yield healthy
    asyncio.run(store.close())


def problems(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.level is Level.PROBLEM]


def the_problem(findings: list[Finding]) -> Finding:
    """The only problem."""
    (finding,) = problems(findings)
    assert finding.fix
    return finding


def levels(findings: list[Finding], check: Check) -> set[Level]:
    """The levels of one check."""
    return {finding.level for finding in findings if finding.check is check}


def messages(findings: list[Finding]) -> str:
    return " ".join(finding.message for finding in findings)


@dataclass(slots=True)
class Proxy:
    """A faulty proxy before an application. `answers`: paths that it answers itself.

    `headers` replaces headers, None removes them; `doubled` names one to send twice; `trims` trims fields and drops
    blank ones.
    """

    app: ASGIApp
    headers: dict[str, str | None] = field(default_factory=dict)
    doubled: str = ""
    trims: bool = False
    answers: dict[str, Response] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if answer := self.answers.get(scope["path"]):
            await answer(scope, receive, send)
            return
        changed = {name.lower().encode(): value for name, value in self.headers.items()}
        headers = [pair for pair in scope["headers"] if pair[0] not in changed]
        headers += [(name, value.encode()) for name, value in changed.items() if value is not None]
        headers += [pair for pair in headers if pair[0] == self.doubled.lower().encode()]
        await self.app({**scope, "headers": headers}, self._trimmed(receive) if self.trims else receive, send)

    def _trimmed(self, receive: Receive) -> Receive:
        async def trimmed() -> Message:
            message = await receive()
            pairs = parse_qsl(message.get("body", b"").decode())
            return {**message, "body": urlencode([(name, value.strip()) for name, value in pairs]).encode()}

        return trimmed


def always(answer: Response) -> ASGIApp:
    """An application that gives every request the same answer."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(scope, receive, send)

    return app
