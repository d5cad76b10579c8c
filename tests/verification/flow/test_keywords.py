"""Keywords: Twilio's own words are Twilio's to answer; any reasonable wording of "stop" stops."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.flow.inbound import Keyword, parse_keyword

PROVIDER = {
    Keyword.STOP: ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"],
    Keyword.START: ["START", "YES", "UNSTOP"],
    Keyword.HELP: ["HELP", "INFO"],
}
EXACT = [(word, keyword) for keyword, words in PROVIDER.items() for word in words]


@pytest.mark.parametrize(("word", "keyword"), EXACT)
def test_a_word_that_twilio_answers_by_itself_is_ours_to_obey_and_not_to_answer(word: str, keyword: Keyword) -> None:
    for spelling, form in product((word, word.lower(), word.title()), ("{}", " {} ", "\n{}\r\n")):
        assert parse_keyword(form.format(spelling)) == (keyword, True)


@pytest.mark.parametrize(("word", "keyword"), EXACT)
def test_the_same_word_with_other_signs_around_it_is_answered_by_us(word: str, keyword: Keyword) -> None:
    for form in ("{}!", "{}.", "“{}”", "- {} -", "{}\x00"):
        assert parse_keyword(form.format(word)) == (keyword, False)


@pytest.mark.parametrize(
    "body",
    [
        "opt out",
        "Opt-Out",
        "ARRET",
        "arrêt",
        "Arrêter",
        "parar",
        "Stopp",
        "STOP PLEASE",
        "please stop",
        "please stop texting me",
        "Stop calling this number",
        "don't call me",
        "Don\u2019t text me again",
        "DO NOT CONTACT ME",
        "never message me again",
        "no more texts",
        "quit texting me",
        "unsubscribe me please",
        "remove me from your list",
        "leave me alone",
        "Please opt me out... opt out",
        "ＳＴＯＰ",
    ],
)
def test_free_wording_of_stop_is_a_stop_that_we_answer(body: str) -> None:
    assert parse_keyword(body) == (Keyword.STOP, False)


@pytest.mark.parametrize(
    "body",
    [
        "S T O P",
        "stop all",
        "Opt-out.",
        "Stopp!",
        "baja",
        "abmelden",
        "Aufhören",
        "İPTAL",
        "退订",
        "停止",
        "توقف",
        "sair",
    ],
)
def test_stop_in_other_spellings_and_languages_is_a_stop(body: str) -> None:
    assert parse_keyword(body) == (Keyword.STOP, False)


@pytest.mark.parametrize(
    "body",
    [
        "REPORT",
        "report!",
        "NO",
        "No.",
        "not me",
        "It wasn’t me",
        "Nein",
        "non",
        "não",
        "NEJ",
        "ei",
        "nie",
        "Hayır",
        "hayir",
        "いいえ",
        "不是我",
        "لا",
        "nee",
        "ne",
    ],
)
def test_a_report_is_the_text_form_of_key_zero(body: str) -> None:
    assert parse_keyword(body) == (Keyword.REPORT, False)


@pytest.mark.parametrize("body", ["no problem", "not now", "report card", "nope nope", "noo", "know"])
def test_a_sentence_with_no_in_it_is_no_report(body: str) -> None:
    assert parse_keyword(body) == (Keyword.OTHER, False)


@pytest.mark.parametrize("body", ["CALL", "call", " Call me! ", "ring"])
def test_call_asks_to_be_rung(body: str) -> None:
    assert parse_keyword(body) == (Keyword.CALL, False)


@pytest.mark.parametrize(
    "body",
    ["", " ", "\x00", "123456", "hello", "who is this?", "recall", "the end", "stopwatch", "start-up", "😀" * 99],
)
def test_anything_else_asks_for_nothing(body: str) -> None:
    assert parse_keyword(body) == (Keyword.OTHER, False)


@pytest.mark.parametrize("word", ["stop ", "do not ", "opt ", "never never "])
def test_a_long_text_is_read_in_no_time_and_only_at_its_beginning(word: str) -> None:
    keyword, _ = parse_keyword("hello " + word * 10_000)
    assert keyword in (Keyword.OTHER, Keyword.STOP)
    assert parse_keyword("x " * 800 + "stop texting me") == (Keyword.OTHER, False)


@given(st.text(max_size=80))
def test_no_text_is_too_strange_to_be_read(body: str) -> None:
    keyword, provider_replies = parse_keyword(body)
    assert keyword in Keyword
    assert not (provider_replies and keyword in (Keyword.CALL, Keyword.REPORT, Keyword.OTHER))
