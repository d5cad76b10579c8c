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

from saycode.carrier import Patience, TimedHttpClient
from saycode.lookups import KEPT_SECONDS, Access, TwilioSignals, read
from saycode.setting_types import Package
from simulator.app import create_app as create_simulator
from simulator.clock import ToldClock
from simulator.handset import LineType as SimulatedLine
from simulator.twilio import Twilio
from tests import asgi
from tests.door_fakes import ACCOUNT, PHONE, TOKEN, House, open_house, open_page, path_of
from tests.fakes import ManualClock
from tests.home import Home, open_home
from verification.errors import NotReached
from verification.numbers import Number, parse
from verification.records import EventKind
from verification.service import Service
from verification.signals import Answer, Answers, Code, Found, LineType, judge
from verification.states import Channel, VerificationStatus

NUMBER = parse(PHONE)
ALL = tuple(Package)
CALL, SMS = Channel.CALL, Channel.SMS
EVERYTHING_NOTED = Answers(line=Answer.NOTE, sim=Answer.NOTE, forwarding=Answer.NOTE, down=Answer.NOTE)


def code(found: Found, channel: Channel, answers: Answers) -> int | None:
    refusal = judge(found, channel, answers).refusal
    return refusal.code if refusal else None


# ------------------------------------------------------------------------------------------------ the rule

SIGNALS = {
    "line": Found(line=LineType.PREMIUM),
    "sim": Found(sim_changed=True),
    "forwarding": Found(forwarded=True),
    "down": Found(down="time-out"),
}


@pytest.mark.parametrize(("signal", "answer"), list(product(SIGNALS, Answer)))
def test_every_signal_has_the_answer_that_the_operator_chose(signal: str, answer: Answer) -> None:
    answers = replace(EVERYTHING_NOTED, **{signal: answer})  # type: ignore[arg-type]  # none of these is `lines`
    judged = judge(SIGNALS[signal], CALL, answers)
    expected = {Answer.REFUSE: Code.REFUSED.value, Answer.OTHER: Code.OTHER_CHANNEL.value, Answer.NOTE: None}
    assert (judged.refusal.code if judged.refusal else None) == expected[answer]
    assert judged.detail.endswith(f": {answer.value}")
    assert judged.refusal is None or (judged.refusal.permanent and judged.refusal.counts)


def test_the_strictest_of_several_answers_holds() -> None:
    found = Found(line=LineType.PREMIUM, sim_changed=True, forwarded=True)
    answers = Answers(line=Answer.OTHER, sim=Answer.NOTE, forwarding=Answer.REFUSE)
    assert code(found, CALL, answers) == Code.REFUSED.value
    assert judge(found, CALL, answers).detail == "line premium, SIM changed, calls forwarded: refuse"


@pytest.mark.parametrize("found", [Found(), Found(line=LineType.MOBILE, sim_changed=False, forwarded=False)])
@pytest.mark.parametrize("channel", Channel)
def test_nothing_found_is_nothing_to_tell(found: Found, channel: Channel) -> None:
    judged = judge(found, channel, Answers())
    assert (judged.refusal, judged.detail) == (None, "")


def test_forwarded_calls_do_not_matter_for_a_text_and_a_landline_does() -> None:
    assert code(Found(forwarded=True), SMS, Answers(forwarding=Answer.REFUSE)) is None
    assert code(Found(line=LineType.LANDLINE), SMS, Answers()) == Code.NO_TEXTS.value
    assert code(Found(line=LineType.LANDLINE), CALL, Answers()) is None


# ------------------------------------------------------------------------------------------------ Twilio


