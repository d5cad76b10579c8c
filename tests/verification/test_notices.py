"""The notice that a number was changed arrives: tried until the provider takes it, and never sent twice."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from saycode.storage.store import SqlStore
from saycode.testing import build_verifier
from tests.support.engine import open_store
from tests.support.fakes import ManualClock, RecordingProvider, SeededRandomness
from tests.support.records import KEYS, NUMBER
from tests.support.store import SECRETS
from tests.verification.test_accounts import ADA, THIRD
from verification.accounts import Accounts
from verification.flow.notices import LEASE
from verification.models import BUILT_IN_SERVICE, Notice
from verification.policy import DEFAULT_POLICY
from verification.ports import Accepted, ByNotices, Outcome, Rejected, Unclear
from verification.types import Channel

BUSY = Rejected(permanent=False, code=None)


@dataclass
class InterruptedProvider(RecordingProvider):
    """Something happens while it is asked."""

    during: Callable[[], Awaitable[object]] | None = None

    async def notify(self, notice: Notice) -> Outcome:
        if self.during is not None:
            await self.during()
        return await super().notify(notice)


class Setup:
    """An account whose number was just changed."""

    def __init__(self, store: SqlStore) -> None:
        self.store, self.clock, self.provider = store, ManualClock(), InterruptedProvider()
        verifier = build_verifier(
            store,
            provider=self.provider,
            clock=self.clock,
            randomness=SeededRandomness(1),
            policy=DEFAULT_POLICY,
            secrets=KEYS.secrets,
        )
        self.accounts = Accounts(verifier)

    async def change(self, *script: Outcome) -> None:
        await self.accounts.put(ADA)
        await self.accounts.replace_number(BUILT_IN_SERVICE, "ada", old=NUMBER, new=THIRD)
        self.provider.script.extend(script)

    async def wait(self, seconds: float, *, step: float = 5) -> int:
        """Let the service run for so long. The number of notices that were sent, or tried, in that time."""
        before = len(self.provider.notices)
        for _ in range(int(seconds / step)):
            await self.accounts.send_notices()
            self.clock.advance(step)
        return len(self.provider.notices) - before

    async def left(self) -> int:
        return len((await self.store.read(ByNotices(10))).notices)

    async def outcomes(self) -> list[str]:
        entries = await self.store.query(lambda conn: list(self.store.audit_log.entries(conn)))
        return [entry.detail.rpartition("00 ")[2] for entry in entries if entry.kind == "number-change-told"]


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[Setup]:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        yield Setup(store)


async def test_a_notice_that_is_refused_for_now_is_tried_again_until_it_is_taken(setup: Setup) -> None:
    await setup.change(BUSY, BUSY, BUSY)
    assert await setup.wait(600) == 4
    assert (await setup.left(), await setup.wait(3600)) == (0, 0)
    assert {notice.channel for notice in setup.provider.notices} == {Channel.SMS}
    assert await setup.outcomes() == ["postponed", "accepted"]


async def test_a_notice_is_tried_for_a_day_and_ever_more_slowly(setup: Setup) -> None:
    await setup.change(*[BUSY] * 1000)
    assert 10 <= await setup.wait(3 * 3600, step=30) <= 20
    assert 40 <= await setup.wait(22 * 3600, step=30) <= 50
    assert (await setup.left(), await setup.outcomes()) == (0, ["postponed", "given up"])


async def test_a_service_that_was_down_for_days_still_sends_it(setup: Setup) -> None:
    await setup.change()
    setup.clock.advance(5 * 86_400)
    assert (await setup.wait(10), await setup.outcomes()) == (1, ["accepted"])


async def test_after_an_unclear_answer_it_is_sent_again_only_when_twilio_has_no_record_of_it(setup: Setup) -> None:
    await setup.change(Unclear("time-out"))
    setup.provider.found = None
    assert await setup.wait(600) == 1, "Twilio does not say"
    assert setup.provider.looked_up
    setup.provider.found = Rejected(permanent=False, code=None)
    assert await setup.wait(600) == 1, "it has no record"
    assert (await setup.left(), await setup.outcomes()) == (0, ["unclear", "accepted"])


async def test_an_unclear_notice_that_never_clears_is_given_up_unsent(setup: Setup) -> None:
    await setup.change(Unclear("time-out"))
    setup.provider.found = None
    assert await setup.wait(26 * 3600, step=30) == 1
    assert (await setup.left(), await setup.outcomes()) == (0, ["unclear", "unclear"])


async def test_a_crash_while_it_is_sent_does_not_send_it_twice(setup: Setup) -> None:
    await setup.change()

    async def end_process() -> None:
        raise KeyError("the process ended")

    setup.provider.during = end_process
    with pytest.raises(KeyError):
        await setup.accounts.send_notices()
    setup.provider.during, setup.provider.found = None, None
    assert await setup.wait(LEASE + 600) == 0


async def test_two_workers_send_it_once(setup: Setup, tmp_path: Path) -> None:
    await setup.change()
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        other = Setup(store)
        other.clock.seconds = setup.clock.seconds
        await setup.accounts.send_notices()
        await other.accounts.send_notices()
    assert len(setup.provider.notices) + len(other.provider.notices) == 1


async def test_a_call_that_replaces_a_refused_text_is_tried_again_too(setup: Setup) -> None:
    await setup.change(Rejected(permanent=True, code=21614), BUSY, Accepted("CA1"))
    await setup.wait(600)
    assert [notice.channel for notice in setup.provider.notices] == [Channel.SMS, Channel.CALL, Channel.CALL]
    assert await setup.outcomes() == ["refused", "accepted"]


async def test_a_phone_that_has_opted_out_is_not_called_either(setup: Setup) -> None:
    await setup.change(Rejected(permanent=True, code=21610, opted_out=True))
    assert (await setup.wait(600), await setup.outcomes()) == (1, ["refused"])


async def test_a_notice_that_was_erased_meanwhile_does_not_come_back(setup: Setup) -> None:
    await setup.change(BUSY)
    setup.provider.during = lambda: setup.store.write(lambda conn: conn.execute("DELETE FROM notices").rowcount)
    await setup.accounts.send_notices()
    setup.provider.during = None
    assert (await setup.left(), await setup.wait(600)) == (0, 0)
