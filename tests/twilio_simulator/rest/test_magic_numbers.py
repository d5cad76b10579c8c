"""Test credentials, magic numbers, and injected faults."""

from __future__ import annotations

import asyncio
import base64
import json

import aiohttp
import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient

from tests.support.simulator import ACCOUNT, BASE, PHONE, TEST_PAIR, TOKEN, TWILIO_NUMBER
from tests.support.simulator_rest import CALL, ROOT, TEXT, VOICE, RestSimulator, code_of
from twilio_simulator.core.faults import Fault, FaultKind
from twilio_simulator.network.call import CallStatus


@pytest.mark.parametrize(
    ("to", "sender", "code"),
    [
        ("+15005550001", "+15005550006", 21217),
        ("+15005550002", "+15005550006", 21214),
        ("+15005550003", "+15005550006", 21215),
        ("+15005550004", "+15005550006", 21216),
        (PHONE, "+15005550001", 21212),
        (PHONE, TWILIO_NUMBER, 21210),
        ("+1415", "+15005550006", 21217),
    ],
)
def test_magic_numbers_of_calls(rest: RestSimulator, to: str, sender: str, code: int) -> None:
    client = rest.client(*TEST_PAIR, TEST_PAIR[0])
    assert code_of(lambda: client.calls.create(to=to, from_=sender, url=VOICE)) == code


@pytest.mark.parametrize(
    ("to", "sender", "code"),
    [
        ("+15005550001", "+15005550006", 21211),
        ("+15005550002", "+15005550006", 21612),
        ("+15005550003", "+15005550006", 21408),
        ("+15005550004", "+15005550006", 21610),
        ("+15005550009", "+15005550006", 21614),
        (PHONE, "+15005550001", 21212),
        (PHONE, "+15005550007", 21606),
        (PHONE, "+15005550008", 21611),
        (PHONE, TWILIO_NUMBER, 21606),
    ],
)
def test_magic_numbers_of_messages(rest: RestSimulator, to: str, sender: str, code: int) -> None:
    client = rest.client(*TEST_PAIR, TEST_PAIR[0])
    assert code_of(lambda: client.messages.create(to=to, from_=sender, body="Hello")) == code


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"phone_number": "+15005550000"}, 21422),
        ({"phone_number": "+15005550001"}, 21421),
        ({"phone_number": PHONE}, 21422),
        ({"area_code": "415"}, 21452),
        ({"area_code": "533"}, 21452),
    ],
)
def test_magic_numbers_of_buying(rest: RestSimulator, wanted: dict[str, str], code: int) -> None:
    client = rest.client(*TEST_PAIR, TEST_PAIR[0])
    assert code_of(lambda: client.incoming_phone_numbers.create(**wanted)) == code


@pytest.mark.parametrize("wanted", [{"phone_number": "+15005550006"}, {"area_code": "500"}])
def test_a_magic_number_can_be_bought_and_is_not_kept(rest: RestSimulator, wanted: dict[str, str]) -> None:
    client = rest.client(*TEST_PAIR, TEST_PAIR[0])
    assert client.incoming_phone_numbers.create(**wanted).sid
    assert rest.twilio.numbers == {}


def test_test_credentials_ring_nothing_and_keep_nothing(rest: RestSimulator) -> None:
    client = rest.client(*TEST_PAIR, TEST_PAIR[0])
    call = client.calls.create(to=PHONE, from_="+15005550006", url=VOICE, status_callback=BASE + "/status")
    text = client.messages.create(to=PHONE, from_="+15005550006", body="Hello")
    assert (call.status, text.status) == ("queued", "queued")
    assert (call.account_sid, text.account_sid) == (TEST_PAIR[0], TEST_PAIR[0])
    rest.advance(100)
    assert (rest.twilio.calls, rest.twilio.messages, rest.customer.requests) == ({}, {}, [])


