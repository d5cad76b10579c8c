"""What the doctor finds at Twilio: the account, the number, and who takes its texts."""

import datetime
import time
from collections.abc import Callable, Iterator

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
    Proxy,
    Town,
    levels,
    problems,
    said,
    settled,
    the_problem,
)
from twilio_simulator.core.account import AccountKind, AccountStatus
from twilio_simulator.core.faults import Fault, FaultKind

KEY = "SK" + "1" * 32
SERVICE = "MG" + "2" * 32


@pytest.fixture(scope="module")
def settle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Town]]:
    with settled(tmp_path_factory.mktemp("town")) as settle:
        yield settle


@pytest.fixture
def town(settle: Callable[[], Town]) -> Town:
    """All is well, until a test spoils something."""
    return settle()


# Credentials, account, clock


async def test_a_wrong_token_is_a_problem_and_the_number_is_not_looked_at(town: Town) -> None:
    town.twilio.account.auth_token = "another"
    found = await town.examine()
    assert the_problem(found).check is Check.CREDENTIALS
    assert "TWILIO_AUTH_TOKEN" in the_problem(found).mend
    assert "HTTP 401, code 20003" in the_problem(found).said
    assert levels(found, Check.NUMBER) == {Level.NOTE}


async def test_test_credentials_are_told_apart_because_they_never_ring_a_phone(town: Town) -> None:
    sid, token = TEST_PAIR
    town.serve(TWILIO_ACCOUNT_SID=sid, TWILIO_AUTH_TOKEN=token)
    found = the_problem(await town.examine(TWILIO_ACCOUNT_SID=sid, TWILIO_AUTH_TOKEN=token))
    assert (found.check, "no phone ever rings" in found.said) == (Check.CREDENTIALS, True)
    assert "TWILIO_ACCOUNT_SID" in found.mend


@pytest.mark.parametrize("code", [10001, 20005])
async def test_an_account_that_twilio_calls_inactive_is_a_problem(town: Town, code: int) -> None:
    town.twilio.fail_next(401, code=code)
    assert "not active" in the_problem(await town.examine()).said


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_fault_of_twilios_is_a_problem_that_asks_for_patience(town: Town, status: int) -> None:
    town.twilio.fail_next(status)
    found = the_problem(await town.examine())
    assert (found.check, "Wait" in found.mend) == (Check.CREDENTIALS, True)


async def test_a_page_of_html_is_not_twilios_api(town: Town) -> None:
    town.twilio.faults.add(Fault(FaultKind.STATUS, status=404, html=True))
    assert "TWILIO_API_BASE_URL" in the_problem(await town.examine()).mend


async def test_an_api_that_cannot_be_reached_is_a_problem(town: Town) -> None:
    town.places[API] = RequestFailure(FailureReason.NO_SUCH_NAME)
    found = the_problem(await town.examine())
    assert (found.check, "TWILIO_API_BASE_URL" in found.mend) == (Check.CREDENTIALS, True)


@pytest.mark.parametrize(
    ("status", "mend"), [(AccountStatus.SUSPENDED, "balance"), (AccountStatus.CLOSED, "TWILIO_ACCOUNT_SID")]
)
async def test_an_account_that_is_not_active_is_a_problem(town: Town, status: AccountStatus, mend: str) -> None:
    town.twilio.account.status = status
    found = the_problem(await town.examine())
    assert (found.check, status.value in found.said, mend in found.mend) == (Check.ACCOUNT, True, True)


@pytest.mark.parametrize(
    ("kind", "made", "means"),
    [(AccountKind.CLASSIC_TRIAL, "2024", "waits for a key"), (AccountKind.TRIAL, "2026", "572006")],
)
async def test_a_trial_is_noted_with_what_it_cannot_do(town: Town, kind: AccountKind, made: str, means: str) -> None:
    town.twilio.account.kind = kind
    town.twilio.account.created = datetime.datetime.fromisoformat(f"{made}-06-01T00:00:00+00:00").timestamp()
    (noted,) = [finding for finding in await town.examine() if finding.check is Check.ACCOUNT]
    assert (noted.level, means in noted.said) == (Level.NOTE, True)


