"""Deadlines that passed, and deliveries without callbacks."""

import asyncio

import pytest
from msgspec.structs import replace

from tests.support.verifier import CALL, REJECTED, SENT, SMS, VerifierSetup
from verification.counters.rules import Limit
from verification.models import EventKind
from verification.policy import DEFAULT_POLICY, Policy
from verification.ports import ByVerification, Changes, DeliveryReport, Unclear
from verification.types import DeliveryStatus, Scope, VerificationStatus


async def test_only_verifications_past_their_deadline_are_expired(setup: VerifierSetup) -> None:
    old, _ = await setup.texted_code(username="ada")
    setup.clock.advance(299)
    young, _ = await setup.texted_code(username="bob")
    await setup.verifier.on_status(setup.provider.texts[0].delivery, provider_sid="SM1", status=SENT)
    assert await setup.verifier.expire_overdue() == 0
    setup.clock.advance(1)
    assert await setup.verifier.expire_overdue() == 1
    assert (await setup.verification(old)).status is VerificationStatus.EXPIRED
    assert (await setup.verification(young)).status is VerificationStatus.PENDING
    assert (await setup.event_kinds(old)).count(EventKind.EXPIRED) == 1
    assert await setup.verifier.expire_overdue() == 0


async def test_reconciling_asks_about_a_quiet_call_once_a_minute(setup: VerifierSetup) -> None:
    sid = (await setup.start()).verification.sid
    setup.clock.advance(59)
    await setup.verifier.reconcile()
    assert setup.provider.looked_up == []
    setup.provider.known["CA1"] = DeliveryStatus.RINGING
    setup.clock.advance(1)
    for _ in range(3):
        await setup.verifier.reconcile()
    assert setup.provider.looked_up == ["CA1"]
    setup.provider.known["CA1"] = DeliveryStatus.NO_ANSWER
    setup.clock.advance(60)
    await setup.verifier.reconcile()
    assert [d.status for d in await setup.deliveries(sid)] == [DeliveryStatus.NO_ANSWER]
    assert (await setup.verification(sid)).status is VerificationStatus.PENDING


async def test_reconciling_asks_only_about_quiet_deliveries(
    setup: VerifierSetup,
) -> None:
    verifier = setup.use_policy(Policy(repeat_spacing=(0,)))
    sid = (await setup.start(SMS)).verification.sid
    await verifier.on_status(setup.provider.texts[0].delivery, provider_sid="SM1", status=DeliveryStatus.DELIVERED)
    await verifier.resend(sid, SMS)
    setup.clock.advance(30)
    await verifier.resend(sid, CALL)
    setup.clock.advance(30)
    await verifier.reconcile()
    assert setup.provider.looked_up == ["SM2"]


async def test_a_text_whose_answer_was_lost_is_looked_for_among_those_that_are_no_other_delivery(
    setup: VerifierSetup,
) -> None:
    setup.use_policy(Policy(repeat_spacing=(0,)))
    sid = (await setup.start(SMS)).verification.sid
    setup.clock.advance(30)
    setup.provider.script.append(Unclear("no answer"))
    await setup.verifier.resend(sid, SMS)
    setup.provider.found = DeliveryReport("SM9", DeliveryStatus.DELIVERED)
    setup.clock.advance(60)
    await setup.verifier.reconcile()
    assert setup.provider.ruled_out == ["SM1"]
    assert [d.provider_sid for d in await setup.deliveries(sid)] == ["SM1", "SM9"]


async def test_a_call_without_a_record_at_twilio_becomes_unknown_and_allows_a_resend(
    setup: VerifierSetup,
) -> None:
    setup.use_policy(Policy(code_lifetime=600))
    sid = (await setup.start()).verification.sid
    for _ in range(8):
        setup.clock.advance(60)
        await setup.verifier.reconcile()
    assert [d.status for d in await setup.deliveries(sid)] == [DeliveryStatus.UNKNOWN]
    assert (await setup.verifier.resend(sid, CALL)).delivery is not None


