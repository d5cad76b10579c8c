"""Number changes: an account's old and new number must both have been verified just before."""

from starlette.responses import JSONResponse, Response

from verification.accounts import Accounts

from . import serializers
from .auth import ApiRequest
from .parameters import Parameter, Parameters, read_body, string

SID = string(34, 34, pattern="^VE[0-9a-f]{32}$")
CREATE = Parameters(
    Parameter(
        name="OldVerificationSid",
        description="The sid of the approved `change-number` verification for the number to replace.",
        schema=SID,
        required=True,
    ),
    Parameter(
        name="NewVerificationSid",
        description="The sid of the account's approved `new-number` verification, with the new number as `To`.",
        schema=SID,
        required=True,
    ),
)


async def change_number(api: ApiRequest) -> Response:
    """Replace a number of the account. All its previous numbers are notified."""
    values = await read_body(api.request, CREATE)
    verifier = api.ctx.verifier
    account = await Accounts(verifier).change_number(
        service=api.service.sid, old=values["OldVerificationSid"], new=values["NewVerificationSid"]
    )
    return JSONResponse(serializers.number_change(account, at=verifier.clock.now()), status_code=201)
