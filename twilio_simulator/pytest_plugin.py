"""The pytest plugin: a simulated Twilio and a phone, for tests of an application that uses Twilio.

    def test_the_code_is_read_after_two_keys(twilio, phone, serve):
        url = serve(my_asgi_application)
        twilio.add_number("+14155550199", voice_url=f"{url}/voice")
        phone.call("+14155550199")
        phone.press("47")
        phone.listen()
        assert "Your code is" in phone.transcript
        assert not twilio.debugger

To test an application that places calls, point its client at the simulator (`client.api.base_url = twilio.url`), with
`twilio.account_sid` and `twilio.auth_token`; `phone.answer()` then picks up. Time passes only in `twilio.advance`,
`twilio.run` and `phone.listen`. For real time, override the fixture `simulator_clock`.

Where `twilio-simulator` is installed, pytest loads this module at every start. So only the fixtures import the
simulator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from .core.clock import Clock
    from .testing import Server, TestPhone, TestTwilio


@pytest.fixture
def simulator_clock() -> Clock:
    """The simulator's time: a manual clock. Override it for real time."""
    from .core.clock import ManualClock

    return ManualClock()


@pytest.fixture
def simulator_servers() -> Iterator[Callable[[ASGIApp], Server]]:
    """Starts servers for one test. They stop at the same time, because each takes a moment."""
    from .testing import Server

    servers: list[Server] = []

    def start(app: ASGIApp) -> Server:
        server = Server(app)
        server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.request_stop()
    for server in servers:
        server.stop()


@pytest.fixture
def twilio(simulator_clock: Clock, simulator_servers: Callable[[ASGIApp], Server]) -> TestTwilio:
    """A simulated Twilio for one test, with an account of its own."""
    from .app import create_app
    from .core.account import new_sid
    from .testing import TestTwilio

    app = create_app(account_sid=new_sid("AC"), auth_token=new_sid(""), clock=simulator_clock)
    server = simulator_servers(app)
    app.state.twilio.url = server.url
    return TestTwilio(server, app.state.twilio)


@pytest.fixture
def phone(twilio: TestTwilio) -> TestPhone:
    """The phone +1 415 555 0100."""
    return twilio.phone("+14155550100")


@pytest.fixture
def serve(simulator_servers: Callable[[ASGIApp], Server]) -> Callable[[ASGIApp], str]:
    """Serves an ASGI application on loopback until the end of the test, and returns its URL.

    A WSGI application needs a wrapper: `serve(a2wsgi.WSGIMiddleware(application))`.
    """
    return lambda app: simulator_servers(app).url
