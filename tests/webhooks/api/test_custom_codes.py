"""CustomCode: a code that the application makes and checks, and Saycode says and never checks."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.server.logging import JsonFormatter
from saycode.storage.store import SqlStore
from tests.support.api_client import Client, client, operator, services_of
from tests.support.app import PHONE, Phone, RunningApp, running_app
from tests.support.asgi_client import Answer
from verification.counters.rules import Budget, Limit
from verification.models import OPERATOR
from verification.policy import LENIENT_POLICY, Keypress, Policy
from verification.types import Scope
from verification.values.fixed_codes import FixedCode
from verification.values.phone_numbers import parse

CODE = "0047110815"
OTHER_PHONE = "+14155550101"


@pytest.fixture
async def shop(running: RunningApp) -> Client:
    """A service that may have its own codes said."""
    shop = await client(running)
    await allow(running, shop)
    return shop


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "patient.db", policy=LENIENT_POLICY) as running:
        yield running


async def allow(running: RunningApp, shop: Client) -> None:
    services = services_of(running)
    service = await services.service(shop.service)
    assert service is not None
    await services.put(replace(service, custom_codes=True, updated_at=running.clock.now()), actor=OPERATOR)


def rung(running: RunningApp) -> Phone:
    return Phone(running.twilio, running.provider.calls[-1][0], f"CA{running.provider.asked}")


# Whether it is allowed.


async def test_it_is_off_until_the_operator_enables_it_for_a_service(running: RunningApp) -> None:
    shop = await client(running)
    refused = await shop.start(CustomCode=CODE)
    assert (refused.status, refused.code, running.provider.asked) == (403, 60204, 0)
    assert (await shop.post(CustomCodeEnabled="true")).code == 20403
    admin = await operator(running)
    enabled = await admin.post(f"/v2/Services/{shop.service}", CustomCodeEnabled="true")
    assert enabled.body["custom_code_enabled"] is True
    assert (await shop.start(CustomCode=CODE)).status == 201


async def test_a_service_turns_it_off_with_its_own_key_and_not_on_again(shop: Client) -> None:
    assert (await shop.post(CustomCodeEnabled="true")).status == 200  # it is on already
    assert (await shop.post(CustomCodeEnabled="false")).body["custom_code_enabled"] is False
    assert (await shop.start(CustomCode=CODE)).code == 60204
    assert (await shop.post(CustomCodeEnabled="true")).code == 20403


async def test_other_settings_leave_it_as_it_is(shop: Client) -> None:
    assert (await shop.post(CodeLength="8")).body["custom_code_enabled"] is True


@pytest.mark.parametrize(
    "code", ["", "123", "12345678901", "12a4", "abcdef", "12 34", "1234\n", "١٢٣٤٥٦", "½½½½", "-1234", "+1234", "12.4"]
)
async def test_what_is_not_four_to_ten_digits_is_refused_and_not_repeated(
    running: RunningApp, shop: Client, code: str
) -> None:
    refused = await shop.start(CustomCode=code)
    assert (refused.status, refused.code, running.provider.asked) == (400, 60200, 0)
    assert refused.body["message"].startswith("Invalid parameter: CustomCode")
    assert not code or code not in refused.answer.text


async def test_a_number_in_json_is_no_code(shop: Client) -> None:
    body = {"To": PHONE, "Channel": "sms", "CustomCode": 123456}
    assert (await shop.post_json("Verifications", body)).code == 60200


async def test_a_code_that_is_typed_on_the_phone_cannot_be_the_applications(running: RunningApp, shop: Client) -> None:
    refused = await shop.start(channel="call", CallStyle="key", CustomCode=CODE)
    assert (refused.code, running.provider.asked) == (60200, 0)


# What the person gets.


@pytest.mark.parametrize("code", ["0042", "00471", "123456", CODE])
async def test_a_text_has_it_with_its_zeros(running: RunningApp, shop: Client, code: str) -> None:
    assert (await shop.start(CustomCode=code)).status == 201
    assert running.provider.texts[-1].code == code


@pytest.mark.parametrize("code", ["0042", CODE])
async def test_a_call_says_it_after_the_gate_and_again_slowly_and_one_by_one(
    running: RunningApp, shop: Client, code: str
) -> None:
    await shop.start(channel="call", CustomCode=code)
    phone = rung(running)
    assert code not in "".join(filter(str.isdigit, (await phone.answer()).said))
    assert await phone.read_code() == code
    assert "press 2" in (await phone.wait()).said
    slowly = await phone.press("2")
    assert "".join(part for part in slowly.said.split() if part.isdigit()) == code
    single = await phone.press("3")
    for digit in code:
        assert digit in single.said.split()
        single = await phone.press("5")
    assert "press 1" in single.said


async def test_it_is_said_in_the_language_that_was_asked_for(running: RunningApp, shop: Client) -> None:
    await shop.start(channel="call", CustomCode=CODE, Locale="de")
    phone = rung(running)
    assert "Dies ist ein automatischer Anruf" in (await phone.answer()).said
    assert await phone.read_code() == CODE


async def test_a_text_with_call_asks_for_a_call_with_the_same_code(running: RunningApp, shop: Client) -> None:
    await shop.start(CustomCode=CODE)
    running.clock.advance(31)
    result = await running.verifier.handle_text(parse(PHONE), "CALL", sid="SM1")
    assert result.dispatch is not None
    await running.verifier.dispatch(result.dispatch)
    assert await rung(running).read_code() == CODE


# Starting again.


async def test_the_same_code_is_sent_again_under_the_same_sid(running: RunningApp, shop: Client) -> None:
    first = await shop.start(CustomCode=CODE)
    assert (await shop.start(CustomCode=CODE)).code == 60212  # too soon, as for any code
    running.clock.advance(31)
    again = await shop.start(channel="call", CustomCode=CODE)
    assert (again.status, again.body["sid"]) == (201, first.body["sid"])
    assert await rung(running).read_code() == CODE


@pytest.mark.parametrize(("first", "second"), [(CODE, "0042"), ("", CODE), (CODE, "")])
async def test_another_code_takes_the_place_of_the_earlier_one(
    running: RunningApp, shop: Client, first: str, second: str
) -> None:
    earlier = await shop.start(**({"CustomCode": first} if first else {}))
    running.clock.advance(31)
    later = await shop.start(**({"CustomCode": second} if second else {}))
    assert later.body["sid"] != earlier.body["sid"]
    assert (await shop.get(f"Verifications/{earlier.body['sid']}")).body["status"] == "canceled"
    assert (running.provider.texts[-1].code == second) is bool(second)


async def test_limits_count_it_like_any_other(tmp_path: Path) -> None:
    policy = Policy(limits=((Scope.NUMBER, (Limit(count=5, seconds=600),)),), countries=frozenset({"US"}))
    async with running_app(tmp_path / "limited.db", policy=policy) as running:
        shop = await client(running)
        await allow(running, shop)
        sent = [await shop.start(CustomCode=f"100{n}") for n in range(6)]
    assert [reply.status for reply in sent] == [201] * 5 + [429]


async def test_a_suppressed_number_is_not_sent_one(running: RunningApp, shop: Client) -> None:
    await running.verifier.handle_text(parse(PHONE), "STOP", sid="SM1")
    asked = running.provider.asked
    assert (await shop.start(CustomCode=CODE)).code == 21610
    assert running.provider.asked == asked


async def test_the_length_of_a_test_numbers_code_does_not_matter(tmp_path: Path) -> None:
    test_number = FixedCode(number=parse(PHONE), code="424242", until=4e9)
    policy = replace(LENIENT_POLICY, fixed_codes=(test_number,))
    async with running_app(tmp_path / "tested.db", policy=policy) as running:
        shop = await client(running)
        await allow(running, shop)
        started = await shop.start(CustomCode=CODE)
        assert (started.status, started.body["test_number"]) == (201, True)
        assert (await shop.check("424242", To=PHONE)).code == 60204


# Checking.


async def test_a_check_is_refused_and_changes_nothing_whatever_the_code(patient: RunningApp) -> None:
    shop = await client(patient)
    await allow(patient, shop)
    sid = (await shop.start(CustomCode=CODE)).body["sid"]
    for code in (CODE, "0047110816", "1"):
        for named in ({"To": PHONE}, {"VerificationSid": sid}):
            refused = await shop.check(code, **named)
            assert (refused.status, refused.code) == (403, 60204)
            assert "Status=approved" in refused.body["message"]
    assert (await shop.get(f"Verifications/{sid}")).body["status"] == "pending"


async def test_the_application_says_that_it_was_right(shop: Client) -> None:
    sid = (await shop.start(CustomCode=CODE)).body["sid"]
    assert (await shop.post(f"Verifications/{PHONE}", Status="approved")).body["status"] == "approved"
    assert (await shop.check(CODE, VerificationSid=sid)).status == 404
    assert (await shop.get(f"Verifications/{sid}")).body["receipt"] is None


@pytest.mark.parametrize(("custom", "refused"), [(True, 0), (False, 6)])
async def test_what_the_application_approves_makes_room_in_a_budget_only_with_its_own_codes(
    tmp_path: Path, custom: bool, refused: int
) -> None:
    budget = Budget(count=8, percent=125, seconds=3600)
    policy = Policy(repeat_spacing=(), limits=((Scope.COUNTRY, (budget,)),), countries=frozenset({"US"}))
    async with running_app(tmp_path / "budgets.db", policy=policy) as running:
        shop = await client(running)
        await allow(running, shop)
        statuses = [await ended(running, shop, n, "approved", custom=custom) for n in range(8)]
        assert statuses == [201] * 8
        statuses = [await ended(running, shop, n, "canceled", custom=custom) for n in range(8, 20)]
        assert statuses.count(429) == refused


@pytest.mark.parametrize(
    ("keypress", "heard", "refused"), [("digits", True, 0), ("digits", False, 6), ("off", True, 6)]
)
async def test_a_code_that_a_person_has_heard_is_not_counted_as_never_typed(
    tmp_path: Path, keypress: str, heard: bool, refused: int
) -> None:
    budget = Budget(count=8, percent=125, seconds=3600)
    policy = Policy(
        repeat_spacing=(),
        limits=((Scope.COUNTRY, (budget,)),),
        countries=frozenset({"US"}),
        keypress=Keypress(keypress),
        code_lifetime=60,
    )
    async with running_app(tmp_path / "heard.db", policy=policy) as running:
        shop = await client(running)
        await allow(running, shop)
        statuses = [await called(running, shop, n, heard=heard) for n in range(12)]
    assert statuses.count(429) == refused


async def called(running: RunningApp, shop: Client, n: int, *, heard: bool) -> int:
    """Start a call, hear its code or not, and let it expire. The status of the start."""
    number = f"+1415555{2000 + n}"
    started = await shop.start(number, channel="call", CustomCode=CODE)
    if started.status == 201 and heard:
        phone = rung(running)
        phone.number = number
        first = await phone.answer()
        said = await (phone.press(first.asked_for) if "these three keys" in first.said else phone.wait())
        assert said.code == CODE
    running.clock.advance(61)
    await running.verifier.expire_overdue()
    return started.status


async def ended(running: RunningApp, shop: Client, n: int, status: str, *, custom: bool) -> int:
    """Start a verification, say how it ended, and wait for a minute. The status of the start."""
    number = f"+1415555{1000 + n}"
    started = await shop.start(number, **({"CustomCode": CODE} if custom else {}))
    if started.status == 201:
        await shop.post(f"Verifications/{number}", Status=status)
    running.clock.advance(60)
    return started.status


# Where it must not be.


async def kept(running: RunningApp, sid: str) -> tuple[object, ...]:
    """What the database keeps to compute the code from."""
    store = running.store.store
    assert isinstance(store, SqlStore)
    sealed = "SELECT seed, sealed_code FROM verifications WHERE sid = ?"
    return tuple(await store.query(lambda conn: conn.execute(sealed, (sid,)).fetchone()))


async def test_no_row_no_event_no_answer_and_no_log_has_it(
    running: RunningApp, shop: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    answers: list[Answer] = []
    body = json.dumps({"To": PHONE, "Channel": "call", "CustomCode": CODE}).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": "order-1"}
    for _ in range(2):
        answers.append((await shop.send("POST", "Verifications", body=body, headers=headers)).answer)
    assert await rung(running).read_code() == CODE
    sid = json.loads(answers[0].body)["sid"]
    answers += [(await shop.get(f"Verifications/{sid}")).answer, (await shop.get("/v2/Attempts")).answer]
    answers.append((await shop.check(CODE, To=PHONE)).answer)
    assert CODE not in repr(running.rows())
    assert not any(CODE in answer.text for answer in answers)
    formatted = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    assert CODE not in formatted
    assert CODE not in repr(await running.store.events(sid))
    await shop.post(f"Verifications/{sid}", Status="approved")
    for file in running.path.parent.glob(f"{running.path.name}*"):
        assert CODE.encode() not in file.read_bytes()


@pytest.mark.parametrize("ending", ["approved", "canceled", "expired", "superseded"])
async def test_what_it_can_be_computed_from_goes_when_the_verification_ends(
    running: RunningApp, shop: Client, ending: str
) -> None:
    sid = (await shop.start(CustomCode=CODE)).body["sid"]
    assert None not in await kept(running, sid)
    if ending == "expired":
        running.clock.advance(301)
        await running.verifier.expire_overdue()
    elif ending == "superseded":
        await shop.start(CustomCode="0042")
    else:
        await shop.post(f"Verifications/{sid}", Status=ending)
    assert await kept(running, sid) == (None, None)
