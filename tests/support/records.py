"""Records for the tests of the rules, and the state after a decision."""

from typing import Any

from msgspec.structs import replace

from verification.context import Context
from verification.flow.check import code_of
from verification.models import BUILT_IN_SERVICE, Delivery, Session, State, Verification
from verification.policy import DEFAULT_POLICY, SIGN_IN, Policy
from verification.ports import Changes
from verification.types import Channel, DeliveryStatus, VerificationStatus
from verification.values.codes import KeyRing
from verification.values.phone_numbers import PhoneNumber

NOW = 1_800_000_000.0
LIFETIME = 300
SECRET = b"a key of the tests, and 32 bytes long"
KEYS = KeyRing((SECRET,))
NUMBER = PhoneNumber("+14155550100", "US")
OTHER_NUMBER = PhoneNumber("+14155550101", "US")

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


def context(now: float = NOW, policy: Policy = DEFAULT_POLICY, *, keys: KeyRing = KEYS) -> Context:
    """The context of a decision at this time."""
    return Context(now, policy, keys)


def wrong(code: str) -> str:
    """A code of the same length in which every digit differs."""
    return "".join(str((int(digit) + 1) % 10) for digit in code)


WRONG = wrong(CODE)
CALL = Delivery(
    sid="VL1",
    verification="VE1",
    channel=Channel.CALL,
    status=DeliveryStatus.ANSWERED,
    provider_sid="CA1",
    created_at=NOW,
    updated_at=NOW,
)
TEXT = replace(CALL, sid="VL2", channel=Channel.SMS, status=DeliveryStatus.SENT, provider_sid="SM1")
SESSION = Session(id="browser", verification="VE1", channel=Channel.CALL, expires_at=NOW + 1800)


def planned(channel: Channel = Channel.CALL, *, sid: str = "VL9", at: float = NOW) -> Delivery:
    """A delivery that the provider was not asked for yet."""
    return Delivery(
        sid=sid, verification="VE1", channel=channel, status=DeliveryStatus.PLANNED, created_at=at, updated_at=at
    )


def ended(status: VerificationStatus, *, at: float = NOW) -> Verification:
    """The verification after its end."""
    return replace(PENDING, status=status, seed=None, ended_at=at)


def after(state: State, changes: Changes[Any]) -> State:
    """The state once the changes are saved. Rows are replaced by sid or id, new deliveries come last."""
    verification, session, deliveries = state.verification, state.session, {d.sid: d for d in state.deliveries}
    for saved in changes.verifications:
        if verification is None or saved.sid == verification.sid:
            verification = saved
    for kept in changes.sessions:
        if session is not None and kept.id == session.id:
            session = kept
    deliveries |= {d.sid: d for d in changes.deliveries}
    return State(
        verification=verification,
        deliveries=tuple(deliveries.values()),
        session=session,
        suppressed=(state.suppressed or bool(changes.suppress)) and not changes.lift,
    )
