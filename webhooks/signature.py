"""Is this request from Twilio?

Twilio signs the exact address it asked for and all form fields with HMAC-SHA-1 under the account's token (its guide
"Webhooks security"). The address is put together from the configured public one and the raw path and query: Host and
forwarded headers have no say. Over https some of Twilio's products drop the port of the signed address, so each
spelling of it is tried.

What a request says about the address that was asked for: Host, and the headers that proxies add.

Nobody here believes it, because anybody can write it. It tells an operator what happened on the way when a signature
does not fit.
"""

import hmac
from base64 import b64encode
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request

from .requests import Fields

LONGEST_PRINTED = 100
HEADER_NAMES = ("Host", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port")


def proxy_headers(headers: Headers, public_url: str) -> dict[str, str]:
    """The headers that tell of another address than the public one, each with what it says, fit to be shown."""
    parts = urlsplit(public_url)
    usual = {"http": "80", "https": "443"}[parts.scheme]
    port = str(parts.port or usual)
    hosts = {parts.netloc.lower(), f"{parts.netloc}:{port}".lower()} if port == usual else {parts.netloc.lower()}
    expected = {
        "Host": hosts,
        "X-Forwarded-Proto": {parts.scheme},
        "X-Forwarded-Host": hosts | {(parts.hostname or "").lower()},
        "X-Forwarded-Port": {port},
    }
    # A proxy behind another one adds its word at the end; the first is about what was asked from outside.
    said = {name: headers[name].partition(",")[0].strip() for name in HEADER_NAMES if name in headers}
    return {name: printable(value) for name, value in said.items() if value.lower() not in expected[name]}


def printable(text: str) -> str:
    """A text from outside as one short line of visible ASCII."""
    return "".join(c if "!" <= c <= "~" else "?" for c in text[:LONGEST_PRINTED]) + (
        "…" if len(text) > LONGEST_PRINTED else ""
    )


SIGNATURE_HEADER = "x-twilio-signature"
LONGEST_SIGNATURE = 64


class SignatureProblem(StrEnum):
    """Why a request does not count as signed."""

    MISSING = "missing"
    DOUBLED = "doubled"
    WRONG = "wrong"
    NO_FORM = "for no form"


@dataclass(frozen=True, slots=True)
class SignatureValidator:
    """Checks signatures for one public address and the tokens that are valid now (two during a rotation)."""

    base_urls: tuple[str, ...]
    tokens: tuple[bytes, ...]

    def valid(self, request: Request, form: Fields) -> bool:
        """Whether exactly one signature is there and is Twilio's for this address and these fields."""
        return self.signature_problem(request, form) is None

    def signature_problem(self, request: Request, form: Fields) -> SignatureProblem | None:
        """What is not right about the signature; None for a valid one."""
        given = request.headers.getlist(SIGNATURE_HEADER)
        if len(given) != 1:
            return SignatureProblem.DOUBLED if given else SignatureProblem.MISSING
        if not given[0].isascii() or len(given[0]) > LONGEST_SIGNATURE:
            return SignatureProblem.WRONG
        path = _path_and_query(request)
        right = any(
            hmac.compare_digest(sign(token, base + path, form), given[0])
            for token in self.tokens
            for base in self.base_urls
        )
        return None if right else SignatureProblem.WRONG

    def address(self, request: Request) -> str:
        """The address that a signature is checked against, fit to be shown: a query may hold anything, so not that."""
        path, question, _ = _path_and_query(request).partition("?")
        return self.base_urls[0] + printable(path) + ("?…" if question else "")


def signature_validator(public_url: str, tokens: tuple[str, ...]) -> SignatureValidator:
    """The checker for an address and tokens. Raises ValueError for an empty token: it would let everybody sign."""
    if not tokens or not all(tokens):
        raise ValueError("an empty token would validate any signature")
    return SignatureValidator(_url_variants(public_url), tuple(token.encode() for token in tokens))


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


def _path_and_query(request: Request) -> str:
    path: str = request.scope["raw_path"].decode("latin-1")
    if query := request.scope["query_string"].decode("latin-1"):
        path += "?" + query
    return path


def _url_variants(public_url: str) -> tuple[str, ...]:
    parts = urlsplit(public_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    standard = 443 if parts.scheme == "https" else 80
    bare = parts._replace(netloc=host).geturl()
    ported = parts._replace(netloc=f"{host}:{parts.port or standard}").geturl()
    return tuple(dict.fromkeys((public_url, bare, ported)))
