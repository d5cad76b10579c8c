"""The console: nothing without the key, nothing from another site, and an answer to whatever it is asked."""

import re
from html import unescape
from urllib.parse import quote_plus

import pytest
from msgspec.structs import replace

from saycode.alerts.states import AlertStates, Letter
from saycode.console.app import ROUTES
from saycode.console.operators import IDLE_SECONDS, SESSION_SECONDS, Role
from saycode.console.sign_in import MOST_WRONG, WRONG_SECONDS
from saycode.storage.store import SqlStore
from tests.support.asgi_client import send_request
from tests.support.operators_console import Console, a_console
from tests.support.store import NUMBER, delivery, event, put, verification
from verification.alerts import AlertKind, Condition
from verification.counters.rules import Denial, RuleStatus
from verification.models import EventKind, Manner
from verification.types import DeliveryStatus, Scope
from verification.values.phone_numbers import masked_number


def a_path_of(pattern: str) -> str:
    return pattern.replace("{sid}", "VE" + "0" * 32).replace("{sealed}", "AAAA")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_route_wants_a_session_and_its_role(console: Console, route: object) -> None:
    path, method, role = a_path_of(route.path), route.method, route.role  # type: ignore[attr-defined]

    async def status(body: str = "") -> int:
        return (await (console.get(path) if method == "GET" else console.post(path, body))).status

    assert await status() == 303
    console.cookie = "0" * 64
    assert await status() == 303
    await console.sign_in()
    if role is Role.ADMINISTRATOR:
        assert await status(f"token={console.token}") == 403
        await console.sign_in(role=Role.ADMINISTRATOR)
    if method == "POST":
        assert await status() == 403, "the form's token is missing"
        assert await status(f"token={'0' * 64}") == 403
    assert await status(f"token={console.token}") in (200, 303, 404, 422)


async def test_the_key_opens_the_console_and_signing_out_closes_it(console: Console) -> None:
    answer = await console.sign_in()
    assert (answer.status, answer.header("location")) == (303, "/")
    cookie = answer.header("set-cookie") or ""
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert console.keys[Role.HELP_DESK][-20:] not in cookie
    assert (await console.get("/now")).status == 200
    kept = console.cookie
    await console.post("/sign-out", f"token={console.token}")
    console.cookie = kept
    assert (await console.get("/now")).status == 303


@pytest.mark.parametrize("change", [lambda key: "", lambda key: key[:-1], lambda key: key + "0", lambda _: "ключ"])
async def test_a_wrong_key_opens_nothing(console: Console, change: object) -> None:
    answer = await console.sign_in(change(console.keys[Role.HELP_DESK]))  # type: ignore[operator]
    assert (answer.status, answer.all("set-cookie")) == (403, [])


async def test_the_key_of_another_operator_with_ones_own_sid_opens_nothing(console: Console) -> None:
    (_, secret), sid = console.keys[Role.HELP_DESK].split("."), console.sids[Role.ADMINISTRATOR]
    assert (await console.sign_in(f"{sid}.{secret}")).status == 403


async def test_the_key_cannot_be_guessed_by_trying(console: Console) -> None:
    for _ in range(MOST_WRONG):
        assert (await console.sign_in("wrong")).status == 403
    assert (await console.sign_in()).status == 429
    console.clock.advance(WRONG_SECONDS)
    assert (await console.sign_in()).status == 303


