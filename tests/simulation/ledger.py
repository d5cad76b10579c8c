"""The ledger: a second opinion about everything that is committed, kept apart from the rules and much simpler.

It sees each decision in the moment of its commit and what people really know: which codes were said to whom. It says
Broken as soon as something is there that must never be, and knows nothing of how the rules come to their verdicts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from verification.call import ReadCode, ReadOne, ReadSlowly
from verification.calling import Said
from verification.checking import Checked
from verification.errors import LimitReached
from verification.limits import Limit, Scope
from verification.numbers import Number
from verification.policy import Policy
from verification.ports import Decision, OfAccount, OfDelivery, OfSession, OfVerification, Subject
from verification.records import CallStyle, Case, Delivery, Session, Verification
from verification.starting import Planned
from verification.states import Channel, DeliveryStatus, VerificationStatus

from .tasks import Note
from .twilio import Broken, Leg

PENDING, APPROVED = VerificationStatus.PENDING, VerificationStatus.APPROVED
_CALL_SECONDS = 180


def require(truth: bool, *what: object) -> None:
    """Raise Broken unless it is so."""
    if not truth:
        raise Broken(" ".join(str(word) for word in what))


@dataclass(slots=True)
class Ledger:
    """What one seed has led to so far. `note` is that of the task which runs now."""

    policy: Policy
    exact: bool
    note: Note = field(default_factory=lambda: Note(""))
    verifications: dict[str, Verification] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    approvals: dict[str, int] = field(default_factory=dict)
    suppressed: set[str] = field(default_factory=set)
    paused: dict[str, float] = field(default_factory=dict)

    def dead(self) -> frozenset[str]:
        """The verifications that have ended by now."""
        return frozenset([v.sid for v in self.verifications.values() if v.status.final])

    def told(self, verification: str, code: str) -> None:
        """Somebody was told this code: in a call, a text, or on the page for a call that asks for it."""
        require(self.codes.setdefault(verification, code) == code, verification, "has two codes")

    def committed(self, subject: Subject, case: Case, decision: Decision[Any]) -> None:
        """Look at a decision, then remember what it wrote."""
        if isinstance(subject, OfSession | OfVerification) and self.note.verb == "check":
            self._check(case, decision)
        if isinstance(decision.verdict, LimitReached) and self.exact:
            self._refused(decision.verdict, decision.events[0].at, subject, case)
        for verification in decision.verifications:
            self._verification(verification)
        for delivery in decision.deliveries:
            self._delivery(delivery, subject, decision)
        for session in decision.sessions:
            if session.approved:
                require(self.approvals.get(session.verification) == 1, "a welcome without an approval")
                require(self.note.session in (session.id, self._former(session)), "a welcome for somebody else")
            self.sessions[session.id] = session
        self.suppressed |= {number.e164 for number in decision.suppress}
        self.suppressed -= {number.e164 for number in decision.lift}
        self.paused.update({pause.number.e164: pause.until for pause in decision.pauses})

    def _former(self, session: Session) -> str:
        """The session that the code was given in, when this is the one that it moved to."""
        known = self.sessions.get(self.note.session)
        return self.note.session if known is not None and known.verification == session.verification else ""

    def _check(self, case: Case, decision: Decision[Any]) -> None:
        """A code was submitted: the right one is taken, a wrong one is counted, and nothing else is."""
        before, checked = case.verification, decision.verdict
        if before is None or not isinstance(checked, Checked) or before.style is CallStyle.KEY:
            return
        if case.session is not None and case.session.replaced_at is not None:
            require(not decision.verifications, "a repeated answer changed something")
            require(not checked.valid or self.note.code == self.codes[before.sid], "a wrong code was answered again")
            return
        require(not (checked.repeated and before.status is not APPROVED), "an answer repeated that was never given")
        alive = before.status is PENDING and self.note.began < before.expires_at
        right = self.codes.get(before.sid) == self.note.code
        require(checked.valid == (alive and right), "checked", self.note.code, "valid is", checked.valid)
        require((checked.verification.checks > before.checks) == alive, "a check that was not counted, or for nothing")

    def _verification(self, now: Verification) -> None:
        before = self.verifications.get(now.sid)
        require((now.seed is None) == now.status.final, now.sid, now.status, "and its seed")
        require(now.checks <= now.max_checks, now.sid, "was checked too often")
        if before is None:
            require(now.status is PENDING, now.sid, "began as", now.status)
            require(now.expires_at - now.created_at <= self.policy.code_lifetime, now.sid, "lives too long")
            twins = [other for other in self.verifications.values() if self._same(other, now)]
            require(not twins or self._ending(twins), now.sid, "is one of two that are open")
        else:
            require(before.status is PENDING, now.sid, "is final as", before.status, "and became", now.status)
            require(now.checks >= before.checks, now.sid, "has fewer checks")
            require(now.expires_at == before.expires_at, now.sid, "has another deadline")
        if now.status is APPROVED:
            self._approved(now)
        self.verifications[now.sid] = now

    def _same(self, other: Verification, fresh: Verification) -> bool:
        return other.status is PENDING and (other.account, other.action) == (fresh.account, fresh.action)

    def _ending(self, twins: list[Verification]) -> bool:
        """Ended with the same decision; it was looked at before, as it stands before the new one."""
        return all(twin.status.final for twin in twins)

    def _approved(self, now: Verification) -> None:
        self.approvals[now.sid] = self.approvals.get(now.sid, 0) + 1
        require(self.approvals[now.sid] == 1, now.sid, "was approved twice")
        require(
            self.note.code != "" and self.codes.get(now.sid) == self.note.code, now.sid, "approved without its code"
        )
        require(self.note.began < now.expires_at, now.sid, "was approved too late")

    def _delivery(self, now: Delivery, subject: Subject, decision: Decision[Any]) -> None:
        before = self.deliveries.get(now.sid)
        if before is None:
            self._planned(now, self.verifications[now.verification], subject, decision)
        else:
            require(not before.status.final or now.status is before.status, now.sid, "is final as", before.status)
            require(before.carrier_sid in (None, now.carrier_sid), now.sid, "belongs to two calls")
            require(now.created_at == before.created_at, now.sid, "has another beginning")
        self.deliveries[now.sid] = now

    def _planned(self, now: Delivery, of: Verification, subject: Subject, decision: Decision[Any]) -> None:
        require(of.status is PENDING and self.note.began < of.expires_at, now.sid, "is for a code that is over")
        require(of.number.e164 not in self.suppressed, now.sid, "goes to a number that said stop")
        require(of.style is CallStyle.SAY or now.channel is Channel.CALL, now.sid, "texts a code that the page shows")
        sent = [d for d in self.deliveries.values() if d.verification == of.sid and not self.never_left(d)]
        require(len(sent) < self.policy.max_deliveries, of.sid, "sends too often")
        if sent and not isinstance(subject, OfDelivery):  # in the call, and for the switch of the channel, nobody waits
            wait = sent[-1].created_at + self.policy.spacing(len(sent)) - now.created_at
            require(wait <= 0, now.sid, "comes too soon after", sent[-1].sid)
        require(now.created_at >= self.paused.get(of.number.e164, 0), now.sid, "goes to a number that reported us")
        if self.exact:
            require(self.waiting(keys_of(of), now.created_at) <= 0, now.sid, "is over a limit")
        if now.channel is Channel.CALL:
            ended = {d.sid for d in decision.deliveries if d.status.final}
            up = [d.sid for d in self.up(of.number, now.created_at) if d.sid not in ended]
            require(not up, now.sid, "rings while", up, "may be up")

    def up(self, number: Number, now: float) -> list[Delivery]:
        """The calls to a number that may be up, as we could know it."""
        return [
            d
            for d in self.deliveries.values()
            if d.channel is Channel.CALL
            and d.status.live
            and self.verifications[d.verification].number == number
            and now - d.created_at < (_CALL_SECONDS if d.carrier_sid else self.policy.unknown_patience)
        ]

    def never_left(self, delivery: Delivery) -> bool:
        return delivery.status is DeliveryStatus.FAILED and delivery.carrier_sid is None

    def sends(self, scope: Scope, key: str) -> list[float]:
        """When somebody's sends were, in the order of their commits."""
        return [d.created_at for d in self.deliveries.values() if not self.never_left(d) and self._is_of(d, scope, key)]

    def _is_of(self, delivery: Delivery, scope: Scope, key: str) -> bool:
        return keys_of(self.verifications[delivery.verification])[scope] == key

    def waiting(self, keys: Mapping[Scope, str], now: float) -> float:
        """Seconds until every limit allows a send for those who are counted."""
        longest = 0.0
        for scope, limits in self.policy.limits:
            sends = self.sends(scope, keys[scope])
            for limit in limits:
                assert isinstance(limit, Limit)
                if len(sends) >= limit.count:
                    longest = max(longest, sends[-limit.count] + limit.seconds - now)
        return longest

    def _refused(self, refusal: LimitReached, now: float, subject: Subject, case: Case) -> None:
        if isinstance(subject, OfAccount):
            keys = _keys(subject.number, subject.service, subject.account)
        else:
            require(case.verification is not None, "refused a send of nothing")
            assert case.verification is not None
            keys = keys_of(case.verification)
        wait = self.waiting(keys, now)
        require(abs(wait - refusal.wait) < 1e-6, "refused for", refusal.wait, "seconds instead of", wait)

    def heard(self, said: Said, leg: Leg) -> None:
        """A document for the phone: a code is only said in an open verification, after the right keys."""
        if not isinstance(said.line, ReadCode | ReadSlowly | ReadOne):
            return
        sid = said.verification.sid
        require(leg.right, sid, "was read out before the right keys")
        require(sid not in self.note.dead, sid, "was read out after its end")
        require(self.note.began < said.verification.expires_at, sid, "was read out too late")
        self.told(sid, said.line.code)

    def started(self, planned: Planned) -> None:
        """A start or a repeat was answered: whoever asked has a verification of the ledger's."""
        require(planned.verification.sid in self.verifications, "answered what was never committed")


def keys_of(verification: Verification) -> Mapping[Scope, str]:
    """Who is counted for its sends."""
    return _keys(verification.number, verification.service, verification.account)


def _keys(number: Number, service: str, account: str) -> Mapping[Scope, str]:
    return {Scope.NUMBER: number.e164, Scope.ACCOUNT: f"{service} {account}", Scope.TOTAL: ""}
