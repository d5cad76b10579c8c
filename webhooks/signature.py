"""Is this request from Twilio?

Twilio signs the exact address it asked for and all form fields with HMAC-SHA-1 under the account's token (its guide
"Webhooks security"). The address is put together from the configured public one and the raw path and query: Host and
forwarded headers have no say. Over https some of Twilio's products drop the port of the signed address, so each
spelling of it is tried.
"""

import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from twilio.request_validator import RequestValidator

from .forms import Fields

HEADER = "x-twilio-signature"
LONGEST_SIGNATURE = 64


@dataclass(frozen=True, slots=True)
class Signatures:
    """Checks signatures for one public address and the tokens that are valid now (two during a rotation)."""

    bases: tuple[str, ...]
    validators: tuple[RequestValidator, ...]

    def valid(self, request: Request, form: Fields) -> bool:
        """Whether exactly one signature is there and is Twilio's for this address and these fields."""
        scope, given = request.scope, request.headers.getlist(HEADER)
        if len(given) != 1 or not given[0].isascii() or len(given[0]) > LONGEST_SIGNATURE:
            return False
        path = scope["raw_path"].decode("latin-1")
        if query := scope["query_string"].decode("latin-1"):
            path += "?" + query
        return any(
            hmac.compare_digest(validator.compute_signature(base + path, form), given[0])
            for validator in self.validators
            for base in self.bases
        )


def signatures(public_url: str, tokens: tuple[str, ...]) -> Signatures:
    """The checker for an address and tokens. Raises ValueError for an empty token: it would let everybody sign."""
    if not tokens or not all(tokens):
        raise ValueError("an empty token validates anybody's signature")
    return Signatures(_spellings(public_url), tuple(RequestValidator(token) for token in tokens))


def _spellings(public_url: str) -> tuple[str, ...]:
    parts = urlsplit(public_url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    standard = 443 if parts.scheme == "https" else 80
    bare = parts._replace(netloc=host).geturl()
    ported = parts._replace(netloc=f"{host}:{parts.port or standard}").geturl()
    return tuple(dict.fromkeys((public_url, bare, ported)))
