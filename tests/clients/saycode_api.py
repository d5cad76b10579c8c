"""What Saycode gives to applications: a description that writes clients, receipts, and events."""

import base64
import hmac
import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.support.processes import PATIENCE, Deployment, Phone, free_port

from .conftest import PROGRAMS, Key, Programs


def post(deployment: Deployment, key: Key, path: str, **fields: str) -> dict[str, Any]:
    """A request to the API with a key."""
    credentials = base64.b64encode(f"{key.sid}:{key.secret}".encode()).decode()
    address = f"{deployment.address}/v2/Services/{key.service}/{path}"
    request = Request(address, urlencode(fields).encode(), {"Authorization": f"Basic {credentials}"})
    with urlopen(request, timeout=PATIENCE) as answer:
        return dict(json.load(answer))


def approve(deployment: Deployment, key: Key, phone: Phone) -> dict[str, Any]:
    """A number verified by text: the answer to the right code."""
    post(deployment, key, "Verifications", To=phone.number, Channel="sms")
    return post(deployment, key, "VerificationCheck", To=phone.number, Code=texted(phone))


def texted(phone: Phone) -> str:
    phone.wait_for("text")
    return phone.texts[-1].partition("#")[2]


# The description.


def test_openapi_python_client_writes_a_client_that_verifies_with_both_kinds_of_body(
    programs: Programs, deployment: Deployment, key: Key, phone: Phone
) -> None:
    generate = ["-m", "openapi_python_client", "generate", "--url", f"{deployment.address}/openapi.json"]
    into = ["--output-path", str(programs.folder / "generated"), "--meta=none", "--overwrite", "--fail-on-warning"]
    # The generator ends with a formatter of its own environment.
    environ = {"PATH": str(Path(programs.python).parent)}
    done = subprocess.run([programs.python, *generate, *into], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

    program = subprocess.Popen(
        [
            *(programs.python, str(PROGRAMS / "generated_client.py")),
            *(deployment.address, key.service, key.sid, key.secret, phone.number),
        ],
        env={"PYTHONPATH": str(programs.folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    created = json.loads(program.stdout.readline() or "null")
    rest, problems = program.communicate(texted(phone) + "\n" if created else "", timeout=PATIENCE)
    assert (program.returncode, problems) == (0, "")
    checked, redeemed, canceled, attempts = map(json.loads, rest.splitlines())
    assert (created["status"], checked["status"], checked["valid"]) == ("pending", "approved", True)
    assert (redeemed["jti"], redeemed["status"]) == (created["sid"], "redeemed")
    assert canceled["status"] == "canceled"
    assert created["sid"] in [attempt["verification_sid"] for attempt in attempts["attempts"]]


# Receipts.


def claims(programs: Programs, receipt: str, issuer: str, service: str) -> dict[str, Any]:
    """What jose says about a receipt."""
    command = [programs.node, str(PROGRAMS / "receipt.mjs"), receipt, issuer, service]
    return dict(json.loads(subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE).stdout))


def test_jose_believes_a_receipt_and_nothing_else(
    programs: Programs, deployment: Deployment, key: Key, phone: Phone
) -> None:
    approved = approve(deployment, key, phone)
    receipt, service = approved["receipt"], key.service
    read = claims(programs, receipt, deployment.address, service)
    assert (read["jti"], read["aud"], read["action"]) == (approved["sid"], service, "sign-in")
    assert read["amr"] == ["sms", "otp"]
    head, body, signature = receipt.split(".")
    other = base64.urlsafe_b64encode(json.dumps({**read, "action": "change-billing"}).encode()).decode().rstrip("=")
    refused = [
        claims(programs, f"{head}.{other}.{signature}", deployment.address, service),
        claims(programs, receipt, deployment.address, "VA" + "1" * 32),
        claims(programs, f"{head}.{body}.", deployment.address, service),
    ]
    assert [answer["refused"] for answer in refused] == [
        "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
        "ERR_JWT_CLAIM_VALIDATION_FAILED",
        "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
    ]


# Events.


@pytest.mark.parametrize("framework", ["flask", "express"])
def test_standardwebhooks_believes_our_events_and_nothing_else(
    programs: Programs, deployment: Deployment, key: Key, phone: Phone, framework: str
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/events"
    added = json.loads(deployment.command("events", "add", url, "--service", key.service, "--json"))
    with programs.shop(framework, deployment, secret=added["secret"], port=port) as shop:
        approve(deployment, key, phone)
        assert events(shop) == ["verification.approved"]
        for headers, body in forgeries(added["secret"]):
            with pytest.raises(HTTPError) as refused:
                urlopen(Request(f"{shop}/events", body, headers), timeout=PATIENCE)
            assert refused.value.code == 400
            refused.value.close()
        assert events(shop) == ["verification.approved"]
    deployment.command("events", "remove", added["target_sid"])


def events(shop: str) -> list[str]:
    """The events that arrived, from when there is one."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with urlopen(f"{shop}/seen", timeout=PATIENCE) as answer:
            if arrived := list(json.load(answer)):
                return arrived
        time.sleep(0.1)
    raise AssertionError("no event arrived")


def forgeries(secret: str) -> list[tuple[Mapping[str, str], bytes]]:
    """Another body under a right signature, an old signature, and none."""
    body, now = b'{"type":"verification.approved"}', int(time.time())

    def headers(at: int) -> dict[str, str]:
        signed = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), b"msg_1.%d." % at + body, "sha256")
        signature = "v1," + base64.b64encode(signed).decode()
        named = {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signature}
        return {**named, "Content-Type": "application/json"}

    return [(headers(now), body + b" "), (headers(now - 3600), body), ({"Content-Type": "application/json"}, body)]
