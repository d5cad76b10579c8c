"""An account's number is changed at the API: with the old one and the new one proven, and not with less."""

import pytest

from tests.support.api_client import Client, client
from tests.support.app import RunningApp
from verification.accounts import Accounts
from verification.models import Account, EnrolledNumber
from verification.types import Channel
from verification.values.phone_numbers import PhoneNumber

OLD, NEW, OTHER = "+14155550121", "+14155550177", "+14155550188"


@pytest.fixture
async def shop(running: RunningApp) -> Client:
    shop = await client(running)
    await enrol(running, shop, "ann", OLD)
    return shop


async def enrol(running: RunningApp, shop: Client, name: str, number: str) -> None:
    numbers = (EnrolledNumber(PhoneNumber(number, "US")),)
    await Accounts(running.verifier).put(
        Account(service=shop.service, name=name, username=name.title(), numbers=numbers, channel=Channel.SMS)
    )


async def prove(running: RunningApp, shop: Client, **parameters: str) -> str:
    """A verification that was approved with its code; its sid."""
    started = await shop.post("Verifications", **({"Username": "ann"} | parameters))
    assert started.status == 201, started.body
    action = {name: value for name, value in parameters.items() if name == "Action"}
    checked = await shop.check(running.provider.texts[-1].code, VerificationSid=started.body["sid"], **action)
    assert checked.body["valid"], checked.body
    return str(started.body["sid"])


async def old_and_new(running: RunningApp, shop: Client) -> dict[str, str]:
    return {
        "OldVerificationSid": await prove(running, shop, Action="change-number"),
        "NewVerificationSid": await prove(running, shop, Action="new-number", To=NEW, Channel="sms"),
    }


async def test_a_number_is_changed_with_both_proven_and_used_from_then_on(running: RunningApp, shop: Client) -> None:
    proofs = await old_and_new(running, shop)
    changed = await shop.post("NumberChanges", **proofs)
    assert (changed.status, changed.body["username"], changed.body["numbers"]) == (201, "Ann", ["•••• 77"])
    assert await Accounts(running.verifier).send_notices() == 1
    assert [(notice.number.e164, notice.brand) for notice in running.provider.notices] == [(OLD, "Acme Shop")]
    running.clock.advance(60)
    await shop.post("Verifications", Username="ann")
    assert running.provider.texts[-1].to.e164 == NEW
    risky = await shop.post("Verifications", Username="ann", Action="change-billing")
    assert risky.status == 403, "a new number approves nothing risky for a day"
    assert (await shop.post("NumberChanges", **proofs)).status == 404, "the old number proves nothing any more"


async def test_less_than_both_changes_nothing(running: RunningApp, shop: Client) -> None:
    await enrol(running, shop, "bob", OTHER)
    proofs = await old_and_new(running, shop)
    signed_in = await prove(running, shop)
    other_account = await prove(running, shop, Username="bob", Action="change-number")
    running.clock.advance(40)
    pending = await shop.post("Verifications", Username="ann", Action="change-number")
    for changes in (
        {"OldVerificationSid": signed_in},
        {"OldVerificationSid": other_account},
        {"OldVerificationSid": str(pending.body["sid"])},
        {"OldVerificationSid": proofs["NewVerificationSid"]},
        {"NewVerificationSid": proofs["OldVerificationSid"]},
        {"NewVerificationSid": "VE" + "0" * 32},
    ):
        assert (await shop.post("NumberChanges", **(proofs | changes))).status == 403, changes
    approved = await shop.post(f"Verifications/{pending.body['sid']}", Status="approved")
    assert approved.body["status"] == "approved"
    refused = await shop.post("NumberChanges", **(proofs | {"OldVerificationSid": str(pending.body["sid"])}))
    assert refused.status == 403, "an application's word is no proof"
    running.clock.advance(601)
    assert (await shop.post("NumberChanges", **proofs)).status == 403


async def test_another_service_cannot_use_the_proofs(running: RunningApp, shop: Client) -> None:
    other_client = await client(running, "Other Shop", seed=8)
    assert (await other_client.post("NumberChanges", **await old_and_new(running, shop))).status == 403


async def test_a_new_number_is_required(shop: Client) -> None:
    refused = await shop.post("Verifications", Username="ann", Action="new-number")
    assert (refused.status, refused.code) == (400, 60200)
