"""Budgets: unconfirmed sends, ranges of numbers, countries of a source, minutes and money."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from saycode.storage.store import SqliteStore
from saycode.testing import build_verifier
from tests.support.fakes import ManualClock, RecordingProvider, SeededRandomness
from verification.counters.rules import Budget, Ceiling, Limit, Price, Rule
from verification.errors import BudgetSpent, LimitReached, NotReached
from verification.flow.start import StartRequest, StartResult
from verification.models import BUILT_IN_SERVICE, Event, EventKind
from verification.policy import SIGN_IN, Policy
from verification.ports import Rejected
from verification.types import Channel, DeliveryStatus, Scope
from verification.values.phone_numbers import parse
from verification.verifier import Verifier

SECRET = b"a key of the tests, and 32 bytes long"
DAY, HOUR = 86400, 3600
PER_DAY, PER_HOUR = Budget(count=20, percent=30, seconds=DAY), Budget(count=3, percent=20, seconds=HOUR)
COUNTRIES = frozenset({"US", "CA", "GB", "DE", "FR"})


@dataclass(slots=True)
class BudgetSetup:
    """Every start has its own account and source; `events` are the audit events."""

    store: SqliteStore
    events: list[Event]
    clock: ManualClock = field(default_factory=ManualClock)
    provider: RecordingProvider = field(default_factory=RecordingProvider)
    randomness: SeededRandomness = field(default_factory=SeededRandomness)
    people: int = 0

    def verifier_with(self, *rules: tuple[Scope, tuple[Rule, ...]], enforce: bool = True, **more: object) -> Verifier:
        return build_verifier(
            self.store,
            provider=self.provider,
            clock=self.clock,
            randomness=self.randomness,
            policy=Policy(repeat_spacing=(), limits=rules, enforce=enforce, countries=COUNTRIES, **more),  # type: ignore[arg-type]  # its own fields
            secrets=(SECRET,),
        )

    async def start(
        self, verifier: Verifier, number: str = "", *, source: str = "", channel: Channel = Channel.SMS
    ) -> StartResult:
        self.people += 1
        return await verifier.start(
            StartRequest(
                username=f"user {self.people}",
                number=parse(number or f"+1415555{self.people:04}"),
                channel=channel,
                action=SIGN_IN,
                language="en-US",
                service=BUILT_IN_SERVICE,
                source=source or f"192.0.2.{self.people % 250}",
            )
        )

    async def confirm(self, verifier: Verifier, number: str = "", **changes: str) -> None:
        planned = await self.start(verifier, number, **changes)  # type: ignore[arg-type]  # its own keywords
        assert (await verifier.check(planned.verification.sid, self.provider.texts[-1].code)).valid

    @property
    def alerts(self) -> list[str]:
        return [event.detail for event in self.events if event.kind is EventKind.ALERT]


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[BudgetSetup]:
    events: list[Event] = []
    async with SqliteStore.open(tmp_path / "brake.db", secrets=(SECRET,), on_events=events.extend) as store:
        yield BudgetSetup(store, events)


@pytest.mark.parametrize("scope", [Scope.PREFIX, Scope.COUNTRY, Scope.SOURCE])
async def test_the_twenty_first_unconfirmed_send_of_a_day_is_refused(setup: BudgetSetup, scope: Scope) -> None:
    """3.8 Unfinished codes are the alarm: 25 unconfirmed sends in one prefix are refused from the 21st on."""
    verifier = setup.verifier_with((scope, (PER_DAY,)))
    for _ in range(20):
        await setup.start(verifier, source="192.0.2.1")
    for _ in range(5):
        with pytest.raises(LimitReached) as refused:
            await setup.start(verifier, source="192.0.2.1")
        assert refused.value.scope is scope
        assert isinstance(refused.value, BudgetSpent) is (scope is not Scope.SOURCE)
        assert refused.value.wait == pytest.approx(DAY, abs=DAY / 60 + 1)
    setup.clock.advance(DAY + DAY / 60)
    await setup.start(verifier, source="192.0.2.1")


async def test_with_a_hundred_confirmed_thirty_more_pass_and_the_next_does_not(setup: BudgetSetup) -> None:
    """3.8 Unfinished codes are the alarm: the larger of 20 and 30 % of what was confirmed the same day."""
    verifier = setup.verifier_with((Scope.PREFIX, (PER_DAY,)))
    for _ in range(100):
        await setup.confirm(verifier)
    for _ in range(30):
        await setup.start(verifier)
    with pytest.raises(BudgetSpent):
        await setup.start(verifier)
    await setup.start(verifier, "+12125550100")


async def test_the_fourth_in_an_hour_is_refused_for_a_fresh_prefix(setup: BudgetSetup) -> None:
    """3.8 Unfinished codes are the alarm: 3 per hour at least."""
    verifier = setup.verifier_with((Scope.PREFIX, (PER_HOUR, PER_DAY)))
    for _ in range(3):
        await setup.start(verifier)
    with pytest.raises(BudgetSpent):
        await setup.start(verifier)
    setup.clock.advance(HOUR + HOUR / 60)
    await setup.start(verifier)


async def test_an_impatient_person_counts_once(setup: BudgetSetup) -> None:
    """A number counts once in the window of a budget, however often it is sent to, and again after that."""
    verifier = setup.verifier_with((Scope.PREFIX, (PER_HOUR,)), (Scope.SOURCE, (PER_HOUR,)))
    for _ in range(3):
        for _ in range(6):
            await setup.start(verifier, "+14155550101", source="192.0.2.1")
        await setup.start(verifier, "+14155550102", source="192.0.2.1")
        await setup.start(verifier, "+14155550103", source="192.0.2.1")
        with pytest.raises(LimitReached):
            await setup.start(verifier, "+14155550104", source="192.0.2.1")
        setup.clock.advance(HOUR + HOUR / 60)


async def test_who_confirms_after_a_wrong_code_is_counted_for_neither(setup: BudgetSetup) -> None:
    verifier = setup.verifier_with((Scope.COUNTRY, (PER_HOUR,)))
    for n in range(8):
        wrong = await setup.start(verifier, f"+1415555{n:04}")
        assert not (await verifier.check(wrong.verification.sid, "1")).valid
        setup.clock.advance(60)
        await setup.confirm(verifier, f"+1415555{n:04}")


async def test_a_late_confirmation_frees_the_budget(setup: BudgetSetup) -> None:
    verifier = setup.verifier_with((Scope.COUNTRY, (PER_HOUR,)))
    first = await setup.start(verifier)
    code = setup.provider.texts[-1].code
    for _ in range(2):
        await setup.start(verifier)
    with pytest.raises(BudgetSpent):
        await setup.start(verifier)
    setup.clock.advance(200)
    assert (await verifier.check(first.verification.sid, code)).valid
    await setup.start(verifier)


async def test_a_send_that_never_left_is_refunded_to_the_budget(setup: BudgetSetup) -> None:
    verifier = setup.verifier_with((Scope.COUNTRY, (PER_HOUR,)))
    for _ in range(5):
        setup.provider.script.append(Rejected(permanent=False, code=None))
        with pytest.raises(NotReached):
            await setup.start(verifier)
    for _ in range(3):
        await setup.start(verifier)
    with pytest.raises(BudgetSpent):
        await setup.start(verifier)


async def test_the_operator_is_alerted_once_of_each_spent_budget(setup: BudgetSetup) -> None:
    """3.7 Spending has a ceiling: a distinct refusal and an alert; running ones finish."""
    verifier = setup.verifier_with((Scope.TOTAL, (Limit(count=20, seconds=HOUR),)))
    running = await setup.start(verifier)
    code = setup.provider.texts[-1].code
    for _ in range(19):
        await setup.start(verifier)
    for _ in range(10):
        with pytest.raises(BudgetSpent):
            await setup.start(verifier)
    assert setup.alerts == ["limit total 20/1h, US"]
    assert setup.provider.asked == 20
    assert (await verifier.check(running.verification.sid, code)).valid
    setup.clock.advance(HOUR)
    for _ in range(20):
        await setup.start(verifier)
    with pytest.raises(BudgetSpent):
        await setup.start(verifier)
    assert len(setup.alerts) == 2


async def test_a_source_reaches_three_countries_in_a_day_and_no_fourth(setup: BudgetSetup) -> None:
    verifier = setup.verifier_with((Scope.COUNTRIES, (Limit(count=3, seconds=DAY),)))
    numbers = ["+14155550100", "+442079460123", "+493012345678"]
    for number in (*numbers, *numbers):
        await setup.start(verifier, number, source="192.0.2.1")
    with pytest.raises(LimitReached) as refused:
        await setup.start(verifier, "+33142685300", source="192.0.2.1")
    assert refused.value.scope is Scope.COUNTRIES
    assert refused.value.wait == pytest.approx(DAY)
    await setup.start(verifier, "+33142685300", source="192.0.2.2")
    setup.clock.advance(DAY)
    await setup.start(verifier, "+33142685300", source="192.0.2.1")


async def test_a_run_of_neighbouring_numbers_is_stopped_and_one_number_or_a_confirmed_one_is_no_run(
    setup: BudgetSetup,
) -> None:
    verifier = setup.verifier_with((Scope.NEIGHBOURS, (Limit(count=5, seconds=HOUR),)))
    for last in range(5):
        await setup.start(verifier, f"+141555501{last:02}")
        await setup.start(verifier, f"+141555501{last:02}")
    with pytest.raises(BudgetSpent) as refused:
        await setup.start(verifier, "+14155550106")
    assert refused.value.scope is Scope.NEIGHBOURS
    await setup.start(verifier, "+14155550206")
    await setup.confirm(verifier, "+14155550100")
    await setup.start(verifier, "+14155550106")


async def test_minutes_have_a_ceiling_and_unused_minutes_are_refunded(setup: BudgetSetup) -> None:
    """3.7 Spending has a ceiling: a call is counted as five minutes until it has ended."""
    verifier = setup.verifier_with((Scope.MINUTES, (Ceiling(amount=8, seconds=DAY),)))
    for number, seconds, status in (
        ("+14155550101", 30, DeliveryStatus.COMPLETED),
        ("+14155550102", None, DeliveryStatus.BUSY),
        ("+14155550103", 61, DeliveryStatus.COMPLETED),
    ):
        planned = await setup.start(verifier, number, channel=Channel.CALL)
        assert planned.delivery is not None
        sid = f"CA{setup.provider.asked}"
        for _ in range(2):
            await verifier.on_status(planned.delivery.sid, provider_sid=sid, status=status, seconds=seconds)
    await setup.start(verifier, "+14155550104", channel=Channel.CALL)
    with pytest.raises(BudgetSpent) as refused:
        await setup.start(verifier, "+14155550105", channel=Channel.CALL)
    assert refused.value.scope is Scope.MINUTES
    await setup.start(verifier, "+14155550105", channel=Channel.SMS)


async def test_money_has_a_ceiling_and_what_has_no_price_costs_none(setup: BudgetSetup) -> None:
    """3.7 Spending has a ceiling: prices from the operator's table, with a rest for all other countries."""
    prices = {"US": Price(minute=100, text=80), "DE": Price(minute=900, text=700)}
    verifier = setup.verifier_with((Scope.MONEY, (Ceiling(amount=1300, seconds=DAY),)), prices=prices)
    await setup.start(verifier, "+493012345678")
    await setup.start(verifier, "+14155550101", channel=Channel.CALL)
    with pytest.raises(BudgetSpent):
        await setup.start(verifier, "+14155550102", channel=Channel.CALL)
    await setup.start(verifier, "+14155550102")
    await setup.start(verifier, "+442079460123", channel=Channel.CALL)
    dear = setup.verifier_with(
        (Scope.MONEY, (Ceiling(amount=1300, seconds=DAY),)), prices={**prices, "*": Price(500, 500)}
    )
    with pytest.raises(BudgetSpent):
        await setup.start(dear, "+442079460124")


async def test_watch_mode_admits_over_a_spent_budget_and_records_the_denial(setup: BudgetSetup) -> None:
    verifier = setup.verifier_with((Scope.PREFIX, (PER_HOUR,)), enforce=False)
    for _ in range(6):
        await setup.start(verifier)
    watched = [event.detail for event in setup.events if event.kind is EventKind.LIMIT_WATCHED]
    assert watched == ["limit prefix"] * 3
    assert len(setup.alerts) == 1
