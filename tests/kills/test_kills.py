"""kill -9 at random moments under load: every request to Twilio is in the database, and none was made twice.

Fifty rounds here; `python -m tests.kills --rounds 1000` for more.
"""

from pathlib import Path

from tests.kills.__main__ import run

ROUNDS = 50


def test_the_database_agrees_with_twilio_after_each_of_fifty_kills_under_load(tmp_path: Path) -> None:
    loop = run(ROUNDS, seed=ROUNDS, folder=tmp_path)
    assert loop.comparison.differences == []
    assert len(loop.comparison.accepted) > 3 * ROUNDS, "there was load"
    assert sum(user.approved for user in loop.load.users) > ROUNDS // 2


def test_sigterm_under_load_ends_within_ten_seconds_and_leaves_no_delivery_unclear(tmp_path: Path) -> None:
    loop = run(2, seed=2, folder=tmp_path, gracefully=True)
    assert loop.comparison.differences == []
    assert len(loop.comparison.accepted) > 2, "there was load"
