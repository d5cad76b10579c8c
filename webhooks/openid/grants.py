"""Authlib's code grant and its extensions: PKCE, OpenID Connect, what a request demands, the issuer in every answer."""

import hmac
from typing import Any

from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7636.challenge import create_s256_code_challenge
from authlib.oauth2.rfc9101.errors import RequestNotSupportedError, RequestUriNotSupportedError
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core.grants import OpenIDCode
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from verification.authorizations import CODE_LIFETIME, TOKEN_LIFETIME, Grant, Identity

from . import demands
from .records import IssuedCode, Loaded, RegisteredClient, Request

ALGORITHM = "ES256"
#: Bytes of a code or token.
KEY_BYTES = 32
#: Request objects of other kinds than pushed ones.
_UNSUPPORTED = {"request": RequestNotSupportedError, "request_uri": RequestUriNotSupportedError}


class CodeGrant(AuthorizationCodeGrant):
    """The code grant (RFC 6749, 4.1) over what was loaded."""

    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post", "none"]  # noqa: RUF012

    def generate_authorization_code(self) -> str:
        return self.server.loaded.randomness(KEY_BYTES).hex()

    def save_authorization_code(self, code: str, request: Request) -> None:
        loaded: Loaded = self.server.loaded
        assert request.demands is not None
        self.server.issued = (
            code,
            Grant(
                client=request.client.get_client_id(),
                redirect_uri=request.payload.redirect_uri,
                scope=request.scope,
                challenge=request.parameters["code_challenge"],
                nonce=request.parameters.get("nonce", ""),
                acr=request.demands.acr,
                verification=loaded.verification,
                once=request.demands.once,
                issued_at=loaded.now,
            ),
        )

    def query_authorization_code(self, code: str, client: RegisteredClient) -> IssuedCode | None:
        """Called once the client has authenticated itself."""
        loaded: Loaded = self.server.loaded
        grant = loaded.grant
        if grant is None or code != loaded.code or grant.client != client.get_client_id():
            return None
        if grant.used_at is not None:
            self.server.reused = True
            return None
        return IssuedCode(grant, loaded.identity) if loaded.now < grant.issued_at + CODE_LIFETIME else None

    def delete_authorization_code(self, authorization_code: IssuedCode) -> None:
        """The store does it, after Authlib's checks and before the answer."""

    def authenticate_user(self, authorization_code: IssuedCode) -> Identity | None:
        return authorization_code.identity


class Pkce(CodeChallenge):
    """PKCE (RFC 7636), which every client must use, with S256 only (RFC 9700, 2.1.1)."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012
    CODE_CHALLENGE_METHODS = {  # noqa: RUF012
        "S256": lambda verifier, challenge: hmac.compare_digest(create_s256_code_challenge(verifier), challenge)
    }

    def validate_code_challenge(self, grant: CodeGrant, redirect_uri: str | None) -> None:
        parameters = grant.request.parameters
        if not parameters.get("code_challenge") or parameters.get("code_challenge_method") != "S256":
            raise InvalidRequestError("A code_challenge with the method S256 is required.")
        super().validate_code_challenge(grant, redirect_uri)


class OpenId(OpenIDCode):
    """OpenID Connect: nonce, prompt, and the ID token, signed with the keys of receipts."""

    def __init__(self, loaded: Loaded) -> None:
        super().__init__()
        self.loaded = loaded

    def exists_nonce(self, _: str, __: Request) -> bool:
        return self.loaded.nonce_used

    def get_client_algorithm(self, _: RegisteredClient) -> str:
        return ALGORITHM

    def resolve_client_private_key(self, _: RegisteredClient) -> dict[str, Any]:
        return self.loaded.signer.signing_key(now=self.loaded.now)

    def get_encode_header(self, client: RegisteredClient) -> dict[str, str]:
        return {"typ": "JWT", "alg": ALGORITHM, "kid": self.resolve_client_private_key(client)["kid"]}

    def get_client_claims(self, client: RegisteredClient) -> dict[str, Any]:
        issued_at = int(self.loaded.now)
        expires_at = issued_at + TOKEN_LIFETIME
        return {"iss": self.loaded.issuer, "aud": client.get_client_id(), "iat": issued_at, "exp": expires_at}

    def generate_user_info(self, user: Identity, scope: str) -> dict[str, Any]:
        claims = user_info(user, scope)
        return claims if user.payment is None else {**claims, "payment": user.payment.digest}


class StepUp:
    """What the request demands, and in the answer the payment that was approved (RFC 9396, section 7)."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded

    def __call__(self, grant: CodeGrant) -> None:
        grant.register_hook("after_validate_authorization_request_payload", self.read_demands)
        grant.register_hook("after_create_token_response", self.add_payment)

    def read_demands(self, grant: CodeGrant, _: str | None) -> None:
        parameters = grant.request.parameters
        for name, error in _UNSUPPORTED.items():
            if name in parameters:
                raise error()
        if parameters.get("response_mode", "query") != "query":
            raise InvalidRequestError("The only response_mode is query.")
        hinted = self._hinted(parameters.get("id_token_hint", ""), client=parameters["client_id"])
        grant.request.demands = demands.parse(parameters, self.loaded.policy, hinted=hinted)

    def _hinted(self, hint: str, *, client: str) -> str:
        """The subject of the hint, empty without one: an ID token that this client got, which may have expired (OpenID
        Connect Core, 3.1.2.2).
        """
        if not hint:
            return ""
        keys = self.loaded.signer.keys(now=self.loaded.now)
        claims = own_claims(hint, keys, issuer=self.loaded.issuer, client=client)
        if claims is None:
            raise InvalidRequestError("The id_token_hint is no ID token of this provider for this client.")
        return str(claims["sub"])

    def add_payment(self, grant: CodeGrant, response: tuple[int, dict[str, Any], Any]) -> None:
        if (payment := grant.request.user.payment) is not None:
            response[1]["authorization_details"] = demands.payment_details(payment)


class Issuer(IssuerParameter):
    """The issuer in every answer to a redirect URI, against mix-up (RFC 9207)."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    def get_issuer(self) -> str:
        return self.issuer


def own_claims(token: str, keys: dict[str, Any], *, issuer: str, client: str) -> dict[str, Any] | None:
    """The claims of an ID token of this provider for this client, however old it is; None for any other text. `keys` is
    a JWK Set.
    """
    try:
        claims: dict[str, Any] = jwt.decode(token, KeySet.import_key_set(keys), algorithms=[ALGORITHM]).claims  # type: ignore[arg-type]  # a JWK Set as a dict
    except (JoseError, ValueError):
        return None
    return claims if (claims.get("iss"), claims.get("aud")) == (issuer, client) else None


def user_info(identity: Identity, scope: str) -> dict[str, Any]:
    """The claims of a scope (OpenID Connect Core, 5.4)."""
    claims: dict[str, Any] = {"sub": identity.subject}
    if "phone" in scope.split():
        claims |= {"phone_number": identity.number, "phone_number_verified": True}
    return claims
