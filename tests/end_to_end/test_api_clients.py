"""The API of a running service: Twilio's own client libraries, which need another address and nothing else; many at
once; and a fuzzer.
"""

import json
import os
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.adversarial.fuzz import fuzz
from tests.support.api_client import other
from tests.support.engine import another_program
from tests.support.missing import missing
from tests.support.processes import ROOT, Deployment, Phone, deploy
from webhooks.api.operations import OPERATIONS

NODE = ROOT / "tests" / "node"
Fields = dict[str, object]
NUMBERS = (f"+1415555{n}" for n in count(3000))


@dataclass(frozen=True, slots=True)
class Key:
    """What `saycode services create` shows."""

    service: str
    sid: str
    secret: str


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy(tmp_path_factory.mktemp("deployment"), workers=2, SAYCODE_MAX_CHECKS="2") as deployment:
        yield deployment


@pytest.fixture(scope="module")
def key(deployment: Deployment) -> Key:
    return read_key(deployment.command("services", "create", "Acme", "--json"))


def read_key(shown: str) -> Key:
    made = json.loads(shown)
    return Key(made["service_sid"], made["key_sid"], made["secret"])


@pytest.fixture
def phone(deployment: Deployment) -> Phone:
    return deployment.phone(next(NUMBERS))


@contextmanager
def python(deployment: Deployment, key: Key) -> Iterator[Client]:
    """Twilio's Python library, pointed here."""
    http = TwilioHttpClient()
    client = Client(key.sid, key.secret, http_client=http)
    client.verify.base_url = deployment.address
    try:
        yield client
    finally:
        assert http.session is not None
        http.session.close()


@pytest.fixture
def client(deployment: Deployment, key: Key) -> Iterator[Client]:
    with python(deployment, key) as client:
        yield client


def service(client: Client, key: Key) -> Any:
    """The library declares words such as a channel as classes of their own, and gives plain text."""
    return client.verify.v2.services(key.service)


def texted_code(phone: Phone) -> str:
    phone.wait_for("text")
    return phone.texts[-1].partition("#")[2]


def filled(instance: object, *, nothing: tuple[str, ...] = ()) -> None:
    """Every documented field of a typed result has something in it, except those that say nothing here."""
    fields = {name: value for name, value in vars(instance).items() if not name.startswith("_")}
    assert {name for name, value in fields.items() if value is None} == set(nothing)
    for name, value in fields.items():
        assert isinstance(value, datetime) == name.startswith("date_"), name


# Python.


def test_python_creates_fetches_checks_and_cancels(client: Client, key: Key, phone: Phone) -> None:
    verify = service(client, key)
    created = verify.verifications.create(to=phone.number, channel="sms", locale="en", device_ip="203.0.113.7")
    filled(created, nothing=("amount", "payee", "sna"))
    assert (created.status, created.valid, created.to, created.channel) == ("pending", False, phone.number, "sms")
    assert [attempt["channel"] for attempt in created.send_code_attempts or []] == ["SMS"]
    for name in (created.sid, phone.number):
        assert verify.verifications(str(name)).fetch().sid == created.sid
    code = texted_code(phone)
    assert "Acme" in phone.texts[-1]
    wrong = verify.verification_checks.create(to=phone.number, code=other(code))
    assert (wrong.valid, wrong.status) == (False, "pending")
    right = verify.verification_checks.create(to=phone.number, code=code)
    filled(right, nothing=("amount", "payee"))
    assert (right.valid, right.status, right.sid) == (True, "approved", created.sid)
    with pytest.raises(TwilioRestException) as refused:
        verify.verification_checks.create(verification_sid=str(created.sid), code=code)
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_python_sends_what_is_ours_through_its_request(client: Client, key: Key, phone: Phone) -> None:
    start = f"/v2/Services/{key.service}/Verifications"
    wanted: Fields = {"To": phone.number, "Channel": "call", "Action": "change-billing", "CallStyle": "key"}
    named = {"Idempotency-Key": phone.number}
    answers = [client.verify.request("POST", start, data=wanted, headers=dict(named)) for _ in range(2)]
    created, again = (json.loads(answer.text) for answer in answers)
    assert ([answer.status_code for answer in answers], again) == ([201, 201], created)
    assert (created["action"], created["call_style"]) == ("change-billing", "key")
    assert created["code"].isdigit()


def test_of_many_equal_requests_at_once_one_starts_on_two_workers(
    deployment: Deployment, key: Key, phone: Phone
) -> None:
    def ask(_: int) -> tuple[int, str]:
        with python(deployment, key) as client:
            wanted: Fields = {"To": phone.number, "Channel": "sms"}
            named = {"Idempotency-Key": phone.number}
            answer = client.verify.request(
                "POST", f"/v2/Services/{key.service}/Verifications", data=wanted, headers=named
            )
        return answer.status_code, answer.text

    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(ask, range(16)))
    assert {status for status, _ in answers} <= {201, 409}
    assert len({text for status, text in answers if status == 201}) == 1
    phone.wait_for("text")
    assert len(phone.texts) == 1


