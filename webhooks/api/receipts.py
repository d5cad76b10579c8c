"""Use up a receipt: for an application that believes each of them once."""

import re

from starlette.responses import JSONResponse, Response

from . import faults, resources
from .entrance import Caller
from .parameters import read

_JTI = re.compile(r"VE[0-9a-f]{32}\Z")


async def redeem(caller: Caller) -> Response:
    """The first time it works, and never again. The name of a receipt is that of its verification."""
    await read(caller.request, ())
    jti = caller.request.path_params["receipt"]
    if not _JTI.match(jti):
        raise faults.not_found()
    return JSONResponse(resources.receipt(await caller.service.redeem(jti, service=caller.tenant.sid)))
