"""Segments and encodings of texts."""

from __future__ import annotations

import pytest

from twilio_simulator.network.encoding import Encoding, measure, smart_encode

GSM, UCS = Encoding.GSM7, Encoding.UCS2
CODE_TEXT = "Your ACME code is 123456. It expires in 10 minutes.\n\n@acme.example #123456"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments"),
    [
        pytest.param(CODE_TEXT, GSM, 74, 1, id="a code"),
        pytest.param("Seu código ACME é 123456. Não compartilhe.", UCS, 42, 1, id="Portuguese"),
        pytest.param("", GSM, 0, 1, id="empty"),
        pytest.param("é" * 160, GSM, 160, 1, id="160 letters"),
        pytest.param("é" * 161, GSM, 161, 2, id="161 letters"),
        pytest.param("a" * 306, GSM, 306, 2, id="306 letters"),
        pytest.param("a" * 307, GSM, 307, 3, id="307 letters"),
        pytest.param("€" * 80, GSM, 160, 1, id="80 euros"),
        pytest.param("€" * 81, GSM, 162, 2, id="81 euros"),
        pytest.param("\N{WAVING HAND SIGN}" * 35, UCS, 70, 1, id="35 emoji"),
        pytest.param("\N{WAVING HAND SIGN}" * 36, UCS, 72, 2, id="36 emoji"),
        pytest.param("Ж" * 70, UCS, 70, 1, id="70 Cyrillic"),
        pytest.param("Ж" * 71, UCS, 71, 2, id="71 Cyrillic"),
        pytest.param("a" * 152 + "€" + "b" * 10, GSM, 164, 2, id="a euro at the seam"),
    ],
)
def test_a_text_is_measured(text: str, encoding: Encoding, units: int, segments: int) -> None:
    size = measure(text)
    assert (size.encoding, size.units, size.segments) == (encoding, units, segments)


@pytest.mark.parametrize("letter", list("’“”–—…•·°™®©`«»\táâãêëíîïóôõúûçœÁÀÂÃÈÊÍÓÔÕÚ\u00a0\u200bα"))
def test_a_letter_outside_gsm_7_turns_the_text_to_ucs_2(letter: str) -> None:
    assert measure("a" + letter).encoding is UCS


@pytest.mark.parametrize("letter", list("@£$¥èéùìòàäöñüåøæßÇÄÖÑÜÅØÆÉΔΦΓΛΩΠΨΣΘΞ¡¿§¤_\n\r"))
def test_a_letter_of_the_basic_set_costs_one(letter: str) -> None:
    assert measure(letter).units == 1
    assert measure(letter).encoding is GSM


@pytest.mark.parametrize("letter", list("^{}\\[]~|€\f"))
def test_a_letter_of_the_extension_costs_two(letter: str) -> None:
    assert measure(letter).units == 2
    assert measure(letter).encoding is GSM


def test_smart_encoding_replaces_look_alikes_only() -> None:
    assert smart_encode("“It’s” – here… ção") == '"It\'s" - here... ção'
