import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twiml import text
from twiml.text import Encoding, MessageTooLong, Segments, message, message_purpose, segments, transliterate
from twiml.words import LANGUAGES, words
from verification.values.keywords import Keyword, parse_keyword
from verification.values.payments import Payment

EN = words("en-US")
# Scripts outside GSM-7: 70 characters for everything.
NARROW = {
    *("ar", "bg-BG", "cmn-CN", "cmn-TW", "he-IL", "hi-IN", "ja-JP", "ko-KR", "ru-RU", "th-TH", "uk-UA", "yue-HK"),
}
LONGEST_BRAND = "B" * 30


def test_the_text_says_the_brand_the_code_its_lifetime_and_the_line_for_browsers() -> None:
    assert message(EN, brand="Acme", code="047190", minutes=5, host="acme.example") == (
        "Acme: your code is 047190. It expires in 5 min. Don't share it with anyone.\n\n@acme.example #047190"
    )


def test_without_a_host_the_last_line_is_left_out() -> None:
    body = message(EN, brand="Acme", code="471902", minutes=5, host=None)
    assert body == "Acme: your code is 471902. It expires in 5 min. Don't share it with anyone."


def test_a_life_time_under_a_minute_is_said_in_words() -> None:
    assert "less than a minute" in message(EN, brand="Acme", code="471902", minutes=0, host=None)


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("minutes", [0, 1, 5, 10])
def test_a_text_is_one_segment_in_every_language(tag: str, minutes: int) -> None:
    if tag in NARROW:
        usual = message(words(tag), brand="Acme", code="471902", minutes=minutes, host="id.acme.example")
        longest = message(words(tag), brand=LONGEST_BRAND, code="4719024719", minutes=minutes, host=None)
        expected = Encoding.UCS_2
    else:
        host = "verification.acme-company.example.com"
        usual = message(words(tag), brand="Acmé ł", code="471902", minutes=minutes, host=host)
        longest = message(words(tag), brand=LONGEST_BRAND, code="4719024719", minutes=minutes, host=host)
        expected = Encoding.GSM_7
    for body in (usual, longest):
        counted = segments(body)
        assert (counted.encoding, counted.count) == (expected, 1), body


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_text_has_the_payee_in_quotation_marks(tag: str) -> None:
    """So that a payee that reads like a sentence is not one of ours."""
    payment = Payment(amount="5", currency="EUR", payee="Refund to You")
    purpose = message_purpose(words(tag), "payment", payment)
    assert '"Refund to You"' in purpose
    body = message(words(tag), brand="A", code="471902", minutes=5, host=None, purpose=purpose, max_segments=2)
    assert '"Refund to You"' in body


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_digits_but_the_code_and_the_minutes_are_in_a_text(tag: str) -> None:
    body = message(words(tag), brand="Acme", code="471902", minutes=5, host="acme.example")
    assert re.findall(r"\d+", body) == ["471902", "5", "471902"]


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("brand", ["Acme", "Café Ñandú", "Żółw", "Ač☕me", "Ｆｕｌｌ", "Acme™ 🏳️‍🌈", "Şeker’s"])
def test_a_brand_never_costs_a_second_segment(tag: str, brand: str) -> None:
    body = message(words(tag), brand=brand, code="471902", minutes=5, host="acme.example")
    assert segments(body).encoding is (Encoding.UCS_2 if tag in NARROW else Encoding.GSM_7)


def test_a_brand_in_another_script_is_kept_where_it_fits_and_refused_where_not() -> None:
    body = message(words("ja-JP"), brand="がぎぐ", code="471902", minutes=5, host="acme.example")
    assert body.startswith("がぎぐ")
    with pytest.raises(MessageTooLong) as refused:
        message(EN, brand="がぎぐ", code="471902", minutes=5, host="acme.example")
    assert refused.value.limit == 70


def test_a_vietnamese_text_has_no_accents_at_all_and_the_call_has_them() -> None:
    vietnamese = words("vi-VN")
    purpose = vietnamese.purpose("change-shipping-address")
    body = message(vietnamese, brand="Cà Phê Đỏ", code="471902", minutes=5, host=None, purpose=purpose)
    assert body == ("Ca Phe Do: ma thay doi dia chi giao hang la 471902, hieu luc 5 phut. Khong chia se cho bat ky ai.")
    assert text.other_reply(vietnamese, brand="Acme").isascii()
    assert "số điện thoại" in vietnamese.text.number_changed


def test_a_brand_of_another_script_stays_whole_where_accents_are_left_out() -> None:
    body = message(words("vi-VN"), brand="가게", code="471902", minutes=5, host=None, max_segments=2)
    assert body.startswith("가게: mã xác thực")


def test_a_host_that_does_not_fit_is_refused_with_the_figures() -> None:
    fits = "a" * 55 + ".example.com"
    assert segments(message(EN, brand="Acme", code="471902", minutes=5, host=fits)).length == 153
    with pytest.raises(MessageTooLong) as refused:
        message(EN, brand="Acme", code="471902", minutes=5, host="a" * 8 + fits)
    assert (refused.value.length, refused.value.limit) == (161, 160)


@pytest.mark.parametrize(
    "host", ["", "https://acme.example", "acme.example:8000", "acme.example/x", "a b", "a\nb", "-a", "ä.example"]
)
def test_a_host_with_more_than_a_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="host"):
        message(EN, brand="Acme", code="471902", minutes=5, host=host)


@pytest.mark.parametrize("code", ["", "123", "12345678901", "47l902", "４７１９０２", "471902\n"])
def test_a_malformed_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="code"):
        message(EN, brand="Acme", code=code, minutes=5, host=None)


