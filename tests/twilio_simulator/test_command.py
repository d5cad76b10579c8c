"""The options of `twilio-simulator`, which are those of `saycode simulate`."""

import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import click
import pytest

from saycode.cli.main import simulate
from twilio_simulator import command

README = Path(command.__file__).with_name("README.md").read_text(encoding="utf-8")


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """The arguments of each start; nothing is served."""
    starts: list[dict[str, object]] = []
    monkeypatch.setattr(command, "run", lambda **arguments: starts.append(arguments))
    return starts


@pytest.mark.parametrize(
    "arguments",
    [[], ["--host", "::1", "--port", "0"], ["--told", "--calls-per-second", "0"], ["--calls-per-second", "2.5"]],
)
def test_both_commands_start_the_simulator_alike(started: list[dict[str, object]], arguments: list[str]) -> None:
    command.main(arguments)
    simulate.main(arguments, standalone_mode=False)
    assert started[0] == started[1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "70000"],
        ["--port", "http"],
        ["--calls-per-second", "-1"],
        ["--calls-per-second", "nan"],
        ["--nonsense"],
    ],
)
def test_an_invalid_option_is_exit_code_2(started: list[dict[str, object]], arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        command.main(arguments)
    assert stopped.value.code == 2
    assert started == []


def test_it_prints_where_it_listens() -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "TWILIO_ACCOUNT_SID": "", "TWILIO_AUTH_TOKEN": ""}
    arguments = [sys.executable, "-c", "from twilio_simulator.command import main; main()", "--port", "0"]
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout is not None
            account, token, address = (run.stdout.readline() for _ in range(3))
            assert account.startswith("TWILIO_ACCOUNT_SID=AC")
            assert token.startswith("TWILIO_AUTH_TOKEN=")
            url = re.search(r"listens at (http://127\.0\.0\.1:\d+),", address)
            assert url
            with urllib.request.urlopen(f"{url[1]}/simulator/clock", timeout=5) as answer:
                assert answer.status == 200
        finally:
            run.terminate()


def test_both_commands_and_the_readme_have_the_same_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--help"])
    options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert options == {name for option in simulate.params if isinstance(option, click.Option) for name in option.opts}
    assert options == set(re.findall(r"`(--[a-z-]+)`", README))