def test_of_many_right_checks_at_once_exactly_one_is_valid_on_four_workers(tmp_path: Path) -> None:
    """With two checks allowed. A wrong code at the same instant leaves one right check, or none."""
    with deploy(tmp_path, workers=4, SAYCODE_MAX_CHECKS="2") as deployment:
        key = read_key(deployment.command("services", "create", "Acme", "--json"))
        phones = [deployment.phone(next(NUMBERS)) for _ in range(4)]
        with python(deployment, key) as client:
            sids = [str(service(client, key).verifications.create(to=one.number, channel="sms").sid) for one in phones]
        codes = [texted_code(one) for one in phones]

        def check(asked: tuple[str, str]) -> str:
            with python(deployment, key) as client:
                try:
                    checked = service(client, key).verification_checks.create(verification_sid=asked[0], code=asked[1])
                except TwilioRestException as refused:
                    return str(refused.code)
            return str(checked.status)

        with ThreadPoolExecutor(24) as people:
            for sid, code in zip(sids[:2], codes[:2], strict=True):
                told = Counter(people.map(check, [(sid, code)] * 24))
                assert told == {"approved": 1, "20404": 23}
            for sid, code in zip(sids[2:], codes[2:], strict=True):
                told = Counter(people.map(check, [(sid, code), (sid, other(code))] * 12))
                assert told["approved"] <= 1
                assert told["approved"] + told["max_attempts_reached"] == 1
        with another_program(deployment.database) as database:
            counted = dict(database.execute("SELECT kind, count(*) FROM events GROUP BY kind").fetchall())
        assert counted["started"] == 4
        assert 2 <= counted["approved"] <= 4


def test_of_many_starts_for_one_number_at_once_there_is_one_code(
    deployment: Deployment, key: Key, phone: Phone
) -> None:
    def start(_: int) -> str:
        with python(deployment, key) as client, suppress(TwilioRestException):
            return str(service(client, key).verifications.create(to=phone.number, channel="sms").sid)
        return ""

    with ThreadPoolExecutor(8) as people:
        sids = set(people.map(start, range(16))) - {""}
    assert len(sids) == 1
    assert len({text.partition("#")[2] for text in phone.texts}) == 1


def test_python_cancels_and_approves(client: Client, key: Key, deployment: Deployment) -> None:
    verify = service(client, key)
    for status, valid in (("canceled", False), ("approved", True)):
        number = next(NUMBERS)
        verify.verifications.create(to=number, channel="sms")
        updated = verify.verifications(number).update(status=status)
        assert (updated.status, updated.valid) == (status, valid)


def test_python_reads_a_code_that_a_call_says(client: Client, key: Key, phone: Phone) -> None:
    verify = service(client, key)
    created = verify.verifications.create(to=phone.number, channel="call", amount="12.30 EUR", payee="Anna Berg")
    filled(created, nothing=("sna",))
    phone.wait_for("ringing")
    phone.do("answer")
    keys = phone.until_said(r"three keys: (\d, \d, \d)")
    phone.do("press", digits=keys)
    code = phone.until_said(r"code is: (\d(?:, \d)+)")
    paid = verify.verification_checks.create(to=phone.number, code=code, amount="12.30 EUR", payee="Anna Berg")
    assert (paid.valid, paid.amount, paid.payee) == (True, "12.30 EUR", "Anna Berg")


def test_python_looks_back(client: Client, key: Key, phone: Phone) -> None:
    created = service(client, key).verifications.create(to=phone.number, channel="sms")
    service(client, key).verification_checks.create(to=phone.number, code=texted_code(phone))
    listed: list[Any] = client.verify.v2.verification_attempts.list(verification_sid=created.sid)
    assert [attempt.conversion_status for attempt in listed] == ["converted"]
    filled(listed[0], nothing=("price",))
    assert listed[0].fetch().channel_data == listed[0].channel_data
    everything = [attempt.sid for attempt in client.verify.v2.verification_attempts.stream(page_size=2)]
    assert len(everything) == len(set(everything)) >= 1
    summary = client.verify.v2.verification_attempts_summary().fetch(verify_service_sid=key.service, channel="sms")
    filled(summary)
    assert (summary.total_attempts or 0) >= (summary.total_converted or 0) >= 1


def test_python_keeps_its_service(client: Client, key: Key) -> None:
    fetched = client.verify.v2.services(key.service).fetch()
    filled(fetched, nothing=("tts_name", "default_template_sid"))
    assert [each.sid for each in client.verify.v2.services.list()] == [key.service]
    changed = fetched.update(friendly_name="Acme", code_length=7, do_not_share_warning_enabled=True)
    assert (changed.friendly_name, changed.code_length) == ("Acme", 7)
    with pytest.raises(TwilioRestException) as refused:
        client.verify.v2.services.create(friendly_name="Mine")
    assert (refused.value.status, refused.value.code) == (403, 20403)


