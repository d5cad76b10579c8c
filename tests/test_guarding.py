"""The carrier that leaves Twilio alone when it is half down: counted against a schedule of failures."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from saycode.guarding import GuardedCarrier
from tests.asgi import Browser
from tests.door_fakes import PHONE, House, open_house, open_page, path_of
from tests.fakes import ManualClock, RecordingCarrier
from tests.table_support import delivery
from verification.breaker import PAUSE, RUN
from verification.limits import Limit, Scope
from verification.numbers import Number
from verification.policy import SEED
from verification.ports import Accepted, Outcome, Rejected, TextOrder, Unclear
from verification.states import Channel

DOWN = Unclear("HTTP 503")
TO = Number(PHONE, "US")
ORDER = TextOrder(delivery="VL2", to=TO, code="012345", language="en-US", lifetime=300)


@pytest.fixture
def twilio() -> RecordingCarrier:
    return RecordingCarrier()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def guarded(twilio: RecordingCarrier, clock: ManualClock) -> GuardedCarrier:
    return GuardedCarrier(twilio, now=clock.now)


async def calls(carrier: GuardedCarrier, count: int) -> list[Outcome]:
    return [await carrier.call(f"VL{n}", TO) for n in range(count)]


async def test_a_twilio_that_is_down_is_asked_a_few_times_and_then_left_alone(
    guarded: GuardedCarrier, twilio: RecordingCarrier, clock: ManualClock
) -> None:
    twilio.script.extend([DOWN] * 1000)
    for _ in range(600):
        await calls(guarded, 1)
        clock.advance(1)
    # Ten minutes, a start each second: the run, then a probe after 10, 20, 40 and then every 60 seconds.
    assert len(twilio.calls) == RUN + 3 + (600 - 70 - RUN) // 60
    assert guarded.resting == {Channel.CALL}


async def test_a_twilio_that_works_again_is_used_again_with_the_first_probe(
    guarded: GuardedCarrier, twilio: RecordingCarrier, clock: ManualClock
) -> None:
    twilio.script.extend([DOWN] * RUN)
    await calls(guarded, RUN + 20)
    assert len(twilio.calls) == RUN
    clock.advance(PAUSE)
    assert all(isinstance(outcome, Accepted) for outcome in await calls(guarded, 10))
    assert guarded.resting == frozenset()


async def test_failures_now_and_then_turn_nobody_away(guarded: GuardedCarrier, twilio: RecordingCarrier) -> None:
    twilio.script.extend(DOWN if n % 3 == 0 else Accepted(f"CA{n}") for n in range(99))
    outcomes = await calls(guarded, 99)
    assert sum(outcome == DOWN for outcome in outcomes) == 33
    assert len(twilio.calls) == 99


async def test_texts_go_on_while_calls_rest(guarded: GuardedCarrier, twilio: RecordingCarrier) -> None:
    twilio.script.extend([DOWN] * RUN)
    await calls(guarded, RUN)
    assert isinstance(await guarded.text(ORDER), Accepted)
    assert isinstance((await calls(guarded, 1))[0], Rejected)


async def test_hang_ups_go_out_and_look_ups_wait_while_calls_rest(
    guarded: GuardedCarrier, twilio: RecordingCarrier
) -> None:
    twilio.script.extend([DOWN] * RUN)
    await calls(guarded, RUN)
    await guarded.hang_up("CA1")
    assert twilio.hung_up == ["CA1"]
    assert await guarded.look_up(delivery(carrier_sid="CA1"), TO) is None
    assert twilio.looked_up == []


async def test_the_rest_and_its_end_are_logged_once(
    guarded: GuardedCarrier, twilio: RecordingCarrier, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    twilio.script.extend([DOWN] * RUN)
    await calls(guarded, RUN + 5)
    clock.advance(PAUSE)
    await calls(guarded, 5)
    assert [record.getMessage() for record in caplog.records] == ["channel rests", "channel works again"]


# Behind the doors.


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    one_an_hour = ((Scope.NUMBER, (Limit(count=1, seconds=3600),)),)
    async with open_house(tmp_path / "codes.db", policy=replace(SEED, limits=one_an_hour), guarded=True) as house:
        yield house


async def begin(house: House, browser: Browser, n: int) -> None:
    details = {"username": f"user {n}", "phone": f"+141555501{n:02}", "channel": "call"}
    assert (await browser.post(path_of("start"), details)).status == 303


async def test_a_start_while_calls_rest_fails_at_once_offers_a_text_and_uses_up_no_allowance(house: House) -> None:
    house.carrier.script.extend([DOWN] * RUN)
    for n in range(RUN):
        await begin(house, house.browser(), n)
    browser = house.browser()
    await begin(house, browser, 99)
    page = await open_page(browser)
    assert (page.state, page.heading) == ("ended", "We could not reach this phone.")
    assert page.next[0] == "sms"
    assert len(house.carrier.calls) == RUN
    assert (await browser.post(path_of("next"), {"next": "sms"})).status == 303
    assert (await open_page(browser)).state == "code", "the number's one send an hour was not used up by the call"
    assert len(house.carrier.texts) == 1
