"""The limits against honest traffic and against pumping: the real decisions over counters in memory, seeded.

    python -m tests.simulation.limits            the whole table, some minutes
    python -m tests.simulation.limits --quick    the short form, as in the tests

Honest people start, type their code or do not, and ask again now and then; there are quiet mornings, full hours and
bursts. An attacker starts for a new number whenever one of its sources may, sends every code again as often as it is
allowed to, and types none. Everything is a text, which costs `PRICE`.
"""

import argparse
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain
from random import Random
from typing import Any, NamedTuple

from msgspec.structs import replace

from saycode.config.loader import load
from saycode.config.policy import build_policy
from saycode.config.sizes import Size
from tests.support.keys import KEY
from verification.context import Context
from verification.counters.counter import Counter, LimitKey, RecordAlert, TrustBrowser, Update
from verification.counters.rules import NoCounters
from verification.errors import LimitReached, VerificationError
from verification.flow.check import check, code_of
from verification.flow.ending import expire_changes
from verification.flow.start import StartRequest, new_delivery, plan_start, resend, start
from verification.models import Delivery, State, Verification
from verification.policy import SIGN_IN, Policy
from verification.ports import Changes
from verification.types import Channel, DeliveryStatus
from verification.values.codes import KeyRing
from verification.values.phone_numbers import PhoneNumber

HOUR = 3600.0
#: What a text to a pumped number costs, in dollars.
PRICE = 0.10
KEYS = KeyRing((b"a key of the simulation, 32 bytes",))
_SETTINGS = {
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "0" * 32,
    "TWILIO_FROM_NUMBER": "+14155550199",
    "SAYCODE_PUBLIC_URL": "https://verify.example",
    "SAYCODE_SECRET_KEY": KEY,
}
#: Services, and their shares of the honest traffic. Pumping goes through the first.
SERVICES = (("VA" + "1" * 32, 0.5), ("VA" + "2" * 32, 0.3), ("VA" + "3" * 32, 0.2))
_EPOCH = 1_800_000_000.0


@cache
def policy_of(size: Size) -> Policy:
    """The policy of this size, with every other setting at its default."""
    return build_policy(load({**_SETTINGS, "SAYCODE_SIZE": size.value}))


class Memory(NoCounters):
    """Counters in a dictionary."""

    def __init__(self) -> None:
        self._counters: dict[LimitKey, Counter] = {}
        self._chunks: defaultdict[LimitKey, dict[int, Sequence[float]]] = defaultdict(dict)

    def of(self, *keys: LimitKey) -> list[Counter]:
        return [self._of(key) for key in keys]

    def _of(self, key: LimitKey) -> Counter:
        if (counter := self._counters.get(key)) is None:
            counter = self._counters[key] = Counter(chunk=partial(self._chunk, key))
        return counter

    def _chunk(self, key: LimitKey, number: int) -> Sequence[float]:
        return self._chunks[key].get(number, ())

    def apply(self, updates: Iterable[Update]) -> None:
        for update in updates:
            if not isinstance(update, RecordAlert | TrustBrowser):
                self._chunks[update.key].update(update.apply_to(self._of(update.key)))


@dataclass(slots=True)
class Tally:
    """What became of the starts of one kind. `waited`: refused at first, and let through after the wait."""

    starts: int = 0
    refused: int = 0
    waited: int = 0
    sends: int = 0
    sends_by_hour: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    reasons: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    last_send: float = 0.0

    @property
    def refused_share(self) -> float:
        return self.refused / self.starts if self.starts else 0.0


class Person(NamedTuple):
    """Who starts, and what for."""

    number: PhoneNumber
    source: str
    service: str
    tally: Tally


