"""Skeletons of UTS 39: names of one alphabet that look like names of another."""

import pytest

from verification.values.look_alikes import look_alike, skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Сосо", "Coco"),  # all Cyrillic
        ("РАУРАL".replace("L", "І"), "PAYPAI"),
        ("АСМЕ", "ACME"),
        ("АСМЕ", "Acme"),
        ("ΑΚΜΗ", "AKMH"),  # all Greek
        ("Acrne", "Acme"),
        ("PayPaI", "PayPal"),
        ("G00gle", "Google"),
        ("ɡoogle", "Google"),  # the script g of phonetics
        ("ᴀᴄᴍᴇ", "Acme"),  # small capitals
        ("GOOgIe", "google"),
        ("ЗМ", "3M"),
        ("ソ二ー", "ソニー"),
        ("Сосо", "Ϲοϲο".replace("Ϲ", "С").replace("ϲ", "с")),
    ],
)
def test_names_that_look_the_same_are_look_alikes_both_ways(one: str, other: str) -> None:
    assert look_alike(one, other)
    assert look_alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        *(("Acme", "Acme"), ("Acme", "ACME"), ("Acme", "Acne"), ("Ромашка", "Romashka"), ("Роса", "Rosa")),
        *(("Café", "Cafe"), ("Mali", "Mall"), ("MALI", "MALL"), ("Clara", "Dara"), ("ソニー", "ソニア")),
    ],
)
def test_the_same_name_and_other_names_are_none(one: str, other: str) -> None:
    assert not look_alike(one, other)


def test_a_skeleton_is_stable() -> None:
    for text in ("Сосо", "АСМЕ", "Acme", "ΑΚΜΗ", "Ångström"):
        assert skeleton(skeleton(text)) == skeleton(text)
