"""New verifications and deliveries, with sids and seeds from the secure generator."""

from dataclasses import dataclass

from .codes import KeyRing
from .numbers import Number
from .payments import Payment
from .policy import Keypress, Policy
from .ports import Randomness
from .records import CallStyle, Delivery, Manner, Verification
from .states import Channel, DeliveryStatus, VerificationStatus
from .usernames import account, of_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a start asks for. Without a user name the number stands for the account.

    `session` is the digest of the browser's cookie, when a browser asks; `browser` is that of the cookie by which it is
    known. `source` is the address that asks, as limits count it: an IPv4 address or an IPv6 /64. `brand`, `code_length`
    and `keypress` are those of the service, where it has its own. `delivery` names the first delivery beforehand.
    `repeats`: where the same is pending already, its code is sent once more.
    """

    username: str
    number: Number
    channel: Channel
    action: str
    language: str
    service: str
    style: CallStyle = CallStyle.SAY
    session: str | None = None
    browser: str | None = None
    source: str = ""
    brand: str = ""
    code_length: int | None = None
    keypress: Keypress | None = None
    delivery: str | None = None
    manner: Manner = Manner.TYPED
    payment: Payment | None = None
    repeats: bool = False


def new_verification(
    wanted: Wanted, *, now: float, policy: Policy, keys: KeyRing, randomness: Randomness
) -> Verification:
    """A pending verification with a seed of its own."""
    return Verification(
        sid=new_sid("VE", randomness),
        service=wanted.service,
        account=account(wanted.username) if wanted.username else of_number(wanted.number.e164),
        username=wanted.username,
        action=wanted.action,
        number=wanted.number,
        language=wanted.language,
        status=VerificationStatus.PENDING,
        seed=randomness(16),
        key_id=keys.newest,
        code_length=wanted.code_length or policy.code_length,
        max_checks=policy.max_checks,
        checks=0,
        created_at=now,
        expires_at=now + policy.code_lifetime,
        style=wanted.style,
        source=wanted.source,
        brand=wanted.brand,
        keypress=wanted.keypress,
        manner=wanted.manner,
        payment=wanted.payment,
    )


def planned_delivery(verification: str, channel: Channel, *, now: float, randomness: Randomness) -> Delivery:
    """A delivery that nobody has been asked to make yet."""
    return Delivery(
        sid=new_sid("VL", randomness),
        verification=verification,
        channel=channel,
        status=DeliveryStatus.PLANNED,
        created_at=now,
        updated_at=now,
    )


def new_sid(prefix: str, randomness: Randomness) -> str:
    """Two letters and 32 random hex digits, as Twilio's are."""
    return prefix + randomness(16).hex()
