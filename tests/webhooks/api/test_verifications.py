"""The API: start, look, check, end. Names, codes and null rules are Verify v2's."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.api_client import Client, client, other
from tests.support.app import PHONE, Phone, RunningApp, running_app
from verification.counters.rules import Limit
from verification.flow import accounts
from verification.models import Account, EnrolledNumber, EventKind
from verification.policy import DEFAULT_POLICY, LENIENT_POLICY
from verification.ports import ByEnrolled, Rejected, Unclear
from verification.types import Channel, Scope
from verification.values import usernames
from verification.values.phone_numbers import parse

OTHER_PHONE = "+14155550101"


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "patient.db", policy=LENIENT_POLICY) as running:
        yield running


def last_code(running: RunningApp) -> str:
    return running.provider.texts[-1].code


# Start.


async def test_a_start_sends_a_code_and_answers_as_verify_does(running: RunningApp, shop: Client) -> None:
    reply = await shop.start()
    sid, attempt = reply.body["sid"], reply.body["send_code_attempts"][0]["attempt_sid"]
    base = f"https://verify.example/v2/Services/{shop.service}"
    assert reply.status == 201
    assert reply.body == {
        "sid": sid,
        "service_sid": shop.service,
        "account_sid": "AC" + "0" * 32,
        "to": PHONE,
        "channel": "sms",
        "status": "pending",
        "valid": False,
        "lookup": {},
        "amount": None,
        "payee": None,
        "send_code_attempts": [{"time": "2027-01-15T08:00:00Z", "channel": "SMS", "attempt_sid": attempt}],
        "sna": None,
        "date_created": "2027-01-15T08:00:00Z",
        "date_updated": "2027-01-15T08:00:00Z",
        "url": f"{base}/Verifications/{sid}",
        "username": None,
        "action": "sign-in",
        "test_number": False,
        "call_style": "say",
        "channels": ["call", "sms"],
        "date_expires": "2027-01-15T08:05:00Z",
        "code": None,
        "receipt": None,
    }
    assert (sid[:2], attempt[:2]) == ("VE", "VL")
    assert [order.to.e164 for order in running.provider.texts] == [PHONE]


async def test_a_call_and_a_text_say_the_name_of_the_service(running: RunningApp, shop: Client) -> None:
    await shop.start(OTHER_PHONE)
    assert running.provider.texts[-1].brand == "Acme Shop"
    await shop.start(channel="call")
    phone = Phone(running.twilio, running.provider.calls[-1][0], f"CA{running.provider.asked}")
    assert "Acme Shop" in (await phone.answer()).said


async def test_a_brand_for_one_verification_is_said_instead(running: RunningApp, shop: Client) -> None:
    await shop.start(CustomFriendlyName="Acme Bank")
    assert running.provider.texts[-1].brand == "Acme Bank"


async def test_a_service_has_its_own_length_of_code_and_its_own_gate(running: RunningApp, shop: Client) -> None:
    assert (await shop.post(CodeLength="8", DtmfInputRequired="false")).status == 200
    await shop.start(channel="call")
    phone = Phone(running.twilio, running.provider.calls[-1][0], f"CA{running.provider.asked}")
    first = await phone.answer()
    assert "press" not in first.said.split("If you didn't")[0]
    assert len((await phone.wait()).code) == 8


async def test_the_language_is_asked_for_or_the_countrys(running: RunningApp, shop: Client) -> None:
    await shop.start(Locale="de")
    assert running.provider.texts[-1].language == "de-DE"
    await shop.start(OTHER_PHONE)
    assert running.provider.texts[-1].language == "en-US"


async def test_an_extension_is_dialled(running: RunningApp, shop: Client) -> None:
    await shop.start(channel="call", SendDigits="wwww123#")
    assert running.provider.calls[-1][1].extension == "wwww123#"


async def test_two_extensions_of_a_number_are_two_accounts(running: RunningApp, shop: Client) -> None:
    first = await shop.start(channel="call", SendDigits="ww12")
    running.clock.advance(600)  # the line of the first call is free again
    second = await shop.start(channel="call", SendDigits="ww34")
    assert first.body["sid"] != second.body["sid"]
    to = {"To": "+14155550100"}
    assert (await shop.check("000000", **to)).status == 404  # of the number without an extension
    assert (await shop.check("000000", SendDigits="wwww34", **to)).body["sid"] == second.body["sid"]


async def test_no_text_goes_to_an_extension(running: RunningApp, shop: Client) -> None:
    refused = await shop.start(channel="sms", SendDigits="12")
    assert (refused.status, refused.body["code"]) == (403, 60205)
    started = await shop.start(channel="call", SendDigits="12")
    running.clock.advance(60)
    assert (await shop.start(channel="sms", SendDigits="12")).body["code"] == 60205
    assert (started.status, running.provider.texts) == (201, [])


@pytest.mark.parametrize(
    ("country", "one", "other"),
    [
        ("MX", "+525512345678", "+5215512345678"),
        ("AR", "+541123456789", "+5491123456789"),
        ("BR", "+5511987654321", "+551187654321"),
    ],
)
async def test_a_phone_is_checked_and_found_in_any_form(tmp_path: Path, country: str, one: str, other: str) -> None:
    policy = replace(DEFAULT_POLICY, countries=frozenset({country}))
    async with running_app(tmp_path / "forms.db", policy=policy) as running:
        shop = await client(running)
        sid = (await shop.start(to=one)).body["sid"]
        assert (await shop.get(f"Verifications/{other}")).body["sid"] == sid
        assert len((await shop.get(f"/v2/Attempts?ChannelData.To={other.replace('+', '%2B')}")).body["attempts"]) == 1
        checked = await shop.check(running.provider.texts[-1].code, To=other, VerificationSid=sid)
        assert checked.body["status"] == "approved"


@pytest.mark.parametrize(
    ("to", "kind"),
    [
        ("+19002345678", "premium rate"),
        ("+12129760100", "premium rate"),
        ("+18005550100", "toll-free"),
        ("+15002345678", "personal"),
    ],
)
async def test_a_refused_kind_of_number_is_named(running: RunningApp, shop: Client, to: str, kind: str) -> None:
    refused = await shop.start(to=to)
    assert (refused.status, refused.body["code"]) == (403, 60605)
    assert kind in refused.body["message"]
    assert running.provider.asked == 0


async def test_what_is_pending_is_sent_once_more_with_the_same_code(running: RunningApp, shop: Client) -> None:
    first = await shop.start()
    code = last_code(running)
    running.clock.advance(31)
    again = await shop.start()
    assert (again.status, again.body["sid"], last_code(running)) == (201, first.body["sid"], code)
    assert len(again.body["send_code_attempts"]) == 2
    running.clock.advance(61)
    called = await shop.start(channel="call")
    assert (called.body["sid"], called.body["channel"]) == (first.body["sid"], "call")
    assert called.body["date_expires"] == first.body["date_expires"]


async def test_a_resend_that_comes_too_soon_gets_a_retry_after(shop: Client) -> None:
    await shop.start()
    reply = await shop.start()
    assert (reply.status, reply.code, reply.answer.header("retry-after")) == (429, 60212, "30")


async def test_the_sixth_send_is_refused(tmp_path: Path) -> None:
    async with running_app(tmp_path / "quick.db", policy=replace(DEFAULT_POLICY, repeat_spacing=(0,))) as running:
        shop = await client(running)
        for _ in range(5):
            assert (await shop.start()).status == 201
        reply = await shop.start()
        assert (reply.status, reply.code, running.provider.asked) == (429, 60203, 5)


async def test_another_action_is_another_verification(running: RunningApp, shop: Client) -> None:
    first = await shop.start(Action="sign-in")
    second = await shop.start(OTHER_PHONE, Action="change-billing")
    third = await shop.start(Action="change-billing")
    assert len({first.body["sid"], second.body["sid"], third.body["sid"]}) == 3


async def test_a_call_to_which_the_phone_answers_with_the_code_shows_it_to_the_application(
    running: RunningApp, shop: Client
) -> None:
    reply = await shop.start(channel="call", CallStyle="key")
    assert (reply.body["call_style"], reply.body["channels"]) == ("key", ["call"])
    phone = Phone(running.twilio, running.provider.calls[-1][0], f"CA{running.provider.asked}")
    await phone.press((await phone.answer()).asked_for)
    await phone.press(reply.body["code"])
    fetched = await shop.get(f"Verifications/{reply.body['sid']}")
    assert (fetched.body["status"], fetched.body["code"]) == ("approved", None)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"To": ""}, "To"),
        ({"To": "4155550100"}, "To"),
        ({"To": "+1 415 555 0100"}, "To"),
        ({"To": "+14155550100\n"}, "To"),
        ({"To": "+1415555010O"}, "To"),
        ({"To": "+10000000000"}, "To"),
        ({"Channel": "pigeon"}, "Channel"),
        ({"Channel": "CALL"}, "Channel"),
        ({"Locale": "../../etc"}, "Locale"),
        ({"SendDigits": "12a"}, "SendDigits"),
        ({"SendDigits": "1" * 33}, "SendDigits"),
        ({"CustomFriendlyName": "your code is 111111"}, "CustomFriendlyName"),
        ({"CustomFriendlyName": "Acme\u200b"}, "CustomFriendlyName"),
        ({"DeviceIp": "somewhere"}, "DeviceIp"),
        ({"Tags": "[]"}, "Tags"),
        ({"Tags": '{"a": 1}'}, "Tags"),
        ({"Tags": "{" * 1000}, "Tags"),
        ({"Action": "Sign in"}, "Action"),
        ({"CallStyle": "shout"}, "CallStyle"),
        ({"CallStyle": "key"}, "CallStyle"),
    ],
)
async def test_a_parameter_that_means_nothing_is_named_and_nothing_is_sent(
    running: RunningApp, shop: Client, fields: dict[str, str], name: str
) -> None:
    reply = await shop.post("Verifications", **({"To": PHONE, "Channel": "sms"} | fields))
    assert (reply.status, reply.code) == (400, 60200)
    assert reply.body["message"].startswith(f"Invalid parameter: {name}")
    assert reply.body == {
        "code": 60200,
        "message": reply.body["message"],
        "more_info": "https://www.twilio.com/docs/errors/60200",
        "status": 400,
    }
    assert running.provider.asked == 0


async def test_a_country_that_is_not_allowed_is_403(shop: Client) -> None:
    reply = await shop.start("+4930901820")
    assert (reply.status, reply.code) == (403, 60605)


async def test_a_suppressed_number_is_not_called_and_the_application_learns_why(
    running: RunningApp, shop: Client
) -> None:
    await running.twilio.post("/webhooks/sms", {"From": PHONE, "To": "+14155550199", "Body": "STOP"})
    for channel in ("call", "sms"):
        reply = await shop.start(channel=channel)
        assert (reply.status, reply.code) == (403, 21610)
    assert running.provider.asked == 0


async def test_a_start_that_twilio_refuses_answers_503_and_the_verification_failed(
    running: RunningApp, shop: Client
) -> None:
    running.provider.script.append(Rejected(permanent=False, code=None))
    reply = await shop.start()
    assert (reply.status, reply.code, reply.answer.header("retry-after")) == (503, 20503, "5")
    assert (await shop.get(f"Verifications/{PHONE}")).status == 404
    assert (await shop.start()).status == 201


async def test_a_landline_takes_no_text(running: RunningApp, shop: Client) -> None:
    running.provider.script.append(Rejected(permanent=True, code=21614))
    reply = await shop.start()
    assert (reply.status, reply.code) == (403, 60205)


async def test_a_start_whose_fate_is_not_known_is_pending(running: RunningApp, shop: Client) -> None:
    running.provider.script.append(Unclear("time-out"))
    reply = await shop.start()
    assert (reply.status, reply.body["status"]) == (201, "pending")


# Check.


@pytest.mark.parametrize("by", ["To", "VerificationSid"])
async def test_the_right_code_approves_once(running: RunningApp, shop: Client, by: str) -> None:
    started = await shop.start()
    meant = {"To": PHONE, "VerificationSid": started.body["sid"]}[by]
    reply = await shop.check(last_code(running), **{by: meant})
    assert reply.status == 200
    assert reply.body.pop("receipt").count(".") == 2
    assert reply.body == {
        "sid": started.body["sid"],
        "service_sid": shop.service,
        "account_sid": "AC" + "0" * 32,
        "to": PHONE,
        "channel": "sms",
        "status": "approved",
        "valid": True,
        "amount": None,
        "payee": None,
        "sna_attempts_error_codes": [],
        "date_created": "2027-01-15T08:00:00Z",
        "date_updated": "2027-01-15T08:00:00Z",
        "action": "sign-in",
        "test_number": False,
    }
    again = await shop.check(last_code(running), **{by: meant})
    assert (again.status, again.code) == (404, 20404)
    fetched = await shop.get(f"Verifications/{started.body['sid']}")
    assert (fetched.body["status"], fetched.body["valid"]) == ("approved", True)


async def test_wrong_codes_are_counted_and_the_last_one_ends_it(patient: RunningApp) -> None:
    shop = await client(patient)
    started = await shop.start()
    wrong = other(last_code(patient))
    for _ in range(4):
        reply = await shop.check(wrong, To=PHONE)
        assert (reply.status, reply.body["status"], reply.body["valid"]) == (200, "pending", False)
    reply = await shop.check(wrong, To=PHONE)
    assert (reply.status, reply.body["status"], reply.body["valid"]) == (200, "max_attempts_reached", False)
    for by in ({"To": PHONE}, {"VerificationSid": started.body["sid"]}):
        reply = await shop.check(last_code(patient), **by)
        assert (reply.status, reply.code, reply.answer.header("retry-after")) == (429, 60202, "300")
    assert (await shop.get(f"Verifications/{PHONE}")).body["status"] == "max_attempts_reached"
    patient.clock.advance(300)
    assert (await shop.get(f"Verifications/{PHONE}")).status == 404
    for by in ({"To": PHONE}, {"VerificationSid": started.body["sid"]}):
        reply = await shop.check(last_code(patient), **by)
        assert (reply.status, reply.code) == (404, 20404)


async def test_an_expired_code_is_not_found_and_the_verification_says_why(running: RunningApp, shop: Client) -> None:
    started = await shop.start()
    running.clock.advance(300)
    assert (await shop.check(last_code(running), To=PHONE)).code == 20404
    assert (await shop.get(f"Verifications/{started.body['sid']}")).body["status"] == "expired"


async def test_leading_zeros_are_part_of_the_code(running: RunningApp, shop: Client) -> None:
    await shop.start()
    reply = await shop.check(last_code(running)[1:], To=PHONE)
    assert (reply.status, reply.body["valid"], reply.body["status"]) == (200, False, "max_attempts_reached")


async def test_what_cannot_be_a_code_is_not_counted(running: RunningApp, shop: Client) -> None:
    await shop.start()
    for nonsense in ("no code", "12 34x6"):
        assert (await shop.check(nonsense, To=PHONE)).code == 60200
    assert (await shop.check(last_code(running), To=PHONE)).body["valid"] is True


async def test_a_check_without_a_match_is_not_found_and_without_a_recipient_is_invalid(shop: Client) -> None:
    assert (await shop.check("123456", To=PHONE)).code == 20404
    assert (await shop.check("123456", VerificationSid="VE" + "0" * 32)).code == 20404
    assert (await shop.check("123456")).code == 60200
    assert (await shop.post("VerificationCheck", To=PHONE)).code == 60200


async def test_a_code_in_the_address_does_nothing(running: RunningApp, shop: Client) -> None:
    await shop.start()
    reply = await shop.send(
        "POST",
        f"VerificationCheck?Code={last_code(running)}&To=%2B14155550100",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert reply.status == 400
    assert (await shop.check(last_code(running), To=PHONE)).body["valid"] is True


async def test_a_newer_start_for_another_phone_of_the_same_person_leaves_theirs_alone(running: RunningApp) -> None:
    shop = await client(running)
    await shop.start()
    first = last_code(running)
    await shop.start(OTHER_PHONE)
    assert (await shop.check(first, To=PHONE)).body["valid"] is True


# Services and actions are separate.


async def test_the_code_of_one_action_is_wrong_for_another(running: RunningApp, shop: Client) -> None:
    await shop.start(Action="sign-in")
    code = last_code(running)
    running.clock.advance(31)
    await shop.start(Action="change-billing")
    assert (await shop.check(code, To=PHONE, Action="change-billing")).body["valid"] is False
    assert (await shop.check(code, To=PHONE, Action="sign-in")).body["valid"] is True


async def test_the_code_of_one_service_is_nothing_at_another(running: RunningApp, shop: Client) -> None:
    started = await shop.start()
    other_client = await client(running, "Other", seed=8)
    for by in ({"To": PHONE}, {"VerificationSid": started.body["sid"]}):
        assert (await other_client.check(last_code(running), **by)).code == 20404
    assert (await shop.check(last_code(running), To=PHONE)).body["valid"] is True


@pytest.mark.parametrize(
    "presented",
    [
        {"Amount": "12.31 EUR", "Payee": "Anna Berg"},
        {"Amount": "12.30 USD", "Payee": "Anna Berg"},
        {"Amount": "12.30 EUR", "Payee": "Anna Bergs"},
    ],
)
async def test_a_code_for_one_payment_is_dead_once_another_is_presented(
    running: RunningApp, shop: Client, presented: dict[str, str]
) -> None:
    paid = {"Amount": "12.30 EUR", "Payee": "Anna Berg"}
    started = await shop.start(**paid)
    assert (started.body["amount"], started.body["payee"], started.body["action"]) == (*paid.values(), "payment")
    off = await shop.check(last_code(running), To=PHONE, **presented)
    assert (off.status, off.body["valid"], off.body["status"]) == (200, False, "max_attempts_reached")
    assert (await shop.check(last_code(running), To=PHONE, **paid)).code == 60202


async def test_a_payment_is_approved_with_its_own_amount_and_payee(running: RunningApp, shop: Client) -> None:
    paid = {"Amount": "12.30 EUR", "Payee": "Anna Berg"}
    await shop.start(**paid)
    reply = await shop.check(last_code(running), To=PHONE, **paid)
    assert (reply.body["valid"], reply.body["amount"], reply.body["payee"]) == (True, *paid.values())


async def test_another_payment_is_another_code(running: RunningApp, shop: Client) -> None:
    first = await shop.start(Amount="12.30 EUR", Payee="Anna Berg")
    running.clock.advance(31)
    second = await shop.start(Amount="99.00 EUR", Payee="Anna Berg")
    assert first.body["sid"] != second.body["sid"]
    assert (await shop.get(f"Verifications/{first.body['sid']}")).body["status"] == "canceled"


async def test_half_a_payment_is_refused(shop: Client) -> None:
    assert (await shop.start(Amount="12.30 EUR")).code == 60206
    assert (await shop.start(Payee="Anna Berg")).code == 60206
    assert (await shop.start(Amount="12.30", Payee="Anna Berg")).body["message"] == "Invalid parameter: Amount"


async def test_an_undeclared_action_is_rejected(shop: Client) -> None:
    reply = await shop.start(Action="feed-the-cat")
    assert (reply.code, reply.body["message"]) == (60200, "Invalid parameter: Action")


# Accounts.


async def enrol(running: RunningApp, shop: Client, username: str, *numbers: str) -> None:
    account = Account(
        service=shop.service,
        name=usernames.account_name(username),
        username=username,
        numbers=tuple(EnrolledNumber(parse(number)) for number in numbers),
        channel=Channel.SMS,
        language="es-US",
    )
    query = ByEnrolled(shop.service, account.name)
    await running.store.apply(query, lambda state: accounts.put_account(state, account, now=running.clock.now()))


async def test_an_account_is_reached_at_its_own_number_in_its_own_way(running: RunningApp, shop: Client) -> None:
    await enrol(running, shop, "Ada", PHONE, OTHER_PHONE)
    started = await shop.post("Verifications", Username="ＡＤＡ")
    assert (started.status, started.body["to"], started.body["username"]) == (201, PHONE, "Ada")
    assert running.provider.texts[-1].language.startswith("es")
    checked = await shop.check(last_code(running), Username="ada")
    assert checked.body["valid"] is True
    second = await shop.post("Verifications", Username="Ada", To=OTHER_PHONE)
    assert second.body["to"] == OTHER_PHONE


async def test_no_call_is_made_for_a_name_that_is_not_enrolled_or_a_number_of_another_account(
    running: RunningApp, shop: Client
) -> None:
    await enrol(running, shop, "Ada", PHONE)
    other_client = await client(running, "Other", seed=8)
    for reply in (
        await shop.post("Verifications", Username="Bob", Channel="sms"),
        await shop.post("Verifications", Username="Ada", To=OTHER_PHONE),
        await other_client.post("Verifications", Username="Ada", Channel="sms"),
    ):
        assert (reply.status, reply.code) == (404, 20404)
    assert running.provider.asked == 0


async def test_two_accounts_with_the_same_number_do_not_share_a_code(running: RunningApp, shop: Client) -> None:
    for name in ("Ada", "Bob"):
        await enrol(running, shop, name, PHONE)
    await shop.post("Verifications", Username="Ada")
    adas = last_code(running)
    running.clock.advance(31)
    await shop.post("Verifications", Username="Bob")
    assert (await shop.check(adas, Username="Bob")).body["valid"] is False
    assert (await shop.check(adas, To=PHONE)).code == 20404
    assert (await shop.check(adas, Username="Ada")).body["valid"] is True


# Fetch and update.


async def test_a_verification_is_found_by_sid_and_while_it_is_pending_by_number(
    running: RunningApp, shop: Client
) -> None:
    started = await shop.start()
    assert (await shop.get(f"Verifications/{started.body['sid']}")).body == started.body
    assert (await shop.get("Verifications/%2B14155550100")).body == started.body
    assert (await shop.get("Verifications/+14155550100")).body == started.body
    await shop.check(last_code(running), To=PHONE)
    assert (await shop.get("Verifications/+14155550100")).code == 20404


@pytest.mark.parametrize("by", ["sid", "to"])
async def test_a_cancelled_code_is_dead_and_its_call_is_ended(running: RunningApp, shop: Client, by: str) -> None:
    started = await shop.start(channel="call")
    phone = Phone(running.twilio, running.provider.calls[-1][0], f"CA{running.provider.asked}")
    code = await phone.read_code()
    reply = await shop.post(f"Verifications/{started.body[by]}", Status="canceled")
    assert (reply.status, reply.body["status"], reply.body["valid"]) == (200, "canceled", False)
    assert running.provider.hung_up == [phone.call_sid]
    assert (await shop.check(code, VerificationSid=started.body["sid"])).code == 20404
    assert (await shop.post(f"Verifications/{started.body['sid']}", Status="canceled")).code == 20404


async def test_the_application_may_approve_on_its_own_word(running: RunningApp, shop: Client) -> None:
    started = await shop.start()
    reply = await shop.post(f"Verifications/{started.body['sid']}", Status="approved")
    assert (reply.status, reply.body["status"], reply.body["valid"]) == (200, "approved", True)
    assert (await shop.check(last_code(running), VerificationSid=started.body["sid"])).code == 20404
    recorded = [event.detail for event in await running.store.events(started.body["sid"])]
    assert "by the application" in recorded


async def test_the_audit_trail_names_the_key_that_did_it(running: RunningApp, shop: Client) -> None:
    started = await shop.start()
    await shop.check(last_code(running), To=PHONE)
    recorded = {event.kind: event.actor for event in await running.store.events(started.body["sid"])}
    assert recorded[EventKind.STARTED] == recorded[EventKind.APPROVED] == shop.key


async def test_the_persons_address_is_counted_as_the_source(tmp_path: Path) -> None:
    policy = replace(DEFAULT_POLICY, limits=((Scope.SOURCE, (Limit(count=2, seconds=300),)),))
    async with running_app(tmp_path / "counted.db", policy=policy) as running:
        shop = await client(running)
        numbers = [f"+1415555{n}" for n in range(1000, 1010)]
        for number in numbers[:2]:
            assert (await shop.start(number, DeviceIp="2001:db8::1:2")).status == 201
        reply = await shop.start(numbers[2], DeviceIp="2001:db8::1:2")
        assert (reply.code, reply.answer.header("retry-after")) == (20429, "300")
        assert (await shop.start(numbers[4], DeviceIp="2001:db8::ffff")).status == 429, "the same line"
        assert (await shop.start(numbers[5], DeviceIp="2001:db8:0:1::1")).status == 201
        assert [(await shop.start(number)).status for number in numbers[6:9]] == [201] * 3, "nobody to count"


@pytest.mark.parametrize("fields", [{}, {"Status": "pending"}, {"Status": "canceled", "Note": "x"}])
async def test_no_other_status_can_be_asked_for(shop: Client, fields: dict[str, Any]) -> None:
    started = await shop.start()
    assert (await shop.post(f"Verifications/{started.body['sid']}", **fields)).code == 60200


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"To": " 14155550100"}, "To (E.164; in a form, its plus sign is %2B)"),
        ({"To": "+1 415 555 0100"}, "To (E.164; in a form, its plus sign is %2B)"),
        ({"To": "+447700900123"}, "To (no phone has this number)"),
        ({"To": PHONE, "Amount": "5 EUR", "Payee": "evil.com/x"}, "Payee (must not look like an address)"),
    ],
)
async def test_an_invalid_parameter_says_what_would_do(shop: Client, fields: dict[str, str], reason: str) -> None:
    reply = await shop.post("Verifications", Channel="sms", **fields)
    assert (reply.status, reply.body["message"]) == (400, f"Invalid parameter: {reason}")
