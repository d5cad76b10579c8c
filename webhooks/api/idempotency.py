"""`Idempotency-Key`: a start that can be repeated without sending twice.

The sid of the first delivery is generated before the start and stored with the claim. So after any interruption, a
repeated request knows whether a delivery was made.
"""

import json
import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from verification.errors import VerificationError
from verification.idempotency import Abandoned, Claim, InProgress, KeyReused, StoredAnswer
from verification.models import State, new_sid
from verification.ports import ByDelivery

from . import errors, serializers
from .auth import ApiRequest

KEY_HEADER = "idempotency-key"
KEY_PATTERN = r"^[!-~]{1,255}$"

Start = Callable[[str], Awaitable[State]]


def read_key(request: Request) -> str:
    """The key of a request that has one. Raises ApiError."""
    keys = request.headers.getlist(KEY_HEADER)
    if len(keys) > 1 or not re.match(KEY_PATTERN, keys[0]):
        raise errors.invalid("Idempotency-Key", "1 to 255 visible characters")
    return keys[0]


async def idempotent(api: ApiRequest, key: str, start: Start) -> Response:
    """The answer to a start, or the stored answer of the same key. `start` gets the sid for its delivery."""
    verifier = api.verifier
    claim = Claim(
        key=f"{api.actor} {key}",
        body=f"{api.request.url.path}\n{(await api.request.body()).decode('latin-1')}",
        delivery=new_sid("VL", verifier.randomness),
        at=verifier.clock.now(),
    )
    match await api.ctx.answers.claim(claim):
        case StoredAnswer(answer):
            return await _replay(api, json.loads(answer))
        case InProgress():
            raise errors.ApiError(
                409, errors.CONFLICT, "A request with the same Idempotency-Key is still in progress", wait=1
            )
        case KeyReused():
            raise errors.ApiError(
                422, errors.KEY_REUSED, "This Idempotency-Key was already used for a different request"
            )
        case Abandoned(delivery):
            state = await verifier.get(ByDelivery(delivery))
            if state.verification is not None:
                return await _store(api, claim, state)
            return await _run(api, claim, start, delivery)
    return await _run(api, claim, start, claim.delivery)


async def _run(api: ApiRequest, claim: Claim, start: Start, delivery: str) -> Response:
    """Start. When we fail, the claim stays: a repeated request finds the verification by its delivery."""
    try:
        state = await start(delivery)
    except (VerificationError, errors.ApiError):
        await api.ctx.answers.release(claim.key)
        raise
    return await _store(api, claim, state)


async def _store(api: ApiRequest, claim: Claim, state: State) -> Response:
    assert state.verification is not None
    body = serializers.verification(state, api.ctx)
    # A code is never stored; `_replay` computes it again.
    await api.ctx.answers.keep(claim.key, json.dumps(body | {"code": None}), verification=state.verification.sid)
    return _created(body)


async def _replay(api: ApiRequest, body: serializers.Body) -> Response:
    delivery = ByDelivery(body["send_code_attempts"][-1]["attempt_sid"])
    verification = (await api.verifier.get(delivery)).verification
    return _created(body | {"code": api.verifier.shown_code(verification) if verification else None})


def _created(body: serializers.Body) -> Response:
    return JSONResponse(body, status_code=201)
