"""What the public may ask of a service whose numbers are its accounts'. See `discreet`.

Each verb ends with the commit. What it leads to is done by `deliver`, after the answer: whether Twilio was asked must
not be told by how long an answer takes.
"""

from dataclasses import dataclass, replace

from .errors import NotForAction, VerificationError, WrongStyle
from .flow.enumeration import AccountNumbers, account_numbers, resend_private, start_private
from .flow.start import StartRequest, StartResult
from .models import Manner
from .ports import ByAccount, ByEnrolled, ByVerification
from .types import CallStyle, Channel
from .values.phone_numbers import masked_number
from .values.usernames import account_name
from .verifier import Verifier


@dataclass(frozen=True, slots=True)
class PublicVerifier:
    """The public side of one service."""

    verifier: Verifier

    async def phones(self, service: str, username: str) -> AccountNumbers:
        """What the public sees of a clean name, whether it is somebody's or not."""
        return account_numbers(await self.verifier.store.read(ByEnrolled(service, account_name(username))))

    async def start(self, wanted: StartRequest, *, why: str = "") -> StartResult:
        """Begin a verification, or what looks like one. Raises LimitReached for the source only, NotForAction and
        WrongStyle.

        `wanted` is discreet or silent, as the phones are that were seen; whether the number is still the account's is
        looked at in the transaction.
        """
        verifier = self.verifier
        if wanted.style is CallStyle.KEY and wanted.channel is not Channel.CALL:
            raise WrongStyle
        if not verifier.policy.action(wanted.action).allows(wanted.channel, wanted.style):
            raise NotForAction
        if wanted.manner is Manner.DISCREET and wanted.number.region not in verifier.policy.countries:
            ending = masked_number(wanted.number.e164[-2:])
            wanted, why = replace(wanted, manner=Manner.SILENT, number=ending), "country"
        fresh, delivery, session = verifier.planned(wanted)
        query = ByAccount(
            service=wanted.service,
            account=fresh.account,
            action=wanted.action,
            number=wanted.number,
            session=wanted.session,
            enrolled=True,
        )
        result = await verifier.store.apply(
            query,
            lambda state: start_private(
                state,
                fresh=fresh,
                why=why,
                delivery=delivery,
                session=session,
                now=fresh.created_at,
                policy=verifier.policy,
                browser=wanted.browser,
            ),
        )
        return _or_raise(result)

    async def resend(self, sid: str, channel: Channel) -> StartResult:
        """Send the same code once more, or look as if. Raises NotFound, NotPending, WrongStyle, TooSoon,
        TooManyDeliveries, and LimitReached for the source only.
        """
        verifier = self.verifier
        now = verifier.clock.now()
        delivery = verifier.plan(sid, channel, now)
        result = await verifier.store.apply(
            ByVerification(sid),
            lambda state: resend_private(state, delivery=delivery, now=now, policy=verifier.policy),
        )
        return _or_raise(result)

    async def deliver(self, planned: StartResult) -> None:
        """End the calls that were called off, and send what was planned."""
        await self.verifier.hang_up(planned.hang_up)
        if planned.delivery is not None:
            await self.verifier.dispatch(planned.delivery.sid)


def _or_raise(result: StartResult | VerificationError) -> StartResult:
    if isinstance(result, VerificationError):
        raise result
    return result
