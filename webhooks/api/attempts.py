"""Attempts: the deliveries of a service's verifications, and how many of them led to a correct code."""

from datetime import datetime

from starlette.responses import JSONResponse, Response

from verification.attempts import AttemptFilter
from verification.types import Channel

from . import errors, serializers
from .auth import ApiRequest
from .pagination import PAGE_PARAMETERS, read_page
from .parameters import Parameter, Parameters, Schema, Values, one_of, read_query, string

#: The default period of a list, in seconds.
DEFAULT_SPAN = 30 * 86400
#: RFC 3339. A space before the offset is a plus sign that the client has not encoded.
_DATE: Schema = {
    **string(
        1,
        40,
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+ -][0-9]{2}:[0-9]{2})$",
    ),
    "description": "RFC 3339, such as 2027-01-15T08:00:00Z",
}
_SERVICE = Parameter(
    name="VerifyServiceSid",
    description="Filter by service; the service of the key by default.",
    schema=string(34, 34, pattern="^VA[0-9a-f]{32}$"),
)
SUMMARY = Parameters(
    _SERVICE,
    Parameter(
        name="DateCreatedAfter", description="Start of the period, inclusive; 30 days ago by default.", schema=_DATE
    ),
    Parameter(name="DateCreatedBefore", description="End of the period, exclusive.", schema=_DATE),
    Parameter(
        name="Country",
        description="Filter by country of the number (ISO 3166-1 alpha-2).",
        schema=string(2, 2, pattern="^[A-Z]{2}$"),
    ),
    Parameter(name="Channel", description="`call`, `sms` or `whatsapp`.", schema=one_of(*Channel)),
    Parameter(
        name="DestinationPrefix",
        description="Filter by prefix of the number.",
        schema=string(1, 16, pattern=r"^\+?[1-9][0-9]*$"),
    ),
)
LIST = Parameters(
    *(parameter for parameter in SUMMARY if parameter.name != "DestinationPrefix"),
    Parameter(
        name="ChannelData.To",
        description="The number, in E.164.",
        schema=string(8, 16, pattern=r"^\+[1-9][0-9]{6,14}$"),
    ),
    Parameter(
        name="VerificationSid", description="Filter by verification.", schema=string(34, 34, pattern="^VE[0-9a-f]{32}$")
    ),
    Parameter(
        name="Status",
        description="Filter by conversion: whether a correct code was submitted.",
        schema=one_of("converted", "unconverted"),
    ),
    *PAGE_PARAMETERS,
)


async def list_all(api: ApiRequest) -> Response:
    """Attempts, newest verification first."""
    values = read_query(api.request, LIST)
    names = {parameter.name for parameter in PAGE_PARAMETERS}
    page = read_page(values, tuple((name, value) for name, value in values.items() if name not in names))
    matches = await api.ctx.attempts.attempts(await _filters(api, values), after=page.after, limit=page.size + 1)
    entries = [serializers.attempt(attempt, api.ctx) for attempt in matches[: page.size]]
    address = api.ctx.urls.of("api_attempts")
    return JSONResponse(page.of("attempts", entries, address, more=len(matches) > page.size))


async def fetch(api: ApiRequest) -> Response:
    attempt = await api.ctx.attempts.attempt(api.request.path_params["attempt"])
    if attempt is None or not await _may_access(api, attempt.verification.service):
        raise errors.not_found()
    return JSONResponse(serializers.attempt(attempt, api.ctx))


async def summary(api: ApiRequest) -> Response:
    """The number of attempts, and of those that converted."""
    total, converted = await api.ctx.attempts.totals(await _filters(api, read_query(api.request, SUMMARY)))
    rate = 100 * converted / total if total else 0
    return JSONResponse(
        {
            "total_attempts": total,
            "total_converted": converted,
            "total_unconverted": total - converted,
            "conversion_rate_percentage": f"{rate:.9g}",
            "url": api.ctx.urls.of("api_attempts_summary"),
        }
    )


async def _filters(api: ApiRequest, values: Values) -> AttemptFilter:
    service = values.get("VerifyServiceSid", api.service.sid)
    if not await _may_access(api, service):
        raise errors.not_found()
    now = api.verifier.clock.now()
    prefix = values.get("DestinationPrefix")
    return AttemptFilter(
        service=service,
        since=_timestamp(values, "DateCreatedAfter", now - DEFAULT_SPAN),
        until=_timestamp(values, "DateCreatedBefore", now + 1),
        verification=values.get("VerificationSid"),
        channel=Channel(values["Channel"]) if "Channel" in values else None,
        number=values.get("ChannelData.To"),
        country=values.get("Country"),
        prefix="+" + prefix.removeprefix("+") if prefix else None,
        converted=values["Status"] == "converted" if "Status" in values else None,
    )


async def _may_access(api: ApiRequest, service: str) -> bool:
    if service == api.service.sid:
        return True
    return api.is_operator and await api.ctx.services.service(service) is not None


def _timestamp(values: Values, name: str, default: float) -> float:
    if name not in values:
        return default
    try:
        return datetime.fromisoformat(values[name].replace(" ", "+")).timestamp()
    except ValueError as error:
        raise errors.invalid(name) from error
