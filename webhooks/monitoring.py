"""Probes. Live: the process answers. Ready: everything answers that it needs, and what does not is named.

Twilio's trouble does not make it unready: a code that somebody has already heard can still be typed.

`/metrics`, for those whom the operator named.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .context import app_context


async def live(_: Request) -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> Response:
    """How each part is: 200, or 503 while one that is needed fails. `degraded` while another one does."""
    parts = await app_context(request).examine()
    unhealthy = [part for part in parts if not part.well]
    failing = any(part.needed for part in unhealthy)
    report = {
        "status": "failing" if failing else "degraded" if unhealthy else "ok",
        "failing": [part.name for part in unhealthy],
        "parts": {part.name: part.says for part in parts},
    }
    return JSONResponse(report, status_code=503 if failing else 200, headers={"Retry-After": "5"} if failing else None)


#: The text form of Prometheus, https://prometheus.io/docs/instrumenting/exposition_formats/
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def metrics(request: Request) -> Response:
    """The totals; 404 where the operator named nobody, 401 or 403 for everybody else."""
    ctx = app_context(request)
    if ctx.metrics is None:
        raise HTTPException(404)
    if not ctx.metrics.is_authorized(request, ctx.trusted_proxies):
        challenge = {"WWW-Authenticate": "Bearer"} if ctx.metrics.keys else None
        return Response(status_code=401 if challenge else 403, headers=challenge)
    return Response(await ctx.metrics.scrape(), media_type=MEDIA_TYPE)
