"""The verbs around accounts: find, enrol, remove, change a number, and tell whom it concerns."""

from dataclasses import dataclass, replace
from functools import partial

from . import accounts
from .accounts import MOST_NUMBERS, Enrolled, NumberChange
from .actions import CHANGE_NUMBER, NEW_NUMBER
from .errors import NotEnrolled, NotProven, Refused
from .making import new_sid
from .numbers import Number
from .ports import Accepted, Decision, OfEnrolled, OfNotices, OfNumber, OfVerification, Rejected, Unclear
from .records import Account, Case, Event, EventKind, Manner, Notice, Verification
from .service import Service
from .starting import ON_ITS_WORD
from .states import Channel
from .usernames import account as name_of
from .usernames import clean


@dataclass(frozen=True, slots=True)
class Enrolment:
    """The accounts of one service's users, beside its verifications."""

    service: Service

    async def find(self, service: str, username: str) -> Account:
        """The account that this spelling of a name means. Raises UsernameInvalid, NotEnrolled.

        For whoever may know that it exists. What it says may be old when it is used: a start for one of its numbers
        says `Manner.ENROLLED`, and the number is looked at once more in the transaction that starts it.
        """
        case = await self.service.table.read(OfEnrolled(service, name_of(clean(username))))
        if case.account is None:
            raise NotEnrolled
        return case.account

    async def put(self, wanted: Account) -> Enrolled:
        """Enrol an account, or change the one of its name."""
        now = self.service.clock.now()
        subject = OfEnrolled(wanted.service, wanted.name)
        return await self.service.table.apply(subject, lambda case: accounts.put(case, wanted, now=now))

    async def remove(self, service: str, username: str) -> Account:
        """Forget an account; its open verifications end. Raises UsernameInvalid, NotEnrolled."""
        now = self.service.clock.now()
        subject = OfEnrolled(service, name_of(clean(username)))
        verdict = await self.service.table.apply(subject, lambda case: accounts.remove(case, now=now))
        return _granted(verdict)

    async def change_number(self, *, service: str, old: str, new: str) -> Account:
        """Change the number that the verification `old` proved into the one that `new` proved.

        Both are sids of verifications for the same account of this service, approved with their codes in the last ten
        minutes: `old` for the action "change-number" with a number of the account, `new` for "new-number" with the one
        that was typed. Everybody whom the account had before is told. Raises NotProven, NotEnrolled.
        """
        before = await self._proven(service, old, CHANGE_NUMBER)
        after = await self._proven(service, new, NEW_NUMBER)
        if before.manner is Manner.TYPED or before.account != after.account:
            raise NotProven
        change = NumberChange(
            old=before.number, new=after.number, sids=self._sids(), proof=after.sid, brand=after.brand
        )
        return await self._change(service, before.account, change)

    async def _proven(self, service: str, sid: str, action: str) -> Verification:
        """Somebody else's verification is as good as none, and so is one that an application approved on its word."""
        found = (await self.service.table.read(OfVerification(sid))).verification
        theirs = found if found is not None and found.service == service else None
        if theirs and any(event.detail == ON_ITS_WORD for event in await self.service.table.events(sid)):
            raise NotProven
        return accounts.proven(theirs, action, now=self.service.clock.now())

    async def replace_number(self, service: str, username: str, *, old: Number, new: Number) -> Account:
        """The same on an operator's word, without proof. Raises UsernameInvalid, NotEnrolled."""
        return await self._change(service, name_of(clean(username)), NumberChange(old=old, new=new, sids=self._sids()))

    async def _change(self, service: str, name: str, change: NumberChange) -> Account:
        now = self.service.clock.now()
        verdict = await self.service.table.apply(
            OfEnrolled(service, name), lambda case: accounts.change_number(case, change, now=now)
        )
        return _granted(verdict)

    async def tell(self, *, limit: int = 20) -> int:
        """Call or text those who are to be told of a changed number. How many there were.

        Nobody is told twice: a notice is taken off the list before the carrier is asked. One who may not be called, by
        their own wish or the policy, is left alone.
        """
        table = self.service.table
        if not (await table.read(OfNotices(limit))).notices:
            return 0
        taken = await table.apply(OfNotices(limit), lambda case: Decision(verdict=case.notices, told=case.notices))
        for notice in taken:
            became = await self._tell(notice)
            detail = f"{notice.channel.value} {notice.number.masked} {became}"
            event = Event(kind=EventKind.NUMBER_CHANGE_TOLD, at=self.service.clock.now(), detail=detail)
            await table.apply(OfNotices(0), partial(_noted, event=event))
        return len(taken)

    async def _tell(self, notice: Notice) -> str:
        here = self.service
        if notice.number.region not in here.policy.countries:
            return "country"
        if (await here.table.read(OfNumber(notice.number))).suppressed:
            return "suppressed"
        outcome = await here.carrier.tell(notice)
        if isinstance(outcome, Rejected) and notice.channel is Channel.SMS:
            outcome = await here.carrier.tell(replace(notice, channel=Channel.CALL))  # a phone without texts
        return {Accepted: "accepted", Rejected: "refused", Unclear: "unclear"}[type(outcome)]

    def _sids(self) -> tuple[str, ...]:
        return tuple(new_sid("NT", self.service.randomness) for _ in range(MOST_NUMBERS))


def _noted(_: Case, *, event: Event) -> Decision[None]:
    return Decision(verdict=None, events=(event,))


def _granted(verdict: Account | Refused) -> Account:
    if isinstance(verdict, Refused):
        raise verdict
    return verdict
