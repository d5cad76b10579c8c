"""Everything that asks the provider: sending, hanging up, and looking up deliveries without a callback.

The provider is asked after the commit, never inside a transaction. A start is never repeated.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from msgspec.structs import replace

from .context import Context
from .errors import NotReached, VerificationError
from .flow.check import code_of
from .flow.delivery import reconcile, record_outcome
from .flow.ending import expire_changes
from .flow.lookup import LookupResult, LookupRules, evaluate_lookup, record_lookup
from .flow.start import StartResult
from .models import Delivery, Event, State, Verification
from .policy import PERMISSION, Policy
from .ports import (
    Accepted,
    ByDelivery,
    ByVerification,
    Changes,
    Clock,
    DeliveryReport,
    Outcome,
    Provider,
    Query,
    Randomness,
    Rejected,
    Store,
    TextMessage,
)
from .types import DeliveryStatus, Record
from .values.codes import KeyRing
from .values.phone_numbers import PhoneNumber

V = TypeVar("V")
DEFAULT_LOOKUP_RULES = LookupRules()


class NumberLookup(Protocol):
    """Line type, SIM changes and call forwarding of a number."""

    async def find(self, number: PhoneNumber) -> LookupResult:
        """Never raises: the result says what failed. May take as long as a person waits for a phone to ring."""


def _ignore(_: Sequence[Event]) -> None:
    """Do not count what was refused."""


class Dispatcher(Record, frozen=True, kw_only=True):
    """The store and the provider. With `lookup`, a number is looked up before each send, and `lookup_rules` decides.

    Events that name no actor get `actor`: the sid of an API key, or empty for the person at the page. `on_refused`
    counts what was refused and not written.
    """

    store: Store
    provider: Provider
    clock: Clock
    randomness: Randomness
    policy: Policy
    keys: KeyRing
    lookup: NumberLookup | None = None
    lookup_rules: LookupRules = DEFAULT_LOOKUP_RULES
    actor: str = ""
    on_refused: Callable[[Sequence[Event]], None] = _ignore

    def context(self) -> Context:
        """The context of one decision that is made now."""
        return Context(self.clock.now(), self.policy, self.keys)

    async def apply(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        """Let the store apply a decision, under this actor."""
        refused: tuple[Event, ...] = ()

        def work(state: State) -> Changes[V]:
            nonlocal refused
            changes = decide(state)
            refused = changes.counted if changes.counted and changes.empty else ()
            return changes.with_actor(self.actor) if self.actor else changes

        result = await self.store.apply(query, work)
        if refused:
            self.on_refused(refused)
        return result

    async def apply_or_raise(self, query: Query, decide: Callable[[State], Changes[V | VerificationError]]) -> V:
        """Let the store apply a decision, and raise the error that is its result."""
        result = await self.apply(query, decide)
        if isinstance(result, VerificationError):
            raise result
        return result

    async def dispatch(self, sid: str) -> None:
        """Send a planned delivery. A rejection by the provider is recorded in the delivery."""
        state = await self.store.read(ByDelivery(sid))
        delivery, verification = state.delivery(sid), state.verification
        if delivery is None or verification is None or verification.status.final:
            return
        if state.suppressed and verification.action != PERMISSION:
            return
        if verification.decoy:
            return
        if delivery.status is DeliveryStatus.PLANNED and self.clock.now() < verification.expires_at:
            await self._ask_provider(verification, delivery)

    async def hang_up(self, provider_sids: tuple[str, ...]) -> None:
        """End the calls that a decision has canceled."""
        for provider_sid in provider_sids:
            await self.provider.hang_up(provider_sid)

    async def expire_overdue(self, *, limit: int = 100) -> int:
        """Expire verifications past their deadline, in batches until none is left. Returns how many were read."""
        context, done = self.context(), set[str]()
        while batch := _new(await self.store.overdue(now=context.now, limit=limit), done):
            for sid in batch:
                await self.apply(ByVerification(sid), lambda state: expire_changes(state, context))
        return len(done)

    async def reconcile(self, *, limit: int = 100) -> int:
        """Ask the provider about deliveries for which no callback came, in batches until none is left.

        Returns how many there were.
        """
        context, patience, done = self.context(), self.policy.quiet_timeout, set[str]()
        while batch := _new(await self.store.unsettled(now=context.now, patience=patience, limit=limit), done):
            for sid in batch:
                await self._reconcile(sid, context)
        return len(done)

    async def _reconcile(self, sid: str, context: Context) -> None:
        state = await self.store.read(ByDelivery(sid))
        delivery, verification = state.delivery(sid), state.verification
        report = None
        if delivery is not None and verification is not None:
            others = [other.provider_sid for other in state.deliveries if other.provider_sid is not None]
            report = await self.provider.fetch_status(delivery, verification.number, others)
        await self._record_report(sid, report, context)

    async def _record_report(self, sid: str, report: DeliveryReport | Rejected | None, context: Context) -> None:
        still_up = await self.apply(ByDelivery(sid), lambda state: reconcile(state, sid, report, context))
        await self.hang_up(still_up)

    async def _send(self, started: StartResult) -> StartResult:
        """Hang up and send what a start has led to. Raises NotReached."""
        await self.hang_up(started.hang_up)
        if started.delivery is None:
            return started
        outcome, state = await self._ask_provider(started.verification, started.delivery)
        if isinstance(outcome, Rejected):
            raise NotReached(started.delivery.channel, permanent=outcome.permanent, code=outcome.code)
        return replace(started, verification=state.verification or started.verification, state=state)

    async def _ask_provider(self, verification: Verification, delivery: Delivery) -> tuple[Outcome, State]:
        outcome: Outcome | None = await self._look_up(verification, delivery)
        if outcome is not None:
            pass  # the look-up rules reject the number, so nothing is sent
        elif self.clock.now() - delivery.created_at >= self.policy.plan_lifetime:
            outcome = Rejected(permanent=False, code=None)  # delayed for too long: `reconcile` may find it never sent
        elif verification.number.extension and not delivery.channel.dials_extensions:
            outcome = Rejected(permanent=True, code=None)  # the text would go to the whole switchboard
        elif delivery.channel.spoken:
            outcome = await self.provider.call(delivery.sid, verification.number)
        else:
            outcome = await self.provider.text(self._text_message(verification, delivery))
        context = self.context()
        recorded = await self.apply(
            ByDelivery(delivery.sid),
            lambda state: with_state(record_outcome(state, delivery.sid, outcome, context), state),
        )
        current = recorded.verification or verification
        if current.status.final and isinstance(outcome, Accepted) and delivery.channel.spoken:
            # It ended while Twilio was being asked, when there was no sid yet to hang up.
            await self.hang_up((outcome.provider_sid,))
        return outcome, recorded

    async def _look_up(self, verification: Verification, delivery: Delivery) -> Rejected | None:
        if self.lookup is None or self.policy.fixed_code(verification.number) is not None:
            return None
        result = await self.lookup.find(verification.number)
        decision = evaluate_lookup(result, delivery.channel, self.lookup_rules)
        if decision.detail:
            now = self.clock.now()
            await self.apply(
                ByDelivery(delivery.sid), lambda state: record_lookup(state, delivery.sid, decision.detail, now=now)
            )
        return decision.rejection

    def _text_message(self, verification: Verification, delivery: Delivery) -> TextMessage:
        return TextMessage(
            action=verification.action,
            payment=verification.payment,
            delivery=delivery.sid,
            channel=delivery.channel,
            to=verification.number,
            code=code_of(verification, self.keys),
            language=verification.language,
            lifetime=max(1, round(verification.expires_at - self.clock.now())),
            brand=verification.brand,
            app_hash=verification.app_hash,
        )


def state_after(changes: Changes[V], state: State) -> State:
    """The state once these changes are written, so that it need not be read again."""
    before, deliveries = state.verification, {delivery.sid: delivery for delivery in changes.deliveries}
    changed = [verification for verification in changes.verifications if before and verification.sid == before.sid]
    return State(
        verification=changed[0] if changed else before,
        deliveries=tuple(deliveries.get(delivery.sid, delivery) for delivery in state.deliveries),
    )


def with_state(changes: Changes[V], state: State) -> Changes[State]:
    """The same changes with the state after them as their result."""
    return changes.with_result(state_after(changes, state))


def _new(sids: Sequence[str], done: set[str]) -> list[str]:
    """Those that are not done yet, and are from now on: one that cannot be ended must not be tried forever."""
    batch = [sid for sid in sids if sid not in done]
    done.update(batch)
    return batch
