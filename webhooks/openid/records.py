"""What Authlib asks about: the request, its client, and the code that it shows. All of it is loaded before."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6749.util import scope_to_list
from authlib.oidc.core.models import AuthorizationCodeMixin

from verification.authorizations import Client, Grant, Identity, IdentitySigner
from verification.policy import Policy
from verification.ports import Randomness
from verification.services import secret_digest

from .demands import Demands

#: What is granted of a scope. Others are ignored (OpenID Connect Core, 3.1.2.1).
SCOPES = ("openid", "phone")


@dataclass(slots=True)
class Reply:
    """An answer as Authlib makes it: `body` is a JSON object, or an empty text."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @location.setter
    def location(self, address: str) -> None:
        self.headers["Location"] = address


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a request needs of the store: its client, and for a code or token what it stands for, and who was proven."""

    issuer: str
    now: float
    policy: Policy
    randomness: Randomness
    signer: IdentitySigner
    client: Client | None = None
    nonce_used: bool = False
    code: str = field(default="", repr=False)
    grant: Grant | None = None
    identity: Identity | None = None
    verification: str = ""


class RegisteredClient(ClientMixin):
    """A client, as Authlib asks about it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get_client_id(self) -> str:
        return self.client.id

    def get_default_redirect_uri(self) -> None:
        """The redirect URI is always part of the request."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        wanted = scope_to_list(scope or "")
        return " ".join(name for name in SCOPES if name in wanted) if "openid" in wanted else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.client.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        digest = self.client.digest
        return digest is not None and hmac.compare_digest(digest, secret_digest(client_secret))

    def check_endpoint_auth_method(self, method: str, _: str) -> bool:
        return (method == "none") == self.client.public

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == AuthorizationCodeGrant.GRANT_TYPE


class IssuedCode(AuthorizationCodeMixin):
    """What a code stands for, as Authlib asks about it."""

    code_challenge_method = "S256"

    def __init__(self, grant: Grant, identity: Identity | None) -> None:
        self.grant, self.identity, self.code_challenge = grant, identity, grant.challenge

    def get_redirect_uri(self) -> str:
        return self.grant.redirect_uri

    def get_scope(self) -> str:
        return self.grant.scope

    def get_nonce(self) -> str:
        return self.grant.nonce

    def get_auth_time(self) -> int | None:
        return int(self.identity.approved_at) if self.identity else None

    def get_acr(self) -> str:
        return self.grant.acr

    def get_amr(self) -> list[str] | None:
        return list(self.identity.methods) if self.identity else None


class Request(OAuth2Request):
    """A request whose parameters each have one value."""

    demands: Demands | None = None

    def __init__(self, method: str, uri: str, parameters: Mapping[str, str], headers: Mapping[str, str]) -> None:
        super().__init__(method, uri, headers=headers)
        self.parameters = dict(parameters)
        self.payload = BasicOAuth2Payload(self.parameters)

    @property
    def args(self) -> dict[str, str]:
        return self.parameters

    @property
    def form(self) -> dict[str, str]:
        return self.parameters
