"""Codes: uniform, never stored, always text, compared as text."""

import hashlib
import hmac
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.records import SECRET
from verification.errors import CodeMalformed, Unavailable
from verification.values.codes import KeyRing, clean, draw, draw_keys, equal, key_id, seal, seal_answer, unseal

OTHER_SECRET = b"another key of the tests, as long as it"
SEED = b"sixteen bytes, 1"


def code(*, secret: bytes = SECRET, seed: bytes = SEED, sid: str = "VE1", action: str = "pay", length: int = 6) -> str:
    return draw(secret, seed=seed, sid=sid, action=action, length=length)


def test_codes_are_uniform() -> None:
    """Chi-square over 1,000 equal buckets stays under the 99.9 % bound for 999 degrees of freedom."""
    drawn = Counter(
        draw(SECRET, seed=number.to_bytes(16, "big"), sid="VE1", action="pay", length=6)[:3]
        for number in range(200_000)
    )
    assert len(drawn) == 1000
    assert sum((count - 200) ** 2 / 200 for count in drawn.values()) < 1143
    leading_zero = sum(count for bucket, count in drawn.items() if bucket.startswith("0"))
    assert 0.097 < leading_zero / 200_000 < 0.103


def test_the_last_digits_are_uniform_too() -> None:
    """The chi-square bound at 99.9 % for 99 degrees of freedom."""
    drawn = Counter(code(seed=number.to_bytes(16, "big"), length=10)[-2:] for number in range(20_000))
    assert sum((count - 200) ** 2 / 200 for count in drawn.values()) < 149


@pytest.mark.parametrize("length", range(6, 11))
def test_a_code_has_all_its_digits_also_the_leading_zeros(length: int) -> None:
    codes = [code(seed=number.to_bytes(16, "big"), length=length) for number in range(300)]
    assert {len(drawn) for drawn in codes} == {length}
    assert all(drawn.isascii() and drawn.isdigit() for drawn in codes)
    assert any(drawn.startswith("0") for drawn in codes)


def test_the_same_seed_draws_the_same_code_also_after_an_upgrade() -> None:
    word = hmac.new(SECRET, b"code\0VE1\0pay\0\0\0" + SEED, hashlib.sha256).digest()[:8]
    assert code() == code() == str(int.from_bytes(word, "big"))[-6:] == "396913"


@pytest.mark.parametrize(
    "changed",
    [{"secret": OTHER_SECRET}, {"seed": b"sixteen bytes, 2"}, {"sid": "VE2"}, {"action": "sign-in"}],
    ids=lambda changed: next(iter(changed)),
)
def test_key_seed_verification_and_action_all_make_another_code(changed: dict[str, bytes | str]) -> None:
    assert code(**changed) != code()  # type: ignore[arg-type]  # the names of this table have those types


@pytest.mark.parametrize(("count", "different"), [(3, 504), (2, 72)])
def test_keys_are_different_digits_from_one_to_nine(count: int, different: int) -> None:
    """20.10: no key that is lost or comes twice makes the zeros of a report."""
    drawn = Counter(
        draw_keys(SECRET, seed=n.to_bytes(16, "big"), sid="VL1", attempt=n % 3, count=count) for n in range(20_000)
    )
    assert len(drawn) == different
    assert all(len(set(keys)) == len(keys) == count and set(keys) <= set("123456789") for keys in drawn)
    expected = 20_000 / different
    assert sum((times - expected) ** 2 / expected for times in drawn.values()) < different + 4 * (2 * different) ** 0.5


def test_every_delivery_has_its_own_keys() -> None:
    assert len({draw_keys(SECRET, seed=SEED, sid=f"VL{number}", attempt=0) for number in range(300)}) > 180


def test_the_next_guess_is_always_for_other_keys() -> None:
    for number in range(2000):
        seed = number.to_bytes(16, "big")
        keys = [draw_keys(SECRET, seed=seed, sid="VL1", attempt=attempt) for attempt in range(3)]
        assert all(one != other for one, other in pairwise(keys))


@pytest.mark.parametrize(
    "typed",
    [
        "000123",
        " 000123\n",
        "000 123",
        "000-123",
        "0 0 0 1 2 3",
        "000.123",
        "000\u2013123",
        "000\u00a0123",
        "\u200e000123\u200f",
        "００0123",
        "٠٠٠١٢٣",
        "०००१२३",
        "000,123",
        "000\uff0c123",
        "000\u202f123",
        "\u2068000123\u2069",
        "000\u200b123",
        "000\ufe0d123",
        "0\ufe0f\u20e30\ufe0f\u20e30\ufe0f\u20e3123",
        "\u201c000 123\u201d",
        "(000123)",
        "000/123",
        "#000123",
        "000123.",
        "=> 000123",
    ],
    ids=ascii,
)
def test_a_code_is_understood_as_people_type_and_paste_it(typed: str) -> None:
    assert clean(typed, length=6) == "000123"


