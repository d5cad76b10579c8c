"""A second account takes over while a channel rests at the first one, and after no answer of the first one's."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from saycode.config.twilio_settings import DIALECTS, Carrier
from saycode.twilio.client import TwilioClient
from saycode.twilio.config import TwilioConfig
from saycode.twilio.provider import (
    CIRCUIT_OPEN,
    FAILURE_THRESHOLD,
    FIRST_PAUSE,
    NOT_SET_UP,
    CircuitBreakers,
    TwilioProvider,
)
from saycode.twilio.standby import StandbyProvider
from tests.support.app import PHONE, SENDER
from tests.support.fakes import ManualClock
from twiml.words import words
from verification.models import Delivery, Notice
from verification.ports import Accepted, DeliveryReport, Outcome, Rejected, TextMessage, Unclear
from verification.types import Channel, DeliveryStatus
from verification.values.phone_numbers import PhoneNumber
from webhooks.routes import public_urls

TO = PhoneNumber(PHONE, "US")
TWILIO, SIGNALWIRE = DIALECTS[Carrier.TWILIO].sids, DIALECTS[Carrier.SIGNALWIRE].sids
CALL_AT_TWILIO, CALL_AT_SIGNALWIRE = "CA" + "0" * 32, "0a1b2c3d-4e5f-4a6b-8c7d-0123456789ab"
DOWN = Unclear("HTTP 503")
#: As from a host that takes no connection. It equals the outcome of an open circuit.
REFUSED = Rejected(permanent=False, code=None)
NOT_THERE = Rejected(permanent=False, code=None)
FOUND = DeliveryReport(CALL_AT_TWILIO, DeliveryStatus.RINGING)
FOUND_TOO = DeliveryReport(CALL_AT_SIGNALWIRE, DeliveryStatus.COMPLETED)
Answer = DeliveryReport | Rejected | None


@dataclass(slots=True)
class Account:
    """A client of one account that answers what it is told to."""

    outcome: Outcome = field(default_factory=lambda: Accepted("CA1"))
    status: Answer = None
    removed: str | None = None
    starts: list[str] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    closed: bool = False

    async def create(self, channel: Channel, delivery: str, **_: Any) -> Outcome:
        self.starts.append(delivery)
        return self.outcome

    async def hang_up(self, provider_sid: str) -> None:
        self.asked.append(("hang up", provider_sid))

    async def fetch_status(self, delivery: Delivery, to: PhoneNumber, others: Collection[str] = ()) -> Answer:
        self.asked.append(("status", delivery.provider_sid))
        return self.status

    async def remove(self, provider_sid: str, channel: Channel, *, whole: bool) -> str | None:
        self.asked.append(("remove", provider_sid))
        return self.removed

    async def close(self) -> None:
        self.closed = True


@dataclass(slots=True)
class Setup:
    first: Account = field(default_factory=Account)
    second: Account = field(default_factory=Account)
    clock: ManualClock = field(default_factory=ManualClock)
    sids: tuple[str, str] = (TWILIO, SIGNALWIRE)
    provider: StandbyProvider = field(init=False)

    def __post_init__(self) -> None:
        self.provider = StandbyProvider(first=self._over(self.first), second=self._over(self.second), sids=self.sids)

    def _over(self, account: Account) -> TwilioProvider:
        def connect(_: TwilioConfig) -> TwilioClient:
            return cast(TwilioClient, account)

        config = TwilioConfig(
            account_sid="AC1", key=("AC1", "t"), base_url=None, sender=SENDER, messaging_service=None, brand="Acme"
        )
        breakers = CircuitBreakers(now=self.clock.now)
        urls = public_urls("https://verify.example")
        return TwilioProvider(config, urls=urls, words=words, connect=connect, breakers=breakers)

    async def rest(self, start: Callable[[StandbyProvider], Awaitable[Outcome]]) -> None:
        """Let a channel rest at the first account, which answers as before afterwards."""
        usual, self.first.outcome = self.first.outcome, DOWN
        for _ in range(FAILURE_THRESHOLD):
            assert await start(self.provider) == DOWN
        self.first.outcome = usual
        self.first.starts.clear()
        assert self.second.starts == []


@pytest.fixture
def setup() -> Setup:
    return Setup()


async def call(provider: StandbyProvider) -> Outcome:
    return await provider.call("VL1", TO)


def order(channel: Channel) -> TextMessage:
    return TextMessage(delivery="VL1", channel=channel, to=TO, code="012345", language="en-US", lifetime=300)


async def text(provider: StandbyProvider) -> Outcome:
    return await provider.text(order(Channel.SMS))


async def notify(provider: StandbyProvider) -> Outcome:
    return await provider.notify(Notice(sid="VL1", number=TO, channel=Channel.CALL, language="en-US", at=0))


STARTS = [call, text, notify]


def delivery(sid: str | None, channel: Channel = Channel.CALL) -> Delivery:
    return Delivery(
        sid="VL1",
        verification="VE1",
        channel=channel,
        provider_sid=sid,
        status=DeliveryStatus.QUEUED,
        created_at=0,
        updated_at=0,
    )


# Starts


@pytest.mark.parametrize("start", STARTS)
async def test_the_second_account_is_asked_while_the_channel_rests_at_the_first(
    setup: Setup, start: Callable[[StandbyProvider], Awaitable[Outcome]]
) -> None:
    await setup.rest(start)
    setup.second.outcome = Accepted(CALL_AT_SIGNALWIRE)
    assert await start(setup.provider) == Accepted(CALL_AT_SIGNALWIRE)
    assert (setup.first.starts, setup.second.starts) == ([], ["VL1"])


@pytest.mark.parametrize("start", STARTS)
async def test_the_first_account_is_used_again_from_the_first_probe_that_succeeds(
    setup: Setup, start: Callable[[StandbyProvider], Awaitable[Outcome]]
) -> None:
    await setup.rest(start)
    setup.clock.advance(FIRST_PAUSE)
    for _ in range(3):
        assert await start(setup.provider) == Accepted("CA1")
    assert (len(setup.first.starts), setup.second.starts) == (3, [])


async def test_a_probe_that_fails_goes_nowhere_else(setup: Setup) -> None:
    await setup.rest(call)
    setup.clock.advance(FIRST_PAUSE)
    setup.first.outcome = DOWN
    assert await call(setup.provider) == DOWN
    assert setup.second.starts == []


async def test_other_channels_stay_at_the_first_account(setup: Setup) -> None:
    await setup.rest(call)
    assert isinstance(await text(setup.provider), Accepted)
    assert (setup.first.starts, setup.second.starts) == (["VL1"], [])
    assert setup.provider.breakers.open_channels() == {Channel.CALL}


async def test_a_connection_that_the_first_account_refuses_is_its_answer(setup: Setup) -> None:
    assert REFUSED == CIRCUIT_OPEN
    setup.first.outcome = REFUSED
    assert await call(setup.provider) == REFUSED
    assert setup.second.starts == []


async def test_when_both_rest_nothing_is_sent(setup: Setup) -> None:
    await setup.rest(call)
    setup.second.outcome = DOWN
    for _ in range(FAILURE_THRESHOLD):
        await call(setup.provider)
    assert await call(setup.provider) is CIRCUIT_OPEN
    assert (setup.first.starts, len(setup.second.starts)) == ([], FAILURE_THRESHOLD)


async def test_a_messenger_has_no_standby(setup: Setup) -> None:
    assert await setup.provider.text(order(Channel.WHATSAPP)) is NOT_SET_UP
    await setup.provider.fetch_status(delivery(None, Channel.WHATSAPP), TO)
    assert (setup.second.starts, setup.second.asked) == ([], [])


OUTCOMES = st.one_of(
    st.sampled_from([DOWN, REFUSED, Unclear("TimeoutError"), Accepted("CA1")]),
    st.builds(Rejected, permanent=st.booleans(), code=st.sampled_from([None, 20429, 21211, 21610])),
)


@given(st.lists(st.tuples(OUTCOMES, OUTCOMES, st.integers(0, 70)), max_size=40))
async def test_no_start_reaches_both_accounts(steps: list[tuple[Outcome, Outcome, int]]) -> None:
    """Whatever they answer, and whenever: each start is sent once, or turned away by both; and what is said of it is
    what that account answered.
    """
    setup = Setup()
    for number, (at_first, at_second, seconds) in enumerate(steps):
        setup.first.outcome, setup.second.outcome = at_first, at_second
        rested = Channel.CALL in setup.provider.breakers.open_channels()
        outcome = await setup.provider.call(f"VL{number}", TO)
        sent = Counter(first=setup.first.starts.count(f"VL{number}"), second=setup.second.starts.count(f"VL{number}"))
        assert sent.total() <= 1
        assert not sent["second"] or rested
        assert outcome == (at_first if sent["first"] else at_second if sent["second"] else CIRCUIT_OPEN)
        setup.clock.advance(seconds)


async def test_the_log_says_that_the_standby_takes_over(setup: Setup, caplog: pytest.LogCaptureFixture) -> None:
    await setup.rest(call)
    caplog.set_level("INFO")
    caplog.clear()
    await call(setup.provider)
    (line,) = caplog.records
    assert line.getMessage() == "the standby takes over"
    assert line.__dict__["fields"] == {"delivery": "VL1", "channel": "call"}


# What is asked about a delivery


async def ask(provider: StandbyProvider, sid: str) -> None:
    await provider.hang_up(sid)
    await provider.fetch_status(delivery(sid), TO)
    await provider.remove(sid, Channel.CALL, whole=True)


@pytest.mark.parametrize(("sid", "at_first"), [(CALL_AT_TWILIO, True), (CALL_AT_SIGNALWIRE, False)])
async def test_the_account_that_has_a_call_is_asked_about_it(setup: Setup, sid: str, at_first: bool) -> None:
    await ask(setup.provider, sid)
    asked, not_asked = (setup.first, setup.second) if at_first else (setup.second, setup.first)
    assert [what for what, _ in asked.asked] == ["hang up", "status", "remove"]
    assert not_asked.asked == []


async def test_a_call_at_the_second_account_is_known_while_the_first_one_rests(setup: Setup) -> None:
    await setup.rest(call)
    setup.second.status = FOUND_TOO
    assert await setup.provider.fetch_status(delivery(CALL_AT_SIGNALWIRE), TO) == FOUND_TOO


async def test_of_two_accounts_of_one_company_both_are_asked() -> None:
    setup = Setup(sids=(TWILIO, TWILIO))
    setup.second.status = FOUND
    assert await setup.provider.fetch_status(delivery(CALL_AT_TWILIO), TO) == FOUND
    await setup.provider.hang_up(CALL_AT_TWILIO)
    assert setup.first.asked == setup.second.asked == [("status", CALL_AT_TWILIO), ("hang up", CALL_AT_TWILIO)]


@pytest.mark.parametrize(("reasons", "why"), [((None, None), None), (("a", None), "a"), ((None, "b"), "b")])
async def test_of_two_accounts_of_one_company_both_must_have_removed_a_record(
    reasons: tuple[str | None, str | None], why: str | None
) -> None:
    setup = Setup(sids=(TWILIO, TWILIO))
    setup.first.removed, setup.second.removed = reasons
    assert await setup.provider.remove(CALL_AT_TWILIO, Channel.CALL, whole=True) == why


@pytest.mark.parametrize(
    ("at_first", "at_second", "said"),
    [
        (FOUND, NOT_THERE, FOUND),
        (NOT_THERE, FOUND_TOO, FOUND_TOO),
        (NOT_THERE, NOT_THERE, NOT_THERE),
        (None, NOT_THERE, None),
        (NOT_THERE, None, None),
        (None, FOUND_TOO, None),
        (FOUND, None, None),
        (FOUND, FOUND_TOO, None),
        (None, None, None),
    ],
)
async def test_an_unclear_start_is_looked_for_at_both(
    setup: Setup, at_first: Answer, at_second: Answer, said: Answer
) -> None:
    setup.first.status, setup.second.status = at_first, at_second
    assert await setup.provider.fetch_status(delivery(None), TO) == said
    assert setup.first.asked == setup.second.asked == [("status", None)]


# Connections


async def test_the_second_account_is_connected_to_when_it_is_needed(setup: Setup) -> None:
    await call(setup.provider)
    await setup.provider.close()
    assert (setup.first.closed, setup.second.closed) == (True, False)


async def test_both_connections_are_closed(setup: Setup) -> None:
    await setup.rest(call)
    await call(setup.provider)
    await setup.provider.close()
    assert (setup.first.closed, setup.second.closed) == (True, True)
