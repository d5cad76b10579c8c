"""`saycode services`: what a service may do is decided when it is created, or later."""

import json

import pytest
from click.testing import Result

from tests.saycode.cli.test_main import GOOD, alone, run
from verification.models import BUILT_IN_SERVICE

__all__ = ["alone"]


def services(*arguments: str) -> Result:
    return run("services", *arguments, **GOOD)


@pytest.fixture(autouse=True)
def database(alone: None) -> None:
    """The database is there, so no command has to tell that it made one."""
    services("list")


def custom_codes() -> dict[str, bool]:
    return {entry["service_sid"]: entry["custom_codes"] for entry in json.loads(services("list", "--json").stdout)}


def test_a_service_may_not_send_its_own_codes_unless_the_operator_says_so() -> None:
    plain = json.loads(services("create", "Acme", "--json").stdout)["service_sid"]
    own = json.loads(services("create", "Leaf and Kettle", "--custom-codes", "--json").stdout)["service_sid"]
    assert custom_codes() == {BUILT_IN_SERVICE: False, plain: False, own: True}


def test_the_operator_changes_that_later() -> None:
    shown = services("update", BUILT_IN_SERVICE, "--custom-codes", "--json")
    assert json.loads(shown.stdout)["custom_codes"] is True
    assert custom_codes() == {BUILT_IN_SERVICE: True}
    assert services("update", BUILT_IN_SERVICE, "--no-custom-codes").stdout.endswith(" may not send its own codes.\n")
    assert custom_codes() == {BUILT_IN_SERVICE: False}


def test_an_update_says_what_to_change_and_of_which_service() -> None:
    assert services("update", BUILT_IN_SERVICE).exit_code == 2
    unknown = services("update", "VA" + "1" * 32, "--custom-codes")
    assert (unknown.exit_code, "there is no service" in unknown.stderr) == (1, True)


def test_the_change_is_in_the_audit_log() -> None:
    services("update", BUILT_IN_SERVICE, "--custom-codes")
    shown = run("audit", "list", **GOOD).stdout
    assert "service-changed" in shown
