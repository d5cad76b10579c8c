"""The short form of the simulation of the limits; `make simulate-limits` prints the whole table."""

import pytest

from saycode.config.sizes import Size
from tests.simulation.limits import honest, pumped


@pytest.mark.parametrize(
    ("size", "rate", "completion", "hours"),
    [
        (Size.SMALL, 3, 0.5, 48),
        (Size.SMALL, 60, 0.5, 8),
        (Size.MEDIUM, 3, 0.65, 24),
        (Size.MEDIUM, 900, 0.5, 0.5),
        (Size.LARGE, 10_000, 0.5, 0.05),
    ],
)
def test_honest_traffic_is_refused_less_than_once_in_a_thousand(
    size: Size, rate: float, completion: float, hours: float
) -> None:
    people = honest(size, rate, completion, hours=hours)
    assert people.starts > 100 or rate < 10
    assert people.refused <= people.starts / 1000


@pytest.mark.parametrize(
    ("target", "sources", "most"),
    [("neighbors", 50, 60), ("a block", 1, 40), ("a block", 50, 80), ("a country", 5000, 300)],
)
def test_pumping_stops(target: str, sources: int, most: int) -> None:
    attack, _ = pumped(Size.SMALL, sources, target, hours=0.5, pause=2)
    assert attack.tally.sends <= most
    assert attack.tally.refused > attack.tally.starts / 2


def test_pumping_of_one_service_refuses_nothing_to_the_others() -> None:
    attack, people = pumped(Size.SMALL, 50, "a country", rate=60, hours=0.3, pause=2)
    assert people is not None
    assert attack.tally.refused > 50
    assert people.other_services.starts > 5
    assert people.other_services.refused == 0
