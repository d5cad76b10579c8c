"""Is this request from Twilio?

Twilio signs the exact address it asked for and all form fields with HMAC-SHA-1 under the account's token (its guide
"Webhooks security"). The address is put together from the configured public one and the raw path and query: Host and
forwarded headers have no say. Over https some of Twilio's products drop the port of the signed address, so each
spelling of it is tried.
"""

import hmac
from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from starlette.requests import Request

from .forms import Fields
from .hearsay import shown

HEADER = "x-twilio-signature"
LONGEST_SIGNATURE = 64


class Flaw(StrEnum):
    """Why a request does not count as signed."""

    MISSING = "missing"
    DOUBLED = "doubled"
    WRONG = "wrong"
    NO_FORM = "for no form"


@dataclass(frozen=True, slots=True)
class Signatures:
    """Checks signatures for one public address and the tokens that are valid now (two during a rotation)."""

    bases: tuple[str, ...]
    tokens: tuple[bytes, ...]

    def valid(self, request: Request, form: Fields) -> bool:
        """Whether exactly one signature is there and is Twilio's for this address and these fields."""
        return self.flaw(request, form) is None

    def flaw(self, request: Request, form: Fields) -> Flaw | None:
        """What is not right about the signature; None for a valid one."""
        given = request.headers.getlist(HEADER)
        if len(given) != 1:
            return Flaw.DOUBLED if given else Flaw.MISSING
        if not given[0].isascii() or len(given[0]) > LONGEST_SIGNATURE:
            return Flaw.WRONG
        path = _path(request)
        right = any(
            hmac.compare_digest(sign(token, base + path, form), given[0])
            for token in self.tokens
            for base in self.bases
        )
        return None if right else Flaw.WRONG

    def address(self, request: Request) -> str:
        """The address that a signature is checked against, fit to be shown: a query may hold anything, so not that."""
        path, question, _ = _path(request).partition("?")
        return self.bases[0] + shown(path) + ("?…" if question else "")


def signatures(public_url: str, tokens: tuple[str, ...]) -> Signatures:
    """The checker for an address and tokens. Raises ValueError for an empty token: it would let everybody sign."""
    if not tokens or not all(tokens):
        raise ValueError("an empty token validates anybody's signature")
    return Signatures(_spellings(public_url), tuple(token.encode() for token in tokens))


def sign(token: bytes, address: str, form: Fields) -> str:
    """Twilio's signature of an address and fields: each name with each of its values, both in order.

    What Twilio's RequestValidator computes, and a test compares the two; that class takes four times as long, on the
    way of every webhook.
    """
    signed = [address]
    for name in sorted(form):
        values = form[name]
        signed += [name + value for value in (sorted(set(values)) if len(values) > 1 else values)]
    return b64encode(hmac.digest(token, "".join(signed).encode(), "sha1")).decode()


def _path(request: Request) -> str:
    path: str = request.scope["raw_path"].decode("latin-1")
    if query := request.scope["query_string"].decode("latin-1"):
        path += "?" + query
    return path


def _spellings(public_url: str) -> tuple[str, ...]:
    parts = urlsplit(public_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    standard = 443 if parts.scheme == "https" else 80
    bare = parts._replace(netloc=host).geturl()
    ported = parts._replace(netloc=f"{host}:{parts.port or standard}").geturl()
    return tuple(dict.fromkeys((public_url, bare, ported)))
