"""The doctor: all is well, what the command prints, and what the documents say about it."""

import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from starlette.responses import Response

from saycode.cli.main import main
from saycode.doctor.findings import Check, Finding, Level, finding_lines, note, problem, summary
from saycode.doctor.http import FailureReason, RequestFailure
from tests.support.doctor import PUBLIC, SECRET, SENDER, TOKEN, DoctorSetup, Proxy, messages, problems
from twilio_simulator.core.account import AccountKind

DOCUMENTS = Path(__file__).parents[3] / "docs"
DOCUMENT = (DOCUMENTS / "doctor.md").read_text(encoding="utf-8")
KEY = "SK" + "1" * 32


async def test_a_healthy_setup_has_no_problems(setup: DoctorSetup) -> None:
    found = await setup.examine()
    assert problems(found) == []
    assert {finding.check for finding in found} == set(Check) - {Check.KEY, Check.SERVICE, Check.WHATSAPP}
    assert [finding.check for finding in found if finding.level is Level.NOTE] == [Check.ALERTS, Check.SENDER]


async def test_a_healthy_setup_on_loopback_needs_no_https(setup: DoctorSetup) -> None:
    here = setup.site.url
    setup.environ |= {"SAYCODE_PUBLIC_URL": here, "TWILIO_API_BASE_URL": setup.api.url}
    setup.serve()
    setup.twilio.add_number(SENDER, voice_url=f"{here}/webhooks/voice", sms_url=f"{here}/webhooks/sms")
    setup.hosts.clear()
    found = await setup.examine()
    assert problems(found) == []
    assert "https is not required" in messages(found)


async def test_an_examination_changes_nothing_in_the_store_and_calls_no_number(setup: DoctorSetup) -> None:
    before = contents(setup)
    await setup.examine()
    assert contents(setup) == before
    assert {request.method for request in setup.twilio.request_log.requests} == {"GET"}


def contents(setup: DoctorSetup) -> list[str]:
    with closing(sqlite3.connect(setup.folder / "saycode.db")) as file:
        return [line for line in file.iterdump() if not line.startswith(TRIES)]


#: What trying whether the file can be written leaves behind: the count of groups, and when it was tried.
TRIES = ('INSERT INTO "restore_marker" VALUES', """INSERT INTO "metric_totals" VALUES('probed',""")


# The command


def command(
    setup: DoctorSetup, monkeypatch: pytest.MonkeyPatch, *arguments: str, typed: str = "", **changed: str
) -> Result:
    """`saycode doctor` with everything on loopback."""
    here = setup.site.url
    setup.environ |= {"SAYCODE_PUBLIC_URL": here, "TWILIO_API_BASE_URL": setup.api.url}
    setup.serve()
    monkeypatch.chdir(setup.folder)
    return CliRunner().invoke(main, ["doctor", *arguments], env={**setup.environ, **changed}, input=typed)


