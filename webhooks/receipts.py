"""Receipts: what an approved check gives to the application, to show to whoever asks for proof."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .doorway import doorway

#: Seconds that the keys may be kept. New ones are published long before they sign.
KEPT = 3600


async def keys(request: Request) -> Response:
    """The public keys, for everybody."""
    here = doorway(request)
    published = here.receipts.keys(now=here.service.clock.now())
    return JSONResponse(published, headers={"Cache-Control": f"public, max-age={KEPT}"})
