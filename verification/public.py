"""The public page in accounts mode: start and resend without revealing whether an account exists.

See flow/enumeration. Each method returns after the commit. `deliver` hangs up and sends after the response, so that
response times do not show whether Twilio was asked.
"""

from msgspec.structs import replace

from .errors import CountryNotAllowed, KindNotAllowed, NotForAction, WrongStyle
from .flow.enumeration import AccountNumbers, account_numbers, resend_private, start_private
from .flow.start import StartRequest, StartResult, plan_start
from .models import Manner, State
from .ports import ByAccount, ByEnrolled, BySession, ByVerification, Changes
from .types import CallStyle, Channel, Record
from .values.phone_numbers import masked_number, require_allowed
from .values.usernames import account_name
from .verifier import Verifier


class PublicVerifier(Record, frozen=True):
    """Starts and resends for people who have not proven anything yet."""

    verifier: Verifier

    async def numbers(self, service: str, username: str) -> AccountNumbers:
        """The masked numbers of a clean user name, real or decoy."""
        return account_numbers(await self.verifier.store.read(ByEnrolled(service, account_name(username))))

    async def start(self, request: StartRequest, *, reason: str = "") -> StartResult:
        """Begin a verification or a decoy. Raises LimitReached for the source only, NotForAction and WrongStyle.

        The manner of `request` is that of the numbers that were shown: private or decoy. The transaction checks whether
        the account still has the number. `reason`: why it is a decoy, for the operator.
        """
        verifier = self.verifier
        if request.style is CallStyle.KEY and not request.channel.spoken:
            raise WrongStyle
        action = verifier.policy.action(request.action)
        payment = request.payment is not None
        if not verifier.policy.allows(action.name, request.channel, request.style, payment=payment):
            raise NotForAction
        if request.manner is Manner.PRIVATE and (refused := _refusal(request, verifier.policy.countries)):
            masked = masked_number(request.number.e164[-2:])
            request, reason = replace(request, manner=Manner.DECOY, number=masked), refused
        context = verifier.context()
        verification, delivery, session = plan_start(request, context, randomness=verifier.randomness)
        query = ByAccount(
            service=request.service,
            account=verification.account,
            action=request.action,
            number=request.number,
            session=request.session,
            enrolled=True,
            own=True,
        )
        return await verifier.apply_or_raise(
            query,
            lambda state: start_private(
                state,
                verification,
                context,
                reason=reason,
                delivery=delivery,
                session=session,
                risky=action.risky,
                browser=request.browser,
            ),
        )

    async def resend(self, sid: str, channel: Channel) -> StartResult:
        """Resend the code, or appear to. Raises NotFound, NotPending, WrongStyle, TooSoon, TooManyDeliveries, and
        LimitReached for the source only.
        """
        context = self.verifier.context()
        delivery = self.verifier.plan_delivery(sid, channel, context)
        return await self.verifier.apply_or_raise(
            ByVerification(sid), lambda state: resend_private(state, context, delivery=delivery)
        )

    async def set_language(self, session: str, language: str) -> None:
        """What follows in the verification of this browser, a call included, is in this language."""
        now = self.verifier.clock.now()
        await self.verifier.apply(BySession(session), lambda state: _speak(state, language, now=now))

    async def deliver(self, started: StartResult) -> None:
        """Hang up the canceled calls, and send the planned delivery."""
        await self.verifier.hang_up(started.hang_up)
        if started.delivery is not None:
            await self.verifier.dispatch(started.delivery.sid)


def _speak(state: State, language: str, *, now: float) -> Changes[None]:
    session, verification = state.session, state.verification
    if session is None or session.replaced_at is not None or session.expires_at <= now or verification is None:
        return Changes(result=None)
    return Changes(result=None, verifications=(replace(verification, language=language),))


def _refusal(request: StartRequest, countries: frozenset[str]) -> str:
    """Why nothing may be sent to the number this way, in a word or two; empty when it may."""
    if request.number.extension and not request.channel.dials_extensions:
        return "extension"
    try:
        require_allowed(request.number, countries)
    except KindNotAllowed as error:
        return error.kind
    except CountryNotAllowed:
        return "country"
    return ""