@dataclass(eq=False)
class Wire(TimedHttpClient):
    """The simulator's REST interface right behind the client; or one that is slow, broken or gone."""

    app: Any
    status: int = 0
    slow: bool = False
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(Patience())

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
        answer = await asgi.ask(self.app, method.upper(), target, headers=[("authorization", f"Basic {key}")])
        return Response(answer.status, answer.text, dict(answer.headers))


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody who looks numbers up at the simulator."""

    twilio: Twilio
    wire: Wire
    clock: ManualClock
    signals: TwilioSignals


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    simulator = create_simulator(account_sid=ACCOUNT, auth_token=TOKEN, clock=ToldClock())
    wire, clock = Wire(simulator), ManualClock()
    access = Access(account_sid=ACCOUNT, key=(ACCOUNT, TOKEN), base_url="https://lookups.test")
    signals = TwilioSignals(access, ALL, clock=clock, seconds=0.3, http=wire)
    yield Desk(simulator.state.twilio, wire, clock, signals)
    await signals.close()
    await simulator.state.twilio.close()


async def test_line_sim_and_forwarding_are_read_from_twilio(desk: Desk) -> None:
    assert await desk.signals.find(NUMBER) == Found(line=LineType.MOBILE, sim_changed=False, forwarded=False)
    handset = desk.twilio.phone("+14155550101").handset
    handset.line_type, handset.sim_swapped, handset.forwarded = SimulatedLine.LANDLINE, True, True
    other = await desk.signals.find(parse("+14155550101"))
    assert other == Found(line=LineType.LANDLINE, sim_changed=True, forwarded=True)


async def test_a_carrier_without_data_says_nothing(desk: Desk) -> None:
    handset = desk.twilio.phone(PHONE).handset
    handset.sim_swapped = handset.forwarded = None
    assert await desk.signals.find(NUMBER) == Found(line=LineType.MOBILE)


async def test_a_number_is_looked_up_once_and_again_after_some_minutes(desk: Desk) -> None:
    for _ in range(3):
        await desk.signals.find(NUMBER)
    assert len(desk.wire.asked) == 1
    desk.clock.advance(KEPT_SECONDS)
    await desk.signals.find(NUMBER)
    assert len(desk.wire.asked) == 2


@pytest.mark.parametrize(("fault", "why"), [({"slow": True}, "time-out"), ({"status": 503}, "HTTP 503")])
async def test_what_goes_wrong_is_a_signal_and_is_not_kept(desk: Desk, fault: dict[str, Any], why: str) -> None:
    for name, value in fault.items():
        setattr(desk.wire, name, value)
    assert await desk.signals.find(NUMBER) == Found(down=why)
    desk.wire.slow, desk.wire.status = False, 0
    assert (await desk.signals.find(NUMBER)).line is LineType.MOBILE


@pytest.mark.parametrize("odd", [None, "", [], {}, {"type": []}, {"type": "new"}, {"last_sim_swap": "x"}, 7])
def test_an_answer_that_nobody_can_read_says_nothing(odd: object) -> None:
    assert read(odd, odd, odd) == Found()


# ------------------------------------------------------------------------------------------------ in the service


@dataclass(slots=True)
class Told:
    """What a look-up is told to find. It also looks whether a transaction is open meanwhile."""

    found: Found
    home: Home | None = None
    asked: list[str] = field(default_factory=list)

    async def find(self, number: Number) -> Found:
        self.asked.append(number.e164)
        if self.home is not None:  # somebody else decides meanwhile: nothing of ours is in the way
            await asyncio.wait_for(self.home.service.sweep(), 5)
            assert self.home.carrier.asked == 0
        return self.found


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        yield home


def looking(home: Home, found: Found, answers: Answers | None = None) -> Service:
    home.workers[-1] = replace(home.service, signals=Told(found, home), answers=answers or Answers())
    return home.service


async def test_a_refused_number_is_never_sent_to_and_the_story_says_why(home: Home) -> None:
    looking(home, Found(line=LineType.PREMIUM))
    with pytest.raises(NotReached) as refused:
        await home.start(CALL)
    assert (refused.value.permanent, refused.value.code) == (True, Code.REFUSED.value)
    assert home.carrier.asked == 0
    assert home.service.signals is not None
    assert isinstance(home.service.signals, Told)
    assert home.service.signals.asked == [PHONE]


async def test_what_is_only_noted_is_sent_and_stands_in_the_story(home: Home) -> None:
    looking(home, Found(sim_changed=True), EVERYTHING_NOTED)
    home.service.signals.home = None  # type: ignore[union-attr]  # it is told
    planned = await home.start(SMS)
    assert planned.verification.status is VerificationStatus.PENDING
    story = await home.service.table.events(planned.verification.sid)
    assert [event.detail for event in story if event.kind is EventKind.LOOKED_UP] == ["SIM changed: note"]
    assert home.carrier.asked == 1


@pytest.mark.parametrize(("answer", "sent"), [(Answer.NOTE, 1), (Answer.REFUSE, 0), (Answer.OTHER, 0)])
async def test_when_lookup_is_down_the_operator_has_said_what_follows(home: Home, answer: Answer, sent: int) -> None:
    looking(home, Found(down="time-out"), Answers(down=answer))
    if sent:
        home.service.signals.home = None  # type: ignore[union-attr]  # it is told
        await home.start(CALL)
    else:
        with pytest.raises(NotReached):
            await home.start(CALL)
    assert home.carrier.asked == sent


async def test_without_the_setting_nobody_is_asked(home: Home) -> None:
    assert home.service.signals is None
    await home.start(CALL)
    assert home.carrier.asked == 1


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "table.db") as house:
        yield house


@pytest.mark.parametrize(
    ("found", "channel", "offered"),
    [
        (Found(line=LineType.PREMIUM), "call", ["change"]),
        (Found(forwarded=True), "call", ["sms", "change"]),
        (Found(line=LineType.LANDLINE), "sms", ["call", "change"]),
    ],
)
async def test_the_page_offers_what_can_still_work(
    tmp_path: Path, found: Found, channel: str, offered: list[str]
) -> None:
    async with open_house(tmp_path / "table.db", signals=Told(found)) as house:
        browser = house.browser()
        details = {"username": "ada", "phone": PHONE, "channel": channel}
        assert (await browser.post(path_of("start"), details)).status == 303
        page = await open_page(browser)
        assert page.state == "ended"
        assert [button.attributes["value"] for button in page.all("button") if "value" in button.attributes] == offered
        assert house.carrier.asked == 0
