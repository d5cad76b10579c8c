"""Start a verification, look at it, end it, and check its code."""

import re
from dataclasses import replace

from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from verification import usernames
from verification.ports import OfCheck, OfVerification
from verification.records import Case
from verification.states import VerificationStatus

from . import faults, resources
from .entrance import Caller
from .once import once
from .parameters import Given, Parameter, one_of, read, read_query, text
from .wanted import ACTION, AMOUNT, CREATE, NUMBER, PAYEE, USERNAME, action, payment, read_wanted

UPDATE = (
    Parameter(
        name="Status",
        meaning="`canceled` ends it; `approved` approves it without its code, on your word.",
        schema=one_of("canceled", "approved"),
        required=True,
    ),
    ACTION,
)
FETCH = (ACTION,)
CHECK = (
    Parameter(name="Code", meaning="What the person typed.", schema=text(1, 64), required=True),
    Parameter(name="To", meaning="The number, in E.164.", schema=NUMBER),
    Parameter(name="VerificationSid", meaning="The verification.", schema=text(34, 34, pattern="^VE[0-9a-f]{32}$")),
    USERNAME,
    ACTION,
    AMOUNT,
    PAYEE,
    Parameter(name="SnaClientToken", meaning="There is no silent network authentication.", refused=True),
)
_SID = re.compile(r"VE[0-9a-f]{32}\Z")


async def create(caller: Caller) -> Response:
    """Send a code; where the same is pending already, its code is sent once more."""
    wanted = await read_wanted(caller, await read(caller.request, CREATE))
    service = caller.service

    async def start(delivery: str | None) -> Case:
        planned = await service.start(replace(wanted, delivery=delivery))
        return await service.look(OfVerification(planned.verification.sid))

    return await once(caller, start)


async def fetch(caller: Caller) -> Response:
    """How a verification stands."""
    case = await _named(caller, read_query(caller.request, FETCH))
    return JSONResponse(resources.verification(case, caller.here))


async def update(caller: Caller) -> Response:
    """End a verification, or approve it on the application's word."""
    given = await read(caller.request, UPDATE)
    found = (await _named(caller, given)).verification
    assert found is not None
    service = caller.service
    close = service.call_off if given["Status"] == VerificationStatus.CANCELED else service.approve
    closed = await close(found.sid)
    body = resources.verification(await service.look(OfVerification(found.sid)), caller.here)
    return JSONResponse(body, background=BackgroundTask(service.hang_up, closed.hang_up))


async def check(caller: Caller) -> Response:
    """Compare a code, once."""
    given = await read(caller.request, CHECK)
    service = caller.service
    found = (await _meant(caller, given)).verification
    assert found is not None
    checked = await service.check(found.sid, given["Code"], payment=payment(given))
    if not checked.compared:
        raise _too_late(checked.verification.status, checked.verification.expires_at - service.clock.now())
    case = await service.look(OfVerification(found.sid))
    body = resources.check(replace(case, verification=checked.verification), caller.here)
    return JSONResponse(body, background=BackgroundTask(service.hang_up, checked.hang_up))


def _too_late(status: VerificationStatus, left: float) -> faults.Fault:
    """A check of what has ended. That the checks were used up is told until the code's own deadline."""
    if status is VerificationStatus.MAX_ATTEMPTS_REACHED and left > 0:
        return faults.Fault(429, faults.MAX_CHECKS, "Max check attempts reached", wait=left)
    return faults.not_found()


async def _named(caller: Caller, given: Given) -> Case:
    """The verification that the address names, by sid or by number. Raises Fault."""
    name = caller.request.path_params["verification"]
    if _SID.match(name):
        return await _theirs(caller, OfVerification(name))
    if not re.match(NUMBER["pattern"], name):
        raise faults.not_found()
    return await _theirs(caller, _by_account(caller, usernames.of_number(name), given))


async def _meant(caller: Caller, given: Given) -> Case:
    """The verification that a check is about. Raises Fault."""
    if "VerificationSid" in given:
        case = await _theirs(caller, OfVerification(given["VerificationSid"]))
        assert case.verification is not None
        if "To" in given and given["To"] != case.verification.number.e164:
            raise faults.not_found()
        return case
    if "Username" in given:
        name = usernames.account(usernames.clean(given["Username"]))
        return await _theirs(caller, _by_account(caller, name, given))
    if "To" in given:
        return await _theirs(caller, _by_account(caller, usernames.of_number(given["To"]), given))
    raise faults.invalid("To", "it is missing, and so are VerificationSid and Username")


def _by_account(caller: Caller, account: str, given: Given) -> OfCheck:
    now = caller.service.clock.now()
    return OfCheck(service=caller.tenant.sid, account=account, action=action(given), now=now)


async def _theirs(caller: Caller, subject: OfVerification | OfCheck) -> Case:
    case = await caller.service.look(subject)
    if case.verification is None or case.verification.service != caller.tenant.sid:
        raise faults.not_found()
    return case
