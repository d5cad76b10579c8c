"""What the doctor finds about a standby account at SignalWire, beside the first one at Twilio."""

from collections.abc import Iterator

import pytest

from saycode.doctor.findings import Finding
from tests.saycode.config.test_standby_settings import NUMBER, PROJECT, SPACE, STANDBY, TOKEN
from tests.support.doctor import PUBLIC, DoctorSetup, problems, the_problem
from tests.support.simulator import served
from twilio_simulator.app import create_app
from twilio_simulator.core.dialect import SIGNALWIRE
from twilio_simulator.engine import Twilio

WEBHOOKS = {"voice_url": f"{PUBLIC}/webhooks/voice", "sms_url": f"{PUBLIC}/webhooks/sms"}


@pytest.fixture
def standby(setup: DoctorSetup) -> Iterator[Twilio]:
    """The standby's simulator; the settings and the service know it."""
    simulator = create_app(account_sid=PROJECT, auth_token=TOKEN, dialect=SIGNALWIRE)
    with served(simulator) as server:
        setup.hosts[SPACE] = server.url
        setup.environ |= STANDBY
        setup.serve()
        twilio: Twilio = simulator.state.twilio
        yield twilio


def of_the_standby(found: list[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.message.startswith("Standby account: ")]


async def test_without_a_standby_nothing_is_said_of_one(setup: DoctorSetup) -> None:
    assert of_the_standby(await setup.examine()) == []


async def test_a_healthy_standby_has_no_problems_and_its_company_is_named(setup: DoctorSetup, standby: Twilio) -> None:
    standby.add_number(NUMBER, **WEBHOOKS)
    found = await setup.examine()
    assert problems(found) == []
    said = " ".join(finding.message for finding in of_the_standby(found))
    assert "SignalWire accepts the account" in said
    assert "Twilio" not in said
    assert "Twilio accepts the account" in " ".join(finding.message for finding in found)


async def test_a_wrong_token_names_the_setting_of_the_standby(setup: DoctorSetup, standby: Twilio) -> None:
    standby.add_number(NUMBER, **WEBHOOKS)
    found = the_problem(await setup.examine(SAYCODE_STANDBY_AUTH_TOKEN="PT_another"))
    assert found.message.startswith("Standby account: SignalWire does not accept")
    assert "SAYCODE_STANDBY_ACCOUNT_SID and SAYCODE_STANDBY_AUTH_TOKEN" in found.fix


async def test_a_number_that_the_standby_does_not_have_is_a_problem(setup: DoctorSetup, standby: Twilio) -> None:
    (found,) = problems(await setup.examine())
    assert found.message.startswith("Standby account: ")
    assert "SAYCODE_STANDBY_FROM_NUMBER" in found.message + found.fix


async def test_fix_points_the_standby_number_here(setup: DoctorSetup, standby: Twilio) -> None:
    standby.add_number(NUMBER)
    assert problems(await setup.examine()) != []
    await setup.fix()
    assert problems(await setup.examine()) == []


async def test_fix_changes_nothing_at_the_standby_while_another_service_is_at_the_address(
    setup: DoctorSetup, standby: Twilio
) -> None:
    standby.add_number(NUMBER)
    setup.serve(TWILIO_AUTH_TOKEN="of-another-service")
    found = " ".join(finding.message for finding in of_the_standby(await setup.fix()))
    assert "--fix changed nothing, because the public address is not ready" in found
