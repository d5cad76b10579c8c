"""What is exact in one process is as exact over three nodes: two hundred requests at once for the same thing."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import replace
from itertools import count

import aiohttp
import jwt
import pytest

from tests.cluster.__main__ import Storage, new_key
from tests.cluster.nodes import Cluster
from tests.cluster.people import Answer, Api
from tests.kills.__main__ import ask
from tests.support.sql import number, rows

#: The pooler is in transaction mode.
pytestmark = pytest.mark.parametrize("storage", ["postgresql", "pgbouncer"], indirect=True, scope="module")
TOGETHER = 200
SETTINGS = {"SAYCODE_LIMIT_SERVICE": "60/1h"}
_FIRST, _SECOND = ("Alpha", "Bravo", "Cargo", "Delta", "Ember", "Fable", "Grove"), ("Shop", "Bank", "Cafe", "Toys")
#: That no two of them look alike.
NAMES = iter(f"{first} {second}" for first in _FIRST for second in _SECOND)
NUMBERS: Iterator[str] = (f"+1415{3_000_000 + n:07}" for n in count())


@pytest.fixture
async def api(cluster: Cluster) -> AsyncIterator[Api]:
    """A client of a service of its own; every request goes to the next node."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Api(cluster.address, await asyncio.to_thread(new_key, cluster, next(NAMES)), session)


async def together(*requests: Awaitable[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in await asyncio.gather(*requests))


def sent_to(cluster: Cluster, to: str) -> int:
    return sum(
        request["method"] == "POST" and request["status"] == 201 and request["parameters"].get("To") == to
        for request in cluster.requests()
    )


async def code_of(cluster: Cluster, api: Api, to: str) -> tuple[str, str]:
    """Start by text. The verification's sid, and the code where a person would read it."""
    answer = await api.once("POST", "Verifications", {"To": to, "Channel": "sms"})
    assert answer.status == 201, answer
    address = f"{cluster.simulator}/simulator/phones/%2B{to[1:]}/wait-for?state=text&timeout=20"
    texts = (await asyncio.to_thread(ask, address))["texts"]
    assert isinstance(texts, list)
    return str(answer.body["sid"]), texts[-1]["body"][-6:]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


@pytest.mark.parametrize("services", [1, 5])
async def test_two_hundred_starts_for_one_number_are_five_texts(cluster: Cluster, api: Api, services: int) -> None:
    """Of one service, where those at the same moment are one start; and of five, which share the number's limit."""
    to = next(NUMBERS)
    fields = {"To": to, "Channel": "sms"}
    keys = [await asyncio.to_thread(new_key, cluster, next(NAMES)) for _ in range(services)]
    apis = [replace(api, key=key) for key in keys]
    statuses = await together(
        *(each.once("POST", "Verifications", fields) for _ in range(TOGETHER // services) for each in apis)
    )
    assert sent_to(cluster, to) == 5 if services > 1 else 1 <= sent_to(cluster, to) <= 5
    assert set(statuses) <= {201, 429}


async def test_two_hundred_numbers_of_a_service_stop_at_its_limit(cluster: Cluster, api: Api) -> None:
    numbers = [next(NUMBERS) for _ in range(TOGETHER)]
    statuses = await together(*(api.once("POST", "Verifications", {"To": to, "Channel": "sms"}) for to in numbers))
    assert statuses == {201: 60, 429: TOGETHER - 60}
    assert sum(sent_to(cluster, to) for to in numbers) == 60


async def test_two_hundred_right_checks_approve_once(cluster: Cluster, storage: Storage, api: Api) -> None:
    sid, code = await code_of(cluster, api, next(NUMBERS))
    fields = {"VerificationSid": sid, "Code": code}
    statuses = await together(*(api.once("POST", "VerificationCheck", fields) for _ in range(TOGETHER)))
    assert statuses == {200: 1, 404: TOGETHER - 1}
    question = f"SELECT count(*) FROM events WHERE kind = 'approved' AND verification = '{sid}'"
    assert number(storage.address, question) == 1


async def test_of_two_hundred_wrong_checks_three_are_compared(cluster: Cluster, storage: Storage, api: Api) -> None:
    sid, code = await code_of(cluster, api, next(NUMBERS))
    fields = {"VerificationSid": sid, "Code": wrong(code)}
    statuses = await together(*(api.once("POST", "VerificationCheck", fields) for _ in range(TOGETHER)))
    assert statuses == {200: 3, 429: TOGETHER - 3}
    assert rows(storage.address, f"SELECT checks, status FROM verifications WHERE sid = '{sid}'") == [
        (3, "max_attempts_reached")
    ]
    assert (await api.once("POST", "VerificationCheck", {"VerificationSid": sid, "Code": code})).status == 429


async def test_two_hundred_requests_with_one_key_are_one_text(cluster: Cluster, api: Api) -> None:
    to = next(NUMBERS)
    answers = await asyncio.gather(*(api.start(to, "sms", key="order-4711") for _ in range(TOGETHER)))
    assert {(answer.status, answer.body["sid"]) for answer in answers} == {(201, answers[0].body["sid"])}
    assert sent_to(cluster, to) == 1


async def test_a_receipt_is_redeemed_once(cluster: Cluster, api: Api) -> None:
    sid, code = await code_of(cluster, api, next(NUMBERS))
    receipt = (await api.check(sid, code)).body["receipt"]
    jti = jwt.decode(receipt, options={"verify_signature": False})["jti"]
    statuses = await together(*(api.once("POST", f"Receipts/{jti}/Redeem") for _ in range(TOGETHER)))
    assert (statuses[200], sum(statuses.values())) == (1, TOGETHER), statuses
    assert not {status for status in statuses if status >= 500}


async def test_the_audit_log_of_all_of_this_is_one_chain(cluster: Cluster, storage: Storage, api: Api) -> None:
    said = cluster.command("audit", "verify", "--json")
    assert '"broken": null' in said
    assert f'"lines": {number(storage.address, "SELECT count(*) FROM events")},' in said


async def test_every_node_took_its_part(cluster: Cluster) -> None:
    served = sorted(cluster.proxy.served.values())
    assert len(served) == len(cluster.nodes)
    assert served[0] > served[-1] / 2
    assert cluster.errors() == []
