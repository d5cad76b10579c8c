"""What the public may ask of a service whose numbers are its accounts'. See `discreet`.

Each verb ends with the commit. What it leads to is done by `deliver`, after the answer: whether Twilio was asked must
not be told by how long an answer takes.
"""

from dataclasses import dataclass, replace

from .discreet import Phones, again_discreetly, phones, start_discreetly
from .errors import NotForAction, Refused, WrongStyle
from .making import Wanted
from .numbers import only_ending
from .ports import OfAccount, OfEnrolled, OfVerification
from .records import CallStyle, Manner
from .service import Service
from .starting import Planned
from .states import Channel
from .usernames import account


@dataclass(frozen=True, slots=True)
class Desk:
    """The public side of one service."""

    service: Service

    async def phones(self, service: str, username: str) -> Phones:
        """What the public sees of a clean name, whether it is somebody's or not."""
        return phones(await self.service.table.read(OfEnrolled(service, account(username))))

    async def start(self, wanted: Wanted, *, why: str = "") -> Planned:
        """Begin a verification, or what looks like one. Raises LimitReached for the source only, NotForAction and
        WrongStyle.

        `wanted` is discreet or silent, as the phones are that were seen; whether the number is still the account's is
        looked at in the transaction.
        """
        here = self.service
        if wanted.style is CallStyle.KEY and wanted.channel is not Channel.CALL:
            raise WrongStyle
        if not here.policy.action(wanted.action).allows(wanted.channel, wanted.style):
            raise NotForAction
        if wanted.manner is Manner.DISCREET and wanted.number.region not in here.policy.countries:
            ending = only_ending(wanted.number.e164[-2:])
            wanted, why = replace(wanted, manner=Manner.SILENT, number=ending), "country"
        fresh, delivery, session = here.planned(wanted)
        subject = OfAccount(
            service=wanted.service,
            account=fresh.account,
            action=wanted.action,
            number=wanted.number,
            session=wanted.session,
            enrolled=True,
        )
        verdict = await here.table.apply(
            subject,
            lambda case: start_discreetly(
                case,
                fresh=fresh,
                why=why,
                delivery=delivery,
                session=session,
                now=fresh.created_at,
                policy=here.policy,
                browser=wanted.browser,
            ),
        )
        return _granted(verdict)

    async def again(self, sid: str, channel: Channel) -> Planned:
        """Send the same code once more, or look as if. Raises NotFound, NotPending, WrongStyle, TooSoon,
        TooManyDeliveries, and LimitReached for the source only.
        """
        here = self.service
        now = here.clock.now()
        delivery = here.plan(sid, channel, now)
        verdict = await here.table.apply(
            OfVerification(sid),
            lambda case: again_discreetly(case, delivery=delivery, now=now, policy=here.policy),
        )
        return _granted(verdict)

    async def deliver(self, planned: Planned) -> None:
        """End the calls that were called off, and send what was planned."""
        await self.service.hang_up(planned.hang_up)
        if planned.delivery is not None:
            await self.service.dispatch(planned.delivery.sid)


def _granted(verdict: Planned | Refused) -> Planned:
    if isinstance(verdict, Refused):
        raise verdict
    return verdict
