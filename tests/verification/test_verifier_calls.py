"""The service over the real code table: what is heard and pressed, and people who reach us."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.records import NUMBER, OTHER_NUMBER, SECRET
from tests.support.verifier import REFUSED, SMS, Home, open_home
from verification.errors import NotFound, NotPending, NumberPaused, NumberSuppressed
from verification.flow.inbound import InboundResult, Keyword
from verification.ivr.dialogue import AskForKeys, End, Ending, OfferMenu, ReadCode
from verification.models import EventKind, Progress
from verification.policy import DEFAULT_POLICY, Keypress, Policy
from verification.types import Channel, DeliveryStatus, VerificationStatus


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        yield home


# ------------------------------------------------------------------------------------------------ the call


async def test_the_next_key_press_continues_after_a_restart(home: Home, tmp_path: Path) -> None:
    await home.start()
    code = await home.pass_the_gate(home.provider.calls[0][0])
    await home.stack.aclose()
    async with AsyncExitStack() as stack:
        reopened = Home(home.path, stack, clock=home.clock, provider=home.provider)
        await reopened.open()
        assert (await reopened.hear(home.provider.calls[0][0], "1")).line == ReadCode(code, opening=False)


async def test_a_key_that_is_rotated_in_the_middle_changes_nothing(home: Home) -> None:
    sid = (await home.start()).verification.sid
    code = await home.pass_the_gate(home.provider.calls[0][0])
    home.secrets = (b"a newer key of the tests, 32 bytes and more", SECRET)
    await home.open()
    assert (await home.hear(home.provider.calls[0][0], "1")).line == ReadCode(code, opening=False)
    assert (await home.verifier.check(sid, code)).valid
    newer = await home.start(SMS)
    assert newer.verification.key_id == home.verifier.keys.newest


async def test_four_sends_the_same_code_as_a_text_once_the_webhook_was_answered(home: Home) -> None:
    sid = (await home.start()).verification.sid
    code = await home.pass_the_gate(home.provider.calls[0][0])
    home.clock.advance(30)
    said = await home.hear(home.provider.calls[0][0], "4")
    assert said.dispatch is not None
    assert home.provider.texts == []
    await home.verifier.dispatch(said.dispatch)
    assert [(text.delivery, text.code, text.to) for text in home.provider.texts] == [(said.dispatch, code, NUMBER)]
    await home.verifier.dispatch(said.dispatch)
    assert len(home.provider.texts) == 1
    assert (await home.verifier.check(sid, code)).valid


@pytest.mark.parametrize("meanwhile", ["stop", "cancel", "deadline"])
async def test_a_planned_text_is_not_sent_when_it_may_not_be_any_more(home: Home, meanwhile: str) -> None:
    sid = (await home.start()).verification.sid
    await home.pass_the_gate(home.provider.calls[0][0])
    said = await home.hear(home.provider.calls[0][0], "4")
    if meanwhile == "stop":
        await home.verifier.handle_text(NUMBER, "STOP")
    elif meanwhile == "cancel":
        await home.verifier.cancel(sid)
    else:
        home.clock.advance(300)
    await home.verifier.dispatch(said.dispatch or "")
    assert home.provider.texts == []


async def test_dispatching_nothing_sends_nothing(home: Home) -> None:
    await home.verifier.dispatch("VL" + "0" * 32)
    assert home.provider.asked == 0


async def test_a_text_that_the_carrier_refuses_after_a_key_stands_in_its_record(home: Home) -> None:
    sid = (await home.start()).verification.sid
    await home.pass_the_gate(home.provider.calls[0][0])
    home.clock.advance(30)
    said = await home.hear(home.provider.calls[0][0], "4")
    home.provider.script.append(REFUSED)
    await home.verifier.dispatch(said.dispatch or "")
    assert [(d.status, d.error) for d in await home.deliveries(sid)][1] == (DeliveryStatus.FAILED, 20429)
    assert (await home.verification(sid)).status is VerificationStatus.PENDING


async def test_the_same_key_press_delivered_twice_at_once_counts_once(home: Home) -> None:
    sid = (await home.start()).verification.sid
    await home.pass_the_gate(home.provider.calls[0][0])
    said = await asyncio.gather(*(home.hear(home.provider.calls[0][0], "0") for _ in range(5)))
    assert [one.line for one in said].count(End(Ending.REPORTED)) == 1
    assert (await home.story(sid)).count(EventKind.REPORTED) == 1


async def test_after_zero_the_right_code_is_refused(home: Home) -> None:
    sid = (await home.start()).verification.sid
    code = await home.pass_the_gate(home.provider.calls[0][0])
    await home.hear(home.provider.calls[0][0], "0")
    assert not (await home.verifier.check(sid, code)).valid


async def test_after_zero_the_number_has_to_wait_whoever_asks_and_others_do_not(home: Home) -> None:
    await home.start()
    await home.hear(home.provider.calls[0][0], "00")
    with pytest.raises(NumberPaused):
        await home.start(SMS, username="bob")
    await home.start(SMS, number=OTHER_NUMBER.e164)
    home.clock.advance(DEFAULT_POLICY.report_pause)
    await home.start(SMS)
    assert len(home.provider.texts) == 2


async def test_after_nine_nothing_reaches_the_number_until_its_holder_texts_start(home: Home) -> None:
    await home.start()
    await home.pass_the_gate(home.provider.calls[0][0])
    await home.hear(home.provider.calls[0][0], "9")
    for channel in Channel:
        with pytest.raises(NumberSuppressed):
            await home.start(channel, username="bob")
    assert home.provider.asked == 1
    await home.verifier.handle_text(NUMBER, "START")
    await home.start(SMS)
    assert home.provider.asked == 2


async def test_a_machine_that_says_nothing_never_hears_the_code(home: Home) -> None:
    sid = (await home.start()).verification.sid
    said = [(await home.hear(home.provider.calls[0][0], digits)).line for digits in (None, "", "", "", None, "1")]
    assert [type(line) for line in said] == [AskForKeys, AskForKeys, End, End, End, End]
    assert (await home.deliveries(sid))[0].progress is Progress.ANSWERED


async def test_without_a_gate_the_code_follows_the_announcement(home: Home) -> None:
    home.under(Policy(keypress=Keypress.OFF))
    await home.start()
    delivery = home.provider.calls[0][0]
    said = [(await home.hear(delivery, digits)).line for digits in (None, "", "")]
    assert [type(line) for line in said] == [AskForKeys, ReadCode, OfferMenu]


async def test_a_webhook_of_another_call_or_of_nothing_changes_nothing(home: Home) -> None:
    sid = (await home.start()).verification.sid
    delivery = home.provider.calls[0][0]
    before = await home.deliveries(sid)
    for other, provider_sid in ((delivery, "CA2"), (delivery, ""), ("VL" + "0" * 32, "CA1")):
        with pytest.raises(NotFound):
            await home.hear(other, "1", provider_sid=provider_sid)
        assert not await home.verifier.on_status(other, provider_sid=provider_sid, status=DeliveryStatus.COMPLETED)
    assert await home.deliveries(sid) == before


async def test_a_report_keeps_the_operators_reason(home: Home) -> None:
    sid, _ = await home.texted_code()
    said = home.verifier.on_status
    order = home.provider.texts[0].delivery
    assert await said(order, provider_sid="SM1", status=DeliveryStatus.UNDELIVERED, error=30003)
    assert await said(order, provider_sid="SM1", status=DeliveryStatus.SENT)
    assert [(d.status, d.error) for d in await home.deliveries(sid)] == [(DeliveryStatus.UNDELIVERED, 30003)]


# ------------------------------------------------------------------------------------------------ people who reach us


async def test_stop_by_text_is_heeded_and_twilio_answers_it(home: Home) -> None:
    assert await home.verifier.handle_text(NUMBER, "STOP") == InboundResult(Keyword.STOP, provider_replies=True)
    assert await home.verifier.handle_text(NUMBER, "please stop texting me") == InboundResult(Keyword.STOP)
    with pytest.raises(NumberSuppressed):
        await home.start()
    assert home.provider.asked == 0


async def test_a_stop_by_text_ends_every_code_that_waits_for_the_number(home: Home) -> None:
    """4.2 Stop words: the pending codes die, over all accounts, and nothing more is sent."""
    waiting = [await home.texted_code(username=f"user {n}") for n in range(3)]
    await home.verifier.handle_text(NUMBER, "STOP")
    home.clock.advance(100)
    for sid, code in waiting:
        assert (await home.verification(sid)).status is VerificationStatus.CANCELED
        assert not (await home.verifier.check(sid, code)).valid
        for channel in Channel:
            with pytest.raises(NotPending):
                await home.verifier.resend(sid, channel)
    assert home.provider.asked == 3


async def test_an_extension_does_not_get_round_a_stop(home: Home) -> None:
    await home.verifier.handle_text(NUMBER, "STOP")
    with pytest.raises(NumberSuppressed):
        await home.start(number=NUMBER.e164 + " ext. 12")


async def test_one_number_stops_for_itself_only(home: Home) -> None:
    await home.verifier.handle_text(OTHER_NUMBER, "STOP")
    await home.start()
    assert home.provider.asked == 1


async def test_call_by_text_rings_the_pending_verification_and_nobody_is_told_whether_there_is_one(home: Home) -> None:
    sid, code = await home.texted_code()
    home.clock.advance(30)
    heeded = await home.verifier.handle_text(NUMBER, "Call")
    nobody = await home.verifier.handle_text(OTHER_NUMBER, "Call")
    assert replace(heeded, dispatch=None) == nobody == InboundResult(Keyword.CALL)
    assert heeded.dispatch is not None
    assert home.provider.calls == []
    await home.verifier.dispatch(heeded.dispatch)
    assert home.provider.calls == [(heeded.dispatch, NUMBER)]
    assert await home.pass_the_gate(heeded.dispatch, provider_sid="CA2") == code
    assert [d.verification for d in await home.deliveries(sid)] == [sid, sid]


async def test_call_by_text_twice_rings_once(home: Home) -> None:
    await home.texted_code()
    home.clock.advance(30)
    heeded = await asyncio.gather(*(home.verifier.handle_text(NUMBER, "CALL") for _ in range(5)))
    assert len([one for one in heeded if one.dispatch]) == 1


@pytest.mark.parametrize(
    ("digits", "keyword"), [("1", Keyword.CALL), ("9", Keyword.STOP), ("5", Keyword.OTHER), ("", Keyword.OTHER)]
)
async def test_somebody_who_calls_us_may_ask_for_a_call_or_never_to_be_called(
    home: Home, digits: str, keyword: Keyword
) -> None:
    await home.texted_code()
    home.clock.advance(30)
    heeded = await home.verifier.handle_inbound_keys(NUMBER, digits)
    assert (heeded.keyword, heeded.dispatch is not None) == (keyword, keyword is Keyword.CALL)
    home.clock.advance(100)
    if keyword is Keyword.STOP:
        with pytest.raises(NumberSuppressed):
            await home.start()
