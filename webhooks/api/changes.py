"""Change the number of an account: the old one proven, the new one proven, both right before."""

from starlette.responses import JSONResponse, Response

from verification.enrolment import Enrolment

from . import resources
from .entrance import Caller
from .parameters import Parameter, read, text

SID = text(34, 34, pattern="^VE[0-9a-f]{32}$")
CREATE = (
    Parameter(
        name="OldVerificationSid",
        meaning="Approved for `change-number`, with `Username`: the number that is replaced.",
        schema=SID,
        required=True,
    ),
    Parameter(
        name="NewVerificationSid",
        meaning="Approved for `new-number`, with the same `Username` and the new number as `To`.",
        schema=SID,
        required=True,
    ),
)


async def create(caller: Caller) -> Response:
    """Put the new number in the place of the old one. Everybody whom the account had before is told."""
    given = await read(caller.request, CREATE)
    service = caller.here.service
    changed = await Enrolment(service).change_number(
        service=caller.tenant.sid, old=given["OldVerificationSid"], new=given["NewVerificationSid"]
    )
    return JSONResponse(resources.change(changed, at=service.clock.now()), status_code=201)