@pytest.mark.parametrize("typed", ["123", "00123", "0000123", "0"])
def test_fewer_or_more_digits_are_another_code(typed: str) -> None:
    """1.2 Leading zeros survive: 123 is a wrong code, and no spelling of 000123."""
    assert clean(typed, length=6) == typed
    assert not equal(clean(typed, length=6), "000123")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "00012a",
        "OOO123",
        "+00123",
        "0x0123",
        "1e5000",
        "00012\x00",
        "²³¹²³¹",
        "½½½½½½",
        "一二三四五六",
        "12:345",
        "000123 or 4",
        "code 000123",
        "0" * 10_000,
        "1 " * 40,
        "000123" + " " * 64,
    ],
    ids=lambda typed: ascii(typed[:12]),
)
def test_what_cannot_be_a_code_is_malformed(typed: str) -> None:
    with pytest.raises(CodeMalformed) as caught:
        clean(typed, length=6)
    assert caught.value.length == 6


@given(
    st.lists(
        st.text(st.characters(exclude_categories=("L", "M", "Nd", "Nl", "No", "Cs")), max_size=4),
        min_size=7,
        max_size=7,
    )
)
def test_a_field_with_the_digits_of_a_code_and_no_letter_is_that_code(signs: list[str]) -> None:
    typed = "".join(sign + digit for sign, digit in zip(signs, "000123 ", strict=True))
    assert clean(typed, length=6) == "000123"


@given(st.text(max_size=80), st.integers(6, 10))
@example("000 123", 6)
def test_any_text_is_digits_or_malformed(typed: str, length: int) -> None:
    try:
        digits = clean(typed, length=length)
    except CodeMalformed:
        return
    assert digits.isascii()
    assert digits.isdigit()


def test_codes_are_equal_as_text_not_as_numbers() -> None:
    assert equal("000123", "000123")
    assert not equal("123", "000123")
    assert not equal("0000123", "000123")
    assert not equal("000124", "000123")
    assert not equal("", "000123")


def test_the_newest_key_draws_and_the_older_ones_are_still_found() -> None:
    ring = KeyRing((OTHER_SECRET, SECRET))
    assert ring.newest == key_id(OTHER_SECRET)
    assert ring.secret(key_id(SECRET)) == SECRET
    assert ring.secret(key_id(OTHER_SECRET)) == OTHER_SECRET


@pytest.mark.parametrize("id", [key_id(OTHER_SECRET), "", "zzzzzzzz"])
def test_a_key_that_is_not_on_the_ring_is_an_error(id: str) -> None:
    with pytest.raises(Unavailable):
        KeyRing((SECRET,)).secret(id)


def test_neither_a_repr_nor_an_error_nor_a_key_id_shows_a_key() -> None:
    ring = KeyRing((SECRET,))
    with pytest.raises(Unavailable) as caught:
        ring.secret("zzzzzzzz")
    shown = f"{ring!r} {caught.value!r} {ring.newest}"
    assert "a key of the tests" not in shown
    assert SECRET.hex()[:8] not in shown
    assert len(ring.newest) == 8


def test_the_proof_of_an_answer_is_of_one_browser_one_code_and_one_key() -> None:
    proof = seal_answer(SECRET, session="browser", code="000123")
    assert proof == seal_answer(SECRET, session="browser", code="000123")
    others = [
        seal_answer(SECRET, session="another", code="000123"),
        seal_answer(SECRET, session="browser", code="000124"),
        seal_answer(OTHER_SECRET, session="browser", code="000123"),
    ]
    assert proof not in others
    assert b"000123" not in proof


# An application's own code.

DIGITS = st.integers(4, 10).flatmap(lambda n: st.tuples(*[st.text("0123456789", min_size=n, max_size=n)] * 2))


@given(DIGITS)
def test_a_sealed_code_is_opened_by_the_drawn_one(pair: tuple[str, str]) -> None:
    code, drawn = pair
    assert unseal(seal(code, drawn), drawn) == code
    assert len(seal(code, drawn)) == len(code)


@given(DIGITS)
def test_every_code_can_be_behind_a_sealed_one(pair: tuple[str, str]) -> None:
    """So a sealed code says nothing without the drawn one."""
    sealed, code = pair
    drawn = seal(code, sealed)
    assert seal(code, drawn) == sealed


def test_a_code_is_not_sealed_with_a_drawn_one_of_another_length() -> None:
    with pytest.raises(ValueError, match="shorter"):
        seal("123456", "12345")
