import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from twiml import languages
from twiml.sentences import EndingWords
from twiml.words import LANGUAGES, NEUTRAL, Words, fill, words, words_in_voice
from verification.ivr.prompts import Ending

ENGLISH = words("en-US")
RIGHT_TO_LEFT = {"ar", "he-IL"}
ACTIONS = {
    *("sign-in", "payment", "change-billing", "change-shipping-address", "change-password", "change-number"),
    *("new-number", NEUTRAL),
}
# A purpose is part of a sentence, so it has no punctuation of its own.
SPOKEN_MARKS = re.compile(r"[.:!?।。：？！]")


def sentences(part: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if isinstance(value, Struct):
            yield from sentences(value, f"{path}{name}.")
        elif isinstance(value, str):
            yield path + name, value


def placeholders(sentence: str) -> list[str]:
    return sorted(re.findall(r"\{[^}]*\}?|\}", sentence))


def test_the_languages_are_the_files() -> None:
    (folder,) = languages.__path__
    files = {path.stem.replace("_", "-") for path in Path(folder).glob("*.py")} - {"--init--"}
    assert files == set(LANGUAGES)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_sentence_has_the_placeholders_of_the_english_one(tag: str) -> None:
    expected = dict(sentences(ENGLISH))
    for name, sentence in sentences(words(tag)):
        assert placeholders(sentence) == placeholders(expected[name]), name


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_sentence_is_not_empty_and_has_no_space_at_its_ends(tag: str) -> None:
    for name, sentence in sentences(words(tag)):
        assert sentence, name
        assert sentence == sentence.strip(), name
        assert "  " not in sentence, name


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_digit_is_written_into_a_sentence(tag: str) -> None:
    for name, sentence in sentences(words(tag)):
        assert not re.search(r"\d", sentence), name


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_spoken_sentence_puts_no_full_stop_behind_a_digit(tag: str) -> None:
    for name, sentence in sentences(words(tag).call):
        assert not re.search(r"\{(keys|key|code|position|total|payee)\}\s*[.।。]", sentence), name
        if "{code}" in sentence:
            assert re.search(r"[:：]\s?\{code\}\Z", sentence), name


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_action_has_a_purpose_that_fits_into_a_sentence(tag: str) -> None:
    spoken = words(tag)
    assert set(spoken.purposes) == ACTIONS
    for purpose in spoken.purposes.values():
        assert purpose
        assert not SPOKEN_MARKS.search(purpose)
    for sentence in (spoken.call.announcement, spoken.call.typed_announcement):
        assert len({fill(sentence, brand="Acme", purpose=purpose) for purpose in spoken.purposes.values()}) == len(
            ACTIONS
        )


def test_an_action_without_a_phrase_gets_the_neutral_one() -> None:
    assert ENGLISH.purpose("change-colour") == ENGLISH.purpose(None) == ENGLISH.purpose("") == "you asked for"
    assert ENGLISH.purpose("sign-in") == "to sign in"


def test_a_phrase_that_the_operator_declared_comes_before_the_language_s_own() -> None:
    assert ENGLISH.purpose("sign-in", "to open the vault") == "to open the vault"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_language_names_its_voice_its_page_and_its_direction(tag: str) -> None:
    spoken = words(tag)
    assert re.fullmatch(r"(Polly\.[A-Z][a-z]+(-Neural)?|Google\.[A-Za-z]+-[A-Z]+-\w+-[A-Z])", spoken.voice)
    assert re.fullmatch(r"[a-z]{2,3}-[A-Z]{2}|arb", spoken.language)
    assert re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", spoken.html_language)
    assert (spoken.direction == "rtl") == (tag in RIGHT_TO_LEFT)
    assert spoken.native_name


def test_no_two_languages_have_the_same_name() -> None:
    assert len({words(tag).native_name for tag in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_keywords_of_text_messages_are_not_translated(tag: str) -> None:
    spoken = words(tag)
    assert "START" in spoken.call.endings.suppressed
    assert "START" in spoken.page.progress.opted_out
    assert all(word in spoken.text.help for word in ("STOP", "START", "CALL"))
    assert "START" in spoken.text.stopped
    assert "STOP" in spoken.text.started
    assert "HELP" in spoken.text.other


@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if not tag.startswith("en-")])
def test_a_language_leaves_no_english_sentence_behind(tag: str) -> None:
    english = dict(sentences(ENGLISH))
    same = {name for name, sentence in sentences(words(tag)) if sentence == english[name]}
    assert same <= {"direction", "decimal", "page.errors.title"}  # "Error" in Spanish


def test_in_arabic_the_word_before_a_purpose_has_no_article() -> None:
    with_purpose = [sentence for _, sentence in sentences(words("ar")) if "رمز {purpose}" in sentence]
    assert len(with_purpose) == 5
    assert not [sentence for sentence in with_purpose if "الرمز {purpose}" in sentence]


def test_in_india_a_code_is_an_otp_and_a_text_an_sms() -> None:
    for name, sentence in sentences(words("en-IN")):
        assert not re.search(r"(?i)(?<!country )(?<!{)\bcodes?\b|\btexts?\b", sentence), name


@pytest.mark.parametrize("tag", ["xx", "", "../../etc", "words", "__init__", "en_US", "EN-us", "d" * 1000])
def test_an_unknown_tag_is_refused(tag: str) -> None:
    with pytest.raises(LookupError):
        words(tag)


def test_every_ending_has_its_sentence() -> None:
    assert {ending.value for ending in Ending} == set(EndingWords.__struct_fields__)


def test_placeholders_in_values_are_not_filled() -> None:
    assert fill("{brand}: {code}", brand="{code} {0} {brand.x}", code="4, 7") == "{code} {0} {brand.x}: 4, 7"


def test_a_sentence_without_a_value_for_its_placeholder_is_refused() -> None:
    with pytest.raises(ValueError, match="code"):
        fill("{brand}: {code}", brand="Acme")


@pytest.mark.parametrize("value", ["a\nb", "a\x00", "a\u202eb", "a\u2028b", "\ud800"])
def test_a_value_that_could_break_out_of_its_line_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="brand contains"):
        fill("{brand}", brand=value)


def test_words_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        ENGLISH.voice = "man"  # type: ignore[misc]  # the assignment must fail
    with pytest.raises(TypeError):
        ENGLISH.purposes["sign-in"] = "x"  # type: ignore[index]  # the assignment must fail


def test_another_voice_changes_nothing_else() -> None:
    other = words_in_voice("de-DE", "Polly.Daniel-Neural")
    assert (other.voice, other.call, other.tag) == ("Polly.Daniel-Neural", words("de-DE").call, "de-DE")
    assert other is words_in_voice("de-DE", "Polly.Daniel-Neural")


def test_words_are_of_one_type() -> None:
    assert all(isinstance(words(tag), Words) for tag in LANGUAGES)
