"""The few verbs of the service: start, again, hear, check, carrier said, cancel, sweep, settle, and what people text.

Each verb is the same three steps: the code table applies one pure decision, the carrier is asked after the commit,
the code table notes what it answered. No network call happens inside a transaction, and a start is never repeated.

What nobody reported: codes past their deadline, and deliveries that went quiet.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from .errors import NotForAction, NotReached, VerificationError, WrongStyle
from .flow import inbound
from .flow.check import CheckResult, check, claim_session, code_of, redeem
from .flow.delivery import expire, expire_changes, reconcile, record_machine, record_outcome, record_status
from .flow.inbound import InboundResult, Keyword, handle_inbound
from .flow.lookup import LookupResult, LookupRules, evaluate_lookup, record_lookup
from .flow.start import (
    StartRequest,
    StartResult,
    again,
    approve,
    cancel,
    new_delivery,
    new_verification,
    next_delivery_wait,
    start,
    switch_channel,
)
from .ivr.dialogue import CallInput
from .ivr.turn import CallEvent, NextPrompt, next_turn
from .models import CallStage, Delivery, Manner, Session, State, Verification
from .policy import Fallback, Policy
from .ports import (
    Accepted,
    ByAccount,
    ByCheck,
    ByDelivery,
    ByNumber,
    BySession,
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
from .types import CallStyle, Channel, DeliveryStatus
from .values import phone_numbers
from .values.codes import KeyRing
from .values.payments import Payment
from .values.phone_numbers import PhoneNumber


async def expire_overdue(store: Store, *, now: float, limit: int) -> int:
    """End what is past its deadline. How many were looked at."""
    overdue = await store.overdue(now=now, limit=limit)
    for sid in overdue:
        await store.apply(ByVerification(sid), lambda state: expire_changes(state, now=now))
    return len(overdue)


async def reconcile_unsettled(store: Store, provider: Provider, *, now: float, policy: Policy, limit: int) -> int:
    """Ask the carrier after deliveries that went quiet; no callback came, or nobody was there. How many there were."""
    quiet = await store.unsettled(now=now, patience=policy.quiet_timeout, limit=limit)
    for sid in quiet:
        state = await store.read(ByDelivery(sid))
        delivery, verification = state.delivery(sid), state.verification
        found = await provider.fetch_status(delivery, verification.number) if delivery and verification else None
        await _reconcile(store, provider, sid, found, now=now, policy=policy)
    return len(quiet)


async def _reconcile(
    store: Store, provider: Provider, sid: str, found: DeliveryReport | Rejected | None, *, now: float, policy: Policy
) -> None:
    still_up = await store.apply(ByDelivery(sid), lambda state: reconcile(state, sid, found, now=now, policy=policy))
    for provider_sid in still_up:
        await provider.hang_up(provider_sid)


V = TypeVar("V")
DEFAULT_LOOKUP_RULES = LookupRules()


class NumberLookup(Protocol):
    """What is known of a number beside its digits."""

    async def find(self, number: PhoneNumber) -> LookupResult:
        """Never raises: what went wrong is in the answer. May take as long as a person waits for a phone to ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """Phone verification over a code table and a carrier. With `signals`, numbers are looked up before a send, and
    `answers` says what follows.
    """

    store: Store
    provider: Provider
    clock: Clock
    randomness: Randomness
    policy: Policy
    keys: KeyRing
    signals: NumberLookup | None = None
    answers: LookupRules = DEFAULT_LOOKUP_RULES

    async def start(self, wanted: StartRequest) -> StartResult:
        """Begin a verification and send its code; the older one of the same account and action ends, or is repeated.

        Raises ActionUnknown, NotForAction, CountryNotAllowed, NumberSuppressed, LimitReached, NumberPaused,
        ChecksPaused when its code could not be checked in its life, WrongStyle for a text whose code would be typed on
        the phone, or NotReached when the carrier refused for certain. For an account's number (`manner`): NotEnrolled
        when it is no longer its, NumberTooNew when the action is risky and the number may not approve that yet. Where
        one is repeated also what `again` raises.
        """
        if wanted.style is CallStyle.KEY and wanted.channel is not Channel.CALL:
            raise WrongStyle
        action = self.policy.action(wanted.action)
        if not action.allows(wanted.channel, wanted.style):
            raise NotForAction
        phone_numbers.require_allowed(wanted.number, self.policy.countries)
        fresh, delivery, session = self.planned(wanted)
        query = ByAccount(
            service=wanted.service,
            account=fresh.account,
            action=wanted.action,
            number=wanted.number,
            session=wanted.session,
            enrolled=wanted.manner is not Manner.TYPED,
        )
        planned = await self._granted(
            query,
            lambda state: start(
                state,
                fresh=fresh,
                delivery=delivery,
                session=session,
                now=fresh.created_at,
                policy=self.policy,
                risky=action.risky,
                repeats=wanted.repeats,
                browser=wanted.browser,
            ),
        )
        return await self._send(planned)

    async def resend(self, sid: str, channel: Channel) -> StartResult:
        """Send the same code once more. Raises NotFound, NotPending, NumberSuppressed, WrongStyle, NotForAction,
        TooSoon, TooManyDeliveries, LimitReached, NumberPaused, ChecksPaused, and NotReached when the carrier refused.
        """
        now = self.clock.now()
        delivery = self.plan(sid, channel, now)
        planned = await self._granted(
            ByVerification(sid),
            lambda state: again(state, delivery=delivery, now=now, policy=self.policy),
        )
        return await self._send(planned)

    async def dispatch(self, sid: str) -> None:
        """Send a delivery that was planned inside a webhook. What the carrier refuses stands in its record."""
        state = await self.store.read(ByDelivery(sid))
        delivery, verification = state.delivery(sid), state.verification
        if delivery is None or verification is None or verification.status.final or state.suppressed:
            return
        if verification.silent:
            return
        if delivery.status is DeliveryStatus.PLANNED and self.clock.now() < verification.expires_at:
            await self._ask_carrier(verification, delivery)

    async def handle_call_event(
        self,
        sid: str,
        *,
        provider_sid: str,
        to: str | None = None,
        heard: CallInput,
        digits: str = "",
        webhook: str = "",
    ) -> NextPrompt:
        """What the phone says next in the call of this delivery. Raises NotFound for a call that is not ours.

        `to` is the number that was called, as the carrier has it; `webhook` names the request, the same for the same
        one again.
        """
        now = self.clock.now()
        call_event = CallEvent(
            delivery=sid,
            provider_sid=provider_sid,
            to=to,
            heard=heard,
            digits=digits,
            webhook=webhook,
            follow_up=lambda: self.plan("", Channel.SMS, now),
            now=now,
        )
        return await self._unless_unchanged(
            ByDelivery(sid, sending=True),
            lambda state: next_turn(state, call_event, keys=self.keys, policy=self.policy),
        )

    async def check(self, sid: str, submitted: str, *, payment: Payment | None = None) -> CheckResult:
        """Compare a submitted code with this verification's. Raises NotFound, CodeMalformed, WrongStyle, ChecksPaused.

        `payment` is what the code is to approve; another one than it was made for kills the code.
        What the verdict names under `hang_up` is the caller's to end, once the answer is on its way.
        """
        return await self._check(ByVerification(sid), submitted, presented=payment, renewed=None)

    async def check_in_session(
        self, session: str, submitted: str, *, renewed: str, browser: str | None = None
    ) -> CheckResult:
        """The same for a browser; when the code is right, its session moves to the id `renewed`, and it is known by the
        digest `browser` from then on.
        """
        fresh = self._session(renewed, Channel.CALL, self.clock.now())
        return await self._check(BySession(session), submitted, renewed=fresh, browser=browser)

    async def claim(self, session: str, *, renewed: str, browser: str | None = None) -> bool:
        """Move a browser to a new session once its code was typed on the phone. False when nothing is to be claimed."""
        now = self.clock.now()
        fresh = self._session(renewed, Channel.CALL, now)
        return await self._unless_unchanged(
            BySession(session),
            lambda state: claim_session(state, renewed=fresh, now=now, policy=self.policy, browser=browser),
        )

    def shown_code(self, verification: Verification) -> str | None:
        """The code that the page shows, because it is to be typed on the phone; None for any other verification."""
        if verification.style is not CallStyle.KEY or verification.status.final:
            return None
        return code_of(verification, self.keys)

    async def on_machine_detected(self, sid: str, *, provider_sid: str, to: str | None = None) -> bool:
        """Twilio heard a machine in the call of this delivery. False when it is no call of ours."""
        now = self.clock.now()
        return await self.store.apply(
            ByDelivery(sid), lambda state: record_machine(state, sid, provider_sid=provider_sid, to=to, now=now)
        )

    async def hang_up_on_machine(self, sid: str) -> None:
        """End a call in which a machine may be hearing the code. Before that, its next document says goodbye."""
        delivery = (await self.store.read(ByDelivery(sid))).delivery(sid)
        if (
            delivery
            and delivery.machine
            and delivery.stage not in (CallStage.GATE, CallStage.OVER)
            and delivery.provider_sid
        ):
            await self.provider.hang_up(delivery.provider_sid)

    async def on_status(
        self,
        sid: str,
        *,
        provider_sid: str,
        to: str | None = None,
        status: DeliveryStatus,
        error: int | None = None,
        seconds: int | None = None,
    ) -> bool:
        """A status callback. False when it is about no delivery of ours; repeated and late ones change nothing.

        `seconds`: how long a call lasted.
        """
        now = self.clock.now()
        return await self._unless_unchanged(
            ByDelivery(sid),
            lambda state: record_status(
                state,
                sid,
                provider_sid=provider_sid,
                to=to,
                status=status,
                error=error,
                seconds=seconds,
                now=now,
                policy=self.policy,
            ),
        )

    async def switch_channel(self, sid: str) -> str | None:
        """The delivery to dispatch after this one did not get through, where the operator wants the switch made."""
        now = self.clock.now()
        follow_up = self.plan("", Channel.CALL, now)
        if self.policy.fallback is Fallback.OFFER:
            return None
        return await self.store.apply(
            ByDelivery(sid, sending=True),
            lambda state: switch_channel(state, sid, follow_up=follow_up, now=now, policy=self.policy),
        )

    async def redeem(self, sid: str, *, service: str) -> Verification:
        """Use up the receipt of an approved verification, once. Raises NotFound, also for another service's;
        NotRedeemable.
        """
        now = self.clock.now()
        return await self._granted(
            ByVerification(sid), lambda state: redeem(state, service=service, now=now, policy=self.policy)
        )

    async def cancel(self, sid: str) -> Verification:
        """End a verification and its live call. Raises NotFound, NotPending."""
        planned = await self.call_off(sid)
        await self.hang_up(planned.hang_up)
        return planned.verification

    async def call_off(self, sid: str) -> StartResult:
        """End a verification; what is to be hung up is the caller's to end, once the answer is on its way."""
        now = self.clock.now()
        return await self._granted(ByVerification(sid), lambda state: cancel(state, now=now, policy=self.policy))

    async def approve(self, sid: str) -> StartResult:
        """Approve a verification on the application's word; what is to be hung up is the caller's to end, too. Raises
        NotFound, NotPending.
        """
        now = self.clock.now()
        return await self._granted(ByVerification(sid), lambda state: approve(state, now=now, policy=self.policy))

    async def get(self, query: ByVerification | ByDelivery | ByCheck) -> State:
        """How a verification stands now; one past its deadline as expired."""
        state = await self.store.read(query)
        over = expire(state, now=self.clock.now())
        return replace(state, verification=over.verification) if over else state

    async def get_for_session(self, session: str) -> State:
        """What a browser may see: its verification as it stands now, or an empty case."""
        state = await self.store.read(BySession(session))
        now = self.clock.now()
        if state.session is None or state.session.replaced_at is not None or state.session.expires_at <= now:
            return State()
        over = expire(state, now=now)
        return replace(state, verification=over.verification) if over else state

    def next_delivery_wait(self, state: State) -> float:
        """Seconds until the next delivery of this verification is allowed."""
        return next_delivery_wait(state, now=self.clock.now(), policy=self.policy)

    async def handle_text(self, number: PhoneNumber, body: str) -> InboundResult:
        """Somebody texts us."""
        keyword, provider_replies = inbound.parse_keyword(body)
        return replace(await self._heed(number, keyword), provider_replies=provider_replies)

    async def handle_inbound_keys(self, number: PhoneNumber, digits: str) -> InboundResult:
        """Somebody calls us and presses a key: 1 to be called back, 9 never to be called."""
        keyword = {"1": Keyword.CALL, "9": Keyword.STOP}.get(digits, Keyword.OTHER)
        return await self._heed(number, keyword)

    async def sweep(self, *, limit: int = 100) -> int:
        """End what is past its deadline. How many were looked at."""
        return await expire_overdue(self.store, now=self.clock.now(), limit=limit)

    async def settle(self, *, limit: int = 100) -> int:
        """Ask the carrier after deliveries that went quiet. How many there were."""
        return await reconcile_unsettled(
            self.store, self.provider, now=self.clock.now(), policy=self.policy, limit=limit
        )

    def planned(self, wanted: StartRequest) -> tuple[Verification, Delivery, Session | None]:
        """What a start would make, before anybody has decided on it."""
        now = self.clock.now()
        fresh = new_verification(wanted, now=now, policy=self.policy, keys=self.keys, randomness=self.randomness)
        session = None
        if wanted.session is not None:
            session = self._session(wanted.session, wanted.channel, now, verification=fresh.sid)
        delivery = self.plan(fresh.sid, wanted.channel, now)
        if wanted.delivery is not None:
            delivery = replace(delivery, sid=wanted.delivery)
        return fresh, delivery, session

    def plan(self, verification: str, channel: Channel, now: float) -> Delivery:
        """A delivery that nobody has been asked to make yet."""
        return new_delivery(verification, channel, now=now, randomness=self.randomness)

    def _session(self, id: str, channel: Channel, now: float, *, verification: str = "") -> Session:
        until = now + self.policy.session_lifetime
        return Session(id=id, verification=verification, channel=channel, expires_at=until)

    async def _granted(self, query: Query, decide: Callable[[State], Changes[V | VerificationError]]) -> V:
        result = await self.store.apply(query, decide)
        if isinstance(result, VerificationError):
            raise result
        return result

    async def _unless_unchanged(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        """Decide by a read first: most of what is asked changes nothing, and a read waits for nobody."""
        glance = decide(await self.store.read(query))
        if glance.deliveries or glance.verifications or glance.sessions:
            return await self.store.apply(query, decide)
        return glance.result

    async def _check(
        self,
        query: Query,
        submitted: str,
        *,
        renewed: Session | None,
        presented: Payment | None = None,
        browser: str | None = None,
    ) -> CheckResult:
        now = self.clock.now()
        return await self._granted(
            query,
            lambda state: check(
                state,
                submitted=submitted,
                presented=presented,
                keys=self.keys,
                renewed=renewed,
                now=now,
                policy=self.policy,
                browser=browser,
            ),
        )

    async def _send(self, planned: StartResult) -> StartResult:
        await self.hang_up(planned.hang_up)
        if planned.delivery is None:
            return planned
        outcome, verification = await self._ask_carrier(planned.verification, planned.delivery)
        if isinstance(outcome, Rejected):
            raise NotReached(planned.delivery.channel, permanent=outcome.permanent, code=outcome.code)
        return replace(planned, verification=verification)

    async def _ask_carrier(self, verification: Verification, delivery: Delivery) -> tuple[Outcome, Verification]:
        outcome: Outcome | None = await self._look_up(verification, delivery)
        if outcome is not None:
            pass  # nobody is asked to send anything
        elif self.clock.now() - delivery.created_at >= self.policy.plan_lifetime:
            outcome = Rejected(permanent=False, code=None)  # held up on the way; soon it will be settled as never sent
        elif delivery.channel is Channel.CALL:
            outcome = await self.provider.call(delivery.sid, verification.number)
        else:
            outcome = await self.provider.text(self._order(verification, delivery))
        now = self.clock.now()
        noted = await self.store.apply(
            ByDelivery(delivery.sid),
            lambda state: record_outcome(state, delivery.sid, outcome, now=now, policy=self.policy),
        )
        after = noted or verification
        if after.status.final and isinstance(outcome, Accepted) and delivery.channel is Channel.CALL:
            # Ended while Twilio was being asked, when there was no sid yet to hang up.
            await self.hang_up((outcome.provider_sid,))
        return outcome, after

    async def _look_up(self, verification: Verification, delivery: Delivery) -> Outcome | None:
        """What a look-up of the number leads to, where the operator wants one."""
        if self.signals is None:
            return None
        judged = evaluate_lookup(await self.signals.find(verification.number), delivery.channel, self.answers)
        if judged.detail:
            now = self.clock.now()
            await self.store.apply(
                ByDelivery(delivery.sid), lambda state: record_lookup(state, delivery.sid, judged.detail, now=now)
            )
        return judged.refusal

    def _order(self, verification: Verification, delivery: Delivery) -> TextMessage:
        return TextMessage(
            action=verification.action,
            payment=verification.payment,
            delivery=delivery.sid,
            to=verification.number,
            code=code_of(verification, self.keys),
            language=verification.language,
            lifetime=max(1, round(verification.expires_at - self.clock.now())),
            brand=verification.brand,
        )

    async def hang_up(self, provider_sids: tuple[str, ...]) -> None:
        """End these calls, which a decision has called off."""
        for provider_sid in provider_sids:
            await self.provider.hang_up(provider_sid)

    async def _heed(self, number: PhoneNumber, keyword: Keyword) -> InboundResult:
        if keyword in (Keyword.HELP, Keyword.OTHER):
            return InboundResult(keyword)
        now = self.clock.now()
        follow_up = self.plan("", Channel.CALL, now)

        async def once() -> InboundResult:
            return await self.store.apply(
                ByNumber(number),
                lambda state: handle_inbound(state, number, keyword, follow_up=follow_up, now=now, policy=self.policy),
            )

        heeded = await once()
        # Several accounts may be waiting for the same phone. No new one begins: the number is left alone by now.
        while keyword is Keyword.STOP and (await self.store.read(ByNumber(number))).verification is not None:
            heeded = replace(heeded, hang_up=(*heeded.hang_up, *(await once()).hang_up))
        return heeded
