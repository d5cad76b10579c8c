"""What the tests of the control API share."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from tests.support.simulator import ACCOUNT, PHONE, TOKEN, AsgiTransport, CustomerApp, twiml
from twilio_simulator.app import create_app
from twilio_simulator.core.clock import ManualClock, RealClock
from twilio_simulator.engine import Twilio
from twilio_simulator.testing import Server

ME = f"/simulator/phones/{PHONE}"
MENU = twiml('<Gather numDigits="1" action="/keys"><Say>Press a key.</Say></Gather>')


class ControlClient:
    """A client of the control API. `customer` receives the webhooks without a socket."""

    def __init__(self, server: Server, twilio: Twilio, customer: CustomerApp) -> None:
        self.server = server
        self.twilio = twilio
        self.customer = customer

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.server.url + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read() or b"null")

    def get(self, path: str) -> Any:
        status, answer = self.request("GET", path)
        assert status == 200, answer
        return answer

    def post(self, path: str, **body: Any) -> Any:
        status, answer = self.request("POST", path, body)
        assert status == 200, answer
        return answer

    def put(self, path: str, **body: Any) -> Any:
        status, answer = self.request("PUT", path, body)
        assert status == 200, answer
        return answer


def make_control(clock: RealClock | ManualClock) -> tuple[Any, Twilio, CustomerApp]:
    customer = CustomerApp({"/voice": MENU, "/keys": twiml("<Say>Thanks.</Say>")})
    app = create_app(account_sid=ACCOUNT, auth_token=TOKEN, clock=clock, transport=AsgiTransport(customer.app))
    return app, app.state.twilio, customer