@pytest.mark.parametrize(
    ("seconds", "level"),
    [(0, Level.OK), (20, Level.NOTE), (-20, Level.NOTE), (90, Level.PROBLEM), (-90, Level.PROBLEM)],
)
async def test_the_clock_is_compared_with_twilios(town: Town, seconds: int, level: Level) -> None:
    town.now = lambda: time.time() + seconds
    found = await town.examine()
    assert levels(found, Check.CLOCK) == {level}
    if seconds:
        assert ("ahead" if seconds > 0 else "behind") in said(found)


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}])
def test_an_answer_without_a_readable_date_is_noted(headers: dict[str, str]) -> None:
    (noted,) = account.check_clock(Reply(200, headers, b"{}"), 0)
    assert (noted.check, noted.level) == (Check.CLOCK, Level.NOTE)


async def test_a_right_api_key_is_well_and_a_wrong_one_is_a_problem(town: Town) -> None:
    _, secret = town.twilio.account.add_key(KEY)
    found = await town.examine(TWILIO_API_KEY=KEY, TWILIO_API_SECRET=secret)
    assert levels(found, Check.KEY) == {Level.OK}
    found = await town.examine(TWILIO_API_KEY=KEY, TWILIO_API_SECRET="wrong")
    assert the_problem(found).check is Check.KEY
    assert "TWILIO_API_KEY" in the_problem(found).mend


# The number and what leads to it


async def test_a_number_of_somebody_else_is_a_problem(town: Town) -> None:
    town.twilio.numbers.clear()
    town.twilio.add_number("+14155550198")
    found = the_problem(await town.examine())
    assert (found.check, "TWILIO_FROM_NUMBER" in found.mend) == (Check.NUMBER, True)


@pytest.mark.parametrize("ability", ["voice", "sms"])
async def test_a_number_that_cannot_call_or_text_is_a_problem(town: Town, ability: str) -> None:
    setattr(town.twilio.numbers[SENDER], ability, False)
    found = await town.examine()
    assert "TWILIO_FROM_NUMBER" in the_problem(found).mend
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
async def test_a_number_that_leads_elsewhere_is_a_problem_and_fix_mends_it(
    town: Town, changed: dict[str, str], check: Check, where: str
) -> None:
    for name, value in changed.items():
        setattr(town.twilio.numbers[SENDER], name, value)
    found = the_problem(await town.examine())
    assert (found.check, where in found.said, "doctor --fix" in found.mend) == (check, True, True)
    assert "hidden" not in found.said
    fixed = await town.mend()
    assert problems(fixed) == []
    assert levels(fixed, check) == {Level.OK, Level.NOTE}
    assert levels(fixed, Check.CALLS if check is Check.TEXTS else Check.TEXTS) == {Level.OK}
    assert "hidden" not in said(fixed)
    assert [finding for finding in await town.examine() if "--fix" in finding.said] == []


async def test_fix_changes_only_what_leads_elsewhere(town: Town) -> None:
    town.twilio.numbers[SENDER].sms_url = ""
    found = await town.mend()
    assert "before: nothing" in said(found)
    (asked,) = [request for request in town.twilio.request_log.requests if request.method == "POST"]
    assert dict(asked.parameters) == {"SmsUrl": f"{PUBLIC}/webhooks/sms", "SmsMethod": "POST"}


async def test_fix_changes_nothing_where_all_is_well(town: Town) -> None:
    assert problems(await town.mend()) == []
    assert {request.method for request in town.twilio.request_log.requests} == {"GET"}


async def test_a_trunk_is_a_problem_that_fix_leaves_alone(town: Town) -> None:
    town.twilio.numbers[SENDER].trunk_sid = "TK1"
    found = the_problem(await town.mend())
    assert (found.check, "trunk" in found.mend) == (Check.CALLS, True)
    assert town.twilio.numbers[SENDER].trunk_sid == "TK1"


