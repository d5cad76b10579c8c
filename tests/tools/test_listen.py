"""The parts of `make listen` that need no voice and no model: what is listened to, the score, and the page."""

import pytest

from saycode.reports.preview import Preview
from saycode.reports.sound import Silence, Speech
from tools.listen import report
from tools.listen.readings import (
    READINGS,
    SHORT_PAUSE,
    Reading,
    Score,
    before_first_digit,
    draw_codes,
    first,
    one_at_a_time,
    score,
    slowly,
    wording,
)
from twiml.words import LANGUAGES, words

ENGLISH = words("en-US")


def test_codes_are_the_same_for_everyone_and_have_every_digit_at_every_place() -> None:
    codes = draw_codes(200, 1)
    assert codes[:2] == draw_codes(2, 1)
    assert codes[:2] != draw_codes(2, 2)
    assert {len(code) for code in codes} == {6}
    assert all({code[place] for code in codes} == set("0123456789") for place in range(6))


def test_the_first_reading_is_the_sentence_with_the_code() -> None:
    (reading,) = first(ENGLISH, "639402")
    assert reading == Reading((Speech("Your code is: 6, 3, 9, 4, 0, 2"),), "Your code is: ", "639402")


def test_the_slow_reading_is_slow_and_its_pauses_are_short_for_the_recognizer() -> None:
    (reading,) = slowly(ENGLISH, "639402")
    assert [piece.text for piece in reading.said if isinstance(piece, Speech)][1:] == list("639402")
    assert {piece.speed for piece in reading.said if isinstance(piece, Speech)} == {1.0, 0.85}
    assert {piece.seconds for piece in reading.said if isinstance(piece, Silence)} == {SHORT_PAUSE}


def test_one_at_a_time_is_heard_digit_by_digit() -> None:
    readings = one_at_a_time(ENGLISH, "639402")
    assert [reading.digits for reading in readings] == list("639402")
    assert [len(reading.said) for reading in readings] == [2] * 6


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reading_of_every_language_has_the_digits_after_the_words(language: str) -> None:
    spoken = words(language)
    for read in READINGS.values():
        readings = read(spoken, "639402")
        assert "".join(reading.digits for reading in readings) == "639402"
        assert all(reading.said and reading.before.strip() for reading in readings)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_comes_before_the_first_digit_has_no_digit_of_keys_or_code(language: str) -> None:
    said, pressing = before_first_digit(Preview(words(language), "Acme", "sign-in"))
    texts = [piece.text for piece in said if isinstance(piece, Speech)]
    assert "Acme" in texts[0]
    assert not any(character.isdigit() for text in texts for character in text)
    assert pressing == pytest.approx(1.8)


def test_a_score_counts_codes_and_names_the_most_frequent_mistakes() -> None:
    heard = score(["123456", "555555", "000000"], ["123456", "995955", "00000"])
    assert heard == Score(codes=3, right=1, digits_wrong=4, mistakes=("5>9: 3", "0>-: 1"))


def test_a_digest_of_the_wording_changes_with_the_wording_only() -> None:
    assert wording(ENGLISH) == wording(words("en-US"))
    assert wording(ENGLISH) != wording(words("de-DE"))


def test_the_table_marks_a_voice_that_was_measured_with_an_older_wording_and_what_takes_too_long() -> None:
    figures = {"codes": 2, "right": 1, "digits_wrong": 1, "mistakes": ["5>9: 1"]}
    result = {**dict.fromkeys(READINGS, figures), "wording": "older", "seconds": {"short": 12.1, "long": 20.0}}
    (row,) = (line for line in report.table({"en-US Test": result}).splitlines() if "Test" in line)
    assert row.startswith("| en-US † | Test | 1 of 2 (5>9: 1) |")
    assert "**12.1**" in row
    assert "**20.0**" not in row


def test_the_page_has_a_row_for_every_language_and_the_figures_of_today() -> None:
    page = report.PAGE.read_text(encoding="utf-8")
    assert page == report.page(), "run `make docs`"
    assert all(f"| {language} " in page for language in LANGUAGES)
