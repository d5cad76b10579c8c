"""The use cases over the real SQLite store: simultaneous checks, browser sessions, and what an end leaves behind."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from msgspec.structs import replace

from tests.support.fakes import RecordingProvider
from tests.support.records import OTHER_NUMBER, wrong
from tests.support.verifier import CALL, SMS, VerifierSetup
from verification.errors import CodeMalformed, NotFound, NotPending
from verification.flow.admission import next_delivery_wait
from verification.flow.check import CheckResult
from verification.ivr.prompts import End, Ending
from verification.models import EventKind, State
from verification.policy import DEFAULT_POLICY
from verification.ports import BySession
from verification.types import Channel, DeliveryStatus, VerificationStatus


def valid(checks: list[CheckResult]) -> list[CheckResult]:
    return [checked for checked in checks if checked.valid]


# ------------------------------------------------------------------------------------------------ checks at once


async def test_thirty_right_checks_at_the_same_instant_approve_once(setup: VerifierSetup) -> None:
    sid, code = await setup.texted_code()
    checks = await asyncio.gather(*(setup.verifier.check(sid, code) for _ in range(30)))
    assert len(valid(checks)) == 1
    assert (await setup.event_kinds(sid)).count(EventKind.APPROVED) == 1
    assert (await setup.verification(sid)).checks == 1


async def test_thirty_right_checks_of_one_browser_welcome_it_and_approve_once(setup: VerifierSetup) -> None:
    sid, code = await setup.texted_code(session="one")
    checks = await asyncio.gather(
        *(setup.verifier.check_in_session("one", code, renewed=f"renewed {number}") for number in range(30))
    )
    assert len(valid(checks)) == 30
    assert [checked.repeated for checked in checks].count(False) == 1
    assert (await setup.event_kinds(sid)).count(EventKind.APPROVED) == 1


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("limit", [1, 3, 5])
async def test_two_hundred_wrong_checks_at_once_compare_exactly_the_limit(
    setup: VerifierSetup, limit: int, workers: int
) -> None:
    setup.use_policy(replace(DEFAULT_POLICY, max_checks=limit))
    sid, code = await setup.texted_code()
    while len(setup.workers) < workers:
        await setup.open()
    checks = await asyncio.gather(
        *(setup.workers[number % workers].check(sid, wrong(code)) for number in range(200)),
    )
    assert valid(checks) == []
    assert (await setup.event_kinds(sid)).count(EventKind.CHECK_FAILED) == limit
    over = await setup.verification(sid)
    assert (over.status, over.checks, over.seed) == (VerificationStatus.MAX_ATTEMPTS_REACHED, limit, None)
    assert not (await setup.verifier.check(sid, code)).valid


async def test_thirty_right_checks_on_two_workers_approve_once(setup: VerifierSetup) -> None:
    sid, code = await setup.texted_code()
    await setup.open()
    checks = await asyncio.gather(*(setup.workers[number % 2].check(sid, code) for number in range(30)))
    assert len(valid(checks)) == 1
    assert (await setup.event_kinds(sid)).count(EventKind.APPROVED) == 1


async def test_a_check_that_fails_after_it_was_compared_has_counted(setup: VerifierSetup) -> None:
    """No failure on the way out gives a try back."""

    class BrokenCarrier(RecordingProvider):
        async def hang_up(self, provider_sid: str) -> None:
            raise ConnectionError

    sid = (await setup.start()).verification.sid
    code = await setup.pass_gate(setup.provider.calls[0][0])
    verifier = replace(setup.verifier, provider=BrokenCarrier())
    checked = await verifier.check(sid, wrong(code))
    with pytest.raises(ConnectionError):
        await verifier.hang_up(checked.hang_up)
    assert (await setup.verification(sid)).checks == 1
    assert not (await setup.verifier.check(sid, code)).valid


async def test_a_wrong_code_hangs_up_the_call_that_is_up(setup: VerifierSetup) -> None:
    sid = (await setup.start()).verification.sid
    code = await setup.pass_gate(setup.provider.calls[0][0])
    checked = await setup.verifier.check(sid, wrong(code))
    await setup.verifier.hang_up(checked.hang_up)
    assert setup.provider.hung_up == ["CA1"]
    assert (await setup.call_webhook(setup.provider.calls[0][0], "1")).prompt == End(Ending.NO_LONGER_NEEDED)


async def test_what_cannot_be_a_code_costs_no_try(setup: VerifierSetup) -> None:
    sid, code = await setup.texted_code()
    for typed in ("", "letter", "9" * 1000):
        with pytest.raises(CodeMalformed):
            await setup.verifier.check(sid, typed)
    assert (await setup.verification(sid)).checks == 0
    assert (await setup.verifier.check(sid, code)).valid


async def test_checks_of_nothing_find_nothing(setup: VerifierSetup) -> None:
    with pytest.raises(NotFound):
        await setup.verifier.check("VE" + "0" * 32, "123456")
    with pytest.raises(NotFound):
        await setup.verifier.check_in_session("unknown", "123456", renewed="x")


@pytest.mark.parametrize(("seconds", "right"), [(299, True), (300, False), (301, False)])
async def test_a_code_lives_until_its_deadline(setup: VerifierSetup, seconds: float, right: bool) -> None:
    sid, code = await setup.texted_code()
    setup.clock.advance(seconds)
    assert (await setup.verifier.check(sid, code)).valid is right


# ------------------------------------------------------------------------------------------------ browsers


async def test_the_right_code_moves_the_browser_and_the_old_cookie_shows_the_form(setup: VerifierSetup) -> None:
    sid, code = await setup.texted_code(session="one")
    await setup.verifier.check_in_session("one", code, renewed="two")
    assert await setup.verifier.get_for_session("one") == State()
    state = await setup.verifier.get_for_session("two")
    assert state.session is not None
    assert state.session.approved
    assert state.verification == await setup.verification(sid)


async def test_the_same_code_from_the_old_cookie_is_welcomed_for_a_minute(setup: VerifierSetup) -> None:
    sid, code = await setup.texted_code(session="one")
    await setup.verifier.check_in_session("one", code, renewed="two")
    setup.clock.advance(60)
    again = await setup.verifier.check_in_session("one", code, renewed="three")
    assert (again.valid, again.repeated) == (True, True)
    assert (await setup.verifier.get_for_session("three")).verification is not None
    setup.clock.advance(1)
    with pytest.raises(NotFound):
        await setup.verifier.check_in_session("one", code, renewed="four")
    assert (await setup.event_kinds(sid)).count(EventKind.APPROVED) == 1


async def test_the_old_cookie_with_another_code_gets_nothing_ever(setup: VerifierSetup) -> None:
    _, code = await setup.texted_code(session="one")
    await setup.verifier.check_in_session("one", code, renewed="two")
    for typed in (wrong(code), code):
        with pytest.raises(NotFound):
            await setup.verifier.check_in_session("one", typed, renewed="three")
    assert await setup.verifier.get_for_session("three") == State()


async def test_another_browser_sees_nothing_of_this_one(setup: VerifierSetup) -> None:
    await setup.texted_code(session="one")
    assert await setup.verifier.get_for_session("two") == State()


async def test_two_browsers_have_two_verifications_and_neither_finishes_the_others(setup: VerifierSetup) -> None:
    sid, code = await setup.texted_code(session="one", username="ada")
    other, other_code = await setup.texted_code(session="two", username="bob", number=OTHER_NUMBER.e164)
    assert not (await setup.verifier.check_in_session("two", code, renewed="x")).valid
    assert (await setup.verifier.check_in_session("one", code, renewed="y")).verification.sid == sid
    assert not (await setup.verifier.check(other, other_code)).valid


async def test_a_browser_sees_the_expiry_before_it_is_written(setup: VerifierSetup) -> None:
    sid, _ = await setup.texted_code(session="one")
    setup.clock.advance(300)
    seen = (await setup.verifier.get_for_session("one")).verification
    assert seen is not None
    assert seen.status is VerificationStatus.EXPIRED
    assert (await setup.verification(sid)).status is VerificationStatus.PENDING


async def test_a_session_is_over_at_its_time(setup: VerifierSetup) -> None:
    await setup.texted_code(session="one")
    setup.clock.advance(DEFAULT_POLICY.session_lifetime - 1)
    assert (await setup.verifier.get_for_session("one")).session is not None
    setup.clock.advance(1)
    assert await setup.verifier.get_for_session("one") == State()


async def test_the_waiting_time_counts_down_to_zero(setup: VerifierSetup) -> None:
    await setup.texted_code(session="one")
    state = await setup.verifier.get_for_session("one")
    assert next_delivery_wait(state, Channel.CALL, setup.verifier.context()) == 30
    setup.clock.advance(30)
    assert next_delivery_wait(state, Channel.CALL, setup.verifier.context()) == 0


async def test_a_session_is_known_by_its_id_only(setup: VerifierSetup) -> None:
    await setup.texted_code(session="one")
    assert (await setup.verifier.store.read(BySession("two"))).session is None


# ------------------------------------------------------------------------------------------------ endings


async def test_cancel_kills_the_code_and_the_call(setup: VerifierSetup) -> None:
    sid = (await setup.start()).verification.sid
    code = await setup.pass_gate(setup.provider.calls[0][0])
    assert (await setup.cancel(sid)).status is VerificationStatus.CANCELED
    assert setup.provider.hung_up == ["CA1"]
    assert not (await setup.verifier.check(sid, code)).valid
    with pytest.raises(NotPending):
        await setup.verifier.cancel(sid)
    with pytest.raises(NotPending):
        await setup.verifier.resend(sid, CALL)


async def _approve(setup: VerifierSetup, sid: str, code: str) -> None:
    await setup.verifier.check(sid, code)


async def _fail(setup: VerifierSetup, sid: str, code: str) -> None:
    await setup.verifier.check(sid, wrong(code))


async def _cancel(setup: VerifierSetup, sid: str, code: str) -> None:
    await setup.verifier.cancel(sid)


async def _replace(setup: VerifierSetup, sid: str, code: str) -> None:
    await setup.start(SMS)


async def _report(setup: VerifierSetup, sid: str, code: str) -> None:
    for digits in ("", "0", "*"):
        await setup.call_webhook(setup.provider.calls[0][0], digits)


async def _stop(setup: VerifierSetup, sid: str, code: str) -> None:
    for digits in ("", "9", "*"):
        await setup.call_webhook(setup.provider.calls[0][0], digits)


async def _check_late(setup: VerifierSetup, sid: str, code: str) -> None:
    setup.clock.advance(300)
    await setup.verifier.check(sid, code)


async def _expire(setup: VerifierSetup, sid: str, code: str) -> None:
    setup.clock.advance(300)
    await setup.verifier.expire_overdue()


@pytest.mark.parametrize(
    "end", [_approve, _fail, _cancel, _replace, _report, _stop, _check_late, _expire], ids=lambda end: end.__name__
)
async def test_after_any_end_there_is_no_seed_no_code_and_no_way_back(
    setup: VerifierSetup, end: Callable[[VerifierSetup, str, str], Awaitable[None]]
) -> None:
    sid = (await setup.start()).verification.sid
    delivery = setup.provider.calls[0][0]
    code = await setup.pass_gate(delivery)
    await end(setup, sid, code)
    over = await setup.verification(sid)
    assert over.status.final
    assert over.seed is None
    assert not (await setup.verifier.check(sid, code)).valid
    for digits in (None, "1", "2", "3", "4", ""):
        assert (await setup.call_webhook(delivery, digits)).prompt == End(Ending.NO_LONGER_NEEDED)
    await setup.verifier.on_status(delivery, provider_sid="CA1", status=DeliveryStatus.ANSWERED)
    assert await setup.verification(sid) == over
