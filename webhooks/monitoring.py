"""Health checks and metrics. `live`: the process answers. `ready`: every required component answers.

Trouble at Twilio does not make the service unready: a code that was already heard can still be entered.

The public learns whether the service is ready, and nothing else: when Twilio was last heard of would tell that a phone
just rang, and so that a user name exists. Components and details are for the operator's key and for loopback.
"""

from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .context import AppContext, app_context
from .requests import unforwarded_ip

IsOperator = Callable[[Request], Awaitable[bool]]

#: Prometheus's text format, https://prometheus.io/docs/instrumenting/exposition_formats/
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def live(_: Request) -> Response:
    return JSONResponse({"status": "ok"})


def ready(is_operator: IsOperator) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint for the state of the components: 503 while a required one fails, else 200.

    `is_operator`: whether a request has the operator's key. It also sees `degraded`, while an optional one fails.
    """

    async def answer(request: Request) -> Response:
        ctx = app_context(request)
        components = await ctx.health_check()
        unhealthy = [component for component in components if not component.ok]
        failing = any(component.required for component in unhealthy)
        report: dict[str, object] = {"status": "failing" if failing else "ok"}
        if _from_loopback(request, ctx) or await is_operator(request):
            report = {
                "status": "failing" if failing else "degraded" if unhealthy else "ok",
                "failing": [component.name for component in unhealthy],
                "parts": {component.name: component.detail for component in components},
            }
        headers = {"Retry-After": "5"} if failing else None
        return JSONResponse(report, status_code=503 if failing else 200, headers=headers)

    return answer


def _from_loopback(request: Request, ctx: AppContext) -> bool:
    address = unforwarded_ip(request, ctx.trusted_proxies)
    return address != "" and ip_address(address).is_loopback


async def metrics(request: Request) -> Response:
    """The metrics; 404 where the operator allows no reader, 401 or 403 for a reader that is not allowed."""
    ctx = app_context(request)
    if ctx.metrics is None:
        raise HTTPException(404)
    if not ctx.metrics.is_authorized(request, ctx.trusted_proxies):
        challenge = {"WWW-Authenticate": "Bearer"} if ctx.metrics.keys else None
        return Response(status_code=401 if challenge else 403, headers=challenge)
    return Response(await ctx.metrics.scrape(), media_type=MEDIA_TYPE)
