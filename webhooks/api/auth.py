"""Who asks: HTTP Basic with a key's sid and its secret (RFC 7617), looked up anew for each request.

A key that is missing, wrong, revoked, or of a service that is gone gets the same answer, after the same work. It counts
in the header only, never in an address, which is logged everywhere.
"""

import binascii
import hmac
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from verification.acting import ActingStore
from verification.errors import VerificationError
from verification.services import ApiKey, Service, secret_digest
from verification.verifier import Verifier

from ..context import AppContext, app_context
from . import errors

_DUMMY_DIGEST = secret_digest("nobody's secret")
_KEY_SID = re.compile(r"SK[0-9a-f]{32}\Z")
LONGEST_CREDENTIALS = 512


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request that has shown a key. `tenant` is the service that its address names, or the key's own."""

    request: Request
    ctx: AppContext
    key: ApiKey
    service: Service
    operator: bool

    @property
    def verifier(self) -> Verifier:
        """The verbs of the service, done by this key as far as the audit trail is concerned."""
        verifier = self.ctx.verifier
        return replace(verifier, store=ActingStore(verifier.store, self.key.sid))


Handler = Callable[[ApiRequest], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(**handlers: Handler) -> Endpoint:
    """The endpoint of an address: one handler for each method, for those who have shown a key that reaches it."""

    async def answer(request: Request) -> Response:
        try:
            api = await _authenticate(request)
            handler = handlers.get("GET" if request.method == "HEAD" else request.method)
            if handler is None:
                raise HTTPException(405, headers={"Allow": ", ".join(allowed_methods(handlers))})
            return await handler(api)
        except VerificationError as refused:
            return errors.to_response(errors.from_domain(refused))
        except errors.ApiError as fault:
            return errors.to_response(fault)

    return answer


def allowed_methods(handlers: dict[str, Handler]) -> list[str]:
    """What an address takes."""
    return sorted([*handlers, *(["HEAD"] if "GET" in handlers else [])])


async def _authenticate(request: Request) -> ApiRequest:
    """Who asks, and for which service. Raises Fault: 401, or 404 for a service that is none of theirs."""
    ctx = app_context(request)
    sid, secret = _credentials(request.headers.get("authorization", ""))
    found = await ctx.services.find_key(sid)
    expected = found[0].digest if found else _DUMMY_DIGEST
    if not hmac.compare_digest(secret_digest(secret), expected) or found is None:
        raise errors.ApiError(401, errors.UNAUTHORIZED, "Authenticate")
    key, service = found
    wanted = request.path_params.get("service", service.sid)
    if wanted != service.sid:
        # Asked for whoever it is, so that an answer about somebody else's service takes no longer than about none.
        other = await ctx.services.service(wanted)
        if other is None or not service.built_in:
            raise errors.not_found()
        return ApiRequest(request, ctx, key, other, operator=True)
    return ApiRequest(request, ctx, key, service, operator=service.built_in)


def _credentials(header: str) -> tuple[str, str]:
    """The key's sid and its secret, as far as the header has them."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > LONGEST_CREDENTIALS:
        return "", ""
    try:
        sid, _, secret = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (sid if _KEY_SID.match(sid) else ""), secret
