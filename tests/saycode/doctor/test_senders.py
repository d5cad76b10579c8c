"""What the doctor finds at Twilio about Regions, subaccounts, and senders by country."""

import pytest

from saycode.doctor.findings import Check, Finding, Level
from tests.support.doctor import API, PUBLIC, SENDER, DoctorSetup, levels, messages, problems, the_problem
from twilio_simulator.core.account import MessagingService

SERVICE, OTHER_SERVICE = "MG" + "2" * 32, "MG" + "3" * 32
LONDON, BERLIN = "+442079460123", "+493023125018"
VOICE, SMS = f"{PUBLIC}/webhooks/voice", f"{PUBLIC}/webhooks/sms"


def of(found: list[Finding], check: Check) -> str:
    return messages([finding for finding in found if finding.check is check])


def with_service(setup: DoctorSetup, sid: str, *senders: str) -> None:
    setup.twilio.account.services[sid] = MessagingService(sid, list(senders), inbound_url=SMS)
    setup.hosts["https://messaging.twilio.com"] = setup.api.url


# Regions and subaccounts


@pytest.mark.parametrize(
    ("changed", "region", "host"),
    [
        ({"TWILIO_REGION": "ie1"}, "ie1", "https://api.dublin.ie1.twilio.com"),
        ({"TWILIO_REGION": "au1", "TWILIO_EDGE": "singapore"}, "au1", "https://api.singapore.au1.twilio.com"),
        ({"TWILIO_API_BASE_URL": "https://api.sydney.au1.twilio.com"}, "au1", "https://api.sydney.au1.twilio.com"),
    ],
)
async def test_another_region_is_noted_with_what_it_needs(
    setup: DoctorSetup, changed: dict[str, str], region: str, host: str
) -> None:
    setup.twilio.account.region, setup.hosts[host] = region, setup.api.url
    found = await setup.examine(**changed)
    assert problems(found) == []
    assert host in of(found, Check.ACCOUNT)
    assert "inbound processing Region" in of(found, Check.ACCOUNT)


async def test_the_region_of_the_united_states_is_not_noted(setup: DoctorSetup) -> None:
    setup.hosts["https://api.ashburn.us1.twilio.com"] = setup.api.url
    for changed in ({}, {"TWILIO_REGION": "us1"}):
        assert levels(await setup.examine(**changed), Check.ACCOUNT) == {Level.OK}


async def test_a_token_of_another_region_is_refused_and_the_fix_says_so(setup: DoctorSetup) -> None:
    setup.hosts["https://api.dublin.ie1.twilio.com"] = setup.api.url
    found = the_problem(await setup.examine(TWILIO_REGION="ie1"))
    assert found.check is Check.CREDENTIALS
    assert "the Region ie1 has a token and keys of its own" in found.fix


async def test_a_key_of_another_region_is_refused_and_the_fix_says_so(setup: DoctorSetup) -> None:
    setup.twilio.account.region, setup.hosts["https://api.dublin.ie1.twilio.com"] = "ie1", setup.api.url
    key = {"TWILIO_API_KEY": "SK" + "1" * 32, "TWILIO_API_SECRET": "s" * 32}
    found = the_problem(await setup.examine(TWILIO_REGION="ie1", **key))
    assert (found.check, "the Region ie1" in found.fix) == (Check.KEY, True)


async def test_a_subaccount_is_named_with_its_owner(setup: DoctorSetup) -> None:
    setup.twilio.account.owner_sid = "AC" + "9" * 32
    found = await setup.examine()
    assert problems(found) == []
    assert f"a subaccount of AC{'9' * 32}" in of(found, Check.ACCOUNT)


# Senders by country


async def test_the_number_of_each_country_is_checked_like_the_from_number(setup: DoctorSetup) -> None:
    senders = {"SAYCODE_SENDERS": f"GB={LONDON},DE={BERLIN}"}
    setup.twilio.add_number(LONDON, voice_url=VOICE, sms_url=SMS)
    found = the_problem(await setup.examine(**senders))
    assert (found.check, BERLIN in found.message, "SAYCODE_SENDERS" in found.fix) == (Check.NUMBER, True, True)
    setup.twilio.add_number(BERLIN, voice_url=VOICE, sms_url="")
    found = the_problem(await setup.examine(**senders))
    assert (found.check, BERLIN in found.message) == (Check.TEXTS, True)


