"""A decision is asked once on the usual ways: its query names every counter that it reads."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest
from msgspec.structs import replace

from tests.support.records import wrong
from tests.support.verifier import CALL, SMS, VerifierSetup
from verification.counters.rules import Limit
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE, State
from verification.policy import DEFAULT_POLICY, LENIENT_POLICY, SIGN_IN, Policy
from verification.ports import Changes, Query, Store
from verification.types import Scope, VerificationStatus
from verification.values.phone_numbers import parse

V = TypeVar("V")


class AskedOnce:
    """The store of a worker, which knows how often each decision was asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked: list[int] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        asked = 0

        def counted(state: State) -> Changes[V]:
            nonlocal asked
            asked += 1
            return decide(state)

        try:
            return await self._store.apply(query, counted)
        finally:
            self.asked.append(asked)


def watched(setup: VerifierSetup) -> AskedOnce:
    store = AskedOnce(setup.verifier.store)
    setup.workers[-1] = replace(setup.verifier, store=store)
    return store


def wanted(user: int, source: str) -> StartRequest:
    return StartRequest(
        username=f"user{user}",
        number=parse(f"+1415555{user:04}"),
        channel=SMS,
        action=SIGN_IN,
        language="en-US",
        service=BUILT_IN_SERVICE,
        source=source,
    )


NARROW = replace(DEFAULT_POLICY, limits=((Scope.NUMBER, (Limit(count=3, seconds=600),)),))


@pytest.mark.parametrize("policy", [DEFAULT_POLICY, LENIENT_POLICY, NARROW], ids=["default", "lenient", "narrow"])
@pytest.mark.parametrize("source", ["", "192.0.2.1"])
async def test_starts_resends_and_checks_are_asked_once(setup: VerifierSetup, policy: Policy, source: str) -> None:
    setup.use_policy(policy)
    store = watched(setup)
    started = await asyncio.gather(*[setup.verifier.start(wanted(n, source)) for n in range(100, 108)])
    codes = {text.delivery: text.code for text in setup.provider.texts}
    setup.clock.advance(120)
    await setup.verifier.resend(started[0].verification.sid, CALL)
    for n, result in enumerate(started):
        assert result.delivery is not None
        code = codes[result.delivery.sid]
        await setup.verifier.check(result.verification.sid, code if n % 2 else wrong(code))
    assert store.asked == [1] * len(store.asked)
    assert len(store.asked) == 2 * 8 + 2 + 8


async def test_a_start_that_ends_an_older_one_reads_more_and_is_asked_again(setup: VerifierSetup) -> None:
    store = watched(setup)
    older = await setup.start(SMS)
    setup.clock.advance(100)
    await setup.start(SMS)
    assert store.asked == [1, 1, 2, 1]
    assert (await setup.verification(older.verification.sid)).status is VerificationStatus.CANCELED
