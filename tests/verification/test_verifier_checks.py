"""The service over the real code table: checks at the same instant, browsers, and what an end leaves behind."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.fakes import RecordingCarrier
from tests.support.records import OTHER_NUMBER, wrong
from tests.support.verifier import CALL, SMS, Home, open_home
from verification.errors import CodeMalformed, NotFound, NotPending
from verification.flow.check import CheckResult
from verification.ivr.dialogue import End, Ending
from verification.models import EventKind, State
from verification.policy import DEFAULT_POLICY
from verification.ports import BySession
from verification.types import DeliveryStatus, VerificationStatus


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        yield home


def valid(checks: list[CheckResult]) -> list[CheckResult]:
    return [checked for checked in checks if checked.valid]


# ------------------------------------------------------------------------------------------------ checks at once


async def test_thirty_right_checks_at_the_same_instant_approve_once(home: Home) -> None:
    sid, code = await home.texted_code()
    checks = await asyncio.gather(*(home.verifier.check(sid, code) for _ in range(30)))
    assert len(valid(checks)) == 1
    assert (await home.story(sid)).count(EventKind.APPROVED) == 1
    assert (await home.verification(sid)).checks == 1


async def test_thirty_right_checks_of_one_browser_welcome_it_and_approve_once(home: Home) -> None:
    sid, code = await home.texted_code(session="one")
    checks = await asyncio.gather(
        *(home.verifier.check_in_session("one", code, renewed=f"renewed {number}") for number in range(30))
    )
    assert len(valid(checks)) == 30
    assert [checked.repeated for checked in checks].count(False) == 1
    assert (await home.story(sid)).count(EventKind.APPROVED) == 1


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("limit", [1, 3, 5])
async def test_two_hundred_wrong_checks_at_once_compare_exactly_the_limit(home: Home, limit: int, workers: int) -> None:
    home.under(replace(DEFAULT_POLICY, max_checks=limit))
    sid, code = await home.texted_code()
    while len(home.workers) < workers:
        await home.open()
    checks = await asyncio.gather(
        *(home.workers[number % workers].check(sid, wrong(code)) for number in range(200)),
    )
    assert valid(checks) == []
    assert (await home.story(sid)).count(EventKind.CHECK_FAILED) == limit
    over = await home.verification(sid)
    assert (over.status, over.checks, over.seed) == (VerificationStatus.MAX_ATTEMPTS_REACHED, limit, None)
    assert not (await home.verifier.check(sid, code)).valid


async def test_thirty_right_checks_on_two_workers_approve_once(home: Home) -> None:
    sid, code = await home.texted_code()
    await home.open()
    checks = await asyncio.gather(*(home.workers[number % 2].check(sid, code) for number in range(30)))
    assert len(valid(checks)) == 1
    assert (await home.story(sid)).count(EventKind.APPROVED) == 1


async def test_a_check_that_fails_after_it_was_compared_has_counted(home: Home) -> None:
    """No failure on the way out gives a try back."""

    class BrokenCarrier(RecordingCarrier):
        async def hang_up(self, provider_sid: str) -> None:
            raise ConnectionError

    sid = (await home.start()).verification.sid
    code = await home.pass_the_gate(home.provider.calls[0][0])
    verifier = replace(home.verifier, provider=BrokenCarrier())
    checked = await verifier.check(sid, wrong(code))
    with pytest.raises(ConnectionError):
        await verifier.hang_up(checked.hang_up)
    assert (await home.verification(sid)).checks == 1
    assert not (await home.verifier.check(sid, code)).valid


async def test_a_wrong_code_hangs_up_the_call_that_is_up(home: Home) -> None:
    sid = (await home.start()).verification.sid
    code = await home.pass_the_gate(home.provider.calls[0][0])
    checked = await home.verifier.check(sid, wrong(code))
    await home.verifier.hang_up(checked.hang_up)
    assert home.provider.hung_up == ["CA1"]
    assert (await home.hear(home.provider.calls[0][0], "1")).line == End(Ending.NOT_NEEDED)


async def test_what_cannot_be_a_code_costs_no_try(home: Home) -> None:
    sid, code = await home.texted_code()
    for typed in ("", "letter", "9" * 1000):
        with pytest.raises(CodeMalformed):
            await home.verifier.check(sid, typed)
    assert (await home.verification(sid)).checks == 0
    assert (await home.verifier.check(sid, code)).valid


async def test_checks_of_nothing_find_nothing(home: Home) -> None:
    with pytest.raises(NotFound):
        await home.verifier.check("VE" + "0" * 32, "123456")
    with pytest.raises(NotFound):
        await home.verifier.check_in_session("nobody", "123456", renewed="x")


@pytest.mark.parametrize(("seconds", "right"), [(299, True), (300, False), (301, False)])
async def test_a_code_lives_until_its_deadline(home: Home, seconds: float, right: bool) -> None:
    sid, code = await home.texted_code()
    home.clock.advance(seconds)
    assert (await home.verifier.check(sid, code)).valid is right


# ------------------------------------------------------------------------------------------------ browsers


async def test_the_right_code_moves_the_browser_and_the_old_cookie_shows_the_form(home: Home) -> None:
    sid, code = await home.texted_code(session="one")
    await home.verifier.check_in_session("one", code, renewed="two")
    assert await home.verifier.get_for_session("one") == State()
    state = await home.verifier.get_for_session("two")
    assert state.session is not None
    assert state.session.approved
    assert state.verification == await home.verification(sid)


async def test_the_same_code_from_the_old_cookie_is_welcomed_for_a_minute(home: Home) -> None:
    sid, code = await home.texted_code(session="one")
    await home.verifier.check_in_session("one", code, renewed="two")
    home.clock.advance(60)
    again = await home.verifier.check_in_session("one", code, renewed="three")
    assert (again.valid, again.repeated) == (True, True)
    assert (await home.verifier.get_for_session("three")).verification is not None
    home.clock.advance(1)
    with pytest.raises(NotFound):
        await home.verifier.check_in_session("one", code, renewed="four")
    assert (await home.story(sid)).count(EventKind.APPROVED) == 1


async def test_the_old_cookie_with_another_code_gets_nothing_ever(home: Home) -> None:
    _, code = await home.texted_code(session="one")
    await home.verifier.check_in_session("one", code, renewed="two")
    for typed in (wrong(code), code):
        with pytest.raises(NotFound):
            await home.verifier.check_in_session("one", typed, renewed="three")
    assert await home.verifier.get_for_session("three") == State()


async def test_another_browser_sees_nothing_of_this_one(home: Home) -> None:
    await home.texted_code(session="one")
    assert await home.verifier.get_for_session("two") == State()


async def test_two_browsers_have_two_verifications_and_neither_finishes_the_others(home: Home) -> None:
    sid, code = await home.texted_code(session="one", username="ada")
    other, other_code = await home.texted_code(session="two", username="bob", number=OTHER_NUMBER.e164)
    assert not (await home.verifier.check_in_session("two", code, renewed="x")).valid
    assert (await home.verifier.check_in_session("one", code, renewed="y")).verification.sid == sid
    assert not (await home.verifier.check(other, other_code)).valid


async def test_a_browser_sees_that_its_time_is_over_before_anybody_has_written_it(home: Home) -> None:
    sid, _ = await home.texted_code(session="one")
    home.clock.advance(300)
    seen = (await home.verifier.get_for_session("one")).verification
    assert seen is not None
    assert seen.status is VerificationStatus.EXPIRED
    assert (await home.verification(sid)).status is VerificationStatus.PENDING


async def test_a_session_is_over_at_its_time(home: Home) -> None:
    await home.texted_code(session="one")
    home.clock.advance(DEFAULT_POLICY.session_lifetime - 1)
    assert (await home.verifier.get_for_session("one")).session is not None
    home.clock.advance(1)
    assert await home.verifier.get_for_session("one") == State()


async def test_the_waiting_time_counts_down_to_zero(home: Home) -> None:
    await home.texted_code(session="one")
    state = await home.verifier.get_for_session("one")
    assert home.verifier.next_delivery_wait(state) == 30
    home.clock.advance(30)
    assert home.verifier.next_delivery_wait(state) == 0


async def test_a_session_is_known_by_its_id_only(home: Home) -> None:
    await home.texted_code(session="one")
    assert (await home.verifier.store.read(BySession("two"))).session is None


# ------------------------------------------------------------------------------------------------ endings


async def test_cancel_kills_the_code_and_the_call(home: Home) -> None:
    sid = (await home.start()).verification.sid
    code = await home.pass_the_gate(home.provider.calls[0][0])
    assert (await home.verifier.cancel(sid)).status is VerificationStatus.CANCELED
    assert home.provider.hung_up == ["CA1"]
    assert not (await home.verifier.check(sid, code)).valid
    with pytest.raises(NotPending):
        await home.verifier.cancel(sid)
    with pytest.raises(NotPending):
        await home.verifier.resend(sid, CALL)


async def _approve(home: Home, sid: str, code: str) -> None:
    await home.verifier.check(sid, code)


async def _fail(home: Home, sid: str, code: str) -> None:
    await home.verifier.check(sid, wrong(code))


async def _cancel(home: Home, sid: str, code: str) -> None:
    await home.verifier.cancel(sid)


async def _replace(home: Home, sid: str, code: str) -> None:
    await home.start(SMS)


async def _report(home: Home, sid: str, code: str) -> None:
    await home.hear(home.provider.calls[0][0], "0")


async def _stop(home: Home, sid: str, code: str) -> None:
    await home.hear(home.provider.calls[0][0], "9")


async def _check_late(home: Home, sid: str, code: str) -> None:
    home.clock.advance(300)
    await home.verifier.check(sid, code)


async def _sweep_late(home: Home, sid: str, code: str) -> None:
    home.clock.advance(300)
    await home.verifier.sweep()


@pytest.mark.parametrize(
    "end", [_approve, _fail, _cancel, _replace, _report, _stop, _check_late, _sweep_late], ids=lambda end: end.__name__
)
async def test_after_any_end_there_is_no_seed_no_code_and_no_way_back(
    home: Home, end: Callable[[Home, str, str], Awaitable[None]]
) -> None:
    sid = (await home.start()).verification.sid
    delivery = home.provider.calls[0][0]
    code = await home.pass_the_gate(delivery)
    await end(home, sid, code)
    over = await home.verification(sid)
    assert over.status.final
    assert over.seed is None
    assert not (await home.verifier.check(sid, code)).valid
    for digits in (None, "1", "2", "3", "4", ""):
        assert (await home.hear(delivery, digits)).line == End(Ending.NOT_NEEDED)
    await home.verifier.on_status(delivery, provider_sid="CA1", status=DeliveryStatus.ANSWERED)
    assert await home.verification(sid) == over