class World:
    """The time, the counters, and what is in progress."""

    def __init__(self, seed: int, policy: Policy) -> None:
        self.random = Random(seed)
        self.policy = policy
        self.now = _EPOCH
        self.counters = Memory()
        self._open: dict[str, tuple[Verification, tuple[Delivery, ...]]] = {}
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        self._planned = 0

    @property
    def hours(self) -> float:
        return (self.now - _EPOCH) / HOUR

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        self._planned += 1
        heapq.heappush(self._agenda, (self.now + seconds, self._planned, act))

    def run(self, hours: float) -> None:
        """Let everything happen that is due within this time."""
        end = _EPOCH + hours * HOUR
        while self._agenda and self._agenda[0][0] < end:
            self.now, _, act = heapq.heappop(self._agenda)
            act()

    @property
    def context(self) -> Context:
        return Context(self.now, self.policy, KEYS)

    def start(self, person: Person) -> Verification | VerificationError:
        request = StartRequest(
            username="",
            number=person.number,
            channel=Channel.SMS,
            action=SIGN_IN,
            language="en-US",
            service=person.service,
            source=person.source,
        )
        verification, delivery, _ = plan_start(request, self.context, randomness=self.random.randbytes)
        state = State(counters=self.counters)
        changes = start(state, verification, self.context, delivery=delivery, session=None)
        self._commit(changes)
        if isinstance(changes.result, VerificationError):
            if isinstance(changes.result, LimitReached):
                person.tally.reasons[
                    f"{changes.result.scope.value} {changes.result.rule} {changes.result.wait:.0f}"
                ] += 1
            return changes.result
        self._sent(verification, (), delivery, person)
        self.later(self.policy.code_lifetime + 3, lambda: self._expire(verification.sid))
        return verification

    def resend(self, sid: str, person: Person) -> bool:
        """Send the code again. False when that is refused, or it is over."""
        if sid not in self._open:
            return False
        state = self._state(sid)
        delivery = new_delivery(sid, Channel.SMS, now=self.now, randomness=self.random.randbytes)
        changes = resend(state, self.context, delivery=delivery)
        self._commit(changes)
        if isinstance(changes.result, VerificationError) or changes.result.delivery is None:
            return False
        self._sent(self._open[sid][0], state.deliveries, delivery, person)
        return True

    def check(self, sid: str, *, right: bool) -> None:
        if sid not in self._open:
            return
        verification = self._open[sid][0]
        code = code_of(verification, KEYS)
        submitted = code if right else str((int(code[0]) + 1) % 10) + code[1:]
        self._commit(check(self._state(sid), self.context, submitted=submitted, renewed=None))

    def is_open(self, sid: str) -> bool:
        return sid in self._open

    def _expire(self, sid: str) -> None:
        if sid in self._open:
            self._commit(expire_changes(self._state(sid), self.context))

    def _state(self, sid: str) -> State:
        verification, deliveries = self._open[sid]
        return State(verification=verification, deliveries=deliveries, counters=self.counters)

    def _sent(
        self, verification: Verification, before: tuple[Delivery, ...], delivery: Delivery, person: Person
    ) -> None:
        sent = replace(delivery, status=DeliveryStatus.DELIVERED, provider_sid="SM" + delivery.sid[2:])
        self._open[verification.sid] = (verification, (*before, sent))
        person.tally.sends += 1
        person.tally.sends_by_hour[int(self.hours)] += 1
        person.tally.last_send = self.now

    def _commit(self, changes: Changes[Any]) -> None:
        self.counters.apply(changes.counter_updates)
        for verification in changes.verifications:
            if verification.status.final:
                self._open.pop(verification.sid, None)


