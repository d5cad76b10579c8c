"""The seeded simulation.

It uses no thread, no socket and no clock of the machine. See `tests/simulation`.
"""

from pathlib import Path

import pytest

from tests.simulation.__main__ import first_broken
from tests.simulation.bugs import BUGS, ROOT, Bug, hunt, missing, plant, simulate
from tests.support import engine
from tests.support.postgresql import Server

_PART = 2000
_ON_POSTGRESQL = 1000 if engine.POSTGRESQL else 100


@pytest.mark.sqlite
@pytest.mark.parametrize("first", range(0, 10_000, _PART))
def test_no_invariant_breaks_in_any_of_these_seeds(first: int) -> None:
    found = first_broken(first, _PART)
    assert found is None, f"{found[1]}\nto repeat it: python -m tests.simulation --seed {found[0]}"


def test_no_invariant_breaks_on_postgresql(postgresql: Server) -> None:
    with postgresql.database() as url:
        found = first_broken(20_000, _ON_POSTGRESQL, url)
    assert found is None, f"{found[1]}\nto repeat it: python -m tests.simulation --store postgresql --seed {found[0]}"


def test_a_bug_is_found_and_its_seed_repeats_it(tmp_path: Path) -> None:
    bug = BUGS[0]
    found = hunt(bug, seeds=100)
    assert found is not None
    seed, said = found
    plant(bug, tmp_path)
    stories = {simulate(tmp_path, "--seed", str(seed)).stdout for _ in range(2)}
    assert len(stories) == 1
    assert said in stories.pop()


def test_a_seed_that_breaks_nothing_ends_well() -> None:
    ran = simulate(ROOT, "--seed", "1")
    assert ran.returncode == 0, ran.stderr
    assert " worker " in ran.stdout


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_every_seeded_bug_still_fits_the_rules(bug: Bug) -> None:
    assert not missing(bug)
