"""References: eight digits for a verification, and the sids that they stand for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.values.references import REFERENCES, parse, reference, sids, written

SIDS = st.binary(min_size=16, max_size=16).map(lambda random: "VE" + random.hex())
DIGITS = st.integers(0, REFERENCES - 1).map(lambda number: f"{number:08d}")


@given(SIDS)
def test_a_sid_is_in_the_range_of_its_reference(sid: str) -> None:
    first, last = sids(reference(sid))
    assert first <= sid <= last


@given(DIGITS)
def test_both_ends_of_a_range_have_its_reference(digits: str) -> None:
    assert [reference(sid) for sid in sids(digits)] == [digits, digits]


@given(DIGITS.filter(lambda digits: int(digits) + 1 < REFERENCES))
def test_a_range_ends_where_the_next_one_begins(digits: str) -> None:
    last, following = sids(digits)[1], sids(f"{int(digits) + 1:08d}")[0]
    assert int(last[2:], 16) + 1 == int(following[2:], 16)


def test_the_first_range_begins_with_the_first_sid_and_the_last_one_ends_with_the_last() -> None:
    assert sids("00000000")[0] == "VE" + "0" * 32
    assert sids("99999999")[1] == "VE" + "f" * 32


def test_leading_zeros_stay() -> None:
    assert reference("VE000000ff" + "1" * 24) == "00000005"


def test_a_delivery_has_a_reference_of_its_own() -> None:
    assert reference("VL9ab3f00c" + "1" * 24) == "60430813"
    assert sids("60430813", "VL")[0] == "VL" + sids("60430813")[0][2:]


@pytest.mark.parametrize("sid", ["", "VL", "VLx" * 9, "VL-1234567" + "0" * 24, "VL 1234567", "VL123", "VL1_23_456" * 3])
def test_what_is_no_sid_has_no_reference(sid: str) -> None:
    with pytest.raises(ValueError, match="sid"):
        reference(sid)


def test_it_is_written_in_two_groups_that_stay_on_one_line() -> None:
    assert written("01234567") == "0123\u00a04567"


@pytest.mark.parametrize(
    "text",
    [
        "01234567",
        "0123 4567",
        " 0123-4567\n",
        "0123\u00a04567",
        "0123\u20134567",
        "0 1 2 3, 4 5 6 7.",
        "(0123) 4567",
        "\u0660\u0661\u0662\u0663 \u0664\u0665\u0666\u0667",  # Arabic
        "\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7",  # Persian
        "\u0966\u0967\u0968\u0969 \u096a\u096b\u096c\u096d",  # Devanagari
        "\uff10\uff11\uff12\uff13\u3000\uff14\uff15\uff16\uff17",  # full width
        "\u200f0123\u200e4567\u200b",
    ],
    ids=ascii,
)
def test_every_spelling_is_read(text: str) -> None:
    assert parse(text) == "01234567"


@pytest.mark.parametrize(
    "text",
    ["", "0123456", "012345678", "+0123 4567", "VE123456", "0123456a", "0123456\u00b2", "1" * 65, "0" * 8 + " " * 99],
)
def test_anything_else_is_no_reference(text: str) -> None:
    assert parse(text) is None
