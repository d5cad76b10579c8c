"""A messenger as a channel: what goes by it, what follows when it fails, and what it costs."""

import pytest
from msgspec.structs import replace

from tests.support.records import NUMBER, PENDING
from tests.support.verifier import EVERY_CHANNEL, REJECTED, VerifierSetup
from verification.counters.rules import NO_COUNTERS, Limit, Price
from verification.errors import LimitReached, NotForAction, NotReached
from verification.flow.rate_limits import LimitKeys, Send
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE
from verification.policy import DEFAULT_POLICY, SIGN_IN, Action, Fallback
from verification.types import CallStyle, Channel, DeliveryStatus, Scope, VerificationStatus
from verification.values.payments import Payment

WHATSAPP = Channel.WHATSAPP
AUTO = replace(EVERY_CHANNEL, fallback=Fallback.AUTO)
ONLY_MESSENGER_AND_CALL = Action(name=SIGN_IN, channels=frozenset({WHATSAPP, Channel.CALL}))
ONLY_MESSENGER = Action(name=SIGN_IN, channels=frozenset({WHATSAPP}))


async def failed(setup: VerifierSetup) -> str:
    """The sid of a WhatsApp message that Twilio accepted and could not send."""
    started = await setup.start(WHATSAPP)
    assert started.delivery is not None
    status = DeliveryStatus.FAILED
    assert await setup.verifier.on_status(started.delivery.sid, provider_sid="SM1", status=status, error=63024)
    return started.delivery.sid


async def next_channel(setup: VerifierSetup, sid: str) -> Channel | None:
    """The channel that a failed delivery is followed by."""
    follow_up = await setup.verifier.switch_channel(sid)
    if follow_up is None:
        return None
    await setup.verifier.dispatch(follow_up)
    return setup.provider.texts[-1].channel if setup.provider.texts[-1].delivery == follow_up else Channel.CALL


async def test_a_text_follows_a_failed_message_with_the_same_code(setup: VerifierSetup) -> None:
    setup.use_policy(AUTO)
    assert await next_channel(setup, await failed(setup)) is Channel.SMS
    first, second = setup.provider.texts
    assert first.code == second.code


async def test_a_call_follows_where_the_action_allows_no_text(setup: VerifierSetup) -> None:
    setup.use_policy(replace(AUTO, actions=(ONLY_MESSENGER_AND_CALL,)))
    assert await next_channel(setup, await failed(setup)) is Channel.CALL


async def test_nothing_follows_where_the_action_allows_nothing_else(setup: VerifierSetup) -> None:
    setup.use_policy(replace(AUTO, actions=(ONLY_MESSENGER,)))
    assert await next_channel(setup, await failed(setup)) is None


async def test_a_failed_text_is_followed_by_a_call_and_a_failed_call_by_a_text_as_before(setup: VerifierSetup) -> None:
    setup.use_policy(AUTO)
    started = await setup.start(Channel.SMS)
    assert started.delivery is not None
    await setup.verifier.on_status(started.delivery.sid, provider_sid="SM1", status=DeliveryStatus.UNDELIVERED)
    assert await next_channel(setup, started.delivery.sid) is Channel.CALL


@pytest.mark.parametrize("channel", [channel for channel in Channel if channel.templated])
def test_what_is_not_set_up_and_what_cannot_name_a_payment_is_not_allowed(channel: Channel) -> None:
    assert not DEFAULT_POLICY.allows(SIGN_IN, channel, CallStyle.SAY)
    assert EVERY_CHANNEL.allows(SIGN_IN, channel, CallStyle.SAY)
    assert not EVERY_CHANNEL.allows("payment", channel, CallStyle.SAY, payment=True)
    assert EVERY_CHANNEL.allows("payment", Channel.SMS, CallStyle.SAY, payment=True)


async def test_a_payment_is_neither_begun_nor_repeated_by_a_messenger(setup: VerifierSetup) -> None:
    request = StartRequest(
        username="ada",
        number=NUMBER,
        channel=WHATSAPP,
        action="payment",
        language="en-US",
        service=BUILT_IN_SERVICE,
        payment=Payment(amount="12.30", currency="EUR", payee="Acme"),
    )
    with pytest.raises(NotForAction):
        await setup.verifier.start(request)
    started = await setup.verifier.start(replace(request, channel=Channel.SMS))
    with pytest.raises(NotForAction):
        await setup.verifier.resend(started.verification.sid, WHATSAPP)


async def test_a_code_that_was_sent_is_right_after_the_channel_was_switched_off(setup: VerifierSetup) -> None:
    started = await setup.start(WHATSAPP)
    code, delivery = setup.provider.texts[-1].code, started.delivery
    assert delivery is not None
    setup.use_policy(DEFAULT_POLICY)
    with pytest.raises(NotForAction):
        await setup.verifier.resend(started.verification.sid, WHATSAPP)
    assert await setup.verifier.on_status(delivery.sid, provider_sid="SM1", status=DeliveryStatus.READ)
    result = await setup.verifier.check(started.verification.sid, code)
    assert result.verification.status is VerificationStatus.APPROVED


async def test_a_refused_message_ends_the_verification_and_a_text_may_be_tried_at_once(setup: VerifierSetup) -> None:
    setup.provider.script.append(REJECTED)
    with pytest.raises(NotReached) as refused:
        await setup.start(WHATSAPP)
    assert refused.value.channel is WHATSAPP
    assert (await setup.start(Channel.SMS)).verification.status is VerificationStatus.PENDING


@pytest.mark.parametrize(
    ("price", "channel", "cost"),
    [
        (Price(minute=100, text=80, template=30), WHATSAPP, 30),
        (Price(minute=100, text=80, template=0), WHATSAPP, 0),
        (Price(minute=100, text=80), WHATSAPP, 80),
        (Price(minute=100, text=80, template=30), Channel.SMS, 80),
    ],
)
def test_a_message_costs_what_its_own_price_says_and_else_as_much_as_a_text(
    price: Price, channel: Channel, cost: int
) -> None:
    send = Send(keys=LimitKeys(PENDING, NO_COUNTERS), channel=channel, at=0, prices={"*": price})
    assert send.cost(Scope.MONEY) == cost
    assert send.cost(Scope.MINUTES) == 0


async def test_messages_texts_and_calls_count_together_against_the_number(setup: VerifierSetup) -> None:
    two_a_day = ((Scope.NUMBER, (Limit(count=2, seconds=86400),)),)
    setup.use_policy(replace(EVERY_CHANNEL, limits=two_a_day))
    await setup.start(WHATSAPP, username="ann")
    await setup.start(Channel.SMS, username="bob")
    for channel in (WHATSAPP, Channel.SMS):
        with pytest.raises(LimitReached):
            await setup.start(channel, username="cy")
