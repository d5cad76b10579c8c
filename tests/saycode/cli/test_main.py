"""The command line: what starts, what does not, and why not in one line each."""

import json
import logging
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from saycode.cli.main import main
from tests.support import engine
from tests.support.keys import KEY

GOOD = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a-token-of-twilios",
    "TWILIO_FROM_NUMBER": "+14155550199",
    "SAYCODE_PUBLIC_URL": "https://verify.example",
    "SAYCODE_SECRET_KEY": KEY,
}


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder, an environment without settings, and logging as in a new process, put back afterwards."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(("SAYCODE_", "TWILIO_"))]:
        monkeypatch.delenv(name)
    if engine.POSTGRESQL:
        monkeypatch.setenv("SAYCODE_DATABASE_URL", engine.database_for(tmp_path / "saycode.db", KEY.encode()))
    for name in ("uvicorn", "uvicorn.error"):  # servers of other tests may have silenced it
        theirs = logging.getLogger(name)
        theirs.handlers[:], theirs.propagate = [], True
        theirs.setLevel(logging.NOTSET)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    logging.captureWarnings(False)
    logging.getLogger("uvicorn.access").disabled = False


@pytest.fixture
def taken_port() -> Iterator[str]:
    """A port in use: the service exits with another code than 2 if it tries to listen there."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield str(listening.getsockname()[1])


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env=environment)


def test_without_settings_nothing_starts_and_each_missing_one_is_reported(taken_port: str) -> None:
    stopped = run("serve", "--port", taken_port)
    assert (stopped.exit_code, stopped.stdout) == (2, "")
    lines = stopped.stderr.splitlines()
    assert [line.split(" is missing: ")[0] for line in lines] == list(GOOD)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("value", ["", "   "])
def test_an_empty_setting_stops_the_start_and_is_named(taken_port: str, name: str, value: str) -> None:
    stopped = run("serve", "--port", taken_port, **GOOD | {name: value})
    assert (stopped.exit_code, stopped.stdout) == (2, "")
    (line,) = stopped.stderr.splitlines()
    assert line.startswith(f"{name} is missing: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAYCODE_MAX_CHECKS", "6"),
        ("SAYCODE_CODE_LIFETIME", "601"),
        ("SAYCODE_KEYPRESS", "none"),
        ("SAYCODE_PUBLIC_URL", "http://verify.example"),
        ("SAYCODE_UNKNOWN", "1"),
    ],
)
def test_a_setting_out_of_bounds_stops_the_start_and_is_named(taken_port: str, name: str, value: str) -> None:
    stopped = run("serve", "--port", taken_port, **GOOD | {name: value})
    assert (stopped.exit_code, stopped.stdout) == (2, "")
    (line,) = stopped.stderr.splitlines()
    assert line.startswith(name)


def test_all_problems_are_reported_at_once_without_secrets(taken_port: str) -> None:
    stopped = run("serve", "--port", taken_port, **GOOD | {"TWILIO_ACCOUNT_SID": "x", "SAYCODE_SECRET_KEY": "short"})
    assert stopped.exit_code == 2
    assert [line.split()[0] for line in stopped.stderr.splitlines()] == ["TWILIO_ACCOUNT_SID", "SAYCODE_SECRET_KEY"]
    assert "short" not in stopped.output
    assert "a-token-of-twilios" not in stopped.output


def test_settings_come_from_a_file_in_the_folder_too(taken_port: str) -> None:
    Path(".env").write_text("".join(f"{name}={value}\n" for name, value in GOOD.items() if "FROM" not in name))
    stopped = run("serve", "--port", taken_port)
    assert stopped.exit_code == 2
    (line,) = stopped.stderr.splitlines()
    assert line.startswith("TWILIO_FROM_NUMBER is missing")


@pytest.mark.sqlite
def test_a_file_that_is_not_a_database_stops_the_start_with_one_line(taken_port: str) -> None:
    Path("saycode.db").write_bytes(b"a text file that is not a database at all" * 100)
    stopped = run("serve", "--port", taken_port, **GOOD)
    assert (stopped.exit_code, stopped.stdout) == (2, "")
    (line,) = stopped.stderr.splitlines()
    assert "Traceback" not in line
    assert "saycode.db" in line


@pytest.mark.sqlite
def test_a_missing_database_stops_the_start_when_none_may_be_created(taken_port: str) -> None:
    stopped = run("serve", "--port", taken_port, **GOOD | {"SAYCODE_DATABASE_CREATE": "no"})
    assert (stopped.exit_code, stopped.stdout) == (2, "")
    assert "saycode.db" in stopped.stderr
    assert not Path("saycode.db").exists()


@pytest.mark.parametrize(
    "command", [("accounts", "list"), ("numbers", "list"), ("services", "list"), ("show",), ("why", "VE1")]
)
def test_a_command_that_makes_a_database_says_where_on_standard_error(tmp_path: Path, command: tuple[str, ...]) -> None:
    for name, told in (("saycode.db", True), ("saycode.db", False), ("folder/../other.db", True)):
        (tmp_path / "folder").mkdir(exist_ok=True)
        done = run(*command, **GOOD, SAYCODE_DATABASE_URL=f"sqlite:///{name}")
        line = f"A new database was made: {(tmp_path / name).resolve()}"
        assert (line in done.stderr.splitlines()) == told, done.stderr
        assert "new database" not in done.stdout


@pytest.mark.sqlite
def test_an_empty_file_becomes_a_new_database_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "saycode.db").touch()
    assert f"A new database was made: {tmp_path / 'saycode.db'}" in run("accounts", "list", **GOOD).stderr


@pytest.mark.sqlite
def test_the_service_says_where_it_makes_a_database(tmp_path: Path, taken_port: str) -> None:
    stopped = run("serve", "--port", taken_port, **GOOD)
    told = json.loads(stopped.stderr.splitlines()[0])
    assert (told["level"], told["event"]) == ("warning", f"A new database was made: {tmp_path / 'saycode.db'}")


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "--workers", "0"],
        ["serve", "--workers", "65"],
        ["serve", "--port", "http"],
        ["serve", "--port", "70000"],
        ["serve", "--port", "-1"],
        ["simulate", "--port", "70000"],
        ["serve", "something"],
        ["sing"],
    ],
)
def test_an_invalid_argument_exits_with_2_and_is_named(arguments: list[str]) -> None:
    stopped = run(*arguments, **GOOD)
    assert stopped.exit_code == 2
    assert "Error: " in stopped.stderr
    assert arguments[-1] in stopped.stderr
    assert not Path("saycode.db").exists()


def test_a_simulator_without_an_account_generates_one_and_prints_it(taken_port: str) -> None:
    first, second = (run("simulate", "--port", taken_port).stdout.splitlines() for _ in range(2))
    assert first[0].startswith("TWILIO_ACCOUNT_SID=AC")
    assert first[1].startswith("TWILIO_AUTH_TOKEN=")
    assert first[:2] != second[:2]


def test_a_simulator_with_an_account_of_the_environment_does_not_show_it(taken_port: str) -> None:
    shown = run("simulate", "--port", taken_port, **GOOD).output
    assert "a-token-of-twilios" not in shown
    assert "TWILIO_AUTH_TOKEN" not in shown


@pytest.mark.parametrize("asked", ["--help", "-h"])
def test_help_lists_the_commands(asked: str) -> None:
    shown = run(asked)
    assert shown.exit_code == 0
    for command in ("demo", "serve", "simulate"):
        assert f"\n  {command}" in shown.stdout


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param("serve", 3, id="a supervisor restarts it"),
        pytest.param("serve --workers 2", 3, id="workers"),
        ("simulate", 2),
        ("demo --once", 2),
    ],
)
def test_a_taken_port_is_told_in_one_plain_line(taken_port: str, command: str, code: int) -> None:
    stopped = run(*command.split(), "--port", taken_port, **GOOD)
    lines = [line for line in stopped.stderr.splitlines() if "A new database was made" not in line]
    assert (stopped.exit_code, len(lines)) == (code, 1)
    assert lines[0].startswith("Cannot listen on port")
    assert taken_port in lines[0]
    assert "Address already in use. Try --port" in lines[0]
    assert "Errno" not in stopped.output


@pytest.mark.parametrize("command", ["serve", "simulate"])
@pytest.mark.parametrize("host", ["no-such-name.invalid", "203.0.113.1", "a..b", "1.2.3.4.5"])
def test_a_host_that_is_not_this_machine_is_told_in_one_plain_line(command: str, host: str) -> None:
    stopped = run(command, "--host", host, "--port", "0", **GOOD)
    lines = [line for line in stopped.stderr.splitlines() if "A new database was made" not in line]
    assert (stopped.exit_code, len(lines)) == (3 if command == "serve" else 2, 1)
    assert lines[0].startswith(f"Cannot listen on port 0 of {host}: ")


def test_the_demonstration_leaves_room_for_its_second_port() -> None:
    stopped = run("demo", "--once", "--port", "65535")
    assert stopped.exit_code == 2
    assert "65535 is not in the range 0<=x<=65534" in stopped.stderr


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("docter", "'doctor'"), ("simulator", "'simulate'"), ("account", "'accounts'"), ("accounts imprt", "'import'")],
)
def test_a_command_is_proposed_for_a_name_that_is_near(typed: str, meant: str) -> None:
    stopped = run(*typed.split())
    assert stopped.exit_code == 2
    assert f"Did you mean {meant}?" in stopped.stderr


@pytest.mark.parametrize("typed", ["users", "user", "migrate", "start", "xyz", "accounts delete"])
def test_no_command_is_proposed_for_a_name_that_is_near_none(typed: str) -> None:
    stopped = run(*typed.split())
    assert stopped.exit_code == 2
    assert "No such command" in stopped.stderr
    assert "Did you mean" not in stopped.stderr
