"""Receipts: signed JWTs (RFC 7519) of what was approved, by which user, for which action, and until when.

    data key ── signing key of September ── of October ── of November …      (ES256: P-256 and SHA-256, RFC 7518)

Each signing key is derived from the data key and the number of its period. So all workers have the same keys, nothing
is stored or rotated by hand, and a backup restores them. The keys of the previous and the next period are published
too, so that an application may cache the list.

A receipt's id (`jti`) is its verification's sid: however many copies exist, it can be redeemed once.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from verification.authorizations import Identity
from verification.flow.check import approval_valid_until
from verification.flow.ending import never_sent
from verification.models import Manner, Progress, State, Verification
from verification.policy import Policy
from verification.types import CallStyle, Channel, Record, VerificationStatus

from ..storage.encryption import FieldCipher

ALGORITHM = "ES256"
#: Seconds that a key signs.
KEY_PERIOD = 30 * 86400
# The order of P-256's group (FIPS 186-5): a private key is a number below it.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class SigningKey(Record, frozen=True):
    """A private key's signatures, its public key as a JWK, and the header of its receipts, encoded."""

    sign: Callable[[bytes], bytes]
    public: dict[str, Any]
    header: bytes


class JwtReceiptSigner:
    """A `verification.ports.ReceiptSigner` whose keys are derived from the data key."""

    def __init__(self, cipher: FieldCipher, *, issuer: str, policy: Policy) -> None:
        self._field_cipher = cipher
        self._issuer = issuer
        self._policy = policy
        self._key = lru_cache(maxsize=8)(self._derive)

    def receipt(self, state: State, *, now: float) -> str | None:
        """The receipt of an approved verification. None when its approval is no longer valid."""
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
            "amr": self._methods(state, verification),
            "action": verification.action,
        }
        if verification.payment is not None:
            claims["payment"] = verification.payment.digest
        key = self._key(int(now // KEY_PERIOD))
        signed = b".".join((key.header, _base64(msgspec.json.encode(claims))))
        return b".".join((signed, _base64(key.sign(signed)))).decode()

    def identity(self, state: State) -> Identity | None:
        """Who an approved verification has proven; None when no code was typed."""
        verification = state.verification
        if verification is None or verification.status is not VerificationStatus.APPROVED:
            return None
        if verification.ended_at is None or not _code_typed_on_phone(state, verification):
            return None
        return Identity(
            subject=self._subject(verification),
            methods=tuple(self._methods(state, verification)),
            approved_at=verification.ended_at,
            number=verification.number.e164,
            payment=verification.payment,
        )

    def signing_key(self, *, now: float) -> dict[str, Any]:
        """The private key of this time, as a JWK (RFC 7517)."""
        from jwt.algorithms import ECAlgorithm

        period = int(now // KEY_PERIOD)
        return {**ECAlgorithm.to_jwk(self._private(period), as_dict=True), "kid": self._key(period).public["kid"]}

    def keys(self, *, now: float) -> dict[str, Any]:
        """The public keys of the previous, the current and the next period."""
        period = int(now // KEY_PERIOD)
        return {"keys": [self._key(number).public for number in (period - 1, period, period + 1)]}

    def _methods(self, state: State, verification: Verification) -> list[str]:
        """The authentication methods; those of a test number say that no phone was involved."""
        if self._policy.fixed_code(verification.number) is not None:
            return ["test", "otp"]
        return _authentication_methods(state, verification)

    def _subject(self, verification: Verification) -> str:
        """The account's name, or a hash of the number that is stable within the service."""
        if verification.manner is not Manner.TYPED:
            return verification.username
        return self._field_cipher.account_hash(verification.service, f"receipt {verification.number.identity}").hex()

    def _private(self, period: int) -> ec.EllipticCurvePrivateKey:
        seed = int.from_bytes(self._field_cipher.signing_seed(period), "big")
        # From 384 bits the bias of the remainder is 2 ** -128 (FIPS 186-5, A.2.1).
        return ec.derive_private_key(seed % (_ORDER - 1) + 1, ec.SECP256R1())

    def _derive(self, period: int) -> SigningKey:
        private = self._private(period)
        from jwt.algorithms import ECAlgorithm  # imported after the start (see lifespan)

        public = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
        kid = _thumbprint(public)
        # PyJWT would encode the header anew, and look at every claim, for each receipt.
        header = _base64(msgspec.json.encode({"alg": ALGORITHM, "kid": kid, "typ": "JWT"}))
        sign = partial(ECAlgorithm(ECAlgorithm.SHA256).sign, key=private)
        return SigningKey(sign, {**public, "use": "sig", "alg": ALGORITHM, "kid": kid}, header)


def _code_typed_on_phone(state: State, verification: Verification) -> bool:
    """Whether the code of a `key` call was typed on the phone. An approval by the application alone proves nothing."""
    return verification.style is not CallStyle.KEY or any(
        delivery.progress is Progress.HEARD for delivery in state.deliveries
    )


def _authentication_methods(state: State, verification: Verification) -> list[str]:
    """The authentication methods of RFC 8176. A message that was sent counts: the user may have read it there."""
    texts = [d for d in state.deliveries if not d.channel.spoken and not never_sent(d)]
    return [texts[-1].channel.amr if texts and verification.style is CallStyle.SAY else Channel.CALL.amr, "otp"]


def _thumbprint(public: dict[str, Any]) -> str:
    """The key id that is computed from the key (RFC 7638)."""
    required = {name: public[name] for name in ("crv", "kty", "x", "y")}
    digest = sha256(json.dumps(required, separators=(",", ":"), sort_keys=True).encode()).digest()
    return _base64(digest).decode()


def _base64(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")
