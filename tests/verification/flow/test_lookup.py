"""What a look-up of a number leads to: the rule, Twilio's answers and silences, and what the person sees."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from twilio.http.response import Response

from saycode.config.parsers import LookupPackage
from saycode.twilio.client import Timeouts, TwilioHttpClient
from saycode.twilio.lookup import CACHE_SECONDS, LookupConfig, TwilioLookup, parse_packages
from tests.support import asgi_client
from tests.support.app import ACCOUNT, PHONE, TOKEN, House, open_house, open_page, path_of
from tests.support.fakes import ManualClock
from tests.support.verifier import Home, open_home
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
    refusal = evaluate_lookup(found, channel, answers).refusal
    return refusal.code if refusal else None


# ------------------------------------------------------------------------------------------------ the rule

SIGNALS = {
    "line": LookupResult(line=LineType.PREMIUM),
    "sim": LookupResult(sim_changed=True),
    "forwarding": LookupResult(forwarded=True),
    "down": LookupResult(down="time-out"),
}


@pytest.mark.parametrize(("signal", "answer"), list(product(SIGNALS, LookupAction)))
def test_every_signal_has_the_answer_that_the_operator_chose(signal: str, answer: LookupAction) -> None:
    answers = replace(EVERYTHING_NOTED, **{signal: answer})  # type: ignore[arg-type]  # none of these is `lines`
    judged = evaluate_lookup(SIGNALS[signal], CALL, answers)
    expected = {
        LookupAction.REFUSE: LookupErrorCode.REFUSED.value,
        LookupAction.OTHER: LookupErrorCode.OTHER_CHANNEL.value,
        LookupAction.NOTE: None,
    }
    assert (judged.refusal.code if judged.refusal else None) == expected[answer]
    assert judged.detail.endswith(f": {answer.value}")
    assert judged.refusal is None or (judged.refusal.permanent and judged.refusal.counts)


def test_the_strictest_of_several_answers_holds() -> None:
    found = LookupResult(line=LineType.PREMIUM, sim_changed=True, forwarded=True)
    answers = LookupRules(line=LookupAction.OTHER, sim=LookupAction.NOTE, forwarding=LookupAction.REFUSE)
    assert code(found, CALL, answers) == LookupErrorCode.REFUSED.value
    assert evaluate_lookup(found, CALL, answers).detail == "line premium, SIM changed, calls forwarded: refuse"


@pytest.mark.parametrize(
    "found", [LookupResult(), LookupResult(line=LineType.MOBILE, sim_changed=False, forwarded=False)]
)
@pytest.mark.parametrize("channel", Channel)
def test_nothing_found_is_nothing_to_tell(found: LookupResult, channel: Channel) -> None:
    judged = evaluate_lookup(found, channel, LookupRules())
    assert (judged.refusal, judged.detail) == (None, "")


def test_forwarded_calls_do_not_matter_for_a_text_and_a_landline_does() -> None:
    assert code(LookupResult(forwarded=True), SMS, LookupRules(forwarding=LookupAction.REFUSE)) is None
    assert code(LookupResult(line=LineType.LANDLINE), SMS, LookupRules()) == LookupErrorCode.NO_TEXTS.value
    assert code(LookupResult(line=LineType.LANDLINE), CALL, LookupRules()) is None


# ------------------------------------------------------------------------------------------------ Twilio


@dataclass(eq=False)
class Wire(TwilioHttpClient):
    """The simulator's REST interface right behind the client; or one that is slow, broken or gone."""

    app: Any
    status: int = 0
    slow: bool = False
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(Timeouts())

    async def request(  # type: ignore[override]  # as the class above
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        self.asked.append(url)
        if self.slow:
            await asyncio.sleep(5)
        if self.status:
            return Response(self.status, '{"code": 20500, "message": "no", "status": 500}', {})
        assert auth is not None
        named = {name: value for name, value in (params or {}).items() if value is not None}
        key = b64encode(":".join(auth).encode()).decode()
        target = f"{urlsplit(url).path}?{urlencode(named)}"
        answer = await asgi_client.ask(self.app, method.upper(), target, headers=[("authorization", f"Basic {key}")])
        return Response(answer.status, answer.text, dict(answer.headers))


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who looks numbers up at the simulator."""

    twilio: Twilio
    wire: Wire
    clock: ManualClock
    signals: TwilioLookup


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    simulator = create_simulator(account_sid=ACCOUNT, auth_token=TOKEN, clock=SimulatorClock())
    wire, clock = Wire(simulator), ManualClock()
    access = LookupConfig(account_sid=ACCOUNT, key=(ACCOUNT, TOKEN), base_url="https://lookups.test")
    signals = TwilioLookup(access, ALL, clock=clock, seconds=0.3, http=wire)
    yield Desk(simulator.state.twilio, wire, clock, signals)
    await signals.close()
    await simulator.state.twilio.close()


async def test_line_sim_and_forwarding_are_read_from_twilio(desk: Desk) -> None:
    assert await desk.signals.find(NUMBER) == LookupResult(line=LineType.MOBILE, sim_changed=False, forwarded=False)
    handset = desk.twilio.phone("+14155550101").handset
    handset.line_type, handset.sim_swapped, handset.forwarded = SimulatedLine.LANDLINE, True, True
    other = await desk.signals.find(parse("+14155550101"))
    assert other == LookupResult(line=LineType.LANDLINE, sim_changed=True, forwarded=True)


async def test_a_carrier_without_data_says_nothing(desk: Desk) -> None:
    handset = desk.twilio.phone(PHONE).handset
    handset.sim_swapped = handset.forwarded = None
    assert await desk.signals.find(NUMBER) == LookupResult(line=LineType.MOBILE)


async def test_a_number_is_looked_up_once_and_again_after_some_minutes(desk: Desk) -> None:
    for _ in range(3):
        await desk.signals.find(NUMBER)
    assert len(desk.wire.asked) == 1
    desk.clock.advance(CACHE_SECONDS)
    await desk.signals.find(NUMBER)
    assert len(desk.wire.asked) == 2


@pytest.mark.parametrize(("fault", "why"), [({"slow": True}, "time-out"), ({"status": 503}, "HTTP 503")])
async def test_what_goes_wrong_is_a_signal_and_is_not_kept(desk: Desk, fault: dict[str, Any], why: str) -> None:
    for name, value in fault.items():
        setattr(desk.wire, name, value)
    assert await desk.signals.find(NUMBER) == LookupResult(down=why)
    desk.wire.slow, desk.wire.status = False, 0
    assert (await desk.signals.find(NUMBER)).line is LineType.MOBILE


@pytest.mark.parametrize("odd", [None, "", [], {}, {"type": []}, {"type": "new"}, {"last_sim_swap": "x"}, 7])
def test_an_answer_that_nobody_can_read_says_nothing(odd: object) -> None:
    assert parse_packages(odd, odd, odd) == LookupResult()


# ------------------------------------------------------------------------------------------------ in the service


@dataclass(slots=True)
class Told:
    """What a look-up is told to find. It also looks whether a transaction is open meanwhile."""

    found: LookupResult
    home: Home | None = None
    asked: list[str] = field(default_factory=list)

    async def find(self, number: PhoneNumber) -> LookupResult:
        self.asked.append(number.e164)
        if self.home is not None:  # somebody else decides meanwhile: nothing of ours is in the way
            await asyncio.wait_for(self.home.verifier.sweep(), 5)
            assert self.home.provider.asked == 0
        return self.found


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        yield home


def looking(home: Home, found: LookupResult, answers: LookupRules | None = None) -> Verifier:
    home.workers[-1] = replace(home.verifier, signals=Told(found, home), answers=answers or LookupRules())
    return home.verifier


async def test_a_refused_number_is_never_sent_to_and_the_story_says_why(home: Home) -> None:
    looking(home, LookupResult(line=LineType.PREMIUM))
    with pytest.raises(NotReached) as refused:
        await home.start(CALL)
    assert (refused.value.permanent, refused.value.code) == (True, LookupErrorCode.REFUSED.value)
    assert home.provider.asked == 0
    assert home.verifier.signals is not None
    assert isinstance(home.verifier.signals, Told)
    assert home.verifier.signals.asked == [PHONE]


async def test_what_is_only_noted_is_sent_and_stands_in_the_story(home: Home) -> None:
    looking(home, LookupResult(sim_changed=True), EVERYTHING_NOTED)
    home.verifier.signals.home = None  # type: ignore[union-attr]  # it is told
    planned = await home.start(SMS)
    assert planned.verification.status is VerificationStatus.PENDING
    story = await home.verifier.store.events(planned.verification.sid)
    assert [event.detail for event in story if event.kind is EventKind.LOOKED_UP] == ["SIM changed: note"]
    assert home.provider.asked == 1


@pytest.mark.parametrize(
    ("answer", "sent"), [(LookupAction.NOTE, 1), (LookupAction.REFUSE, 0), (LookupAction.OTHER, 0)]
)
async def test_when_lookup_is_down_the_operator_has_said_what_follows(
    home: Home, answer: LookupAction, sent: int
) -> None:
    looking(home, LookupResult(down="time-out"), LookupRules(down=answer))
    if sent:
        home.verifier.signals.home = None  # type: ignore[union-attr]  # it is told
        await home.start(CALL)
    else:
        with pytest.raises(NotReached):
            await home.start(CALL)
    assert home.provider.asked == sent


async def test_without_the_setting_nobody_is_asked(home: Home) -> None:
    assert home.verifier.signals is None
    await home.start(CALL)
    assert home.provider.asked == 1


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "store.db") as house:
        yield house


@pytest.mark.parametrize(
    ("found", "channel", "offered"),
    [
        (LookupResult(line=LineType.PREMIUM), "call", ["change"]),
        (LookupResult(forwarded=True), "call", ["sms", "change"]),
        (LookupResult(line=LineType.LANDLINE), "sms", ["call", "change"]),
    ],
)
async def test_the_page_offers_what_can_still_work(
    tmp_path: Path, found: LookupResult, channel: str, offered: list[str]
) -> None:
    async with open_house(tmp_path / "store.db", signals=Told(found)) as house:
        browser = house.browser()
        details = {"username": "ada", "phone": PHONE, "channel": channel}
        assert (await browser.post(path_of("start"), details)).status == 303
        page = await open_page(browser)
        assert page.state == "ended"
        assert [button.attributes["value"] for button in page.all("button") if "value" in button.attributes] == offered
        assert house.provider.asked == 0
