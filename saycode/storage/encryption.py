"""What makes a stolen code table worthless: sealed details, keyed hashes, and the key that both come from.

    a secret of SAYCODE_SECRET_KEY   stays outside the database
      └ wraps the data key           32 random bytes, made once; the table keeps them wrapped, with the secret's key id
          ├ the sealing key          AES-256-GCM (NIST SP 800-38D): numbers and names, bound to where they stand
          ├ the hashing key          BLAKE2b with a key (RFC 7693): finds a number or an account without knowing it
          ├ the signing seeds        HMAC-SHA-384: the keys of receipts (see receipts)
          └ the linking key          BLAKE2b as well: chains the lines of the audit trail (see trail)

Changing the secret wraps 32 bytes anew and touches nothing else, so hashes that must last, as of suppressed numbers,
stay valid. Random nonces allow 2 ** 32 sealings under one data key: some four billion starts and endings.
"""

import hmac
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b, sha256, sha384

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from verification.values.codes import key_id

_NONCE = 12
#: Bytes of a link of the audit trail.
LINK_BYTES = 32
_HASH_DOMAINS = (b"number", b"account", b"likeness", b"counted", b"answer")
_HASH = 16  # bytes; two of 2 ** 64 would have to meet by chance


class DecryptionError(Exception):
    """What was sealed does not open: it was changed, or it stands in another place than it was sealed for."""


class UnknownKey(Exception):
    """None of the secrets wrapped this data key."""


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """The data key as the table may keep it, and the id of the secret that opens it."""

    key_id: str
    sealed: bytes = field(repr=False)


def new_data_key(random: Callable[[int], bytes] = os.urandom) -> bytes:
    """32 random bytes."""
    return random(32)


def wrap(data_key: bytes, secret: bytes, random: Callable[[int], bytes] = os.urandom) -> WrappedKey:
    """The data key, sealed under a secret."""
    name = key_id(secret)
    nonce = random(_NONCE)
    return WrappedKey(name, nonce + _wrapping_cipher(secret).encrypt(nonce, data_key, name.encode()))


def unwrap(wrapped: WrappedKey, secrets: tuple[bytes, ...]) -> bytes:
    """The data key. Raises KeyMissing when no secret has that id, SealBroken when the one that has does not open it."""
    for secret in secrets:
        if key_id(secret) == wrapped.key_id:
            return _decrypt(_wrapping_cipher(secret), wrapped.sealed, wrapped.key_id.encode())
    raise UnknownKey(wrapped.key_id)


class FieldCipher:
    """Seals and hashes under one data key."""

    __slots__ = ("_chain_key", "_cipher", "_hashes", "_random", "_signing")

    def __init__(self, data_key: bytes, random: Callable[[int], bytes] = os.urandom) -> None:
        self._cipher = AESGCM(_derive(data_key, b"saycode seal"))
        hashing = _derive(data_key, b"saycode hash")
        # The key is hashed in once for each use; every request asks for a dozen hashes.
        self._hashes = {use: blake2b(digest_size=_HASH, key=hashing, person=use) for use in _HASH_DOMAINS}
        self._chain_key = _derive(data_key, b"saycode trail")
        self._signing = _derive(data_key, b"saycode receipts")
        self._random = random

    def __repr__(self) -> str:
        return "Sealer()"

    def seal(self, text: str, *, place: str) -> bytes:
        """The text, readable only with the key and only in this place (a column and the sid of its row)."""
        nonce = self._random(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, *, place: str) -> str:
        """What was sealed. Raises SealBroken when it was changed or moved."""
        return _decrypt(self._cipher, sealed, place.encode()).decode()

    def number_hash(self, e164: str) -> bytes:
        """Finds a number. Extensions do not count: whoever asks us to stop means the whole line."""
        return self._hash(b"number", e164)

    def account_hash(self, service: str, account: str) -> bytes:
        """Finds an account of one service."""
        return self._hash(b"account", f"{service}\0{account}")

    def decoy_seed(self, service: str, account: str) -> bytes:
        """What somebody who is not enrolled looks like. Made from the name, and the same for ever."""
        return self._hash(b"likeness", f"{service}\0{account}")

    def counter_hash(self, scope: str, key: str) -> bytes:
        """Finds somebody who is counted for limits."""
        return self._hash(b"counted", "\0".join((scope, key)))  # an f-string would ask a scope how it is written

    def request_hash(self, request: str) -> bytes:
        """Finds a request that named itself, and knows it again."""
        return self._hash(b"answer", request)

    def signing_seed(self, period: int) -> bytes:
        """48 bytes that nobody else can know, for the key that signs receipts in this period."""
        return hmac.digest(self._signing, str(period).encode(), sha384)

    def link(self, previous: bytes, line: str, *, use: bytes = b"line") -> bytes:
        """What only a holder of the key can say about a line that follows this link; 32 bytes."""
        return blake2b(previous + line.encode(), digest_size=LINK_BYTES, key=self._chain_key, person=use).digest()

    def _hash(self, use: bytes, text: str) -> bytes:
        # HMAC-SHA-256 would do as well; through OpenSSL it takes three times as long.
        hashed = self._hashes[use].copy()
        hashed.update(text.encode())
        return hashed.digest()


def _wrapping_cipher(secret: bytes) -> AESGCM:
    return AESGCM(_derive(secret, b"saycode data key"))


def _derive(key: bytes, label: bytes) -> bytes:
    return hmac.digest(key, label, sha256)


def _decrypt(cipher: AESGCM, sealed: bytes, place: bytes) -> bytes:
    try:
        return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place)
    except (InvalidTag, ValueError) as problem:  # ValueError: shorter than any sealed text can be
        raise DecryptionError("an encrypted value cannot be decrypted") from problem
