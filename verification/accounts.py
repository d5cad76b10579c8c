"""The use cases of accounts: find, enroll and remove them, change a number, and send the notices of a change."""

from msgspec.structs import replace

from .errors import NotEnrolled, NotProven, VerificationError
from .flow import accounts, notices
from .flow.accounts import MAX_NUMBERS, EnrollResult, NumberChange
from .flow.ending import APPROVED_BY_APPLICATION
from .models import Account, Delivery, Manner, Notice, Verification, new_sid
from .policy import CHANGE_NUMBER, NEW_NUMBER
from .ports import ByEnrolled, ByNotices, ByNumber, ByVerification, Outcome
from .types import Channel, DeliveryStatus, Record
from .values.phone_numbers import PhoneNumber, blocked_kind
from .values.usernames import account_name, clean_username
from .verifier import Verifier


class Accounts(Record, frozen=True):
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

    async def proven(self, verification: Verification) -> Account | None:
        """The account that this verification has proven. None when the account is gone, or has another number now."""
        query = ByEnrolled(verification.service, account_name(verification.username))
        account = (await self.verifier.store.read(query)).account
        return account if account is not None and account.holds(verification.number) else None

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
        """Send the notices of changed numbers that are due, by call or text. Returns how many there were.

        See flow/notices. A number that is suppressed or outside the policy's countries gets none.
        """
        due = await self._send_due(limit)
        if due:
            await self._send_due(limit)  # a text that was refused for good is due again, as a call
        return due

    async def _send_due(self, limit: int) -> int:
        now = self.verifier.clock.now()
        query = ByNotices(limit, now)
        if not (await self.verifier.store.read(query)).notices:
            return 0
        due = await self.verifier.apply(query, lambda state: notices.claim(state, now=now))
        for claimed in due:
            await self._send_notice(claimed.notice, look_up=claimed.look_up)
        return len(due)

    async def _send_notice(self, notice: Notice, *, look_up: bool) -> None:
        verifier = self.verifier
        if look_up:
            report = await verifier.provider.fetch_status(_as_delivery(notice), notice.number)
            changes = notices.record_look_up(notice, report, now=verifier.clock.now())
        else:
            answer = await self._ask_provider(notice)
            changes = notices.record_answer(notice, answer, now=verifier.clock.now())
        await verifier.apply(ByNotices(0), lambda _: changes)

    async def _ask_provider(self, notice: Notice) -> Outcome | str:
        verifier = self.verifier
        if notice.number.region not in verifier.policy.countries:
            return "country"
        if kind := blocked_kind(notice.number.e164):
            return kind.value
        if notice.number.extension and not notice.channel.dials_extensions:
            notice = replace(notice, channel=Channel.CALL)
        if (await verifier.store.read(ByNumber(notice.number))).suppressed:
            return "suppressed"
        return await verifier.provider.notify(notice)

    def _notice_sids(self) -> tuple[str, ...]:
        return tuple(new_sid("NT", self.verifier.randomness) for _ in range(MAX_NUMBERS))


def _as_delivery(notice: Notice) -> Delivery:
    """The notice as a delivery whose start had no clear answer, for the provider to find."""
    asked_at = notice.at if notice.asked_at is None else notice.asked_at
    return Delivery(
        sid=notice.sid,
        verification="",
        channel=notice.channel,
        status=DeliveryStatus.UNKNOWN,
        created_at=asked_at,
        updated_at=asked_at,
    )


def _or_raise(result: Account | VerificationError) -> Account:
    if isinstance(result, VerificationError):
        raise result
    return result
