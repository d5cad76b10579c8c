"""The carrier that leaves Twilio alone when it is half down: counted against a schedule of failures."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from saycode.twilio.circuit_breaker import FAILURE_THRESHOLD, FIRST_PAUSE, CircuitBreakerProvider
from tests.support.app import PHONE, House, open_house, open_page, path_of
from tests.support.asgi_client import Browser
from tests.support.fakes import ManualClock, RecordingCarrier
from tests.support.store import delivery
from verification.counters.rules import Limit
from verification.policy import DEFAULT_POLICY
from verification.ports import Accepted, Outcome, Rejected, TextMessage, Unclear
from verification.types import Channel, Scope
from verification.values.phone_numbers import PhoneNumber

DOWN = Unclear("HTTP 503")
TO = PhoneNumber(PHONE, "US")
ORDER = TextMessage(delivery="VL2", to=TO, code="012345", language="en-US", lifetime=300)


@pytest.fixture
def twilio() -> RecordingCarrier:
    return RecordingCarrier()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def guarded(twilio: RecordingCarrier, clock: ManualClock) -> CircuitBreakerProvider:
    return CircuitBreakerProvider(twilio, now=clock.now)


async def calls(provider: CircuitBreakerProvider, count: int) -> list[Outcome]:
    return [await provider.call(f"VL{n}", TO) for n in range(count)]


async def test_a_twilio_that_is_down_is_asked_a_few_times_and_then_left_alone(
    guarded: CircuitBreakerProvider, twilio: RecordingCarrier, clock: ManualClock
) -> None:
    twilio.script.extend([DOWN] * 1000)
    for _ in range(600):
        await calls(guarded, 1)
        clock.advance(1)
    # Ten minutes, a start each second: the run, then a probe after 10, 20, 40 and then every 60 seconds.
    assert len(twilio.calls) == FAILURE_THRESHOLD + 3 + (600 - 70 - FAILURE_THRESHOLD) // 60
    assert guarded.resting == {Channel.CALL}


async def test_a_twilio_that_works_again_is_used_again_with_the_first_probe(
    guarded: CircuitBreakerProvider, twilio: RecordingCarrier, clock: ManualClock
) -> None:
    twilio.script.extend([DOWN] * FAILURE_THRESHOLD)
    await calls(guarded, FAILURE_THRESHOLD + 20)
    assert len(twilio.calls) == FAILURE_THRESHOLD
    clock.advance(FIRST_PAUSE)
    assert all(isinstance(outcome, Accepted) for outcome in await calls(guarded, 10))
    assert guarded.resting == frozenset()


async def test_failures_now_and_then_turn_nobody_away(
    guarded: CircuitBreakerProvider, twilio: RecordingCarrier
) -> None:
    twilio.script.extend(DOWN if n % 3 == 0 else Accepted(f"CA{n}") for n in range(99))
    outcomes = await calls(guarded, 99)
    assert sum(outcome == DOWN for outcome in outcomes) == 33
    assert len(twilio.calls) == 99


async def test_texts_go_on_while_calls_rest(guarded: CircuitBreakerProvider, twilio: RecordingCarrier) -> None:
    twilio.script.extend([DOWN] * FAILURE_THRESHOLD)
    await calls(guarded, FAILURE_THRESHOLD)
    assert isinstance(await guarded.text(ORDER), Accepted)
    assert isinstance((await calls(guarded, 1))[0], Rejected)


async def test_hang_ups_go_out_and_look_ups_wait_while_calls_rest(
    guarded: CircuitBreakerProvider, twilio: RecordingCarrier
) -> None:
    twilio.script.extend([DOWN] * FAILURE_THRESHOLD)
    await calls(guarded, FAILURE_THRESHOLD)
    await guarded.hang_up("CA1")
    assert twilio.hung_up == ["CA1"]
    assert await guarded.fetch_status(delivery(provider_sid="CA1"), TO) is None
    assert twilio.looked_up == []


async def test_the_rest_and_its_end_are_logged_once(
    guarded: CircuitBreakerProvider, twilio: RecordingCarrier, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    twilio.script.extend([DOWN] * FAILURE_THRESHOLD)
    await calls(guarded, FAILURE_THRESHOLD + 5)
    clock.advance(FIRST_PAUSE)
    await calls(guarded, 5)
    assert [record.getMessage() for record in caplog.records] == ["circuit opened", "circuit closed"]


# Behind the doors.


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    one_an_hour = ((Scope.NUMBER, (Limit(count=1, seconds=3600),)),)
    async with open_house(
        tmp_path / "codes.db", policy=replace(DEFAULT_POLICY, limits=one_an_hour), guarded=True
    ) as house:
        yield house


async def begin(house: House, browser: Browser, n: int) -> None:
    details = {"username": f"user {n}", "phone": f"+141555501{n:02}", "channel": "call"}
    assert (await browser.post(path_of("start"), details)).status == 303


async def test_a_start_while_calls_rest_fails_at_once_offers_a_text_and_uses_up_no_allowance(house: House) -> None:
    house.provider.script.extend([DOWN] * FAILURE_THRESHOLD)
    for n in range(FAILURE_THRESHOLD):
        await begin(house, house.browser(), n)
    browser = house.browser()
    await begin(house, browser, 99)
    page = await open_page(browser)
    assert (page.state, page.heading) == ("ended", "We could not reach this phone.")
    assert page.next[0] == "sms"
    assert len(house.provider.calls) == FAILURE_THRESHOLD
    assert (await browser.post(path_of("next"), {"next": "sms"})).status == 303
    assert (await open_page(browser)).state == "code", "the number's one send an hour was not used up by the call"
    assert len(house.provider.texts) == 1
