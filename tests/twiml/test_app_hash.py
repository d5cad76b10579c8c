"""The last line for an Android app: Google's SMS Retriever reads it, and carriers count it."""

import pytest

from twiml.text import MessageTooLong, message, segments, shortest_message
from twiml.words import LANGUAGES, words

EN = words("en-US")
HASH = "FA+9qCX9VSu"


def test_the_hash_is_the_last_line_in_place_of_the_line_for_browsers() -> None:
    body = message(EN, brand="Acme", code="047190", minutes=5, host="acme.example", app_hash=HASH)
    assert body == "Acme: your code is 047190. It expires in 5 min. Don't share it with anyone.\nFA+9qCX9VSu"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_an_app_reads_the_text_of_every_language(tag: str) -> None:
    body = shortest_message(words(tag), brand="Acme", code="471902", minutes=5, host="acme.example", app_hash=HASH)
    assert body.splitlines()[-1] == HASH
    assert segments(body).count == 1, "140 bytes, which is what the app is given"


def test_the_hash_counts_in_the_segments_and_is_never_left_out() -> None:
    plain = message(EN, brand="Acme", code="471902", minutes=5, host=None)
    purpose = "x" * (160 - segments(message(EN, brand="Acme", code="471902", minutes=5, host=None, purpose="x")).length)
    assert segments(plain + "\n" + HASH).length == segments(plain).length + 12
    with pytest.raises(MessageTooLong):
        message(EN, brand="Acme", code="471902", minutes=5, host=None, purpose=purpose, app_hash=HASH)
    longer = shortest_message(
        EN, brand="Acme", code="471902", minutes=5, host="acme.example", purpose=purpose, app_hash=HASH
    )
    assert longer.endswith("\n" + HASH)
    assert segments(longer).count == 2


@pytest.mark.parametrize("malformed", ["x", HASH + "u", HASH + "\n", "FA+9qCX9VS.", "FA+9qCX9VSü"])
def test_a_malformed_hash_is_refused(malformed: str) -> None:
    with pytest.raises(ValueError, match="11 characters"):
        message(EN, brand="Acme", code="471902", minutes=5, host=None, app_hash=malformed)
