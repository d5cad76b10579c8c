"""Diagnostics: the endpoint of `saycode doctor`, and webhooks that Twilio sends to the wrong address.

The endpoint answers: does this service answer at the public address, and how do webhooks arrive?

Both sides prove that they hold the account's token without sending it: an HMAC-SHA-256 under the token over a nonce and
the name of the side, so the proof of one side is never the proof of the other. Twilio signs a text that begins with an
address, so a proof is not a signature either. A request without a proof is rejected like an unsigned webhook. The store
is neither read nor written.
"""

import hmac
import re
from enum import StrEnum
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .. import requests
from ..context import InvalidSignature, Misplaced, app_context, looks_signed
from ..signature import SignatureProblem, printable, proxy_headers
from .payloads import CALL_SIDS, TEXT_SIDS, account_context

#: The webhooks that are configured at Twilio, by the sid that they have.
_CONFIGURED = dict.fromkeys(CALL_SIDS, "inbound_call") | dict.fromkeys(TEXT_SIDS, "inbound_message")
_NONCE = re.compile(r"[0-9a-f]{32}")


class Side(StrEnum):
    """The side that proves that it holds the token."""

    DOCTOR = "saycode doctor"
    SERVICE = "saycode service"


def proof(token: bytes, side: Side, nonce: str) -> str:
    """The proof for a nonce, which only a holder of the token can make."""
    return hmac.new(token, f"{side}\n{nonce}".encode(), sha256).hexdigest()


async def misplaced_webhook(request: Request) -> str | None:
    """What to change at Twilio, for a webhook with a valid signature where no endpoint is; None for other requests."""
    if not looks_signed(request):
        return None
    form = requests.Fields()
    if request.method == "POST":
        try:
            form = await requests.read_form(request, longest_value=requests.LARGEST_BODY)
        except requests.FormMalformed:
            return None
    ctx = account_context(request, form)
    if not ctx.signatures.valid(request, form):
        return None
    names = form.keys() | request.query_params.keys()
    routes = {route for sid, route in _CONFIGURED.items() if sid in names} or set(_CONFIGURED.values())
    addresses = " or ".join(ctx.urls.of(route) for route in sorted(routes))
    return (
        f"Twilio sends webhooks to {ctx.signatures.address(request)} by {printable(request.method)}, where no endpoint "
        f"for them is: at Twilio change that address to {addresses}, by POST"
    )


async def probe(request: Request) -> Response:
    """How this request arrived. It is signed like a webhook, and the answer says what is wrong with the signature.

    Raises InvalidSignature for a caller other than the doctor, Misplaced for a webhook, and FormMalformed.
    """
    ctx = app_context(request)
    form = await requests.read_form(request)
    nonce, client_proof = form.text("Nonce"), form.text("Proof")
    token = next(
        (
            token
            for token in ctx.signatures.tokens
            if hmac.compare_digest(proof(token, Side.DOCTOR, nonce).encode(), client_proof.encode())
        ),
        None,
    )
    if not form.keys() & {"Nonce", "Proof"} and ctx.signatures.valid(request, form):
        raise Misplaced
    if token is None or not _NONCE.fullmatch(nonce):
        raise InvalidSignature(SignatureProblem.WRONG)
    signature_problem = ctx.signatures.signature_problem(request, form)
    return JSONResponse(
        {
            "proof": proof(token, Side.SERVICE, nonce),
            "signature": signature_problem or "right",
            "checked": ctx.signatures.address(request),
            "hearsay": proxy_headers(request.headers, ctx.urls.public_url),
            "key": ctx.verifier.keys.newest,
            "database": ctx.database_id,
            "clients": _clients(request),
        }
    )


def _clients(request: Request) -> dict[str, object]:
    """What the doctor tells about client addresses. Names only private ones, which are machines of the operator.

    `requests`: how many were counted for limits; `only`: the address that all of them had; `proxy`: the one that
    forwarded this request, unless it is trusted.
    """
    ctx = app_context(request)
    only, proxy = ctx.sources.only, requests.peer_ip(request)
    forwarded = any(name in request.headers for name in requests.FORWARDED_HEADERS)
    trusted = proxy is not None and requests.is_in(proxy, ctx.trusted_proxies)
    return {
        "requests": ctx.sources.requests,
        "only": only if only and requests.is_private(only) else None,
        "proxy": str(proxy) if proxy and proxy.is_private and forwarded and not trusted else None,
    }