def test_the_command_exits_with_1_on_a_problem_and_with_0_once_it_is_fixed(
    setup: DoctorSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    sick = command(setup, monkeypatch)
    assert (sick.exit_code, sick.output.splitlines()[-1]) == (1, "2 to fix, 2 to note.")
    told = " ".join(sick.output.split())  # where a line is broken depends on how long the address is
    assert re.search(r"problem calls to us Calls to .{1,200}? Fix: Run saycode doctor --fix", told)
    assert command(setup, monkeypatch, "--fix", "--yes").exit_code == 0
    well = command(setup, monkeypatch)
    assert (well.exit_code, well.output.splitlines()[-1]) == (0, "All is well, 2 to note.")


def test_the_command_prints_json(setup: DoctorSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = command(setup, monkeypatch, "--json")
    found = json.loads(printed.output)
    assert (printed.exit_code, found["well"]) == (1, False)
    assert {"check", "level", "said", "mend"} == set(found["findings"][0])
    assert [one["check"] for one in found["findings"] if one["level"] == "problem"] == ["calls to us", "texts to us"]


def test_invalid_settings_exit_with_1(setup: DoctorSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = command(setup, monkeypatch, SAYCODE_SECRET_KEY="short")
    assert (stopped.exit_code, "SAYCODE_SECRET_KEY" in stopped.output) == (1, True)


def test_no_secret_is_ever_printed(setup: DoctorSetup, monkeypatch: pytest.MonkeyPatch) -> None:
    keyed = {"TWILIO_API_KEY": KEY, "TWILIO_API_SECRET": "the-secret-of-the-key"}
    outputs = [
        command(setup, monkeypatch, "--json", **keyed).output,
        command(setup, monkeypatch, "--fix", "--yes", **keyed).output,
        command(setup, monkeypatch, TWILIO_AUTH_TOKEN="a-wrong-token-that-stays-secret").output,
    ]
    for secret in (TOKEN, SECRET, "the-secret-of-the-key", "a-wrong-token-that-stays-secret"):
        assert secret not in "".join(outputs)


def test_text_from_the_network_cannot_control_the_terminal() -> None:
    found = problem(Check.ADDRESS, "It says \x1b[2J\r\u202e.", "Do \x07 nothing.")
    shown = "".join(finding_lines(found, width=80, color=False))
    assert all(character.isprintable() for character in shown)


def test_colors_are_only_for_terminals() -> None:
    found = problem(Check.ADDRESS, "Gone.", "Wait.")
    assert "\x1b[31m" in finding_lines(found, width=80, color=True)[0]
    assert "\x1b" not in finding_lines(found, width=80, color=False)[0]


def test_the_last_line_counts_problems_and_notes() -> None:
    wrong, noted = problem(Check.ADDRESS, "Gone.", "Wait."), note(Check.CLOCK, "Late.")
    assert summary([]) == "All is well."
    assert summary([noted]) == "All is well, 1 to note."
    assert summary([wrong, wrong]) == "2 to fix."
    assert summary([wrong, noted, noted]) == "1 to fix, 2 to note."


def test_a_long_finding_is_wrapped_and_indented() -> None:
    first, *rest = finding_lines(problem(Check.ADDRESS, "word " * 30, "fix " * 30), width=60, color=False)
    assert first.startswith("problem  address       word word")
    assert all(line.startswith(" " * 23) for line in rest)
    assert max(map(len, [first, *rest])) <= 60


# --fix

OLD = "https://old.example"
NOT_CONFIRMED, NOT_READY = "it was not confirmed", "the public address is not ready"


def pointed_elsewhere(setup: DoctorSetup) -> None:
    """The number belongs to another installation, such as the one in production."""
    setup.twilio.add_number(SENDER, voice_url=f"{OLD}/voice", sms_url="")


def changed_at_twilio(setup: DoctorSetup) -> bool:
    """Whether anything but questions was sent to Twilio."""
    return {request.method for request in setup.twilio.request_log.requests} != {"GET"}


def never_asked(changes: Sequence[str]) -> bool:
    raise AssertionError(changes)


def another_service(setup: DoctorSetup) -> None:
    setup.serve(TWILIO_AUTH_TOKEN="of-another-account")


def another_address(setup: DoctorSetup) -> None:
    setup.serve(SAYCODE_PUBLIC_URL=OLD)


def no_server(setup: DoctorSetup) -> None:
    setup.hosts[PUBLIC] = RequestFailure(FailureReason.REFUSED)


def broken_signatures(setup: DoctorSetup) -> None:
    setup.site.switch.app = Proxy(setup.serve(), trims=True)


def one_broken_webhook(setup: DoctorSetup) -> None:
    setup.site.switch.app = Proxy(setup.serve(), answers={"/webhooks/sms": Response(status_code=403)})


def a_private_address(setup: DoctorSetup) -> None:
    here = setup.site.url
    setup.environ["SAYCODE_PUBLIC_URL"] = here
    setup.serve(SAYCODE_PUBLIC_URL=here)


def another_database(setup: DoctorSetup) -> None:
    setup.environ["SAYCODE_DATABASE_URL"] = f"sqlite:///{setup.folder / 'of-the-command-line.db'}"


@pytest.mark.parametrize(
    "broken",
    [
        another_service,
        another_address,
        no_server,
        broken_signatures,
        one_broken_webhook,
        a_private_address,
        another_database,
    ],
)
async def test_fix_changes_nothing_before_the_address_leads_here_and_signatures_arrive(
    setup: DoctorSetup, broken: Callable[[DoctorSetup], None]
) -> None:
    pointed_elsewhere(setup)
    broken(setup)
    found = await setup.fix(confirm=never_asked)
    assert not changed_at_twilio(setup)
    assert NOT_READY in messages(found)
    assert {Check.CALLS, Check.TEXTS} <= {finding.check for finding in problems(found)}


async def test_fix_shows_what_it_will_change_and_leaves_it_without_a_yes(setup: DoctorSetup) -> None:
    pointed_elsewhere(setup)
    shown: list[str] = []

    def decline(changes: Sequence[str]) -> bool:
        shown.extend(changes)
        return False

    found = await setup.fix(confirm=decline)
    assert shown == [
        f"Calls to {SENDER} go to {OLD}/voice by POST. They would go to {PUBLIC}/webhooks/voice by POST.",
        f"Texts to {SENDER} go nowhere. They would go to {PUBLIC}/webhooks/sms by POST.",
    ]
    assert not changed_at_twilio(setup)
    assert NOT_CONFIRMED in messages(found)
    assert setup.twilio.numbers[SENDER].voice_url == f"{OLD}/voice"


async def test_fix_asks_nothing_when_there_is_nothing_to_change(setup: DoctorSetup) -> None:
    assert problems(await setup.fix(confirm=never_asked)) == []
    assert not changed_at_twilio(setup)


@pytest.mark.parametrize(
    ("arguments", "typed", "changed"),
    [
        (("--fix",), "y\n", True),
        (("--fix",), "n\n", False),
        (("--fix",), "\n", False),
        (("--fix",), "", False),
        (("--fix", "--json"), "", False),
        (("--fix", "--yes"), "", True),
        (("--fix", "--yes", "--json"), "", True),
        (("--yes",), "", False),
    ],
)
def test_the_command_asks_before_it_changes_a_number(
    setup: DoctorSetup, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], typed: str, changed: bool
) -> None:
    pointed_elsewhere(setup)
    done = command(setup, monkeypatch, *arguments, typed=typed)
    assert (changed_at_twilio(setup), done.exit_code) == (changed, 0 if changed else 1)
    assert (f"Calls to {SENDER} go to {OLD}/voice by POST." in done.stderr) == ("--fix" in arguments)
    if "--json" in arguments:
        assert json.loads(done.stdout)["well"] is changed


# The documents


def printed(findings: list[Finding], among: list[Finding]) -> str:
    """Some findings, and the last line for all of them."""
    return "\n".join(
        [*(line for one in findings for line in finding_lines(one, width=100, color=False)), "", summary(among), ""]
    )


async def test_the_samples_in_the_document_are_what_is_printed(
    setup: DoctorSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(setup.folder)
    setup.environ["SAYCODE_DATABASE_URL"] = "sqlite:///saycode.db"
    healthy, sick = re.findall(r"^```text\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    found = await setup.examine()
    assert printed(found, found) == healthy
    setup.serve(SAYCODE_PUBLIC_URL="https://old.example")
    setup.twilio.numbers[SENDER].voice_url = "https://old.example/webhooks/voice"
    setup.twilio.account.kind = AccountKind.TRIAL
    found = await setup.examine()
    assert printed([finding for finding in found if finding.level is not Level.OK], found) == sick


def test_every_check_is_documented_in_the_order_of_the_examination() -> None:
    assert re.findall(r"^\| `([a-z ]+)` \|", DOCUMENT, re.MULTILINE) == list(Check)


def test_first_call_names_checks_that_the_doctor_prints() -> None:
    rows = re.findall(r"^\| [0-9] \| (.*?) \|", (DOCUMENTS / "first-call.md").read_text(encoding="utf-8"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z ]+)`", row)}
    assert len(rows) == 5
    assert named <= set(Check)
