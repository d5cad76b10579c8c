"""What the doctor finds at SignalWire, which the simulator plays."""

import pytest

from saycode.doctor.findings import Check, Finding, Level
from tests.support.doctor import PUBLIC, SENDER, TOKEN, DoctorSetup, levels, messages, problems, the_problem
from twilio_simulator.app import create_app
from twilio_simulator.core.dialect import SIGNALWIRE

PROJECT, KEY = "0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab", "PSK_the_signing_key"
SPACE = "https://acme.signalwire.com"


@pytest.fixture
def setup(setup: DoctorSetup) -> DoctorSetup:
    """A setup without problems, at SignalWire."""
    setup.simulator = setup.api.switch.app = create_app(account_sid=PROJECT, auth_token=TOKEN, dialect=SIGNALWIRE)
    setup.twilio.add_number(SENDER, voice_url=f"{PUBLIC}/webhooks/voice", sms_url=f"{PUBLIC}/webhooks/sms")
    setup.hosts[SPACE] = setup.api.url
    setup.environ |= {
        "SAYCODE_CARRIER": "signalwire",
        "TWILIO_ACCOUNT_SID": PROJECT,
        "TWILIO_WEBHOOK_SECRET": KEY,
        "TWILIO_API_BASE_URL": SPACE,
    }
    setup.serve()
    return setup


def all_text(found: list[Finding]) -> str:
    return " ".join(f"{finding.message} {finding.fix}" for finding in found)


async def test_a_healthy_setup_has_no_problems_and_names_the_company(setup: DoctorSetup) -> None:
    found = await setup.examine()
    assert problems(found) == []
    for check in (Check.CREDENTIALS, Check.ACCOUNT, Check.NUMBER, Check.CALLS, Check.TEXTS, Check.SIGNATURE):
        assert levels(found, check) == {Level.OK}, check
    assert "SignalWire accepts the account" in messages(found)
    assert "Twilio" not in all_text(found)
    assert "30034" not in all_text(found)


async def test_a_wrong_token_is_a_problem_with_signalwires_pages(setup: DoctorSetup) -> None:
    found = the_problem(await setup.examine(TWILIO_AUTH_TOKEN="PT_another"))
    assert found.check is Check.CREDENTIALS
    assert "https://my.signalwire.com" in found.fix
    assert "TWILIO_AUTH_TOKEN" in found.fix, "the setting keeps its name"


async def test_a_service_with_another_signing_key_is_not_this_one(setup: DoctorSetup) -> None:
    setup.serve(TWILIO_WEBHOOK_SECRET="PSK_another")
    found = the_problem(await setup.examine())
    assert (found.check, "does not know TWILIO_WEBHOOK_SECRET" in found.message) == (Check.IDENTITY, True)


async def test_during_a_reset_of_the_key_the_service_is_known_by_either(setup: DoctorSetup) -> None:
    setup.serve(TWILIO_WEBHOOK_SECRET="PSK_new", TWILIO_AUTH_TOKEN_PREVIOUS=KEY)
    assert problems(await setup.examine()) == []


async def test_fix_sets_the_webhooks_of_the_number(setup: DoctorSetup) -> None:
    setup.twilio.numbers[SENDER].sms_url = "https://old.example/sms"
    await setup.fix()
    assert setup.twilio.numbers[SENDER].sms_url == f"{PUBLIC}/webhooks/sms"


async def test_an_outage_is_looked_up_at_signalwires_page(setup: DoctorSetup) -> None:
    setup.hosts.pop(SPACE)
    found = await setup.examine(TWILIO_API_BASE_URL=setup.site.url)
    assert "What answers at" in the_problem(found).message
