"""Messages to applications: none lost, none too many, the same id each time, and to public places only."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from saycode.config.parsers import InvalidValue
from saycode.events.outbox import LEASE_SECONDS, RETRY_DELAYS, EventTarget, LazyEventSender, Outbox, new_event_target
from saycode.events.sender import (
    EventSender,
    NotPublicAddress,
    PublicAddressResolver,
    is_public,
    parse_target_url,
)
from saycode.storage.store import SqliteStore
from tests.support.processes import ROOT
from tests.support.records import NUMBER, OTHER_NUMBER, wrong
from tests.support.verifier import CALL, Home, open_home
from verification.accounts import Accounts
from verification.models import BUILT_IN_SERVICE, Account, EnrolledNumber
from verification.ports import ByVerification
from verification.types import Channel

ADA = Account(
    service=BUILT_IN_SERVICE,
    name="ada",
    username="Ada",
    numbers=(EnrolledNumber(NUMBER),),
    channel=Channel.CALL,
    language="",
)
ELSEWHERE = "VA" + "1" * 32


@dataclass(slots=True)
class Receiver:
    """An application's address. It answers as the script says, then with 204."""

    url: str = ""
    script: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        status = self.script.pop(0) if self.script else 204
        return web.Response(status=status, headers={"Location": f"{self.url}/elsewhere"} if status == 302 else {})

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.requests]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/events"
    try:
        yield receiver
    finally:
        await runner.cleanup()


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        yield home


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


def store(home: Home, worker: int = -1) -> SqliteStore:
    found = home.workers[worker].store
    assert isinstance(found, SqliteStore)
    return found


def posting(home: Home, worker: int = -1, *, loopback: bool = True) -> EventSender:
    return EventSender(outbox=Outbox(store(home, worker)), now=home.clock.now, loopback=loopback)


async def targeted(home: Home, receiver: Receiver, service: str = BUILT_IN_SERVICE) -> EventTarget:
    target = new_event_target(service, receiver.url, now=home.clock.now())
    await Outbox(store(home)).add(target)
    return target


async def approve(home: Home) -> str:
    sid, code = await home.texted_code()
    assert (await home.verifier.check(sid, code)).valid
    return sid


# ------------------------------------------------------------------------------------------------ what is told


async def test_an_approval_is_told_without_the_code_and_without_the_number(home: Home, receiver: Receiver) -> None:
    await targeted(home, receiver)
    sid, code = await home.texted_code()
    assert (await home.verifier.check(sid, code)).valid
    assert await posting(home).send_due() == 1
    assert receiver.bodies == [
        {
            "type": "verification.approved",
            "timestamp": "2027-01-15T08:00:00Z",
            "data": {
                "service_sid": BUILT_IN_SERVICE,
                "verification_sid": sid,
                "status": "approved",
                "action": "sign-in",
                "username": "ada",
                "to": NUMBER.masked,
            },
        }
    ]
    (_, body) = receiver.requests[0]
    assert code.encode() not in body
    assert NUMBER.e164[1:].encode() not in body
    assert await posting(home).send_due() == 0


async def test_a_failure_a_report_and_a_stop_are_told(home: Home, receiver: Receiver) -> None:
    await targeted(home, receiver)
    sid, code = await home.texted_code()
    await home.verifier.check(sid, wrong(code))
    home.clock.advance(120)
    planned = await home.start(CALL)
    assert planned.delivery is not None
    await home.hear(planned.delivery.sid, "00", provider_sid="CA2")
    home.clock.advance(4000)
    planned = await home.start(CALL)
    assert planned.delivery is not None
    await home.pass_the_gate(planned.delivery.sid, provider_sid="CA3")
    await home.hear(planned.delivery.sid, "9", provider_sid="CA3")
    await posting(home).send_due()
    assert [(body["type"], body["data"]["status"]) for body in receiver.bodies] == [
        ("verification.failed", "max_attempts_reached"),
        ("verification.reported", "canceled"),
        ("number.suppressed", "canceled"),
    ]


async def test_a_stop_out_of_the_blue_is_told_for_every_account_that_has_the_number(
    home: Home, receiver: Receiver
) -> None:
    await targeted(home, receiver)
    await Accounts(home.verifier).put(ADA)
    await home.verifier.handle_text(NUMBER, "STOP")
    await posting(home).send_due()
    (body,) = receiver.bodies
    assert body["type"] == "number.suppressed"
    assert body["data"] == {"service_sid": BUILT_IN_SERVICE, "username": "Ada", "to": NUMBER.masked}


async def test_a_changed_number_is_told_by_name_only(home: Home, receiver: Receiver) -> None:
    await targeted(home, receiver)
    enrolment = Accounts(home.verifier)
    await enrolment.put(ADA)
    await enrolment.replace_number(BUILT_IN_SERVICE, "ada", old=NUMBER, new=OTHER_NUMBER)
    await posting(home).send_due()
    (body,) = receiver.bodies
    assert (body["type"], body["data"]) == (
        "number.changed",
        {"service_sid": BUILT_IN_SERVICE, "username": "Ada"},
    )


