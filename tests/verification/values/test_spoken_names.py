"""The brand: a name that cannot say a code, a number or another brand."""

import pytest

from verification.errors import BrandInvalid
from verification.values.spoken_names import parse_brand


@pytest.mark.parametrize(
    "brand", ["Acme", "Studio 54", "3M", "Ångström Bank", "Ромашка", "三井住友", "ソニー", "हिन्दी", "x" * 30]
)
def test_a_brand_is_a_name(brand: str) -> None:
    assert parse_brand(brand) == brand


def test_a_brand_has_one_spelling() -> None:
    assert parse_brand("Cafe\u0301") == "Café"


@pytest.mark.parametrize(
    "brand",
    [
        "",
        "x" * 31,
        "your code is 111111",
        "call 1 8 0 0",
        "acme.example",
        "Acme\u200b",
        "Acme\n0",
        "A\u3164B",
        "Ac\ufe0fme",
        "A\u0338cme",
        "Ａcme",
        "Аcme",
        "<Acme>",
        "Acme  Bank",
        "42",
        "ac٣me",
        "🔑",
    ],
)
def test_a_brand_that_could_mislead_is_refused(brand: str) -> None:
    with pytest.raises(BrandInvalid):
        parse_brand(brand)
