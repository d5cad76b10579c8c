"""Every document of a call: compared with golden files in English, and checked for the rules in every language.

After a change of wording, `python tests/twiml/test_document.py` writes the golden files again; review the difference.
"""

import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

GOLDEN = Path(__file__).parents[1] / "golden"
if __name__ == "__main__":
    sys.path.insert(0, str(GOLDEN.parent.parent))

from twiml.call import render  # noqa: E402
from twiml.words import LANGUAGES, Words, fill, words  # noqa: E402
from verification.ivr.prompts import (  # noqa: E402
    Announce,
    AskForAnyKey,
    AskForCode,
    AskForKeys,
    AskToConfirm,
    CallInput,
    Confirmation,
    End,
    Ending,
    Greet,
    KeysFor,
    OfferMenu,
    Prompt,
    ReadCharacter,
    ReadCode,
    ReadSlowly,
)

ON_KEYS, ON_SILENCE = "/webhooks/calls/VL0/keys?step=1&try=1", "/webhooks/calls/VL0/silence"
CODE, KEYS, BRAND = "471902", "528", "Acme"

PROMPTS: dict[str, Prompt] = {
    "ask-for-keys": AskForKeys(KEYS, after=None),
    "ask-again-after-wrong-keys": AskForKeys(KEYS, after=CallInput.KEYS),
    "ask-again-after-silence": AskForKeys(KEYS, after=CallInput.SILENCE),
    "ask-for-keys-to-type": AskForKeys("52", after=None, to=KeysFor.TYPING),
    "ask-for-keys-about-permission": AskForKeys(KEYS, after=None, to=KeysFor.PERMISSION),
    **{f"confirm-{confirmation.value}": AskToConfirm(confirmation) for confirmation in Confirmation},
    "ask-for-any-key": AskForAnyKey(after=None),
    "ask-for-any-key-again": AskForAnyKey(after=CallInput.SILENCE),
    "announce": Announce(),
    "read": ReadCode(CODE, opening=True),
    "read-again": ReadCode(CODE, opening=False),
    "read-slowly": ReadSlowly(CODE),
    "read-one": ReadCharacter(CODE, position=1),
    "read-one-last": ReadCharacter(CODE, position=5),
    "menu": OfferMenu(text=True),
    "menu-without-text": OfferMenu(text=False, text_refused=True),
    "menu-after-a-slow-reading": OfferMenu(text=True, slowly_heard=True),
    "menu-after-a-typed-code": OfferMenu(text=True, typed=True),
    "ask-for-code": AskForCode(6),
    "ask-for-code-after-wrong": AskForCode(6, wrong=True),
    "ask-for-code-after-incomplete": AskForCode(6, wrong=False),
    "greet": Greet(),
    **{f"end-{ending.value.replace('_', '-')}": End(ending) for ending in Ending},
    "end-sorry-with-a-reference": End(Ending.SORRY, "01234567"),
}
#: What the code is for, in the documents that say so.
ACTIONS = {
    "ask-for-keys": "sign-in",
    "ask-again-after-silence": "sign-in",
    "ask-again-after-wrong-keys": "sign-in",
    "announce": "change-billing",
    "ask-for-code": "change-password",
    "ask-for-keys-to-type": "change-password",
}


def build(name: str, words: Words) -> str:
    purpose = words.purpose(ACTIONS.get(name))
    return render(PROMPTS[name], words, brand=BRAND, purpose=purpose, on_keys=ON_KEYS, on_silence=ON_SILENCE)


FIRST = {
    "ask-for-keys",
    "ask-again-after-silence",
    "ask-for-keys-to-type",
    "ask-for-keys-about-permission",
    "ask-for-any-key",
    "ask-for-any-key-again",
    "announce",
    "end-machine",
    "end-no-longer-needed",
    "end-sorry",
    "end-sorry-with-a-reference",
}


def indented(document: str) -> str:
    root = ElementTree.fromstring(document)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def said(document: str) -> list[str]:
    return ["".join(verb.itertext()) for verb in ElementTree.fromstring(document).iter("Say")]


