from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twiml.call import render
from twiml.words import words
from verification.ivr.prompts import (
    Announce,
    AskForCode,
    AskForKeys,
    CallInput,
    End,
    Ending,
    MenuKey,
    OfferMenu,
    ReadCharacter,
    ReadCode,
)
from verification.values.payments import Payment

EN = words("en-US")
PAYMENT = Payment(amount="12.30", currency="EUR", payee="Anna Berg")


def keys_document(keys: str = "52", brand: str = "Acme") -> str:
    return render(AskForKeys(keys, after=None), EN, brand=brand, purpose="to sign in")


def read(code: str) -> str:
    return render(ReadCode(code, opening=True), EN, brand="Acme")


def shape(document: str) -> list[str]:
    return [verb.tag for verb in ElementTree.fromstring(document)]


def only_gather(document: str) -> ElementTree.Element:
    (gather,) = ElementTree.fromstring(document).iter("Gather")
    return gather


def said(document: str) -> str:
    return " | ".join(verb.text or "" for verb in ElementTree.fromstring(document).iter("Say"))


def test_keys_pressed_during_the_announcement_are_not_gathered() -> None:
    assert shape(keys_document()) == ["Say", "Gather", "Redirect"]
    assert "5, 2" not in (ElementTree.fromstring(keys_document())[0].text or "")


def test_the_gate_takes_exactly_two_keys_within_ten_seconds() -> None:
    gather = only_gather(keys_document())
    assert (gather.get("numDigits"), gather.get("timeout"), gather.get("finishOnKey")) == ("2", "10", "#")


@pytest.mark.parametrize("keys", ["", "5", "523", "5a", "٥٢", "00", " 5"])
def test_keys_that_are_not_a_pair_or_that_report_are_refused(keys: str) -> None:
    with pytest.raises(ValueError, match="keys"):
        keys_document(keys=keys)


def test_silence_and_wrong_keys_are_answered_differently() -> None:
    after_silence = render(AskForKeys("52", after=CallInput.SILENCE), EN, brand="Acme")
    after_wrong = render(AskForKeys("52", after=CallInput.KEYS), EN, brand="Acme")
    assert said(after_silence).startswith("No key was pressed. Please press 5, 2")
    assert said(after_wrong).startswith("Those were not the keys. Please press 5, 2")


@pytest.mark.parametrize("document", [keys_document(), render(Announce(), EN, brand="Acme", purpose="to sign in")])
def test_how_to_report_is_said_before_the_code(document: str) -> None:
    assert "If you did not ask for this call, press 0" in said(document)


def test_the_warning_comes_before_the_code_and_the_code_twice_with_a_second_between() -> None:
    gather = only_gather(read("012345"))
    assert [verb.tag for verb in gather] == ["Say", "Say", "Pause", "Say"]
    assert said(read("012345")) == (
        "Nobody will ever ask you for this code. | Your code is: 0, 1, 2, 3, 4, 5 | Once more: 0, 1, 2, 3, 4, 5"
    )
    assert gather[2].get("length") == "1"


@pytest.mark.parametrize("code", ["", "47l902", "４７１９０２", "471 902", "-47190", "4.7190"])
def test_a_code_that_is_not_digits_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        read(code)


def test_any_key_counts_while_the_code_is_read_even_the_star_and_the_hash() -> None:
    gather = only_gather(read("471902"))
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("1", "")


@pytest.mark.parametrize("position", [-1, 6, 7])
def test_a_character_that_the_code_does_not_have_is_refused(position: int) -> None:
    with pytest.raises(ValueError, match="no character"):
        render(ReadCharacter("471902", position), EN, brand="Acme")


def test_one_at_a_time_says_one_character_and_what_comes_next() -> None:
    first, last = (render(ReadCharacter("471902", position), EN, brand="Acme") for position in (0, 5))
    assert said(first) == "Character 1 of 6: | 4 | Press any key for the next."
    assert said(last) == "Character 6 of 6: | 2 | That was the last one."


def test_the_menu_names_every_key_once() -> None:
    document = said(render(OfferMenu(text=True), EN, brand="Acme"))
    assert [document.count(f"press {key.value}") for key in MenuKey] == [1] * len(MenuKey)


def test_the_menu_leaves_out_a_text_message_that_cannot_be_sent() -> None:
    menu = render(OfferMenu(text=False, text_refused=True), EN, brand="Acme")
    assert said(menu).startswith("A text message cannot be sent right now. | To hear it again, press 1")
    assert f"press {MenuKey.TEXT.value}" not in said(menu)


def test_a_call_that_takes_the_code_gathers_as_many_keys_as_the_code_has_and_the_star() -> None:
    document = render(AskForCode(8), EN, brand="Acme", purpose="to sign in")
    gather = only_gather(document)
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("8", "")
    assert "star" in said(document)


def test_every_ending_is_one_sentence_and_a_hang_up() -> None:
    for ending in Ending:
        assert shape(render(End(ending), EN, brand="Acme")) == ["Say", "Hangup"]


def test_a_payment_is_said_right_before_the_code_and_nowhere_else() -> None:
    opening = render(ReadCode("471902", opening=True), EN, brand="Acme", payment=PAYMENT)
    asking = render(AskForCode(6), EN, brand="Acme", purpose="for a payment", payment=PAYMENT)
    assert said(opening).split(" | ")[1] == "Payment of 12.30 EUR to Anna Berg"
    assert said(asking).split(" | ")[1] == "Payment of 12.30 EUR to Anna Berg"
    for prompt in (AskForKeys("52", after=None), ReadCode("471902", opening=False), AskForCode(6, wrong=True)):
        assert "Anna Berg" not in render(prompt, EN, brand="Acme", payment=PAYMENT)


def test_markup_in_a_brand_is_said_as_text() -> None:
    brand = '</Say><Dial>+15550100</Dial> & "{keys}"'
    document = keys_document(brand=brand)
    assert shape(document) == ["Say", "Gather", "Redirect"]
    assert brand in said(document)


@pytest.mark.parametrize(
    "character", ["\x00", "\x0b", "\x1b", "\n", "\r", "\t", "\x85", "\ud800", "\u2028", "\u202e", "\ufffe"]
)
def test_a_control_character_in_a_brand_is_refused(character: str) -> None:
    with pytest.raises(ValueError, match=r"U\+"):
        keys_document(brand=f"Ac{character}me")


@pytest.mark.parametrize("address", ["", " ", "keys\x00", "keys\ud800"])
def test_an_address_that_xml_cannot_contain_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"empty|XML"):
        render(ReadCode("471902", opening=True), EN, brand="Acme", on_keys=address)
    with pytest.raises(ValueError, match=r"empty|XML"):
        render(ReadCode("471902", opening=True), EN, brand="Acme", on_silence=address)


def test_a_text_longer_than_a_voice_takes_at_once_is_refused() -> None:
    with pytest.raises(ValueError, match="exceed"):
        keys_document(brand="A" * 3000)


@given(st.text(max_size=40))
def test_any_text_as_a_brand_is_said_as_it_is_or_refused(brand: str) -> None:
    try:
        document = keys_document(brand=brand)
    except ValueError:
        return
    assert shape(document) == ["Say", "Gather", "Redirect"]
    assert f" from {brand}, with the code" in said(document)
