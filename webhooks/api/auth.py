"""Authentication of API requests: HTTP Basic with the sid and the secret of a key (RFC 7617).

A revoked key is refused at once. A missing, wrong or revoked key, and one of a deleted service, get the same answer
after the same work. Credentials count in the header only: addresses are logged.
"""

import binascii
import hmac
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable

from msgspec.structs import replace
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from verification.errors import VerificationError
from verification.services import Service, secret_digest
from verification.types import Record
from verification.verifier import Verifier

from ..context import AppContext, app_context, looks_signed
from . import errors

_DUMMY_DIGEST = secret_digest("no key has this secret")
_KEY_SID = re.compile(r"SK[0-9a-f]{32}\Z")
LONGEST_CREDENTIALS = 512


class ApiRequest(Record, frozen=True):
    """An authenticated request. `service` is the one in its path, else the key's own.

    `actor` is who asks, as the audit log names it: the sid of the key, or a hook. `is_operator`: the key belongs to the
    built-in service and may manage every service.
    """

    request: Request
    ctx: AppContext
    actor: str
    service: Service
    is_operator: bool

    @property
    def verifier(self) -> Verifier:
        """The verifier, with this actor in the audit log."""
        return replace(self.ctx.verifier, actor=self.actor)


Handler = Callable[[ApiRequest], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def endpoint(**handlers: Handler) -> Endpoint:
    """The endpoint of an API route: authentication, one handler for each method, and errors as JSON."""

    async def answer(request: Request) -> Response:
        try:
            api = await authenticate(request)
            handler = handlers.get("GET" if request.method == "HEAD" else request.method)
            if handler is None:
                raise HTTPException(405, headers={"Allow": ", ".join(allowed_methods(handlers))})
            return await handler(api)
        except VerificationError as error:
            return errors.to_response(errors.from_domain(error))
        except errors.ApiError as error:
            if error.status == 401 and looks_signed(request):
                raise  # the application looks whether it is a misplaced webhook
            return errors.to_response(error)

    return answer


def allowed_methods(handlers: dict[str, Handler]) -> list[str]:
    return sorted([*handlers, *(["HEAD"] if "GET" in handlers else [])])


async def is_operator(request: Request) -> bool:
    """Whether the request has a key of the built-in service."""
    if "authorization" not in request.headers:
        return False
    try:
        return (await authenticate(request)).is_operator
    except errors.ApiError:
        return False


async def authenticate(request: Request, service_sid: str = "") -> ApiRequest:
    """The key and the service of a request: the one of this sid, else the one in its path, else the key's own.

    Raises ApiError: 401, or 404 for a service that the key may not access.
    """
    ctx = app_context(request)
    sid, secret = _credentials(request.headers.get("authorization", ""))
    key_and_service = await ctx.services.find_key(sid)
    expected = key_and_service[0].digest if key_and_service else _DUMMY_DIGEST
    if not hmac.compare_digest(secret_digest(secret), expected) or key_and_service is None:
        raise errors.ApiError(401, errors.UNAUTHORIZED, "Authenticate")
    key, service = key_and_service
    service_sid = service_sid or request.path_params.get("service", service.sid)
    if service_sid != service.sid:
        # Loaded for every key, so that the answer for an existing service takes no longer than for an unknown one.
        other = await ctx.services.service(service_sid)
        if other is None or not service.built_in:
            raise errors.not_found()
        return ApiRequest(request, ctx, key.sid, other, is_operator=True)
    return ApiRequest(request, ctx, key.sid, service, is_operator=service.built_in)


def _credentials(header: str) -> tuple[str, str]:
    """The sid and the secret of the key; empty where the header has none."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > LONGEST_CREDENTIALS:
        return "", ""
    try:
        sid, _, secret = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (sid if _KEY_SID.match(sid) else ""), secret
