"""One seed: two workers, a few users, Twilio and a clock, all with failures.

Everything is drawn from the seed's generator, so the same seed repeats the same run to the last step.
"""

from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from msgspec.structs import replace

from saycode.server.clock import SteadyClock
from saycode.testing import build_verifier
from tests.simulation.oracle import Ledger, keys_of, require
from tests.simulation.provider import Leg, SimulatedTwilio
from tests.simulation.store import SharedDatabase, SimulatedStore
from tests.simulation.tasks import Note, Task
from verification.counters.rules import Limit
from verification.errors import VerificationError
from verification.policy import Fallback, Policy
from verification.types import Channel, DeliveryStatus, Scope
from verification.values.codes import KeyRing, draw_keys
from verification.verifier import Verifier

Work = Callable[[Verifier], Coroutine[Any, Any, object]]
#: Deeds in one seed. Few find much, many find what is deep down.
LENGTHS = (4, 8, 16, 40)
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
class Simulation:
    """One run. `trace` is called with each action."""

    seed: int
    database: SharedDatabase
    trace: Callable[[str], None] | None = None
    random: Random = field(init=False)
    time: Time = field(default_factory=Time)
    twilio: SimulatedTwilio = field(init=False)
    ledger: Ledger = field(init=False)
    workers: list[Verifier] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    clock_jumps: bool = False

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.clock_jumps = self.random.random() < 0.2
        self.ledger = Ledger(self.random.choice(POLICIES), exact=not self.clock_jumps)
        self.twilio = SimulatedTwilio(self.random, trouble=self.random.choice((0.0, 0.2, 0.5)))
        self.workers = [self.boot(), self.boot()]

    def boot(self) -> Verifier:
        clock = SteadyClock(wall=lambda: self.time.wall, monotonic=lambda: self.time.steady)
        store = SimulatedStore(self.database, self.ledger, self.random)
        return build_verifier(
            store,
            provider=self.twilio,
            clock=clock,
            randomness=self.random.randbytes,
            policy=self.ledger.policy,
            secrets=KEYS.secrets,
        )

    def run(self, actions: Sequence[Callable[["Simulation"], None]]) -> None:
        """Run all actions. Raises Broken as soon as an invariant is violated."""
        for _ in range(self.random.choice(LENGTHS)):
            self.random.choice(actions)(self)
            while self.tasks and self.random.random() < 0.8:
                self._advance(self.random.choice(self.tasks))
        self.finish()

    def begin(self, worker: int, verb: str, work: Work, *, code: str = "", session: str = "") -> None:
        """A request arrives at a worker."""
        made = Note(verb, code, session)
        task = Task(worker, self._serve(work, self.workers[worker], made), made)
        self.tasks.append(task)
        if self.trace:
            self.trace(f"{self.time.steady - 1000:8.1f} worker {worker} {verb} {code} {session}")

    async def _serve(self, work: Work, verifier: Verifier, note: Note) -> None:
        note.began, note.dead = verifier.clock.now(), self.ledger.dead()
        with suppress(VerificationError):
            await work(verifier)

    def _advance(self, task: Task) -> None:
        self.ledger.note, self.twilio.now = task.note, self.time.steady
        if not task.advance():
            self.tasks.remove(task)

    def finish(self) -> None:
        """Without further failures: everything ends, and then our records match the truth."""
        while self.tasks:
            self._advance(self.tasks[0])
        self.twilio.trouble = 0.0
        for leg in self.twilio.legs.values():
            while not leg.over:
                self.twilio.proceed(leg)
        for pause in (700, 700, 1400, 2800, 5600, 11200):
            self.time.pass_by(pause)
            for job in (Verifier.expire_overdue, Verifier.reconcile):
                self.begin(0, "maintenance", job)
                while self.tasks:
                    self._advance(self.tasks[0])
        for verification in self.ledger.verifications.values():
            require(verification.status.final, verification.sid, "is stuck as", verification.status)
        self._compare()

    def _compare(self) -> None:
        """Compare our records with Twilio's: nothing is unsettled or missing, and only what was sent is counted."""
        legs = {leg.delivery: leg for leg in self.twilio.legs.values()}
        known = {d.sid: d for d in self.ledger.deliveries.values()}
        require(legs.keys() <= known.keys(), "Twilio has what we have not", legs.keys() - known.keys())
        if self.clock_jumps:
            return  # what is older than a day by the clock is left alone
        for sid, delivery in known.items():
            leg = legs.get(sid)
            require(delivery.status.final or delivery.status is DeliveryStatus.SENT, sid, "is", delivery.status)
            require((leg is None) == self.ledger.never_left(delivery), sid, delivery.status, "but in truth", leg)
        for scope, limits in self.ledger.policy.limits:
            counts = [limit.count for limit in limits if isinstance(limit, Limit)]
            for key in {keys_of(v)[scope] for v in self.ledger.verifications.values()}:
                kept = max(counts) + 8
                counted, sent = self.database.counted(scope, key), len(self.ledger.sends(scope, key))
                require(counted == min(sent, kept), scope, "counts", counted, "and", sent, "left")

    # Chances.

    def worker(self) -> int:
        return self.random.randrange(2)

    def some_verification(self) -> str:
        known = list(self.ledger.verifications)
        return self.random.choice(known[-4:]) if known else ""

    def some_call(self, *statuses: DeliveryStatus) -> Leg | None:
        legs = [leg for leg in self.twilio.legs.values() if leg.channel is Channel.CALL and leg.status in statuses]
        return self.random.choice(legs[-4:]) if legs else None

    def pairs(self, delivery: str) -> list[str]:
        """The key pairs that open the gate of a call. If an answer was lost, the current pair was never said."""
        seed = self.ledger.verifications[self.ledger.deliveries[delivery].verification].seed
        if seed is None:
            return []
        tries = range(self.ledger.policy.keypress_tries)
        return [draw_keys(KEYS.secrets[0], seed=seed, sid=delivery, attempt=attempt) for attempt in tries]

    def session_of(self, leg: Leg) -> str:
        verification = self.ledger.deliveries[leg.delivery].verification
        return next((s.id for s in self.ledger.sessions.values() if s.verification == verification), "")

    def some_code(self, session: str) -> str:
        """The right code for this browser, if a person knows it; or the code of another verification; or a guess."""
        known, chance = self.ledger.sessions.get(session), self.random.random()
        right = self.ledger.codes.get(known.verification, "") if known else ""
        if right and chance < 0.5:
            return right
        if self.ledger.codes and chance < 0.7:
            return self.random.choice(list(self.ledger.codes.values()))
        return f"{self.random.randrange(10**6):06}"

    def look(self, verifier: Verifier) -> None:
        """People read their texts, and the page that shows a code."""
        for order in self.twilio.codes:
            self.ledger.learn_code(self.ledger.deliveries[order.delivery].verification, order.code)
        for verification in self.ledger.verifications.values():
            if code := verifier.shown_code(verification):
                self.ledger.learn_code(verification.sid, code)