@dataclass(slots=True)
class Honest:
    """Honest traffic: `rate` starts an hour, of which `completion` are confirmed. A fifth of it comes through shared
    addresses, such as those of phone companies, and in ten minutes of each hour four times as many people come.
    """

    world: World
    rate: float
    completion: float
    blocks: int = 0
    target: str = ""
    tally: Tally = field(default_factory=Tally)
    near: Tally = field(default_factory=Tally)
    other_services: Tally = field(default_factory=Tally)

    @property
    def starts(self) -> int:
        return sum(tally.starts for tally in (self.tally, self.near, self.other_services))

    @property
    def refused(self) -> int:
        return sum(tally.refused for tally in (self.tally, self.near, self.other_services))

    def begin(self) -> None:
        self.blocks = self.blocks or max(40, int(self.rate / 5))
        self.world.later(self.world.random.expovariate(self.rate / HOUR), self._arrive)

    def _arrive(self) -> None:
        world, random = self.world, self.world.random
        world.later(random.expovariate(self.rate * 4 / HOUR), self._arrive)
        if random.random() > (1 if world.hours % 1 < 1 / 6 else 0.1):
            return
        shared = random.random() < 0.2
        source = f"gateway {random.randrange(max(3, int(self.rate / 50)))}" if shared else f"home {random.random()}"
        (service,) = random.choices([sid for sid, _ in SERVICES], [share for _, share in SERVICES])
        block = (
            self.target
            if self.target and random.random() < 0.02
            else f"+1{2_000_000 // 10 + random.randrange(self.blocks) * 7:06}"
        )
        number = PhoneNumber(f"{block}{random.randrange(10_000):04}", "US")
        tally = self.tally
        if block == self.target:
            tally = self.near
        elif service != SERVICES[0][0]:
            tally = self.other_services
        tally.starts += 1
        self._try(Person(number, source, service, tally), again=True)

    def _try(self, person: Person, *, again: bool) -> None:
        started = self.world.start(person)
        if isinstance(started, VerificationError):
            wait = getattr(started, "wait", 0.0)
            if again and wait <= 120:
                self.world.later(wait + 1, lambda: self._try(person, again=False))
            else:
                person.tally.refused += 1
            return
        person.tally.waited += not again
        self._go_on(started.sid, person)

    def _go_on(self, sid: str, person: Person) -> None:
        world, random = self.world, self.world.random
        if random.random() < 0.25:
            world.later(random.uniform(31, 50), lambda: world.resend(sid, person))
        if random.random() < self.completion:
            world.later(random.uniform(15, 90), lambda: world.check(sid, right=True))
        elif random.random() < 0.3:
            world.later(random.uniform(15, 90), lambda: world.check(sid, right=False))


@dataclass(slots=True)
class Pumping:
    """An attack from `sources` addresses on the numbers that `number` draws. All of them know the limits."""

    world: World
    sources: int
    number: Callable[[Random], str]
    pause: float = 1.0
    tally: Tally = field(default_factory=Tally)
    _free_at: list[tuple[float, int]] = field(default_factory=list)

    def begin(self) -> None:
        self._free_at = [(0.0, n) for n in range(self.sources)]
        self._strike()

    def _strike(self) -> None:
        """The source that has waited longest starts for one more number, or all of them wait."""
        world, random = self.world, self.world.random
        free_at, n = heapq.heappop(self._free_at)
        if free_at > world.now:
            heapq.heappush(self._free_at, (free_at, n))
            world.later(max(free_at - world.now, self.pause), self._strike)
            return
        person = Person(PhoneNumber(self.number(random), "US"), f"bot {n}", SERVICES[0][0], self.tally)
        self.tally.starts += 1
        started = world.start(person)
        wait = 0.0
        if isinstance(started, VerificationError):
            self.tally.refused += 1
            wait = min(max(getattr(started, "wait", 0.0), 10.0), 60.0)
        else:
            world.later(31, lambda: self._again(started.sid, person, 61))
        heapq.heappush(self._free_at, (world.now + wait, n))
        world.later(self.pause, self._strike)

    def _again(self, sid: str, person: Person, pause: float) -> None:
        if self.world.resend(sid, person):
            pause *= 2
        if self.world.is_open(sid):
            self.world.later(pause, lambda: self._again(sid, person, pause))


BLOCK = "+1415555"


