"""Attempts: the calls and texts of the service's verifications, and how many led to a right code."""

from datetime import UTC, datetime

from starlette.responses import JSONResponse, Response

from verification.attempts import Sought
from verification.states import Channel

from . import faults, resources
from .entrance import Caller
from .paging import PAGING, read_page
from .parameters import Given, Parameter, one_of, read_query, text

#: How far back a list goes when nothing is said, in seconds.
USUAL_SPAN = 30 * 86400
_DATE = text(20, 20, pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")
_SERVICE = Parameter(
    name="VerifyServiceSid",
    meaning="The service, when the key reaches several; otherwise the key's own.",
    schema=text(34, 34, pattern="^VA[0-9a-f]{32}$"),
)
SUMMARY = (
    _SERVICE,
    Parameter(name="DateCreatedAfter", meaning="Not before; 30 days ago when left out.", schema=_DATE),
    Parameter(name="DateCreatedBefore", meaning="Before this moment.", schema=_DATE),
    Parameter(name="Country", meaning="Of the number, as an ISO 3166-1 code.", schema=text(2, 2, pattern="^[A-Z]{2}$")),
    Parameter(name="Channel", meaning="`call` or `sms`.", schema=one_of("call", "sms")),
    Parameter(
        name="DestinationPrefix", meaning="How the number begins.", schema=text(1, 16, pattern=r"^\+?[1-9][0-9]*$")
    ),
)
LIST = (
    *(parameter for parameter in SUMMARY if parameter.name != "DestinationPrefix"),
    Parameter(
        name="ChannelData.To", meaning="The number, in E.164.", schema=text(8, 16, pattern=r"^\+[1-9][0-9]{6,14}$")
    ),
    Parameter(name="VerificationSid", meaning="Of this verification.", schema=text(34, 34, pattern="^VE[0-9a-f]{32}$")),
    Parameter(name="Status", meaning="Whether it led to a right code.", schema=one_of("converted", "unconverted")),
    *PAGING,
)


async def list_all(caller: Caller) -> Response:
    """Attempts, those of the newest verifications first."""
    given = read_query(caller.request, LIST)
    names = {parameter.name for parameter in PAGING}
    page = read_page(given, tuple((name, value) for name, value in given.items() if name not in names))
    found = await caller.here.attempts.attempts(await _sought(caller, given), after=page.after, limit=page.size + 1)
    entries = [resources.attempt(attempt, caller.here) for attempt in found[: page.size]]
    address = caller.here.addresses.of("api_attempts")
    return JSONResponse(page.of("attempts", entries, address, more=len(found) > page.size))


async def fetch(caller: Caller) -> Response:
    """One attempt."""
    found = await caller.here.attempts.attempt(caller.request.path_params["attempt"])
    if found is None or not await _reaches(caller, found.verification.service):
        raise faults.not_found()
    return JSONResponse(resources.attempt(found, caller.here))


async def summary(caller: Caller) -> Response:
    """How many attempts there were, and how many converted."""
    total, converted = await caller.here.attempts.totals(await _sought(caller, read_query(caller.request, SUMMARY)))
    rate = 100 * converted / total if total else 0
    return JSONResponse(
        {
            "total_attempts": total,
            "total_converted": converted,
            "total_unconverted": total - converted,
            "conversion_rate_percentage": f"{rate:.9g}",
            "url": caller.here.addresses.of("api_summary"),
        }
    )


async def _sought(caller: Caller, given: Given) -> Sought:
    service = given.get("VerifyServiceSid", caller.tenant.sid)
    if not await _reaches(caller, service):
        raise faults.not_found()
    now = caller.service.clock.now()
    prefix = given.get("DestinationPrefix")
    return Sought(
        service=service,
        since=_moment(given, "DateCreatedAfter", now - USUAL_SPAN),
        until=_moment(given, "DateCreatedBefore", now + 1),
        verification=given.get("VerificationSid"),
        channel=Channel(given["Channel"]) if "Channel" in given else None,
        number=given.get("ChannelData.To"),
        country=given.get("Country"),
        prefix="+" + prefix.removeprefix("+") if prefix else None,
        converted=given["Status"] == "converted" if "Status" in given else None,
    )


async def _reaches(caller: Caller, service: str) -> bool:
    if service == caller.tenant.sid:
        return True
    return caller.operator and await caller.here.tenants.tenant(service) is not None


def _moment(given: Given, name: str, otherwise: float) -> float:
    if name not in given:
        return otherwise
    try:
        return datetime.strptime(given[name], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError as problem:
        raise faults.invalid(name) from problem
