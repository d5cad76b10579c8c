"""What the doctor finds at Twilio: the account, the number, and who takes its texts."""

import datetime
import time

import pytest
from starlette.responses import JSONResponse, Response

from saycode.doctor import account
from saycode.doctor.findings import Check, Level
from saycode.doctor.http import FailureReason, Reply, RequestFailure
from tests.support.doctor import (
    API,
    PUBLIC,
    SENDER,
    TEST_PAIR,
    DoctorSetup,
    Proxy,
    levels,
    messages,
    problems,
    the_problem,
)
from twilio_simulator.core.account import AccountKind, AccountStatus, MessagingService
from twilio_simulator.core.faults import Fault, FaultKind

KEY = "SK" + "1" * 32
SERVICE = "MG" + "2" * 32


# Credentials, account, clock


async def test_a_wrong_token_is_a_problem_and_the_number_is_not_checked(setup: DoctorSetup) -> None:
    setup.twilio.account.auth_token = "another"
    found = await setup.examine()
    assert the_problem(found).check is Check.CREDENTIALS
    assert "TWILIO_AUTH_TOKEN" in the_problem(found).fix
    assert "HTTP 401, code 20003" in the_problem(found).message
    assert levels(found, Check.NUMBER) == {Level.NOTE}


async def test_test_credentials_are_recognized_because_they_never_ring_a_phone(setup: DoctorSetup) -> None:
    sid, token = TEST_PAIR
    setup.serve(TWILIO_ACCOUNT_SID=sid, TWILIO_AUTH_TOKEN=token)
    found = the_problem(await setup.examine(TWILIO_ACCOUNT_SID=sid, TWILIO_AUTH_TOKEN=token))
    assert (found.check, "no phone ever rings" in found.message) == (Check.CREDENTIALS, True)
    assert "TWILIO_ACCOUNT_SID" in found.fix


@pytest.mark.parametrize("code", [10001, 20005])
async def test_an_account_that_twilio_calls_inactive_is_a_problem(setup: DoctorSetup, code: int) -> None:
    setup.twilio.fail_next(401, code=code)
    assert "not active" in the_problem(await setup.examine()).message


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_error_of_twilios_is_a_problem_that_suggests_to_wait(setup: DoctorSetup, status: int) -> None:
    setup.twilio.fail_next(status)
    found = the_problem(await setup.examine())
    assert (found.check, "Wait" in found.fix) == (Check.CREDENTIALS, True)


async def test_a_page_of_html_is_not_twilios_api(setup: DoctorSetup) -> None:
    setup.twilio.faults.add(Fault(FaultKind.STATUS, status=404, html=True))
    assert "TWILIO_API_BASE_URL" in the_problem(await setup.examine()).fix


async def test_an_api_that_cannot_be_reached_is_a_problem(setup: DoctorSetup) -> None:
    setup.hosts[API] = RequestFailure(FailureReason.NO_SUCH_NAME)
    findings = await setup.examine()
    found = the_problem(findings)
    assert (found.check, "TWILIO_API_BASE_URL" in found.fix) == (Check.CREDENTIALS, True)
    (skipped,) = [finding.message for finding in findings if finding.check is Check.NUMBER]
    assert skipped == "Not checked, because Twilio could not be reached."


@pytest.mark.parametrize(
    ("status", "fix"), [(AccountStatus.SUSPENDED, "balance"), (AccountStatus.CLOSED, "TWILIO_ACCOUNT_SID")]
)
async def test_an_account_that_is_not_active_is_a_problem(setup: DoctorSetup, status: AccountStatus, fix: str) -> None:
    setup.twilio.account.status = status
    found = the_problem(await setup.examine())
    assert (found.check, status.value in found.message, fix in found.fix) == (Check.ACCOUNT, True, True)


@pytest.mark.parametrize(
    ("kind", "made", "means"),
    [(AccountKind.CLASSIC_TRIAL, "2024", "waits for a key"), (AccountKind.TRIAL, "2026", "572006")],
)
async def test_a_trial_is_noted_with_what_it_cannot_do(
    setup: DoctorSetup, kind: AccountKind, made: str, means: str
) -> None:
    setup.twilio.account.kind = kind
    setup.twilio.account.created = datetime.datetime.fromisoformat(f"{made}-06-01T00:00:00+00:00").timestamp()
    (noted,) = [finding for finding in await setup.examine() if finding.check is Check.ACCOUNT]
    assert (noted.level, means in noted.message) == (Level.NOTE, True)


@pytest.mark.parametrize(
    ("seconds", "level"),
    [(0, Level.OK), (20, Level.NOTE), (-20, Level.NOTE), (90, Level.PROBLEM), (-90, Level.PROBLEM)],
)
async def test_the_clock_is_compared_with_twilios(setup: DoctorSetup, seconds: int, level: Level) -> None:
    setup.now = lambda: time.time() + seconds
    found = await setup.examine()
    assert levels(found, Check.CLOCK) == {level}
    if seconds:
        assert ("ahead" if seconds > 0 else "behind") in messages(found)


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}])
def test_an_answer_without_a_readable_date_is_noted(headers: dict[str, str]) -> None:
    (noted,) = account.check_clock(Reply(200, headers, b"{}"), 0)
    assert (noted.check, noted.level) == (Check.CLOCK, Level.NOTE)


