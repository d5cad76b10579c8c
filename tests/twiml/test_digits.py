"""Digits that voices read otherwise than people say them in codes: `Words.digits`, as `<sub alias>`."""

from xml.etree import ElementTree

from twiml.call import render
from twiml.document import say
from twiml.words import Words, words, words_in_voice
from verification.ivr.prompts import Prompt, ReadCode, ReadSlowly

KOREAN = words("ko-KR")


def digits(document: str) -> list[tuple[str | None, str | None]]:
    return [(digit.text, digit.get("alias")) for digit in ElementTree.fromstring(document).iter("sub")]


def read(prompt: Prompt, spoken: Words) -> str:
    return render(prompt, spoken, brand="Acme")


def test_a_korean_zero_is_said_as_in_phone_numbers_and_written_as_a_digit() -> None:
    document = read(ReadCode("471902", opening=True), KOREAN)
    assert digits(document) == [("0", "공")] * 2
    first = next(ElementTree.fromstring(document).iter("Say"))
    assert "".join(first.itertext()) == "인증번호입니다: 4, 7, 1, 9, 0, 2"


def test_a_slow_reading_says_digits_so_too() -> None:
    document = ElementTree.fromstring(read(ReadSlowly("471902"), KOREAN))
    assert [digit.get("alias") for digit in document.iterfind("./Gather/Say/prosody/sub")] == ["공"]


def test_a_digit_in_a_name_or_an_amount_stays_as_it_is() -> None:
    assert digits(str(say(KOREAN, "10.50 EUR, 0.5 EUR, R0, 0x, 100"))) == []
    assert digits(str(say(KOREAN, "0, 0번"))) == [("0", "공")] * 2


def test_a_voice_that_reads_no_tags_gets_plain_digits() -> None:
    generative = words_in_voice("ko-KR", "Google.ko-KR-Chirp3-HD-Kore")
    assert digits(read(ReadCode("471902", opening=True), generative)) == []


def test_a_hindi_code_is_said_in_the_english_digits_that_callers_expect() -> None:
    spoken = [alias for _, alias in digits(read(ReadSlowly("4719"), words("hi-IN")))]
    assert spoken == ["फ़ोर", "सेवन", "वन", "नाइन"]
    assert set(words("hi-IN").digits) == set("0123456789")


def test_other_languages_have_no_tags_in_a_reading() -> None:
    assert "<sub" not in read(ReadCode("471902", opening=True), words("en-US"))
