"""The use cases over the real SQLite store: starts, resends, and a provider that rejects."""

import asyncio

import pytest
from msgspec.structs import replace

from tests.support.records import NUMBER
from tests.support.verifier import CALL, REJECTED, SENT, SMS, VerifierSetup
from verification.errors import CountryNotAllowed, NotFound, NotReached, NumberSuppressed, TooManyDeliveries, TooSoon
from verification.ivr.prompts import End, Ending
from verification.models import CallStage, EventKind, Progress, State
from verification.policy import DEFAULT_POLICY
from verification.ports import Accepted, ByDelivery, Rejected, Unclear
from verification.types import Channel, DeliveryStatus, VerificationStatus

# ------------------------------------------------------------------------------------------------ start


async def test_a_start_by_call_rings_the_number_once_and_keeps_the_provider_sid(setup: VerifierSetup) -> None:
    planned = await setup.start()
    (delivery,) = await setup.deliveries(planned.verification.sid)
    assert setup.provider.calls == [(delivery.sid, NUMBER)]
    assert (delivery.status, delivery.provider_sid) == (DeliveryStatus.QUEUED, "CA1")
    assert planned.verification == await setup.verification(planned.verification.sid)
    assert await setup.event_kinds(planned.verification.sid) == [
        EventKind.STARTED,
        EventKind.DELIVERY,
        EventKind.DELIVERY,
    ]


async def test_a_start_by_text_sends_the_code_that_the_check_accepts(setup: VerifierSetup) -> None:
    planned = await setup.start(SMS)
    (order,) = setup.provider.texts
    assert (order.to, order.lifetime, order.language) == (NUMBER, 300, "en-US")
    assert (await setup.verifier.check(planned.verification.sid, order.code)).valid


async def test_a_delivery_is_committed_before_the_provider_is_asked(setup: VerifierSetup) -> None:
    seen: list[State] = []

    async def look(delivery: str) -> None:
        seen.append(await setup.verifier.store.read(ByDelivery(delivery)))

    setup.provider.meanwhile = look
    planned = await setup.start()
    assert [state.verification and state.verification.sid for state in seen] == [planned.verification.sid]
    assert [delivery.status for delivery in seen[0].deliveries] == [DeliveryStatus.PLANNED]


@pytest.mark.parametrize("number", ["+16135550100", "+18765230123", "+19002345678"])
async def test_a_number_that_may_not_be_called_costs_nothing(setup: VerifierSetup, number: str) -> None:
    with pytest.raises(CountryNotAllowed):
        await setup.start(number=number)
    assert setup.provider.asked == 0


async def test_every_sid_and_every_seed_is_new_and_sids_have_twilios_shape(setup: VerifierSetup) -> None:
    sids, seeds = set(), set()
    for name in ("ada", "bob", "cyd"):
        planned = await setup.start(SMS, username=name)
        assert planned.delivery is not None
        sids |= {planned.verification.sid, planned.delivery.sid}
        seeds |= {planned.verification.seed}
    assert (len(sids), len(seeds)) == (6, 3)
    assert {(sid[:2], len(sid)) for sid in sids} == {("VE", 34), ("VL", 34)}


# ------------------------------------------------------------------------------------------------ one code


async def test_again_and_by_another_channel_it_is_the_same_code_until_the_same_deadline(setup: VerifierSetup) -> None:
    first = (await setup.start()).verification
    codes = [await setup.pass_gate(setup.provider.calls[0][0])]
    await setup.verifier.on_status(setup.provider.calls[0][0], provider_sid="CA1", status=DeliveryStatus.COMPLETED)
    setup.clock.advance(30)
    await setup.verifier.resend(first.sid, SMS)
    codes.append(setup.provider.texts[0].code)
    setup.clock.advance(60)
    await setup.verifier.resend(first.sid, CALL)
    codes.append(await setup.pass_gate(setup.provider.calls[1][0], provider_sid="CA3"))
    assert len(set(codes)) == 1
    assert await setup.verification(first.sid) == first
    assert setup.provider.texts[0].lifetime == 270
    assert (await setup.verifier.check(first.sid, codes[0])).valid


async def test_leading_zeros_live_from_the_drawing_to_the_call_the_text_and_the_check(setup: VerifierSetup) -> None:
    async def with_a_zero() -> tuple[str, str]:
        code, sid = "", ""
        while not code.startswith("0"):
            sid, code = await setup.texted_code()
        return sid, code

    sid, code = await with_a_zero()
    setup.clock.advance(30)
    await setup.verifier.resend(sid, CALL)
    assert await setup.pass_gate(setup.provider.calls[0][0], provider_sid=f"CA{setup.provider.asked}") == code
    assert (await setup.verifier.check(sid, code)).valid
    sid, code = await with_a_zero()
    assert not (await setup.verifier.check(sid, code.lstrip("0"))).valid
    assert (await setup.verification(sid)).status is VerificationStatus.MAX_ATTEMPTS_REACHED


