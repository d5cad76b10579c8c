"""`Idempotency-Key`: a start that can be asked for again without starting twice.

The sid of its first delivery is drawn before anything begins and kept with the claim. So whatever broke off in
between, whoever asks again finds out whether a phone may have rung, and nothing is repeated blindly.
"""

import json
import re
from collections.abc import Awaitable, Callable

from starlette.responses import JSONResponse, Response

from verification.answers import Claim, Kept, Left, OtherBody, Running
from verification.errors import Refused
from verification.making import new_sid
from verification.ports import OfDelivery
from verification.records import Case

from . import faults, resources
from .entrance import Caller

HEADER = "idempotency-key"
PATTERN = r"^[!-~]{1,255}$"

Start = Callable[[str | None], Awaitable[Case]]


async def once(caller: Caller, start: Start) -> Response:
    """The answer to a start; to the same one asked again, the same answer. `start` gets the sid for its delivery."""
    named = caller.request.headers.getlist(HEADER)
    if not named:
        return _answer(resources.verification(await start(None), caller.here))
    if len(named) > 1 or not re.match(PATTERN, named[0]):
        raise faults.invalid("Idempotency-Key", "1 to 255 visible characters")
    service = caller.service
    claim = Claim(
        key=f"{caller.key.sid} {named[0]}",
        body=f"{caller.request.url.path}\n{(await caller.request.body()).decode('latin-1')}",
        delivery=new_sid("VL", service.randomness),
        at=service.clock.now(),
    )
    match await caller.here.answers.claim(claim):
        case Kept(answer):
            return await _again(caller, json.loads(answer))
        case Running():
            raise faults.Fault(409, faults.CONFLICT, "The same request is still running", wait=1)
        case OtherBody():
            raise faults.Fault(422, faults.OTHER_BODY, "This Idempotency-Key was used for another request")
        case Left(delivery):
            known = await service.look(OfDelivery(delivery))
            if known.verification is not None:
                return await _kept(caller, claim, known)
            return await _started(caller, claim, start, delivery)
    return await _started(caller, claim, start, claim.delivery)


async def _started(caller: Caller, claim: Claim, start: Start, delivery: str) -> Response:
    """Begin. When our own side fails the claim stays: what was done by then will be found by the delivery."""
    try:
        case = await start(delivery)
    except (Refused, faults.Fault):
        await caller.here.answers.release(claim.key)
        raise
    return await _kept(caller, claim, case)


async def _kept(caller: Caller, claim: Claim, case: Case) -> Response:
    assert case.verification is not None
    body = resources.verification(case, caller.here)
    # A code is never stored: it is drawn again when the answer is given again.
    await caller.here.answers.keep(claim.key, json.dumps(body | {"code": None}), verification=case.verification.sid)
    return _answer(body)


async def _again(caller: Caller, body: resources.Body) -> Response:
    delivery = OfDelivery(body["send_code_attempts"][-1]["attempt_sid"])
    known = (await caller.service.look(delivery)).verification
    return _answer(body | {"code": caller.service.shown_code(known) if known else None})


def _answer(body: resources.Body) -> Response:
    return JSONResponse(body, status_code=201)
