"""The console: nothing without the key, nothing from another site, and an answer to whatever it is asked."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette

from saycode.console.app import COOKIE, build_console
from saycode.console.charts.over_time import Ceilings
from saycode.console.sessions import IDLE_SECONDS, LONGEST_SECONDS, MOST_WRONG, WRONG_SECONDS, Sessions
from saycode.console.traffic_pages import TrafficPages
from saycode.storage.store import SqlStore
from tests.support.asgi_client import FORM, Answer, send_request
from tests.support.engine import open_store
from tests.support.fakes import ManualClock
from tests.support.store import NUMBER, SECRETS, delivery, event, put, verification
from verification.counters.rules import Denial, RuleStatus
from verification.models import EventKind
from verification.types import DeliveryStatus, Scope

KEY = "the key of these tests"
HOST = ("host", "127.0.0.1:8003")


@dataclass
class Console:
    """The console, and one browser."""

    app: Starlette
    clock: ManualClock
    cookie: str = ""

    async def get(self, target: str, *more: tuple[str, str]) -> Answer:
        return await send_request(self.app, "GET", target, headers=[HOST, ("cookie", self._cookies), *more])

    async def post(self, target: str, body: str = "", *more: tuple[str, str]) -> Answer:
        headers = [HOST, ("content-type", FORM), ("cookie", self._cookies), *more]
        return await send_request(self.app, "POST", target, headers=headers, body=body.encode())

    async def sign_in(self, key: str = KEY) -> Answer:
        answer = await self.post("/sign-in", f"key={key.replace(' ', '+')}")
        for header in answer.all("set-cookie"):
            self.cookie = header.partition(";")[0].partition("=")[2]
        return answer

    @property
    def _cookies(self) -> str:
        return f"{COOKIE}={self.cookie}"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        yield store


@pytest.fixture
def console(store: SqlStore) -> Console:
    clock = ManualClock()
    pages = TrafficPages(store=store, ceilings=Ceilings(minutes=2000), now=clock.now)
    return Console(build_console(pages, Sessions(KEY, clock.now)), clock)


@pytest.mark.parametrize("page", ["/", "/now", "/charts", "/charts?span=week"])
async def test_no_page_is_shown_without_signing_in(console: Console, page: str) -> None:
    answer = await console.get(page)
    assert (answer.status, answer.header("location"), answer.body) == (303, "/sign-in", b"")
    console.cookie = "made-up"
    assert (await console.get(page)).status == 303


async def test_the_key_opens_the_console_and_signing_out_closes_it(console: Console) -> None:
    answer = await console.sign_in()
    assert (answer.status, answer.header("location")) == (303, "/now")
    cookie = answer.header("set-cookie") or ""
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert KEY not in cookie
    assert (await console.get("/now")).status == 200
    kept = console.cookie
    await console.post("/sign-out")
    console.cookie = kept
    assert (await console.get("/now")).status == 303


@pytest.mark.parametrize("key", ["", "the key of these test", "the key of these tests2", "ключ", "x" * 2000])
async def test_a_wrong_key_opens_nothing(console: Console, key: str) -> None:
    answer = await console.sign_in(key)
    assert answer.status in (400, 403)
    assert answer.all("set-cookie") == []


async def test_the_key_cannot_be_guessed_by_trying(console: Console) -> None:
    for _ in range(MOST_WRONG):
        assert (await console.sign_in("wrong")).status == 403
    assert (await console.sign_in()).status == 403
    console.clock.advance(WRONG_SECONDS)
    assert (await console.sign_in()).status == 303


async def test_a_session_ends_when_nothing_is_done_and_at_its_longest(console: Console) -> None:
    await console.sign_in()
    console.clock.advance(IDLE_SECONDS - 1)
    assert (await console.get("/now")).status == 200
    console.clock.advance(IDLE_SECONDS)
    assert (await console.get("/now")).status == 303
    await console.sign_in()
    for _ in range(LONGEST_SECONDS // (IDLE_SECONDS - 1)):
        console.clock.advance(IDLE_SECONDS - 1)
        assert (await console.get("/now")).status == 200
    console.clock.advance(IDLE_SECONDS - 1)
    assert (await console.get("/now")).status == 303


async def test_forms_of_another_site_are_refused(console: Console) -> None:
    foreign = ("sec-fetch-site", "cross-site")
    assert (await console.post("/sign-in", f"key={KEY.replace(' ', '+')}", foreign)).status == 403
    await console.sign_in()
    assert (await console.post("/sign-out", "", foreign)).status == 403
    assert (await console.get("/now")).status == 200


async def test_another_name_for_this_machine_is_refused(console: Console) -> None:
    answer = await send_request(console.app, "GET", "/sign-in", headers=[("host", "rebound.example")])
    assert answer.status == 400


async def test_every_answer_forbids_what_is_not_ours(console: Console) -> None:
    await console.sign_in()
    for page in ("/sign-in", "/now", "/charts", "/nothing", "/static/now.js"):
        answer = await console.get(page)
        assert "default-src 'none'" in (answer.header("content-security-policy") or "")
        assert "unsafe" not in (answer.header("content-security-policy") or "")
        assert " style=" not in answer.text
        assert "<script>" not in answer.text


@pytest.mark.parametrize(
    "query",
    ["span=year", "day=2026-02-30", "day=", "day=9999-12-31", "day=0001-01-01", "span=%00", "day=2026-13-01&span=week"],
)
async def test_a_time_that_is_none_is_told(console: Console, query: str) -> None:
    await console.sign_in()
    answer = await console.get(f"/charts?{query}")
    assert answer.status == 200
    assert "There is no such time" in answer.text


async def test_now_shows_calls_as_they_are_with_masked_numbers(console: Console, store: SqlStore) -> None:
    now = console.clock.now()
    call = delivery(status=DeliveryStatus.RINGING, created_at=now - 9, updated_at=now - 4, provider_sid="CA1")
    lost = event(kind=EventKind.DELIVERY, detail="sms undelivered 30005", at=now - 100)
    events = (event(at=now - 9), event(at=now - 400), lost)
    await put(store, verifications=(verification(),), deliveries=(call,), events=events)
    await console.sign_in()
    page = (await console.get("/now")).text
    assert "•••• 00" in page
    assert NUMBER.e164[2:] not in page
    assert "<span>US</span> <span>call ringing for 4 s</span> <span>begun 9 s ago</span>" in page
    assert "<dt>Started</dt><dd>1</dd>" in page  # the other one was longer ago
    assert "<dt>Failed or unclear</dt><dd>1</dd>" in page
    part = (await console.get("/now", ("x-part", "moment"))).text
    assert "<html" not in part
    assert "call ringing" in part


async def test_now_shows_which_limits_refuse_and_until_when(console: Console, store: SqlStore) -> None:
    now = console.clock.now()

    def denial(n: int, *, wait: float, at: float = now - 60) -> Denial:
        status = RuleStatus("country 100/1h", Scope.COUNTRY, 100, 100, wait)
        return Denial(
            verification=f"VE{n:032x}",
            delivery=f"VL{n:032x}",
            number=NUMBER,
            at=at,
            reason="limit country 100/1h",
            watched=False,
            rule_statuses=(status,),
        )

    await put(store, denials=(denial(1, wait=600), denial(2, wait=120), denial(3, wait=30), denial(4, wait=0)))
    await console.sign_in()
    page = (await console.get("/now")).text
    assert '<th scope="row">country 100/1h (US)</th><td>2</td><td>until 08:09:00 UTC, in 9 min</td>' in page
