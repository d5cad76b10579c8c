"""What a request says about a verification has to fit it, and a check says all that its code is to prove."""

from typing import Any

import pytest

from tests.support.api_client import Client, client
from tests.support.app import PHONE, RunningApp
from verification.flow import accounts
from verification.models import Account, EnrolledNumber
from verification.ports import ByEnrolled
from verification.types import Channel
from verification.values import usernames
from verification.values.phone_numbers import parse

PAID = {"Amount": "12.30 EUR", "Payee": "Anna Berg"}
MISFITS = (
    {"Action": "change-password"},
    {"Username": "victim"},
    {"Action": "change-password", "Username": "victim"},
    {"Action": "payment"},
    PAID,
    {"Action": "sign-in", **PAID},
)


def last_code(running: RunningApp) -> str:
    return running.provider.texts[-1].code


async def enroll(running: RunningApp, shop: Client, username: str, number: str = PHONE) -> None:
    account = Account(
        service=shop.service,
        name=usernames.account_name(username),
        username=username,
        numbers=(EnrolledNumber(parse(number)),),
        channel=Channel.SMS,
    )
    query = ByEnrolled(shop.service, account.name)
    await running.store.apply(query, lambda state: accounts.put_account(state, account, now=running.clock.now()))


@pytest.mark.parametrize("given", MISFITS)
async def test_the_sid_of_a_sign_in_approves_nothing_else(
    running: RunningApp, shop: Client, given: dict[str, str]
) -> None:
    await enroll(running, shop, "victim", "+14155550101")
    sid = (await shop.start()).body["sid"]
    refused = await shop.check(last_code(running), VerificationSid=sid, **given)
    assert refused.body.get("valid") is not True
    assert (refused.status, refused.code) == (404, 20404)


@pytest.mark.parametrize("given", MISFITS)
async def test_what_does_not_fit_finds_ends_and_approves_nothing(
    running: RunningApp, shop: Client, given: dict[str, str]
) -> None:
    sid = (await shop.start()).body["sid"]
    for name in (sid, PHONE):
        for status in ("approved", "canceled"):
            updated = await shop.post(f"Verifications/{name}", Status=status, **given)
            assert (updated.status, updated.code) == (404, 20404)
        query = "&".join(f"{key}={value.replace(' ', '+')}" for key, value in given.items())
        assert (await shop.get(f"Verifications/{name}?{query}")).code == 20404
    assert (await shop.check(last_code(running), VerificationSid=sid)).body["valid"] is True


async def test_what_fits_is_found_approved_and_checked(running: RunningApp, shop: Client) -> None:
    await enroll(running, shop, "Ada")
    meant = {"Username": "ADA", "Action": "change-billing", **PAID}
    started = await shop.post("Verifications", **meant)
    path = f"Verifications/{started.body['sid']}"
    fetched = await shop.get(f"{path}?Username=ada&Action=change-billing&Amount=12.30+EUR&Payee=Anna+Berg")
    assert fetched.body["status"] == "pending"
    assert (await shop.get(path)).body["status"] == "pending", "a look-up may give less"
    checked = await shop.check(last_code(running), VerificationSid=started.body["sid"], To=PHONE, **meant)
    assert checked.body["valid"] is True
    again = await shop.post("Verifications", Username="Ada", Channel="call", CallStyle="key")
    approved = await shop.post(f"Verifications/{again.body['sid']}", Status="approved", Username="ada")
    assert approved.body["status"] == "approved"


@pytest.mark.parametrize(
    ("bound", "given", "code", "message"),
    [
        ({"Action": "change-billing"}, {}, 60200, "Invalid parameter: Action (it is missing"),
        (PAID, {}, 60206, "'Amount' & 'Payee' params are required"),
        (PAID, {"Action": "payment"}, 60206, "'Amount' & 'Payee' params are required"),
        (PAID, {"Amount": "12.30 EUR"}, 60206, "'Amount' & 'Payee' params are required"),
        ({"Action": "change-billing", **PAID}, {"Action": "change-billing"}, 60206, "'Amount' & 'Payee' params"),
    ],
)
async def test_a_check_that_says_less_than_its_code_proves_is_refused_and_not_counted(
    running: RunningApp, shop: Client, bound: dict[str, str], given: dict[str, str], code: int, message: str
) -> None:
    sid = (await shop.start(**bound)).body["sid"]
    refused = await shop.check(last_code(running), VerificationSid=sid, **given)
    assert (refused.status, refused.code) == (400, code)
    assert str(refused.body["message"]).startswith(message)
    assert (await shop.check(last_code(running), VerificationSid=sid, **bound)).body["valid"] is True


async def test_a_payment_is_missed_when_the_number_names_the_code(running: RunningApp, shop: Client) -> None:
    await shop.start(**PAID)
    refused = await shop.check(last_code(running), To=PHONE, Action="payment")
    assert (refused.status, refused.code) == (400, 60206)


async def test_another_payment_ends_the_code_and_hangs_up_whatever_names_it(running: RunningApp, shop: Client) -> None:
    sid = (await shop.start(channel="call", **PAID)).body["sid"]
    other: dict[str, Any] = {"Amount": "99.00 EUR", "Payee": "Anna Berg"}
    assert (await shop.check("123456", VerificationSid=sid, **other)).status == 404
    assert (await shop.get(f"Verifications/{sid}")).body["status"] == "max_attempts_reached"
    assert len(running.provider.hung_up) == 1


async def test_a_user_name_with_another_number_is_no_one(running: RunningApp, shop: Client) -> None:
    await enroll(running, shop, "Ada")
    await shop.post("Verifications", Username="Ada")
    refused = await shop.check(last_code(running), Username="Ada", To="+14155550101")
    assert (refused.status, refused.code) == (404, 20404)
    assert (await shop.check(last_code(running), Username="Ada", To=PHONE)).body["valid"] is True


async def test_the_sid_of_another_service_fits_nothing(running: RunningApp, shop: Client) -> None:
    sid = (await shop.start()).body["sid"]
    stranger = await client(running, "Other", seed=8)
    for given in ({}, {"Action": "sign-in"}, {"To": PHONE}):
        assert (await stranger.check(last_code(running), VerificationSid=sid, **given)).code == 20404
