"""The automatic channel switch after an undeliverable text: it is one more send, and every limit applies."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.verifier import CALL, SMS, VerifierSetup, open_verifier
from verification.counters.rules import Budget, Ceiling, Limit, Price, Rule
from verification.errors import LimitReached, TooManyDeliveries
from verification.models import EventKind
from verification.policy import Fallback, Policy
from verification.ports import ByDelivery
from verification.types import DeliveryStatus, Scope

HOUR, DAY = 3600, 86400
PRICES = {"US": Price(minute=100, text=10)}
SPENT: dict[str, tuple[Scope, Rule, Rule]] = {
    "number": (Scope.NUMBER, Limit(count=1, seconds=HOUR), Limit(count=2, seconds=HOUR)),
    "account": (Scope.ACCOUNT, Limit(count=1, seconds=HOUR), Limit(count=2, seconds=HOUR)),
    "total": (Scope.TOTAL, Limit(count=1, seconds=HOUR), Limit(count=2, seconds=HOUR)),
    "minutes": (Scope.MINUTES, Ceiling(amount=4, seconds=DAY), Ceiling(amount=5, seconds=DAY)),
    "money": (Scope.MONEY, Ceiling(amount=509, seconds=DAY), Ceiling(amount=510, seconds=DAY)),
}


def policy(*limits: tuple[Scope, tuple[Rule, ...]]) -> Policy:
    return Policy(fallback=Fallback.AUTO, repeat_spacing=(), limits=limits, prices=PRICES)


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[VerifierSetup]:
    async with open_verifier(tmp_path / "codes.db") as setup:
        setup.use_policy(policy())
        yield setup


async def begun(setup: VerifierSetup, username: str = "ada", **more: str) -> tuple[str, str]:
    """A verification by text, and its delivery."""
    planned = await setup.start(SMS, username=username, **more)
    assert planned.delivery is not None
    return planned.verification.sid, planned.delivery.sid


async def fail(setup: VerifierSetup, sid: str) -> str | None:
    """Twilio says that it did not get through; the delivery that is to be sent instead."""
    delivery = (await setup.verifier.store.read(ByDelivery(sid))).delivery(sid)
    assert delivery is not None
    assert delivery.provider_sid is not None
    status = DeliveryStatus.UNDELIVERED if delivery.channel is SMS else DeliveryStatus.FAILED
    assert await setup.verifier.on_status(sid, provider_sid=delivery.provider_sid, status=status)
    return await setup.verifier.switch_channel(sid)


@pytest.mark.parametrize("name", SPENT)
async def test_a_limit_that_is_spent_keeps_the_channel_from_being_switched(setup: VerifierSetup, name: str) -> None:
    scope, spent, enough = SPENT[name]
    setup.use_policy(policy((scope, (spent,))))
    verification, delivery = await begun(setup)
    assert await fail(setup, delivery) is None
    assert len(await setup.deliveries(verification)) == 1
    assert EventKind.START_REFUSED in await setup.event_kinds(verification)
    setup.use_policy(policy((scope, (enough,))))
    assert await setup.verifier.switch_channel(delivery), "one more would have been allowed"


async def test_a_budget_of_unconfirmed_sends_that_others_have_spent_holds_for_the_switch(setup: VerifierSetup) -> None:
    setup.use_policy(policy((Scope.COUNTRY, (Budget(count=4, percent=20, seconds=60),))))
    _, delivery = await begun(setup)
    for n in range(3):
        other, _ = await begun(setup, f"other {n}", number=f"+121255501{n:02}")
        await setup.cancel(other)
        setup.clock.advance(8)
    assert await fail(setup, delivery) is None
    setup.clock.advance(62)
    assert await setup.verifier.switch_channel(delivery)


async def test_the_switch_is_counted_as_a_send(setup: VerifierSetup) -> None:
    setup.use_policy(policy((Scope.NUMBER, (Limit(count=2, seconds=HOUR),))))
    _, delivery = await begun(setup)
    assert await fail(setup, delivery)
    with pytest.raises(LimitReached):
        await begun(setup, "bob")


async def test_the_switch_is_one_of_five_deliveries_and_the_only_switch(setup: VerifierSetup) -> None:
    verification, delivery = await begun(setup)
    follow_up = await fail(setup, delivery)
    assert follow_up is not None
    await setup.verifier.dispatch(follow_up)
    assert await fail(setup, follow_up) is None
    for _ in range(3):
        planned = await setup.verifier.resend(verification, SMS)
        assert planned.delivery is not None
        assert await fail(setup, planned.delivery.sid) is None
    assert len(await setup.deliveries(verification)) == 5
    with pytest.raises(TooManyDeliveries):
        await setup.verifier.resend(verification, SMS)


async def test_no_call_is_made_by_the_switch_while_another_one_is_up_for_the_number(setup: VerifierSetup) -> None:
    other = await setup.start(CALL, username="bob")
    assert other.delivery is not None
    _, delivery = await begun(setup)
    assert await fail(setup, delivery) is None
    await setup.verifier.on_status(other.delivery.sid, provider_sid="CA1", status=DeliveryStatus.COMPLETED)
    assert await setup.verifier.switch_channel(delivery)
    assert len(setup.provider.calls) == 1, "who asks for the switch sends it"
