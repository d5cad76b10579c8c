"""Receipts: signed proofs of approved verifications. Each can be redeemed once, and anyone can verify its signature."""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..context import app_context
from . import errors, serializers
from .auth import ApiRequest
from .parameters import Parameters, read_body

_JTI = re.compile(r"VE[0-9a-f]{32}\Z")


async def redeem(api: ApiRequest) -> Response:
    """Redeem a receipt. It works once. A receipt's `jti` is the sid of its verification."""
    await read_body(api.request, Parameters())
    jti = api.request.path_params["receipt"]
    if not _JTI.match(jti):
        raise errors.not_found()
    return JSONResponse(serializers.receipt(await api.verifier.redeem(jti, service=api.service.sid)))


#: Seconds that the keys may be cached. New keys are published long before they sign.
MAX_AGE = 3600


async def public_keys(request: Request) -> Response:
    """The public keys (JWKS), without authentication."""
    ctx = app_context(request)
    keys = ctx.receipts.keys(now=ctx.verifier.clock.now())
    return JSONResponse(keys, headers={"Cache-Control": f"public, max-age={MAX_AGE}"})
