"""Verification of receipts. Code that changes a customer's data requires a receipt here first.

This part could be another program, in another language: it needs a JWT library and the address of the public keys.
"""

import jwt


class NotProven(Exception):
    """The receipt is invalid, or for another user or action."""


class Proof:
    """Checks receipts of one service."""

    def __init__(self, *, issuer: str, service: str) -> None:
        self._issuer = issuer
        self._service = service
        self._keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json", timeout=10)

    def require(self, receipt: str, *, user: str, action: str) -> str:
        """The id of a valid receipt of this customer for this action. Raises NotProven."""
        try:
            claims = jwt.decode(
                receipt,
                self._keys.get_signing_key_from_jwt(receipt),
                algorithms=["ES256"],
                audience=self._service,
                issuer=self._issuer,
                leeway=5,
                options={"require": ["exp", "iss", "aud", "sub", "jti"]},
            )
        except jwt.PyJWTError as problem:
            raise NotProven(type(problem).__name__) from problem
        if (claims["sub"], claims.get("action")) != (user, action):
            raise NotProven("a receipt for something else")
        return str(claims["jti"])
