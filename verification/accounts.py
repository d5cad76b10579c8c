"""The use cases of accounts: find, enroll and remove them, change a number, and send the notices of a change."""

from dataclasses import dataclass, replace
from functools import partial

from .errors import NotEnrolled, NotProven, VerificationError
from .flow import accounts
from .flow.accounts import MAX_NUMBERS, EnrollResult, NumberChange
from .flow.ending import APPROVED_BY_APPLICATION
from .models import Account, Event, EventKind, Manner, Notice, State, Verification, new_sid
from .policy import CHANGE_NUMBER, NEW_NUMBER
from .ports import Accepted, ByEnrolled, ByNotices, ByNumber, ByVerification, Changes, Rejected, Unclear
from .types import Channel
from .values.phone_numbers import PhoneNumber, blocked_kind
from .values.usernames import account_name, clean_username
from .verifier import Verifier

_OUTCOMES = {Accepted: "accepted", Rejected: "refused", Unclear: "unclear"}


@dataclass(frozen=True, slots=True)
class Accounts:
    """Enrolled accounts, beside the verifications."""

    verifier: Verifier

    async def find(self, service: str, username: str) -> Account:
        """The account of a user name in any spelling. Raises UsernameInvalid, NotEnrolled.

        Only for callers that may know that it exists. The account may change before it is used: a start for one of its
        numbers has `Manner.ENROLLED`, and the transaction that starts it checks the number again.
        """
        state = await self.verifier.store.read(ByEnrolled(service, account_name(clean_username(username))))
        if state.account is None:
            raise NotEnrolled
        return state.account

    async def put(self, account: Account) -> EnrollResult:
        """Enroll an account, or change the one of the same name."""
        now = self.verifier.clock.now()
        query = ByEnrolled(account.service, account.name)
        return await self.verifier.apply(query, lambda state: accounts.put_account(state, account, now=now))

    async def remove(self, service: str, username: str) -> Account:
        """Delete an account; its open verifications end. Raises UsernameInvalid, NotEnrolled."""
        now = self.verifier.clock.now()
        query = ByEnrolled(service, account_name(clean_username(username)))
        return _or_raise(await self.verifier.apply(query, lambda state: accounts.remove_account(state, now=now)))

    async def change_number(self, *, service: str, old: str, new: str) -> Account:
        """Replace the number that the verification `old` proved with the number that `new` proved.

        Both are sids of verifications for the same account of this service, approved with their codes in the last ten
        minutes: `old` for the action "change-number" with a number of the account, `new` for "new-number" with a typed
        number. A notice goes to all numbers that the account had before. Raises NotProven, NotEnrolled.
        """
        old_proof = await self._proof(service, old, CHANGE_NUMBER)
        new_proof = await self._proof(service, new, NEW_NUMBER)
        if old_proof.manner is Manner.TYPED or old_proof.account != new_proof.account:
            raise NotProven
        change = NumberChange(
            old=old_proof.number,
            new=new_proof.number,
            sids=self._notice_sids(),
            proof=new_proof.sid,
            brand=new_proof.brand,
        )
        return await self._change(service, old_proof.account, change)

    async def _proof(self, service: str, sid: str, action: str) -> Verification:
        """A verification of this service that was approved with its code. Raises NotProven."""
        verification = (await self.verifier.store.read(ByVerification(sid))).verification
        if verification is None or verification.service != service:
            raise NotProven
        if any(event.detail == APPROVED_BY_APPLICATION for event in await self.verifier.store.events(sid)):
            raise NotProven
        return accounts.require_proven(verification, action, now=self.verifier.clock.now())

    async def replace_number(self, service: str, username: str, *, old: PhoneNumber, new: PhoneNumber) -> Account:
        """The same on the operator's word, without proof. Raises UsernameInvalid, NotEnrolled."""
        change = NumberChange(old=old, new=new, sids=self._notice_sids())
        return await self._change(service, account_name(clean_username(username)), change)

    async def _change(self, service: str, name: str, change: NumberChange) -> Account:
        now = self.verifier.clock.now()
        query = ByEnrolled(service, name)
        return _or_raise(await self.verifier.apply(query, lambda state: accounts.change_number(state, change, now=now)))

    async def send_notices(self, *, limit: int = 20) -> int:
        """Send the notices of changed numbers, by call or text. Returns how many there were.

        A notice is sent at most once: it is deleted before the provider is asked. A number that is suppressed or
        outside the policy's countries gets none.
        """
        store = self.verifier.store
        if not (await store.read(ByNotices(limit))).notices:
            return 0
        notices = await self.verifier.apply(
            ByNotices(limit), lambda state: Changes(result=state.notices, sent_notices=state.notices)
        )
        for notice in notices:
            outcome = await self._send_notice(notice)
            detail = f"{notice.channel.value} {notice.number.masked} {outcome}"
            event = Event(kind=EventKind.NUMBER_CHANGE_TOLD, at=self.verifier.clock.now(), detail=detail)
            await self.verifier.apply(ByNotices(0), partial(_record_event, event=event))
        return len(notices)

    async def _send_notice(self, notice: Notice) -> str:
        verifier = self.verifier
        if notice.number.region not in verifier.policy.countries:
            return "country"
        if kind := blocked_kind(notice.number.e164):
            return kind.value
        if notice.number.extension:  # a text would go to the whole switchboard
            notice = replace(notice, channel=Channel.CALL)
        if (await verifier.store.read(ByNumber(notice.number))).suppressed:
            return "suppressed"
        outcome = await verifier.provider.notify(notice)
        if isinstance(outcome, Rejected) and notice.channel is Channel.SMS:
            outcome = await verifier.provider.notify(replace(notice, channel=Channel.CALL))  # a phone without texts
        return _OUTCOMES[type(outcome)]

    def _notice_sids(self) -> tuple[str, ...]:
        return tuple(new_sid("NT", self.verifier.randomness) for _ in range(MAX_NUMBERS))


def _record_event(_: State, *, event: Event) -> Changes[None]:
    return Changes(result=None, events=(event,))


def _or_raise(result: Account | VerificationError) -> Account:
    if isinstance(result, VerificationError):
        raise result
    return result
