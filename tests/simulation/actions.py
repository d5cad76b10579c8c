"""The actions of a simulation: what people, the phone, Twilio, time and failures do."""

from collections.abc import Callable

from tests.simulation.oracle import require
from tests.simulation.provider import Leg
from tests.simulation.run import Simulation
from verification.flow.start import StartRequest
from verification.ivr.prompts import AskForCode, AskForKeys, CallInput
from verification.models import BUILT_IN_SERVICE
from verification.policy import SIGN_IN
from verification.types import CallStyle, Channel, DeliveryStatus
from verification.values.phone_numbers import PhoneNumber
from verification.verifier import Verifier

NUMBERS = (PhoneNumber("+14155550100", "US"), PhoneNumber("+14155550101", "US"))
PEOPLE = ("ada", "bob")
BROWSERS = ("kitchen", "office", "thief")

# What people do.


def start(simulation: Simulation) -> None:
    number, person = simulation.random.choice(NUMBERS), simulation.random.choice(PEOPLE)
    style = CallStyle.KEY if simulation.random.random() < 0.15 else CallStyle.SAY
    channel = Channel.CALL if style is CallStyle.KEY else simulation.random.choice((Channel.CALL, Channel.SMS))
    session = simulation.random.choice(BROWSERS)
    request = StartRequest(
        username=person,
        number=number,
        channel=channel,
        action=SIGN_IN,
        language="en-US",
        service=BUILT_IN_SERVICE,
        style=style,
        session=session,
    )

    async def work(verifier: Verifier) -> None:
        simulation.ledger.started(await verifier.start(request))
        simulation.look(verifier)

    simulation.begin(simulation.worker(), "start", work, session=session)


def again(simulation: Simulation) -> None:
    sid, channel = simulation.some_verification(), simulation.random.choice((Channel.CALL, Channel.SMS))

    async def work(verifier: Verifier) -> None:
        simulation.ledger.started(await verifier.resend(sid, channel))
        simulation.look(verifier)

    simulation.begin(simulation.worker(), "again", work)


def check(simulation: Simulation) -> None:
    session = simulation.random.choice(list(simulation.ledger.sessions) or list(BROWSERS))
    code, renewed = simulation.some_code(session), f"{session}+{len(simulation.ledger.sessions)}"

    async def work(verifier: Verifier) -> None:
        checked = await verifier.check_in_session(session, code, renewed=renewed)
        if checked.valid and not simulation.clock_jumps:
            state = await verifier.get_for_session(renewed)
            require(state.session is not None and state.session.approved, "a right code without a welcome")
        await verifier.hang_up(checked.hang_up)

    simulation.begin(simulation.worker(), "check", work, code=code, session=session)


def cancel(simulation: Simulation) -> None:
    sid = simulation.some_verification()

    async def work(verifier: Verifier) -> None:
        await verifier.hang_up((await verifier.cancel(sid)).hang_up)

    simulation.begin(simulation.worker(), "cancel", work)


def text_us(simulation: Simulation) -> None:
    number = simulation.random.choice(NUMBERS)
    word = simulation.random.choice(("STOP", "START", "START", "CALL", "CALL", "hello"))

    async def work(verifier: Verifier) -> None:
        result = await verifier.handle_text(number, word)
        if result.dispatch:
            await verifier.dispatch(result.dispatch)

    simulation.begin(simulation.worker(), word, work)


# What the phone and Twilio do.


def pick_up(simulation: Simulation) -> None:
    if leg := simulation.some_call(DeliveryStatus.QUEUED, DeliveryStatus.RINGING):
        simulation.twilio.move(leg, DeliveryStatus.ANSWERED)
        _hear(simulation, leg, CallInput.ANSWERED, "")


def press(simulation: Simulation) -> None:
    leg = simulation.some_call(DeliveryStatus.ANSWERED)
    if leg is None or leg.heard is None:
        return
    digits = simulation.random.choice(("1", "2", "3", "4", "9", "0", "", "", "*", "*", "77"))
    if isinstance(leg.heard, AskForKeys) and digits != "77":
        digits = simulation.random.choice((leg.heard.keys, leg.heard.keys, leg.heard.keys, digits))
    if isinstance(leg.heard, AskForCode) and simulation.random.random() < 0.8:
        digits = simulation.some_code(simulation.session_of(leg))
    _hear(simulation, leg, CallInput.KEYS if digits else CallInput.SILENCE, digits)


