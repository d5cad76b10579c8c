"""Checks of codes. A check proves what it says, so all that it gives has to fit, and it has to give all that counts."""

from functools import partial

from starlette.background import BackgroundTask
from starlette.responses import Response

from verification.flow import binding
from verification.flow.binding import Claim
from verification.models import State, Verification
from verification.ports import ByCheck, ByVerification
from verification.types import VerificationStatus

from . import errors, serializers
from .auth import ApiRequest
from .parameters import NUMBER, Parameter, Parameters, Values, read_body, string
from .verifications import BOUND, account_of, by_account, claim_of

CHECK = Parameters(
    Parameter(name="Code", description="The code that the user entered.", schema=string(1, 64), required=True),
    Parameter(name="To", description="The phone number in E.164.", schema=NUMBER),
    Parameter(
        name="VerificationSid",
        description="The sid of the verification.",
        schema=string(34, 34, pattern="^VE[0-9a-f]{32}$"),
    ),
    *BOUND,
    Parameter(name="SnaClientToken", description="Silent network authentication is not supported.", refused=True),
)


async def check(api: ApiRequest) -> Response:
    """Check a code. One that is presented for another payment stops working."""
    values = await read_body(api.request, CHECK)
    verifier, claim = api.verifier, claim_of(values)
    result = await verifier.check_as(
        _query(api, values, claim), values["Code"], payment=claim.payment, require=partial(_require, api, claim)
    )
    verification = result.verification
    if not result.compared:
        raise _not_compared(verification.status, verification.expires_at - verifier.clock.now())
    hang_up = BackgroundTask(verifier.hang_up, result.hang_up) if result.hang_up else None
    if "VerificationSid" in values and not binding.fits(claim, verification):
        refused = errors.to_response(errors.not_found())
        refused.background = hang_up
        return refused
    body = serializers.check(State(verification=verification, deliveries=result.deliveries), api.ctx)
    return serializers.FastJsonResponse(body, background=hang_up)


def _query(api: ApiRequest, values: Values, claim: Claim) -> ByVerification | ByCheck:
    """What a check names in its parameters. Raises ApiError."""
    if "VerificationSid" in values:
        return ByVerification(values["VerificationSid"])
    if claim.account is not None:
        return by_account(api, claim.account, values)
    if "To" in values:
        return by_account(api, account_of(values["To"], values), values)
    raise errors.invalid("To", "it is missing, and so are VerificationSid and Username")


def _require(api: ApiRequest, claim: Claim, verification: Verification | None) -> None:
    """A check that does not say what its code is to prove could prove something else. Raises ApiError."""
    # Another payment is for the check to see: it ends the verification.
    if verification is None or verification.service != api.service.sid or not binding.names(claim, verification):
        raise errors.not_found()
    missing = binding.missing(claim, verification)
    if missing.payment:
        raise errors.payment_incomplete()
    if missing.action:
        raise errors.invalid("Action", "it is missing, and this code is not for signing in")


def _not_compared(status: VerificationStatus, left: float) -> errors.ApiError:
    """A check of a verification that has ended. Until its deadline the answer says that its checks are used up."""
    if status is VerificationStatus.MAX_ATTEMPTS_REACHED and left > 0:
        return errors.ApiError(429, errors.MAX_CHECKS, "Max check attempts reached", wait=left)
    return errors.not_found()
