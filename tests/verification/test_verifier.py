"""The verbs of the service, over the real code table in a file: starts, repeats, and a carrier that refuses."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.records import NUMBER
from tests.support.verifier import CALL, REFUSED, SENT, SMS, Home, open_home
from verification.errors import CountryNotAllowed, NotFound, NotReached, NumberSuppressed, TooManyDeliveries, TooSoon
from verification.ivr.dialogue import End, Ending
from verification.models import CallStage, EventKind, Progress, State
from verification.policy import DEFAULT_POLICY
from verification.ports import Accepted, ByDelivery, Rejected, Unclear
from verification.types import Channel, DeliveryStatus, VerificationStatus


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        yield home


# ------------------------------------------------------------------------------------------------ start


async def test_a_start_by_call_rings_the_number_once_and_keeps_the_carriers_sid(home: Home) -> None:
    planned = await home.start()
    (delivery,) = await home.deliveries(planned.verification.sid)
    assert home.provider.calls == [(delivery.sid, NUMBER)]
    assert (delivery.status, delivery.provider_sid) == (DeliveryStatus.QUEUED, "CA1")
    assert planned.verification == await home.verification(planned.verification.sid)
    assert await home.story(planned.verification.sid) == [EventKind.STARTED, EventKind.DELIVERY, EventKind.DELIVERY]


async def test_a_start_by_text_sends_the_code_that_the_check_accepts(home: Home) -> None:
    planned = await home.start(SMS)
    (order,) = home.provider.texts
    assert (order.to, order.lifetime, order.language) == (NUMBER, 300, "en-US")
    assert (await home.verifier.check(planned.verification.sid, order.code)).valid


async def test_a_delivery_is_on_the_disk_before_the_carrier_is_asked(home: Home) -> None:
    seen: list[State] = []

    async def look(delivery: str) -> None:
        seen.append(await home.verifier.store.read(ByDelivery(delivery)))

    home.provider.meanwhile = look
    planned = await home.start()
    assert [state.verification and state.verification.sid for state in seen] == [planned.verification.sid]
    assert [delivery.status for delivery in seen[0].deliveries] == [DeliveryStatus.PLANNED]


@pytest.mark.parametrize("number", ["+16135550100", "+18765230123", "+19002345678"])
async def test_a_number_that_may_not_be_called_costs_nothing(home: Home, number: str) -> None:
    with pytest.raises(CountryNotAllowed):
        await home.start(number=number)
    assert home.provider.asked == 0


async def test_every_sid_and_every_seed_is_new_and_sids_have_twilios_shape(home: Home) -> None:
    sids, seeds = set(), set()
    for name in ("ada", "bob", "cyd"):
        planned = await home.start(SMS, username=name)
        assert planned.delivery is not None
        sids |= {planned.verification.sid, planned.delivery.sid}
        seeds |= {planned.verification.seed}
    assert (len(sids), len(seeds)) == (6, 3)
    assert {(sid[:2], len(sid)) for sid in sids} == {("VE", 34), ("VL", 34)}


# ------------------------------------------------------------------------------------------------ one code


async def test_again_and_by_another_channel_it_is_the_same_code_until_the_same_deadline(home: Home) -> None:
    first = (await home.start()).verification
    codes = [await home.pass_the_gate(home.provider.calls[0][0])]
    await home.verifier.on_status(home.provider.calls[0][0], provider_sid="CA1", status=DeliveryStatus.COMPLETED)
    home.clock.advance(30)
    await home.verifier.resend(first.sid, SMS)
    codes.append(home.provider.texts[0].code)
    home.clock.advance(60)
    await home.verifier.resend(first.sid, CALL)
    codes.append(await home.pass_the_gate(home.provider.calls[1][0], provider_sid="CA3"))
    assert len(set(codes)) == 1
    assert await home.verification(first.sid) == first
    assert home.provider.texts[0].lifetime == 270
    assert (await home.verifier.check(first.sid, codes[0])).valid


async def test_leading_zeros_live_from_the_drawing_to_the_call_the_text_and_the_check(home: Home) -> None:
    async def with_a_zero() -> tuple[str, str]:
        code, sid = "", ""
        while not code.startswith("0"):
            sid, code = await home.texted_code()
        return sid, code

    sid, code = await with_a_zero()
    home.clock.advance(30)
    await home.verifier.resend(sid, CALL)
    assert await home.pass_the_gate(home.provider.calls[0][0], provider_sid=f"CA{home.provider.asked}") == code
    assert (await home.verifier.check(sid, code)).valid
    sid, code = await with_a_zero()
    assert not (await home.verifier.check(sid, code.lstrip("0"))).valid
    assert (await home.verification(sid)).status is VerificationStatus.MAX_ATTEMPTS_REACHED


async def test_a_newer_start_from_another_browser_ends_the_older_its_call_and_its_code(home: Home) -> None:
    older = (await home.start(session="one")).verification
    old_code = await home.pass_the_gate(home.provider.calls[0][0])
    newer, new_code = await home.texted_code(session="two")
    assert home.provider.hung_up == ["CA1"]
    assert (await home.verification(older.sid)).status is VerificationStatus.CANCELED
    assert (await home.verifier.get_for_session("one")).verification == await home.verification(older.sid)
    assert not (await home.verifier.check_in_session("one", old_code, renewed="x")).valid
    assert (await home.hear(home.provider.calls[0][0], "1")).line == End(Ending.NOT_NEEDED)
    assert (await home.verifier.check_in_session("two", new_code, renewed="y")).verification.sid == newer


async def test_the_code_of_an_older_verification_is_a_wrong_code_for_the_newer(home: Home) -> None:
    _, old_code = await home.texted_code()
    newer, _ = await home.texted_code()
    assert not (await home.verifier.check(newer, old_code)).valid
    assert (await home.verification(newer)).status is VerificationStatus.MAX_ATTEMPTS_REACHED


async def test_another_account_or_another_service_does_not_end_it(home: Home) -> None:
    sid, code = await home.texted_code()
    await home.start(SMS, username="bob")
    assert (await home.verifier.check(sid, code)).valid


@pytest.mark.parametrize("name", ["ADA", "Ａｄａ", "ada"])
async def test_every_spelling_of_a_name_is_the_same_account(home: Home, name: str) -> None:
    sid, _ = await home.texted_code()
    await home.start(SMS, username=name)
    assert (await home.verification(sid)).status is VerificationStatus.CANCELED


# ------------------------------------------------------------------------------------------------ pressed twice


async def test_the_same_browser_pressing_twice_at_the_same_instant_rings_once(home: Home) -> None:
    plans = await asyncio.gather(*(home.start(session="one") for _ in range(5)))
    assert len(home.provider.calls) == 1
    assert len({plan.verification.sid for plan in plans}) == 1


async def test_of_two_starts_at_once_without_a_browser_one_call_is_made(home: Home) -> None:
    plans = await asyncio.gather(home.start(), home.start(), return_exceptions=True)
    assert sorted(type(plan).__name__ for plan in plans) == ["StartResult", "TooSoon"]
    assert len(home.provider.calls) == 1


async def test_two_repeats_at_once_ring_once(home: Home) -> None:
    sid, _ = await home.texted_code()
    home.clock.advance(30)
    await asyncio.gather(*(home.verifier.resend(sid, CALL) for _ in range(5)))
    assert len(home.provider.calls) == 1


async def test_the_pauses_and_the_limit_of_a_verification_hold(home: Home) -> None:
    verifier = home.under(replace(DEFAULT_POLICY, code_lifetime=600))
    sid = (await home.start(SMS)).verification.sid
    for pause in (30, 60, 120, 300):
        home.provider.known = {}
        await verifier.on_status(home.provider.texts[-1].delivery, provider_sid=f"SM{home.provider.asked}", status=SENT)
        home.clock.advance(pause - 1)
        with pytest.raises(TooSoon) as early:
            await verifier.resend(sid, SMS)
        assert early.value.wait == 1
        home.clock.advance(1)
        await verifier.resend(sid, SMS)
    await verifier.on_status(home.provider.texts[-1].delivery, provider_sid="SM5", status=SENT)
    home.clock.advance(80)
    with pytest.raises(TooManyDeliveries):
        await verifier.resend(sid, SMS)
    assert home.provider.asked == 5


# ------------------------------------------------------------------------------------------------ refused and unclear


@pytest.mark.parametrize("channel", Channel)
async def test_a_refused_start_fails_and_says_so_and_the_other_channel_may_be_tried_at_once(
    home: Home, channel: Channel
) -> None:
    home.provider.script.append(REFUSED)
    with pytest.raises(NotReached) as refused:
        await home.start(channel, session="one")
    assert (refused.value.channel, refused.value.permanent, refused.value.code) == (channel, False, 20429)
    failed = (await home.verifier.get_for_session("one")).verification
    assert failed is not None
    assert (failed.status, failed.seed) == (VerificationStatus.FAILED, None)
    assert (await home.start(channel.other, session="one")).verification.status is VerificationStatus.PENDING


async def test_a_refused_repeat_leaves_the_code_usable_and_takes_no_pause(home: Home) -> None:
    sid, code = await home.texted_code()
    home.clock.advance(30)
    home.provider.script.append(REFUSED)
    with pytest.raises(NotReached):
        await home.verifier.resend(sid, CALL)
    await home.verifier.resend(sid, CALL)
    assert len(home.provider.calls) == 2
    assert (await home.verifier.check(sid, code)).valid


async def test_an_unclear_start_is_not_repeated_before_forty_seconds(home: Home) -> None:
    home.provider.script.append(Unclear("timed out"))
    sid = (await home.start(session="one")).verification.sid
    assert [d.status for d in await home.deliveries(sid)] == [DeliveryStatus.UNKNOWN]
    home.clock.advance(39)
    assert (await home.verifier.resend(sid, CALL)).delivery is None
    assert (await home.start(session="one")).delivery is None
    home.clock.advance(1)
    assert (await home.verifier.resend(sid, CALL)).delivery is not None
    assert len(home.provider.calls) == 2


async def test_an_unclear_start_is_settled_by_the_first_webhook_and_the_call_goes_on(home: Home) -> None:
    home.provider.script.append(Unclear("timed out"))
    sid = (await home.start()).verification.sid
    code = await home.pass_the_gate(home.provider.calls[0][0], provider_sid="CA7")
    (delivery,) = await home.deliveries(sid)
    assert (delivery.provider_sid, delivery.status) == ("CA7", DeliveryStatus.ANSWERED)
    with pytest.raises(NotFound):
        await home.hear(delivery.sid, "1", provider_sid="CA8")
    assert (await home.verifier.check(sid, code)).valid


async def test_webhooks_that_overtake_the_carriers_answer_are_not_taken_back(home: Home) -> None:
    async def answered_at_once(delivery: str) -> None:
        await home.verifier.on_status(delivery, provider_sid="CA1", status=DeliveryStatus.RINGING)
        await home.pass_the_gate(delivery)

    home.provider.meanwhile = answered_at_once
    sid = (await home.start()).verification.sid
    (delivery,) = await home.deliveries(sid)
    assert (delivery.stage, delivery.progress) == (CallStage.READING, Progress.READING)
    assert (delivery.status, delivery.provider_sid) == (DeliveryStatus.RINGING, "CA1")


async def test_a_call_that_was_cancelled_while_the_carrier_was_asked_is_hung_up(home: Home) -> None:
    async def cancel(delivery: str) -> None:
        found = (await home.verifier.store.read(ByDelivery(delivery))).verification
        assert found is not None
        await home.verifier.cancel(found.sid)

    home.provider.meanwhile = cancel
    planned = await home.start()
    assert planned.verification.status is VerificationStatus.CANCELED
    assert home.provider.hung_up == ["CA1"]


async def test_a_number_that_told_the_carrier_to_stop_is_not_tried_again(home: Home) -> None:
    home.provider.script.append(Rejected(permanent=True, code=21610, opted_out=True))
    with pytest.raises(NotReached):
        await home.start(SMS)
    for channel in Channel:
        with pytest.raises(NumberSuppressed):
            await home.start(channel)
    assert home.provider.asked == 1


async def test_an_accepted_call_that_ended_before_its_answer_was_noted_stays_ended(home: Home) -> None:
    async def busy(delivery: str) -> None:
        await home.verifier.on_status(delivery, provider_sid="CA1", status=DeliveryStatus.BUSY)

    home.provider.meanwhile = busy
    home.provider.script.append(Accepted("CA1", DeliveryStatus.QUEUED))
    sid = (await home.start()).verification.sid
    assert [d.status for d in await home.deliveries(sid)] == [DeliveryStatus.BUSY]


async def test_a_plan_that_was_held_up_on_the_way_is_not_sent_any_more(home: Home) -> None:
    """By then a look-up may have found that Twilio never had it; it must stay so."""
    home.under(replace(DEFAULT_POLICY, repeat_spacing=()))
    planned = await home.start()
    assert planned.delivery is not None
    await home.pass_the_gate(planned.delivery.sid)
    said = await home.hear(planned.delivery.sid, "4")
    assert said.dispatch is not None
    home.clock.advance(home.verifier.policy.plan_lifetime)
    await home.verifier.dispatch(said.dispatch)
    assert home.provider.texts == []
    assert (await home.deliveries(planned.verification.sid))[-1].status is DeliveryStatus.FAILED
