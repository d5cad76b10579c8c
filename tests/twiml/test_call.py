from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from twiml.call import render
from twiml.words import words
from verification.ivr.prompts import (
    Announce,
    AskForCode,
    AskForKeys,
    AskToConfirm,
    CallInput,
    Confirmation,
    End,
    Ending,
    MenuKey,
    OfferMenu,
    ReadCharacter,
    ReadCode,
    ReadSlowly,
)
from verification.values.payments import Payment

EN = words("en-US")
PAYMENT = Payment(amount="12.30", currency="EUR", payee="Anna Berg")


def keys_document(keys: str = "528", brand: str = "Acme") -> str:
    return render(AskForKeys(keys, after=None), EN, brand=brand, purpose="to sign in")


def read(code: str) -> str:
    return render(ReadCode(code, opening=True), EN, brand="Acme")


def shape(document: str) -> list[str]:
    return [verb.tag for verb in ElementTree.fromstring(document)]


def only_gather(document: str) -> ElementTree.Element:
    (gather,) = ElementTree.fromstring(document).iter("Gather")
    return gather


def said(document: str) -> str:
    return " | ".join("".join(verb.itertext()) for verb in ElementTree.fromstring(document).iter("Say"))


def test_keys_pressed_during_the_announcement_are_not_gathered() -> None:
    assert shape(keys_document()) == ["Say", "Gather", "Redirect"]
    assert "5, 2, 8" not in (ElementTree.fromstring(keys_document())[0].text or "")


def test_the_gate_takes_exactly_three_keys_and_waits_three_seconds_between_them() -> None:
    gather = only_gather(keys_document())
    assert (gather.get("numDigits"), gather.get("timeout"), gather.get("finishOnKey")) == ("3", "3", "#")


def test_the_keys_are_said_again_two_seconds_after_how_to_report_in_the_same_gather() -> None:
    gather = only_gather(keys_document())
    assert [verb.tag for verb in gather] == ["Say", "Say", "Pause", "Say"]
    assert [verb.text for verb in gather.iter("Say")] == [
        "To hear it, press these three keys: 5, 2, 8",
        "If you didn't ask for this call, press 0, 0, 0",
        "Once more: 5, 2, 8",
    ]
    assert gather[2].get("length") == "2"


@pytest.mark.parametrize("keys", ["", "5", "5a3", "٥٢٣", "000", "502", " 52"])
def test_keys_that_are_too_few_or_that_report_are_refused(keys: str) -> None:
    with pytest.raises(ValueError, match="keys"):
        keys_document(keys=keys)


def test_silence_and_wrong_keys_are_answered_differently() -> None:
    silence = render(AskForKeys("528", after=CallInput.SILENCE), EN, brand="Acme", purpose="to sign in")
    wrong = render(AskForKeys("528", after=CallInput.KEYS), EN, brand="Acme", purpose="to sign in")
    again = "This is Acme again, with the code to sign in. | To hear it, press 5, 2, 8"
    assert said(silence) == again
    assert said(wrong).startswith(f"Those weren't the right keys. | {again} | If you didn't ask")


def test_after_silence_the_same_keys_count_from_the_first_word_on_and_new_ones_do_not() -> None:
    silence = render(AskForKeys("528", after=CallInput.SILENCE), EN, brand="Acme", purpose="to sign in")
    wrong = render(AskForKeys("528", after=CallInput.KEYS), EN, brand="Acme", purpose="to sign in")
    assert (shape(silence), shape(wrong)) == (["Gather", "Redirect"], ["Say", "Say", "Gather", "Redirect"])


def test_a_confirmation_takes_one_key_and_says_what_the_star_does() -> None:
    for confirmation in Confirmation:
        document = render(AskToConfirm(confirmation), EN, brand="Acme")
        assert only_gather(document).get("numDigits") == "1"
        assert "press the star key." in said(document)
    assert "press 9" in said(render(AskToConfirm(Confirmation.REPORT), EN, brand="Acme"))


def test_a_code_that_is_typed_is_collected_as_a_whole() -> None:
    for prompt in (ReadCode("471902", opening=True), ReadSlowly("471902"), OfferMenu(text=True)):
        gather = only_gather(render(prompt, EN, brand="Acme"))
        assert (gather.get("numDigits"), gather.get("timeout")) == ("10", "2")


