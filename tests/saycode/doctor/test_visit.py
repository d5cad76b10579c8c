"""The doctor: all is well, what the command prints, and what the documents say about it."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from saycode.cli.main import main
from saycode.doctor.findings import Check, Finding, Level, finding_lines, note, problem, summary
from tests.support.doctor import SECRET, SENDER, TOKEN, Town, problems, said, settled
from twilio_simulator.core.account import AccountKind

DOCUMENTS = Path(__file__).parents[3] / "docs"
DOCUMENT = (DOCUMENTS / "doctor.md").read_text(encoding="utf-8")
KEY = "SK" + "1" * 32


@pytest.fixture(scope="module")
def settle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Town]]:
    with settled(tmp_path_factory.mktemp("town")) as settle:
        yield settle


@pytest.fixture
def town(settle: Callable[[], Town]) -> Town:
    """All is well, until a test spoils something."""
    return settle()


async def test_all_is_well(town: Town) -> None:
    found = await town.examine()
    assert problems(found) == []
    assert {finding.check for finding in found} == set(Check) - {Check.KEY, Check.SERVICE}
    assert [finding.check for finding in found if finding.level is Level.NOTE] == [Check.SENDER]


async def test_all_is_well_on_loopback_with_a_simulator_and_without_https(town: Town) -> None:
    here = town.site.url
    town.environ |= {"SAYCODE_PUBLIC_URL": here, "TWILIO_API_BASE_URL": town.api.url}
    town.serve()
    town.twilio.add_number(SENDER, voice_url=f"{here}/webhooks/voice", sms_url=f"{here}/webhooks/sms")
    town.places.clear()
    found = await town.examine()
    assert problems(found) == []
    assert "https is not asked for" in said(found)


async def test_a_visit_touches_nothing_in_the_code_table_and_calls_nobody(town: Town) -> None:
    before = contents(town)
    await town.examine()
    assert contents(town) == before
    assert {request.method for request in town.twilio.request_log.requests} == {"GET"}


def contents(town: Town) -> list[str]:
    with closing(sqlite3.connect(town.folder / "saycode.db")) as file:
        return [line for line in file.iterdump() if not line.startswith(TRIES)]


#: What trying whether the file can be written leaves behind: the count of groups, and when it was tried.
TRIES = ('INSERT INTO "mark" VALUES', """INSERT INTO "totals" VALUES('probed',""")


# The command


def command(town: Town, monkeypatch: pytest.MonkeyPatch, *arguments: str, **changed: str) -> Result:
    """`saycode doctor` with everything on loopback."""
    here = town.site.url
    town.environ |= {"SAYCODE_PUBLIC_URL": here, "TWILIO_API_BASE_URL": town.api.url}
    town.serve()
    monkeypatch.chdir(town.folder)
    return CliRunner().invoke(main, ["doctor", *arguments], env={**town.environ, **changed})


def test_the_command_ends_with_1_on_a_problem_and_with_0_once_it_is_fixed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick = command(town, monkeypatch)
    assert (sick.exit_code, sick.output.splitlines()[-1]) == (1, "2 to fix, 1 to note.")
    told = " ".join(sick.output.split())  # where a line is broken depends on how long the address is
    assert re.search(r"problem calls to us Calls to .{1,200}? Fix: Run saycode doctor --fix", told)
    assert command(town, monkeypatch, "--fix").exit_code == 0
    well = command(town, monkeypatch)
    assert (well.exit_code, well.output.splitlines()[-1]) == (0, "All is well, 1 to note.")


def test_the_command_prints_json_for_programs(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = command(town, monkeypatch, "--json")
    found = json.loads(printed.output)
    assert (printed.exit_code, found["well"]) == (1, False)
    assert {"check", "level", "said", "mend"} == set(found["findings"][0])
    assert [one["check"] for one in found["findings"] if one["level"] == "problem"] == ["calls to us", "texts to us"]


def test_unreadable_settings_end_the_command_with_1(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = command(town, monkeypatch, SAYCODE_SECRET_KEY="short")
    assert (stopped.exit_code, "SAYCODE_SECRET_KEY" in stopped.output) == (1, True)


def test_no_secret_is_ever_printed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    keyed = {"TWILIO_API_KEY": KEY, "TWILIO_API_SECRET": "the-secret-of-the-key"}
    outputs = [
        command(town, monkeypatch, "--json", **keyed).output,
        command(town, monkeypatch, "--fix", **keyed).output,
        command(town, monkeypatch, TWILIO_AUTH_TOKEN="a-wrong-token-nobody-sees").output,
    ]
    for secret in (TOKEN, SECRET, "the-secret-of-the-key", "a-wrong-token-nobody-sees"):
        assert secret not in "".join(outputs)


def test_what_came_over_the_network_cannot_steer_a_terminal() -> None:
    found = problem(Check.ADDRESS, "It says \x1b[2J\r\u202e.", "Do \x07 nothing.")
    shown = "".join(finding_lines(found, width=80, colour=False))
    assert all(character.isprintable() for character in shown)


def test_colours_are_only_for_terminals() -> None:
    found = problem(Check.ADDRESS, "Gone.", "Wait.")
    assert "\x1b[31m" in finding_lines(found, width=80, colour=True)[0]
    assert "\x1b" not in finding_lines(found, width=80, colour=False)[0]


def test_the_last_line_counts_what_there_is_and_nothing_else() -> None:
    wrong, noted = problem(Check.ADDRESS, "Gone.", "Wait."), note(Check.CLOCK, "Late.")
    assert summary([]) == "All is well."
    assert summary([noted]) == "All is well, 1 to note."
    assert summary([wrong, wrong]) == "2 to fix."
    assert summary([wrong, noted, noted]) == "1 to fix, 2 to note."


def test_a_finding_is_wrapped_under_itself() -> None:
    first, *rest = finding_lines(problem(Check.ADDRESS, "word " * 30, "mend " * 30), width=60, colour=False)
    assert first.startswith("problem  address       word word")
    assert all(line.startswith(" " * 23) for line in rest)
    assert max(map(len, [first, *rest])) <= 60


# The documents


def printed(findings: list[Finding], among: list[Finding]) -> str:
    """Some findings, and the last line for all of them."""
    return "\n".join(
        [*(line for one in findings for line in finding_lines(one, width=100, colour=False)), "", summary(among), ""]
    )


async def test_the_samples_in_the_document_are_what_is_printed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(town.folder)
    town.environ["SAYCODE_DATABASE_URL"] = "sqlite:///saycode.db"
    healthy, sick = re.findall(r"^```text\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    found = await town.examine()
    assert printed(found, found) == healthy
    town.serve(SAYCODE_PUBLIC_URL="https://old.example")
    town.twilio.numbers[SENDER].voice_url = "https://old.example/webhooks/voice"
    town.twilio.account.kind = AccountKind.TRIAL
    found = await town.examine()
    assert printed([finding for finding in found if finding.level is not Level.OK], found) == sick


def test_every_check_is_in_the_document_in_the_order_of_the_visit() -> None:
    assert re.findall(r"^\| `([a-z ]+)` \|", DOCUMENT, re.MULTILINE) == list(Check)


def test_the_way_to_the_first_call_names_lines_that_the_doctor_prints() -> None:
    rows = re.findall(r"^\| [0-9] \| (.*?) \|", (DOCUMENTS / "first-call.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z ]+)`", row)}
    assert len(rows) == 5
    assert named <= set(Check)