@pytest.mark.parametrize("name", PROMPTS)
def test_a_document_is_worded_as_reviewed(name: str) -> None:
    assert indented(build(name, words("en-US"))) == (GOLDEN / f"{name}.xml").read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_document() -> None:
    assert {path.stem for path in GOLDEN.glob("*.xml")} == set(PROMPTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_said_with_the_voice_of_its_language(language: str) -> None:
    spoken = words(language)
    for name in PROMPTS:
        for verb in ElementTree.fromstring(build(name, spoken)).iter("Say"):
            assert (verb.get("voice"), verb.get("language")) == (spoken.voice, spoken.language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_apology_says_its_reference_twice_before_the_goodbye(language: str) -> None:
    spoken = words(language)
    sorry, first, second, first_again, second_again, goodbye = said(build("end-sorry-with-a-reference", spoken))
    assert (first, second) == (fill(spoken.call.reference, reference="0, 1, 2, 3"), "4, 5, 6, 7")
    assert (first_again, second_again) == (fill(spoken.call.once_more, code="0, 1, 2, 3"), second)
    assert said(build("end-sorry", spoken)) == [sorry, goodbye]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_document_ends_with_a_hang_up_or_a_redirect_and_uses_post(language: str) -> None:
    for name in PROMPTS:
        root = ElementTree.fromstring(build(name, words(language)))
        assert root.tag == "Response"
        last = root[-1]
        assert last.tag == ("Hangup" if name.startswith("end-") else "Redirect")
        if last.tag == "Redirect":
            assert (last.text, last.get("method")) == (ON_SILENCE, "POST")
        for gather in root.iter("Gather"):
            assert (gather.get("action"), gather.get("method"), gather.get("input")) == (ON_KEYS, "POST", "dtmf")
            assert gather.get("actionOnEmptyResult") is None
            assert {verb.tag for verb in gather} <= {"Say", "Pause"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_digits_are_said_one_by_one(language: str) -> None:
    for name in PROMPTS:
        for sentence in said(build(name, words(language))):
            assert not re.search(r"\d\d", sentence), (name, sentence)
            assert not re.search(r"\d\s*[.।。]", sentence), (name, sentence)  # some voices say an ordinal


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_document_says_its_own_digits_and_only_a_reading_the_code(language: str) -> None:
    for name in PROMPTS:
        groups = [
            group for sentence in said(build(name, words(language))) for group in re.findall(r"\d(?:, \d)+", sentence)
        ]
        if name in {"read", "read-again"}:
            assert groups == ["4, 7, 1, 9, 0, 2"] * 2
        elif name == "ask-again-after-silence":
            assert groups == ["5, 2, 8"], name
        elif name == "ask-for-keys-to-type":
            assert groups == ["5, 2", "0, 0", "5, 2"], name
        elif name.startswith(("ask-for-keys", "ask-again")):
            assert groups == ["5, 2, 8", "0, 0, 0", "5, 2, 8"], name
        elif name == "end-sorry-with-a-reference":
            assert groups == ["0, 1, 2, 3", "4, 5, 6, 7"] * 2, name
        else:
            assert groups == [], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slow_reading_says_each_character_by_itself_after_a_pause(language: str) -> None:
    verbs = ElementTree.fromstring(build("read-slowly", words(language)))[0][1:]
    assert [verb.tag for verb in verbs] == ["Pause", "Say"] * 6
    assert ["".join(verb.itertext()) for verb in verbs if verb.tag == "Say"] == list(CODE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_sentence_says_who_is_calling(language: str) -> None:
    for name in FIRST | {"greet"}:
        assert BRAND in said(build(name, words(language)))[0], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_placeholder_is_left(language: str) -> None:
    for name in PROMPTS:
        assert not re.search(r"[{}]", build(name, words(language))), name


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.xml"):
        old.unlink()
    for golden in PROMPTS:
        (GOLDEN / f"{golden}.xml").write_text(indented(build(golden, words("en-US"))), encoding="utf-8")