async def test_another_services_news_goes_elsewhere(home: Home, receiver: Receiver) -> None:
    await targeted(home, receiver, ELSEWHERE)
    await approve(home)
    assert await posting(home).send_due() == 0


async def test_nothing_is_told_of_what_was_not_committed(home: Home, receiver: Receiver) -> None:
    await targeted(home, receiver)
    sid, code = await home.texted_code()

    class Broken(Exception):
        pass

    def work(conn: Any) -> None:
        raise Broken

    checked, failed = await asyncio.gather(
        home.verifier.check(sid, code), store(home).write(work), return_exceptions=True
    )
    assert isinstance(failed, Broken)
    assert not isinstance(checked, BaseException)
    assert await posting(home).send_due() == 1


# ------------------------------------------------------------------------------------------------ delivered in the end


async def test_a_receiver_that_fails_three_times_gets_the_same_id_four_times(home: Home, receiver: Receiver) -> None:
    await targeted(home, receiver)
    await approve(home)
    receiver.script = [500, 500, 500, 200]
    for pause in (0, *RETRY_DELAYS[:3]):
        home.clock.advance(max(pause - 1, 0))
        assert await posting(home).send_due() == (0 if pause else 1)
        if pause:
            home.clock.advance(1)
            assert await posting(home).send_due() == 1
    home.clock.advance(7 * 86400)
    assert await posting(home).send_due() == 0
    ids = [headers["webhook-id"] for headers, _ in receiver.requests]
    assert len(ids) == 4
    assert len(set(ids)) == 1
    assert len({body for _, body in receiver.requests}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.requests}) == 4


async def test_a_message_is_tried_for_a_day_and_then_given_up(home: Home, receiver: Receiver) -> None:
    assert sum(RETRY_DELAYS) >= 86400
    assert list(RETRY_DELAYS) == sorted(RETRY_DELAYS)
    await targeted(home, receiver)
    await approve(home)
    receiver.script = [503] * 100
    for _ in range(30):
        await posting(home).send_due()
        home.clock.advance(RETRY_DELAYS[-1])
    assert len(receiver.requests) == len(RETRY_DELAYS) + 1
    assert not Outbox(store(home)).has_due(now=home.clock.now() + 1e6)


async def test_of_two_workers_one_posts_and_a_dead_one_blocks_nobody(home: Home, receiver: Receiver) -> None:
    await home.open()
    await targeted(home, receiver)
    await approve(home)
    tried = await asyncio.gather(*(posting(home, worker).send_due() for worker in (0, 1) * 4))
    assert sorted(tried) == [0] * 7 + [1]
    assert len(receiver.requests) == 1
    await approve(home)
    (claimed,) = await Outbox(store(home, 0)).claim(now=home.clock.now())  # and then this worker dies
    assert await posting(home, 1).send_due() == 0
    home.clock.advance(LEASE_SECONDS)
    assert await posting(home, 1).send_due() == 1
    assert receiver.requests[-1][0]["webhook-id"] == claimed.id


async def test_a_redirect_is_not_followed(home: Home, receiver: Receiver) -> None:
    await targeted(home, receiver)
    await approve(home)
    receiver.script = [302]
    await posting(home).send_due()
    assert len(receiver.requests) == 1
    assert Outbox(store(home)).has_due(now=home.clock.now() + RETRY_DELAYS[0])
    assert list(Outbox(store(home)).waiting().values()) == [1]


async def test_a_target_that_is_taken_away_gets_nothing_more(home: Home, receiver: Receiver) -> None:
    target = await targeted(home, receiver)
    await approve(home)
    assert [one.url for one in Outbox(store(home)).targets()] == [receiver.url]
    assert await Outbox(store(home)).remove(target.sid, now=home.clock.now())
    assert not await Outbox(store(home)).remove(target.sid, now=home.clock.now())
    assert await posting(home).send_due() == 0


async def test_a_damaged_message_is_given_up_and_holds_up_no_other(home: Home, receiver: Receiver) -> None:
    await targeted(home, receiver)
    await approve(home)
    await store(home).write(lambda conn: conn.execute("UPDATE outbox SET body = x'00'").rowcount)
    await approve(home)
    assert await posting(home).send_due() == 1
    assert len(receiver.requests) == 1


async def test_addresses_secrets_and_messages_are_sealed_in_the_table(home: Home, receiver: Receiver) -> None:
    target = await targeted(home, receiver)
    await approve(home)
    for file in home.path.parent.glob("codes.db*"):
        content = file.read_bytes()
        assert target.secret.encode() not in content
        assert target.url.encode() not in content
        assert b"verification.approved" not in content


