"""Authlib's authorization server, for one request: code flow with PKCE, OpenID Connect, and the issuer in every answer.

Authlib asks and saves while it runs; our store is asynchronous. So what a request needs is loaded before, and what
Authlib decides is written after it, in one transaction.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from authlib.oauth2 import OAuth2Error as OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidGrantError, InvalidRequestError
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc6750 import BearerTokenValidator

from verification.authorizations import TOKEN_LIFETIME, Authorization, Client, Grant, Identity

from .grants import KEY_BYTES, CodeGrant, Issuer, OpenId, Pkce, StepUp, user_info
from .records import Loaded as Loaded
from .records import RegisteredClient, Reply, Request

T = TypeVar("T")
# At DEBUG it writes access tokens.
logging.getLogger("authlib").setLevel(logging.WARNING)


class Server(AuthorizationServer):
    """Authlib's authorization server, over what was loaded for one request.

    `issued`: the code that it made, which counts once it is stored. `reused`: a code was shown again.
    """

    def __init__(self, loaded: Loaded) -> None:
        super().__init__()
        self.loaded = loaded
        self.issued: tuple[str, Grant] | None = None
        self.reused = False
        self._issuer = Issuer(loaded.issuer)
        self.register_grant(CodeGrant, [Pkce(), OpenId(loaded), StepUp(loaded)])
        self.register_token_generator("default", self._bearer_token)
        self.register_extension(self._register_issuer)

    def _register_issuer(self, server: "Server") -> None:
        self._issuer(server)

    def query_client(self, client_id: str) -> RegisteredClient | None:
        client = self.loaded.client
        return RegisteredClient(client) if client is not None and client.id == client_id else None

    def save_token(self, token: object, request: object) -> None:
        """The store does it, with the code that the token is for."""

    def send_signal(self, name: str, *_: object, **__: object) -> None:
        """No other part of the service listens."""

    def create_oauth2_request(self, request: Request) -> Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Reply:
        return Reply(status, body, dict(headers))

    def _bearer_token(self, *, scope: str, **_: object) -> dict[str, Any]:
        token = self.loaded.randomness(KEY_BYTES).hex()
        return {"token_type": "Bearer", "access_token": token, "expires_in": TOKEN_LIFETIME, "scope": scope}

    def error_reply(self, request: Request, error: OAuth2Error) -> Reply:
        """An error, at the redirect URI where it was found to be the client's, with the client's state."""
        error.state = request.payload.state
        reply: Reply = self.handle_error_response(request, error)
        self._issuer.add_issuer_parameter(self, reply)
        return reply

    def validated(self, request: Request) -> CodeGrant:
        """The grant of a valid authorization request. Raises OAuth2Error."""
        return _with_oauth_errors(lambda: self._validated(request))

    def _validated(self, request: Request) -> CodeGrant:
        grant: CodeGrant = self.get_authorization_grant(request)
        grant.redirect_uri = grant.validate_authorization_request()
        return grant

    def pushing_client(self, request: Request) -> Client:
        """The client of a pushed request, authenticated as at the token endpoint. Raises OAuth2Error."""
        methods = CodeGrant.TOKEN_ENDPOINT_AUTH_METHODS
        client: RegisteredClient = _with_oauth_errors(lambda: self.authenticate_client(request, methods))
        if request.parameters.get("client_id", client.client.id) != client.client.id:
            raise InvalidClientError("The client_id is not that of the authenticated client.")
        return client.client

    def request(self, parameters: Mapping[str, str], headers: Mapping[str, str], *, method: str = "GET") -> Request:
        """A request of ours as Authlib reads it. Its address is that of the issuer, for the check of https."""
        return Request(method, self.loaded.issuer, parameters, headers)

    def asked(self, request: Request) -> Authorization:
        """What a valid request asks the browser to prove."""
        client, demands = self.loaded.client, request.demands
        assert client is not None
        assert demands is not None
        return Authorization(
            client=client.id,
            client_name=client.name,
            parameters=request.parameters,
            action=demands.action,
            payment=demands.payment,
            fresh=demands.fresh,
            once=demands.once,
            max_age=demands.max_age,
            subject=demands.subject,
            hint=demands.hint,
            since=self.loaded.now,
        )

    def known(self, asked: Authorization, identity: Identity | None) -> Identity | None:
        """The identity, unless the client asks for another one's proof (OpenID Connect Core, 5.5.1)."""
        return identity if identity is not None and asked.allows(identity) else None

    def check_prompt(self, grant: CodeGrant, identity: Identity | None) -> None:
        """Raises OAuth2Error for `prompt=none` when something is still to be proven."""
        grant.request.user = identity
        _with_oauth_errors(grant.validate_consent_request)

    def refusal(self, grant: CodeGrant, code: str) -> OAuth2Error:
        """An error for the client, at its redirect URI."""
        return OAuth2Error(error=code, redirect_uri=grant.redirect_uri)

    def code_reply(self, grant: CodeGrant, identity: Identity) -> Reply:
        """The redirect with a code, which is in `issued`."""
        reply: Reply = self.create_authorization_response(grant.request, identity, grant)
        return reply

    def token_reply(self, request: Request) -> Reply:
        """The answer of the token endpoint. A success counts once the store has exchanged the code."""
        try:
            return _with_oauth_errors(lambda: self.create_token_response(request))
        except OAuth2Error as error:
            return self.handle_error_response(request, error)

    def reused_reply(self, request: Request) -> Reply:
        return self.handle_error_response(request, InvalidGrantError("The code was used before."))


class TokenValidator(BearerTokenValidator):
    """Bearer tokens (RFC 6750) that are in force: the store says which."""

    def __init__(self, grant: Grant | None) -> None:
        super().__init__()
        self.grant = grant

    def authenticate_token(self, _: str) -> Grant | None:
        return self.grant

    def validate_token(self, token: Grant | None, scopes: object, request: object) -> None:
        if token is None:
            super().validate_token(token, scopes, request)


def user_info_reply(headers: Mapping[str, str], grant: Grant | None, identity: Identity | None) -> Reply:
    """The claims that an access token gives access to."""
    protector = ResourceProtector()
    protector.register_token_validator(TokenValidator(grant if identity else None))
    try:
        protector.validate_request(None, Request("GET", "https://localhost", {}, headers))
    except OAuth2Error as error:
        status, body, lines = error()
        return Reply(status, body, dict(lines))
    assert grant is not None
    assert identity is not None
    return Reply(200, user_info(identity, grant.scope), {"Cache-Control": "no-store"})


def basic_client(headers: Mapping[str, str]) -> str:
    """The user name of HTTP Basic; empty without one."""
    try:
        return str(extract_basic_authorization(headers)[0] or "")
    except ValueError:  # no UTF-8
        return ""


def _with_oauth_errors(work: Callable[[], T]) -> T:
    """Authlib raises ValueError for texts that no answer may repeat, and for headers that cannot be decoded."""
    try:
        return work()
    except OAuth2Error:
        raise
    except ValueError as problem:
        raise InvalidRequestError("The request has a character that is not allowed.") from problem