async def test_a_newer_start_from_another_browser_ends_the_older_its_call_and_its_code(setup: VerifierSetup) -> None:
    older = (await setup.start(session="one")).verification
    old_code = await setup.pass_gate(setup.provider.calls[0][0])
    newer, new_code = await setup.texted_code(session="two")
    assert setup.provider.hung_up == ["CA1"]
    assert (await setup.verification(older.sid)).status is VerificationStatus.CANCELED
    assert (await setup.verifier.get_for_session("one")).verification == await setup.verification(older.sid)
    assert not (await setup.verifier.check_in_session("one", old_code, renewed="x")).valid
    assert (await setup.call_webhook(setup.provider.calls[0][0], "1")).prompt == End(Ending.NO_LONGER_NEEDED)
    assert (await setup.verifier.check_in_session("two", new_code, renewed="y")).verification.sid == newer


async def test_the_code_of_an_older_verification_is_a_wrong_code_for_the_newer(setup: VerifierSetup) -> None:
    _, old_code = await setup.texted_code()
    newer, _ = await setup.texted_code()
    assert not (await setup.verifier.check(newer, old_code)).valid
    assert (await setup.verification(newer)).status is VerificationStatus.MAX_ATTEMPTS_REACHED


async def test_another_account_or_another_service_does_not_end_it(setup: VerifierSetup) -> None:
    sid, code = await setup.texted_code()
    await setup.start(SMS, username="bob")
    assert (await setup.verifier.check(sid, code)).valid


@pytest.mark.parametrize("name", ["ADA", "Ａｄａ", "ada"])
async def test_every_spelling_of_a_name_is_the_same_account(setup: VerifierSetup, name: str) -> None:
    sid, _ = await setup.texted_code()
    await setup.start(SMS, username=name)
    assert (await setup.verification(sid)).status is VerificationStatus.CANCELED


# ------------------------------------------------------------------------------------------------ pressed twice


async def test_the_same_browser_pressing_twice_at_the_same_instant_rings_once(setup: VerifierSetup) -> None:
    plans = await asyncio.gather(*(setup.start(session="one") for _ in range(5)))
    assert len(setup.provider.calls) == 1
    assert len({plan.verification.sid for plan in plans}) == 1


async def test_of_two_starts_at_once_without_a_browser_one_call_is_made(setup: VerifierSetup) -> None:
    plans = await asyncio.gather(setup.start(), setup.start(), return_exceptions=True)
    assert sorted(type(plan).__name__ for plan in plans) == ["StartResult", "TooSoon"]
    assert len(setup.provider.calls) == 1


async def test_two_resends_at_once_ring_once(setup: VerifierSetup) -> None:
    sid, _ = await setup.texted_code()
    setup.clock.advance(30)
    await asyncio.gather(*(setup.verifier.resend(sid, CALL) for _ in range(5)))
    assert len(setup.provider.calls) == 1


async def test_the_pauses_and_the_limit_of_a_verification_hold(setup: VerifierSetup) -> None:
    verifier = setup.use_policy(replace(DEFAULT_POLICY, code_lifetime=600))
    sid = (await setup.start(SMS)).verification.sid
    for pause in (30, 60, 120, 300):
        setup.provider.known = {}
        await verifier.on_status(
            setup.provider.texts[-1].delivery, provider_sid=f"SM{setup.provider.asked}", status=SENT
        )
        setup.clock.advance(pause - 1)
        with pytest.raises(TooSoon) as early:
            await verifier.resend(sid, SMS)
        assert early.value.wait == 1
        setup.clock.advance(1)
        await verifier.resend(sid, SMS)
    await verifier.on_status(setup.provider.texts[-1].delivery, provider_sid="SM5", status=SENT)
    setup.clock.advance(80)
    with pytest.raises(TooManyDeliveries):
        await verifier.resend(sid, SMS)
    assert setup.provider.asked == 5


# ------------------------------------------------------------------------------------------------ refused and unclear


@pytest.mark.parametrize("channel", Channel)
async def test_a_rejected_start_fails_and_the_other_channel_may_be_tried_at_once(
    setup: VerifierSetup, channel: Channel
) -> None:
    setup.provider.script.append(REJECTED)
    with pytest.raises(NotReached) as refused:
        await setup.start(channel, session="one")
    assert (refused.value.channel, refused.value.permanent, refused.value.code) == (channel, False, 20429)
    failed = (await setup.verifier.get_for_session("one")).verification
    assert failed is not None
    assert (failed.status, failed.seed) == (VerificationStatus.FAILED, None)
    assert (await setup.start(channel.fallbacks[0], session="one")).verification.status is VerificationStatus.PENDING


