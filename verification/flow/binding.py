"""What a request says about a verification, compared with what the verification is bound to.

A sid names a verification, but it does not say what the code is to prove. So what a request gives has to fit, and a
check has to give everything that makes the code more than one for signing in.
"""

from ..models import Verification
from ..policy import SIGN_IN
from ..types import Record
from ..values.payments import Payment


class Claim(Record, frozen=True, kw_only=True):
    """What a request gave; None for what it did not give. `number` is in E.164, `account` a canonical name."""

    number: str | None = None
    account: str | None = None
    action: str | None = None
    payment: Payment | None = None


class Missing(Record, frozen=True):
    """What a check has to give and did not."""

    action: bool
    payment: bool


def names(claim: Claim, verification: Verification) -> bool:
    """Whether number, account and action fit."""
    return (
        (claim.number is None or verification.number.means(claim.number))
        and claim.account in (None, verification.account)
        and claim.action in (None, verification.action)
    )


def fits(claim: Claim, verification: Verification) -> bool:
    """Whether everything that was given fits, the payment included."""
    return names(claim, verification) and claim.payment in (None, verification.payment)


def missing(claim: Claim, verification: Verification) -> Missing:
    """What the verification is bound to and the claim does not give: an action other than sign-in, a payment."""
    return Missing(
        action=claim.action is None and verification.action != SIGN_IN,
        payment=claim.payment is None and verification.payment is not None,
    )
