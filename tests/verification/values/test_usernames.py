"""User names: the displayed form, and the one account of all spellings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verification.errors import UsernameInvalid, UsernameProblem
from verification.values.usernames import MAX_USERNAME_LENGTH, account_name, clean_username


@pytest.mark.parametrize(
    "name", ["ada", "Ada", "a b", "李", "Zoë", "мария", "مريم", "o'neil-2", "<b>", "a" * MAX_USERNAME_LENGTH]
)
def test_an_ordinary_name_is_shown_as_it_was_typed(name: str) -> None:
    assert clean_username(name) == name


def test_outer_spaces_are_dropped_and_letters_composed() -> None:
    assert clean_username("  Zoe\u0308\u00a0\n") == "Zo\u00eb"


@pytest.mark.parametrize("name", ["", " ", "\t\n", "\u3000"])
def test_an_empty_name_is_missing(name: str) -> None:
    assert _problem(name) is UsernameProblem.MISSING


@pytest.mark.parametrize("length", [MAX_USERNAME_LENGTH + 1, 4 * MAX_USERNAME_LENGTH, 10_000, 65_536])
def test_a_long_name_is_refused_not_cut(length: int) -> None:
    assert _problem("a" * length) is UsernameProblem.TOO_LONG


def test_a_name_is_measured_after_it_was_composed() -> None:
    assert clean_username("e\u0301" * MAX_USERNAME_LENGTH) == "\u00e9" * MAX_USERNAME_LENGTH


@pytest.mark.parametrize(
    "name",
    ["a\x00b", "a\nb", "adm\u200bin", "a\u202eb", "a\u2028b", "a\ud800", "a\ue000", "\ufeffa", "a\u00adb", "a\x7f"],
    ids=ascii,
)
def test_characters_that_cannot_be_seen_are_refused(name: str) -> None:
    assert _problem(name) is UsernameProblem.CHARACTERS


@pytest.mark.parametrize(
    "name",
    [
        "\u0430dmin",  # Cyrillic a
        "adm\u0456n",  # Cyrillic i
        "\u0391lice",  # Greek Alpha
        "p\u0430ypal",
        "\u043eps \u03c3",  # Cyrillic and Greek
        "adm\u00adin",
        "adm\u034fin",
        "ad\ufe0fmin",
        "\u3164",
        "a\u115fb",
    ],
    ids=ascii,
)
def test_a_name_that_can_look_like_another_one_is_refused(name: str) -> None:
    assert _problem(name) is UsernameProblem.CHARACTERS


@pytest.mark.parametrize(
    "name",
    ["田中taro", "ヤマダ太郎", "김철수kim", "陳ㄔㄣˊ", "हिन्दी", "Zo\u00eb-\u00c5", "q\u0323a", "ada_1", "a@b.example"],
)
def test_alphabets_that_are_written_together_may_stand_together(name: str) -> None:
    assert clean_username(name)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Ada", "ADA"),
        ("ada", "ａｄａ"),
        ("Zo\u00eb", "Zoe\u0308"),
        ("straße", "STRASSE"),
        ("ﬁnn", "finn"),
        ("a b", "a\u00a0b"),
        ("a b", "a  b"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("\u2116 5", "no 5"),
    ],
    ids=ascii,
)
def test_spellings_that_look_alike_in_width_and_case_mean_one_account(name: str, other: str) -> None:
    assert account_name(clean_username(name)) == account_name(clean_username(other))


@pytest.mark.parametrize(("name", "other"), [("ada", "adá"), ("ada", "ada1"), ("a b", "ab"), ("l", "1")])
def test_different_names_mean_different_accounts(name: str, other: str) -> None:
    assert account_name(clean_username(name)) != account_name(clean_username(other))


@given(st.text(max_size=20))
def test_the_account_of_an_account_is_itself(name: str) -> None:
    assert account_name(account_name(name)) == account_name(name)


@given(st.text(max_size=300))
def test_any_text_is_a_clean_name_or_refused(text: str) -> None:
    try:
        name = clean_username(text)
    except UsernameInvalid:
        return
    assert clean_username(name) == name
    assert 0 < len(name) <= MAX_USERNAME_LENGTH


def _problem(name: str) -> UsernameProblem:
    with pytest.raises(UsernameInvalid) as caught:
        clean_username(name)
    return caught.value.problem
