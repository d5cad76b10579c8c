"""Change the number of an account: the old one proven, the new one proven, both right before."""

from starlette.responses import JSONResponse, Response

from verification.accounts import Accounts

from . import serializers
from .auth import ApiRequest
from .parameters import Parameter, read_body, string

SID = string(34, 34, pattern="^VE[0-9a-f]{32}$")
CREATE = (
    Parameter(
        name="OldVerificationSid",
        description="An approved `change-number` verification of this `Username`, for the number to replace.",
        schema=SID,
        required=True,
    ),
    Parameter(
        name="NewVerificationSid",
        description="An approved `new-number` verification of the same `Username`, with the new number as `To`.",
        schema=SID,
        required=True,
    ),
)


async def create(api: ApiRequest) -> Response:
    """Put the new number in the place of the old one. Everybody whom the account had before is told."""
    given = await read_body(api.request, CREATE)
    verifier = api.ctx.verifier
    changed = await Accounts(verifier).change_number(
        service=api.service.sid, old=given["OldVerificationSid"], new=given["NewVerificationSid"]
    )
    return JSONResponse(serializers.number_change(changed, at=verifier.clock.now()), status_code=201)
