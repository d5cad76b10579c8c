"""The use cases: start, resend, check, cancel, and what webhooks, inbound texts and inbound calls lead to.

Each takes the same three steps: the store applies one pure decision, the provider is asked after the commit, and the
store records the answer.
"""

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from .context import Context
from .dispatcher import Dispatcher, V, state_after
from .errors import CallsOnly, NotForAction, VerificationError, WrongStyle
from .flow import ending, inbound
from .flow import start as rules
from .flow.check import CheckResult, check, claim_session, code_of, redeem
from .flow.delivery import record_machine, record_status, switch_channel
from .flow.ending import EndResult, as_of
from .flow.inbound import InboundResult, InboundText, handle_key, handle_text, stop_next
from .flow.rate_limits import keys_of
from .flow.start import StartRequest, StartResult, new_delivery, plan_start
from .ivr.prompts import CallInput, GreetingKey
from .ivr.turn import CallEvent, NextPrompt, next_turn
from .models import CallStage, Delivery, Manner, State, Verification
from .policy import Fallback
from .ports import ByAccount, ByCheck, ByDelivery, ByNumber, BySession, ByVerification, Changes, Query
from .types import CallStyle, Channel, DeliveryStatus
from .values import phone_numbers
from .values.keywords import Keyword
from .values.payments import Payment
from .values.phone_numbers import PhoneNumber


