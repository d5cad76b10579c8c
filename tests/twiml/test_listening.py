import pytest

from saycode.reports.preview import Preview
from saycode.twilio.provider import CALL_SECONDS
from twiml.call import READ_TIMEOUT, WRITE_DOWN_TIMEOUT, render
from twiml.listening import estimate, seconds_before
from twiml.words import LANGUAGES, words
from verification.ivr.prompts import AskForKeys, End, Ending, OfferMenu, Prompt, ReadCharacter, ReadCode, ReadSlowly

EN = words("en-US")


def read(code: str = "471902", tag: str = "en-US") -> str:
    return render(ReadCode(code, opening=True), words(tag), brand="Acme")


def test_a_pause_takes_its_length_and_waiting_is_counted_apart() -> None:
    reading = estimate(read())
    assert reading.waiting == READ_TIMEOUT
    assert estimate(render(End(Ending.GOODBYE), EN, brand="Acme")).waiting == 0
    sentences = ["Your code is: 4, 7, 1, 9, 0, 2", "Once more: 4, 7, 1, 9, 0, 2", EN.call.tell_no_one]
    assert reading.characters == sum(len(sentence) for sentence in sentences)


def test_a_slow_reading_takes_longer_than_a_usual_one() -> None:
    slow = estimate(render(ReadSlowly("471902"), EN, brand="Acme"))
    assert slow.seconds > estimate(read()).seconds / 2 + 3


def test_a_longer_code_takes_longer() -> None:
    assert estimate(read("4719024719")).seconds > estimate(read("471902")).seconds + 3


def test_the_seconds_before_a_fragment_are_those_of_the_sentences_before_it() -> None:
    before = seconds_before(read(), "4, 7, 1")
    assert before is not None
    assert 0.5 < before < estimate(read()).seconds / 2


def test_a_fragment_that_is_not_said_has_no_time() -> None:
    assert seconds_before(read(), "9, 9, 9") is None


#: Seconds to press three keys, and to fetch two documents.
PRESSING, FETCHING = 1.8, 0.7


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_first_digit_is_said_within_twenty_seconds_of_the_answer(tag: str) -> None:
    """16.5: also with the longest brand and purpose, when the keys are pressed the moment they are said."""
    spoken = words(tag)
    for purpose in spoken.purposes.values():
        gate = render(AskForKeys("528", after=None), spoken, brand="Acme Insurance Company Intl", purpose=purpose)
        before_keys, before_code = seconds_before(gate, "5, 2, 8"), seconds_before(read(tag=tag), "4, 7, 1")
        assert before_keys is not None
        assert before_code is not None
        assert before_keys + PRESSING + FETCHING + before_code < 20


def test_in_english_the_first_digit_is_said_within_twelve_seconds_of_the_answer() -> None:
    assert Preview(EN, "Saycode", "sign-in").seconds_to_code < 12


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_call_in_which_nothing_is_pressed_stays_under_a_minute(tag: str) -> None:
    """16.1b, e: four prompts, and Twilio bills whole minutes."""
    times = [estimate(step.document) for step in Preview(words(tag), "Acme", "sign-in").silent()]
    assert len(times) == 5
    assert sum(time.seconds + time.waiting for time in times) < 60


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("length", [6, 10])
def test_the_pauses_for_writing_end_within_the_limit_of_a_call(tag: str, length: int) -> None:
    """16.1f: every reading and menu, and the whole pause after each digit that is written down."""
    spoken, code = words(tag), "4719024719"[:length]
    prompts: list[Prompt] = [
        AskForKeys("528", after=None),
        ReadCode(code, opening=True),
        OfferMenu(text=True),
        ReadSlowly(code),
        OfferMenu(text=True, slowly_heard=True),
        *(ReadCharacter(code, position) for position in range(length)),
        OfferMenu(text=True, slowly_heard=True),
        End(Ending.GOODBYE),
    ]
    times = [estimate(render(prompt, spoken, brand="Acme", purpose=spoken.purpose("sign-in"))) for prompt in prompts]
    assert times[5].waiting == {6: WRITE_DOWN_TIMEOUT, 10: 6}[length]
    assert sum(time.seconds + time.waiting for time in times) < CALL_SECONDS
