"""The steady clock and the secure randomness."""

from saycode.server.clock import SteadyClock, randomness
from tests.support.fakes import ManualClock


def test_the_clock_follows_the_wall_clock() -> None:
    wall, monotonic = ManualClock(1000), ManualClock(5)
    clock = SteadyClock(wall=wall.now, monotonic=monotonic.now)
    assert clock.now() == 1000
    wall.advance(10)
    monotonic.advance(10)
    assert clock.now() == 1010


def test_a_clock_that_is_set_back_does_not_lengthen_anything() -> None:
    wall, monotonic = ManualClock(1000), ManualClock(5)
    clock = SteadyClock(wall=wall.now, monotonic=monotonic.now)
    wall.advance(-500)
    assert clock.now() == 1000
    wall.advance(30)
    monotonic.advance(30)
    assert clock.now() == 1030


def test_a_clock_that_is_set_forward_is_followed_and_never_goes_back() -> None:
    wall, monotonic = ManualClock(1000), ManualClock(5)
    clock = SteadyClock(wall=wall.now, monotonic=monotonic.now)
    wall.advance(3600)
    assert clock.now() == 4600
    wall.advance(-3600)
    monotonic.advance(1)
    assert clock.now() == 4601


def test_randomness_has_the_length_asked_for_and_never_repeats() -> None:
    drawn = [randomness(16) for _ in range(1000)]
    assert {len(value) for value in drawn} == {16}
    assert len(set(drawn)) == 1000