async def test_a_session_ends_when_nothing_is_done_and_at_its_longest(console: Console) -> None:
    await console.sign_in()
    console.clock.advance(IDLE_SECONDS - 1)
    assert (await console.get("/now")).status == 200
    console.clock.advance(IDLE_SECONDS)
    assert (await console.get("/now")).status == 303
    await console.sign_in()
    for _ in range(SESSION_SECONDS // (IDLE_SECONDS - 1)):
        console.clock.advance(IDLE_SECONDS - 1)
        assert (await console.get("/now")).status == 200
    console.clock.advance(IDLE_SECONDS - 1)
    assert (await console.get("/now")).status == 303


async def test_a_removed_operator_is_signed_out_at_once(console: Console) -> None:
    await console.sign_in()
    assert await console.operators.remove(console.sids[Role.HELP_DESK], now=console.clock.now())
    assert (await console.get("/now")).status == 303
    assert (await console.sign_in()).status == 403


async def test_a_session_of_a_runs_key_ends_with_the_run(console: Console, store: SqlStore) -> None:
    now = console.clock.now()
    first = replace(console.operators, run_key="the key of the first run")
    operator = await first.of_key("the key of the first run")
    assert operator is not None
    cookie = await first.begin_session(operator=operator.sid, name=operator.name, role=operator.role, now=now)
    assert await first.session(cookie, now=now)
    assert await replace(first, run_key="the key of the next run").session(cookie, now=now) is None
    assert await replace(first, run_key="").session(cookie, now=now) is None


async def test_an_address_of_another_session_opens_nothing(console: Console) -> None:
    await console.sign_in()
    found = await console.post("/search", f"token={console.token}&q={quote_plus(NUMBER.e164)}")
    path = found.header("location") or ""
    assert (await console.get(path)).status == 200
    assert NUMBER.e164[1:] not in path
    await console.sign_in()
    assert (await console.get(path)).status == 404


@pytest.mark.parametrize("asked", ["", " ", "x" * 201, "\0", "VE" + "0" * 32, "0000 0000", "+1 415", "no one", "'; --"])
async def test_what_is_not_known_is_told(console: Console, asked: str) -> None:
    await console.sign_in()
    answer = await console.post("/search", f"token={console.token}&q={quote_plus(asked)}")
    if answer.status == 303:  # to what the audit log may have
        answer = await console.get(answer.header("location") or "")
    assert answer.status in (404, 422)
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    "sid", [*(kind + "0" * 32 for kind in ("CA", "SM", "MM")), "0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab"]
)
async def test_it_is_told_where_a_sid_of_twilios_leads_on(console: Console, sid: str) -> None:
    await console.sign_in()
    answer = await console.post("/search", f"token={console.token}&q={sid}")
    assert answer.status == 404
    assert "Its console has the number: search for that." in answer.text


@pytest.mark.parametrize("asked", ["0000 0000", "no one of this name"])
async def test_a_search_that_leads_to_no_page_is_in_the_audit_log(
    console: Console, store: SqlStore, asked: str
) -> None:
    await put(store, verifications=(verification(1), verification(2)))  # of one reference
    await console.sign_in()
    await console.post("/search", f"token={console.token}&q={quote_plus(asked)}")
    (entry,) = await store.query(lambda conn: store.audit_log.newest(conn, before=2**62, limit=1))
    assert (entry.kind, entry.actor) == ("person-looked-up", "operator help-desk one")
    assert asked not in repr(entry)


async def test_a_decoy_is_told_and_nothing_can_be_sent_for_it(console: Console, store: SqlStore) -> None:
    decoy = replace(verification(), manner=Manner.DECOY, number=masked_number("23"))
    await put(store, verifications=(decoy,))
    await console.sign_in()
    page = (await console.get(f"/verifications/{decoy.sid}")).text
    assert "nothing was sent: there is no such account, or a rule forbade it" in page
    assert "Call again" not in page
    assert "All about this number" not in page


async def test_forms_of_another_site_are_refused(console: Console) -> None:
    foreign = ("sec-fetch-site", "cross-site")
    assert (await console.post("/sign-in", f"key={console.keys[Role.HELP_DESK]}", foreign)).status == 403
    await console.sign_in()
    assert (await console.post("/sign-out", f"token={console.token}", foreign)).status == 403
    assert (await console.post("/sign-out", f"token={console.token}", ("origin", "https://evil.example"))).status == 403
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


@pytest.mark.parametrize("root", ["", "/console"])
async def test_every_file_and_page_that_a_page_names_is_there(store: SqlStore, root: str) -> None:
    console = await a_console(store, root=root)
    await console.sign_in(role=Role.ADMINISTRATOR)
    for page in ("/sign-in", "/", "/now", "/charts", "/audit-log", "/keys", "/settings"):
        named = re.findall(r'(?:src|href)="(/[^"]*)"', (await console.get(page)).text)
        assert named, page
        for address in named:
            assert address.startswith(f"{root}/"), (page, address)
            assert (await console.get(unescape(address.removeprefix(root)))).status == 200, (page, address)


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


async def test_now_shows_the_alerts_that_are_open(console: Console, store: SqlStore) -> None:
    await console.sign_in()
    assert 'id="alerts"' not in (await console.get("/now")).text
    closed = Condition(kind=AlertKind.LIMIT_CLOSED, scope="country", country="DE", rule="3/1h", until=1.8e9)
    written = Letter("", "")
    await AlertStates(store).change([closed], lambda *_: (written, ()), (), now=console.clock.now() - 300)
    page = (await console.get("/now")).text
    assert "<strong>Calls and texts to DE are refused</strong>, for 5 min." in page


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
