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

from verification.acting import ActingTable
from verification.errors import Refused
from verification.service import Service
from verification.tenants import Key, Tenant, digest

from ..doorway import Doorway, doorway
from . import faults

_NOBODY = digest("nobody's secret")
_KEY = re.compile(r"SK[0-9a-f]{32}\Z")
LONGEST_CREDENTIALS = 512


@dataclass(frozen=True, slots=True)
class Caller:
    """A request that has shown a key. `tenant` is the service that its address names, or the key's own."""

    request: Request
    here: Doorway
    key: Key
    tenant: Tenant
    operator: bool

    @property
    def service(self) -> Service:
        """The verbs of the service, done by this key as far as the audit trail is concerned."""
        service = self.here.service
        return replace(service, table=ActingTable(service.table, self.key.sid))


Handler = Callable[[Caller], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def door(**handlers: Handler) -> Endpoint:
    """The endpoint of an address: one handler for each method, for those who have shown a key that reaches it."""

    async def answer(request: Request) -> Response:
        try:
            caller = await _caller(request)
            handler = handlers.get("GET" if request.method == "HEAD" else request.method)
            if handler is None:
                raise HTTPException(405, headers={"Allow": ", ".join(methods(handlers))})
            return await handler(caller)
        except Refused as refused:
            return faults.answer(faults.of(refused))
        except faults.Fault as fault:
            return faults.answer(fault)

    return answer


def methods(handlers: dict[str, Handler]) -> list[str]:
    """What an address takes."""
    return sorted([*handlers, *(["HEAD"] if "GET" in handlers else [])])


async def _caller(request: Request) -> Caller:
    """Who asks, and for which service. Raises Fault: 401, or 404 for a service that is none of theirs."""
    here = doorway(request)
    sid, secret = _credentials(request.headers.get("authorization", ""))
    found = await here.tenants.holder(sid)
    expected = found[0].digest if found else _NOBODY
    if not hmac.compare_digest(digest(secret), expected) or found is None:
        raise faults.Fault(401, faults.UNAUTHORIZED, "Authenticate")
    key, tenant = found
    wanted = request.path_params.get("service", tenant.sid)
    if wanted != tenant.sid:
        # Asked for whoever it is, so that an answer about somebody else's service takes no longer than about none.
        other = await here.tenants.tenant(wanted)
        if other is None or not tenant.built_in:
            raise faults.not_found()
        return Caller(request, here, key, other, operator=True)
    return Caller(request, here, key, tenant, operator=tenant.built_in)


def _credentials(header: str) -> tuple[str, str]:
    """The key's sid and its secret, as far as the header has them."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > LONGEST_CREDENTIALS:
        return "", ""
    try:
        sid, _, secret = b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (sid if _KEY.match(sid) else ""), secret
