"""The hooks' endpoint: a signed message of another system becomes a start with that system's code.

    message ── signature, or API key ── number and code, by their paths ── the API's start

So limits, suppressions and the audit log are those of the API. A message counts once by its `webhook-id`: repeated, it
gets the same answer and sends nothing.
"""

import json
import logging
from ipaddress import ip_address
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from verification.errors import VerificationError

from .. import requests
from ..api import errors, verifications
from ..api.auth import ApiRequest, authenticate
from ..api.errors import ApiError
from ..api.idempotency import KEY_HEADER, read_key
from ..api.parameters import Values, validated
from ..context import app_context
from ..senders import WITHOUT_PLUS, Hook, Sender
from .signatures import NotSigned, signed_message

log = logging.getLogger("saycode.http")


async def deliver(request: Request) -> Response:
    """Say or text the code of a message."""
    hook = app_context(request).hooks.get(request.path_params["hook"])
    if hook is None:
        return errors.to_response(errors.not_found())
    try:
        api, key = await _authenticated(request, hook)
        values = read_message(hook, await request.body())
        started = await verifications.begin(api, values, key=key)
    except VerificationError as error:
        return _refusal(request, hook, errors.from_domain(error))
    except ApiError as error:
        return _refusal(request, hook, error)
    return JSONResponse({"sid": json.loads(bytes(started.body))["sid"]})


async def _authenticated(request: Request, hook: Hook) -> tuple[ApiRequest, str | None]:
    """The request in the name of the hook's service, and the key under which it counts once. Raises ApiError."""
    if not hook.secrets:
        api = await authenticate(request, hook.service)
        return api, read_key(request) if KEY_HEADER in request.headers else None
    ctx = app_context(request)
    try:
        id = signed_message(request.headers, await request.body(), hook.secrets, now=ctx.verifier.clock.now())
    except NotSigned as problem:
        raise ApiError(401, errors.UNAUTHORIZED, f"Not signed: {problem}") from problem
    service = await ctx.services.service(hook.service)
    if service is None:
        raise errors.not_found()
    return ApiRequest(request, ctx, f"hook {hook.name}", service, is_operator=False), id


def read_message(hook: Hook, body: bytes) -> Values:
    """The parameters of the start that a message asks for. Raises ApiError."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise ApiError(400, errors.INVALID, "The body must be JSON") from problem
    found = {
        "To": _number(hook, _first(message, hook.fields.number)),
        "CustomCode": _first(message, hook.fields.code),
        "Locale": _first(message, hook.fields.language),
        "DeviceIp": _public(_first(message, hook.fields.address)),
    }
    for name, paths in (("To", hook.fields.number), ("CustomCode", hook.fields.code)):
        if found[name] is None:
            raise errors.invalid(name, f"the message has no {' or '.join(paths)}")
    pairs = [*found.items(), ("Channel", hook.channel.value), ("Action", hook.action)]
    return validated([(name, value) for name, value in pairs if value is not None], verifications.CREATE, typed=True)


def _first(message: Any, paths: tuple[str, ...]) -> Any:
    """The value at the first of these paths that has one."""
    for path in paths:
        value = message
        for name in path.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        if value not in (None, ""):
            return value
    return None


def _number(hook: Hook, value: Any) -> Any:
    """The number with its plus sign, where the sender leaves it out."""
    if hook.sender in WITHOUT_PLUS and isinstance(value, str) and value.isascii() and value.isdecimal():
        return f"+{value}"
    return value


def _public(value: Any) -> str | None:
    """A client's address. A private one would be a proxy's, and all of its users would share one limit."""
    try:
        return value if isinstance(value, str) and ip_address(value).is_global else None
    except ValueError:
        return None


def _refusal(request: Request, hook: Hook, error: ApiError) -> Response:
    """The refusal as the sender reads it. Supabase shows its user the message of an answer with 200 only, and repeats
    what gets 503 with Retry-After.
    """
    source = requests.client_source(request, app_context(request).trusted_proxies)
    facts = {"hook": hook.name, "status": error.status, "code": error.code, "why": error.message}
    log.warning("a hook's message was refused", extra={"fields": facts, "source": source})
    if hook.sender is not Sender.SUPABASE or error.status in (401, 503):
        return errors.to_response(error)
    return JSONResponse({"error": {"http_code": error.status, "message": error.message}})