def test_the_operator_creates_and_deletes_services_with_python(deployment: Deployment) -> None:
    admin = read_key(deployment.command("keys", "create", "VA" + "0" * 32, "--json"))
    with python(deployment, admin) as client:
        made = client.verify.v2.services.create(friendly_name="Third", code_length=8, dtmf_input_required=False)
        assert (made.friendly_name, made.code_length, made.dtmf_input_required) == ("Third", 8, False)
        assert made.sid in [each.sid for each in client.verify.v2.services.list(page_size=1)]
        assert made.delete()
        with pytest.raises(TwilioRestException) as gone:
            made.fetch()
    assert gone.value.status == 404


def test_python_is_told_what_is_wrong(client: Client, key: Key) -> None:
    for fields, code in (
        ({"to": "nobody", "channel": "sms"}, 60200),
        ({"to": next(NUMBERS), "channel": "email"}, 60223),
    ):
        with pytest.raises(TwilioRestException) as refused:
            service(client, key).verifications.create(**fields)
        assert (refused.value.status, refused.value.code) == (400, code)


def test_a_revoked_key_is_rejected_by_every_worker_a_second_later(deployment: Deployment, key: Key) -> None:
    second = read_key(deployment.command("keys", "create", key.service, "--json"))

    def status(_: int) -> int:
        with python(deployment, second) as client:
            try:
                client.verify.v2.services(key.service).fetch()
            except TwilioRestException as refused:
                return int(refused.status)
        return 200

    with ThreadPoolExecutor(8) as people:
        assert set(people.map(status, range(16))) == {200}
        deployment.command("keys", "revoke", second.sid)
        time.sleep(1)
        assert set(people.map(status, range(16))) == {401}


# Node.


class Library:
    """Twilio's Node library in a process of its own."""

    def __init__(self, deployment: Deployment, key: Key) -> None:
        found = shutil.which("node")
        if found is None or not (NODE / "node_modules" / "twilio").is_dir():
            missing("Node and Twilio's library for it", "apt-get install nodejs npm, then make test")
        environ = {
            "PATH": os.environ.get("PATH", ""),
            "SAYCODE_ADDRESS": deployment.address,
            "SAYCODE_KEY": key.sid,
            "SAYCODE_SECRET": key.secret,
            "SAYCODE_SERVICE": key.service,
        }
        self._process = subprocess.Popen(
            [found, "verify.cjs"], cwd=NODE, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, what: str, **it: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([what, it]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def done(self, what: str, **it: Any) -> Any:
        answer = self.ask(what, **it)
        assert "done" in answer, answer
        return answer["done"]

    def close(self) -> None:
        self._process.communicate(timeout=20)


@pytest.fixture
def node(deployment: Deployment, key: Key) -> Iterator[Library]:
    library = Library(deployment, key)
    try:
        yield library
    finally:
        library.close()


def test_node_creates_fetches_checks_cancels_and_lists(
    node: Library, key: Key, deployment: Deployment, phone: Phone
) -> None:
    created = node.done("create", to=phone.number, channel="sms", tags='{"order": "7"}')
    empty = {name for name, value in created.items() if value is None}
    assert empty == {"amount", "payee", "sna"}
    assert set(created) >= {"sid", "serviceSid", "accountSid", "to", "channel", "status", "valid", "lookup"}
    assert set(created) >= {"sendCodeAttempts", "dateCreated", "dateUpdated", "url"}
    assert created["dateCreated"].endswith(".000Z"), "it was read as a date"
    assert node.done("fetch", sid=created["sid"]) == created
    code = texted_code(phone)
    assert node.done("check", to=phone.number, code=other(code))["valid"] is False
    right = node.done("check", verificationSid=created["sid"], code=code)
    assert (right["valid"], right["status"]) == (True, "approved")
    again = node.ask("check", to=phone.number, code=code)["failed"]
    assert (again["status"], again["code"]) == (404, 20404)
    second = node.done("create", to=deployment.phone(next(NUMBERS)).number, channel="sms")
    assert node.done("update", sid=second["sid"], status="canceled")["status"] == "canceled"
    listed = node.done("attempts", verificationSid=created["sid"])
    assert [(each["conversionStatus"], each["channelData"]["to"]) for each in listed] == [("converted", phone.number)]
    assert node.done("attempt", sid=listed[0]["sid"]) == listed[0]
    assert node.done("summary")["totalConverted"] >= 1


def test_node_keeps_its_service(node: Library, key: Key) -> None:
    fetched = node.done("service")
    assert (fetched["sid"], fetched["dtmfInputRequired"]) == (key.service, True)
    assert node.done("rename", friendlyName="Acme", codeLength=7)["codeLength"] == 7
    assert [each["sid"] for each in node.done("services")] == [key.service]


def test_without_node_the_failure_says_how_to_get_it(
    deployment: Deployment, key: Key, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install nodejs npm"):
        Library(deployment, key)


# A fuzzer.


def test_every_answer_is_one_that_is_described(deployment: Deployment) -> None:
    done = fuzz(deployment, "--phases=fuzzing", "--max-examples=4", "--seed=7")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(OPERATIONS)} selected" in done.stdout
