"""Codes of applications, on a running service with several workers: Twilio's client sends them, and hooks take them."""

import json
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.support.hooks import SECRET, sign, supabase
from tests.support.processes import PATIENCE, Deployment, Phone, deploy
from verification.models import BUILT_IN_SERVICE

CODE = "0047110815"
HOOKS = f"""
[supabase]
sender = "supabase"
service = "{BUILT_IN_SERVICE}"
channel = "sms"
secrets = ["v1,whsec_{b64encode(SECRET).decode()}"]
"""
NUMBERS = (f"+1415555{n}" for n in count(6000))


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("own-codes")
    (folder / "hooks.toml").write_text(HOOKS)
    with deploy(folder, workers=4, SAYCODE_HOOKS=str(folder / "hooks.toml")) as deployment:
        deployment.command("services", "update", BUILT_IN_SERVICE, "--custom-codes")
        yield deployment


@pytest.fixture
def phone(deployment: Deployment) -> Phone:
    return deployment.phone(next(NUMBERS))


def post(deployment: Deployment, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, object]]:
    request = Request(f"{deployment.address}/hooks/supabase", body, headers | {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def nowhere(deployment: Deployment) -> None:
    """Assert that neither the database nor a log has the code."""
    files = [*deployment.folder.glob("saycode.db*"), *deployment.logs]
    assert len(files) > 2
    assert [file.name for file in files if CODE.encode() in file.read_bytes()] == []


def test_twilios_client_has_its_own_code_delivered(deployment: Deployment, phone: Phone) -> None:
    made = json.loads(deployment.command("services", "create", "Acme", "--custom-codes", "--json"))
    client = Client(made["key_sid"], made["secret"])
    client.verify.base_url = deployment.address
    service = client.verify.v2.services(made["service_sid"])
    assert service.fetch().custom_code_enabled is True
    started = service.verifications.create(to=phone.number, channel="sms", custom_code=CODE)
    phone.wait_for("text")
    assert CODE in phone.texts[-1]
    with pytest.raises(TwilioRestException) as refused:
        service.verification_checks.create(to=phone.number, code=CODE)
    assert refused.value.code == 60204
    nowhere(deployment)
    right: Any = "approved"
    assert service.verifications(started.sid or "").update(status=right).status == right
    nowhere(deployment)


def test_a_message_that_comes_many_times_at_once_to_four_workers_is_sent_once(
    deployment: Deployment, phone: Phone
) -> None:
    body = json.dumps(supabase(code=CODE, phone=phone.number)).encode()
    headers = sign(body, secret=SECRET, id="msg_1", at=int(time.time()))
    with ThreadPoolExecutor(20) as senders:
        answers = list(senders.map(lambda _: post(deployment, body, headers), range(60)))
    phone.wait_for("text")
    assert len(phone.texts) == 1
    assert {status for status, _ in answers} == {200}
    sids = {str(answer["sid"]) for _, answer in answers if "sid" in answer}
    assert len(sids) == 1
    waiting = [answer["error"] for _, answer in answers if "error" in answer]
    assert all(isinstance(error, dict) and error["http_code"] == 409 for error in waiting)
    assert post(deployment, body, headers) == (200, {"sid": sids.pop()})
    assert len(phone.texts) == 1
    nowhere(deployment)


def test_a_forged_message_is_sent_by_no_worker(deployment: Deployment, phone: Phone) -> None:
    body = json.dumps(supabase(code=CODE, phone=phone.number)).encode()
    headers = sign(body, secret=bytes(32), id="msg_2", at=int(time.time()))
    assert {post(deployment, body, headers)[0] for _ in range(8)} == {401}
    assert phone.texts == []
