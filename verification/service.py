"""The few verbs of the service: start, again, hear, check, carrier said, cancel, sweep, settle, and what people text.

Each verb is the same three steps: the code table applies one pure decision, the carrier is asked after the commit,
the code table notes what it answered. No network call happens inside a transaction, and a start is never repeated.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from . import keywords, numbers
from .call import Heard
from .calling import Moment, Said, turn
from .checking import Checked, check, claim, code_of
from .codes import KeyRing
from .delivering import note_machine, note_outcome, note_report
from .ending import expire
from .errors import NotForAction, NotReached, Refused, WrongStyle
from .keywords import Keyword
from .making import Wanted, new_verification, planned_delivery
from .numbers import Number
from .payments import Payment
from .policy import Fallback, Policy
from .ports import (
    Accepted,
    Carrier,
    Clock,
    CodeTable,
    Decision,
    OfAccount,
    OfCheck,
    OfDelivery,
    OfNumber,
    OfSession,
    OfVerification,
    Outcome,
    Randomness,
    Rejected,
    Subject,
    TextOrder,
)
from .records import CallStyle, Case, Delivery, Manner, Session, Stage, Verification
from .redeeming import redeem
from .signals import Answers, Found, judge, note_signals
from .starting import Planned, again, approve, cancel, fall_back, start, waiting_time
from .states import Channel, DeliveryStatus
from .sweeping import settle_quiet, sweep
from .texting import Heeded, heed

V = TypeVar("V")
USUAL_ANSWERS = Answers()


class Signals(Protocol):
    """What is known of a number beside its digits."""

    async def find(self, number: Number) -> Found:
        """Never raises: what went wrong is in the answer. May take as long as a person waits for a phone to ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Phone verification over a code table and a carrier. With `signals`, numbers are looked up before a send, and
    `answers` says what follows.
    """

    table: CodeTable
    carrier: Carrier
    clock: Clock
    randomness: Randomness
    policy: Policy
    keys: KeyRing
    signals: Signals | None = None
    answers: Answers = USUAL_ANSWERS

    async def start(self, wanted: Wanted) -> Planned:
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
        numbers.require_allowed(wanted.number, self.policy.countries)
        fresh, delivery, session = self.planned(wanted)
        subject = OfAccount(
            service=wanted.service,
            account=fresh.account,
            action=wanted.action,
            number=wanted.number,
            session=wanted.session,
            enrolled=wanted.manner is not Manner.TYPED,
        )
        planned = await self._granted(
            subject,
            lambda case: start(
                case,
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

    async def again(self, sid: str, channel: Channel) -> Planned:
        """Send the same code once more. Raises NotFound, NotPending, NumberSuppressed, WrongStyle, NotForAction,
        TooSoon, TooManyDeliveries, LimitReached, NumberPaused, ChecksPaused, and NotReached when the carrier refused.
        """
        now = self.clock.now()
        delivery = self.plan(sid, channel, now)
        planned = await self._granted(
            OfVerification(sid),
            lambda case: again(case, delivery=delivery, now=now, policy=self.policy),
        )
        return await self._send(planned)

    async def dispatch(self, sid: str) -> None:
        """Send a delivery that was planned inside a webhook. What the carrier refuses stands in its record."""
        case = await self.table.read(OfDelivery(sid))
        delivery, verification = case.delivery(sid), case.verification
        if delivery is None or verification is None or verification.status.final or case.suppressed:
            return
        if verification.silent:
            return
        if delivery.status is DeliveryStatus.PLANNED and self.clock.now() < verification.expires_at:
            await self._ask_carrier(verification, delivery)

    async def hear(
        self, sid: str, *, carrier_sid: str, to: str | None = None, heard: Heard, digits: str = "", webhook: str = ""
    ) -> Said:
        """What the phone says next in the call of this delivery. Raises NotFound for a call that is not ours.

        `to` is the number that was called, as the carrier has it; `webhook` names the request, the same for the same
        one again.
        """
        now = self.clock.now()
        moment = Moment(
            delivery=sid,
            carrier_sid=carrier_sid,
            to=to,
            heard=heard,
            digits=digits,
            webhook=webhook,
            spare=lambda: self.plan("", Channel.SMS, now),
            now=now,
        )
        return await self._unless_unchanged(
            OfDelivery(sid, sending=True), lambda case: turn(case, moment, keys=self.keys, policy=self.policy)
        )

    async def check(self, sid: str, submitted: str, *, payment: Payment | None = None) -> Checked:
        """Compare a submitted code with this verification's. Raises NotFound, CodeMalformed, WrongStyle, ChecksPaused.

        `payment` is what the code is to approve; another one than it was made for kills the code.
        What the verdict names under `hang_up` is the caller's to end, once the answer is on its way.
        """
        return await self._check(OfVerification(sid), submitted, presented=payment, renewed=None)

    async def check_in_session(
        self, session: str, submitted: str, *, renewed: str, browser: str | None = None
    ) -> Checked:
        """The same for a browser; when the code is right, its session moves to the id `renewed`, and it is known by the
        digest `browser` from then on.
        """
        fresh = self._session(renewed, Channel.CALL, self.clock.now())
        return await self._check(OfSession(session), submitted, renewed=fresh, browser=browser)

    async def claim(self, session: str, *, renewed: str, browser: str | None = None) -> bool:
        """Move a browser to a new session once its code was typed on the phone. False when nothing is to be claimed."""
        now = self.clock.now()
        fresh = self._session(renewed, Channel.CALL, now)
        return await self._unless_unchanged(
            OfSession(session),
            lambda case: claim(case, renewed=fresh, now=now, policy=self.policy, browser=browser),
        )

    def shown_code(self, verification: Verification) -> str | None:
        """The code that the page shows, because it is to be typed on the phone; None for any other verification."""
        if verification.style is not CallStyle.KEY or verification.status.final:
            return None
        return code_of(verification, self.keys)

    async def machine_said(self, sid: str, *, carrier_sid: str, to: str | None = None) -> bool:
        """Twilio heard a machine in the call of this delivery. False when it is no call of ours."""
        now = self.clock.now()
        return await self.table.apply(
            OfDelivery(sid), lambda case: note_machine(case, sid, carrier_sid=carrier_sid, to=to, now=now)
        )

    async def hang_up_on_machine(self, sid: str) -> None:
        """End a call in which a machine may be hearing the code. Before that, its next document says goodbye."""
        delivery = (await self.table.read(OfDelivery(sid))).delivery(sid)
        if delivery and delivery.machine and delivery.stage not in (Stage.GATE, Stage.OVER) and delivery.carrier_sid:
            await self.carrier.hang_up(delivery.carrier_sid)

    async def carrier_said(
        self,
        sid: str,
        *,
        carrier_sid: str,
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
            OfDelivery(sid),
            lambda case: note_report(
                case,
                sid,
                carrier_sid=carrier_sid,
                to=to,
                status=status,
                error=error,
                seconds=seconds,
                now=now,
                policy=self.policy,
            ),
        )

    async def fall_back(self, sid: str) -> str | None:
        """The delivery to dispatch after this one did not get through, where the operator wants the switch made."""
        now = self.clock.now()
        spare = self.plan("", Channel.CALL, now)
        if self.policy.fallback is Fallback.OFFER:
            return None
        return await self.table.apply(
            OfDelivery(sid, sending=True), lambda case: fall_back(case, sid, spare=spare, now=now, policy=self.policy)
        )

    async def redeem(self, sid: str, *, service: str) -> Verification:
        """Use up the receipt of an approved verification, once. Raises NotFound, also for another service's;
        NotRedeemable.
        """
        now = self.clock.now()
        return await self._granted(
            OfVerification(sid), lambda case: redeem(case, service=service, now=now, policy=self.policy)
        )

    async def cancel(self, sid: str) -> Verification:
        """End a verification and its live call. Raises NotFound, NotPending."""
        planned = await self.call_off(sid)
        await self.hang_up(planned.hang_up)
        return planned.verification

    async def call_off(self, sid: str) -> Planned:
        """End a verification; what is to be hung up is the caller's to end, once the answer is on its way."""
        now = self.clock.now()
        return await self._granted(OfVerification(sid), lambda case: cancel(case, now=now, policy=self.policy))

    async def approve(self, sid: str) -> Planned:
        """Approve a verification on the application's word; what is to be hung up is the caller's to end, too. Raises
        NotFound, NotPending.
        """
        now = self.clock.now()
        return await self._granted(OfVerification(sid), lambda case: approve(case, now=now, policy=self.policy))

    async def look(self, subject: OfVerification | OfDelivery | OfCheck) -> Case:
        """How a verification stands now; one past its deadline as expired."""
        case = await self.table.read(subject)
        over = expire(case, now=self.clock.now())
        return replace(case, verification=over.verification) if over else case

    async def view(self, session: str) -> Case:
        """What a browser may see: its verification as it stands now, or an empty case."""
        case = await self.table.read(OfSession(session))
        now = self.clock.now()
        if case.session is None or case.session.replaced_at is not None or case.session.expires_at <= now:
            return Case()
        over = expire(case, now=now)
        return replace(case, verification=over.verification) if over else case

    def waiting_time(self, case: Case) -> float:
        """Seconds until the next delivery of this verification is allowed."""
        return waiting_time(case, now=self.clock.now(), policy=self.policy)

    async def texted(self, number: Number, body: str) -> Heeded:
        """Somebody texts us."""
        keyword, carrier_answers = keywords.read(body)
        return replace(await self._heed(number, keyword), carrier_answers=carrier_answers)

    async def pressed(self, number: Number, digits: str) -> Heeded:
        """Somebody calls us and presses a key: 1 to be called back, 9 never to be called."""
        keyword = {"1": Keyword.CALL, "9": Keyword.STOP}.get(digits, Keyword.OTHER)
        return await self._heed(number, keyword)

    async def sweep(self, *, limit: int = 100) -> int:
        """End what is past its deadline. How many were looked at."""
        return await sweep(self.table, now=self.clock.now(), limit=limit)

    async def settle(self, *, limit: int = 100) -> int:
        """Ask the carrier after deliveries that went quiet. How many there were."""
        return await settle_quiet(self.table, self.carrier, now=self.clock.now(), policy=self.policy, limit=limit)

    def planned(self, wanted: Wanted) -> tuple[Verification, Delivery, Session | None]:
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
        return planned_delivery(verification, channel, now=now, randomness=self.randomness)

    def _session(self, id: str, channel: Channel, now: float, *, verification: str = "") -> Session:
        until = now + self.policy.session_lifetime
        return Session(id=id, verification=verification, channel=channel, expires_at=until)

    async def _granted(self, subject: Subject, decide: Callable[[Case], Decision[V | Refused]]) -> V:
        verdict = await self.table.apply(subject, decide)
        if isinstance(verdict, Refused):
            raise verdict
        return verdict

    async def _unless_unchanged(self, subject: Subject, decide: Callable[[Case], Decision[V]]) -> V:
        """Decide by a read first: most of what is asked changes nothing, and a read waits for nobody."""
        glance = decide(await self.table.read(subject))
        if glance.deliveries or glance.verifications or glance.sessions:
            return await self.table.apply(subject, decide)
        return glance.verdict

    async def _check(
        self,
        subject: Subject,
        submitted: str,
        *,
        renewed: Session | None,
        presented: Payment | None = None,
        browser: str | None = None,
    ) -> Checked:
        now = self.clock.now()
        return await self._granted(
            subject,
            lambda case: check(
                case,
                submitted=submitted,
                presented=presented,
                keys=self.keys,
                renewed=renewed,
                now=now,
                policy=self.policy,
                browser=browser,
            ),
        )

    async def _send(self, planned: Planned) -> Planned:
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
            outcome = await self.carrier.call(delivery.sid, verification.number)
        else:
            outcome = await self.carrier.text(self._order(verification, delivery))
        now = self.clock.now()
        noted = await self.table.apply(
            OfDelivery(delivery.sid),
            lambda case: note_outcome(case, delivery.sid, outcome, now=now, policy=self.policy),
        )
        after = noted or verification
        if after.status.final and isinstance(outcome, Accepted) and delivery.channel is Channel.CALL:
            # Ended while Twilio was being asked, when there was no sid yet to hang up.
            await self.hang_up((outcome.carrier_sid,))
        return outcome, after

    async def _look_up(self, verification: Verification, delivery: Delivery) -> Outcome | None:
        """What a look-up of the number leads to, where the operator wants one."""
        if self.signals is None:
            return None
        judged = judge(await self.signals.find(verification.number), delivery.channel, self.answers)
        if judged.detail:
            now = self.clock.now()
            await self.table.apply(
                OfDelivery(delivery.sid), lambda case: note_signals(case, delivery.sid, judged.detail, now=now)
            )
        return judged.refusal

    def _order(self, verification: Verification, delivery: Delivery) -> TextOrder:
        return TextOrder(
            action=verification.action,
            payment=verification.payment,
            delivery=delivery.sid,
            to=verification.number,
            code=code_of(verification, self.keys),
            language=verification.language,
            lifetime=max(1, round(verification.expires_at - self.clock.now())),
            brand=verification.brand,
        )

    async def hang_up(self, carrier_sids: tuple[str, ...]) -> None:
        """End these calls, which a decision has called off."""
        for carrier_sid in carrier_sids:
            await self.carrier.hang_up(carrier_sid)

    async def _heed(self, number: Number, keyword: Keyword) -> Heeded:
        if keyword in (Keyword.HELP, Keyword.OTHER):
            return Heeded(keyword)
        now = self.clock.now()
        spare = self.plan("", Channel.CALL, now)

        async def once() -> Heeded:
            return await self.table.apply(
                OfNumber(number),
                lambda case: heed(case, number, keyword, spare=spare, now=now, policy=self.policy),
            )

        heeded = await once()
        # Several accounts may be waiting for the same phone. No new one begins: the number is left alone by now.
        while keyword is Keyword.STOP and (await self.table.read(OfNumber(number))).verification is not None:
            heeded = replace(heeded, hang_up=(*heeded.hang_up, *(await once()).hang_up))
        return heeded
