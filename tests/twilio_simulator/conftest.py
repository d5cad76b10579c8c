"""A simulator for each test: in the test's event loop (`sim`), or behind a real socket (`rest`, `control`)."""

from collections.abc import Iterator

import pytest

from tests.support.simulator import Simulator, SwitchableApp, make_simulator, served
from tests.support.simulator_control import ControlClient, make_control
from tests.support.simulator_rest import RestSimulator, make_rest
from twilio_simulator.core.clock import ManualClock
from twilio_simulator.testing import Server


@pytest.fixture
def sim() -> Simulator:
    """A simulator whose customer has no TwiML yet."""
    return make_simulator()


@pytest.fixture(scope="session")
def shared_app() -> SwitchableApp:
    return SwitchableApp()


@pytest.fixture(scope="session")
def shared_server(shared_app: SwitchableApp) -> Iterator[Server]:
    """One server for all tests, because starting one takes longer than most tests."""
    with served(shared_app) as server:
        yield server


@pytest.fixture
def rest(shared_app: SwitchableApp, shared_server: Server) -> Iterator[RestSimulator]:
    """The REST API of a simulator with a manual clock."""
    app, customer = make_rest()
    shared_app.app = app
    yield RestSimulator(shared_server, app.state.twilio, customer)
    shared_server.run_in_loop(app.state.twilio.close())


@pytest.fixture
def control(shared_app: SwitchableApp, shared_server: Server) -> Iterator[ControlClient]:
    """The control API of a simulator with a manual clock."""
    app, twilio, customer = make_control(ManualClock(stall_timeout=0.05))
    shared_app.app = app
    yield ControlClient(shared_server, twilio, customer)
    shared_server.run_in_loop(twilio.close())
