"""What can happen in a life: what people, the phone, Twilio, time and misfortune do."""

from collections.abc import Callable

from tests.simulation.oracle import require
from tests.simulation.provider import Leg
from tests.simulation.run import Life
from verification.flow.start import StartRequest
from verification.ivr.dialogue import AskForCode, AskForKeys, CallInput
from verification.models import BUILT_IN_SERVICE
from verification.policy import SIGN_IN
from verification.types import CallStyle, Channel, DeliveryStatus
from verification.values.phone_numbers import PhoneNumber
from verification.verifier import Verifier

NUMBERS = (PhoneNumber("+14155550100", "US"), PhoneNumber("+14155550101", "US"))
PEOPLE = ("ada", "bob")
BROWSERS = ("kitchen", "office", "thief")

# What people do.


def start(life: Life) -> None:
    number, person = life.random.choice(NUMBERS), life.random.choice(PEOPLE)
    style = CallStyle.KEY if life.random.random() < 0.15 else CallStyle.SAY
    channel = Channel.CALL if style is CallStyle.KEY else life.random.choice((Channel.CALL, Channel.SMS))
    session = life.random.choice(BROWSERS)
    wanted = StartRequest(
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
        life.ledger.started(await verifier.start(wanted))
        life.look(verifier)

    life.begin(life.worker(), "start", work, session=session)


def again(life: Life) -> None:
    sid, channel = life.some_verification(), life.random.choice((Channel.CALL, Channel.SMS))

    async def work(verifier: Verifier) -> None:
        life.ledger.started(await verifier.resend(sid, channel))
        life.look(verifier)

    life.begin(life.worker(), "again", work)


def check(life: Life) -> None:
    session = life.random.choice(list(life.ledger.sessions) or list(BROWSERS))
    code, renewed = life.some_code(session), f"{session}+{len(life.ledger.sessions)}"

    async def work(verifier: Verifier) -> None:
        checked = await verifier.check_in_session(session, code, renewed=renewed)
        if checked.valid and not life.jumpy:
            state = await verifier.get_for_session(renewed)
            require(state.session is not None and state.session.approved, "a right code without a welcome")
        await verifier.hang_up(checked.hang_up)

    life.begin(life.worker(), "check", work, code=code, session=session)


def cancel(life: Life) -> None:
    sid = life.some_verification()
    life.begin(life.worker(), "cancel", lambda verifier: verifier.cancel(sid))


def text_us(life: Life) -> None:
    number = life.random.choice(NUMBERS)
    word = life.random.choice(("STOP", "START", "START", "CALL", "CALL", "hello"))

    async def work(verifier: Verifier) -> None:
        heeded = await verifier.handle_text(number, word)
        if heeded.dispatch:
            await verifier.dispatch(heeded.dispatch)

    life.begin(life.worker(), word, work)


# What the phone and Twilio do.


def pick_up(life: Life) -> None:
    if leg := life.some_call(DeliveryStatus.QUEUED, DeliveryStatus.RINGING):
        life.twilio.move(leg, DeliveryStatus.ANSWERED)
        _hear(life, leg, CallInput.ANSWERED, "")


def press(life: Life) -> None:
    leg = life.some_call(DeliveryStatus.ANSWERED)
    if leg is None or leg.heard is None:
        return
    digits = life.random.choice(("1", "2", "3", "4", "9", "0", "", "", "*", "77"))
    if isinstance(leg.heard, AskForKeys) and digits != "77":
        digits = life.random.choice((leg.heard.keys, leg.heard.keys, leg.heard.keys, digits))
    if isinstance(leg.heard, AskForCode) and life.random.random() < 0.8:
        digits = life.some_code(life.session_of(leg))
    _hear(life, leg, CallInput.KEYS if digits else CallInput.SILENCE, digits)


def fetch_again(life: Life) -> None:
    """Twilio repeats a request whose answer it did not get."""
    if leg := life.some_call(DeliveryStatus.ANSWERED, DeliveryStatus.COMPLETED):
        _hear(life, leg, CallInput.ANSWERED, "")


def _hear(life: Life, leg: Leg, heard: CallInput, digits: str) -> None:
    leg.right = leg.right or digits in life.pairs(leg.delivery)

    async def work(verifier: Verifier) -> None:
        said = await verifier.handle_call_event(leg.delivery, provider_sid=leg.sid, heard=heard, digits=digits)
        life.ledger.heard(said, leg)
        leg.heard = said.line
        if said.dispatch:
            await verifier.dispatch(said.dispatch)

    life.begin(life.worker(), "hear", work, code=digits)


def go_on(life: Life) -> None:
    legs = [leg for leg in life.twilio.legs.values() if not leg.over]
    if legs:
        life.twilio.proceed(life.random.choice(legs))


def call_back(life: Life) -> None:
    """A status callback arrives, out of order, perhaps twice, perhaps never."""
    if not life.twilio.mail:
        return
    at, chance = life.random.randrange(len(life.twilio.mail)), life.random.random()
    callback = life.twilio.mail[at] if chance < 0.2 else life.twilio.mail.pop(at)
    if chance > 0.9:
        return

    async def work(verifier: Verifier) -> None:
        await verifier.on_status(callback.delivery, provider_sid=callback.sid, status=callback.status)
        if callback.status in (DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED):
            follow_up = await verifier.switch_channel(callback.delivery)
            if follow_up:
                await verifier.dispatch(follow_up)

    life.begin(life.worker(), f"callback {callback.status}", work)


def machine(life: Life) -> None:
    leg = life.some_call(DeliveryStatus.ANSWERED)
    if leg and life.random.random() < 0.3:
        delivery, sid = leg.delivery, leg.sid
        life.begin(life.worker(), "machine", lambda verifier: verifier.on_machine_detected(delivery, provider_sid=sid))


# What time and misfortune do.


def wait(life: Life) -> None:
    life.time.pass_by(life.random.choice((0.1, 1.0, 5.0, 5.0, 25.0, 41.0, 61.0, 130.0)))


def chores(life: Life) -> None:
    life.begin(life.worker(), "chore", life.random.choice((Verifier.sweep, Verifier.settle)))


def crash(life: Life) -> None:
    """kill -9: what was committed is there, and nobody goes on. Then it is started again."""
    worker = life.worker()
    for task in [task for task in life.tasks if task.worker == worker]:
        task.die()
        life.tasks.remove(task)
    life.workers[worker] = life.boot()
    if life.trace:
        life.trace(f"{life.time.steady - 1000:8.1f} worker {worker} dies")


def jump(life: Life) -> None:
    """Somebody sets the clock."""
    if life.jumpy:
        life.time.wall += life.random.choice((-3600, -30, 30, 3600))


#: What happens next is drawn from here; what stands here more often happens more often.
DEEDS: tuple[Callable[[Life], None], ...] = (
    *[chores] * 3,
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