async def test_a_start_that_died_before_the_provider_was_asked_becomes_unknown(
    setup: VerifierSetup,
) -> None:
    class Crash(Exception):
        pass

    async def crash(delivery: str) -> None:
        raise Crash

    setup.provider.meanwhile = crash
    with pytest.raises(Crash):
        await setup.start(session="one")
    setup.clock.advance(60)
    await setup.verifier.reconcile()
    state = await setup.verifier.get_for_session("one")
    assert [d.status for d in state.deliveries] == [DeliveryStatus.UNKNOWN]
    assert setup.provider.looked_up == [None]
    setup.provider.meanwhile = None
    assert state.verification is not None
    assert (await setup.verifier.resend(state.verification.sid, CALL)).delivery is not None


async def test_what_never_reached_the_provider_fails_and_does_not_count(
    setup: VerifierSetup,
) -> None:
    one_in_ten_minutes = ((Scope.NUMBER, (Limit(count=1, seconds=600),)),)
    setup.use_policy(replace(DEFAULT_POLICY, limits=one_in_ten_minutes))
    setup.provider.script.append(Unclear("HTTP 502"))
    await setup.start(session="one")
    setup.provider.found = REJECTED
    setup.clock.advance(60)
    assert await setup.verifier.reconcile() == 1
    state = await setup.verifier.get_for_session("one")
    assert state.verification is not None
    assert state.verification.status is VerificationStatus.FAILED
    assert (await setup.start(username="bob")).delivery is not None


async def test_an_unclear_delivery_is_reconciled_after_its_verification_has_ended(setup: VerifierSetup) -> None:
    setup.provider.script.append(Unclear("HTTP 502"))
    sid = (await setup.start()).verification.sid
    await setup.verifier.cancel(sid)
    setup.provider.found = DeliveryReport("CA7", DeliveryStatus.RINGING)
    setup.clock.advance(60)
    await setup.verifier.reconcile()
    assert [d.status for d in await setup.deliveries(sid)] == [DeliveryStatus.CANCELED]
    assert setup.provider.hung_up == ["CA7"]
    assert await setup.verifier.reconcile() == 0


async def test_the_sweeps_go_on_in_batches_until_none_is_left(setup: VerifierSetup) -> None:
    for name in ("ada", "bob", "cyd"):
        await setup.start(SMS, username=name)
    setup.clock.advance(300)
    assert await setup.verifier.reconcile(limit=2) == 3
    assert await setup.verifier.expire_overdue(limit=2) == 3
    assert await setup.verifier.expire_overdue(limit=2) == 0
    assert len(setup.provider.looked_up) == 3


async def test_what_cannot_be_ended_is_tried_once_in_a_sweep(
    setup: VerifierSetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    await setup.texted_code()
    setup.clock.advance(300)
    tries: list[str] = []

    async def in_vain(sid: str, *_: object) -> None:
        tries.append(sid)

    monkeypatch.setattr(type(setup.verifier), "_reconcile", in_vain)
    await asyncio.wait_for(setup.verifier.reconcile(limit=1), 5)
    assert len(tries) == 1


async def test_two_expiries_at_once_end_a_verification_once(setup: VerifierSetup) -> None:
    sid, _ = await setup.texted_code()
    setup.clock.advance(300)
    await asyncio.gather(*(setup.verifier.expire_overdue() for _ in range(4)))
    assert (await setup.event_kinds(sid)).count(EventKind.EXPIRED) == 1


async def test_no_text_goes_to_an_extension_whatever_planned_it(setup: VerifierSetup) -> None:
    sid = (await setup.start(number="+14155550100 ext. 12")).verification.sid
    planned = setup.verifier.plan_delivery(sid, SMS, setup.verifier.context())
    await setup.verifier.store.apply(ByVerification(sid), lambda _: Changes(result=None, deliveries=(planned,)))
    await setup.verifier.dispatch(planned.sid)
    assert setup.provider.texts == []
    assert (await setup.deliveries(sid))[-1].status is DeliveryStatus.FAILED
