"""Protects the data of a stolen database: encrypted columns, keyed hashes, and the key that both are derived from.

    a secret of SAYCODE_SECRET_KEY   stays outside the database
      └ wraps the data key           64 random bytes; the database holds them wrapped, with the secret's id
          ├ first half               replaced by `saycode renew` (see renewal)
          │   ├ the encryption key   AES-256-GCM (NIST SP 800-38D): numbers and names, bound to their column and row
          │   ├ the signing seeds    HMAC-SHA-384: the keys of receipts (see receipts)
          │   └ the audit log's key  BLAKE2b with a key: chains the entries of the audit log (see audit_chain)
          └ second half              made once
              └ the hashing key      BLAKE2b with a key (RFC 7693): finds a number or an account without knowing it

A new secret wraps the same bytes again and changes nothing else. The hashing key is never replaced: nothing could hash
a suppressed number anew, because nothing knows it. Random nonces allow 2 ** 32 encryptions under one data key: some
four billion starts and endings.
"""

import hmac
import os
from collections.abc import Callable
from hashlib import blake2b, sha256, sha384
from typing import ClassVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from verification.types import Record
from verification.values.codes import key_id

_NONCE_BYTES = 12
#: Bytes of each half of the data key.
_HALF = 32
#: Bytes of a link of the audit log.
LINK_BYTES = 32
_HASH_DOMAINS = (b"number", b"account", b"decoy", b"counter", b"request", b"database", b"openid")
_HASH_BYTES = 16  # 2 ** 64 values before a collision is likely


class DecryptionError(Exception):
    """The value was changed, or moved to another row or column than it was encrypted for."""


class UnknownKey(Exception):
    """None of the secrets wrapped this data key."""


class WrappedKey(Record, frozen=True):
    """The data key as the database holds it, and the id of the secret that unwraps it."""

    hidden: ClassVar = frozenset({"wrapped"})

    key_id: str
    wrapped: bytes


def new_data_key(random: Callable[[int], bytes] = os.urandom) -> bytes:
    """64 random bytes."""
    return random(2 * _HALF)


def renewed(data_key: bytes, random: Callable[[int], bytes] = os.urandom) -> bytes:
    """A new data key that hashes as this one does."""
    return random(_HALF) + data_key[_HALF:]


def wrap(data_key: bytes, secret: bytes, random: Callable[[int], bytes] = os.urandom) -> WrappedKey:
    """The data key, encrypted under a secret."""
    secret_id = key_id(secret)
    nonce = random(_NONCE_BYTES)
    return WrappedKey(secret_id, nonce + _wrapping_cipher(secret).encrypt(nonce, data_key, secret_id.encode()))


def unwrap(wrapped: WrappedKey, secrets: tuple[bytes, ...]) -> bytes:
    """The data key. Raises UnknownKey when no secret has that id, DecryptionError when the wrapped key is damaged."""
    for secret in secrets:
        if key_id(secret) == wrapped.key_id:
            return _decrypt(_wrapping_cipher(secret), wrapped.wrapped, wrapped.key_id.encode())
    raise UnknownKey(wrapped.key_id)


class FieldCipher:
    """Encrypts and hashes under one data key."""

    __slots__ = ("_chain_key", "_cipher", "_hashes", "_links", "_random", "_signing_key")

    def __init__(self, data_key: bytes, random: Callable[[int], bytes] = os.urandom) -> None:
        data_key, lasting = data_key[:_HALF], data_key[_HALF:] or data_key
        self._cipher = AESGCM(_derive(data_key, b"saycode encryption"))
        hashing_key = _derive(lasting, b"saycode hash")
        # The key is hashed in once for each domain; every request needs a dozen hashes.
        self._hashes = {
            domain: blake2b(digest_size=_HASH_BYTES, key=hashing_key, person=domain) for domain in _HASH_DOMAINS
        }
        self._chain_key = _derive(data_key, b"saycode audit log")
        self._links = blake2b(digest_size=LINK_BYTES, key=self._chain_key, person=b"line")
        self._signing_key = _derive(data_key, b"saycode receipts")
        self._random = random

    def __repr__(self) -> str:
        return "FieldCipher()"

    def encrypt(self, text: str, *, aad: str) -> bytes:
        """The text, readable only with the key and the same `aad` (the column, and the sid or hash of the row)."""
        nonce = self._random(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), aad.encode())

    def decrypt(self, encrypted: bytes, *, aad: str) -> str:
        """Raises DecryptionError when the value was changed or moved."""
        return _decrypt(self._cipher, encrypted, aad.encode()).decode()

    def number_hash(self, line: str) -> bytes:
        """Of a line: without the extension, as a request to stop means the whole line. In tables of accounts, of a
        number's identity, which has it.
        """
        return self._hash(b"number", line)

    def account_hash(self, service: str, account: str) -> bytes:
        return self._hash(b"account", f"{service}\0{account}")

    def decoy_seed(self, service: str, account: str) -> bytes:
        """Determines what the public sees of an account that is not enrolled: always the same for the same name."""
        return self._hash(b"decoy", f"{service}\0{account}")

    def counter_hash(self, scope: str, key: str) -> bytes:
        return self._hash(b"counter", "\0".join((scope, key)))  # an f-string would call the __format__ of a scope

    def request_hash(self, request: str) -> bytes:
        """Of an Idempotency-Key, of the body that was sent with it, or of Twilio's sid of a text or call to us."""
        return self._hash(b"request", request)

    def openid_hash(self, kind: str, key: str) -> bytes:
        """Of the key of an authorization request, a code, an access token or a nonce."""
        return self._hash(b"openid", f"{kind}\0{key}")

    @property
    def database_id(self) -> str:
        """Identifies the database and its copies; of no use without the key."""
        return self._hash(b"database", "").hex()

    def signing_seed(self, period: int) -> bytes:
        """48 secret bytes, for the key that signs receipts in this period."""
        return hmac.digest(self._signing_key, str(period).encode(), sha384)

    def link(self, previous: bytes, entry: str) -> bytes:
        """A MAC of 32 bytes over an entry of the audit log and the link before it."""
        digest = self._links.copy()
        digest.update(previous + entry.encode())
        return digest.digest()

    def end_mac(self, link: bytes, number: str, *, use: bytes) -> bytes:
        """A MAC of 32 bytes over an end of the audit log. `use` separates the ends from each other and from entries."""
        return blake2b(link + number.encode(), digest_size=LINK_BYTES, key=self._chain_key, person=use).digest()

    def _hash(self, domain: bytes, text: str) -> bytes:
        # HMAC-SHA-256 would do as well; through OpenSSL it takes three times as long.
        digest = self._hashes[domain].copy()
        digest.update(text.encode())
        return digest.digest()


def _wrapping_cipher(secret: bytes) -> AESGCM:
    return AESGCM(_derive(secret, b"saycode data key"))


def _derive(key: bytes, label: bytes) -> bytes:
    return hmac.digest(key, label, sha256)


def _decrypt(cipher: AESGCM, encrypted: bytes, aad: bytes) -> bytes:
    try:
        return cipher.decrypt(encrypted[:_NONCE_BYTES], encrypted[_NONCE_BYTES:], aad)
    except (InvalidTag, ValueError) as problem:  # ValueError: shorter than an encrypted text can be
        raise DecryptionError("an encrypted value cannot be decrypted") from problem
