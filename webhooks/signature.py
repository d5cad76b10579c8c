"""The signature of Twilio's webhooks (X-Twilio-Signature), and of those of companies that sign in the same way.

Twilio signs the exact address it requests and all form fields with HMAC-SHA-1 under the account's token (its guide
"Webhooks security"), or with HMAC-SHA-256 under a shared key; then a second header names the algorithm. We build the
address from the configured public URL and the raw path and query; Host and forwarded headers are not used. Over https
some of Twilio's products drop the port from the signed address, so each spelling is tried.

Host and X-Forwarded-* are untrusted. Where they differ from the public URL they are logged, because they show an
operator why a signature failed.
"""

import hmac
from base64 import b64encode
from enum import StrEnum
from functools import lru_cache
from typing import ClassVar
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, SIGNATURE_SETTINGS_HEADER, get_signature_algorithm

from verification.types import Record

from .requests import Fields

LONGEST_PRINTED = 100
HEADER_NAMES = ("Host", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port")


def proxy_headers(headers: Headers, public_url: str) -> dict[str, str]:
    """The proxy headers that differ from the public URL, with their printable values."""
    parts = urlsplit(public_url)
    default_port = {"http": "80", "https": "443"}[parts.scheme]
    port = str(parts.port or default_port)
    hosts = {parts.netloc.lower(), f"{parts.netloc}:{port}".lower()} if port == default_port else {parts.netloc.lower()}
    expected = {
        "Host": hosts,
        "X-Forwarded-Proto": {parts.scheme},
        "X-Forwarded-Host": hosts | {(parts.hostname or "").lower()},
        "X-Forwarded-Port": {port},
    }
    # Each proxy appends its value; the first one is what the client requested.
    values = {name: headers[name].partition(",")[0].strip() for name in HEADER_NAMES if name in headers}
    return {name: printable(value) for name, value in values.items() if value.lower() not in expected[name]}


def printable(text: str) -> str:
    """Untrusted text as one short line of visible ASCII."""
    return "".join(c if "!" <= c <= "~" else "?" for c in text[:LONGEST_PRINTED]) + (
        "…" if len(text) > LONGEST_PRINTED else ""
    )


LONGEST_SIGNATURE = 64
#: The digests of the algorithms that Twilio names.
DIGESTS = {HMAC_SHA1: "sha1", HMAC_SHA256: "sha256"}


class SignatureProblem(StrEnum):
    """What is wrong with the signature of a request."""

    MISSING = "missing"
    DOUBLED = "doubled"
    WRONG = "wrong"
    NO_FORM = "for no form"
    ALGORITHM = "under an unknown algorithm"


class SignatureScheme(Record, frozen=True, kw_only=True):
    """How a company signs. `header` has the signature. `names_algorithm`: a second header may name another algorithm
    than HMAC-SHA-1.
    """

    header: str
    names_algorithm: bool = False


TWILIO_SIGNATURES = SignatureScheme(header="X-Twilio-Signature", names_algorithm=True)


class SignatureValidator(Record, frozen=True):
    """Checks signatures for one public address and the tokens that are valid: the account's, two of them during a
    rotation, and the secret of a shared key.
    """

    hidden: ClassVar = frozenset({"tokens"})

    base_urls: tuple[str, ...]
    tokens: tuple[bytes, ...]
    scheme: SignatureScheme = TWILIO_SIGNATURES

    def valid(self, request: Request, form: Fields) -> bool:
        """Whether the request has exactly one signature and it is Twilio's for this address and these fields."""
        return self.signature_problem(request, form) is None

    def signature_problem(self, request: Request, form: Fields) -> SignatureProblem | None:
        """None for a valid signature."""
        signatures = request.headers.getlist(self.scheme.header)
        if len(signatures) != 1:
            return SignatureProblem.DOUBLED if signatures else SignatureProblem.MISSING
        if not signatures[0].isascii() or len(signatures[0]) > LONGEST_SIGNATURE:
            return SignatureProblem.WRONG
        settings = request.headers.get(SIGNATURE_SETTINGS_HEADER) if self.scheme.names_algorithm else None
        digest = DIGESTS.get(get_signature_algorithm(settings).upper()) if settings is not None else "sha1"
        if digest is None:
            return SignatureProblem.ALGORITHM
        path = _path_and_query(request)
        valid = any(
            hmac.compare_digest(sign(token, base + path, form, digest=digest), signatures[0])
            for token in self.tokens
            for base in self.base_urls
        )
        return None if valid else SignatureProblem.WRONG

    def address(self, request: Request) -> str:
        """The address that a signature is checked against, printable and without its query, which may hold anything."""
        path, separator, _ = _path_and_query(request).partition("?")
        return self.base_urls[0] + printable(path) + ("?…" if separator else "")


def signature_validator(
    public_url: str, tokens: tuple[str, ...], scheme: SignatureScheme = TWILIO_SIGNATURES
) -> SignatureValidator:
    """Raises ValueError for an empty token, under which any sender could sign."""
    if not tokens or not all(tokens):
        raise ValueError("an empty token would validate any signature")
    return SignatureValidator(_url_variants(public_url), tuple(token.encode() for token in tokens), scheme)


def sign(token: bytes, address: str, form: Fields, *, digest: str = "sha1") -> str:
    """Twilio's signature of an address and fields: each name with each of its values, both sorted.

    Equal to Twilio's RequestValidator, as a test checks; that class takes four times as long, for every webhook.
    """
    parts = [address]
    for name, values in sorted(form.items()):
        if len(values) == 1:
            parts += (name, values[0])
        else:
            parts += [name + value for value in sorted(set(values))]
    keyed = _keyed(token, digest).copy()
    keyed.update("".join(parts).encode())
    return b64encode(keyed.digest()).decode()


@lru_cache(maxsize=8)
def _keyed(token: bytes, digest: str) -> hmac.HMAC:
    """The key hashed in once: OpenSSL takes longer for that than for the fields of a webhook."""
    return hmac.new(token, digestmod=digest)


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
