"""The door of `saycode doctor`: is it this service that answers at the public address, and how do webhooks arrive?

Both sides prove that they hold the account's token, and neither sends it: an HMAC-SHA-256 under the token over a nonce
and the name of the side that speaks, so that the proof of one is never the proof of the other. Twilio signs addresses
with HMAC-SHA-1, so a proof is no signature, either. Whoever cannot prove it is refused like any unsigned webhook and
learns nothing. Nothing is read from the code table or written to it.
"""

import hmac
import re
from enum import StrEnum
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .. import requests
from ..context import InvalidSignature, app_context
from ..signature import SignatureProblem, proxy_headers

_NONCE = re.compile(r"[0-9a-f]{32}")


class Side(StrEnum):
    """Who proves that it holds the token."""

    DOCTOR = "saycode doctor"
    SERVICE = "saycode service"


def proof(token: bytes, side: Side, nonce: str) -> str:
    """What only a holder of the token can say about this nonce."""
    return hmac.new(token, f"{side}\n{nonce}".encode(), sha256).hexdigest()


async def probe(request: Request) -> Response:
    """How this request arrived, for the doctor alone. It is signed like a webhook; the answer says how that went.

    Raises Unsigned for everybody else, FormMalformed.
    """
    ctx = app_context(request)
    form = await requests.read_form(request)
    nonce, given = form.text("Nonce"), form.text("Proof")
    token = next(
        (
            held
            for held in ctx.signatures.tokens
            if hmac.compare_digest(proof(held, Side.DOCTOR, nonce).encode(), given.encode())
        ),
        None,
    )
    if token is None or not _NONCE.fullmatch(nonce):
        raise InvalidSignature(SignatureProblem.WRONG)
    signature_problem = ctx.signatures.signature_problem(request, form)
    return JSONResponse(
        {
            "proof": proof(token, Side.SERVICE, nonce),
            "signature": signature_problem or "right",
            "checked": ctx.signatures.address(request),
            "hearsay": proxy_headers(request.headers, ctx.addresses.public_url),
            "key": ctx.verifier.keys.newest,
        }
    )
