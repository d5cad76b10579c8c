"""Records ready-made for the tests of the rules, and what a table would load after a decision."""

from dataclasses import replace
from typing import Any

from verification.checking import code_of
from verification.codes import KeyRing
from verification.numbers import Number
from verification.ports import Decision
from verification.records import BUILT_IN_SERVICE, SIGN_IN, Case, Delivery, Session, Verification
from verification.states import Channel, DeliveryStatus, VerificationStatus

NOW = 1_800_000_000.0
LIFETIME = 300
SECRET = b"a key of the tests, and 32 bytes long"
KEYS = KeyRing((SECRET,))
NUMBER = Number("+14155550100", "US")
OTHER_NUMBER = Number("+14155550101", "US")

PENDING = Verification(
    sid="VE1",
    service=BUILT_IN_SERVICE,
    account="ada",
    username="Ada",
    action=SIGN_IN,
    number=NUMBER,
    language="en-US",
    status=VerificationStatus.PENDING,
    seed=b"sixteen bytes, 1",
    key_id=KEYS.newest,
    code_length=6,
    max_checks=1,
    checks=0,
    created_at=NOW,
    expires_at=NOW + LIFETIME,
)
CODE = code_of(PENDING, KEYS)


def wrong(code: str) -> str:
    """A code of the same length in which every digit is another one."""
    return "".join(str((int(digit) + 1) % 10) for digit in code)


WRONG = wrong(CODE)
CALL = Delivery(
    sid="VL1",
    verification="VE1",
    channel=Channel.CALL,
    status=DeliveryStatus.ANSWERED,
    carrier_sid="CA1",
    created_at=NOW,
    updated_at=NOW,
)
TEXT = replace(CALL, sid="VL2", channel=Channel.SMS, status=DeliveryStatus.SENT, carrier_sid="SM1")
SESSION = Session(id="browser", verification="VE1", channel=Channel.CALL, expires_at=NOW + 1800)


def planned(channel: Channel = Channel.CALL, *, sid: str = "VL9", at: float = NOW) -> Delivery:
    """A delivery that the carrier was not asked for yet."""
    return Delivery(
        sid=sid, verification="VE1", channel=channel, status=DeliveryStatus.PLANNED, created_at=at, updated_at=at
    )


def ended(status: VerificationStatus, *, at: float = NOW) -> Verification:
    """The verification after its end."""
    return replace(PENDING, status=status, seed=None, ended_at=at)


def after(case: Case, decision: Decision[Any]) -> Case:
    """The same case once the decision is saved. Rows are replaced by sid or id, new deliveries come last."""
    verification, session, deliveries = case.verification, case.session, {d.sid: d for d in case.deliveries}
    for saved in decision.verifications:
        if verification is None or saved.sid == verification.sid:
            verification = saved
    for kept in decision.sessions:
        if session is not None and kept.id == session.id:
            session = kept
    deliveries |= {d.sid: d for d in decision.deliveries}
    return Case(
        verification=verification,
        deliveries=tuple(deliveries.values()),
        session=session,
        suppressed=(case.suppressed or bool(decision.suppress)) and not decision.lift,
    )
