"""Receipts of the API: a correct code returns one, with the right claims, and it can be redeemed once."""

from typing import Any

import jwt
import pytest

from tests.support.api_client import Client, Reply, client
from tests.support.app import Phone, RunningApp
from tests.support.asgi_client import send_request
from verification.values.payments import parse

PAID = {"Amount": "12.30 EUR", "Payee": "Anna Berg"}


def last_code(running: RunningApp) -> str:
    return running.provider.texts[-1].code


async def approved(running: RunningApp, shop: Client, **fields: str) -> Reply:
    started = await shop.start(**fields)
    assert started.status == 201, started.body
    shown = {name: value for name, value in fields.items() if name in ("Amount", "Payee", "Action")}
    return await shop.check(last_code(running), VerificationSid=started.body["sid"], **shown)


async def claims(running: RunningApp, shop: Client, receipt: str) -> dict[str, Any]:
    """The claims of a receipt, verified with the published keys only."""
    keys = jwt.PyJWKSet.from_json((await send_request(running.app, "GET", "/.well-known/jwks.json")).text)
    options: Any = {"verify_exp": False, "verify_iat": False}  # the time of the tests is not today's
    key = keys[jwt.get_unverified_header(receipt)["kid"]]
    payload: dict[str, Any] = jwt.decode(
        receipt, key, algorithms=["ES256"], audience=shop.service, issuer="https://verify.example", options=options
    )
    return payload


async def redeem(shop: Client, jti: str) -> Reply:
    return await shop.post(f"Receipts/{jti}/Redeem")


async def test_a_right_code_brings_a_receipt_for_its_action(running: RunningApp, shop: Client) -> None:
    reply = await approved(running, shop, Action="change-billing")
    payload = await claims(running, shop, reply.body["receipt"])
    assert (payload["aud"], payload["action"], payload["amr"]) == (shop.service, "change-billing", ["sms", "otp"])
    assert payload["jti"] == reply.body["sid"]
    assert payload["exp"] - payload["auth_time"] == 60
    assert "payment" not in payload


async def test_a_payment_is_in_its_receipt(running: RunningApp, shop: Client) -> None:
    reply = await approved(running, shop, **PAID)
    payload = await claims(running, shop, reply.body["receipt"])
    payment = parse(PAID["Amount"], PAID["Payee"])
    assert payment is not None
    assert (payload["action"], payload["payment"]) == ("payment", payment.digest)
    assert (reply.body["amount"], reply.body["payee"]) == ("12.30 EUR", "Anna Berg")


@pytest.mark.parametrize("change", [{"Amount": "12.31 EUR"}, {"Amount": "12.30 USD"}, {"Payee": "Anna Burg"}])
async def test_another_payment_brings_none_and_kills_the_code(
    running: RunningApp, shop: Client, change: dict[str, str]
) -> None:
    sid = (await shop.start(**PAID)).body["sid"]
    refused = await shop.check(last_code(running), VerificationSid=sid, **(PAID | change))
    assert (refused.status, refused.code) == (404, 20404)
    assert (await shop.check(last_code(running), VerificationSid=sid, **PAID)).status == 429


async def test_a_wrong_code_and_an_answer_on_your_word_bring_none(running: RunningApp, shop: Client) -> None:
    started = await shop.start()
    assert (await shop.check("000000", VerificationSid=started.body["sid"])).body["receipt"] is None
    running.clock.advance(120)
    again = await shop.start(channel="call", CallStyle="key")
    approved = await shop.post(f"Verifications/{again.body['sid']}", Status="approved")
    assert (approved.body["status"], approved.body["receipt"]) == ("approved", None)


async def test_a_code_that_was_typed_on_the_phone_has_its_receipt_in_a_fetch(running: RunningApp, shop: Client) -> None:
    started = await shop.start(channel="call", CallStyle="key")
    phone = Phone(running.twilio, running.provider.calls[-1][0], "CA1")
    await phone.press((await phone.answer()).asked_for)
    await phone.press(started.body["code"])
    fetched = await shop.get(f"Verifications/{started.body['sid']}")
    assert (await claims(running, shop, fetched.body["receipt"]))["amr"] == ["tel", "otp"]
    running.clock.advance(60)
    assert (await shop.get(f"Verifications/{started.body['sid']}")).body["receipt"] is None


async def test_a_receipt_is_redeemed_once_and_in_its_time(running: RunningApp, shop: Client) -> None:
    first = (await approved(running, shop)).body["sid"]
    reply = await redeem(shop, first)
    assert (reply.status, reply.body["status"], reply.body["jti"]) == (200, "redeemed", first)
    again = await redeem(shop, first)
    assert (again.status, again.code) == (409, 20409)
    running.clock.advance(120)
    late = (await approved(running, shop)).body["sid"]
    running.clock.advance(60)
    assert (await redeem(shop, late)).status == 409


async def test_another_services_receipt_looks_like_one_that_does_not_exist(running: RunningApp, shop: Client) -> None:
    other_client = await client(running, seed=2)
    sid = (await approved(running, shop)).body["sid"]
    answers = [
        await redeem(other_client, sid),
        await redeem(other_client, "VE" + "0" * 32),
        await redeem(other_client, "x"),
    ]
    assert [answer.status for answer in answers] == [404] * 3
    assert len({answer.answer.body for answer in answers}) == 1
    assert (await redeem(shop, sid)).status == 200


async def test_what_was_not_approved_cannot_be_redeemed(running: RunningApp, shop: Client) -> None:
    assert (await redeem(shop, (await shop.start()).body["sid"])).status == 404
