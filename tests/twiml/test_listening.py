import pytest

from twiml.call import READ_TIMEOUT, render
from twiml.listening import estimate, seconds_before
from twiml.words import LANGUAGES, words
from verification.ivr.prompts import AskForKeys, End, Ending, OfferMenu, ReadCode, ReadSlowly

EN = words("en-US")


def read(code: str = "471902", tag: str = "en-US") -> str:
    return render(ReadCode(code, opening=True), words(tag), brand="Acme")


def test_a_pause_takes_its_length_and_waiting_is_counted_apart() -> None:
    reading = estimate(read())
    assert reading.waiting == READ_TIMEOUT
    assert estimate(render(End(Ending.GOODBYE), EN, brand="Acme")).waiting == 0
    sentences = [EN.call.nobody_will_ask, "Your code is: 4, 7, 1, 9, 0, 2", "Once more: 4, 7, 1, 9, 0, 2"]
    assert reading.characters == sum(len(sentence) for sentence in sentences)


def test_a_slow_reading_takes_longer_than_a_usual_one() -> None:
    slow = estimate(render(ReadSlowly("471902"), EN, brand="Acme"))
    assert slow.seconds > estimate(read()).seconds / 2 + 3


def test_a_longer_code_takes_longer() -> None:
    assert estimate(read("4719024719")).seconds > estimate(read("471902")).seconds + 3


def test_the_seconds_before_a_fragment_are_those_of_the_sentences_before_it() -> None:
    before = seconds_before(read(), "4, 7, 1")
    assert before is not None
    assert 2 < before < estimate(read()).seconds / 2


def test_a_fragment_that_is_not_said_has_no_time() -> None:
    assert seconds_before(read(), "9, 9, 9") is None


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_first_digit_is_said_within_twenty_seconds_of_the_answer(tag: str) -> None:
    spoken = words(tag)
    for purpose in spoken.purposes.values():
        gate = render(AskForKeys("52", after=None), spoken, brand="Acme Insurance Company", purpose=purpose)
        before_pair, before_code = seconds_before(gate, "5, 2"), seconds_before(read(tag=tag), "4, 7, 1")
        assert before_pair is not None
        assert before_code is not None
        # Two keys take a second and a half to hear and press; two documents are fetched.
        assert before_pair + 2.5 + before_code < 20


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_longest_usual_call_ends_within_its_cap(tag: str) -> None:
    spoken = words(tag)
    menu = estimate(render(OfferMenu(text=True), spoken, brand="Acme"))
    gate = render(AskForKeys("52", after=None), spoken, brand="Acme", purpose=spoken.purpose("sign-in"))
    goodbye = estimate(render(End(Ending.GOODBYE), spoken, brand="Acme"))
    silent = (
        estimate(gate).seconds + estimate(read(tag=tag)).seconds + 2 * (menu.seconds + menu.waiting) + goodbye.seconds
    )
    assert silent < 110
