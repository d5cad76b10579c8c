"""The use cases over the real SQLite store: calls, keys, and inbound texts and calls."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.records import NUMBER, OTHER_NUMBER, SECRET
from tests.support.verifier import REJECTED, SMS, VerifierSetup
from verification.errors import (
    LimitReached,
    NotForAction,
    NotFound,
    NotPending,
    NumberPaused,
    NumberSuppressed,
    TooSoon,
)
from verification.flow.ending import MAX_CALL_SECONDS
from verification.flow.inbound import InboundResult
from verification.ivr.prompts import Announce, AskForKeys, End, Ending, KeysFor, OfferMenu, ReadCode
from verification.models import EventKind, Progress
from verification.policy import DEFAULT_POLICY, Keypress, Policy
from verification.ports import ByDelivery, ByVerification, Unclear
from verification.types import Channel, DeliveryStatus, Scope, VerificationStatus
from verification.values.keywords import Keyword
from verification.values.phone_numbers import PhoneNumber, parse

# ------------------------------------------------------------------------------------------------ the call


async def test_the_next_key_press_continues_after_a_restart(setup: VerifierSetup, tmp_path: Path) -> None:
    await setup.start()
    code = await setup.pass_gate(setup.provider.calls[0][0])
    await setup.stack.aclose()
    async with AsyncExitStack() as stack:
        reopened = VerifierSetup(setup.path, stack, clock=setup.clock, provider=setup.provider)
        await reopened.open()
        await reopened.call_webhook(setup.provider.calls[0][0], "")
        assert (await reopened.call_webhook(setup.provider.calls[0][0], "1")).prompt == ReadCode(code, opening=False)


async def test_a_key_that_is_rotated_in_the_middle_changes_nothing(setup: VerifierSetup) -> None:
    sid = (await setup.start()).verification.sid
    code = await setup.pass_gate(setup.provider.calls[0][0])
    setup.secrets = (b"a newer key of the tests, 32 bytes and more", SECRET)
    await setup.open()
    await setup.call_webhook(setup.provider.calls[0][0], "")
    assert (await setup.call_webhook(setup.provider.calls[0][0], "1")).prompt == ReadCode(code, opening=False)
    assert (await setup.verifier.check(sid, code)).valid
    newer = await setup.start(SMS)
    assert newer.verification.key_id == setup.verifier.keys.newest


async def test_four_sends_the_same_code_as_a_text_once_the_webhook_was_answered(setup: VerifierSetup) -> None:
    sid = (await setup.start()).verification.sid
    code = await setup.pass_gate(setup.provider.calls[0][0])
    setup.clock.advance(30)
    await setup.call_webhook(setup.provider.calls[0][0], "")
    said = await setup.call_webhook(setup.provider.calls[0][0], "4")
    assert said.dispatch is not None
    assert setup.provider.texts == []
    await setup.verifier.dispatch(said.dispatch)
    assert [(text.delivery, text.code, text.to) for text in setup.provider.texts] == [(said.dispatch, code, NUMBER)]
    await setup.verifier.dispatch(said.dispatch)
    assert len(setup.provider.texts) == 1
    assert (await setup.verifier.check(sid, code)).valid


@pytest.mark.parametrize("meanwhile", ["stop", "cancel", "deadline"])
async def test_a_planned_text_is_not_sent_when_it_may_not_be_any_more(setup: VerifierSetup, meanwhile: str) -> None:
    sid = (await setup.start()).verification.sid
    await setup.pass_gate(setup.provider.calls[0][0])
    await setup.call_webhook(setup.provider.calls[0][0], "")
    said = await setup.call_webhook(setup.provider.calls[0][0], "4")
    if meanwhile == "stop":
        await setup.verifier.handle_text(NUMBER, "STOP")
    elif meanwhile == "cancel":
        await setup.verifier.cancel(sid)
    else:
        setup.clock.advance(300)
    await setup.verifier.dispatch(said.dispatch or "")
    assert setup.provider.texts == []


async def test_dispatching_nothing_sends_nothing(setup: VerifierSetup) -> None:
    await setup.verifier.dispatch("VL" + "0" * 32)
    assert setup.provider.asked == 0


async def test_a_text_that_is_rejected_after_a_key_is_recorded_as_failed(setup: VerifierSetup) -> None:
    sid = (await setup.start()).verification.sid
    await setup.pass_gate(setup.provider.calls[0][0])
    setup.clock.advance(30)
    await setup.call_webhook(setup.provider.calls[0][0], "")
    said = await setup.call_webhook(setup.provider.calls[0][0], "4")
    setup.provider.script.append(REJECTED)
    await setup.verifier.dispatch(said.dispatch or "")
    assert [(d.status, d.error) for d in await setup.deliveries(sid)][1] == (DeliveryStatus.FAILED, 20429)
    assert (await setup.verification(sid)).status is VerificationStatus.PENDING


async def test_the_same_key_press_delivered_twice_at_once_counts_once(setup: VerifierSetup) -> None:
    sid = (await setup.start()).verification.sid
    await setup.call_webhook(setup.provider.calls[0][0], None)
    await setup.call_webhook(setup.provider.calls[0][0], "000")
    turns = await asyncio.gather(*(setup.call_webhook(setup.provider.calls[0][0], "*") for _ in range(5)))
    assert [turn.prompt for turn in turns].count(End(Ending.REPORTED)) == 1
    assert (await setup.event_kinds(sid)).count(EventKind.REPORTED) == 1


async def test_after_zero_the_right_code_is_refused(setup: VerifierSetup) -> None:
    sid = (await setup.start()).verification.sid
    code = await setup.pass_gate(setup.provider.calls[0][0])
    for digits in ("", "0", "*"):
        await setup.call_webhook(setup.provider.calls[0][0], digits)
    assert not (await setup.verifier.check(sid, code)).valid


async def test_a_policy_that_only_watches_limits_keeps_what_the_holder_of_the_phone_said(setup: VerifierSetup) -> None:
    """`watch` relaxes limits over time only: never a report, a suppression, or one live call for a number."""
    setup.use_policy(replace(DEFAULT_POLICY, enforce=False))
    setup.provider.script.append(Unclear("timed out"))
    await setup.start()
    with pytest.raises(TooSoon):
        await setup.start(username="bob")
    assert len(setup.provider.calls) == 1, "no second call while one is unclear"
    setup.clock.advance(MAX_CALL_SECONDS)
    await setup.start(username="bob")
    with pytest.raises(TooSoon):
        await setup.start(username="eve")
    for digits in ("000", "*"):
        await setup.call_webhook(setup.provider.calls[-1][0], digits, provider_sid="CA2")
    setup.clock.advance(MAX_CALL_SECONDS)
    with pytest.raises(NumberPaused):
        await setup.start(username="eve")
    await setup.verifier.handle_text(NUMBER, "STOP")
    setup.clock.advance(DEFAULT_POLICY.report_pause)
    with pytest.raises(NumberSuppressed):
        await setup.start(username="eve")
    assert len(setup.provider.calls) == 2


async def test_after_zero_the_number_is_paused_for_all_accounts_and_others_are_not(setup: VerifierSetup) -> None:
    await setup.start()
    for digits in ("000", "*"):
        await setup.call_webhook(setup.provider.calls[0][0], digits)
    with pytest.raises(NumberPaused):
        await setup.start(SMS, username="bob")
    await setup.start(SMS, number=OTHER_NUMBER.e164)
    setup.clock.advance(DEFAULT_POLICY.report_pause)
    await setup.start(SMS)
    assert len(setup.provider.texts) == 2


async def test_after_nine_nothing_reaches_the_number_until_its_holder_texts_start(setup: VerifierSetup) -> None:
    await setup.start()
    await setup.pass_gate(setup.provider.calls[0][0])
    for digits in ("", "9", "*"):
        await setup.call_webhook(setup.provider.calls[0][0], digits)
    for channel in Channel:
        with pytest.raises(NumberSuppressed):
            await setup.start(channel, username="bob")
    assert setup.provider.asked == 1
    await setup.verifier.handle_text(NUMBER, "START")
    await setup.start(SMS)
    assert setup.provider.asked == 2


async def test_a_machine_that_says_nothing_never_hears_the_code(setup: VerifierSetup) -> None:
    sid = (await setup.start()).verification.sid
    said = [
        (await setup.call_webhook(setup.provider.calls[0][0], digits)).prompt
        for digits in (None, "", "", "", "", None, "1")
    ]
    assert [type(line) for line in said] == [*[AskForKeys] * 4, End, End, End]
    assert (await setup.deliveries(sid))[0].progress is Progress.ANSWERED


async def test_without_a_gate_the_code_follows_the_announcement(setup: VerifierSetup) -> None:
    setup.use_policy(Policy(keypress=Keypress.OFF))
    await setup.start()
    delivery = setup.provider.calls[0][0]
    said = [(await setup.call_webhook(delivery, digits)).prompt for digits in (None, "", "")]
    assert [type(line) for line in said] == [Announce, ReadCode, OfferMenu]


async def test_a_webhook_of_another_call_or_of_nothing_changes_nothing(setup: VerifierSetup) -> None:
    sid = (await setup.start()).verification.sid
    delivery = setup.provider.calls[0][0]
    before = await setup.deliveries(sid)
    for other, provider_sid in ((delivery, "CA2"), (delivery, ""), ("VL" + "0" * 32, "CA1")):
        with pytest.raises(NotFound):
            await setup.call_webhook(other, "1", provider_sid=provider_sid)
        assert not await setup.verifier.on_status(other, provider_sid=provider_sid, status=DeliveryStatus.COMPLETED)
    assert await setup.deliveries(sid) == before


async def test_a_report_keeps_the_operators_reason(setup: VerifierSetup) -> None:
    sid, _ = await setup.texted_code()
    said = setup.verifier.on_status
    order = setup.provider.texts[0].delivery
    assert await said(order, provider_sid="SM1", status=DeliveryStatus.UNDELIVERED, error=30003)
    assert await said(order, provider_sid="SM1", status=DeliveryStatus.SENT)
    assert [(d.status, d.error) for d in await setup.deliveries(sid)] == [(DeliveryStatus.UNDELIVERED, 30003)]


# ------------------------------------------------------------------------------------------------ people who reach us


async def test_stop_by_text_suppresses_and_twilio_replies(setup: VerifierSetup) -> None:
    assert await setup.verifier.handle_text(NUMBER, "STOP") == InboundResult(Keyword.STOP, provider_replies=True)
    assert await setup.verifier.handle_text(NUMBER, "STOP!") == InboundResult(Keyword.STOP, silent=True)
    assert await setup.verifier.handle_text(OTHER_NUMBER, "STOP!") == InboundResult(Keyword.STOP)
    with pytest.raises(NumberSuppressed):
        await setup.start()
    assert setup.provider.asked == 0


async def test_a_stop_by_text_ends_every_code_that_waits_for_the_number(setup: VerifierSetup) -> None:
    """4.2 Stop words: the pending codes die, over all accounts, and nothing more is sent."""
    waiting = [await setup.texted_code(username=f"user {n}") for n in range(3)]
    await setup.verifier.handle_text(NUMBER, "STOP")
    setup.clock.advance(100)
    for sid, code in waiting:
        assert (await setup.verification(sid)).status is VerificationStatus.CANCELED
        assert not (await setup.verifier.check(sid, code)).valid
        for channel in Channel:
            with pytest.raises(NotPending):
                await setup.verifier.resend(sid, channel)
    assert setup.provider.asked == 3


async def test_an_extension_does_not_get_round_a_stop(setup: VerifierSetup) -> None:
    await setup.verifier.handle_text(NUMBER, "STOP")
    with pytest.raises(NumberSuppressed):
        await setup.start(number=NUMBER.e164 + " ext. 12")


async def test_one_number_stops_for_itself_only(setup: VerifierSetup) -> None:
    await setup.verifier.handle_text(OTHER_NUMBER, "STOP")
    await setup.start()
    assert setup.provider.asked == 1


async def test_call_by_text_calls_for_the_pending_verification_and_reveals_nothing(
    setup: VerifierSetup,
) -> None:
    sid, code = await setup.texted_code()
    setup.clock.advance(30)
    result = await setup.verifier.handle_text(NUMBER, "Call")
    unknown = await setup.verifier.handle_text(OTHER_NUMBER, "Call")
    assert replace(result, dispatch=None) == unknown == InboundResult(Keyword.CALL)
    assert result.dispatch is not None
    assert setup.provider.calls == []
    await setup.verifier.dispatch(result.dispatch)
    assert setup.provider.calls == [(result.dispatch, NUMBER)]
    assert await setup.pass_gate(result.dispatch, provider_sid="CA2") == code
    assert [d.verification for d in await setup.deliveries(sid)] == [sid, sid]


async def test_call_by_text_twice_rings_once(setup: VerifierSetup) -> None:
    await setup.texted_code()
    setup.clock.advance(30)
    results = await asyncio.gather(*(setup.verifier.handle_text(NUMBER, "CALL") for _ in range(5)))
    assert len([result for result in results if result.dispatch]) == 1


@pytest.mark.parametrize("digits", ["1", "9", "5", "", "99", "*"])
async def test_an_inbound_call_alone_stops_nothing(setup: VerifierSetup, digits: str) -> None:
    """A caller ID proves nothing: a forged one must not stop the codes of the person it belongs to."""
    sid, code = await setup.texted_code()
    setup.clock.advance(30)
    result = await setup.verifier.handle_inbound_keys(NUMBER, digits)
    assert (result.dispatch is not None) == (digits in ("1", "9"))
    assert not (await setup.verifier.store.read(ByVerification(sid))).suppressed
    assert (await setup.verifier.check(sid, code)).valid


async def call_back_about_permission(setup: VerifierSetup, *, provider_sid: str) -> str:
    """Call in, press 9, be called back, and press the keys that the call says. Returns the delivery."""
    result = await setup.verifier.handle_inbound_keys(NUMBER, "9", language="en-US")
    assert result.dispatch is not None
    await setup.verifier.dispatch(result.dispatch)
    assert setup.provider.calls[-1] == (result.dispatch, NUMBER)
    asked = (await setup.call_webhook(result.dispatch, provider_sid=provider_sid)).prompt
    assert isinstance(asked, AskForKeys)
    assert asked.to is KeysFor.PERMISSION
    await setup.call_webhook(result.dispatch, asked.keys, provider_sid=provider_sid)
    return result.dispatch


async def test_a_landline_finds_its_way_back_from_never_again_by_phone(setup: VerifierSetup) -> None:
    await setup.verifier.handle_text(NUMBER, "STOP")
    delivery = await call_back_about_permission(setup, provider_sid="CA1")
    with pytest.raises(NumberSuppressed):
        await setup.start()
    said = await setup.call_webhook(delivery, "*", provider_sid="CA1")
    assert said.prompt == End(Ending.LIFTED)
    await setup.verifier.on_status(delivery, provider_sid="CA1", status=DeliveryStatus.COMPLETED)
    await setup.start()
    assert setup.provider.asked == 2


async def test_calls_are_stopped_by_phone_only_after_a_call_back(setup: VerifierSetup) -> None:
    delivery = await call_back_about_permission(setup, provider_sid="CA1")
    said = await setup.call_webhook(delivery, "*", provider_sid="CA1")
    assert said.prompt == End(Ending.SUPPRESSED)
    with pytest.raises(NumberSuppressed):
        await setup.start()


@pytest.mark.parametrize("digits", ["", "1", "9", "0", "99"])
async def test_a_call_back_that_is_not_confirmed_changes_nothing(setup: VerifierSetup, digits: str) -> None:
    await setup.verifier.handle_text(NUMBER, "STOP")
    delivery = await call_back_about_permission(setup, provider_sid="CA1")
    assert (await setup.call_webhook(delivery, digits, provider_sid="CA1")).prompt == End(Ending.GOODBYE)
    with pytest.raises(NumberSuppressed):
        await setup.start()


async def test_a_number_is_called_back_about_permission_once_a_day(setup: VerifierSetup) -> None:
    """A forged caller ID makes a phone ring once, also one that wants no calls."""
    await setup.verifier.handle_text(NUMBER, "STOP")
    results = [(await setup.verifier.handle_inbound_keys(NUMBER, "9")).dispatch for _ in range(3)]
    setup.clock.advance(86400 - 1)
    results.append((await setup.verifier.handle_inbound_keys(NUMBER, "9")).dispatch)
    assert [result is not None for result in results] == [True, False, False, False]
    setup.clock.advance(2)
    assert (await setup.verifier.handle_inbound_keys(NUMBER, "9")).dispatch is not None


@pytest.mark.parametrize("number", [parse("+442071838750"), PhoneNumber("+14155550100", "US", "12")])
async def test_no_one_is_called_back_where_no_call_may_go(setup: VerifierSetup, number: PhoneNumber) -> None:
    assert (await setup.verifier.handle_inbound_keys(number, "9")).dispatch is None


async def test_the_call_back_is_never_a_code_and_never_a_text(setup: VerifierSetup) -> None:
    delivery = await call_back_about_permission(setup, provider_sid="CA1")
    verification = (await setup.verifier.get(ByDelivery(delivery))).verification
    assert verification is not None
    with pytest.raises(NotForAction):
        await setup.verifier.resend(verification.sid, Channel.SMS)
    assert (await setup.verifier.handle_text(NUMBER, "CALL")).dispatch is None


# ------------------------------------------------------------------------------------------------ failed gates


async def fail_gate(setup: VerifierSetup, *, provider_sid: str) -> None:
    """A call whose gate fails by wrong keys, as with a mailbox that sends tones."""
    await setup.call_webhook(setup.provider.calls[-1][0], None, provider_sid=provider_sid)
    for _ in range(2):
        await setup.call_webhook(setup.provider.calls[-1][0], "112", provider_sid=provider_sid)
    await setup.verifier.on_status(
        setup.provider.calls[-1][0], provider_sid=provider_sid, status=DeliveryStatus.COMPLETED
    )


async def test_after_two_calls_whose_gate_failed_the_number_gets_texts_and_no_calls_for_a_day(
    setup: VerifierSetup,
) -> None:
    """20.10: a mailbox that sends tones has five guesses a day at most, of 504."""
    for call in range(2):
        await setup.start(username=f"user {call}")
        await fail_gate(setup, provider_sid=f"CA{call + 1}")
    with pytest.raises(LimitReached) as refused:
        await setup.start(username="another")
    assert refused.value.scope is Scope.GATES
    await setup.start(SMS, username="another")
    await setup.start(number=OTHER_NUMBER.e164, username="another still")
    setup.clock.advance(86400)
    await setup.start(username="the next day")
    assert len(setup.provider.calls) == 4


async def test_silence_and_slips_at_the_gate_count_for_nothing(setup: VerifierSetup) -> None:
    for call in range(4):
        await setup.start(username=f"user {call}")
        delivery, provider_sid = setup.provider.calls[-1][0], f"CA{call + 1}"
        for digits in (None, "", "4", "0", ""):
            await setup.call_webhook(delivery, digits, provider_sid=provider_sid)
        await setup.verifier.on_status(delivery, provider_sid=provider_sid, status=DeliveryStatus.COMPLETED)
    assert len(setup.provider.calls) == 4


async def test_a_trusted_browser_still_calls_after_failed_gates(setup: VerifierSetup) -> None:
    """So an attacker cannot take the calls from a person whose mailbox sends tones."""
    sid = (await setup.start(SMS, session="s1", browser="b1")).verification.sid
    code = setup.provider.texts[-1].code
    await setup.verifier.check_in_session("s1", code, renewed="s2", browser="b1")
    assert (await setup.verification(sid)).status is VerificationStatus.APPROVED
    for call in range(2):
        await setup.start(username="ada")
        await fail_gate(setup, provider_sid=f"CA{call + 2}")
    with pytest.raises(LimitReached):
        await setup.start()
    await setup.start(session="s3", browser="b1")
    assert len(setup.provider.calls) == 3