def at_a_block(random: Random) -> str:
    return f"{BLOCK}{random.randrange(10_000):04}"


def at_neighbors(random: Random) -> str:
    return f"{BLOCK}01{random.randrange(100):02}"


def over_a_country(random: Random) -> str:
    return f"+1{random.randrange(300_000, 900_000)}{random.randrange(10_000):04}"


TARGETS = {"neighbors": at_neighbors, "a block": at_a_block, "a country": over_a_country}


def honest(size: Size, rate: float, completion: float, *, hours: float, seed: int = 1) -> Honest:
    """Honest traffic alone."""
    world = World(seed, policy_of(size))
    people = Honest(world, rate, completion)
    people.begin()
    world.run(hours)
    return people


def pumped(
    size: Size, sources: int, target: str, *, rate: float = 0, hours: float = 3, seed: int = 1, pause: float = 1.0
) -> tuple[Pumping, Honest | None]:
    """An attack, alone or, from the second hour on, inside honest traffic of this rate."""
    world = World(seed, policy_of(size))
    people = None
    before = 1.0 if rate else 0.0
    if rate:
        people = Honest(world, rate, 0.65, target=BLOCK)
        people.begin()
        world.run(before)
        people.tally, people.near, people.other_services = Tally(), Tally(), Tally()
    attack = Pumping(world, sources, TARGETS[target], pause)
    world.later(0, attack.begin)
    world.run(before + hours)
    return attack, people


#: Size, starts an hour, and hours of each row about honest traffic.
_HONEST = (
    (Size.SMALL, 3, 400),
    (Size.SMALL, 30, 80),
    (Size.SMALL, 100, 30),
    (Size.MEDIUM, 3, 400),
    (Size.MEDIUM, 300, 10),
    (Size.MEDIUM, 1000, 4),
    (Size.LARGE, 3, 400),
    (Size.LARGE, 1000, 4),
    (Size.LARGE, 10_000, 1),
)
_BUSY = {Size.SMALL: 60, Size.MEDIUM: 600, Size.LARGE: 3000}


def honest_table(seed: int, scale: float) -> Iterator[str]:
    """Lines of a table: how many honest starts are refused. `scale` shortens all of it."""
    yield "| size | starts an hour | refused at 50 % | at 65 % | at 95 % completion |"
    yield "|---|---|---|---|---|"
    for size, rate, hours in _HONEST:
        runs = [honest(size, rate, completion, hours=hours * scale, seed=seed) for completion in (0.5, 0.65, 0.95)]
        cells = (f"{people.refused} of {people.starts}" for people in runs)
        yield f"| {size.value} | {rate:,} | {' | '.join(cells)} |"


def pumping_table(seed: int, scale: float) -> Iterator[str]:
    """Lines of a table: what an attack gets through, alone and inside honest traffic, and what that costs others."""
    yield (
        "| size | at | addresses | alone: texts in 3 h | cost | inside honest traffic: texts in 2 h | honest people"
        " refused: same block | same service | other services |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for size in Size:
        for target in TARGETS:
            for sources in (1, 50, 5000):
                alone, _ = pumped(size, sources, target, hours=3 * scale, seed=seed)
                inside, people = pumped(size, sources, target, rate=_BUSY[size], hours=2 * scale, seed=seed)
                assert people is not None
                refused = (
                    f"{tally.refused} of {tally.starts}" for tally in (people.near, people.tally, people.other_services)
                )
                yield (
                    f"| {size.value} | {target} | {sources:,} | {alone.tally.sends:,}"
                    f" | ${alone.tally.sends * PRICE:,.0f} | {inside.tally.sends:,} | {' | '.join(refused)} |"
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="a tenth of the time")
    asked = parser.parse_args()
    scale = 0.1 if asked.quick else 1.0
    for line in chain(honest_table(asked.seed, scale), [""], pumping_table(asked.seed, scale)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
