"""Receipts at the API: a right code brings one, it says what it should, and it can be used up once."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.support.api_client import Client, Reply, client
from tests.support.app import House, Phone, open_house
from tests.support.asgi_client import ask
from verification.values.payments import parse

PAID = {"Amount": "12.30 EUR", "Payee": "Anna Berg"}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "table.db") as house:
        yield house


@pytest.fixture
async def shop(house: House) -> Client:
    return await client(house)


def last_code(house: House) -> str:
    return house.provider.texts[-1].code


async def approved(house: House, shop: Client, **fields: str) -> Reply:
    started = await shop.start(**fields)
    assert started.status == 201, started.body
    shown = {name: value for name, value in fields.items() if name in ("Amount", "Payee", "Action")}
    return await shop.check(last_code(house), VerificationSid=started.body["sid"], **shown)


async def claims(house: House, shop: Client, receipt: str) -> dict[str, Any]:
    """What the receipt says to somebody who has only the published keys."""
    keys = jwt.PyJWKSet.from_json((await ask(house.app, "GET", "/.well-known/jwks.json")).text)
    options: Any = {"verify_exp": False, "verify_iat": False}  # the time of the tests is not today's
    key = keys[jwt.get_unverified_header(receipt)["kid"]]
    found: dict[str, Any] = jwt.decode(
        receipt, key, algorithms=["ES256"], audience=shop.service, issuer="https://verify.example", options=options
    )
    return found


async def redeem(shop: Client, jti: str) -> Reply:
    return await shop.post(f"Receipts/{jti}/Redeem")


async def test_a_right_code_brings_a_receipt_for_its_action(house: House, shop: Client) -> None:
    reply = await approved(house, shop, Action="change-billing")
    said = await claims(house, shop, reply.body["receipt"])
    assert (said["aud"], said["action"], said["amr"]) == (shop.service, "change-billing", ["sms", "otp"])
    assert said["jti"] == reply.body["sid"]
    assert said["exp"] - said["auth_time"] == 60
    assert "payment" not in said


async def test_a_payment_is_in_its_receipt(house: House, shop: Client) -> None:
    reply = await approved(house, shop, **PAID)
    said = await claims(house, shop, reply.body["receipt"])
    payment = parse(PAID["Amount"], PAID["Payee"])
    assert payment is not None
    assert (said["action"], said["payment"]) == ("payment", payment.digest)
    assert (reply.body["amount"], reply.body["payee"]) == ("12.30 EUR", "Anna Berg")


@pytest.mark.parametrize("change", [{"Amount": "12.31 EUR"}, {"Amount": "12.30 USD"}, {"Payee": "Anna Burg"}])
async def test_another_payment_brings_none_and_kills_the_code(
    house: House, shop: Client, change: dict[str, str]
) -> None:
    sid = (await shop.start(**PAID)).body["sid"]
    refused = await shop.check(last_code(house), VerificationSid=sid, **(PAID | change))
    assert (refused.status, refused.body["valid"], refused.body["receipt"]) == (200, False, None)
    assert (await shop.check(last_code(house), VerificationSid=sid, **PAID)).status == 429


async def test_a_wrong_code_and_an_answer_on_your_word_bring_none(house: House, shop: Client) -> None:
    started = await shop.start()
    assert (await shop.check("000000", VerificationSid=started.body["sid"])).body["receipt"] is None
    house.clock.advance(120)
    again = await shop.start(channel="call", CallStyle="key")
    told = await shop.post(f"Verifications/{again.body['sid']}", Status="approved")
    assert (told.body["status"], told.body["receipt"]) == ("approved", None)


async def test_a_code_that_was_typed_on_the_phone_has_its_receipt_in_a_fetch(house: House, shop: Client) -> None:
    started = await shop.start(channel="call", CallStyle="key")
    phone = Phone(house.twilio, house.provider.calls[-1][0], "CA1")
    await phone.answer()
    await phone.press(started.body["code"])
    fetched = await shop.get(f"Verifications/{started.body['sid']}")
    assert (await claims(house, shop, fetched.body["receipt"]))["amr"] == ["tel", "otp"]
    house.clock.advance(60)
    assert (await shop.get(f"Verifications/{started.body['sid']}")).body["receipt"] is None


async def test_a_receipt_is_redeemed_once_and_in_its_time(house: House, shop: Client) -> None:
    first = (await approved(house, shop)).body["sid"]
    reply = await redeem(shop, first)
    assert (reply.status, reply.body["status"], reply.body["jti"]) == (200, "redeemed", first)
    again = await redeem(shop, first)
    assert (again.status, again.code) == (409, 20409)
    house.clock.advance(120)
    late = (await approved(house, shop)).body["sid"]
    house.clock.advance(60)
    assert (await redeem(shop, late)).status == 409


async def test_another_services_receipt_looks_like_one_that_never_was(house: House, shop: Client) -> None:
    stranger = await client(house, seed=2)
    sid = (await approved(house, shop)).body["sid"]
    answers = [await redeem(stranger, sid), await redeem(stranger, "VE" + "0" * 32), await redeem(stranger, "x")]
    assert [answer.status for answer in answers] == [404] * 3
    assert len({answer.answer.body for answer in answers}) == 1
    assert (await redeem(shop, sid)).status == 200


async def test_what_was_not_approved_cannot_be_redeemed(house: House, shop: Client) -> None:
    assert (await redeem(shop, (await shop.start()).body["sid"])).status == 404
