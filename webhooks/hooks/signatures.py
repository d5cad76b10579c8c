"""Signatures after the Standard Webhooks convention, version 1 (https://www.standardwebhooks.com).

    webhook-id          names the message, without a dot
    webhook-timestamp   when it was sent, in seconds since 1970
    webhook-signature   `v1,` and HMAC-SHA-256 in base64 over `id.timestamp.body`; several, with a space between

The convention's own library takes the machine's clock, and fails on what Supabase sends with two secrets: there a comma
follows each signature.
"""

import binascii
import hmac
import re
from base64 import b64decode
from hashlib import sha256

from starlette.datastructures import Headers

#: Seconds that a message may be old, or ahead of our clock.
TOLERANCE = 300
# With a dot, the same signature would fit another id, time and body.
_ID = re.compile(r"[!-\-/-~]{1,255}\Z")
_TIMESTAMP = re.compile(r"[0-9]{1,12}\Z")
#: A sender with more secrets than this is not believed: each costs a comparison.
_MOST_SIGNATURES = 10


class NotSigned(Exception):
    """The message has no signature that counts. The text says what is wrong, for the operator of the sender."""


def signed_message(headers: Headers, body: bytes, secrets: tuple[bytes, ...], *, now: float) -> str:
    """The id of a message that one of these keys has signed, and lately. Raises NotSigned."""
    id, timestamp, signature = (
        _only(headers, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    if not (_ID.match(id) and _TIMESTAMP.match(timestamp) and signature):
        raise NotSigned("webhook-id, webhook-timestamp or webhook-signature is missing or malformed")
    given = [found for part in signature.split()[:_MOST_SIGNATURES] if (found := _decoded(part.rstrip(",")))]
    content = f"{id}.{timestamp}.".encode() + body
    # Every pair is compared, so that the time does not tell which secret it was.
    matches = [hmac.compare_digest(hmac.digest(key, content, sha256), one) for key in secrets for one in given]
    if not any(matches):
        raise NotSigned("the signature is not valid")
    if abs(now - int(timestamp)) > TOLERANCE:
        raise NotSigned("the timestamp is too old, or ahead of our clock")
    return id


def _only(headers: Headers, name: str) -> str:
    """The value of a header that is there once; else empty."""
    values = headers.getlist(name)
    return values[0] if len(values) == 1 else ""


def _decoded(signature: str) -> bytes | None:
    version, _, encoded = signature.partition(",")
    try:
        return b64decode(encoded, validate=True) if version == "v1" else None
    except (binascii.Error, ValueError):  # ValueError: not ASCII
        return None
