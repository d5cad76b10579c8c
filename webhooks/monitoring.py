"""Health checks and metrics. `live`: the process answers. `ready`: every required component answers.

Trouble at Twilio does not make the service unready: a code that was already heard can still be entered.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .context import app_context

#: Prometheus's text format, https://prometheus.io/docs/instrumenting/exposition_formats/
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def live(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


async def ready(request: Request) -> Response:
    """The state of each component: 503 while a required one fails, else 200; `degraded` while an optional one fails."""
    components = await app_context(request).health_check()
    unhealthy = [component for component in components if not component.ok]
    failing = any(component.required for component in unhealthy)
    report = {
        "status": "failing" if failing else "degraded" if unhealthy else "ok",
        "failing": [component.name for component in unhealthy],
        "parts": {component.name: component.detail for component in components},
    }
    return JSONResponse(report, status_code=503 if failing else 200, headers={"Retry-After": "5"} if failing else None)


async def metrics(request: Request) -> Response:
    """The metrics; 404 where the operator allows no reader, 401 or 403 for a reader that is not allowed."""
    ctx = app_context(request)
    if ctx.metrics is None:
        raise HTTPException(404)
    if not ctx.metrics.is_authorized(request, ctx.trusted_proxies):
        challenge = {"WWW-Authenticate": "Bearer"} if ctx.metrics.keys else None
        return Response(status_code=401 if challenge else 403, headers=challenge)
    return Response(await ctx.metrics.scrape(), media_type=MEDIA_TYPE)
