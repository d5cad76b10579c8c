"""The verbs of the service, over the real code table in a file: starts, repeats, and a carrier that refuses."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cases import NUMBER
from tests.home import CALL, REFUSED, SENT, SMS, Home, open_home
from verification.call import End, Ending
from verification.errors import (
    CountryNotAllowed,
    NotFound,
    NotReached,
    NumberSuppressed,
    TooManyDeliveries,
    TooSoon,
)
from verification.policy import SEED
from verification.ports import Accepted, OfDelivery, Rejected, Unclear
from verification.records import Case, EventKind, Progress, Stage
from verification.states import Channel, DeliveryStatus, VerificationStatus


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        yield home


# ------------------------------------------------------------------------------------------------ start


async def test_a_start_by_call_rings_the_number_once_and_keeps_the_carriers_sid(home: Home) -> None:
    planned = await home.start()
    (delivery,) = await home.deliveries(planned.verification.sid)
    assert home.carrier.calls == [(delivery.sid, NUMBER)]
    assert (delivery.status, delivery.carrier_sid) == (DeliveryStatus.QUEUED, "CA1")
    assert planned.verification == await home.verification(planned.verification.sid)
    assert await home.story(planned.verification.sid) == [EventKind.STARTED, EventKind.DELIVERY, EventKind.DELIVERY]


async def test_a_start_by_text_sends_the_code_that_the_check_accepts(home: Home) -> None:
    planned = await home.start(SMS)
    (order,) = home.carrier.texts
    assert (order.to, order.lifetime, order.language) == (NUMBER, 300, "en-US")
    assert (await home.service.check(planned.verification.sid, order.code)).valid


async def test_a_delivery_is_on_the_disk_before_the_carrier_is_asked(home: Home) -> None:
    seen: list[Case] = []

    async def look(delivery: str) -> None:
        seen.append(await home.service.table.read(OfDelivery(delivery)))

    home.carrier.meanwhile = look
    planned = await home.start()
    assert [case.verification and case.verification.sid for case in seen] == [planned.verification.sid]
    assert [delivery.status for delivery in seen[0].deliveries] == [DeliveryStatus.PLANNED]


@pytest.mark.parametrize("number", ["+16135550100", "+18765230123", "+19002345678"])
async def test_a_number_that_may_not_be_called_costs_nothing(home: Home, number: str) -> None:
    with pytest.raises(CountryNotAllowed):
        await home.start(number=number)
    assert home.carrier.asked == 0


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
    codes = [await home.pass_the_gate(home.carrier.calls[0][0])]
    await home.service.carrier_said(home.carrier.calls[0][0], carrier_sid="CA1", status=DeliveryStatus.COMPLETED)
    home.clock.advance(30)
    await home.service.again(first.sid, SMS)
    codes.append(home.carrier.texts[0].code)
    home.clock.advance(60)
    await home.service.again(first.sid, CALL)
    codes.append(await home.pass_the_gate(home.carrier.calls[1][0], carrier_sid="CA3"))
    assert len(set(codes)) == 1
    assert await home.verification(first.sid) == first
    assert home.carrier.texts[0].lifetime == 270
    assert (await home.service.check(first.sid, codes[0])).valid


async def test_leading_zeros_live_from_the_drawing_to_the_call_the_text_and_the_check(home: Home) -> None:
    async def with_a_zero() -> tuple[str, str]:
        code, sid = "", ""
        while not code.startswith("0"):
            sid, code = await home.texted_code()
        return sid, code

    sid, code = await with_a_zero()
    home.clock.advance(30)
    await home.service.again(sid, CALL)
    assert await home.pass_the_gate(home.carrier.calls[0][0], carrier_sid=f"CA{home.carrier.asked}") == code
    assert (await home.service.check(sid, code)).valid
    sid, code = await with_a_zero()
    assert not (await home.service.check(sid, code.lstrip("0"))).valid
    assert (await home.verification(sid)).status is VerificationStatus.MAX_ATTEMPTS_REACHED


async def test_a_newer_start_from_another_browser_ends_the_older_its_call_and_its_code(home: Home) -> None:
    older = (await home.start(session="one")).verification
    old_code = await home.pass_the_gate(home.carrier.calls[0][0])
    newer, new_code = await home.texted_code(session="two")
    assert home.carrier.hung_up == ["CA1"]
    assert (await home.verification(older.sid)).status is VerificationStatus.CANCELED
    assert (await home.service.view("one")).verification == await home.verification(older.sid)
    assert not (await home.service.check_in_session("one", old_code, renewed="x")).valid
    assert (await home.hear(home.carrier.calls[0][0], "1")).line == End(Ending.NOT_NEEDED)
    assert (await home.service.check_in_session("two", new_code, renewed="y")).verification.sid == newer


async def test_the_code_of_an_older_verification_is_a_wrong_code_for_the_newer(home: Home) -> None:
    _, old_code = await home.texted_code()
    newer, _ = await home.texted_code()
    assert not (await home.service.check(newer, old_code)).valid
    assert (await home.verification(newer)).status is VerificationStatus.MAX_ATTEMPTS_REACHED


async def test_another_account_or_another_service_does_not_end_it(home: Home) -> None:
    sid, code = await home.texted_code()
    await home.start(SMS, username="bob")
    assert (await home.service.check(sid, code)).valid


@pytest.mark.parametrize("name", ["ADA", "Ａｄａ", "ada"])
async def test_every_spelling_of_a_name_is_the_same_account(home: Home, name: str) -> None:
    sid, _ = await home.texted_code()
    await home.start(SMS, username=name)
    assert (await home.verification(sid)).status is VerificationStatus.CANCELED


# ------------------------------------------------------------------------------------------------ pressed twice


async def test_the_same_browser_pressing_twice_at_the_same_instant_rings_once(home: Home) -> None:
    plans = await asyncio.gather(*(home.start(session="one") for _ in range(5)))
    assert len(home.carrier.calls) == 1
    assert len({plan.verification.sid for plan in plans}) == 1


async def test_of_two_starts_at_once_without_a_browser_one_call_is_made(home: Home) -> None:
    plans = await asyncio.gather(home.start(), home.start(), return_exceptions=True)
    assert sorted(type(plan).__name__ for plan in plans) == ["Planned", "TooSoon"]
    assert len(home.carrier.calls) == 1


async def test_two_repeats_at_once_ring_once(home: Home) -> None:
    sid, _ = await home.texted_code()
    home.clock.advance(30)
    await asyncio.gather(*(home.service.again(sid, CALL) for _ in range(5)))
    assert len(home.carrier.calls) == 1


async def test_the_pauses_and_the_limit_of_a_verification_hold(home: Home) -> None:
    service = home.under(replace(SEED, code_lifetime=600))
    sid = (await home.start(SMS)).verification.sid
    for pause in (30, 60, 120, 300):
        home.carrier.known = {}
        await service.carrier_said(home.carrier.texts[-1].delivery, carrier_sid=f"SM{home.carrier.asked}", status=SENT)
        home.clock.advance(pause - 1)
        with pytest.raises(TooSoon) as early:
            await service.again(sid, SMS)
        assert early.value.wait == 1
        home.clock.advance(1)
        await service.again(sid, SMS)
    await service.carrier_said(home.carrier.texts[-1].delivery, carrier_sid="SM5", status=SENT)
    home.clock.advance(80)
    with pytest.raises(TooManyDeliveries):
        await service.again(sid, SMS)
    assert home.carrier.asked == 5


# ------------------------------------------------------------------------------------------------ refused and unclear


@pytest.mark.parametrize("channel", Channel)
async def test_a_refused_start_fails_and_says_so_and_the_other_channel_may_be_tried_at_once(
    home: Home, channel: Channel
) -> None:
    home.carrier.script.append(REFUSED)
    with pytest.raises(NotReached) as refused:
        await home.start(channel, session="one")
    assert (refused.value.channel, refused.value.permanent, refused.value.code) == (channel, False, 20429)
    failed = (await home.service.view("one")).verification
    assert failed is not None
    assert (failed.status, failed.seed) == (VerificationStatus.FAILED, None)
    assert (await home.start(channel.other, session="one")).verification.status is VerificationStatus.PENDING


async def test_a_refused_repeat_leaves_the_code_usable_and_takes_no_pause(home: Home) -> None:
    sid, code = await home.texted_code()
    home.clock.advance(30)
    home.carrier.script.append(REFUSED)
    with pytest.raises(NotReached):
        await home.service.again(sid, CALL)
    await home.service.again(sid, CALL)
    assert len(home.carrier.calls) == 2
    assert (await home.service.check(sid, code)).valid


async def test_an_unclear_start_is_not_repeated_before_forty_seconds(home: Home) -> None:
    home.carrier.script.append(Unclear("timed out"))
    sid = (await home.start(session="one")).verification.sid
    assert [d.status for d in await home.deliveries(sid)] == [DeliveryStatus.UNKNOWN]
    home.clock.advance(39)
    assert (await home.service.again(sid, CALL)).delivery is None
    assert (await home.start(session="one")).delivery is None
    home.clock.advance(1)
    assert (await home.service.again(sid, CALL)).delivery is not None
    assert len(home.carrier.calls) == 2


async def test_an_unclear_start_is_settled_by_the_first_webhook_and_the_call_goes_on(home: Home) -> None:
    home.carrier.script.append(Unclear("timed out"))
    sid = (await home.start()).verification.sid
    code = await home.pass_the_gate(home.carrier.calls[0][0], carrier_sid="CA7")
    (delivery,) = await home.deliveries(sid)
    assert (delivery.carrier_sid, delivery.status) == ("CA7", DeliveryStatus.ANSWERED)
    with pytest.raises(NotFound):
        await home.hear(delivery.sid, "1", carrier_sid="CA8")
    assert (await home.service.check(sid, code)).valid


async def test_webhooks_that_overtake_the_carriers_answer_are_not_taken_back(home: Home) -> None:
    async def answered_at_once(delivery: str) -> None:
        await home.service.carrier_said(delivery, carrier_sid="CA1", status=DeliveryStatus.RINGING)
        await home.pass_the_gate(delivery)

    home.carrier.meanwhile = answered_at_once
    sid = (await home.start()).verification.sid
    (delivery,) = await home.deliveries(sid)
    assert (delivery.stage, delivery.progress) == (Stage.READING, Progress.READING)
    assert (delivery.status, delivery.carrier_sid) == (DeliveryStatus.RINGING, "CA1")


async def test_a_call_that_was_cancelled_while_the_carrier_was_asked_is_hung_up(home: Home) -> None:
    async def cancel(delivery: str) -> None:
        found = (await home.service.table.read(OfDelivery(delivery))).verification
        assert found is not None
        await home.service.cancel(found.sid)

    home.carrier.meanwhile = cancel
    planned = await home.start()
    assert planned.verification.status is VerificationStatus.CANCELED
    assert home.carrier.hung_up == ["CA1"]


async def test_a_number_that_told_the_carrier_to_stop_is_not_tried_again(home: Home) -> None:
    home.carrier.script.append(Rejected(permanent=True, code=21610, opted_out=True))
    with pytest.raises(NotReached):
        await home.start(SMS)
    for channel in Channel:
        with pytest.raises(NumberSuppressed):
            await home.start(channel)
    assert home.carrier.asked == 1


async def test_an_accepted_call_that_ended_before_its_answer_was_noted_stays_ended(home: Home) -> None:
    async def busy(delivery: str) -> None:
        await home.service.carrier_said(delivery, carrier_sid="CA1", status=DeliveryStatus.BUSY)

    home.carrier.meanwhile = busy
    home.carrier.script.append(Accepted("CA1", DeliveryStatus.QUEUED))
    sid = (await home.start()).verification.sid
    assert [d.status for d in await home.deliveries(sid)] == [DeliveryStatus.BUSY]


async def test_a_plan_that_was_held_up_on_the_way_is_not_sent_any_more(home: Home) -> None:
    """By then a look-up may have found that Twilio never had it; it must stay so."""
    home.under(replace(SEED, repeat_spacing=()))
    planned = await home.start()
    assert planned.delivery is not None
    await home.pass_the_gate(planned.delivery.sid)
    said = await home.hear(planned.delivery.sid, "4")
    assert said.dispatch is not None
    home.clock.advance(home.service.policy.plan_lifetime)
    await home.service.dispatch(said.dispatch)
    assert home.carrier.texts == []
    assert (await home.deliveries(planned.verification.sid))[-1].status is DeliveryStatus.FAILED
