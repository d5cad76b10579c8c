"""The policy: one frozen value, with bounds that no operator can pass."""

import pytest
from msgspec.structs import replace

from verification.counters.rules import TRUSTED_BROWSER_SCOPES, Limit
from verification.policy import DEFAULT_POLICY, LENIENT_POLICY, Keypress, Policy
from verification.types import Scope


def test_the_default_policy_has_the_documented_numbers() -> None:
    assert (DEFAULT_POLICY.code_length, DEFAULT_POLICY.code_lifetime, DEFAULT_POLICY.max_checks) == (6, 300, 1)
    assert (DEFAULT_POLICY.keypress, DEFAULT_POLICY.keypress_tries) == (Keypress.DIGITS, 2)
    assert (DEFAULT_POLICY.repeat_spacing, DEFAULT_POLICY.max_deliveries) == ((30, 60, 120, 300), 5)


def test_the_lenient_policy_differs_by_its_checks_only() -> None:
    assert Policy(max_checks=5) == LENIENT_POLICY


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("code_length", 6, 10),
        ("code_lifetime", 10, 600),
        ("max_checks", 1, 5),
        ("keypress_tries", 1, 3),
        ("max_deliveries", 1, 5),
    ],
)
def test_the_bounds_are_allowed_and_one_beyond_is_not(name: str, low: int, high: int) -> None:
    for allowed in (low, high):
        assert getattr(_policy(name, allowed), name) == allowed
    for refused in (low - 1, high + 1):
        with pytest.raises(ValueError, match=name):
            _policy(name, refused)


def _policy(name: str, value: int) -> Policy:
    settings: dict[str, int] = {name: value}
    return Policy(**settings)  # type: ignore[arg-type]  # the names of this table are all of int fields


@pytest.mark.parametrize("scope", sorted(TRUSTED_BROWSER_SCOPES))
def test_a_limit_on_the_allowance_of_a_trusted_browser_is_rejected(scope: Scope) -> None:
    with pytest.raises(ValueError, match="allowance"):
        replace(DEFAULT_POLICY, limits=((scope, (Limit(count=1, seconds=60),)),))


def test_a_negative_pause_between_deliveries_is_refused() -> None:
    with pytest.raises(ValueError, match="repeat_spacing"):
        Policy(repeat_spacing=(30, -1))


@pytest.mark.parametrize(("sent", "pause"), [(0, 0), (1, 30), (2, 60), (3, 120), (4, 300), (5, 300), (99, 300)])
def test_the_pause_after_each_delivery_grows_and_the_last_one_stays(sent: int, pause: int) -> None:
    assert DEFAULT_POLICY.spacing(sent) == pause


@pytest.mark.parametrize("spacing", [(), (0,)])
def test_without_spacing_nothing_has_to_wait(spacing: tuple[int, ...]) -> None:
    assert [Policy(repeat_spacing=spacing).spacing(sent) for sent in range(6)] == [0] * 6


def test_a_policy_cannot_be_changed_while_it_is_used() -> None:
    with pytest.raises(AttributeError):
        DEFAULT_POLICY.max_checks = 99  # type: ignore[misc]  # the point of the test
