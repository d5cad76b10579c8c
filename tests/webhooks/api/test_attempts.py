"""The API: looking back at calls and texts, and how many led to a right code."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.storage import queries
from saycode.storage.api.attempts import MAX_CODE_LIFETIME
from saycode.storage.store import SqlStore
from tests.support.api_client import Client, client, operator, other
from tests.support.app import PHONE, RunningApp, running_app
from verification.policy import DEFAULT_POLICY

UK = "+442079460123"


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    policy = replace(DEFAULT_POLICY, countries=frozenset({"US", "GB"}), repeat_spacing=(0,))
    async with running_app(tmp_path / "store.db", policy=policy) as running:
        yield running


@pytest.fixture
async def shop(running: RunningApp) -> Client:
    """A service with four attempts: two for a code that was right, one for a wrong one, one that is pending."""
    shop = await client(running)
    await shop.start(PHONE)
    running.clock.advance(10)
    await shop.start(PHONE)
    await shop.check(running.provider.texts[-1].code, To=PHONE)
    running.clock.advance(10)
    await shop.start(UK)
    await shop.check(other(running.provider.texts[-1].code), To=UK)
    running.clock.advance(10)
    await shop.start("+14155550111", channel="call")
    return shop


async def sids(shop: Client, query: str = "") -> list[str]:
    reply = await shop.get(f"/v2/Attempts{query}")
    assert reply.status == 200, reply.body
    return [entry["sid"] for entry in reply.body["attempts"]]


async def test_an_attempt_tells_what_became_of_a_text(running: RunningApp, shop: Client) -> None:
    (sid,) = await sids(shop, "?Status=converted")
    reply = await shop.get(f"/v2/Attempts/{sid}")
    verification = reply.body["verification_sid"]
    assert reply.body == {
        "sid": sid,
        "account_sid": "AC" + "0" * 32,
        "service_sid": shop.service,
        "verification_sid": verification,
        "date_created": "2027-01-15T08:00:10Z",
        "date_updated": "2027-01-15T08:00:10Z",
        "conversion_status": "converted",
        "channel": "sms",
        "price": None,
        "channel_data": {
            "verification_sid": verification,
            "to": PHONE,
            "status": "confirmed",
            "message_status": "queued",
            "call_status": None,
            "error_code": None,
            "country": "US",
            "code_length": 6,
            "locale": "en-US",
            "mcc": None,
            "mnc": None,
            "carrier": None,
            "tags": {},
        },
        "url": f"https://verify.example/v2/Attempts/{sid}",
    }


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("", 4),
        ("?Status=converted", 1),
        ("?Status=unconverted", 3),
        ("?Channel=call", 1),
        ("?Channel=sms", 3),
        ("?Country=GB", 1),
        ("?ChannelData.To=%2B442079460123", 1),
        ("?ChannelData.To=%2B442079460999", 0),
        ("?DateCreatedAfter=2027-01-15T08:00:20Z", 2),
        ("?DateCreatedBefore=2027-01-15T08:00:20Z", 2),
        ("?DateCreatedAfter=2027-01-15T08:00:20.000Z", 2),
        ("?DateCreatedAfter=2027-01-15T08:00:20.000001Z", 1),
        ("?DateCreatedAfter=2027-01-15T08:00:19.999999999Z", 2),
        ("?DateCreatedAfter=2027-01-15T10:00:20%2B02:00", 2),
        ("?DateCreatedAfter=2027-01-15T10:00:20+02:00", 2),
        ("?DateCreatedAfter=2027-01-15T03:30:20.5-04:30", 1),
        ("?DateCreatedBefore=2027-01-15T13:30:20.25%2B05:30", 3),
        ("?DateCreatedAfter=2027-01-15T08:00:05Z&DateCreatedBefore=2027-01-15T08:00:20Z", 1),
        ("?Country=US&Channel=sms&Status=unconverted", 1),
        ("?VerificationSid=VE" + "0" * 32, 0),
    ],
)
async def test_attempts_are_filtered(shop: Client, query: str, matches: int) -> None:
    assert len(await sids(shop, query)) == matches


async def test_attempts_come_in_pages_without_gaps_and_doubles(running: RunningApp, shop: Client) -> None:
    whole = await sids(shop)
    path, matches, pages = "/v2/Attempts?PageSize=3&Channel=sms", [], 0
    while path:
        body = (await shop.get(path)).body
        matches += [entry["sid"] for entry in body["attempts"]]
        assert (body["meta"]["key"], body["meta"]["page"], body["meta"]["page_size"]) == ("attempts", pages, 3)
        path = (body["meta"]["next_page_url"] or "").removeprefix("https://verify.example")
        pages += 1
    assert matches == [sid for sid in whole if sid in matches]
    assert (len(set(matches)), pages) == (3, 1)
    path, matches = "/v2/Attempts?PageSize=1", []
    while path:
        body = (await shop.get(path)).body
        matches += [entry["sid"] for entry in body["attempts"]]
        path = (body["meta"]["next_page_url"] or "").removeprefix("https://verify.example")
    assert matches == whole


async def test_the_summary_counts_and_gives_the_rate(shop: Client) -> None:
    assert (await shop.get("/v2/Attempts/Summary")).body == {
        "total_attempts": 4,
        "total_converted": 1,
        "total_unconverted": 3,
        "conversion_rate_percentage": "25",
        "url": "https://verify.example/v2/Attempts/Summary",
    }
    for query, total in (("Channel=call", 1), ("Country=GB", 1), ("DestinationPrefix=%2B1415", 3)):
        assert (await shop.get(f"/v2/Attempts/Summary?{query}")).body["total_attempts"] == total


async def test_a_service_without_attempts_has_an_empty_summary(running: RunningApp, shop: Client) -> None:
    other_client = await client(running, "Other", seed=8)
    assert await sids(other_client) == []
    summary = (await other_client.get("/v2/Attempts/Summary")).body
    assert (summary["total_attempts"], summary["conversion_rate_percentage"]) == (0, "0")


async def test_the_operator_looks_at_the_service_that_is_named(running: RunningApp, shop: Client) -> None:
    admin = await operator(running)
    assert await sids(admin) == []
    assert await sids(admin, f"?VerifyServiceSid={shop.service}") == await sids(shop)


@pytest.mark.parametrize(
    "query",
    [
        "Country=Germany",
        "DateCreatedAfter=yesterday",
        "DateCreatedAfter=2027-02-30T00:00:00Z",
        "DateCreatedAfter=2027-01-15T08:00:00",
        "DateCreatedAfter=2027-01-15T08:00:00.Z",
        "DateCreatedAfter=2027-01-15T08:00:00%2B25:00",
        "DateCreatedBefore=2027-01-15T08:00:00%2B02",
        "Status=x",
    ],
)
async def test_a_filter_that_means_nothing_is_refused(shop: Client, query: str) -> None:
    assert (await shop.get(f"/v2/Attempts?{query}")).code == 60200


@pytest.mark.sqlite
async def test_a_list_goes_by_the_index_of_its_service(running: RunningApp, shop: Client) -> None:
    """No list may scan the verifications of all services."""
    names = ("service", "since", "from", "until", "verification", "channel", "number", "converted", "after")
    values = dict.fromkeys(names) | {"service": shop.service, "from": -MAX_CODE_LIFETIME, "since": 0, "until": 1e10}
    opened = running.store.store
    assert isinstance(opened, SqlStore)
    for statement in (queries.ATTEMPTS, queries.ATTEMPT_COUNT):
        ask = partial(plan_of, statement, values)
        steps = " / ".join(str(step[3]) for step in await opened.query(ask))
        assert "verifications_of_service (service=? AND created_at" in steps
        assert "SCAN" not in steps


def plan_of(statement: str, values: Mapping[str, object], conn: sqlite3.Connection) -> list[tuple[object, ...]]:
    return conn.execute(f"EXPLAIN QUERY PLAN {statement}", values).fetchall()


async def test_a_date_that_is_none_is_answered_with_what_one_looks_like(shop: Client) -> None:
    reply = await shop.get("/v2/Attempts?DateCreatedAfter=yesterday")
    assert reply.body["message"] == "Invalid parameter: DateCreatedAfter (RFC 3339, such as 2027-01-15T08:00:00Z)"
