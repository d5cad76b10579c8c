"""Receipts: signed JWTs (RFC 7519) that say what was approved, by whom, for what, and until when it counts.

    data key ── signing key of September ── of October ── of November …      (ES256: P-256 and SHA-256, RFC 7518)

Each signing key comes from the data key and the number of its period, so all workers have the same ones, nothing has to
be stored or rotated by hand, and a backup brings them back. The keys of the period before and after are published as
well: whoever keeps the list for a while neither misses a new one nor refuses a receipt that an old one signed.

A receipt is named by its verification (`jti`): however many copies there are, it can be redeemed once.
"""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from verification.flow.check import approval_valid_until
from verification.flow.delivery import never_sent
from verification.models import Manner, Progress, State, Verification
from verification.policy import Policy
from verification.types import CallStyle, Channel

from ..storage.encryption import FieldCipher

ALGORITHM = "ES256"
#: Seconds that a key signs.
KEY_PERIOD = 30 * 86400
# The order of P-256's group (FIPS 186-5): a private key is a number below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key and what is public about it."""

    private: ec.EllipticCurvePrivateKey
    public: dict[str, Any]


class JwtReceiptSigner:
    """A `verification.ports.Receipts` whose keys come from the data key."""

    def __init__(self, cipher: FieldCipher, *, issuer: str, policy: Policy) -> None:
        self._field_cipher = cipher
        self._issuer = issuer
        self._policy = policy
        self._key = lru_cache(maxsize=8)(self._make)

    def receipt(self, state: State, *, now: float) -> str | None:
        """The receipt of an approved verification. None when its approval does not count any more."""
        verification = state.verification
        if verification is None or now >= (until := approval_valid_until(verification, self._policy)):
            return None
        if verification.redeemed_at is not None or not _code_typed_on_phone(state, verification):
            return None
        assert verification.ended_at is not None
        claims = {
            "iss": self._issuer,
            "sub": self._subject(verification),
            "aud": verification.service,
            "jti": verification.sid,
            "iat": int(now),
            "auth_time": int(verification.ended_at),
            "exp": int(until),
            "amr": _authentication_methods(state, verification),
            "action": verification.action,
        }
        if verification.payment is not None:
            claims["payment"] = verification.payment.digest
        key = self._key(int(now // KEY_PERIOD))
        return jwt.encode(claims, key.private, algorithm=ALGORITHM, headers={"kid": key.public["kid"]})

    def keys(self, *, now: float) -> dict[str, Any]:
        """The public keys of the period before, this one and the next."""
        period = int(now // KEY_PERIOD)
        return {"keys": [self._key(one).public for one in (period - 1, period, period + 1)]}

    def _subject(self, verification: Verification) -> str:
        """The account's name, or what stands for a number: the same for it every time, and only within the service."""
        if verification.manner is not Manner.TYPED:
            return verification.username
        return self._field_cipher.account_hash(verification.service, f"receipt {verification.number.e164}").hex()

    def _make(self, period: int) -> SigningKey:
        seed = int.from_bytes(self._field_cipher.signing_seed(period), "big")
        # From 384 bits the remainder is even to 2 ** -128 (FIPS 186-5, A.2.1).
        private = ec.derive_private_key(seed % (_ORDER - 1) + 1, ec.SECP256R1())
        public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
        return SigningKey(private, {**public, "use": "sig", "alg": ALGORITHM, "kid": _thumbprint(public)})


def _code_typed_on_phone(state: State, verification: Verification) -> bool:
    """Whether a turned-round call's code was typed on the phone. An application's word approves, but proves nothing."""
    return verification.style is not CallStyle.KEY or any(sent.progress is Progress.HEARD for sent in state.deliveries)


def _authentication_methods(state: State, verification: Verification) -> list[str]:
    """How it was approved, in the words of RFC 8176. A text that was sent may be what was read, so it counts."""
    texted = any(sent.channel is Channel.SMS and not never_sent(sent) for sent in state.deliveries)
    return ["sms" if texted and verification.style is CallStyle.SAY else "tel", "otp"]


def _thumbprint(public: dict[str, Any]) -> str:
    """The name of a key that follows from it (RFC 7638)."""
    needed = {name: public[name] for name in ("crv", "kty", "x", "y")}
    digest = sha256(json.dumps(needed, separators=(",", ":"), sort_keys=True).encode()).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
