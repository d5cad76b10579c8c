"""The verbs around accounts: find, enrol, remove, change a number, and tell whom it concerns."""

from dataclasses import dataclass, replace
from functools import partial

from .errors import NotEnrolled, NotProven, VerificationError
from .flow import accounts
from .flow.accounts import MAX_NUMBERS, EnrollResult, NumberChange
from .flow.start import APPROVED_BY_APPLICATION, new_sid
from .models import Account, Event, EventKind, Manner, Notice, State, Verification
from .policy import CHANGE_NUMBER, NEW_NUMBER
from .ports import Accepted, ByEnrolled, ByNotices, ByNumber, ByVerification, Changes, Rejected, Unclear
from .types import Channel
from .values.phone_numbers import PhoneNumber
from .values.usernames import account_name as name_of
from .values.usernames import clean_username
from .verifier import Verifier


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of one service's users, beside its verifications."""

    verifier: Verifier

    async def find(self, service: str, username: str) -> Account:
        """The account that this spelling of a name means. Raises UsernameInvalid, NotEnrolled.

        For whoever may know that it exists. What it says may be old when it is used: a start for one of its numbers
        says `Manner.ENROLLED`, and the number is looked at once more in the transaction that starts it.
        """
        state = await self.verifier.store.read(ByEnrolled(service, name_of(clean_username(username))))
        if state.account is None:
            raise NotEnrolled
        return state.account

    async def put(self, wanted: Account) -> EnrollResult:
        """Enrol an account, or change the one of its name."""
        now = self.verifier.clock.now()
        query = ByEnrolled(wanted.service, wanted.name)
        return await self.verifier.store.apply(query, lambda state: accounts.put_account(state, wanted, now=now))

    async def remove(self, service: str, username: str) -> Account:
        """Forget an account; its open verifications end. Raises UsernameInvalid, NotEnrolled."""
        now = self.verifier.clock.now()
        query = ByEnrolled(service, name_of(clean_username(username)))
        result = await self.verifier.store.apply(query, lambda state: accounts.remove_account(state, now=now))
        return _or_raise(result)

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
        found = (await self.verifier.store.read(ByVerification(sid))).verification
        theirs = found if found is not None and found.service == service else None
        if theirs and any(event.detail == APPROVED_BY_APPLICATION for event in await self.verifier.store.events(sid)):
            raise NotProven
        return accounts.require_proven(theirs, action, now=self.verifier.clock.now())

    async def replace_number(self, service: str, username: str, *, old: PhoneNumber, new: PhoneNumber) -> Account:
        """The same on an operator's word, without proof. Raises UsernameInvalid, NotEnrolled."""
        return await self._change(
            service, name_of(clean_username(username)), NumberChange(old=old, new=new, sids=self._sids())
        )

    async def _change(self, service: str, name: str, change: NumberChange) -> Account:
        now = self.verifier.clock.now()
        result = await self.verifier.store.apply(
            ByEnrolled(service, name), lambda state: accounts.change_number(state, change, now=now)
        )
        return _or_raise(result)

    async def tell(self, *, limit: int = 20) -> int:
        """Call or text those who are to be told of a changed number. How many there were.

        Nobody is told twice: a notice is taken off the list before the carrier is asked. One who may not be called, by
        their own wish or the policy, is left alone.
        """
        store = self.verifier.store
        if not (await store.read(ByNotices(limit))).notices:
            return 0
        taken = await store.apply(ByNotices(limit), lambda state: Changes(result=state.notices, told=state.notices))
        for notice in taken:
            became = await self._tell(notice)
            detail = f"{notice.channel.value} {notice.number.masked} {became}"
            event = Event(kind=EventKind.NUMBER_CHANGE_TOLD, at=self.verifier.clock.now(), detail=detail)
            await store.apply(ByNotices(0), partial(_record_event, event=event))
        return len(taken)

    async def _tell(self, notice: Notice) -> str:
        verifier = self.verifier
        if notice.number.region not in verifier.policy.countries:
            return "country"
        if (await verifier.store.read(ByNumber(notice.number))).suppressed:
            return "suppressed"
        outcome = await verifier.provider.tell(notice)
        if isinstance(outcome, Rejected) and notice.channel is Channel.SMS:
            outcome = await verifier.provider.tell(replace(notice, channel=Channel.CALL))  # a phone without texts
        return {Accepted: "accepted", Rejected: "refused", Unclear: "unclear"}[type(outcome)]

    def _sids(self) -> tuple[str, ...]:
        return tuple(new_sid("NT", self.verifier.randomness) for _ in range(MAX_NUMBERS))


def _record_event(_: State, *, event: Event) -> Changes[None]:
    return Changes(result=None, events=(event,))


def _or_raise(result: Account | VerificationError) -> Account:
    if isinstance(result, VerificationError):
        raise result
    return result
