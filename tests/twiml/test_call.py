from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twiml import call
from twiml.call import Ending, MenuKey
from twiml.words import words

EN = words("en-US")


def keys_document(keys: str = "52", brand: str = "Acme") -> str:
    return call.ask_for_keys(EN, brand=brand, purpose="to sign in", keys=keys, on_keys="keys", on_silence="silence")


def read(code: str) -> str:
    return call.read_code(EN, code=code, on_keys="keys", on_silence="silence")


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
def test_keys_to_press_that_are_no_pair_or_report_are_refused(keys: str) -> None:
    with pytest.raises(ValueError, match="keys"):
        keys_document(keys=keys)


def test_silence_and_wrong_keys_are_answered_differently() -> None:
    after_silence = call.ask_for_keys_again(EN, keys="52", after="silence", on_keys="k", on_silence="s")
    after_wrong = call.ask_for_keys_again(EN, keys="52", after="wrong keys", on_keys="k", on_silence="s")
    assert said(after_silence).startswith("No key was pressed. Please press 5, 2")
    assert said(after_wrong).startswith("Those were not the keys. Please press 5, 2")


@pytest.mark.parametrize(
    "document", [keys_document(), call.announce(EN, brand="Acme", purpose="to sign in", on_keys="k", on_silence="s")]
)
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


@pytest.mark.parametrize("position", [0, 7, -1])
def test_a_character_that_the_code_does_not_have_is_refused(position: int) -> None:
    with pytest.raises(ValueError, match="no character"):
        call.read_character(EN, code="471902", position=position, on_keys="k", on_silence="s")


def test_one_at_a_time_says_one_character_and_what_comes_next() -> None:
    pages = [call.read_character(EN, code="471902", position=n, on_keys="k", on_silence="s") for n in (1, 6)]
    assert said(pages[0]) == "Character 1 of 6: | 4 | Press any key for the next."
    assert said(pages[1]) == "Character 6 of 6: | 2 | That was the last one."


def test_the_menu_offers_what_applies_in_its_own_order() -> None:
    document = call.menu(EN, keys=[MenuKey.NEVER, MenuKey.REPORT, MenuKey.AGAIN], on_keys="k", on_silence="s")
    assert said(document) == (
        "To hear it again, press 1 | If you did not ask for this, press 0 | To never be called again, press 9"
    )


def test_the_whole_menu_names_every_key_once() -> None:
    document = said(call.menu(EN, on_keys="k", on_silence="s"))
    assert [document.count(f"press {key.value}") for key in MenuKey] == [1] * len(MenuKey)


def test_a_menu_without_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="without keys"):
        call.menu(EN, keys=(), on_keys="k", on_silence="s")


def test_a_turned_round_call_takes_as_many_keys_as_the_code_has_and_lets_the_star_through() -> None:
    document = call.ask_for_code(EN, brand="Acme", purpose="to sign in", length=8, on_keys="k", on_silence="s")
    gather = only_gather(document)
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("8", "")
    assert "star" in said(document)


def test_every_ending_is_one_sentence_and_a_hang_up() -> None:
    for ending in Ending:
        assert shape(call.end(EN, ending, brand="Acme")) == ["Say", "Hangup"]


def test_a_call_that_is_none_of_ours_hears_nothing() -> None:
    assert shape(call.end_silently()) == ["Hangup"]


def test_markup_in_a_brand_is_said_and_not_obeyed() -> None:
    brand = '</Say><Dial>+15550100</Dial> & "{keys}"'
    document = keys_document(brand=brand)
    assert shape(document) == ["Say", "Gather", "Redirect"]
    assert brand in said(document)


@pytest.mark.parametrize(
    "character", ["\x00", "\x0b", "\x1b", "\n", "\r", "\t", "\x85", "\ud800", "\u2028", "\u202e", "\ufffe"]
)
def test_a_character_that_is_no_text_is_refused_in_a_brand(character: str) -> None:
    with pytest.raises(ValueError, match=r"U\+"):
        keys_document(brand=f"Ac{character}me")


@pytest.mark.parametrize("address", ["", " ", "keys\x00", "keys\ud800"])
def test_an_address_that_cannot_stand_in_a_document_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"empty|XML"):
        call.read_code(EN, code="471902", on_keys=address, on_silence="silence")
    with pytest.raises(ValueError, match=r"empty|XML"):
        call.read_code(EN, code="471902", on_keys="keys", on_silence=address)


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
