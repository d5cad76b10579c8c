"""Probes. Live: the process answers. Ready: everything answers that it needs, and what does not is named.

Twilio's trouble does not make it unready: a code that somebody has already heard can still be typed.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .doorway import doorway


async def live(_: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> Response:
    """How each part is: 200, or 503 while one that is needed fails. `degraded` while another one does."""
    parts = await doorway(request).examine()
    unwell = [part for part in parts if not part.well]
    failing = any(part.needed for part in unwell)
    report = {
        "status": "failing" if failing else "degraded" if unwell else "ok",
        "failing": [part.name for part in unwell],
        "parts": {part.name: part.says for part in parts},
    }
    return JSONResponse(report, status_code=503 if failing else 200, headers={"Retry-After": "5"} if failing else None)