async def test_the_service_posts_by_itself(home: Home, receiver: Receiver) -> None:
    await targeted(home, receiver)
    task = asyncio.create_task(LazyEventSender(Outbox(store(home)), home.clock.now, loopback=True).run_forever())
    await approve(home)
    async with asyncio.timeout(20):
        while not receiver.requests:
            await asyncio.sleep(0.02)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


# ------------------------------------------------------------------------------------------------ the signature


def example() -> Any:
    """The function that docs/events.md shows."""
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "def verified" in block]
    space: dict[str, Any] = {}
    exec(code, space)  # noqa: S102  # our own page
    return SimpleNamespace(**space)


async def test_the_example_of_the_docs_verifies_a_message_and_refuses_a_changed_one(
    home: Home, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = await targeted(home, receiver)
    await approve(home)
    await posting(home).send_due()
    headers, body = receiver.requests[0]
    shown = example()
    monkeypatch.setattr(shown.time, "time", home.clock.now)
    assert shown.verified(target.secret, headers, body) == headers["webhook-id"]
    other = new_event_target(BUILT_IN_SERVICE, receiver.url, now=0).secret
    for secret, given, sent in (
        (other, headers, body),
        (target.secret, headers, body + b" "),
        (target.secret, headers | {"webhook-id": "msg_other"}, body),
        (target.secret, headers | {"webhook-timestamp": str(int(home.clock.now()) + 1)}, body),
        (target.secret, headers | {"webhook-timestamp": "1"}, body),
    ):
        with pytest.raises(ValueError, match=r"not signed|too old"):
            shown.verified(secret, given, sent)


# ------------------------------------------------------------------------------------------------ where messages go


PUBLIC = ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"]
PRIVATE = [
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *("255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:db8::1", "192.0.2.1", "198.18.0.1"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_one(address: str) -> None:
    assert is_public(ip_address(address))
    shown = f"[{address}]" if ":" in address else address
    assert parse_target_url(f"https://{shown}/events", loopback=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_message_goes_to_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
    shown = f"[{address}]" if ":" in address else address
    with pytest.raises(InvalidValue, match="private network"):
        parse_target_url(f"https://{shown}/events", loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        *("", "shop.example", "http://shop.example/events", "ftp://shop.example", "https://", "https://shop.example:0"),
        *("https://user@shop.example/", "https://u:p@shop.example/", "https://shop.example/#x", "https://a b/"),
        *("https://localhost/", "https://x.localhost/", "https://shop.example:99999/", "https://shöp.example/"),
        *("https://shop.example/\n", "https://shop.example/" + "x" * 1000, "https://[::1/", "http://127.0.0.1/"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused_when_it_is_added(url: str) -> None:
    with pytest.raises(InvalidValue):
        parse_target_url(url, loopback=False)


def test_loopback_is_for_development() -> None:
    assert parse_target_url("http://127.0.0.1:8002/events", loopback=True)
    assert parse_target_url("http://localhost:8002/events", loopback=True)
    for url in ("http://10.0.0.1/", "http://shop.example/", "https://10.0.0.1/"):
        with pytest.raises(InvalidValue):
            parse_target_url(url, loopback=True)


class Names(AbstractResolver):
    """Names that stand for what the test says."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=2, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None:
        return None


@pytest.mark.parametrize("found", [(), ("10.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("fe80::1%eth0",)])
async def test_a_name_that_leads_inside_leads_nowhere(found: tuple[str, ...]) -> None:
    with pytest.raises(NotPublicAddress):
        await PublicAddressResolver(loopback=False, inner=Names(*found)).resolve("shop.example")
    resolver = PublicAddressResolver(loopback=False, inner=Names("8.8.8.8"))
    assert [one["host"] for one in await resolver.resolve("shop.example")] == ["8.8.8.8"]


async def test_a_name_that_begins_to_lead_inside_gets_no_message(home: Home, receiver: Receiver) -> None:
    port = receiver.url.split(":")[2].split("/")[0]
    target = new_event_target(BUILT_IN_SERVICE, f"https://shop.example:{port}/events", now=0)
    await Outbox(store(home)).add(target)
    await approve(home)
    inside = replace(posting(home, loopback=False), resolver=Names("127.0.0.1"))
    assert await inside.send_due() == 1
    assert receiver.requests == []
    assert Outbox(store(home)).has_due(now=home.clock.now() + RETRY_DELAYS[0])


async def test_an_address_on_loopback_gets_nothing_once_the_service_is_public(home: Home, receiver: Receiver) -> None:
    await targeted(home, receiver)
    await approve(home)
    assert await posting(home, loopback=False).send_due() == 1
    assert receiver.requests == []


async def test_messages_go_when_their_verification_is_erased(home: Home, receiver: Receiver) -> None:
    await targeted(home, receiver)
    sid = await approve(home)
    await store(home).write(lambda conn: conn.execute("DELETE FROM verifications WHERE sid = ?", (sid,)).rowcount)
    assert (await store(home).read(ByVerification(sid))).verification is None
    assert await posting(home).send_due() == 0
