"""`saycode events`: an address is added with a secret of its own, listed without it, and removed."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from saycode.cli.main import main
from tests.support.keys import KEY
from verification.models import BUILT_IN_SERVICE

SETTINGS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a-token-of-twilios",
    "TWILIO_FROM_NUMBER": "+14155550199",
    "SAYCODE_PUBLIC_URL": "https://verify.example",
    "SAYCODE_SECRET_KEY": KEY,
}
URL = "https://shop.example/events"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, **settings: str) -> Result:
    return CliRunner().invoke(main, ["events", *arguments], env={**SETTINGS, **settings})


def test_an_event_target_is_added_listed_and_removed() -> None:
    added = json.loads(run("add", URL, "--json").stdout)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", added["secret"])
    assert (added["url"], added["service_sid"]) == (URL, BUILT_IN_SERVICE)
    (listed,) = json.loads(run("list", "--json").stdout)
    assert set(listed) == {"target_sid", "service_sid", "url", "date_created", "waiting"}
    assert listed["waiting"] == 0
    assert listed["target_sid"] == added["target_sid"]
    assert added["secret"] not in run("list").stdout
    assert run("remove", added["target_sid"]).exit_code == 0
    assert json.loads(run("list", "--json").stdout) == []
    again = run("remove", added["target_sid"])
    assert (again.exit_code, "there is no target" in again.stderr) == (1, True)


def test_the_secret_is_printed_once() -> None:
    shown = run("add", URL).stdout
    assert "whsec_" in shown
    assert "only once" in shown


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://shop.example/events", "URL must begin with https://"),
        ("https://10.0.0.1/events", "URL must not lead to this machine or a private network"),
        ("http://127.0.0.1:8002/events", "URL must begin with https://"),
    ],
)
def test_an_address_that_is_not_allowed_is_refused(url: str, problem: str) -> None:
    refused = run("add", url)
    assert refused.exit_code == 1
    assert problem in refused.stderr


def test_loopback_is_allowed_for_a_service_on_loopback() -> None:
    local = {"SAYCODE_PUBLIC_URL": "http://127.0.0.1:8000"}
    assert run("add", "http://127.0.0.1:8002/events", **local).exit_code == 0
    assert run("add", "http://10.0.0.1/events", **local).exit_code == 1


def test_an_event_target_of_an_unknown_service_is_refused() -> None:
    refused = run("add", URL, "--service", "VA" + "1" * 32)
    assert (refused.exit_code, "there is no service" in refused.stderr) == (1, True)