@pytest.mark.parametrize(
    ("voice", "slower"),
    [
        ("Polly.Joanna-Neural", True),
        ("Google.pl-PL-Wavenet-B", True),
        ("Polly.Joanna-Generative", False),
        ("Google.en-US-Chirp3-HD-Aoede", False),
        ("man", False),
    ],
)
def test_a_slow_reading_is_slower_where_the_voice_can_change_its_speed(voice: str, slower: bool) -> None:
    for prompt in (ReadSlowly("471902"), ReadCharacter("471902", 0)):
        document = render(prompt, replace(EN, voice=voice), brand="Acme")
        rates = {verb.get("rate") for verb in ElementTree.fromstring(document).iter("prosody")}
        assert rates == ({"85%"} if slower else set())
        assert "4" in said(document).split(" | ")


@pytest.mark.parametrize("document", [keys_document(), render(Announce(), EN, brand="Acme", purpose="to sign in")])
def test_how_to_report_is_said_before_the_code(document: str) -> None:
    assert "If you didn't ask for this call, press 0" in said(document)


def test_the_code_comes_first_and_twice_with_a_second_between_and_the_warning_after_it() -> None:
    gather = only_gather(read("012345"))
    assert [verb.tag for verb in gather] == ["Say", "Pause", "Say", "Say"]
    assert said(read("012345")) == (
        "Your code is: 0, 1, 2, 3, 4, 5 | Once more: 0, 1, 2, 3, 4, 5 | Never tell this code to anyone, not even to us."
    )
    assert gather[1].get("length") == "1"


@pytest.mark.parametrize("code", ["", "47l902", "４７１９０２", "471 902", "-47190", "4.7190"])
def test_a_code_that_is_not_digits_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        read(code)


def test_any_key_counts_while_the_code_is_read_even_the_star_and_the_hash() -> None:
    gather = only_gather(read("471902"))
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("10", "")


@pytest.mark.parametrize("position", [-1, 6, 7])
def test_a_character_that_the_code_does_not_have_is_refused(position: int) -> None:
    with pytest.raises(ValueError, match="no character"):
        render(ReadCharacter("471902", position), EN, brand="Acme")


def test_one_at_a_time_says_one_character_and_what_comes_next() -> None:
    first, last = (render(ReadCharacter("471902", position), EN, brand="Acme") for position in (0, 5))
    assert said(first) == "Digit 1 of 6: | 4 | For the next one, press any key."
    assert said(last) == "Digit 6 of 6: | 2 | That was the last digit."


@pytest.mark.parametrize(("slowly_heard", "keys"), [(False, "1240"), (True, "1340")])
def test_the_menu_names_four_keys_once(slowly_heard: bool, keys: str) -> None:
    document = said(render(OfferMenu(text=True, slowly_heard=slowly_heard), EN, brand="Acme"))
    assert [document.count(f"press {key.value}") for key in MenuKey] == [int(key.value in keys) for key in MenuKey]


def test_after_a_typed_code_the_menu_says_first_where_it_is_entered() -> None:
    typed = said(render(OfferMenu(text=True, typed=True), EN, brand="Acme"))
    assert typed.startswith("Enter the code on your screen. | To hear the code again, press 1")


def test_the_menu_leaves_out_a_text_message_that_cannot_be_sent() -> None:
    menu = render(OfferMenu(text=False, text_refused=True), EN, brand="Acme")
    assert said(menu).startswith("Sorry, we can't send a text message right now. | To hear the code again, press 1")
    assert f"press {MenuKey.TEXT.value}" not in said(menu)


def test_a_call_that_takes_the_code_gathers_as_many_keys_as_the_code_has_and_the_star() -> None:
    document = render(AskForCode(8), EN, brand="Acme", purpose="to sign in")
    gather = only_gather(document)
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("8", "")
    assert "star" in said(document)


def test_every_ending_is_one_sentence_and_a_hang_up_and_the_apology_has_a_goodbye() -> None:
    for ending in Ending:
        sentences = ["Say", "Say"] if ending is Ending.SORRY else ["Say"]
        assert shape(render(End(ending), EN, brand="Acme")) == [*sentences, "Hangup"]


def test_a_payment_is_said_right_before_the_code_and_nowhere_else() -> None:
    opening = render(ReadCode("471902", opening=True), EN, brand="Acme", payment=PAYMENT)
    asking = render(AskForCode(6), EN, brand="Acme", purpose="for a payment", payment=PAYMENT)
    assert said(opening).split(" | ")[0] == "Payment of 12.30 EUR to Anna Berg"
    assert said(asking).split(" | ")[0] == "Payment of 12.30 EUR to Anna Berg"
    for prompt in (AskForKeys("528", after=None), ReadCode("471902", opening=False), AskForCode(6, wrong=True)):
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