async def test_a_valid_api_key_is_ok_and_a_wrong_one_is_a_problem(setup: DoctorSetup) -> None:
    _, secret = setup.twilio.account.add_key(KEY)
    found = await setup.examine(TWILIO_API_KEY=KEY, TWILIO_API_SECRET=secret)
    assert levels(found, Check.KEY) == {Level.OK}
    found = await setup.examine(TWILIO_API_KEY=KEY, TWILIO_API_SECRET="wrong")
    assert the_problem(found).check is Check.KEY
    assert "TWILIO_API_KEY" in the_problem(found).fix


# The number and what leads to it


async def test_a_number_of_another_account_is_a_problem(setup: DoctorSetup) -> None:
    setup.twilio.numbers.clear()
    setup.twilio.add_number("+14155550198")
    found = the_problem(await setup.examine())
    assert (found.check, "TWILIO_FROM_NUMBER" in found.fix) == (Check.NUMBER, True)


@pytest.mark.parametrize("ability", ["voice", "sms"])
async def test_a_number_that_cannot_call_or_text_is_a_problem(setup: DoctorSetup, ability: str) -> None:
    setattr(setup.twilio.numbers[SENDER], ability, False)
    found = await setup.examine()
    assert "TWILIO_FROM_NUMBER" in the_problem(found).fix
    assert levels(found, Check.NUMBER) == {Level.PROBLEM}


@pytest.mark.parametrize(
    ("changed", "check", "where"),
    [
        ({"voice_url": "https://old.example/voice?token=hidden"}, Check.CALLS, "https://old.example/voice?"),
        ({"sms_url": "https://user:hidden@old.example/sms"}, Check.TEXTS, "https://old.example/sms"),
        ({"sms_url": ""}, Check.TEXTS, "nowhere"),
        ({"voice_url": f"{PUBLIC}/webhooks/voice/"}, Check.CALLS, "a redirect from there loses"),
        ({"voice_url": "http://verify.example/webhooks/voice"}, Check.CALLS, "a redirect from there loses"),
        ({"voice_method": "GET"}, Check.CALLS, "POST"),
        ({"voice_application_sid": "AP1"}, Check.CALLS, "TwiML app"),
        ({"sms_application_sid": "AP1"}, Check.TEXTS, "TwiML app"),
    ],
)
async def test_a_number_with_other_webhooks_is_a_problem_that_fix_corrects(
    setup: DoctorSetup, changed: dict[str, str], check: Check, where: str
) -> None:
    for name, value in changed.items():
        setattr(setup.twilio.numbers[SENDER], name, value)
    found = the_problem(await setup.examine())
    assert (found.check, where in found.message, "doctor --fix" in found.fix) == (check, True, True)
    assert "hidden" not in found.message
    fixed = await setup.fix()
    assert problems(fixed) == []
    assert levels(fixed, check) == {Level.OK, Level.NOTE}
    assert levels(fixed, Check.CALLS if check is Check.TEXTS else Check.TEXTS) == {Level.OK}
    assert "hidden" not in messages(fixed)
    assert [finding for finding in await setup.examine() if "--fix" in finding.message] == []


async def test_fix_changes_only_wrong_webhooks(setup: DoctorSetup) -> None:
    setup.twilio.numbers[SENDER].sms_url = ""
    found = await setup.fix()
    assert "before: nothing" in messages(found)
    (asked,) = [request for request in setup.twilio.request_log.requests if request.method == "POST"]
    assert dict(asked.parameters) == {"SmsUrl": f"{PUBLIC}/webhooks/sms", "SmsMethod": "POST"}


async def test_fix_changes_nothing_without_a_problem(setup: DoctorSetup) -> None:
    assert problems(await setup.fix()) == []
    assert {request.method for request in setup.twilio.request_log.requests} == {"GET"}


async def test_a_trunk_is_a_problem_that_fix_does_not_change(setup: DoctorSetup) -> None:
    setup.twilio.numbers[SENDER].trunk_sid = "TK1"
    found = the_problem(await setup.fix())
    assert (found.check, "trunk" in found.fix) == (Check.CALLS, True)
    assert setup.twilio.numbers[SENDER].trunk_sid == "TK1"


async def test_a_fix_that_twilio_refuses_is_a_problem(setup: DoctorSetup) -> None:
    setup.twilio.numbers[SENDER].voice_url = ""
    setup.twilio.faults.add(Fault(FaultKind.STATUS, status=500, method="POST"))
    found = problems(await setup.fix())
    assert [finding.check for finding in found] == [Check.NUMBER, Check.CALLS]


@pytest.mark.parametrize("status", [403, 503])
async def test_numbers_that_cannot_be_listed_are_a_problem(setup: DoctorSetup, status: int) -> None:
    setup.twilio.fail_next(status, path="IncomingPhoneNumbers")
    found = the_problem(await setup.examine())
    assert (found.check, f"HTTP {status}" in found.message) == (Check.NUMBER, True)


