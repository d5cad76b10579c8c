"""`/metrics`, for those whom the operator named."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from .doorway import doorway

#: The text form of Prometheus, https://prometheus.io/docs/instrumenting/exposition_formats/
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


async def metrics(request: Request) -> Response:
    """The totals; 404 where the operator named nobody, 401 or 403 for everybody else."""
    here = doorway(request)
    if here.metrics is None:
        raise HTTPException(404)
    if not here.metrics.admit(request, here.trusted_proxies):
        challenge = {"WWW-Authenticate": "Bearer"} if here.metrics.keys else None
        return Response(status_code=401 if challenge else 403, headers=challenge)
    return Response(await here.metrics.scrape(), media_type=MEDIA_TYPE)
