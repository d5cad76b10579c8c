"""A circuit opens after a run of failures; probes close it again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.twilio.provider import (
    FAILURE_THRESHOLD,
    FIRST_PAUSE,
    MAX_PAUSE,
    PROBE_TIMEOUT,
    CircuitBreaker,
    CircuitBreakers,
    is_failure,
)
from tests.support.app import PHONE, GuardedProvider, RunningApp, open_page, path_of, running_app
from tests.support.asgi_client import Browser
from tests.support.fakes import ManualClock
from verification.counters.rules import Limit
from verification.policy import DEFAULT_POLICY
from verification.ports import Accepted, Outcome, Rejected, TextMessage, Unclear
from verification.types import Channel, Scope
from verification.values.phone_numbers import PhoneNumber

NOW = 1000.0
ACCEPTED = Accepted("CA1")
DOWN = Unclear("HTTP 503")
TRY_LATER = Rejected(permanent=False, code=20429)
NEVER = Rejected(permanent=True, code=21211)
CLOSED = CircuitBreaker()
TO = PhoneNumber(PHONE, "US")
ORDER = TextMessage(delivery="VL2", channel=Channel.SMS, to=TO, code="012345", language="en-US", lifetime=300)


# One channel


def after(*outcomes: Outcome, at: float = NOW, breaker: CircuitBreaker = CLOSED) -> CircuitBreaker:
    """The breaker after these outcomes, each of a start that was admitted."""
    for outcome in outcomes:
        admitted = breaker.admit(now=at)
        assert admitted is not None
        breaker = admitted.after(outcome, now=at)
    return breaker


OPEN = after(*[DOWN] * FAILURE_THRESHOLD)


@pytest.mark.parametrize("outcome", [DOWN, TRY_LATER])
def test_after_a_run_of_failures_starts_are_turned_away(outcome: Outcome) -> None:
    closed = after(*[outcome] * (FAILURE_THRESHOLD - 1))
    assert not closed.is_open
    opened = after(outcome, breaker=closed)
    assert opened.is_open
    assert opened.admit(now=NOW + FIRST_PAUSE - 0.1) is None


@pytest.mark.parametrize("outcome", [ACCEPTED, NEVER])
def test_an_answer_ends_the_run(outcome: Outcome) -> None:
    assert not is_failure(outcome)
    assert after(*[DOWN] * (FAILURE_THRESHOLD - 1), outcome) == CLOSED


def test_after_the_pause_one_start_goes_out_and_the_others_wait_for_its_outcome() -> None:
    probe = OPEN.admit(now=NOW + FIRST_PAUSE)
    assert probe is not None
    assert probe.admit(now=NOW + FIRST_PAUSE) is None
    assert probe.admit(now=NOW + FIRST_PAUSE + PROBE_TIMEOUT - 0.1) is None


def test_a_probe_that_never_ends_does_not_keep_the_circuit_open_forever() -> None:
    probe = OPEN.admit(now=NOW + FIRST_PAUSE)
    assert probe is not None
    assert probe.admit(now=NOW + FIRST_PAUSE + PROBE_TIMEOUT) is not None


def test_an_accepted_probe_closes_the_circuit_at_once() -> None:
    assert after(ACCEPTED, at=NOW + FIRST_PAUSE, breaker=OPEN) == CLOSED


def test_each_failed_probe_doubles_the_pause_up_to_a_limit() -> None:
    breaker, at, pauses = OPEN, NOW, []
    for _ in range(5):
        at = breaker.retry_at
        breaker = after(DOWN, at=at, breaker=breaker)
        pauses.append(breaker.retry_at - at)
    assert pauses == [2 * FIRST_PAUSE, 4 * FIRST_PAUSE, MAX_PAUSE, MAX_PAUSE, MAX_PAUSE]


def test_failures_of_starts_from_before_the_opening_do_not_lengthen_the_pause() -> None:
    assert OPEN.after(DOWN, now=NOW + 9) == OPEN


# All channels of a process


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def guarded(clock: ManualClock) -> GuardedProvider:
    return GuardedProvider(breakers=CircuitBreakers(now=clock.now))


async def calls(provider: GuardedProvider, count: int) -> list[Outcome]:
    return [await provider.call(f"VL{n}", TO) for n in range(count)]


async def test_a_twilio_that_is_down_gets_a_few_requests_and_then_only_probes(
    guarded: GuardedProvider, clock: ManualClock
) -> None:
    guarded.script.extend([DOWN] * 1000)
    for _ in range(600):
        await calls(guarded, 1)
        clock.advance(1)
    # Ten minutes, a start each second: the run, then a probe after 10, 20, 40 and then every 60 seconds.
    assert len(guarded.calls) == FAILURE_THRESHOLD + 3 + (600 - 70 - FAILURE_THRESHOLD) // 60
    assert guarded.breakers.open_channels() == {Channel.CALL}


async def test_a_twilio_that_works_again_is_used_again_with_the_first_probe(
    guarded: GuardedProvider, clock: ManualClock
) -> None:
    guarded.script.extend([DOWN] * FAILURE_THRESHOLD)
    await calls(guarded, FAILURE_THRESHOLD + 20)
    assert len(guarded.calls) == FAILURE_THRESHOLD
    clock.advance(FIRST_PAUSE)
    assert all(isinstance(outcome, Accepted) for outcome in await calls(guarded, 10))
    assert guarded.breakers.open_channels() == frozenset()


async def test_failures_between_successes_open_no_circuit(guarded: GuardedProvider) -> None:
    guarded.script.extend(DOWN if n % 3 == 0 else Accepted(f"CA{n}") for n in range(99))
    outcomes = await calls(guarded, 99)
    assert sum(outcome == DOWN for outcome in outcomes) == 33
    assert len(guarded.calls) == 99


async def test_texts_go_out_while_the_circuit_for_calls_is_open(guarded: GuardedProvider) -> None:
    guarded.script.extend([DOWN] * FAILURE_THRESHOLD)
    await calls(guarded, FAILURE_THRESHOLD)
    assert isinstance(await guarded.text(ORDER), Accepted)
    assert isinstance((await calls(guarded, 1))[0], Rejected)


async def test_opening_and_closing_are_logged_once(
    guarded: GuardedProvider, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    guarded.script.extend([DOWN] * FAILURE_THRESHOLD)
    await calls(guarded, FAILURE_THRESHOLD + 5)
    clock.advance(FIRST_PAUSE)
    await calls(guarded, 5)
    assert [record.getMessage() for record in caplog.records] == ["circuit opened", "circuit closed"]


# On the page


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    one_an_hour = ((Scope.NUMBER, (Limit(count=1, seconds=3600),)),)
    policy = replace(DEFAULT_POLICY, limits=one_an_hour)
    async with running_app(tmp_path / "codes.db", policy=policy, guarded=True) as running:
        yield running


async def begin(running: RunningApp, browser: Browser, n: int) -> None:
    details = {"username": f"user {n}", "phone": f"+141555501{n:02}", "channel": "call"}
    assert (await browser.post(path_of("start"), details)).status == 303


async def test_a_start_with_an_open_circuit_fails_at_once_offers_a_text_and_uses_up_no_allowance(
    running: RunningApp,
) -> None:
    running.provider.script.extend([DOWN] * FAILURE_THRESHOLD)
    for n in range(FAILURE_THRESHOLD):
        await begin(running, running.browser(), n)
    browser = running.browser()
    await begin(running, browser, 99)
    page = await open_page(browser)
    assert (page.state, page.heading) == ("ended", "We could not reach this phone")
    assert page.next[0] == "sms"
    assert len(running.provider.calls) == FAILURE_THRESHOLD
    assert (await browser.post(path_of("next_step"), {"next": "sms"})).status == 303
    assert (await open_page(browser)).state == "code", "the number's one send an hour was not used up by the call"
    assert len(running.provider.texts) == 1
