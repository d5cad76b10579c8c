"""Start a verification, look at it, end it, and check its code."""

import re
from dataclasses import replace

from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from verification.models import State
from verification.ports import ByCheck, ByVerification
from verification.types import VerificationStatus
from verification.values import usernames

from . import errors, serializers
from .auth import ApiRequest
from .idempotency import idempotent
from .parameters import Parameter, Values, one_of, read_body, read_query, string
from .start_parameters import ACTION, AMOUNT, CREATE, NUMBER, PAYEE, USERNAME, action, payment, read_start_request

UPDATE = (
    Parameter(
        name="Status",
        description="`canceled` cancels the verification; `approved` approves it without a code.",
        schema=one_of("canceled", "approved"),
        required=True,
    ),
    ACTION,
)
FETCH = (ACTION,)
CHECK = (
    Parameter(name="Code", description="The code that the user entered.", schema=string(1, 64), required=True),
    Parameter(name="To", description="The number, in E.164.", schema=NUMBER),
    Parameter(
        name="VerificationSid", description="The verification.", schema=string(34, 34, pattern="^VE[0-9a-f]{32}$")
    ),
    USERNAME,
    ACTION,
    AMOUNT,
    PAYEE,
    Parameter(name="SnaClientToken", description="Silent network authentication is not supported.", refused=True),
)
_SID = re.compile(r"VE[0-9a-f]{32}\Z")


async def create(api: ApiRequest) -> Response:
    """Send a code; where the same is pending already, its code is sent once more."""
    wanted = await read_start_request(api, await read_body(api.request, CREATE))
    verifier = api.verifier

    async def start(delivery: str | None) -> State:
        planned = await verifier.start(replace(wanted, delivery=delivery))
        return await verifier.get(ByVerification(planned.verification.sid))

    return await idempotent(api, start)


async def fetch(api: ApiRequest) -> Response:
    """How a verification stands."""
    state = await _from_path(api, read_query(api.request, FETCH))
    return JSONResponse(serializers.verification(state, api.ctx))


async def update(api: ApiRequest) -> Response:
    """End a verification, or approve it on the application's word."""
    given = await read_body(api.request, UPDATE)
    found = (await _from_path(api, given)).verification
    assert found is not None
    verifier = api.verifier
    close = verifier.call_off if given["Status"] == VerificationStatus.CANCELED else verifier.approve
    closed = await close(found.sid)
    body = serializers.verification(await verifier.get(ByVerification(found.sid)), api.ctx)
    return JSONResponse(body, background=BackgroundTask(verifier.hang_up, closed.hang_up))


async def check(api: ApiRequest) -> Response:
    """Compare a code, once."""
    given = await read_body(api.request, CHECK)
    verifier = api.verifier
    found = (await _from_parameters(api, given)).verification
    assert found is not None
    checked = await verifier.check(found.sid, given["Code"], payment=payment(given))
    if not checked.compared:
        raise _not_compared(checked.verification.status, checked.verification.expires_at - verifier.clock.now())
    state = await verifier.get(ByVerification(found.sid))
    body = serializers.check(replace(state, verification=checked.verification), api.ctx)
    return JSONResponse(body, background=BackgroundTask(verifier.hang_up, checked.hang_up))


def _not_compared(status: VerificationStatus, left: float) -> errors.ApiError:
    """A check of what has ended. That the checks were used up is told until the code's own deadline."""
    if status is VerificationStatus.MAX_ATTEMPTS_REACHED and left > 0:
        return errors.ApiError(429, errors.MAX_CHECKS, "Max check attempts reached", wait=left)
    return errors.not_found()


async def _from_path(api: ApiRequest, given: Values) -> State:
    """The verification that the address names, by sid or by number. Raises Fault."""
    name = api.request.path_params["verification"]
    if _SID.match(name):
        return await _owned(api, ByVerification(name))
    if not re.match(NUMBER["pattern"], name):
        raise errors.not_found()
    return await _owned(api, _by_account(api, usernames.account_of_number(name), given))


async def _from_parameters(api: ApiRequest, given: Values) -> State:
    """The verification that a check is about. Raises Fault."""
    if "VerificationSid" in given:
        state = await _owned(api, ByVerification(given["VerificationSid"]))
        assert state.verification is not None
        if "To" in given and given["To"] != state.verification.number.e164:
            raise errors.not_found()
        return state
    if "Username" in given:
        name = usernames.account_name(usernames.clean_username(given["Username"]))
        return await _owned(api, _by_account(api, name, given))
    if "To" in given:
        return await _owned(api, _by_account(api, usernames.account_of_number(given["To"]), given))
    raise errors.invalid("To", "it is missing, and so are VerificationSid and Username")


def _by_account(api: ApiRequest, account: str, given: Values) -> ByCheck:
    now = api.verifier.clock.now()
    return ByCheck(service=api.service.sid, account=account, action=action(given), now=now)


async def _owned(api: ApiRequest, query: ByVerification | ByCheck) -> State:
    state = await api.verifier.get(query)
    if state.verification is None or state.verification.service != api.service.sid:
        raise errors.not_found()
    return state
