"""Every document of a call: as golden files in one language, as a table in all of them.

After a change of wording, `python tests/twiml/test_document.py` writes the golden files anew; review the difference.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

GOLDEN = Path(__file__).parents[1] / "golden"
if __name__ == "__main__":
    sys.path.insert(0, str(GOLDEN.parent.parent))

from twiml import call  # noqa: E402
from twiml.call import Ending, MenuKey  # noqa: E402
from twiml.words import LANGUAGES, Words, words  # noqa: E402

ON_KEYS, ON_SILENCE = "/webhooks/calls/VL0/keys?step=1&try=1", "/webhooks/calls/VL0/silence"
CODE, KEYS, BRAND = "471902", "52", "Acme"

DOCUMENTS: dict[str, Callable[[Words], str]] = {
    "ask-for-keys": lambda w: call.ask_for_keys(
        w, brand=BRAND, purpose=w.purpose("sign-in"), keys=KEYS, on_keys=ON_KEYS, on_silence=ON_SILENCE
    ),
    "ask-again-after-wrong-keys": lambda w: call.ask_for_keys_again(
        w, keys=KEYS, after="wrong keys", on_keys=ON_KEYS, on_silence=ON_SILENCE
    ),
    "ask-again-after-silence": lambda w: call.ask_for_keys_again(
        w, keys=KEYS, after="silence", on_keys=ON_KEYS, on_silence=ON_SILENCE
    ),
    "ask-for-any-key": lambda w: call.ask_for_any_key(
        w, brand=BRAND, purpose=w.purpose(None), on_keys=ON_KEYS, on_silence=ON_SILENCE
    ),
    "ask-for-any-key-again": lambda w: call.ask_for_any_key_again(w, on_keys=ON_KEYS, on_silence=ON_SILENCE),
    "announce": lambda w: call.announce(
        w, brand=BRAND, purpose=w.purpose("change-billing"), on_keys=ON_KEYS, on_silence=ON_SILENCE
    ),
    "read": lambda w: call.read_code(w, code=CODE, on_keys=ON_KEYS, on_silence=ON_SILENCE),
    "read-again": lambda w: call.read_code_again(w, code=CODE, on_keys=ON_KEYS, on_silence=ON_SILENCE),
    "read-slowly": lambda w: call.read_slowly(w, code=CODE, on_keys=ON_KEYS, on_silence=ON_SILENCE),
    "read-one": lambda w: call.read_character(w, code=CODE, position=2, on_keys=ON_KEYS, on_silence=ON_SILENCE),
    "read-one-last": lambda w: call.read_character(w, code=CODE, position=6, on_keys=ON_KEYS, on_silence=ON_SILENCE),
    "menu": lambda w: call.menu(w, on_keys=ON_KEYS, on_silence=ON_SILENCE),
    "menu-without-text": lambda w: call.menu(
        w, keys=set(MenuKey) - {MenuKey.TEXT}, text_refused=True, on_keys=ON_KEYS, on_silence=ON_SILENCE
    ),
    "ask-for-code": lambda w: call.ask_for_code(
        w, brand=BRAND, purpose=w.purpose("change-password"), length=6, on_keys=ON_KEYS, on_silence=ON_SILENCE
    ),
    "ask-for-code-after-wrong": lambda w: call.ask_for_code_again(
        w, length=6, after="wrong code", on_keys=ON_KEYS, on_silence=ON_SILENCE
    ),
    "ask-for-code-after-incomplete": lambda w: call.ask_for_code_again(
        w, length=6, after="incomplete", on_keys=ON_KEYS, on_silence=ON_SILENCE
    ),
    "greet": lambda w: call.greet(w, brand=BRAND, on_keys=ON_KEYS, on_silence=ON_SILENCE),
    "end-silently": lambda w: call.end_silently(),
}
for _ending in Ending:
    DOCUMENTS[f"end-{_ending.value.replace('_', '-')}"] = lambda w, ending=_ending: call.end(  # type: ignore[misc]  # a default binds the loop's value
        w, ending, brand=BRAND
    )

READINGS = {"read", "read-again", "read-slowly", "read-one", "read-one-last"}
FIRST = {
    "ask-for-keys",
    "ask-for-any-key",
    "announce",
    "ask-for-code",
    "end-machine",
    "end-no-longer-needed",
    "end-sorry",
}


def laid_out(document: str) -> str:
    root = ElementTree.fromstring(document)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def said(document: str) -> list[str]:
    return [verb.text or "" for verb in ElementTree.fromstring(document).iter("Say")]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_worded_as_reviewed(name: str) -> None:
    assert laid_out(DOCUMENTS[name](words("en-US"))) == (GOLDEN / f"{name}.xml").read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_document() -> None:
    assert {path.stem for path in GOLDEN.glob("*.xml")} == set(DOCUMENTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_said_with_the_voice_of_its_language(language: str) -> None:
    spoken = words(language)
    for build in DOCUMENTS.values():
        for verb in ElementTree.fromstring(build(spoken)).iter("Say"):
            assert (verb.get("voice"), verb.get("language")) == (spoken.voice, spoken.language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_document_ends_by_itself_and_is_fetched_by_post(language: str) -> None:
    for name, build in DOCUMENTS.items():
        root = ElementTree.fromstring(build(words(language)))
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
    for name, build in DOCUMENTS.items():
        for sentence in said(build(words(language))):
            assert not re.search(r"\d\d", sentence), (name, sentence)
            assert not re.search(r"\d\s*[.。]", sentence), (name, sentence)  # some voices say an ordinal


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_a_reading_holds_digits_of_the_code(language: str) -> None:
    for name, build in DOCUMENTS.items():
        groups = [group for sentence in said(build(words(language))) for group in re.findall(r"\d(?:, \d)+", sentence)]
        if name in {"read", "read-again"}:
            assert groups == ["4, 7, 1, 9, 0, 2"] * 2
        elif name == "ask-for-keys" or name.startswith("ask-again"):
            assert groups == ["5, 2", "0, 0"], name
        else:
            assert groups == [], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_slow_reading_says_each_character_by_itself_after_a_pause(language: str) -> None:
    verbs = ElementTree.fromstring(DOCUMENTS["read-slowly"](words(language)))[0][1:]
    assert [verb.tag for verb in verbs] == ["Pause", "Say"] * 6
    assert [verb.text for verb in verbs if verb.tag == "Say"] == list(CODE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_sentence_says_who_is_calling(language: str) -> None:
    for name in FIRST | {"greet"}:
        assert BRAND in said(DOCUMENTS[name](words(language)))[0], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_placeholder_is_left(language: str) -> None:
    for name, build in DOCUMENTS.items():
        assert not re.search(r"[{}]", build(words(language))), name


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for old in GOLDEN.glob("*.xml"):
        old.unlink()
    for golden_name, golden_build in DOCUMENTS.items():
        (GOLDEN / f"{golden_name}.xml").write_text(laid_out(golden_build(words("en-US"))), encoding="utf-8")
