"""kill -9 at random moments under load: whatever Twilio was asked to do, the code table knows of it, and nothing twice.

Fifty rounds here; `python -m tests.kills --rounds 1000` for more.
"""

from pathlib import Path

from tests.kills.__main__ import run

ROUNDS = 50


def test_fifty_times_killed_under_load_and_the_ledgers_agree_each_time(tmp_path: Path) -> None:
    loop = run(ROUNDS, seed=ROUNDS, folder=tmp_path)
    assert loop.books.wrong == []
    assert len(loop.books.taken) > 3 * ROUNDS, "people were there"
    assert sum(person.welcome for person in loop.crowd.people) > ROUNDS // 2


def test_told_to_stop_under_load_it_ends_within_ten_seconds_and_leaves_nothing_undone(tmp_path: Path) -> None:
    loop = run(2, seed=2, folder=tmp_path, softly=True)
    assert loop.books.wrong == []
    assert len(loop.books.taken) > 2, "people were there"