def test_a_brand_cannot_forge_the_last_line() -> None:
    with pytest.raises(ValueError, match="U\\+000A"):
        message(EN, brand="Acme\n\n@evil.example #471902", code="471902", minutes=5, host=None)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", Segments(Encoding.GSM_7, 0, 0)),
        ("a" * 160, Segments(Encoding.GSM_7, 1, 160)),
        ("a" * 161, Segments(Encoding.GSM_7, 2, 161)),
        ("é" * 160, Segments(Encoding.GSM_7, 1, 160)),
        ("€" * 80, Segments(Encoding.GSM_7, 1, 160)),
        ("€" * 81, Segments(Encoding.GSM_7, 2, 162)),
        ("a" * 306, Segments(Encoding.GSM_7, 2, 306)),
        ("a" * 307, Segments(Encoding.GSM_7, 3, 307)),
        ("a" * 152 + "€" + "a" * 152, Segments(Encoding.GSM_7, 3, 306)),  # the euro sign is not cut
        ("ç" * 70, Segments(Encoding.UCS_2, 1, 70)),
        ("ç" * 71, Segments(Encoding.UCS_2, 2, 71)),
        ("😀" * 35, Segments(Encoding.UCS_2, 1, 70)),
        ("😀" * 36, Segments(Encoding.UCS_2, 2, 72)),
        ("😀" * 67, Segments(Encoding.UCS_2, 3, 134)),  # 33 whole ones to a segment
        ("`", Segments(Encoding.UCS_2, 1, 1)),
        ("^{}\\[]~|€\f", Segments(Encoding.GSM_7, 1, 20)),
        (
            "Your ACME code is 123456. It expires in 10 minutes.\n\n@acme.example #123456",
            Segments(Encoding.GSM_7, 1, 74),
        ),
        ("Seu código ACME é 123456. Não compartilhe.", Segments(Encoding.UCS_2, 1, 42)),
    ],
)
def test_texts_are_counted_as_carriers_count(body: str, expected: Segments) -> None:
    assert segments(body) == expected


@pytest.mark.parametrize(
    ("written", "spelled"),
    [
        ("código válido", "codigo valido"),
        ("é ñ ä ö ü ß Ç å ø", "é ñ ä ö ü ß Ç å ø"),
        ("ç ê", "c e"),
        ("Hem cancel·lat l’avís", "Hem cancel.lat l'avis"),
        ("Zsír ő Ű árvíztűrő", "Zsir ö Ü arviztürö"),
        ("Știți țară ş ţ", "Stiti tara s t"),
        ("cafe\u0301", "café"),
        ("Zażółć gęślą jaźń", "Zazolc gesla jazn"),
        ("ışık İstanbul ğ", "isik Istanbul g"),
        ("“a” – b’s…", '"a" - b\'s...'),
        ("Acme™ ©", "Acme "),
        ("Acme 👩‍👩‍👧", "Acme "),
        ("Ａｃｍｅ", "Acme"),
        ("がんばる", "がんばる"),
        ("हिन्दी", "हिन्दी"),
        ("Привет", "Привет"),
        ("Ο κωδικός σας, ώΐϋ ᾳ;", "O KΩΔIKOΣ ΣAΣ, ΩIY A;"),
        ("a\u00a0b", "a b"),
    ],
)
def test_letters_are_spelled_as_on_a_keypad(written: str, spelled: str) -> None:
    assert transliterate(written) == spelled


@given(st.text(max_size=30), st.integers(0, 10))
def test_a_text_is_one_segment_or_refused(brand: str, minutes: int) -> None:
    try:
        body = message(EN, brand=brand, code="471902", minutes=minutes, host="acme.example")
    except ValueError:
        return
    assert segments(body).count == 1
    assert body.splitlines()[-1] == "@acme.example #471902"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_reply_is_short_and_says_who_we_are(tag: str) -> None:
    spoken = words(tag)
    replies = [
        text.help_reply(spoken, brand=LONGEST_BRAND, contact="acme.example/help"),
        text.stopped_reply(spoken, brand=LONGEST_BRAND),
        text.started_reply(spoken, brand=LONGEST_BRAND),
        text.other_reply(spoken, brand=LONGEST_BRAND),
    ]
    assert all(LONGEST_BRAND in body for body in replies)
    for body in [*replies, text.call_back_reply(spoken, brand=LONGEST_BRAND)]:
        counted = segments(body)
        assert counted.count == 1 or tag in NARROW, body
        assert counted.count <= 2


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_text_of_ours_that_comes_back_asks_for_nothing(tag: str) -> None:
    spoken = words(tag)
    own = [
        text.help_reply(spoken, brand="Acme", contact="acme.example"),
        text.stopped_reply(spoken, brand="Acme"),
        text.started_reply(spoken, brand="Acme"),
        text.other_reply(spoken, brand="Acme"),
        text.call_back_reply(spoken, brand="Acme"),
        text.reported_reply(spoken, brand="Acme"),
        text.number_changed(spoken, brand="Acme"),
        *(message(spoken, brand="Acme", code="471902", minutes=minutes, host=None) for minutes in (0, 5)),
    ]
    assert {body: parse_keyword(body)[0] for body in own} == dict.fromkeys(own, Keyword.OTHER)


def test_a_reply_is_one_message() -> None:
    document = ElementTree.fromstring(text.reply_document("a < b & c"))
    assert [(verb.tag, verb.text) for verb in document] == [("Message", "a < b & c")]


def test_no_reply_is_an_empty_document() -> None:
    assert list(ElementTree.fromstring(text.reply_document(None))) == []


@pytest.mark.parametrize("body", ["", "\x00", "\ud800"])
def test_a_reply_that_cannot_be_sent_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"empty|XML"):
        text.reply_document(body)
