"""The carrier with a breaker for each channel: what is in trouble is left alone for a while (see verification.breaker).

It turns starts away, never hang-ups. A look-up waits as well: what it would settle can be settled later.

When the carrier is half down: after a run of failures a channel rests, and then one start at a time tries it.

    closed  -- RUN failures, one after the other --> resting
    resting -- its pause is over --> a probe goes out    -- taken --> closed
                                                         -- failed --> resting, twice as long

While it rests a start fails at once, as if the carrier had refused it for certain: nobody waits ten seconds for the
offer of the other channel, nobody's allowance is used up, and a carrier that is in trouble is left alone. The state is
one process's own; every worker finds out for itself.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from time import monotonic

from verification.models import Delivery, Notice
from verification.ports import DeliveryReport, Outcome, Provider, Rejected, TextMessage, Unclear
from verification.types import Channel
from verification.values.phone_numbers import PhoneNumber

log = logging.getLogger("saycode.twilio.client")

CIRCUIT_OPEN = Rejected(permanent=False, code=None)


class CircuitBreakerProvider:
    """A `verification.ports.Carrier` that gives another one its rest."""

    def __init__(self, provider: Provider, *, now: Callable[[], float] = monotonic) -> None:
        self._carrier = provider
        self._now = now
        self._breakers = {channel: CircuitBreaker() for channel in Channel}

    @property
    def resting(self) -> frozenset[Channel]:
        """The channels that are not tried at the moment; for health and metrics."""
        return frozenset(channel for channel, breaker in self._breakers.items() if breaker.resting)

    async def call(self, delivery: str, to: PhoneNumber) -> Outcome:
        """Place a call, unless calls rest."""
        return await self._start(Channel.CALL, lambda: self._carrier.call(delivery, to))

    async def text(self, order: TextMessage) -> Outcome:
        """Send a text, unless texts rest."""
        return await self._start(Channel.SMS, lambda: self._carrier.text(order))

    async def tell(self, notice: Notice) -> Outcome:
        """Tell somebody of a changed number, unless the channel rests."""
        return await self._start(notice.channel, lambda: self._carrier.tell(notice))

    async def hang_up(self, provider_sid: str) -> None:
        """End a call."""
        await self._carrier.hang_up(provider_sid)

    async def fetch_status(self, delivery: Delivery, to: PhoneNumber) -> DeliveryReport | Rejected | None:
        """What became of a delivery; None while its channel rests."""
        if delivery.channel in self.resting:
            return None
        return await self._carrier.fetch_status(delivery, to)

    async def _start(self, channel: Channel, ask: Callable[[], Awaitable[Outcome]]) -> Outcome:
        admitted = self._breakers[channel].admit(now=self._now())
        if admitted is None:
            return CIRCUIT_OPEN
        self._breakers[channel] = admitted
        outcome = await ask()
        before = self._breakers[channel]
        after = self._breakers[channel] = before.after(outcome, now=self._now())
        if after.resting and after != before:
            log.error("circuit opened", extra={"fields": {"channel": channel.value, "seconds": round(after.pause)}})
        elif before.resting and not after.resting:
            log.warning("circuit closed", extra={"fields": {"channel": channel.value}})
        return outcome


#: Failures one after the other. A carrier that fails every third time has a run of five once in some 200 starts.
FAILURE_THRESHOLD = 5
#: Seconds: the first pause, the longest one, and how long a probe may take until another may go out.
FIRST_PAUSE, MAX_PAUSE, PROBE_TIMEOUT = 10.0, 60.0, 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitBreaker:
    """One channel. `until`: when it may be tried again; `probing`: a start is trying it now."""

    failures: int = 0
    pause: float = 0
    until: float = 0
    probing: bool = False

    @property
    def resting(self) -> bool:
        """Whether starts are turned away, all but probes."""
        return self.failures >= FAILURE_THRESHOLD

    def admit(self, *, now: float) -> "CircuitBreaker | None":
        """The breaker once a start has gone out; None when it has to be turned away."""
        if not self.resting:
            return self
        return replace(self, until=now + PROBE_TIMEOUT, probing=True) if now >= self.until else None

    def after(self, outcome: Outcome, *, now: float) -> "CircuitBreaker":
        """The breaker after the carrier's answer."""
        if not is_failure(outcome):
            return CircuitBreaker()
        if not self.resting:
            run = replace(self, failures=self.failures + 1)
            return replace(run, pause=FIRST_PAUSE, until=now + FIRST_PAUSE) if run.resting else run
        if not self.probing:
            return self  # begun before the rest; it says nothing new
        longer = min(2 * self.pause, MAX_PAUSE)
        return replace(self, pause=longer, until=now + longer, probing=False)


def is_failure(outcome: Outcome) -> bool:
    """Whether the carrier is in trouble. A refusal that will stay the same is an answer like any other."""
    return isinstance(outcome, Unclear) or (isinstance(outcome, Rejected) and not outcome.permanent)
