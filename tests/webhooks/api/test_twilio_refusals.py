"""What Twilio refuses for certain: the client learns what it is, and repeats nothing that cannot succeed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.api_client import Client, Reply, client
from tests.support.app import PHONE, RunningApp, running_app
from verification.counters.rules import Limit
from verification.flow.lookup import LookupErrorCode
from verification.policy import DEFAULT_POLICY
from verification.ports import Rejected
from verification.types import Scope

SOURCE = "203.0.113.7"
TWICE = (Limit(count=2, seconds=300),)


@pytest.fixture
async def limited(tmp_path: Path) -> AsyncIterator[RunningApp]:
    limits = tuple((scope, TWICE) for scope in (Scope.SOURCE, Scope.NUMBER, Scope.COUNTRY, Scope.TOTAL))
    async with running_app(tmp_path / "limited.db", policy=replace(DEFAULT_POLICY, limits=limits)) as running:
        yield running


async def refused(
    running: RunningApp, shop: Client, code: int | None, *, permanent: bool = True, to: str = PHONE
) -> Reply:
    running.provider.script.append(Rejected(permanent=permanent, code=code, opted_out=code == 21610))
    return await shop.start(to, channel="call", DeviceIp=SOURCE)


@pytest.mark.parametrize(
    ("code", "status", "answer", "message"),
    [
        (21211, 400, 60200, "Invalid parameter: To"),
        (21214, 400, 60200, "Invalid parameter: To"),
        (21217, 400, 60200, "Invalid parameter: To"),
        (21265, 400, 60200, "Invalid parameter: To"),
        (21612, 400, 60200, "Invalid parameter: To"),
        (21215, 403, 60605, "This country or line type is not allowed"),
        (21216, 403, 60605, "This country or line type is not allowed"),
        (21408, 403, 60605, "This country or line type is not allowed"),
        (21219, 403, 21608, "The phone number is unverified; a trial account cannot reach it"),
        (21608, 403, 21608, "The phone number is unverified; a trial account cannot reach it"),
        (21610, 403, 21610, "The recipient has opted out of calls and messages"),
        (21614, 403, 60205, "SMS is not supported by landline phone number"),
        (LookupErrorCode.REFUSED.value, 403, 60605, "This country or line type is not allowed"),
        (LookupErrorCode.OTHER_CHANNEL.value, 400, 60223, "Delivery channel disabled: CALL"),
    ],
)
async def test_a_certain_refusal_of_the_number_is_named_and_never_asks_for_a_repeat(
    running: RunningApp, shop: Client, code: int, status: int, answer: int, message: str
) -> None:
    reply = await refused(running, shop, code)
    assert (reply.status, reply.code, reply.body["message"]) == (status, answer, message)
    assert reply.answer.header("retry-after") is None


@pytest.mark.parametrize(("permanent", "wait"), [(False, "5"), (True, None)])
async def test_a_fault_on_our_side_is_503_and_only_a_passing_one_is_to_be_repeated(
    running: RunningApp, shop: Client, permanent: bool, wait: str | None
) -> None:
    reply = await refused(running, shop, 21606, permanent=permanent)
    assert (reply.status, reply.code, reply.answer.header("retry-after")) == (503, 20503, wait)


@pytest.mark.parametrize("code", [21211, 21214, 21217, 21612, 21408, 21215, 21219, 21614, 21610])
async def test_a_refused_number_counts_against_its_source_and_against_no_other_limit(
    limited: RunningApp, code: int
) -> None:
    shop = await client(limited)
    for number in ("+14155550101", "+14155550102"):
        await refused(limited, shop, code, to=number)
    limited.provider.script.clear()
    again = await shop.start("+14155550103", channel="call", DeviceIp=SOURCE)
    assert (again.status, again.code) == (429, 20429), "the source has used its two sends"
    for n in range(2):
        reply = await shop.start(f"+1415555011{n}", channel="call", DeviceIp="198.51.100.1")
        assert reply.status == 201, "the country and the total are as before"


async def test_a_refused_number_keeps_its_own_allowance(limited: RunningApp) -> None:
    shop = await client(limited)
    for _ in range(2):
        await refused(limited, shop, 21214)
    assert (await shop.start(PHONE, channel="call")).status == 201


@pytest.mark.parametrize(("permanent", "code"), [(False, None), (False, 20429), (True, 21606), (True, 30034)])
async def test_a_failure_that_the_source_has_not_caused_does_not_count_against_it(
    limited: RunningApp, permanent: bool, code: int | None
) -> None:
    shop = await client(limited)
    for _ in range(3):
        await refused(limited, shop, code, permanent=permanent)
    limited.provider.script.clear()
    assert (await shop.start(channel="call", DeviceIp=SOURCE)).status == 201
