"""Probes. Live: the process answers. Ready: the code table answers too."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from verification.ports import OfSession

from .doorway import doorway


async def live(_: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> Response:
    """The code table can be read. Raises Unavailable otherwise, which is answered with 503."""
    await doorway(request).service.table.read(OfSession("probe"))
    return JSONResponse({"status": "ok"})
