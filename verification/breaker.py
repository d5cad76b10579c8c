"""When the carrier is half down: after a run of failures a channel rests, and then one start at a time tries it.

    closed  -- RUN failures, one after the other --> resting
    resting -- its pause is over --> a probe goes out    -- taken --> closed
                                                         -- failed --> resting, twice as long

While it rests a start fails at once, as if the carrier had refused it for certain: nobody waits ten seconds for the
offer of the other channel, nobody's allowance is used up, and a carrier that is in trouble is left alone. The state is
one process's own; every worker finds out for itself.
"""

from dataclasses import dataclass, replace

from .ports import Outcome, Rejected, Unclear

#: Failures one after the other. A carrier that fails every third time has a run of five once in some 200 starts.
RUN = 5
#: Seconds: the first pause, the longest one, and how long a probe may take until another may go out.
PAUSE, LONGEST_PAUSE, PROBE = 10.0, 60.0, 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """One channel. `until`: when it may be tried again; `probing`: a start is trying it now."""

    failures: int = 0
    pause: float = 0
    until: float = 0
    probing: bool = False

    @property
    def resting(self) -> bool:
        """Whether starts are turned away, all but probes."""
        return self.failures >= RUN

    def admit(self, *, now: float) -> "Breaker | None":
        """The breaker once a start has gone out; None when it has to be turned away."""
        if not self.resting:
            return self
        return replace(self, until=now + PROBE, probing=True) if now >= self.until else None

    def after(self, outcome: Outcome, *, now: float) -> "Breaker":
        """The breaker after the carrier's answer."""
        if not failed(outcome):
            return Breaker()
        if not self.resting:
            run = replace(self, failures=self.failures + 1)
            return replace(run, pause=PAUSE, until=now + PAUSE) if run.resting else run
        if not self.probing:
            return self  # begun before the rest; it says nothing new
        longer = min(2 * self.pause, LONGEST_PAUSE)
        return replace(self, pause=longer, until=now + longer, probing=False)


def failed(outcome: Outcome) -> bool:
    """Whether the carrier is in trouble. A refusal that will stay the same is an answer like any other."""
    return isinstance(outcome, Unclear) or (isinstance(outcome, Rejected) and not outcome.permanent)
