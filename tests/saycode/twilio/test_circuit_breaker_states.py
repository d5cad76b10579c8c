"""The breaker: after a run of failures a channel rests, and probes let it recover."""

import pytest

from saycode.twilio.circuit_breaker import (
    FAILURE_THRESHOLD,
    FIRST_PAUSE,
    MAX_PAUSE,
    PROBE_TIMEOUT,
    CircuitBreaker,
    is_failure,
)
from verification.ports import Accepted, Outcome, Rejected, Unclear

NOW = 1000.0
TAKEN = Accepted("CA1")
UNCLEAR = Unclear("HTTP 502")
TRY_LATER = Rejected(permanent=False, code=20429)
NEVER = Rejected(permanent=True, code=21211)
CLOSED = CircuitBreaker()


def after(*outcomes: Outcome, at: float = NOW, breaker: CircuitBreaker = CLOSED) -> CircuitBreaker:
    """The breaker after these answers, each to a start that was let out."""
    for outcome in outcomes:
        admitted = breaker.admit(now=at)
        assert admitted is not None
        breaker = admitted.after(outcome, now=at)
    return breaker


RESTING = after(*[UNCLEAR] * FAILURE_THRESHOLD)


@pytest.mark.parametrize("outcome", [UNCLEAR, TRY_LATER])
def test_after_a_run_of_failures_starts_are_turned_away(outcome: Outcome) -> None:
    nearly = after(*[outcome] * (FAILURE_THRESHOLD - 1))
    assert not nearly.resting
    rests = after(outcome, breaker=nearly)
    assert rests.resting
    assert rests.admit(now=NOW + FIRST_PAUSE - 0.1) is None


@pytest.mark.parametrize("outcome", [TAKEN, NEVER])
def test_an_answer_ends_the_run(outcome: Outcome) -> None:
    assert not is_failure(outcome)
    assert after(*[UNCLEAR] * (FAILURE_THRESHOLD - 1), outcome) == CircuitBreaker()


def test_after_the_pause_one_start_goes_out_and_the_others_wait_for_what_becomes_of_it() -> None:
    probe = RESTING.admit(now=NOW + FIRST_PAUSE)
    assert probe is not None
    assert probe.admit(now=NOW + FIRST_PAUSE) is None
    assert probe.admit(now=NOW + FIRST_PAUSE + PROBE_TIMEOUT - 0.1) is None


def test_a_probe_that_never_ends_does_not_keep_the_channel_shut_for_ever() -> None:
    probe = RESTING.admit(now=NOW + FIRST_PAUSE)
    assert probe is not None
    assert probe.admit(now=NOW + FIRST_PAUSE + PROBE_TIMEOUT) is not None


def test_a_probe_that_is_taken_opens_the_channel_at_once() -> None:
    assert after(TAKEN, at=NOW + FIRST_PAUSE, breaker=RESTING) == CircuitBreaker()


def test_each_probe_that_fails_doubles_the_pause_up_to_a_limit() -> None:
    breaker, at, pauses = RESTING, NOW, []
    for _ in range(5):
        at = breaker.until
        breaker = after(UNCLEAR, at=at, breaker=breaker)
        pauses.append(breaker.until - at)
    assert pauses == [2 * FIRST_PAUSE, 4 * FIRST_PAUSE, MAX_PAUSE, MAX_PAUSE, MAX_PAUSE]


def test_failures_of_starts_from_before_the_rest_do_not_make_it_longer() -> None:
    assert RESTING.after(UNCLEAR, now=NOW + 9) == RESTING
