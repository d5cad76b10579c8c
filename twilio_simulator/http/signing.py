"""Signing webhooks, correctly or, on demand, wrongly.

Twilio's own class computes the signature: with HMAC-SHA-1 under the account's token, or with HMAC-SHA-256 under a
shared key, which a second header names. The simulator decides which URL is signed: without fragment and user
information, and without the port for https and voice.
"""

from __future__ import annotations

from enum import StrEnum

from twilio.request_validator import HMAC_SHA1, HMAC_SHA256, SIGNATURE_SETTINGS_HEADER, RequestValidator

from ..core.account import Account
from ..core.request_log import Pairs
from ..core.urls import normalize_url, without_port, without_user


class Product(StrEnum):
    VOICE = "voice"
    MESSAGING = "messaging"


class SigningMode(StrEnum):
    """`DOUBLED`: two signature headers. `OLD_TOKEN`: signed with the token that was primary before a rotation.
    `NOT_ASCII`: with bytes above 127. `SHARED_KEY`: with HMAC-SHA-256 under the account's shared key.
    """

    RIGHT = "right"
    WRONG = "wrong"
    MISSING = "missing"
    DOUBLED = "doubled"
    NOT_ASCII = "not-ascii"
    OLD_TOKEN = "old-token"
    SHARED_KEY = "shared-key"


def signed_url(url: str, product: Product) -> str:
    """The URL that is signed in a request to `url`."""
    address, _ = without_user(normalize_url(url))
    if address.startswith("https:") and product is Product.VOICE:
        return without_port(address)
    return address


class _Fields(dict[str, list[str]]):
    """Multi-valued fields, as Twilio's validator reads them."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def compute_signature(token: str, url: str, fields: Pairs, product: Product, *, algorithm: str = HMAC_SHA1) -> str:
    """The signature of a form POST (with its fields) or of a GET (without fields)."""
    values = _Fields()
    for name, value in fields:
        values.setdefault(name, []).append(value)
    return str(RequestValidator(token).compute_signature(signed_url(url, product), values, algorithm))


def signature_headers(
    signing: SigningMode, *, account: Account, url: str, fields: Pairs, product: Product
) -> list[tuple[str, str]]:
    """The signature headers of one request: none, one or two."""
    name, token = account.dialect.signature_header, account.signing_token
    right = compute_signature(token, url, fields, product)
    wrong = compute_signature(token + "x", url, fields, product)
    match signing:
        case SigningMode.RIGHT:
            return [(name, right)]
        case SigningMode.WRONG:
            return [(name, wrong)]
        case SigningMode.MISSING:
            return []
        case SigningMode.DOUBLED:
            return [(name, wrong), (name, right)]
        case SigningMode.NOT_ASCII:
            return [(name, right[:-2] + "é=")]
        case SigningMode.OLD_TOKEN:
            return [(name, compute_signature(account.previous_token, url, fields, product))]
        case SigningMode.SHARED_KEY:
            key, secret = account.shared_key
            signature = compute_signature(secret, url, fields, product, algorithm=HMAC_SHA256)
            return [(name, signature), (SIGNATURE_SETTINGS_HEADER, f"key={key},algorithm={HMAC_SHA256}")]
