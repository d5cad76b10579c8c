"""One seed: two workers, a few people, Twilio and a clock, all of them having a bad day.

Everything that happens is drawn from the seed's generator, so the same seed is the same story to the last step.
"""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from saycode.clock import SteadyClock
from verification.call import AskForCode, AskForKeys, Heard
from verification.codes import KeyRing, draw_pair
from verification.errors import Refused
from verification.limits import Limit, Scope
from verification.making import Wanted
from verification.numbers import Number
from verification.policy import Fallback, Policy
from verification.records import BUILT_IN_SERVICE, SIGN_IN, CallStyle
from verification.service import Service
from verification.states import Channel, DeliveryStatus

from .ledger import Ledger, keys_of, require
from .table import SimulatedTable, World
from .tasks import Note, Task
from .twilio import Leg, SimulatedTwilio

Work = Callable[[Service], Coroutine[Any, Any, object]]
NUMBERS = (Number("+14155550100", "US"), Number("+14155550101", "US"))
#: Deeds in one seed. Few find much, many find what is deep down.
LENGTHS = (5, 10, 20, 50)
PEOPLE = ("ada", "bob")
BROWSERS = ("kitchen", "office", "thief")
KEYS = KeyRing((b"a key of the simulation, 32 bytes",))
_LIMITS = (
    (Scope.NUMBER, (Limit(count=2, seconds=60), Limit(count=5, seconds=600))),
    (Scope.ACCOUNT, (Limit(count=3, seconds=120),)),
    (Scope.TOTAL, (Limit(count=6, seconds=60),)),
)
_PATIENT = Policy(max_checks=3, repeat_spacing=(0, 20), code_lifetime=120, limits=_LIMITS, fallback=Fallback.AUTO)
POLICIES = (
    Policy(repeat_spacing=(5, 10), max_deliveries=3, limits=_LIMITS, report_pause=60),
    _PATIENT,
    replace(_PATIENT, limits=(), max_deliveries=5, code_lifetime=300),
)


@dataclass(slots=True)
class Time:
    """The machine's two clocks."""

    wall: float = 1_800_000_000.0
    steady: float = 1000.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@dataclass(slots=True, eq=False)
