"""What the simulator does when it plays SignalWire, driven over HTTP and by Twilio's own library."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.support.simulator import (
    BASE,
    HELLO,
    OTHER_PHONE,
    PHONE,
    TOKEN,
    TWILIO_NUMBER,
    AsgiTransport,
    CustomerApp,
    SwitchableApp,
    twiml,
)
from twilio_simulator.app import create_app
from twilio_simulator.core.clock import ManualClock
from twilio_simulator.core.dialect import SIGNALWIRE, TWILIO
from twilio_simulator.engine import Twilio
from twilio_simulator.network.handset import Behaviour, OnCall
from twilio_simulator.testing import Server

PROJECT, KEY = "0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab", "PSK_the signing key"
ROOT = f"/api/laml/2010-04-01/Accounts/{PROJECT}"
CALL = {"To": PHONE, "From": TWILIO_NUMBER, "Url": BASE + "/voice", "StatusCallback": BASE + "/status"}


class SignalWire:
    def __init__(self, server: Server, twilio: Twilio, customer: CustomerApp) -> None:
        self.server, self.twilio, self.customer = server, twilio, customer

    def client(self) -> Any:
        client = Client(PROJECT, TOKEN)
        client.api.base_url = self.server.url + "/api/laml"
        return client

    def http(self, method: str, path: str, **fields: str) -> tuple[int, dict[str, str], Any]:
        body = urlencode(fields).encode() if method == "POST" else None
        request = urllib.request.Request(self.server.url + path, body, method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(f"{PROJECT}:{TOKEN}".encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, dict(answer.headers), json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return error.code or 0, dict(error.headers), json.loads(error.read())

    def run(self) -> None:
        self.server.run_in_loop(self.twilio.clock.run())


@pytest.fixture
def signalwire(shared_app: SwitchableApp, shared_server: Server) -> Iterator[SignalWire]:
    customer = CustomerApp()
    app = create_app(
        account_sid=PROJECT,
        auth_token=TOKEN,
        clock=ManualClock(stall_timeout=0.05),
        transport=AsgiTransport(customer.app),
        calls_per_second=None,
        dialect=SIGNALWIRE,
    )
    twilio: Twilio = app.state.twilio
    twilio.account.shared_key = ("key", KEY)
    twilio.add_number(TWILIO_NUMBER, sms_url=BASE + "/sms")
    shared_app.app = app
    yield SignalWire(shared_server, twilio, customer)
    shared_server.run_in_loop(twilio.close())


def test_calls_and_texts_have_uuids_below_its_own_path(signalwire: SignalWire) -> None:
    client = signalwire.client()
    call = client.calls.create(to=PHONE, from_=TWILIO_NUMBER, url=BASE + "/voice")
    text = client.messages.create(to=PHONE, from_=TWILIO_NUMBER, body="hello")
    for record in (call, text):
        assert str(uuid.UUID(record.sid)) == record.sid
        assert record.account_sid == PROJECT
        assert record.uri.startswith(ROOT)
    assert client.calls(call.sid).fetch().sid == call.sid
    assert [each.sid for each in client.messages.list(to=PHONE, limit=20)] == [text.sid]
    _, headers, _ = signalwire.http("GET", f"{ROOT}/Calls.json")
    assert [name for name in headers if name.lower().startswith(("twilio", "x-"))] == []


def test_what_twilio_has_elsewhere_it_does_not_have(signalwire: SignalWire) -> None:
    for path in (
        f"/2010-04-01/Accounts/{PROJECT}/Calls.json",
        "/api/laml/v1/Services/MG1",
        "/v1/Services/MG1",
        f"/v2/PhoneNumbers/{PHONE}",
    ):
        status, _, body = signalwire.http("GET", path)
        assert (status, body["code"]) == (404, "20404")


def test_an_error_has_its_code_as_text(signalwire: SignalWire) -> None:
    status, _, body = signalwire.http("POST", f"{ROOT}/Calls.json", **CALL | {"To": "+1415"})
    assert (status, body["code"]) == (400, "21217")


@pytest.mark.parametrize(
    ("resource", "fields", "name"),
    [
        ("Messages", {"Body": "hello", "MessageIntent": "otp"}, "MessageIntent"),
        ("Messages", {"Body": "hello", "MessagingServiceSid": "MG" + "1" * 32}, "MessagingServiceSid"),
        ("Calls", {"Url": BASE + "/voice", "Twiml": HELLO}, "Twiml"),
    ],
)
def test_a_parameter_that_it_does_not_have_is_ignored_and_noted(
    signalwire: SignalWire, resource: str, fields: dict[str, str], name: str
) -> None:
    ends = {"To": PHONE, "From": TWILIO_NUMBER}
    status, _, _ = signalwire.http("POST", f"{ROOT}/{resource}.json", **ends, **fields)
    assert status == 201
    (entry,) = signalwire.twilio.debugger.entries
    assert f"signalwire has no parameter {name}" in entry.message


def test_a_call_cannot_bring_its_document_along(signalwire: SignalWire) -> None:
    with pytest.raises(TwilioRestException) as refused:
        signalwire.client().calls.create(to=PHONE, from_=TWILIO_NUMBER, twiml=HELLO)
    assert refused.value.status == 400
    assert not signalwire.twilio.calls


def test_webhooks_are_signed_with_the_signing_key_in_its_header_and_say_less(signalwire: SignalWire) -> None:
    signalwire.customer.answers["/voice"] = twiml("<Say>Hello.</Say>")
    signalwire.twilio.phone(PHONE).set_behaviour(Behaviour(on_call=OnCall.ANSWER))
    signalwire.http("POST", f"{ROOT}/Calls.json", **CALL)
    signalwire.server.run_in_loop(signalwire.twilio.phone(OTHER_PHONE).text(TWILIO_NUMBER, "hi"))
    signalwire.run()
    assert {request.path for request in signalwire.customer.requests} == {"/voice", "/status", "/sms"}
    for request in signalwire.customer.requests:
        given = request.headers["x-signalwire-signature"]
        assert RequestValidator(KEY).compute_signature(request.url, request.form) == given
        assert RequestValidator(TOKEN).compute_signature(request.url, request.form) != given
        assert [name for name in request.headers if "twilio" in name] == []
        assert request.form["AccountSid"] == PROJECT
        assert not request.form.keys() & {"Caller", "Called", "FromCity", "ToCountry", "SequenceNumber", "CallToken"}


@pytest.mark.parametrize(
    ("dialect", "voice", "speaks"),
    [
        (SIGNALWIRE, "gcloud.ro-RO-Wavenet-B", True),
        (SIGNALWIRE, "Google.ro-RO-Wavenet-B", False),
        (SIGNALWIRE, "Polly.Joanna-Neural", True),
        (TWILIO, "Google.ro-RO-Wavenet-B", True),
        (TWILIO, "gcloud.ro-RO-Wavenet-B", False),
    ],
)
async def test_a_voice_speaks_under_its_name_at_that_company(dialect: Any, voice: str, speaks: bool) -> None:
    customer = CustomerApp({"/voice": twiml(f'<Say voice="{voice}">Hello.</Say>')})
    async with Twilio(
        account_sid=PROJECT,
        auth_token=TOKEN,
        clock=ManualClock(stall_timeout=0.05),
        transport=AsgiTransport(customer.app),
        strict_numbers=False,
        dialect=dialect,
    ) as twilio:
        twilio.create_call(to=PHONE, sender=TWILIO_NUMBER, url=BASE + "/voice")
        await twilio.phone(PHONE).answer()
        await twilio.clock.run()
        assert ("Hello." in twilio.phone(PHONE).transcript) is speaks
        assert twilio.debugger.codes == ([] if speaks else [13511])