@pytest.mark.parametrize(
    "path", ["Calls.json", "Messages.json", "IncomingPhoneNumbers.json", "Balance.json", "Notifications.json"]
)
def test_test_credentials_reach_nothing_else(rest: RestSimulator, path: str) -> None:
    secret = base64.b64encode(":".join(TEST_PAIR).encode()).decode()
    address = f"/2010-04-01/Accounts/{TEST_PAIR[0]}/{path}"
    status, _, body = rest.http("GET", address, Authorization=f"Basic {secret}")
    assert (status, json.loads(body)["code"]) == (403, 20008)


def test_test_credentials_can_neither_read_the_account_nor_look_up(rest: RestSimulator) -> None:
    client = rest.client(*TEST_PAIR, TEST_PAIR[0])
    for action in (client.api.v2010.account.fetch, client.lookups.v2.phone_numbers(PHONE).fetch):
        assert code_of(action) == 20008


@pytest.mark.parametrize(("to", "code"), [("+15005550002", 21214), ("+15005550004", 21216)])
def test_magic_numbers_are_scripted_outcomes_for_live_credentials_too(rest: RestSimulator, to: str, code: int) -> None:
    assert code_of(lambda: rest.client().calls.create(**{**CALL, "to": to})) == code


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (500, 20500), (503, 20503)])
def test_the_next_request_can_be_refused(rest: RestSimulator, status: int, code: int) -> None:
    rest.twilio.fail_next(status)
    with pytest.raises(TwilioRestException) as refused:
        rest.client().calls.create(**CALL)
    assert (refused.value.status, refused.value.code) == (status, code)
    assert not rest.twilio.calls
    assert rest.client().calls.create(**CALL).sid


def test_a_429_can_have_a_retry_after_header(rest: RestSimulator) -> None:
    rest.twilio.fail_next(429, retry_after=7)
    assert rest.http("GET", f"{ROOT}/Calls.json")[1]["retry-after"] == "7"


def test_a_fault_can_come_several_times_and_for_one_address_only(rest: RestSimulator) -> None:
    rest.twilio.fail_next(500, times=2, path="Calls.json")
    client = rest.client()
    assert client.messages.create(**TEXT).sid
    for _ in range(2):
        assert code_of(lambda: client.calls.create(**CALL)) == 20500
    assert client.calls.create(**CALL).sid


def test_a_fault_can_be_a_page_of_html(rest: RestSimulator) -> None:
    rest.twilio.faults.add(Fault(FaultKind.STATUS, status=502, html=True))
    with pytest.raises(TwilioRestException) as refused:
        rest.client().calls.create(**CALL)
    assert refused.value.status == 502


def test_a_call_can_be_made_although_the_client_is_refused(rest: RestSimulator) -> None:
    rest.twilio.faults.add(Fault(FaultKind.REFUSE_AFTER_CREATE, status=500))
    assert code_of(lambda: rest.client().calls.create(**CALL)) == 20500
    rest.settle()
    assert [call.status for call in rest.twilio.calls.values()] == [CallStatus.RINGING]


@pytest.mark.parametrize(("kind", "calls"), [(FaultKind.TIMEOUT, 0), (FaultKind.TIMEOUT_AFTER_CREATE, 1)])
def test_a_request_can_hang_before_or_after_the_call_is_made(rest: RestSimulator, kind: FaultKind, calls: int) -> None:
    rest.twilio.faults.add(Fault(kind))
    client = rest.client()
    client.http_client = TwilioHttpClient(timeout=0.1)
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.calls.create(**CALL)
    assert len(rest.twilio.calls) == calls


async def test_too_many_requests_at_once_are_refused(rest: RestSimulator) -> None:
    rest.twilio.account.concurrent_requests = 1
    rest.twilio.faults.add(Fault(FaultKind.TIMEOUT, hang=5))
    headers = {"Authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()}
    url = f"{rest.server.url}{ROOT}/Calls.json"
    async with aiohttp.ClientSession(headers=headers) as session:
        hanging = asyncio.create_task(session.get(url))
        while not rest.twilio.request_log.requests:
            await asyncio.sleep(0.005)
        async with session.get(url) as answer:
            assert (answer.status, (await answer.json())["code"]) == (429, 20429)
        hanging.cancel()