async def test_fix_sets_the_webhooks_of_every_number_and_asks_once(setup: DoctorSetup) -> None:
    senders, asked = {"SAYCODE_SENDERS": f"GB={LONDON},DE={BERLIN}"}, []
    setup.twilio.add_number(LONDON, voice_url=VOICE, sms_url="https://old.example/sms")
    setup.twilio.add_number(BERLIN)

    def confirm(changes: object) -> bool:
        asked.append(changes)
        return True

    await setup.fix(confirm=confirm, **senders)
    assert len(asked) == 1
    for number in (SENDER, LONDON, BERLIN):
        record = setup.twilio.numbers[number]
        assert (record.voice_url, record.sms_url) == (VOICE, SMS)
    assert problems(await setup.examine(**senders)) == []


@pytest.mark.parametrize(
    ("senders", "level"),
    [(f"GB={LONDON}", Level.PROBLEM), (f"GB={LONDON}/{SERVICE}", Level.NOTE)],
)
async def test_a_number_must_text_unless_a_messaging_service_does(
    setup: DoctorSetup, senders: str, level: Level
) -> None:
    setup.twilio.add_number(LONDON, voice_url=VOICE, sms_url=SMS)
    setup.twilio.numbers[LONDON].sms = False
    with_service(setup, SERVICE, BERLIN)
    assert level in levels(await setup.examine(SAYCODE_SENDERS=senders), Check.NUMBER)


async def test_the_from_number_texts_where_it_is_also_a_countrys(setup: DoctorSetup) -> None:
    setup.twilio.numbers[SENDER].sms = False
    with_service(setup, SERVICE, SENDER)
    found = await setup.examine(TWILIO_MESSAGING_SERVICE_SID=SERVICE, SAYCODE_SENDERS=f"CA={SENDER}")
    assert the_problem(found).check is Check.NUMBER


async def test_the_messaging_service_of_each_country_is_checked(setup: DoctorSetup) -> None:
    with_service(setup, SERVICE, SENDER)
    changed = {"TWILIO_MESSAGING_SERVICE_SID": SERVICE, "SAYCODE_SENDERS": f"FR={OTHER_SERVICE}"}
    found = the_problem(await setup.examine(**changed))
    assert (found.check, OTHER_SERVICE in found.message, "SAYCODE_SENDERS" in found.fix) == (Check.SERVICE, True, True)
    with_service(setup, OTHER_SERVICE, "Acme")
    assert problems(await setup.examine(**changed)) == []


@pytest.mark.parametrize("sender", [SENDER, "40404", "Acme"])
async def test_a_pool_with_one_sender_of_any_kind_is_enough(setup: DoctorSetup, sender: str) -> None:
    with_service(setup, SERVICE)
    found = the_problem(await setup.examine(TWILIO_MESSAGING_SERVICE_SID=SERVICE))
    assert (found.check, "21703" in found.message, API in found.fix) == (Check.SERVICE, True, False)
    with_service(setup, SERVICE, sender)
    assert levels(await setup.examine(TWILIO_MESSAGING_SERVICE_SID=SERVICE), Check.SERVICE) == {Level.OK}


async def test_the_registration_is_that_of_the_sender_to_the_united_states(setup: DoctorSetup) -> None:
    with_service(setup, SERVICE, SENDER)
    toll_free = "+18005550100"
    setup.twilio.add_number(toll_free, voice_url=VOICE, sms_url=SMS)
    changed = {"TWILIO_MESSAGING_SERVICE_SID": SERVICE}
    assert levels(await setup.examine(**changed), Check.SENDER) == {Level.OK}
    assert "30032" in of(await setup.examine(**changed, SAYCODE_SENDERS=f"US={toll_free}"), Check.SENDER)