# Texts: messaging services and carriers' rules


def messaging(setup: DoctorSetup, answer: Response | None) -> dict[str, str]:
    """The settings for a messaging service of which Twilio says this; None: what the simulator says."""
    if answer:
        setup.api.switch.app = Proxy(setup.simulator, answers={f"/v1/Services/{SERVICE}": answer})
    setup.hosts["https://messaging.twilio.com"] = setup.api.url
    return {"TWILIO_MESSAGING_SERVICE_SID": SERVICE}


async def test_a_messaging_service_that_defers_to_its_numbers_is_ok(setup: DoctorSetup) -> None:
    record = {"sid": SERVICE, "use_inbound_webhook_on_number": True, "us_app_to_person_registered": True}
    found = await setup.examine(**messaging(setup, JSONResponse(record)))
    assert levels(found, Check.SERVICE) == levels(found, Check.SENDER) == {Level.OK}


async def test_an_address_of_ours_with_a_query_is_ok(setup: DoctorSetup) -> None:
    number = setup.twilio.numbers[SENDER]
    number.voice_url, number.sms_url = f"{PUBLIC}/webhooks/voice?src=console", f"{PUBLIC}/webhooks/sms?src=console"
    record = {"sid": SERVICE, "inbound_request_url": number.sms_url}
    found = await setup.examine(**messaging(setup, JSONResponse(record)))
    assert problems(found) == []
    await setup.fix()
    assert number.voice_url == f"{PUBLIC}/webhooks/voice?src=console"


async def test_a_messaging_service_whose_texts_go_elsewhere_is_a_problem(setup: DoctorSetup) -> None:
    for url, where in ((None, "go nowhere"), ("https://old.example/sms", "go to https://old.example/sms")):
        record = {"sid": SERVICE, "use_inbound_webhook_on_number": False, "inbound_request_url": url}
        found = the_problem(await setup.examine(**messaging(setup, JSONResponse(record))))
        assert (found.check, where in found.message, f"{PUBLIC}/webhooks/sms" in found.fix) == (
            Check.SERVICE,
            True,
            True,
        )


async def test_a_messaging_service_that_does_not_exist_is_a_problem(setup: DoctorSetup) -> None:
    found = the_problem(await setup.examine(**messaging(setup, JSONResponse({"code": 20404, "status": 404}, 404))))
    assert (found.check, "TWILIO_MESSAGING_SERVICE_SID" in found.fix) == (Check.SERVICE, True)


async def test_an_api_without_messaging_services_is_noted(setup: DoctorSetup) -> None:
    found = await setup.examine(**messaging(setup, Response("Not Found", 404)))
    assert levels(found, Check.SERVICE) == {Level.NOTE}


async def test_a_messaging_service_of_the_simulator_is_checked_too(setup: DoctorSetup) -> None:
    assert the_problem(await setup.examine(**messaging(setup, None))).check is Check.SERVICE
    setup.twilio.account.services[SERVICE] = MessagingService(SERVICE, [SENDER])
    assert levels(await setup.examine(**messaging(setup, None)), Check.SERVICE) == {Level.OK}


async def test_a_simulator_is_asked_about_messaging_services_at_the_same_address(setup: DoctorSetup) -> None:
    changed = messaging(setup, JSONResponse({"sid": SERVICE, "use_inbound_webhook_on_number": True}))
    found = await setup.examine(TWILIO_API_BASE_URL=setup.api.url, **changed)
    assert levels(found, Check.SERVICE) == {Level.OK}


async def test_a_messaging_api_that_cannot_be_reached_is_a_problem(setup: DoctorSetup) -> None:
    changed = messaging(setup, None)
    setup.hosts["https://messaging.twilio.com"] = RequestFailure(FailureReason.SLOW)
    assert the_problem(await setup.examine(**changed)).check is Check.SERVICE


async def test_with_a_messaging_service_the_number_need_not_text(setup: DoctorSetup) -> None:
    setup.twilio.numbers[SENDER].sms = False
    found = await setup.examine(**messaging(setup, None))
    assert levels(found, Check.NUMBER) == {Level.NOTE}
    assert levels(found, Check.TEXTS) == set()


@pytest.mark.parametrize(
    ("number", "countries", "code"),
    [
        (SENDER, "US", "30034"),
        ("+18005550100", "US", "30032"),
        (SENDER, "CA", ""),
        ("+442079460000", "US,GB", ""),
    ],
)
async def test_an_unregistered_sender_to_the_united_states_is_noted(
    setup: DoctorSetup, number: str, countries: str, code: str
) -> None:
    setup.twilio.add_number(number, voice_url=f"{PUBLIC}/webhooks/voice", sms_url=f"{PUBLIC}/webhooks/sms")
    found = await setup.examine(TWILIO_FROM_NUMBER=number, SAYCODE_COUNTRIES=countries)
    noted = [finding for finding in found if finding.check is Check.SENDER]
    assert [finding.level for finding in noted] == ([Level.NOTE] if code else [])
    assert code in messages(noted)
