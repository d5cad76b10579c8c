"""Use up a receipt: for an application that believes each of them once.

Receipts: what an approved check gives to the application, to show to whoever asks for proof.
"""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..context import app_context
from . import errors, serializers
from .auth import ApiRequest
from .parameters import read_body

_JTI = re.compile(r"VE[0-9a-f]{32}\Z")


async def redeem(api: ApiRequest) -> Response:
    """The first time it works, and never again. The name of a receipt is that of its verification."""
    await read_body(api.request, ())
    jti = api.request.path_params["receipt"]
    if not _JTI.match(jti):
        raise errors.not_found()
    return JSONResponse(serializers.receipt(await api.verifier.redeem(jti, service=api.service.sid)))


#: Seconds that the keys may be kept. New ones are published long before they sign.
MAX_AGE = 3600


async def public_keys(request: Request) -> Response:
    """The public keys, for everybody."""
    ctx = app_context(request)
    published = ctx.receipts.keys(now=ctx.verifier.clock.now())
    return JSONResponse(published, headers={"Cache-Control": f"public, max-age={MAX_AGE}"})
