"""The contract of every store, tested through the port. Every implementation is in OPENERS."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from saycode.storage.store import SqlStore
from tests.support.store import (
    NUMBER,
    OPENERS,
    OTHER_NUMBER,
    Opener,
    account,
    change,
    count,
    count_elsewhere,
    database_of,
    delivery,
    event,
    in_two_processes,
    postgresql,
    put,
    session,
    verification,
)
from verification.errors import Unavailable
from verification.models import CallStage, EventKind, Progress, State, Verification
from verification.ports import ByDelivery, ByNumber, BySession, ByVerification, ChangeFeed, Changes, Query, Store
from verification.types import Channel, DeliveryStatus, VerificationStatus
from verification.values.phone_numbers import PhoneNumber
from verification.values.references import sids

ENDED = verification(expires_at=1100.0, status=VerificationStatus.APPROVED, seed=None)


@pytest.fixture(params=OPENERS, ids=lambda opener: opener.__name__)
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    chosen: Opener = request.param
    if chosen is not postgresql:
        yield chosen
        return
    with database_of(tmp_path, request.getfixturevalue("postgresql")):
        yield chosen


@pytest.fixture
async def store(opener: Opener, tmp_path: Path) -> AsyncIterator[Store]:
    async with opener(tmp_path) as opened:
        yield opened


FIRST = verification()
QUERIES = (
    ByVerification(FIRST.sid),
    ByDelivery(delivery().sid),
    BySession("browser"),
    ByNumber(NUMBER),
    account(FIRST),
)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: type(query).__name__)
async def test_an_empty_store_returns_an_empty_state(store: Store, query: Query) -> None:
    assert await store.read(query) == State()


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: type(query).__name__)
async def test_a_decision_is_found_by_every_query(store: Store, query: Query) -> None:
    browser = session()
    await put(store, verifications=(FIRST,), deliveries=(delivery(),), sessions=(browser,))
    seen = browser if isinstance(query, BySession) else None
    assert await store.read(query) == State(verification=FIRST, deliveries=(delivery(),), session=seen)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: type(query).__name__)
async def test_a_decision_gets_the_state_that_a_read_returns(store: Store, query: Query) -> None:
    await put(store, verifications=(FIRST,), deliveries=(delivery(),), sessions=(session(),))
    state_of_decision = await store.apply(query, lambda state: Changes(result=state))
    assert state_of_decision == await store.read(query)


@pytest.mark.parametrize("odd", ["\0", "VE\0", "x" * 70_000, "'; --"], ids=ascii)
async def test_a_name_that_no_row_can_have_finds_nothing_and_disturbs_no_other(store: Store, odd: str) -> None:
    await put(store, verifications=(FIRST,), deliveries=(delivery(),), sessions=(session(),))
    strange = (ByVerification(odd), ByDelivery(odd), BySession(odd), replace(account(FIRST), session=odd))
    for query in (*strange, ByVerification(FIRST.sid, session=odd)):
        found = await store.read(query)
        assert found.session is None
        decided = [
            store.apply(asked, lambda state: Changes(result=state)) for asked in (query, ByVerification(FIRST.sid))
        ]
        here, other = await asyncio.gather(*decided)
        assert (here, other.verification) == (found, FIRST)
    assert (await store.read(strange[0])) == State()
    assert await store.events(odd) == []


async def test_every_field_of_a_verification_survives(store: Store) -> None:
    full = verification(
        service="VA" + "a" * 32,
        account="ａcme \N{SNOWMAN}",
        username="Äcme \N{SNOWMAN} O'Neill; DROP TABLE",
        action="change-billing",
        number=PhoneNumber("+442079460123", "GG", "0012"),
        language="de-AT",
        status=VerificationStatus.APPROVED,
        seed=None,
        key_id="fedc9876",
        code_length=10,
        max_checks=5,
        checks=3,
        created_at=1700000000.125,
        expires_at=1700000300.25,
        ended_at=1700000100.5,
        sealed_code="0042000042",
    )
    await put(store, verifications=(full,))
    assert (await store.read(ByVerification(full.sid))).verification == full


async def test_every_field_of_a_delivery_survives(store: Store) -> None:
    full = delivery(
        channel=Channel.SMS,
        status=DeliveryStatus.UNDELIVERED,
        updated_at=1010.5,
        provider_sid="SM" + "b" * 32,
        error=30003,
        stage=CallStage.SLOWLY,
        progress=Progress.HEARD,
        tries=1,
        silences=2,
        position=4,
        keys="07",
    )
    await put(store, verifications=(FIRST,), deliveries=(full,))
    assert (await store.read(ByDelivery(full.sid))).deliveries == (full,)


async def test_every_field_of_a_session_survives(store: Store) -> None:
    full = session(channel=Channel.SMS, approved=True, replaced_at=1200.5, answer=b"\0proof")
    await put(store, verifications=(FIRST,), sessions=(full,))
    assert (await store.read(BySession(full.id))).session == full


async def test_the_seed_is_removed_when_the_verification_ends(store: Store) -> None:
    await put(store, verifications=(FIRST,))
    await change(store, status=VerificationStatus.CANCELED, seed=None, ended_at=1100.0)
    ended = (await store.read(ByVerification(FIRST.sid))).verification
    assert ended == replace(FIRST, status=VerificationStatus.CANCELED, seed=None, ended_at=1100.0)


async def test_a_delivery_is_replaced_by_its_next_state(store: Store) -> None:
    await put(store, verifications=(FIRST,), deliveries=(delivery(), delivery(2)))
    rung = delivery(status=DeliveryStatus.RINGING, provider_sid="CA" + "c" * 32, updated_at=1002.0)
    await store.apply(ByDelivery(rung.sid), lambda _: Changes(result=None, deliveries=(rung,)))
    assert (await store.read(ByDelivery(rung.sid))).deliveries == (rung, delivery(2))


async def test_a_session_is_replaced_by_its_next_state(store: Store) -> None:
    await put(store, verifications=(FIRST, verification(2)), sessions=(session(),))
    await put(store, sessions=(session(of=2, approved=True),))
    state = await store.read(BySession("browser"))
    assert (state.session, state.verification) == (session(of=2, approved=True), verification(2))


async def test_deliveries_come_in_the_order_in_which_they_were_planned(store: Store) -> None:
    sids = (7, 3, 9, 1)
    await put(store, verifications=(FIRST, verification(2)), deliveries=(delivery(100, of=2),))
    for n in sids:
        await put(store, deliveries=(delivery(n, created_at=1000.0 - n),))
    await store.apply(
        ByDelivery(delivery(3).sid),
        lambda _: Changes(result=None, deliveries=(delivery(3, status=DeliveryStatus.QUEUED),)),
    )
    state = await store.read(ByVerification(FIRST.sid))
    assert [d.sid for d in state.deliveries] == [delivery(n).sid for n in sids]


async def test_a_decision_that_raises_has_written_nothing(store: Store) -> None:
    await put(store, verifications=(FIRST,))

    def decide(state: State) -> Changes[None]:
        raise ZeroDivisionError("the reason")

    with pytest.raises(ZeroDivisionError, match="the reason"):
        await store.apply(ByVerification(FIRST.sid), decide)
    assert await store.read(ByVerification(FIRST.sid)) == State(verification=FIRST)


async def test_a_decision_that_raises_does_not_affect_others(store: Store) -> None:
    def start(n: int) -> Changes[int]:
        if n % 7 == 3:
            raise ValueError(n)
        return Changes(result=n, verifications=(verification(n),))

    async def ask(n: int) -> int | None:
        with contextlib.suppress(ValueError):
            return await store.apply(account(verification(n)), lambda _: start(n))
        return None

    verdicts = await asyncio.gather(*(ask(n) for n in range(40)))
    kept = [n for n in range(40) if (await store.read(ByVerification(verification(n).sid))).verification]
    assert kept == [n for n in range(40) if n % 7 != 3]
    assert [n for n in verdicts if n is not None] == kept


async def test_a_hundred_concurrent_decisions_count_to_exactly_a_hundred(store: Store) -> None:
    await put(store, verifications=(FIRST,))
    verdicts = await asyncio.gather(*(store.apply(ByVerification(FIRST.sid), count) for _ in range(100)))
    assert sorted(verdicts) == list(range(1, 101))
    assert (await store.read(ByVerification(FIRST.sid))).verification == replace(FIRST, checks=100)


def test_two_workers_count_to_exactly_the_sum(opener: Opener, tmp_path: Path) -> None:
    async def begin() -> None:
        async with opener(tmp_path) as store:
            await put(store, verifications=(FIRST,))

    async def end() -> Verification | None:
        async with opener(tmp_path) as store:
            return (await store.read(ByVerification(FIRST.sid))).verification

    asyncio.run(begin())
    first, second = in_two_processes(count_elsewhere, opener, tmp_path, 100)
    assert sorted(first + second) == list(range(1, 201))
    assert asyncio.run(end()) == replace(FIRST, checks=200)


async def test_a_worker_sees_at_once_what_another_has_committed(opener: Opener, tmp_path: Path) -> None:
    async with opener(tmp_path) as first, opener(tmp_path) as other:
        await put(first, verifications=(FIRST,))
        assert (await other.read(ByVerification(FIRST.sid))).verification == FIRST


async def test_everything_is_there_after_a_restart(opener: Opener, tmp_path: Path) -> None:
    async with opener(tmp_path) as store:
        await put(store, verifications=(FIRST,), deliveries=(delivery(),), suppress=(NUMBER,), events=(event(),))
    async with opener(tmp_path) as store:
        state = await store.read(ByDelivery(delivery().sid))
        assert state == State(verification=FIRST, deliveries=(delivery(),), suppressed=True)
        assert await store.events(FIRST.sid) == [event()]


async def test_an_account_has_the_newest_of_its_pending_verifications(store: Store) -> None:
    same = {"account": "acme", "username": "Acme"}
    older, newer, ended = (verification(n, **same) for n in (9, 5, 7))
    for record in (older, newer, replace(ended, status=VerificationStatus.APPROVED, seed=None)):
        await put(store, verifications=(record,))
    assert (await store.read(account(newer))).verification == newer


@pytest.mark.parametrize(
    "other", [{"service": "VA" + "1" * 32}, {"account": "other"}, {"action": "change-billing"}], ids=str
)
async def test_a_verification_belongs_to_its_service_account_and_action(store: Store, other: dict[str, str]) -> None:
    await put(store, verifications=(FIRST,))
    assert (await store.read(account(FIRST, **other))).verification is None


async def test_an_account_is_found_with_any_number_in_the_query(store: Store) -> None:
    await put(store, verifications=(FIRST,), suppress=(OTHER_NUMBER,))
    state = await store.read(account(FIRST, number=OTHER_NUMBER))
    assert state == State(verification=FIRST, suppressed=True)


async def test_a_number_has_its_newest_pending_verification_over_all_services(store: Store) -> None:
    elsewhere = verification(2, service="VA" + "1" * 32)
    ended = verification(3, status=VerificationStatus.EXPIRED, seed=None)
    for record in (FIRST, elsewhere, ended, verification(4, number=OTHER_NUMBER)):
        await put(
            store, verifications=(record,), deliveries=(delivery(int(record.sid[2:], 16), of=int(record.sid[2:], 16)),)
        )
    state = await store.read(ByNumber(NUMBER))
    assert state == State(verification=elsewhere, deliveries=(delivery(2, of=2),), other_call_since=1000.0)


async def test_a_pending_verification_past_its_deadline_is_still_returned(store: Store) -> None:
    late = verification(expires_at=1.0)
    await put(store, verifications=(late,))
    assert (await store.read(account(late))).verification == late


async def test_a_session_is_loaded_with_the_verification_and_the_account(store: Store) -> None:
    await put(store, verifications=(FIRST,), sessions=(session(of=2),))
    assert (await store.read(ByVerification(FIRST.sid, "browser"))).session == session(of=2)
    assert (await store.read(account(FIRST, session="browser"))).session == session(of=2)
    assert (await store.read(ByVerification("VE", "browser"))).session == session(of=2)


async def test_a_session_outlives_its_verification(store: Store) -> None:
    await put(store, sessions=(session(of=99),))
    assert await store.read(BySession("browser")) == State(session=session(of=99))


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: type(query).__name__)
async def test_a_suppressed_number_is_in_every_state_until_it_is_lifted(store: Store, query: Query) -> None:
    await put(store, verifications=(FIRST,), deliveries=(delivery(),), sessions=(session(),))
    await put(store, suppress=(NUMBER, NUMBER, OTHER_NUMBER))
    await put(store, suppress=(NUMBER,))
    assert (await store.read(query)).suppressed is True
    await put(store, lift=(NUMBER,))
    assert (await store.read(query)).suppressed is False
    assert (await store.read(ByNumber(OTHER_NUMBER))).suppressed is True


async def test_a_suppressed_number_is_suppressed_with_every_extension(store: Store) -> None:
    await put(store, suppress=(replace(NUMBER, extension="12"),))
    assert (await store.read(ByNumber(replace(NUMBER, extension="34")))).suppressed is True
    assert (await store.read(ByNumber(NUMBER))).suppressed is True


async def test_a_pending_verification_is_overdue_at_its_deadline(store: Store) -> None:
    await put(store, verifications=(verification(1, expires_at=1200.0), verification(2, expires_at=1200.5)))
    assert await store.overdue(now=1200.0, limit=10) == [FIRST.sid]


async def test_an_ended_verification_is_never_overdue(store: Store) -> None:
    await put(store, verifications=(ENDED,))
    assert await store.overdue(now=1200.0, limit=10) == []


async def test_the_oldest_deadlines_are_overdue_first(store: Store) -> None:
    for n, deadline in ((1, 1190.0), (2, 1150.0), (3, 1120.0)):
        await put(store, verifications=(verification(n, expires_at=deadline),))
    assert await store.overdue(now=1200.0, limit=10) == [verification(n).sid for n in (3, 2, 1)]
    assert await store.overdue(now=1200.0, limit=2) == [verification(n).sid for n in (3, 2)]


async def unsettled(store: Store, *, now: float = 1200.0, limit: int = 10) -> list[str]:
    return await store.unsettled(now=now, patience=60, limit=limit)


@pytest.mark.parametrize("of", [FIRST, ENDED], ids=["pending", "ended"])
@pytest.mark.parametrize("status", DeliveryStatus)
async def test_a_quiet_delivery_is_unsettled_while_it_may_be_live(
    store: Store, status: DeliveryStatus, of: Verification
) -> None:
    await put(store, verifications=(of,), deliveries=(delivery(status=status, updated_at=1100.0),))
    assert await unsettled(store) == ([delivery().sid] if status.live else [])


@pytest.mark.parametrize("status", DeliveryStatus)
async def test_a_delivery_that_changes_is_unsettled_while_it_may_be_live(store: Store, status: DeliveryStatus) -> None:
    await put(store, verifications=(FIRST,), deliveries=(delivery(),))
    changed = delivery(status=status, provider_sid="CA1")
    await store.apply(ByDelivery(changed.sid), lambda _: Changes(result=None, deliveries=(changed,)))
    assert (await store.read(ByDelivery(changed.sid))).deliveries == (changed,)
    assert await unsettled(store) == ([changed.sid] if status.live else [])


async def test_a_delivery_that_changed_lately_is_not_unsettled(store: Store) -> None:
    await put(store, verifications=(FIRST,), deliveries=(delivery(created_at=1140.0, updated_at=1140.5),))
    assert await unsettled(store) == []
    assert await unsettled(store, now=1200.5) == [delivery().sid]


async def test_a_delivery_is_unsettled_less_often_with_age_and_not_forever(store: Store) -> None:
    await put(store, verifications=(FIRST,), deliveries=(delivery(created_at=1000.0, updated_at=1100.0),))
    assert await unsettled(store, now=1199.0) == []
    assert await unsettled(store, now=1200.0) == [delivery().sid]
    assert await unsettled(store, now=1000.0 + 86_400) == [delivery().sid]
    assert await unsettled(store, now=1001.0 + 86_400) == []


async def test_deliveries_with_the_oldest_updates_are_unsettled_first(store: Store) -> None:
    deliveries = [delivery(n, updated_at=at) for n, at in ((1, 1030.0), (2, 1010.0), (3, 1020.0))]
    await put(store, verifications=(FIRST,), deliveries=tuple(deliveries))
    assert await unsettled(store) == [deliveries[n].sid for n in (1, 2, 0)]
    assert await unsettled(store, limit=1) == [deliveries[1].sid]


# The change feed.


async def changes_after(store: Store, mark: int, **rows: Any) -> tuple[int, frozenset[str] | None]:
    """The changes that these rows make, and the mark after them."""
    await put(store, **rows)
    feed = await store.changes_since(mark)
    return feed.mark, feed.about


async def test_the_change_feed_names_a_changed_verification_once_from_any_worker(
    opener: Opener, tmp_path: Path
) -> None:
    async with opener(tmp_path) as store, opener(tmp_path) as other:
        await put(store, verifications=(FIRST, verification(2)), sessions=(session(),))
        mark = (await store.changes_since(None)).mark
        assert (await store.changes_since(mark)).about == frozenset()
        mark, about = await changes_after(other, mark, deliveries=(delivery(of=2),))
        assert about == frozenset({verification(2).sid})
        await change(other, 1, checks=1)
        moved = replace(delivery(of=2), stage=CallStage.READING)
        await store.apply(ByDelivery(moved.sid), lambda _: Changes(result=None, deliveries=(moved,)))
        assert (await store.changes_since(mark)).about == frozenset({FIRST.sid, verification(2).sid})
        mark = (await store.changes_since(mark)).mark
        await store.apply(BySession("browser"), lambda _: Changes(result=None, sessions=(session(of=2),)))
        mark, about = (feed := await store.changes_since(mark)).mark, feed.about
        assert about == frozenset({FIRST.sid}), "this browser shows another verification now"
    async with opener(tmp_path) as store:
        assert (await store.changes_since(mark)).about == frozenset(), "a mark outlives a restart"


async def test_the_change_feed_names_the_pending_verifications_of_a_changed_number(store: Store) -> None:
    others = (verification(3, number=OTHER_NUMBER), verification(4, status=VerificationStatus.CANCELED))
    await put(store, verifications=(FIRST, verification(2), *others))
    mark, about = await changes_after(store, (await store.changes_since(None)).mark, suppress=(NUMBER,))
    assert about == frozenset({FIRST.sid, verification(2).sid})
    await store.apply(ByNumber(NUMBER), lambda _: Changes(result=None, suppress=(NUMBER,)))
    assert await store.changes_since(mark) == ChangeFeed(mark, frozenset())
    assert (await changes_after(store, mark, lift=(NUMBER,)))[1] == about


async def test_an_old_mark_of_the_change_feed_means_that_anything_may_have_changed(store: Store) -> None:
    assert (await store.changes_since(None)).about is None
    mark, about = await changes_after(store, 0, verifications=tuple(verification(n) for n in range(10_001)))
    assert (about, (await store.changes_since(mark)).about) == (None, frozenset())


async def test_the_events_of_a_verification_are_in_order(store: Store) -> None:
    story = [
        event(kind=EventKind.STARTED, at=1003.0, detail="sign-in"),
        event(kind=EventKind.DELIVERY, at=1001.0, delivery=delivery().sid, detail="call queued"),
        event(kind=EventKind.APPROVED, at=1002.0),
    ]
    await put(store, verifications=(FIRST, verification(2)), deliveries=(delivery(),), events=(*story[:2], event(2)))
    await put(store, events=(event(2), story[2]))
    assert await store.events(FIRST.sid) == story


async def test_a_reference_finds_its_verifications_newest_first_and_no_other(store: Store) -> None:
    assert isinstance(store, SqlStore)
    first, last = sids("60430813")
    ours = [first, last, *(f"{first[:10]}{n:024x}" for n in range(1, 20))]
    before, after = sids("60430812")[1], sids("60430814")[0]
    placed = [verification(1, sid=sid, account=sid, created_at=1000.0 + n // 2) for n, sid in enumerate(ours)]
    others = [verification(1, sid=sid, account=sid, created_at=2000.0) for sid in (before, after)]
    await put(store, verifications=(*placed, *others))
    assert await store.of_reference("60430813") == ours[:0:-1]
    assert await store.of_reference("60430814") == [after]
    assert await store.of_reference("00000000") == []


async def test_the_reference_of_a_delivery_finds_its_verification(store: Store) -> None:
    assert isinstance(store, SqlStore)
    sent = delivery(1, of=1, sid=sids("60430813", "VL")[1])
    shared = verification(3, sid=sids("60430813")[0], created_at=999.0)
    await put(store, verifications=(verification(1), verification(2), shared), deliveries=(sent, delivery(2, of=2)))
    assert await store.of_reference("60430813") == [f"VE{1:032x}", shared.sid]


async def test_an_event_needs_no_verification(store: Store) -> None:
    await put(store, events=(event(kind=EventKind.LIFTED, verification="", detail="•••• 00"),))
    assert await store.events("") == []


async def test_a_canceled_request_does_not_affect_others(store: Store) -> None:
    await put(store, verifications=(FIRST,))
    asking = [asyncio.create_task(store.apply(ByVerification(FIRST.sid), count)) for _ in range(20)]
    await asyncio.sleep(0)
    for task in asking[::2]:
        task.cancel()
    counts = [answer for answer in await asyncio.gather(*asking, return_exceptions=True) if isinstance(answer, int)]
    assert len(counts) == len(set(counts)) == 10
    assert await store.apply(ByVerification(FIRST.sid), count) == 21


async def test_work_that_was_submitted_before_closing_is_committed(opener: Opener, tmp_path: Path) -> None:
    async with opener(tmp_path) as store:
        await put(store, verifications=(FIRST,))
        asking = [asyncio.create_task(store.apply(ByVerification(FIRST.sid), count)) for _ in range(20)]
        await asyncio.sleep(0)
    assert await asyncio.gather(*asking) == list(range(1, 21))
    async with opener(tmp_path) as store:
        assert (await store.read(ByVerification(FIRST.sid))).verification == replace(FIRST, checks=20)


async def test_a_closed_store_is_unavailable(opener: Opener, tmp_path: Path) -> None:
    async with opener(tmp_path) as store:
        pass
    with pytest.raises(Unavailable):
        await store.apply(ByVerification(FIRST.sid), lambda _: Changes(result=None))
    with pytest.raises(Unavailable):
        await store.read(ByVerification(FIRST.sid))
