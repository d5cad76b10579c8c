"""Budgets: unconfirmed sends, ranges of numbers, countries of a source, minutes and money."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from saycode.config.loader import load
from saycode.config.policy import build_limits
from saycode.config.settings import Settings
from saycode.storage.store import SqlStore
from saycode.testing import build_verifier
from tests.support.engine import open_store
from tests.support.fakes import ManualClock, RecordingProvider, SeededRandomness
from tests.support.keys import KEY
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
PER_DAY, PER_HOUR = Budget(count=20, percent=30, seconds=DAY), Budget(count=8, percent=20, seconds=HOUR)
USUAL = Budget(count=8, percent=125, seconds=HOUR)
COUNTRIES = frozenset({"US", "CA", "GB", "DE", "FR"})


@dataclass(slots=True)
class BudgetSetup:
    """Every start has its own account and source; `events` are the audit events."""

    store: SqlStore
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
        self,
        verifier: Verifier,
        number: str = "",
        *,
        source: str = "",
        channel: Channel = Channel.SMS,
        service: str = BUILT_IN_SERVICE,
        username: str = "",
    ) -> StartResult:
        self.people += 1
        return await verifier.start(
            StartRequest(
                username=username or f"user {self.people}",
                number=parse(number or f"+1415555{self.people:04}"),
                channel=channel,
                action=SIGN_IN,
                language="en-US",
                service=service,
                source=source or f"192.0.2.{self.people % 250}",
            )
        )

    async def confirm(self, verifier: Verifier, number: str = "", **changes: str) -> None:
        planned = await self.start(verifier, number, **changes)  # type: ignore[arg-type]  # its own keywords
        assert (await verifier.check(planned.verification.sid, self.provider.texts[-1].code)).valid

    async def abandon(self, verifier: Verifier, number: str = "", **changes: str) -> None:
        started = await self.start(verifier, number, **changes)  # type: ignore[arg-type]  # its own keywords
        await verifier.cancel(started.verification.sid)

    @property
    def alerts(self) -> list[str]:
        return [event.detail for event in self.events if event.kind is EventKind.ALERT]


def default_settings() -> Settings:
    return load(
        {
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "0" * 32,
            "TWILIO_FROM_NUMBER": "+14155550199",
            "SAYCODE_PUBLIC_URL": "https://verify.example",
            "SAYCODE_SECRET_KEY": KEY,
        }
    )


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[BudgetSetup]:
    events: list[Event] = []
    async with open_store(tmp_path / "brake.db", secrets=(SECRET,), on_events=events.extend) as store:
        yield BudgetSetup(store, events)


@pytest.mark.parametrize("scope", [Scope.NEIGHBOURS, Scope.PREFIX, Scope.COUNTRY, Scope.SERVICE_COUNTRY, Scope.SOURCE])
async def test_unconfirmed_numbers_are_bounded(setup: BudgetSetup, scope: Scope) -> None:
    """3.8 Unfinished codes are the alarm: 20 unconfirmed numbers in a day, of which strangers get three quarters."""
    verifier = setup.verifier_with((scope, (PER_DAY,)))
    source = "192.0.2.1" if scope is Scope.SOURCE else ""
    for n in range(20 if source else 15):
        await setup.abandon(verifier, f"+141555501{n:02}", source=source)
        setup.clock.advance(DAY / 40)
    for _ in range(5):
        with pytest.raises(LimitReached) as refused:
            await setup.start(verifier, "+14155550199", source=source)
        assert refused.value.scope is scope
        assert isinstance(refused.value, BudgetSpent) is (scope is not Scope.SOURCE)
        assert refused.value.wait == pytest.approx(DAY / 2, abs=DAY / 5)
    setup.clock.advance(2 * DAY)
    await setup.start(verifier, "+14155550199", source=source)


async def test_a_code_in_progress_is_not_unconfirmed(setup: BudgetSetup) -> None:
    """3.8 Unfinished codes are the alarm, and a code that may still be typed is not unfinished."""
    verifier = setup.verifier_with((Scope.COUNTRY, (Budget(count=8, percent=0, seconds=HOUR),)))
    waiting = [await setup.start(verifier) for _ in range(7)]
    code = setup.provider.texts[-1].code
    await setup.start(verifier)
    assert (await verifier.check(waiting[-1].verification.sid, code)).valid
    await setup.start(verifier)


async def test_as_many_may_be_in_progress_as_may_be_unconfirmed(setup: BudgetSetup) -> None:
    """3.8 A burst cannot send thousands of codes before the first of them has expired."""
    verifier = setup.verifier_with((Scope.COUNTRY, (Budget(count=8, percent=0, seconds=HOUR),)))
    for _ in range(8):
        await setup.start(verifier)
    with pytest.raises(BudgetSpent) as refused:
        await setup.start(verifier)
    assert refused.value.wait == 30


async def test_half_of_those_who_confirm_are_enough_for_ever(setup: BudgetSetup) -> None:
    """3.8 A site with 50 % completion never closes itself."""
    verifier = setup.verifier_with((Scope.PREFIX, (USUAL,)), (Scope.COUNTRY, (USUAL,)))
    for n in range(60):
        await setup.confirm(verifier, f"+1415555{n:04}")
        await setup.abandon(verifier, f"+1415556{n:04}")
        await setup.abandon(verifier, f"+1415555{n + 5000:04}")
        await setup.confirm(verifier, f"+1415556{n + 5000:04}")
        setup.clock.advance(60)


async def test_ended_without_an_approval_is_unconfirmed_however_it_ended(setup: BudgetSetup) -> None:
    """Expired, a wrong code, canceled, superseded for another number: each is one."""
    verifier = setup.verifier_with((Scope.COUNTRY, (Budget(count=4, percent=0, seconds=HOUR),)))
    await setup.start(verifier)
    setup.clock.advance(verifier.policy.code_lifetime)
    assert await verifier.expire_overdue() == 1
    setup.clock.advance(HOUR / 8)
    wrong = await setup.start(verifier)
    assert not (await verifier.check(wrong.verification.sid, "1")).valid
    setup.clock.advance(HOUR / 8)
    await setup.abandon(verifier)
    setup.clock.advance(HOUR / 4)
    with pytest.raises(BudgetSpent):
        await setup.start(verifier)


async def test_who_begins_again_is_not_unconfirmed_and_who_walks_through_numbers_is(setup: BudgetSetup) -> None:
    verifier = setup.verifier_with((Scope.SOURCE, (Budget(count=4, percent=0, seconds=HOUR),)))
    for _ in range(9):
        await setup.start(verifier, "+14155550100", source="192.0.2.1", username="ada")
    for n in range(1, 5):
        await setup.start(verifier, f"+141555501{n:02}", source="192.0.2.1", username="ada")
    with pytest.raises(LimitReached):
        await setup.start(verifier, "+14155550199", source="192.0.2.1", username="ada")


async def test_one_number_counts_once_in_the_budget_of_others(setup: BudgetSetup) -> None:
    verifier = setup.verifier_with((Scope.COUNTRY, (Budget(count=4, percent=0, seconds=HOUR),)))
    for _ in range(12):
        await setup.abandon(verifier, "+14155550100")
    await setup.start(verifier, "+14155550101")


async def test_confirming_one_number_again_and_again_widens_no_budget(setup: BudgetSetup) -> None:
    verifier = setup.verifier_with((Scope.COUNTRY, (Budget(count=4, percent=100, seconds=HOUR),)))
    for _ in range(12):
        await setup.confirm(verifier, "+14155550100")
    for _ in range(2):
        setup.clock.advance(HOUR / 8)
        await setup.abandon(verifier)
    setup.clock.advance(HOUR / 8)
    await setup.abandon(verifier)
    with pytest.raises(BudgetSpent):
        await setup.start(verifier)


async def test_three_abandoned_codes_of_one_source_refuse_nothing_to_others(setup: BudgetSetup) -> None:
    """3.8 The default settings, and a quiet morning: three codes of one address that are not typed."""
    verifier = setup.verifier_with(*build_limits(default_settings()))
    for n in range(3):
        await setup.abandon(verifier, f"+1415555{n:04}", source="192.0.2.1")
    for n in range(3):
        await setup.start(verifier, f"+1212555{n:04}", source="198.51.100.1")


async def test_one_source_adds_three_numbers_to_what_others_share(setup: BudgetSetup) -> None:
    """3.8 No single address closes a block or a country."""
    rules = ((Scope.SOURCE, (Budget(count=50, percent=0, seconds=HOUR),)), (Scope.PREFIX, (PER_HOUR,)))
    verifier = setup.verifier_with(*rules)
    for n in range(30):
        await setup.abandon(verifier, f"+1415555{n:04}", source="192.0.2.1")
    await setup.start(verifier, "+14155559999", source="192.0.2.2")
    for n in range(30, 33):
        await setup.abandon(verifier, f"+1415555{n:04}", source="192.0.2.3")
        setup.clock.advance(HOUR / 15)
    with pytest.raises(BudgetSpent):
        await setup.start(verifier, "+14155559999", source="192.0.2.4")


async def test_one_service_closes_its_own_budget_and_not_that_of_others(setup: BudgetSetup) -> None:
    """3.8 A service that is pumped is closed alone."""
    verifier = setup.verifier_with(
        (Scope.SERVICE_COUNTRY, (Budget(count=4, percent=0, seconds=HOUR),)),
        (Scope.COUNTRY, (Budget(count=6, percent=0, seconds=HOUR),)),
        code_lifetime=600,
    )
    pumped, other = "VA" + "1" * 32, "VA" + "2" * 32
    waiting = [await setup.start(verifier, service=pumped) for _ in range(3)]
    for _ in range(3):
        await setup.abandon(verifier, service=pumped)
        setup.clock.advance(HOUR / 8 if setup.people == 5 else 0)
    with pytest.raises(BudgetSpent) as refused:
        await setup.start(verifier, service=pumped)
    assert refused.value.scope is Scope.SERVICE_COUNTRY
    for started in waiting:
        await verifier.cancel(started.verification.sid)
    setup.clock.advance(HOUR / 8)
    await setup.start(verifier, service=other)


async def test_strangers_wait_then_only_good_standing_passes_then_none_does(setup: BudgetSetup) -> None:
    """3.8 First slow down, then ask more, then refuse."""
    verifier = setup.verifier_with(
        (Scope.SOURCE, (Budget(count=50, percent=0, seconds=HOUR),)),
        (Scope.COUNTRY, (Budget(count=12, percent=0, seconds=HOUR),)),
    )
    for n in range(4):
        await setup.confirm(verifier, f"+121255501{n:02}", source="198.51.100.7")
    for _ in range(6):
        await setup.abandon(verifier)
    with pytest.raises(BudgetSpent) as slowed:
        await setup.start(verifier)
    assert slowed.value.wait == HOUR / 24
    for _ in range(3):
        setup.clock.advance(HOUR / 24)
        await setup.abandon(verifier)
    setup.clock.advance(HOUR / 24)
    with pytest.raises(BudgetSpent) as refused:
        await setup.start(verifier)
    assert refused.value.wait > HOUR / 2
    for n in range(3):
        await setup.abandon(verifier, f"+121255502{n:02}", source="198.51.100.7")
    with pytest.raises(BudgetSpent):
        await setup.start(verifier, "+12125550300", source="198.51.100.7")


async def test_a_send_that_never_left_is_refunded_to_the_budget(setup: BudgetSetup) -> None:
    verifier = setup.verifier_with((Scope.COUNTRY, (PER_HOUR,)))
    for _ in range(9):
        setup.provider.script.append(Rejected(permanent=False, code=None))
        with pytest.raises(NotReached):
            await setup.start(verifier)
    for _ in range(3):
        await setup.start(verifier)


async def test_what_twilio_refuses_is_the_sources_to_pay_and_ends(setup: BudgetSetup) -> None:
    """3.8 Refused sends are not free: one address cannot ask Twilio about a list of numbers."""
    verifier = setup.verifier_with(
        (Scope.SOURCE, (Limit(count=30, seconds=HOUR),)),
        (Scope.NUMBER, (Limit(count=5, seconds=HOUR),)),
        (Scope.REFUSED, (Limit(count=10, seconds=HOUR),)),
    )
    outcomes = list[type[Exception]]()
    for n in range(300):
        setup.provider.script.append(Rejected(permanent=True, code=21614))
        with pytest.raises((NotReached, LimitReached)) as refused:
            await setup.start(verifier, f"+1415555{n % 4:04}", source="192.0.2.1")
        outcomes.append(refused.type)
    assert outcomes.count(NotReached) == 10
    setup.provider.script.clear()
    for _ in range(5):
        await setup.start(verifier, "+14155550000", source="192.0.2.2")


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
    verifier = setup.verifier_with((Scope.PREFIX, (Budget(count=1, percent=0, seconds=HOUR),)), enforce=False)
    for _ in range(4):
        await setup.abandon(verifier)
    watched = [event.detail for event in setup.events if event.kind is EventKind.LIMIT_WATCHED]
    assert watched == ["limit prefix"] * 3
    assert len(setup.alerts) == 1