async def test_a_rejected_resend_leaves_the_code_usable_and_takes_no_spacing(setup: VerifierSetup) -> None:
    sid, code = await setup.texted_code()
    setup.clock.advance(30)
    setup.provider.script.append(REJECTED)
    with pytest.raises(NotReached):
        await setup.verifier.resend(sid, CALL)
    await setup.verifier.resend(sid, CALL)
    assert len(setup.provider.calls) == 2
    assert (await setup.verifier.check(sid, code)).valid


async def test_an_unclear_start_is_not_repeated_before_forty_seconds(setup: VerifierSetup) -> None:
    setup.provider.script.append(Unclear("timed out"))
    sid = (await setup.start(session="one")).verification.sid
    assert [d.status for d in await setup.deliveries(sid)] == [DeliveryStatus.UNKNOWN]
    setup.clock.advance(39)
    assert (await setup.verifier.resend(sid, CALL)).delivery is None
    assert (await setup.start(session="one")).delivery is None
    setup.clock.advance(1)
    assert (await setup.verifier.resend(sid, CALL)).delivery is not None
    assert len(setup.provider.calls) == 2


async def test_an_unclear_start_is_settled_by_the_first_webhook_and_the_call_goes_on(setup: VerifierSetup) -> None:
    setup.provider.script.append(Unclear("timed out"))
    sid = (await setup.start()).verification.sid
    code = await setup.pass_gate(setup.provider.calls[0][0], provider_sid="CA7")
    (delivery,) = await setup.deliveries(sid)
    assert (delivery.provider_sid, delivery.status) == ("CA7", DeliveryStatus.ANSWERED)
    with pytest.raises(NotFound):
        await setup.call_webhook(delivery.sid, "1", provider_sid="CA8")
    assert (await setup.verifier.check(sid, code)).valid


async def test_webhooks_before_the_providers_answer_are_kept(setup: VerifierSetup) -> None:
    async def answered_at_once(delivery: str) -> None:
        await setup.verifier.on_status(delivery, provider_sid="CA1", status=DeliveryStatus.RINGING)
        await setup.pass_gate(delivery)

    setup.provider.meanwhile = answered_at_once
    sid = (await setup.start()).verification.sid
    (delivery,) = await setup.deliveries(sid)
    assert (delivery.stage, delivery.progress) == (CallStage.READING, Progress.READING)
    assert (delivery.status, delivery.provider_sid) == (DeliveryStatus.RINGING, "CA1")


async def test_a_call_that_was_canceled_while_the_provider_was_asked_is_hung_up(setup: VerifierSetup) -> None:
    async def cancel(delivery: str) -> None:
        verification = (await setup.verifier.store.read(ByDelivery(delivery))).verification
        assert verification is not None
        await setup.verifier.cancel(verification.sid)

    setup.provider.meanwhile = cancel
    planned = await setup.start()
    assert planned.verification.status is VerificationStatus.CANCELED
    assert setup.provider.hung_up == ["CA1"]


async def test_a_number_that_opted_out_at_the_provider_is_not_tried_again(setup: VerifierSetup) -> None:
    setup.provider.script.append(Rejected(permanent=True, code=21610, opted_out=True))
    with pytest.raises(NotReached):
        await setup.start(SMS)
    for channel in Channel:
        with pytest.raises(NumberSuppressed):
            await setup.start(channel)
    assert setup.provider.asked == 1


async def test_an_accepted_call_that_ended_before_its_answer_was_recorded_stays_ended(setup: VerifierSetup) -> None:
    async def busy(delivery: str) -> None:
        await setup.verifier.on_status(delivery, provider_sid="CA1", status=DeliveryStatus.BUSY)

    setup.provider.meanwhile = busy
    setup.provider.script.append(Accepted("CA1", DeliveryStatus.QUEUED))
    sid = (await setup.start()).verification.sid
    assert [d.status for d in await setup.deliveries(sid)] == [DeliveryStatus.BUSY]


async def test_a_delayed_planned_delivery_is_not_sent(setup: VerifierSetup) -> None:
    """By then a look-up may have found that Twilio never had it; it must stay so."""
    setup.use_policy(replace(DEFAULT_POLICY, repeat_spacing=()))
    planned = await setup.start()
    assert planned.delivery is not None
    await setup.pass_gate(planned.delivery.sid)
    await setup.call_webhook(planned.delivery.sid, "")
    said = await setup.call_webhook(planned.delivery.sid, "4")
    assert said.dispatch is not None
    setup.clock.advance(setup.verifier.policy.plan_lifetime)
    await setup.verifier.dispatch(said.dispatch)
    assert setup.provider.texts == []
    assert (await setup.deliveries(planned.verification.sid))[-1].status is DeliveryStatus.FAILED
