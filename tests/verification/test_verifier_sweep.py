"""What nobody reported, over the real code table: deadlines that passed, and deliveries that went quiet."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.verifier import CALL, REFUSED, SENT, SMS, Home, open_home
from verification.counters.rules import Limit
from verification.models import EventKind
from verification.policy import DEFAULT_POLICY, Policy
from verification.ports import DeliveryReport, Unclear
from verification.types import DeliveryStatus, Scope, VerificationStatus


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        yield home


async def test_a_sweep_ends_what_is_past_its_deadline_and_nothing_else(home: Home) -> None:
    old, _ = await home.texted_code(username="ada")
    home.clock.advance(299)
    young, _ = await home.texted_code(username="bob")
    await home.verifier.on_status(home.provider.texts[0].delivery, provider_sid="SM1", status=SENT)
    assert await home.verifier.sweep() == 0
    home.clock.advance(1)
    assert await home.verifier.sweep() == 1
    assert (await home.verification(old)).status is VerificationStatus.EXPIRED
    assert (await home.verification(young)).status is VerificationStatus.PENDING
    assert (await home.story(old)).count(EventKind.EXPIRED) == 1
    assert await home.verifier.sweep() == 0


async def test_settling_asks_after_a_call_that_went_quiet_once_a_minute(home: Home) -> None:
    sid = (await home.start()).verification.sid
    home.clock.advance(59)
    await home.verifier.settle()
    assert home.provider.looked_up == []
    home.provider.known["CA1"] = DeliveryStatus.RINGING
    home.clock.advance(1)
    for _ in range(3):
        await home.verifier.settle()
    assert home.provider.looked_up == ["CA1"]
    home.provider.known["CA1"] = DeliveryStatus.NO_ANSWER
    home.clock.advance(60)
    await home.verifier.settle()
    assert [d.status for d in await home.deliveries(sid)] == [DeliveryStatus.NO_ANSWER]
    assert (await home.verification(sid)).status is VerificationStatus.PENDING


async def test_settling_asks_after_what_went_quiet_and_not_after_what_has_ended_or_just_begun(home: Home) -> None:
    verifier = home.under(Policy(repeat_spacing=(0,)))
    sid = (await home.start(SMS)).verification.sid
    await verifier.on_status(home.provider.texts[0].delivery, provider_sid="SM1", status=DeliveryStatus.DELIVERED)
    await verifier.resend(sid, SMS)
    home.clock.advance(30)
    await verifier.resend(sid, CALL)
    home.clock.advance(30)
    await verifier.settle()
    assert home.provider.looked_up == ["SM2"]


async def test_a_call_that_twilio_knows_nothing_about_becomes_unknown_and_does_not_hang_for_ever(home: Home) -> None:
    sid = (await home.start()).verification.sid
    for _ in range(4):
        home.clock.advance(60)
        await home.verifier.settle()
    assert [d.status for d in await home.deliveries(sid)] == [DeliveryStatus.UNKNOWN]
    assert (await home.verifier.resend(sid, CALL)).delivery is not None


async def test_a_start_that_died_before_the_carrier_was_asked_becomes_unknown_without_news(
    home: Home,
) -> None:
    class Crash(Exception):
        pass

    async def crash(delivery: str) -> None:
        raise Crash

    home.provider.meanwhile = crash
    with pytest.raises(Crash):
        await home.start(session="one")
    home.clock.advance(60)
    await home.verifier.settle()
    state = await home.verifier.get_for_session("one")
    assert [d.status for d in state.deliveries] == [DeliveryStatus.UNKNOWN]
    assert home.provider.looked_up == [None]
    home.provider.meanwhile = None
    assert state.verification is not None
    assert (await home.verifier.resend(state.verification.sid, CALL)).delivery is not None


async def test_what_never_reached_the_carrier_fails_and_another_start_is_not_counted_against_it(home: Home) -> None:
    one_in_ten_minutes = ((Scope.NUMBER, (Limit(count=1, seconds=600),)),)
    home.under(replace(DEFAULT_POLICY, limits=one_in_ten_minutes))
    home.provider.script.append(Unclear("HTTP 502"))
    await home.start(session="one")
    home.provider.found = REFUSED
    home.clock.advance(60)
    assert await home.verifier.settle() == 1
    state = await home.verifier.get_for_session("one")
    assert state.verification is not None
    assert state.verification.status is VerificationStatus.FAILED
    assert (await home.start(username="bob")).delivery is not None


async def test_what_was_unclear_is_settled_after_its_verification_has_ended_too(home: Home) -> None:
    home.provider.script.append(Unclear("HTTP 502"))
    sid = (await home.start()).verification.sid
    await home.verifier.cancel(sid)
    home.provider.found = DeliveryReport("CA7", DeliveryStatus.RINGING)
    home.clock.advance(60)
    await home.verifier.settle()
    assert [d.status for d in await home.deliveries(sid)] == [DeliveryStatus.CANCELED]
    assert home.provider.hung_up == ["CA7"]
    assert await home.verifier.settle() == 0


async def test_a_sweep_looks_at_so_many_and_says_how_many(home: Home) -> None:
    for name in ("ada", "bob", "cyd"):
        await home.start(SMS, username=name)
    home.clock.advance(300)
    assert await home.verifier.sweep(limit=2) == 2
    assert await home.verifier.sweep(limit=2) == 1


async def test_two_sweeps_at_once_end_a_verification_once(home: Home) -> None:
    sid, _ = await home.texted_code()
    home.clock.advance(300)
    await asyncio.gather(*(home.verifier.sweep() for _ in range(4)))
    assert (await home.story(sid)).count(EventKind.EXPIRED) == 1
