"""`saycode console`: what it refuses to begin with. That it serves is shown by the shop's tests and in the browser."""

import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from saycode.cli.main import main
from tests.support.keys import KEY

SETTINGS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a-token-of-twilios",
    "TWILIO_FROM_NUMBER": "+14155550199",
    "SAYCODE_PUBLIC_URL": "https://verify.example",
    "SAYCODE_SECRET_KEY": KEY,
}


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str, **settings: str) -> Result:
    return CliRunner().invoke(main, ["console", *arguments], env={**SETTINGS, **settings})


def test_a_taken_port_is_told_plainly() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = run("--port", str(port))
    assert (refused.exit_code, "Traceback" in refused.stderr) == (3, False)
    assert f"Port {port} of 127.0.0.1 is taken" in refused.stderr


@pytest.mark.parametrize("address", [None, "https://api.twilio.com", "https://127.0.0.1.example"])
def test_no_example_is_written_where_twilio_is_the_real_one(address: str | None, tmp_path: Path) -> None:
    refused = run("--example-traffic", **({"TWILIO_API_BASE_URL": address} if address else {}))
    assert refused.exit_code == 2
    assert "only for a database of the simulator" in refused.stderr
    assert not list(tmp_path.glob("*.db"))