class Verifier(Dispatcher, frozen=True, kw_only=True):
    """Phone verification over a store and a provider."""

    async def start(self, request: StartRequest) -> StartResult:
        """Begin a verification and send its code. An older one of the same account and action ends, or is resent.

        Raises ActionUnknown, NotForAction, CountryNotAllowed, CallsOnly, NumberSuppressed, LimitReached, NumberPaused,
        ChecksPaused when a lockout outlasts the code, WrongStyle for a text or an application's own code that would be
        typed on the phone, or NotReached when the provider rejected the delivery. For an account's number (`manner`):
        NotEnrolled when the account no longer has it, NumberTooNew when the action is risky and the number is new. With
        `resends`, also what `resend` raises.
        """
        if request.style is CallStyle.KEY and (not request.channel.spoken or request.custom_code):
            raise WrongStyle
        action = self.policy.action(request.action)
        payment = request.payment is not None
        if not self.policy.allows(action.name, request.channel, request.style, payment=payment):
            raise NotForAction
        phone_numbers.require_allowed(request.number, self.policy.countries)
        if request.number.extension and not request.channel.dials_extensions:
            raise CallsOnly
        context = self.context()
        verification, delivery, session = plan_start(request, context, randomness=self.randomness)
        query = ByAccount(
            service=request.service,
            account=verification.account,
            action=request.action,
            number=request.number,
            session=request.session,
            enrolled=request.manner is not Manner.TYPED,
            counters=keys_of(verification, self.policy.send_scopes),
        )
        started = await self.apply_or_raise(
            query,
            lambda state: rules.start(
                state,
                verification,
                context,
                delivery=delivery,
                session=session,
                risky=action.risky,
                resends=request.resends,
                browser=request.browser,
            ),
        )
        return await self._send(started)

    async def resend(self, sid: str, channel: Channel) -> StartResult:
        """Send the same code again. Raises NotFound, NotPending, NumberSuppressed, WrongStyle, NotForAction, TooSoon,
        TooManyDeliveries, LimitReached, NumberPaused, ChecksPaused, and NotReached when the provider rejected it.
        """
        context = self.context()
        delivery = self.plan_delivery(sid, channel, context)
        query = ByVerification(sid, scopes=self.policy.send_scopes)
        started = await self.apply_or_raise(query, lambda state: rules.resend(state, context, delivery=delivery))
        return await self._send(started)

    async def check(self, sid: str, submitted: str, *, payment: Payment | None = None) -> CheckResult:
        """Compare a submitted code with this verification's. Raises NotFound, CodeMalformed, WrongStyle, ChecksPaused,
        and CheckedElsewhere for the application's own code.

        `payment` is what the code is to approve; any other than it was made for ends the verification. The caller
        hangs up the calls in `hang_up` once its answer is sent.
        """
        return await self.check_as(ByVerification(sid), submitted, payment=payment)

    async def check_as(
        self,
        query: ByVerification | ByCheck,
        submitted: str,
        *,
        payment: Payment | None = None,
        require: Callable[[Verification | None], None] | None = None,
    ) -> CheckResult:
        """The same for the verification of a query. `require` raises where the caller may not check it: then nothing
        is compared or counted.
        """
        return await self._check(query, submitted, presented=payment, renewed=None, require=require)

    async def check_in_session(
        self, session: str, submitted: str, *, renewed: str, browser: str | None = None, payment: Payment | None = None
    ) -> CheckResult:
        """The same for a browser. The right code moves its session to the id `renewed` and makes the browser with the
        digest `browser` trusted.
        """
        query = BySession(session)
        return await self._check(query, submitted, presented=payment, renewed=renewed, browser=browser)

    async def claim(self, session: str, *, renewed: str, browser: str | None = None) -> bool:
        """Move a browser to a new session after its code was typed on the phone. False when there is none to claim."""
        context = self.context()
        return await self._apply_if_changed(
            BySession(session), lambda state: claim_session(state, context, renewed=renewed, browser=browser)
        )

    def shown_code(self, verification: Verification) -> str | None:
        """The code that the page shows because it is typed on the phone; None for any other verification."""
        if verification.style is not CallStyle.KEY or verification.status.final:
            return None
        return code_of(verification, self.keys)

    async def redeem(self, sid: str, *, service: str) -> Verification:
        """Use the receipt of an approved verification, once. Raises NotRedeemable, and NotFound, also for another
        service's verification.
        """
        context = self.context()
        return await self.apply_or_raise(ByVerification(sid), lambda state: redeem(state, context, service=service))

    async def cancel(self, sid: str) -> EndResult:
        """Cancel a verification. The caller hangs up the calls in `hang_up` once its answer is sent.

        Raises NotFound, NotPending.
        """
        context = self.context()
        return await self.apply_or_raise(ByVerification(sid), lambda state: ending.cancel(state, context))

    async def approve(self, sid: str) -> EndResult:
        """Approve a verification on the application's word; `hang_up` as in `cancel`. Raises NotFound, NotPending."""
        context = self.context()
        return await self.apply_or_raise(ByVerification(sid), lambda state: ending.approve(state, context))

    async def get(self, query: ByVerification | ByDelivery | ByCheck) -> State:
        """The current state; a verification past its deadline is shown as expired."""
        return self._as_of_now(await self.store.read(query))

    async def get_for_session(self, session: str) -> State:
        """What a browser may see: the state of its verification, or an empty state."""
        state = await self.store.read(BySession(session))
        if state.session is None or state.session.replaced_at is not None:
            return State()
        if state.session.expires_at <= self.clock.now():
            return State()
        return self._as_of_now(state)

    # What webhooks bring.

    async def handle_call_event(
        self,
        sid: str,
        *,
        provider_sid: str,
        to: str | None = None,
        call_input: CallInput,
        digits: str = "",
        webhook: str = "",
        again: bool = False,
    ) -> NextPrompt:
        """What the phone says next in the call of this delivery. Raises NotFound for a call that is not ours.

        `to` is the number that was called, as the provider reports it; `webhook` identifies the request, so that a
        repeated request is recognized. `again` asks for the last prompt, and changes nothing.
        """
        context = self.context()
        call_event = CallEvent(
            delivery=sid,
            provider_sid=provider_sid,
            to=to,
            input=call_input,
            digits=digits,
            webhook=webhook,
            again=again,
            follow_up=lambda: self.plan_delivery("", Channel.SMS, context),
        )
        return await self._apply_if_changed(
            ByDelivery(sid, sending=True), lambda state: next_turn(state, call_event, context)
        )

    async def on_machine_detected(self, sid: str, *, provider_sid: str, to: str | None = None) -> bool:
        """Twilio detected a machine in the call of this delivery. False when the call is not ours."""
        now = self.clock.now()
        return await self.apply(
            ByDelivery(sid), lambda state: record_machine(state, sid, provider_sid=provider_sid, to=to, now=now)
        )

    async def hang_up_on_machine(self, sid: str) -> None:
        """End a call in which a machine may be hearing the code. Before that point its next prompt says goodbye."""
        delivery = (await self.store.read(ByDelivery(sid))).delivery(sid)
        if delivery is None or not delivery.machine or delivery.provider_sid is None:
            return
        if delivery.stage not in (CallStage.GATE, CallStage.OVER):
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
        """A status callback. False when the delivery is not ours; repeated and late callbacks change nothing.

        `seconds`: how long a call lasted.
        """
        context = self.context()
        return await self._apply_if_changed(
            ByDelivery(sid),
            lambda state: record_status(
                state, sid, context, provider_sid=provider_sid, to=to, status=status, error=error, seconds=seconds
            ),
        )

    async def switch_channel(self, sid: str) -> str | None:
        """The delivery to dispatch after this one failed, where the policy switches channels by itself."""
        if self.policy.fallback is Fallback.OFFER:
            return None
        context = self.context()
        follow_up = self.plan_delivery("", Channel.CALL, context)
        return await self.apply(
            ByDelivery(sid, sending=True), lambda state: switch_channel(state, sid, context, follow_up=follow_up)
        )

    async def handle_text(
        self, number: PhoneNumber, body: str, *, sid: str = "", opt_out: Keyword | None = None, filtered: bool = True
    ) -> InboundResult:
        """An inbound message, as in InboundText. A repetition of the same `sid` changes nothing, however late."""
        text = InboundText(number, body, sid, opt_out, filtered)
        return await self._handle_inbound(ByNumber(number, sid), partial(handle_text, text=text))

    async def handle_inbound_keys(
        self, number: PhoneNumber, digits: str, *, sid: str = "", language: str = ""
    ) -> InboundResult:
        """A key in the inbound call `sid` asks for a call back. A caller ID proves nothing, so nothing else follows."""
        if digits == GreetingKey.PERMISSION:
            return await self._call_about_permission(number, language)
        keyword = Keyword.CALL if digits == GreetingKey.CALL_BACK else Keyword.OTHER
        if keyword is Keyword.OTHER:
            return InboundResult(keyword)
        decide = partial(handle_key, number=number, keyword=keyword, sid=sid)
        return await self._handle_inbound(ByNumber(number, sid), decide)

    async def _call_about_permission(self, number: PhoneNumber, language: str) -> InboundResult:
        context = self.context()
        planned = inbound.plan_permission_call(number, language, context, randomness=self.randomness)
        query, decide = ByNumber(number), inbound.call_about_permission
        dispatch = await self.apply(query, lambda state: decide(state, *planned, context))
        return InboundResult(Keyword.OTHER, dispatch=dispatch)

    async def _handle_inbound(self, query: ByNumber, decide: Callable[..., Changes[InboundResult]]) -> InboundResult:
        context, number = self.context(), query.number
        follow_up = self.plan_delivery("", Channel.CALL, context)
        result = await self.apply(query, lambda state: decide(state, context=context, follow_up=follow_up))
        # Several accounts may be waiting for the same phone. After a STOP no new one begins: the number is suppressed.
        while result.keyword is Keyword.STOP:
            state = await self.store.read(ByNumber(number))
            if state.verification is None or not state.suppressed:
                break
            stopped = await self.apply(ByNumber(number), lambda state: stop_next(state, number, context))
            result = replace(result, hang_up=(*result.hang_up, *stopped.hang_up))
        return result

    # Shared steps.

    def plan_delivery(self, verification: str, channel: Channel, context: Context) -> Delivery:
        """A delivery that the provider was not asked for yet."""
        return new_delivery(verification, channel, now=context.now, randomness=self.randomness)

    def _as_of_now(self, state: State) -> State:
        return replace(state, verification=as_of(state, now=self.clock.now()))

    async def _check(
        self,
        query: ByVerification | ByCheck | BySession,
        submitted: str,
        *,
        renewed: str | None,
        presented: Payment | None = None,
        browser: str | None = None,
        require: Callable[[Verification | None], None] | None = None,
    ) -> CheckResult:
        context = self.context()

        def decide(state: State) -> Changes[CheckResult | VerificationError]:
            if require is not None:
                require(state.verification)
            changes = check(state, context, submitted=submitted, presented=presented, renewed=renewed, browser=browser)
            if isinstance(changes.result, VerificationError):
                return changes
            after = state_after(changes, state)
            return replace(changes, result=replace(changes.result, deliveries=after.deliveries))

        return await self.apply_or_raise(replace(query, scopes=self.policy.check_scopes), decide)

    async def _apply_if_changed(self, query: Query, decide: Callable[[State], Changes[V]]) -> V:
        """Decide on a plain read first: most webhooks change nothing, and a read waits for no writer."""
        changes = decide(await self.store.read(query))
        if changes.deliveries or changes.verifications or changes.sessions:
            return await self.apply(query, decide)
        return changes.result