async def test_a_fix_that_twilio_refuses_is_a_problem(town: Town) -> None:
    town.twilio.numbers[SENDER].voice_url = ""
    town.twilio.faults.add(Fault(FaultKind.STATUS, status=500, method="POST"))
    found = problems(await town.mend())
    assert [finding.check for finding in found] == [Check.NUMBER, Check.CALLS]


@pytest.mark.parametrize("status", [403, 503])
async def test_numbers_that_cannot_be_listed_are_a_problem(town: Town, status: int) -> None:
    town.twilio.fail_next(status, path="IncomingPhoneNumbers")
    found = the_problem(await town.examine())
    assert (found.check, f"HTTP {status}" in found.said) == (Check.NUMBER, True)


# Texts: messaging services and carriers' rules


def messaging(town: Town, answer: Response | None) -> dict[str, str]:
    """The settings for a messaging service of which Twilio says this; None: the simulator, which knows none."""
    if answer:
        town.api.switch.app = Proxy(town.simulator, answers={f"/v1/Services/{SERVICE}": answer})
    town.places["https://messaging.twilio.com"] = town.api.url
    return {"TWILIO_MESSAGING_SERVICE_SID": SERVICE}


async def test_a_messaging_service_that_leaves_texts_to_its_numbers_is_well(town: Town) -> None:
    record = {"sid": SERVICE, "use_inbound_webhook_on_number": True, "us_app_to_person_registered": True}
    found = await town.examine(**messaging(town, JSONResponse(record)))
    assert levels(found, Check.SERVICE) == levels(found, Check.SENDER) == {Level.OK}


async def test_a_messaging_service_whose_texts_go_elsewhere_is_a_problem(town: Town) -> None:
    for url, where in ((None, "go nowhere"), ("https://old.example/sms", "go to https://old.example/sms")):
        record = {"sid": SERVICE, "use_inbound_webhook_on_number": False, "inbound_request_url": url}
        found = the_problem(await town.examine(**messaging(town, JSONResponse(record))))
        assert (found.check, where in found.said, f"{PUBLIC}/webhooks/sms" in found.mend) == (Check.SERVICE, True, True)


async def test_a_messaging_service_that_does_not_exist_is_a_problem(town: Town) -> None:
    found = the_problem(await town.examine(**messaging(town, JSONResponse({"code": 20404, "status": 404}, 404))))
    assert (found.check, "TWILIO_MESSAGING_SERVICE_SID" in found.mend) == (Check.SERVICE, True)


async def test_where_nobody_knows_messaging_services_that_is_noted(town: Town) -> None:
    assert levels(await town.examine(**messaging(town, None)), Check.SERVICE) == {Level.NOTE}


async def test_a_stand_in_for_twilio_is_asked_about_messaging_services_in_the_same_place(town: Town) -> None:
    changed = messaging(town, JSONResponse({"sid": SERVICE, "use_inbound_webhook_on_number": True}))
    found = await town.examine(TWILIO_API_BASE_URL=town.api.url, **changed)
    assert levels(found, Check.SERVICE) == {Level.OK}


async def test_a_messaging_api_that_cannot_be_reached_is_a_problem(town: Town) -> None:
    changed = messaging(town, None)
    town.places["https://messaging.twilio.com"] = RequestFailure(FailureReason.SLOW)
    assert the_problem(await town.examine(**changed)).check is Check.SERVICE


async def test_with_a_messaging_service_the_number_need_not_text(town: Town) -> None:
    town.twilio.numbers[SENDER].sms = False
    found = await town.examine(**messaging(town, None))
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
    town: Town, number: str, countries: str, code: str
) -> None:
    town.twilio.add_number(number, voice_url=f"{PUBLIC}/webhooks/voice", sms_url=f"{PUBLIC}/webhooks/sms")
    found = await town.examine(TWILIO_FROM_NUMBER=number, SAYCODE_COUNTRIES=countries)
    noted = [finding for finding in found if finding.check is Check.SENDER]
    assert [finding.level for finding in noted] == ([Level.NOTE] if code else [])
    assert code in said(noted)
