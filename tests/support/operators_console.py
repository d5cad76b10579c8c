"""The operator's console for tests, with one browser and an operator of each role."""

from dataclasses import dataclass
from urllib.parse import quote_plus

from starlette.types import ASGIApp

from saycode.console.app import build_console
from saycode.console.charts.over_time import Ceilings
from saycode.console.company import Company, Provider
from saycode.console.operators import Operators, Role, Session, new_operator, session_id
from saycode.console.traffic_pages import TrafficPages
from saycode.console.visit import COOKIE, form_token
from saycode.console.visit import Console as Parts
from saycode.server.console import on_loopback
from saycode.storage.store import SqlStore
from saycode.testing import build_verifier
from tests.support.asgi_client import FORM, Answer, send_request
from tests.support.fakes import ManualClock, RecordingProvider, SeededRandomness

HOST = ("host", "127.0.0.1:8003")


@dataclass
class Console:
    """The console, one browser, and the keys of an operator of each role."""

    app: ASGIApp
    clock: ManualClock
    operators: Operators
    keys: dict[Role, str]
    sids: dict[Role, str]
    cookie: str = ""
    root: str = ""

    async def get(self, target: str, *more: tuple[str, str]) -> Answer:
        target = self.root + target
        return await send_request(self.app, "GET", target, headers=[HOST, ("cookie", self._cookies), *more])

    async def post(self, target: str, body: str = "", *more: tuple[str, str]) -> Answer:
        headers = [HOST, ("content-type", FORM), ("cookie", self._cookies), *more]
        target = self.root + target
        return await send_request(self.app, "POST", target, headers=headers, body=body.encode())

    async def sign_in(self, key: str | None = None, role: Role = Role.HELP_DESK) -> Answer:
        answer = await self.post("/sign-in", f"key={quote_plus(self.keys[role] if key is None else key)}")
        for header in answer.all("set-cookie"):
            self.cookie = header.partition(";")[0].partition("=")[2]
        return answer

    @property
    def token(self) -> str:
        """The field of this browser's forms."""
        return form_token(Session(name="", role=Role.HELP_DESK, id=session_id(self.cookie)))

    @property
    def _cookies(self) -> str:
        return f"{COOKIE}={self.cookie}"


async def a_console(store: SqlStore, *, root: str = "", company: Company | None = None) -> Console:
    clock = ManualClock()
    origin = company.origin if company else ""
    operators = Operators(store=store, randomness=SeededRandomness(7), company=origin)
    keys, sids = dict[Role, str](), dict[Role, str]()
    for n, role in enumerate(Role):
        operator, keys[role] = new_operator(f"{role} one", role, now=clock.now(), randomness=SeededRandomness(n))
        sids[role] = operator.sid
        assert await operators.add(operator)
    parts = Parts(
        store=store,
        verifier=build_verifier(store, provider=RecordingProvider(), clock=clock, randomness=SeededRandomness()),
        operators=operators,
        traffic=TrafficPages(store=store, ceilings=Ceilings(minutes=2000), now=clock.now),
        settings=(("SAYCODE_BRAND", "Acme"),),
        root=root,
        https=False,
        region="US",
        twilio_records=False,
        provider=Provider(company, clock.now) if company else None,
    )
    return Console(on_loopback(build_console(parts)), clock, operators, keys, sids, root=root)