def fetch_again(simulation: Simulation) -> None:
    """Twilio repeats a request whose answer it did not get."""
    if leg := simulation.some_call(DeliveryStatus.ANSWERED, DeliveryStatus.COMPLETED):
        _hear(simulation, leg, CallInput.ANSWERED, "")


def _hear(simulation: Simulation, leg: Leg, heard: CallInput, digits: str) -> None:
    leg.right = leg.right or digits in simulation.pairs(leg.delivery)

    async def work(verifier: Verifier) -> None:
        said = await verifier.handle_call_event(leg.delivery, provider_sid=leg.sid, call_input=heard, digits=digits)
        simulation.ledger.heard(said, leg)
        leg.heard = said.prompt
        if said.dispatch:
            await verifier.dispatch(said.dispatch)

    simulation.begin(simulation.worker(), "hear", work, code=digits)


def go_on(simulation: Simulation) -> None:
    legs = [leg for leg in simulation.twilio.legs.values() if not leg.over]
    if legs:
        simulation.twilio.proceed(simulation.random.choice(legs))


def call_back(simulation: Simulation) -> None:
    """A status callback arrives, out of order, perhaps twice, perhaps never."""
    if not simulation.twilio.mail:
        return
    at, chance = simulation.random.randrange(len(simulation.twilio.mail)), simulation.random.random()
    callback = simulation.twilio.mail[at] if chance < 0.2 else simulation.twilio.mail.pop(at)
    if chance > 0.9:
        return

    async def work(verifier: Verifier) -> None:
        await verifier.on_status(callback.delivery, provider_sid=callback.sid, status=callback.status)
        if callback.status in (DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED):
            follow_up = await verifier.switch_channel(callback.delivery)
            if follow_up:
                await verifier.dispatch(follow_up)

    simulation.begin(simulation.worker(), f"callback {callback.status}", work)


def machine(simulation: Simulation) -> None:
    leg = simulation.some_call(DeliveryStatus.ANSWERED)
    if leg and simulation.random.random() < 0.3:
        delivery, sid = leg.delivery, leg.sid
        simulation.begin(
            simulation.worker(), "machine", lambda verifier: verifier.on_machine_detected(delivery, provider_sid=sid)
        )


# What time and misfortune do.


def wait(simulation: Simulation) -> None:
    simulation.time.pass_by(simulation.random.choice((0.1, 1.0, 5.0, 5.0, 25.0, 41.0, 61.0, 130.0)))


def maintain(simulation: Simulation) -> None:
    simulation.begin(
        simulation.worker(), "maintenance", simulation.random.choice((Verifier.expire_overdue, Verifier.reconcile))
    )


def crash(simulation: Simulation) -> None:
    """kill -9: what was committed stays, and its tasks stop. Then the worker is started again."""
    worker = simulation.worker()
    for task in [task for task in simulation.tasks if task.worker == worker]:
        task.die()
        simulation.tasks.remove(task)
    simulation.workers[worker] = simulation.boot()
    if simulation.trace:
        simulation.trace(f"{simulation.time.steady - 1000:8.1f} worker {worker} dies")


def jump(simulation: Simulation) -> None:
    """The clock is set."""
    if simulation.clock_jumps:
        simulation.time.wall += simulation.random.choice((-3600, -30, 30, 3600))


#: What happens next is drawn from here; what stands here more often happens more often.
ACTIONS: tuple[Callable[[Simulation], None], ...] = (
    *[maintain] * 3,
    *[start] * 5,
    *[again] * 3,
    *[check] * 6,
    *[pick_up] * 4,
    *[press] * 7,
    *[go_on] * 3,
    *[call_back] * 4,
    *[wait] * 4,
    fetch_again,
    cancel,
    text_us,
    machine,
    crash,
    jump,
)
