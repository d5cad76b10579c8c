"""Number look-up: the rules, Twilio's answers and failures, and what the page offers."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from saycode.config.parsers import LookupPackage
from saycode.twilio.config import TwilioAccount
from saycode.twilio.http_client import Answer, TwilioHttpClient
from saycode.twilio.lookup import CACHE_SECONDS, TwilioLookup, parse_packages
from tests.support import asgi_client
from tests.support.app import ACCOUNT, PHONE, TOKEN, RunningApp, open_page, path_of, running_app
from tests.support.fakes import ManualClock
from tests.support.verifier import VerifierSetup
from twilio_simulator.app import create_app as create_simulator
from twilio_simulator.core.clock import ManualClock as SimulatorClock
from twilio_simulator.engine import Twilio
from twilio_simulator.network.handset import LineType as SimulatedLine
from verification.errors import NotReached
from verification.flow.lookup import LineType, LookupAction, LookupErrorCode, LookupResult, LookupRules, evaluate_lookup
from verification.models import EventKind
from verification.types import Channel, VerificationStatus
from verification.values.phone_numbers import PhoneNumber, parse
from verification.verifier import Verifier

NUMBER = parse(PHONE)
ALL = tuple(LookupPackage)
CALL, SMS = Channel.CALL, Channel.SMS
EVERYTHING_NOTED = LookupRules(
    line=LookupAction.NOTE, sim=LookupAction.NOTE, forwarding=LookupAction.NOTE, down=LookupAction.NOTE
)


def code(found: LookupResult, channel: Channel, answers: LookupRules) -> int | None:
    refusal = evaluate_lookup(found, channel, answers).rejection
    return refusal.code if refusal else None


# ------------------------------------------------------------------------------------------------ the rule

SIGNALS = {
    "line": LookupResult(line=LineType.PREMIUM),
    "sim": LookupResult(sim_changed=True),
    "forwarding": LookupResult(forwarded=True),
    "down": LookupResult(down="time-out"),
}


@pytest.mark.parametrize(("signal", "answer"), list(product(SIGNALS, LookupAction)))
def test_every_finding_has_the_action_that_the_operator_chose(signal: str, answer: LookupAction) -> None:
    answers = replace(EVERYTHING_NOTED, **{signal: answer})
    decision = evaluate_lookup(SIGNALS[signal], CALL, answers)
    expected = {
        LookupAction.REFUSE: LookupErrorCode.REFUSED.value,
        LookupAction.OTHER: LookupErrorCode.OTHER_CHANNEL.value,
        LookupAction.NOTE: None,
    }
    assert (decision.rejection.code if decision.rejection else None) == expected[answer]
    assert decision.detail.endswith(f": {answer.value}")
    assert decision.rejection is None or (decision.rejection.permanent and decision.rejection.counts)


def test_the_strictest_of_several_answers_holds() -> None:
    found = LookupResult(line=LineType.PREMIUM, sim_changed=True, forwarded=True)
    answers = LookupRules(line=LookupAction.OTHER, sim=LookupAction.NOTE, forwarding=LookupAction.REFUSE)
    assert code(found, CALL, answers) == LookupErrorCode.REFUSED.value
    assert evaluate_lookup(found, CALL, answers).detail == "line premium, SIM changed, calls forwarded: refuse"


@pytest.mark.parametrize(
    "found", [LookupResult(), LookupResult(line=LineType.MOBILE, sim_changed=False, forwarded=False)]
)
@pytest.mark.parametrize("channel", Channel)
def test_no_finding_makes_no_event(found: LookupResult, channel: Channel) -> None:
    decision = evaluate_lookup(found, channel, LookupRules())
    assert (decision.rejection, decision.detail) == (None, "")


def test_forwarded_calls_do_not_matter_for_a_text_and_a_landline_does() -> None:
    assert code(LookupResult(forwarded=True), SMS, LookupRules(forwarding=LookupAction.REFUSE)) is None
    assert code(LookupResult(line=LineType.LANDLINE), SMS, LookupRules()) == LookupErrorCode.NO_TEXTS.value
    assert code(LookupResult(line=LineType.LANDLINE), CALL, LookupRules()) is None


# ------------------------------------------------------------------------------------------------ Twilio


@dataclass(eq=False)
class Wire(TwilioHttpClient):
    """Sends requests to the simulator in-process; or is slow, or answers with an error."""

    app: Any
    status: int = 0
    slow: bool = False
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: str = "", timeout: float | None = None
    ) -> Answer:
        self.asked.append(url.partition("?")[0])
        if self.slow:
            await asyncio.sleep(5)
        if self.status:
            return Answer(self.status, '{"code": 20500, "message": "no", "status": 500}')
        address, key = urlsplit(url), [("authorization", headers["Authorization"])]
        answer = await asgi_client.send_request(self.app, method, f"{address.path}?{address.query}", headers=key)
        return Answer(answer.status, answer.text)


@dataclass(frozen=True, slots=True)
class LookupSetup:
    """A look-up at the simulator, with its phones, requests and clock."""

    twilio: Twilio
    wire: Wire
    clock: ManualClock
    lookup: TwilioLookup


@pytest.fixture
async def lookup_setup() -> AsyncIterator[LookupSetup]:
    simulator = create_simulator(account_sid=ACCOUNT, auth_token=TOKEN, clock=SimulatorClock())
    wire, clock = Wire(simulator), ManualClock()
    access = TwilioAccount(account_sid=ACCOUNT, key=(ACCOUNT, TOKEN), base_url="https://lookups.test")
    lookup = TwilioLookup(access, ALL, clock=clock, timeout=0.3, http=wire)
    yield LookupSetup(simulator.state.twilio, wire, clock, lookup)
    await lookup.close()
    await simulator.state.twilio.close()


async def test_line_sim_and_forwarding_are_read_from_twilio(lookup_setup: LookupSetup) -> None:
    assert await lookup_setup.lookup.find(NUMBER) == LookupResult(
        line=LineType.MOBILE, sim_changed=False, forwarded=False
    )
    handset = lookup_setup.twilio.phone("+14155550101").handset
    handset.line_type, handset.sim_swapped, handset.forwarded = SimulatedLine.LANDLINE, True, True
    other = await lookup_setup.lookup.find(parse("+14155550101"))
    assert other == LookupResult(line=LineType.LANDLINE, sim_changed=True, forwarded=True)


async def test_a_carrier_without_data_is_no_finding(lookup_setup: LookupSetup) -> None:
    handset = lookup_setup.twilio.phone(PHONE).handset
    handset.sim_swapped = handset.forwarded = None
    assert await lookup_setup.lookup.find(NUMBER) == LookupResult(line=LineType.MOBILE)


async def test_a_number_is_looked_up_once_and_again_after_some_minutes(lookup_setup: LookupSetup) -> None:
    for _ in range(3):
        await lookup_setup.lookup.find(NUMBER)
    assert len(lookup_setup.wire.asked) == 1
    lookup_setup.clock.advance(CACHE_SECONDS)
    await lookup_setup.lookup.find(NUMBER)
    assert len(lookup_setup.wire.asked) == 2


@pytest.mark.parametrize(("fault", "why"), [({"slow": True}, "time-out"), ({"status": 503}, "HTTP 503")])
async def test_a_failed_look_up_is_a_finding_and_is_not_cached(
    lookup_setup: LookupSetup, fault: dict[str, Any], why: str
) -> None:
    for name, value in fault.items():
        setattr(lookup_setup.wire, name, value)
    assert await lookup_setup.lookup.find(NUMBER) == LookupResult(down=why)
    lookup_setup.wire.slow, lookup_setup.wire.status = False, 0
    assert (await lookup_setup.lookup.find(NUMBER)).line is LineType.MOBILE


@pytest.mark.parametrize("odd", [None, "", [], {}, {"type": []}, {"type": "new"}, {"last_sim_swap": "x"}, 7])
def test_an_unreadable_answer_is_no_finding(odd: object) -> None:
    assert parse_packages(odd, odd, odd) == LookupResult()


@pytest.mark.parametrize(
    ("package", "forwarded"),
    [
        ({"call_forwarding_status": True, "error_code": None}, True),
        ({"call_forwarding_status": "true"}, True),
        ({"call_forwarding_enabled": True}, True),
        ({"call_forwarding_enabled": False}, False),
        ({"call_forwarding": "True"}, True),
        ({"call_forwarding_status": None, "call_forwarding_enabled": True}, True),
        ({"call_forwarding_status": False, "call_forwarding": True}, True),
        ({"call_forwarding_status": None, "error_code": 60600}, None),
        (True, True),
        (False, False),
    ],
)
def test_forwarding_is_read_under_every_name_that_twilio_has_used(package: object, forwarded: bool | None) -> None:
    assert parse_packages(None, None, package).forwarded is forwarded


@pytest.mark.parametrize(
    ("base_url", "asked"),
    [
        ("https://api.twilio.com", "https://lookups.twilio.com"),
        ("https://api.dublin.ie1.twilio.com", "https://lookups.dublin.ie1.twilio.com"),
        ("https://api.sydney.au1.twilio.com", "https://lookups.sydney.au1.twilio.com"),
        ("http://127.0.0.1:8001", "http://127.0.0.1:8001"),
        ("https://api.simulator.example", "https://api.simulator.example"),
    ],
)
async def test_lookup_is_asked_at_its_own_host_in_the_region_of_the_account(base_url: str, asked: str) -> None:
    wire = Wire(create_simulator(account_sid=ACCOUNT, auth_token=TOKEN, clock=SimulatorClock()))
    access = TwilioAccount(account_sid=ACCOUNT, key=(ACCOUNT, TOKEN), base_url=base_url)
    lookup = TwilioLookup(access, ALL, clock=ManualClock(), http=wire)
    await lookup.find(NUMBER)
    await lookup.close()
    assert [url.split("/v2/")[0] for url in wire.asked] == [asked]


# ------------------------------------------------------------------------------------------------ in the service


@dataclass(slots=True)
class FakeLookup:
    """Returns a fixed result. It also makes sure that no transaction is open meanwhile."""

    found: LookupResult
    setup: VerifierSetup | None = None
    asked: list[str] = field(default_factory=list)

    async def find(self, number: PhoneNumber) -> LookupResult:
        self.asked.append(number.e164)
        if self.setup is not None:  # another decision is possible meanwhile
            await asyncio.wait_for(self.setup.verifier.expire_overdue(), 5)
            assert self.setup.provider.asked == 0
        return self.found


def with_lookup(setup: VerifierSetup, found: LookupResult, answers: LookupRules | None = None) -> Verifier:
    setup.workers[-1] = replace(setup.verifier, lookup=FakeLookup(found, setup), lookup_rules=answers or LookupRules())
    return setup.verifier


async def test_a_refused_number_is_never_sent_to_and_an_event_says_why(setup: VerifierSetup) -> None:
    with_lookup(setup, LookupResult(line=LineType.PREMIUM))
    with pytest.raises(NotReached) as refused:
        await setup.start(CALL)
    assert (refused.value.permanent, refused.value.code) == (True, LookupErrorCode.REFUSED.value)
    assert setup.provider.asked == 0
    assert setup.verifier.lookup is not None
    assert isinstance(setup.verifier.lookup, FakeLookup)
    assert setup.verifier.lookup.asked == [PHONE]


async def test_what_is_only_noted_is_sent_and_makes_an_event(setup: VerifierSetup) -> None:
    with_lookup(setup, LookupResult(sim_changed=True), EVERYTHING_NOTED)
    setup.verifier.lookup.setup = None  # type: ignore[union-attr]  # a FakeLookup
    planned = await setup.start(SMS)
    assert planned.verification.status is VerificationStatus.PENDING
    events = await setup.verifier.store.events(planned.verification.sid)
    assert [event.detail for event in events if event.kind is EventKind.LOOKED_UP] == ["SIM changed: note"]
    assert setup.provider.asked == 1


@pytest.mark.parametrize(
    ("answer", "sent"), [(LookupAction.NOTE, 1), (LookupAction.REFUSE, 0), (LookupAction.OTHER, 0)]
)
async def test_when_lookup_is_down_the_operator_has_said_what_follows(
    setup: VerifierSetup, answer: LookupAction, sent: int
) -> None:
    with_lookup(setup, LookupResult(down="time-out"), LookupRules(down=answer))
    if sent:
        setup.verifier.lookup.setup = None  # type: ignore[union-attr]  # a FakeLookup
        await setup.start(CALL)
    else:
        with pytest.raises(NotReached):
            await setup.start(CALL)
    assert setup.provider.asked == sent


async def test_without_the_setting_there_is_no_look_up(setup: VerifierSetup) -> None:
    assert setup.verifier.lookup is None
    await setup.start(CALL)
    assert setup.provider.asked == 1


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "store.db") as running:
        yield running


@pytest.mark.parametrize(
    ("found", "channel", "offered"),
    [
        (LookupResult(line=LineType.PREMIUM), "call", ["change"]),
        (LookupResult(forwarded=True), "call", ["sms", "change"]),
        (LookupResult(line=LineType.LANDLINE), "sms", ["call", "begin-again", "change"]),
    ],
)
async def test_the_page_offers_what_can_still_work(
    tmp_path: Path, found: LookupResult, channel: str, offered: list[str]
) -> None:
    async with running_app(tmp_path / "store.db", lookup=FakeLookup(found)) as running:
        browser = running.browser()
        details = {"username": "ada", "phone": PHONE, "channel": channel}
        assert (await browser.post(path_of("start"), details)).status == 303
        page = await open_page(browser)
        assert page.state == "ended"
        assert page.next == offered
        assert running.provider.asked == 0
