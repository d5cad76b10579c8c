"""The texts to India are templates that operators register word by word: docs/india.md has each of them."""

from pathlib import Path

import pytest

from twiml.words import SIGN_IN, Words, fill, words

DOCUMENT = (Path(__file__).parents[2] / "docs" / "india.md").read_text(encoding="utf-8")
NUMBER, NAME = "{#numeric#}", "{#alphanumeric#}"


def templates(spoken: Words) -> list[str]:
    text, purpose = spoken.text, spoken.purpose("change-password")
    return [
        fill(text.code, brand="Acme", code=NUMBER, minutes=NUMBER),
        fill(text.code_under_a_minute, brand="Acme", code=NUMBER),
        fill(text.code_for, brand="Acme", purpose=purpose, code=NUMBER, minutes=NUMBER),
        fill(text.code_for_under_a_minute, brand="Acme", purpose=purpose, code=NUMBER),
        fill(text.number_changed, brand="Acme"),
    ]


@pytest.mark.parametrize("tag", ["en-IN", "hi-IN"])
def test_every_text_to_india_is_a_template_of_the_document(tag: str) -> None:
    lines = DOCUMENT.splitlines()
    assert [template for template in templates(words(tag)) if template not in lines] == []


@pytest.mark.parametrize("tag", ["en-IN", "hi-IN"])
def test_every_purpose_is_in_the_document(tag: str) -> None:
    spoken = words(tag)
    phrases = {phrase for action, phrase in spoken.purposes.items() if action != SIGN_IN}
    phrases.add(fill(spoken.text.payment, amount=NAME, payee=f'"{NAME}"'))
    assert [phrase for phrase in sorted(phrases) if f"| {phrase} |" not in DOCUMENT] == []
