"""The examples of the documents run, against a real service with its simulator."""

import ast
import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.docs.blocks import ROOT, Block, blocks
from tests.support.missing import missing
from tests.support.processes import Deployment, deploy

SHOWN_ADDRESS = "https://verify.acme.example"
#: Commands with values to fill in are parsed by test_commands.py; these are not run either, because of what they do.
NOT_RUN = {
    "alerts": "it sends a mail; tests/saycode/cli/test_alerts.py runs it, with a mail server",
    "backup": "it writes into a folder of the machine; tests/saycode/cli/test_backup.py runs it",
    "console": "it serves until it is stopped; the tests of the console run it",
    "doctor": "it asks the account at Twilio; tests/saycode/doctor runs it",
    "move": "it needs a PostgreSQL server; the tests of PostgreSQL run it",
    "simulate": "it serves until it is stopped; every deployment of a test runs it",
}


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy(tmp_path_factory.mktemp("documents"), SAYCODE_COUNTRIES="US") as deployment:
        (actions,) = blocks_of("docs/step-up.md", "toml")
        (accounts,) = blocks_of("docs/accounts.md", "csv")
        (deployment.folder / "actions.toml").write_text(actions.text, encoding="utf-8")
        (deployment.folder / "customers.csv").write_text(accounts.text, encoding="utf-8")
        yield deployment


def blocks_of(document: str, language: str) -> list[Block]:
    return [block for block in blocks(language) if block.document == document]


def runnable() -> list[list[str]]:
    """The saycode commands of all blocks that name everything they need."""
    commands = [words[1:] for block in blocks("sh", "console") for words in block.commands() if words[0] == "saycode"]
    return [words for words in commands if "…" not in " ".join(words) and words[0] not in NOT_RUN]


@pytest.mark.parametrize("words", runnable(), ids=" ".join)
def test_a_command_runs(deployment: Deployment, words: list[str]) -> None:
    shown = deployment.command(*words)  # raises when it fails
    assert shown or words[-1] == "list"


def test_the_commands_that_run_are_some() -> None:
    assert len(runnable()) >= 8


@pytest.fixture(scope="module")
def names(deployment: Deployment) -> dict[str, Any]:
    """What the examples in Python take as given: a service that may send its own codes, and what came before."""
    made = json.loads(deployment.command("services", "create", "Leaf", "--custom-codes", "--json"))
    deployment.command("accounts", "import", "customers.csv", "--service", made["service_sid"])
    client = unpooled(made["key_sid"], made["secret"])
    client.verify.base_url = deployment.address
    names = {"Client": unpooled, "client": client, "key_sid": made["key_sid"], "secret": made["secret"]}
    return names | {"service_sid": made["service_sid"], "order": "4711", "code": "004715", "number": "+14155550177"}


def unpooled(account: str, secret: str) -> Client:
    """Twilio's client, without a pool of connections that would outlive the test."""
    return Client(account, secret, http_client=TwilioHttpClient(pool_connections=False))


def run(block: Block, names: dict[str, Any], address: str) -> Any:
    """Run a block with these names, which it adds to; the value of its last expression."""
    tree = ast.parse(block.text.replace(SHOWN_ADDRESS, address).replace("import Client\n", "import Client as _\n"))
    last = tree.body[-1] if isinstance(tree.body[-1], ast.Expr) else None
    tree.body = tree.body[: -1 if last else None]
    exec(compile(tree, str(block), "exec"), names)  # noqa: S102 - our own document
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), str(block), "eval"), names)  # noqa: S307 - our own document


def test_the_example_of_the_overview_starts_a_call(deployment: Deployment, names: dict[str, Any]) -> None:
    (block,) = blocks_of("README.md", "python")
    assert run(block, dict(names), deployment.address).status == "pending"


def test_the_examples_of_the_api_start_check_and_repeat_safely(deployment: Deployment, names: dict[str, Any]) -> None:
    first, idempotent = blocks_of("docs/api.md", "python")
    known = dict(names)
    assert run(first, known, deployment.address) in {True, False}  # one code in a million is right
    answers = [json.loads(run(idempotent, known, deployment.address)) for _ in range(2)]
    assert answers[0]["status"] == "pending"
    assert answers[0]["sid"] == answers[1]["sid"]


def test_the_examples_of_an_own_code_send_and_report_it(deployment: Deployment, names: dict[str, Any]) -> None:
    start, report = blocks_of("docs/your-code.md", "python")
    known = dict(names)
    run(start, known, deployment.address)
    assert run(report, known, deployment.address).status == "approved"


def test_an_account_of_the_file_has_both_numbers(deployment: Deployment, names: dict[str, Any]) -> None:
    listed = deployment.command("accounts", "list", "--service", names["service_sid"], "--json")
    assert {"ada", "bob"} <= {account["username"] for account in json.loads(listed)}


@pytest.mark.parametrize("block", [block for block in blocks("console") if "$ curl" in block.text], ids=str)
def test_a_request_with_curl_is_accepted(deployment: Deployment, block: Block, tmp_path: Path) -> None:
    for words in block.commands():
        at_hand = [word.replace("http://127.0.0.1:8001", deployment.simulator) for word in words]
        try:
            answer = subprocess.run([*at_hand, "--silent", "--fail"], capture_output=True, text=True, check=True)
        except FileNotFoundError:
            missing("curl", "apt-get install curl")
        assert json.loads(answer.stdout)
    assert shlex.join(words).startswith("curl")


def test_every_example_in_python_is_run_somewhere() -> None:
    here = {"README.md", "docs/api.md", "docs/your-code.md"}
    elsewhere = {
        "docs/events.md": "tests/saycode/events/test_sender.py",
        "docs/receipts.md": "tests/saycode/server/test_receipts.py",
        "docs/simulator.md": "tests/twilio_simulator/test_simulator_documentation.py",
        "docs/openid.md": "tests/clients/openid_logins.py",
        "twilio_simulator/README.md": "tests/twilio_simulator/test_simulator_documentation.py",
    }
    assert {block.document for block in blocks("python")} <= here | elsewhere.keys()
    assert all((ROOT / path).exists() for path in elsewhere.values())