class Life:
    """What goes on in one seed. `trace` is told each action, for whoever wants to read the story."""

    seed: int
    world: World
    trace: Callable[[str], None] | None = None
    random: Random = field(init=False)
    time: Time = field(default_factory=Time)
    twilio: SimulatedTwilio = field(init=False)
    ledger: Ledger = field(init=False)
    workers: list[Service] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    jumpy: bool = False

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.jumpy = self.random.random() < 0.2
        self.ledger = Ledger(self.random.choice(POLICIES), exact=not self.jumpy)
        self.twilio = SimulatedTwilio(self.random, trouble=self.random.choice((0.0, 0.2, 0.5)))
        self.workers = [self._boot(), self._boot()]

    def _boot(self) -> Service:
        clock = SteadyClock(wall=lambda: self.time.wall, monotonic=lambda: self.time.steady)
        table = SimulatedTable(self.world, self.ledger.committed)
        return Service(
            table=table,
            carrier=self.twilio,
            clock=clock,
            randomness=self.random.randbytes,
            policy=self.ledger.policy,
            keys=KEYS,
        )

    def live(self) -> None:
        """Live through it. Raises Broken as soon as something is wrong."""
        for _ in range(self.random.choice(LENGTHS)):
            self.random.choice(_DEEDS)(self)
            while self.tasks and self.random.random() < 0.8:
                self._advance(self.random.choice(self.tasks))
        self.come_to_rest()

    def begin(self, worker: int, verb: str, work: Work, *, code: str = "", session: str = "") -> None:
        """A request arrives at a worker."""
        made = Note(verb, code, session)
        task = Task(worker, self._serve(work, self.workers[worker], made), made)
        self.tasks.append(task)
        if self.trace:
            self.trace(f"{self.time.steady - 1000:8.1f} worker {worker} {verb} {code} {session}")

    async def _serve(self, work: Work, service: Service, note: Note) -> None:
        note.began, note.dead = service.clock.now(), self.ledger.dead()
        with suppress(Refused):
            await work(service)

    def _advance(self, task: Task) -> None:
        self.ledger.note, self.twilio.now = task.note, self.time.steady
        if not task.advance():
            self.tasks.remove(task)

    # What people do.

    def start(self) -> None:
        number, person = self.random.choice(NUMBERS), self.random.choice(PEOPLE)
        style = CallStyle.KEY if self.random.random() < 0.15 else CallStyle.SAY
        channel = Channel.CALL if style is CallStyle.KEY else self.random.choice((Channel.CALL, Channel.SMS))
        session = self.random.choice(BROWSERS)
        wanted = Wanted(
            username=person,
            number=number,
            channel=channel,
            action=SIGN_IN,
            language="en-US",
            service=BUILT_IN_SERVICE,
            style=style,
            session=session,
        )

        async def work(service: Service) -> None:
            self.ledger.started(await service.start(wanted))
            self._look(service)

        self.begin(self._worker(), "start", work, session=session)

    def again(self) -> None:
        sid, channel = self._some_verification(), self.random.choice((Channel.CALL, Channel.SMS))

        async def work(service: Service) -> None:
            self.ledger.started(await service.again(sid, channel))
            self._look(service)

        self.begin(self._worker(), "again", work)

    def check(self) -> None:
        session = self.random.choice(list(self.ledger.sessions) or list(BROWSERS))
        code, renewed = self._some_code(session), f"{session}+{len(self.ledger.sessions)}"

        async def work(service: Service) -> None:
            checked = await service.check_in_session(session, code, renewed=renewed)
            if checked.valid and not self.jumpy:
                case = await service.view(renewed)
                require(case.session is not None and case.session.approved, "a right code without a welcome")
            await service.hang_up(checked.hang_up)

        self.begin(self._worker(), "check", work, code=code, session=session)

    def cancel(self) -> None:
        sid = self._some_verification()
        self.begin(self._worker(), "cancel", lambda service: service.cancel(sid))

    def text_us(self) -> None:
        number = self.random.choice(NUMBERS)
        word = self.random.choice(("STOP", "START", "START", "CALL", "CALL", "hello"))

        async def work(service: Service) -> None:
            heeded = await service.texted(number, word)
            if heeded.dispatch:
                await service.dispatch(heeded.dispatch)

        self.begin(self._worker(), word, work)

    # What the phone and Twilio do.

    def pick_up(self) -> None:
        if leg := self._some_call(DeliveryStatus.QUEUED, DeliveryStatus.RINGING):
            self.twilio.move(leg, DeliveryStatus.ANSWERED)
            self._hear(leg, Heard.ANSWERED, "")

    def press(self) -> None:
        leg = self._some_call(DeliveryStatus.ANSWERED)
        if leg is None or leg.heard is None:
            return
        digits = self.random.choice(("1", "2", "3", "4", "9", "0", "", "", "*", "77"))
        if isinstance(leg.heard, AskForKeys) and digits != "77":
            digits = self.random.choice((leg.heard.keys, leg.heard.keys, leg.heard.keys, digits))
        if isinstance(leg.heard, AskForCode) and self.random.random() < 0.8:
            digits = self._some_code(self._session_of(leg))
        self._hear(leg, Heard.KEYS if digits else Heard.SILENCE, digits)

    def fetch_again(self) -> None:
        """Twilio repeats a request whose answer it did not get."""
        if leg := self._some_call(DeliveryStatus.ANSWERED, DeliveryStatus.COMPLETED):
            self._hear(leg, Heard.ANSWERED, "")

    def _hear(self, leg: Leg, heard: Heard, digits: str) -> None:
        leg.right = leg.right or digits in self._pairs(leg.delivery)

        async def work(service: Service) -> None:
            said = await service.hear(leg.delivery, carrier_sid=leg.sid, heard=heard, digits=digits)
            self.ledger.heard(said, leg)
            leg.heard = said.line
            if said.dispatch:
                await service.dispatch(said.dispatch)

        self.begin(self._worker(), "hear", work, code=digits)

    def go_on(self) -> None:
        legs = [leg for leg in self.twilio.legs.values() if not leg.over]
        if legs:
            self.twilio.proceed(self.random.choice(legs))

    def call_back(self) -> None:
        """A status callback arrives, out of order, perhaps twice, perhaps never."""
        if not self.twilio.mail:
            return
        at, chance = self.random.randrange(len(self.twilio.mail)), self.random.random()
        callback = self.twilio.mail[at] if chance < 0.2 else self.twilio.mail.pop(at)
        if chance > 0.9:
            return

        async def work(service: Service) -> None:
            await service.carrier_said(callback.delivery, carrier_sid=callback.sid, status=callback.status)
            if callback.status in (DeliveryStatus.FAILED, DeliveryStatus.UNDELIVERED):
                spare = await service.fall_back(callback.delivery)
                if spare:
                    await service.dispatch(spare)

        self.begin(self._worker(), f"callback {callback.status}", work)

    def machine(self) -> None:
        leg = self._some_call(DeliveryStatus.ANSWERED)
        if leg and self.random.random() < 0.3:
            delivery, sid = leg.delivery, leg.sid
            self.begin(self._worker(), "machine", lambda service: service.machine_said(delivery, carrier_sid=sid))

    # What time and misfortune do.

    def wait(self) -> None:
        self.time.pass_by(self.random.choice((0.1, 1.0, 5.0, 5.0, 25.0, 41.0, 61.0, 130.0)))

    def chores(self) -> None:
        self.begin(self._worker(), "chore", self.random.choice((Service.sweep, Service.settle)))

    def crash(self) -> None:
        """kill -9: what was committed is there, and nobody goes on. Then it is started again."""
        worker = self._worker()
        for task in [task for task in self.tasks if task.worker == worker]:
            task.die()
            self.tasks.remove(task)
        self.workers[worker] = self._boot()
        if self.trace:
            self.trace(f"{self.time.steady - 1000:8.1f} worker {worker} dies")

    def jump(self) -> None:
        """Somebody sets the clock."""
        if self.jumpy:
            self.time.wall += self.random.choice((-3600, -30, 30, 3600))

    def come_to_rest(self) -> None:
        """No more bad luck: everything ends, and in the end what we know is the truth."""
        while self.tasks:
            self._advance(self.tasks[0])
        self.twilio.trouble = 0.0
        for leg in self.twilio.legs.values():
            while not leg.over:
                self.twilio.proceed(leg)
        for pause in (700, 700, 1400, 2800, 5600, 11200):
            self.time.pass_by(pause)
            for chore in (Service.sweep, Service.settle):
                self.begin(0, "chore", chore)
                while self.tasks:
                    self._advance(self.tasks[0])
        for verification in self.ledger.verifications.values():
            require(verification.status.final, verification.sid, "is stuck as", verification.status)
        self._compare()

    def _compare(self) -> None:
        """Ours against Twilio's: nothing is unsettled, nothing forgotten, and only what left is counted."""
        legs = {leg.delivery: leg for leg in self.twilio.legs.values()}
        known = {d.sid: d for d in self.ledger.deliveries.values()}
        require(legs.keys() <= known.keys(), "Twilio has what we have not", legs.keys() - known.keys())
        if self.jumpy:
            return  # what is older than a day by the clock is left alone
        for sid, delivery in known.items():
            leg = legs.get(sid)
            require(delivery.status.final or delivery.status is DeliveryStatus.SENT, sid, "is", delivery.status)
            require((leg is None) == self.ledger.never_left(delivery), sid, delivery.status, "but in truth", leg)
        for scope, limits in self.ledger.policy.limits:
            counts = [limit.count for limit in limits if isinstance(limit, Limit)]
            for key in {keys_of(v)[scope] for v in self.ledger.verifications.values()}:
                kept = max(counts) + 8
                counted, sent = self.world.counted(scope, key), len(self.ledger.sends(scope, key))
                require(counted == min(sent, kept), scope, "counts", counted, "and", sent, "left")

    # Chances.

    def _worker(self) -> int:
        return self.random.randrange(2)

    def _some_verification(self) -> str:
        known = list(self.ledger.verifications)
        return self.random.choice(known[-4:]) if known else ""

    def _some_call(self, *statuses: DeliveryStatus) -> Leg | None:
        legs = [leg for leg in self.twilio.legs.values() if leg.channel is Channel.CALL and leg.status in statuses]
        return self.random.choice(legs[-4:]) if legs else None

    def _pairs(self, delivery: str) -> list[str]:
        """What opens the gate of a call. An answer may have been lost, and then nobody has heard the present pair."""
        seed = self.ledger.verifications[self.ledger.deliveries[delivery].verification].seed
        if seed is None:
            return []
        tries = range(self.ledger.policy.keypress_tries)
        return [draw_pair(KEYS.secrets[0], seed=seed, sid=delivery, attempt=attempt) for attempt in tries]

    def _session_of(self, leg: Leg) -> str:
        verification = self.ledger.deliveries[leg.delivery].verification
        return next((s.id for s in self.ledger.sessions.values() if s.verification == verification), "")

    def _some_code(self, session: str) -> str:
        """The right one for this browser, when it was told; or one that was right elsewhere; or a guess."""
        known, chance = self.ledger.sessions.get(session), self.random.random()
        right = self.ledger.codes.get(known.verification, "") if known else ""
        if right and chance < 0.5:
            return right
        if self.ledger.codes and chance < 0.7:
            return self.random.choice(list(self.ledger.codes.values()))
        return f"{self.random.randrange(10**6):06}"

    def _look(self, service: Service) -> None:
        """People read their texts, and the page that shows a code."""
        for order in self.twilio.codes:
            self.ledger.told(self.ledger.deliveries[order.delivery].verification, order.code)
        for verification in self.ledger.verifications.values():
            if code := service.shown_code(verification):
                self.ledger.told(verification.sid, code)


_DEEDS: tuple[Callable[[Life], None], ...] = (
    *[Life.chores] * 3,
    *[Life.start] * 5,
    *[Life.again] * 3,
    *[Life.check] * 6,
    *[Life.pick_up] * 4,
    *[Life.press] * 7,
    *[Life.go_on] * 3,
    *[Life.call_back] * 4,
    *[Life.wait] * 4,
    Life.fetch_again,
    Life.cancel,
    Life.text_us,
    Life.machine,
    Life.crash,
    Life.jump,
)
