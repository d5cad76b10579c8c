"""`saycode alerts`: what is open, and a test of the targets that says what happened and no address."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import CliRunner, Result

from saycode.alerts.states import AlertStates, Letter
from saycode.cli.main import main
from tests.support.alert_receivers import MailServer, mail_server
from tests.support.engine import open_store
from tests.support.keys import KEY
from tests.support.webhook_receiver import Receiver, receiving
from verification.alerts import AlertKind, Condition

SETTINGS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a-token-of-twilios",
    "TWILIO_FROM_NUMBER": "+14155550199",
    "SAYCODE_PUBLIC_URL": "https://verify.example",
    "SAYCODE_SECRET_KEY": KEY,
}
pytestmark = pytest.mark.sqlite  # a command opens the file of its settings


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """On a thread of its own: the command has the event loop of this one."""
    ready, over, found = Event(), Event(), list[Receiver]()

    async def serve() -> None:
        async with receiving() as receiver:
            found.append(receiver)
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    yield found[0]
    over.set()
    thread.join()


def run(*arguments: str, **settings: str) -> Result:
    return CliRunner().invoke(main, arguments, env={**SETTINGS, **settings})


def test_each_target_gets_one_message_and_what_happened_is_said(mail: MailServer, receiver: Receiver) -> None:
    receiver.script = [503]
    refusing = f"json://ann:a-password@{receiver.url.removeprefix('http://')}"
    done = run("alerts", "test", SAYCODE_ALERT_URLS=f"{mail.url}, {refusing},json://127.0.0.1:1/a-token")
    assert done.stdout.splitlines() == [
        "1 (mailto): sent",
        "2 (json): not sent, refused with status 503",
        "3 (json): not sent, no connection, or refused",
    ]
    assert done.exit_code == 1
    assert mail.subjects == ["verify.example: Test of alerts"]
    for secret in ("a-password", "a-token", "127.0.0.1"):
        assert secret not in done.output


def test_all_is_well_when_every_target_took_it(mail: MailServer) -> None:
    done = run("alerts", "test", "--json", SAYCODE_ALERT_URLS=mail.url)
    assert (done.exit_code, json.loads(done.stdout)) == (0, [{"target": "1 (mailto)", "sent": True, "why": None}])


def test_without_a_target_the_test_says_how_to_set_one() -> None:
    done = run("alerts", "test")
    assert (done.exit_code, "SAYCODE_ALERT_URLS is not set" in done.stderr) == (1, True)


def test_open_alerts_are_listed_in_words() -> None:
    assert run("alerts").stdout == "No alert is open.\n"

    async def open_one() -> None:
        async with open_store(Path("saycode.db"), secrets=(KEY.encode(),)) as store:
            closed = Condition(
                kind=AlertKind.LIMIT_CLOSED, scope="country", country="DE", rule="3/1h", until=1_800_003_600.0
            )
            await AlertStates(store).change([closed], lambda *_: (Letter("", ""), ()), (), now=1_800_000_000.0)

    asyncio.run(open_one())
    assert run("alerts").stdout == (
        "2027-01-15T08:00:00Z  Calls and texts to DE are refused. SAYCODE_LIMIT_COUNTRY allows 3/1h. It opens again"
        " from 2027-01-15 09:00 UTC on. If these are your users, raise the limit; if not, it protects you: see"
        " docs/limits.md and the console.\n"
    )
    (listed,) = json.loads(run("alerts", "--json").stdout)
    assert (listed["alert"], listed["date_opened"]) == ("limit-closed", "2027-01-15T08:00:00Z")
    watched = run("alerts", SAYCODE_LIMITS="watch").stdout
    assert "would be refused" in watched
    assert "nothing is refused" in watched


def test_an_event_target_may_get_the_alerts_instead_of_a_services_events() -> None:
    added = json.loads(run("events", "add", "https://ops.example/alerts", "--alerts", "--json").stdout)
    assert added["service_sid"] == "alerts"
    both = run("events", "add", "https://ops.example/alerts", "--alerts", "--service", "VA" + "0" * 32)
    assert (both.exit_code, "exclude each other" in both.stderr) == (2, True)
