"""What the tests of the REST API share: a simulator behind a real socket, and Twilio's client for it."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.applications import Starlette
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.support.simulator import (
    ACCOUNT,
    BASE,
    PHONE,
    TEST_PAIR,
    TOKEN,
    TWILIO_NUMBER,
    AsgiTransport,
    CustomerApp,
)
from twilio_simulator.app import create_app
from twilio_simulator.core.clock import ManualClock
from twilio_simulator.core.wordlist import word_set
from twilio_simulator.engine import Twilio
from twilio_simulator.testing import Server

SERVICE = "MG" + "3" * 32
APP = "AP" + "4" * 32
VOICE = BASE + "/voice"
ROOT = f"/2010-04-01/Accounts/{ACCOUNT}"


@dataclass
class RestSimulator:
    """A simulator behind a real socket. `customer` receives the webhooks without one."""

    server: Server
    twilio: Twilio
    customer: CustomerApp

    def client(self, user: str = ACCOUNT, password: str = TOKEN, account: str = ACCOUNT) -> Any:
        """Twilio's client, as `Any` because its annotations are incomplete."""
        client = Client(user, password, account)
        client.api.base_url = client.lookups.base_url = self.server.url
        return client

    def settle(self) -> None:
        self.server.run_in_loop(self.twilio.clock.settle())

    def advance(self, seconds: float) -> None:
        self.server.run_in_loop(self.twilio.clock.advance(seconds))

    def http(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """An HTTP request with valid credentials. Returns status, headers and body."""
        secret = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        request = urllib.request.Request(self.server.url + path, body.encode() or None, method=method)
        request.add_header("Authorization", f"Basic {secret}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()


def make_rest() -> tuple[Starlette, CustomerApp]:
    """A simulator with a manual clock, and the customer that receives its webhooks."""
    customer = CustomerApp()
    app = create_app(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        clock=ManualClock(stall_timeout=0.05),
        transport=AsgiTransport(customer.app),
        test_credentials=TEST_PAIR,
        strict_numbers=False,
        calls_per_second=None,
    )
    return app, customer


def code_of(action: Callable[[], Any]) -> int:
    """The code of the error that a request raises. The error must also have a message."""
    with pytest.raises(TwilioRestException) as refused:
        action()
    error = refused.value
    assert error.msg
    return int(error.code or 0)


CALL_FIELDS = word_set(
    """
    sid account_sid parent_call_sid phone_number_sid group_sid trunk_sid to to_formatted from from_formatted status
    direction start_time end_time date_created date_updated duration price price_unit answered_by queue_time
    forwarded_from caller_name api_version uri subresource_uris
    """
)
CALL: dict[str, Any] = {"to": PHONE, "from_": TWILIO_NUMBER, "url": VOICE}
TEXT: dict[str, Any] = {"to": PHONE, "from_": TWILIO_NUMBER, "body": "Hello"}
