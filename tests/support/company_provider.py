"""A company's OpenID Connect provider for tests, on Authlib's authorization server: another program than the service.

Its page to sign in has a button for each person. Tests can make it lie.
"""

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import uvicorn
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload, OAuth2Request
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from authlib.oidc.core.models import AuthorizationCodeMixin
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.support.ports import free_port

CLIENT_ID, CLIENT_SECRET = "saycode console", "a-secret:with&and%25+"
Claims = dict[str, Any]
PEOPLE: dict[str, Claims] = {
    "Hanna": {"sub": "h-1", "email": "Hanna@acme.example", "email_verified": True, "groups": ["staff"]},
    "Adam": {"sub": "a-1", "email": "adam@acme.example", "email_verified": True, "groups": ["staff", "saycode-admins"]},
    "Gus": {"sub": "g-1", "groups": ["desk"]},
    "Mallory": {"sub": "m-1", "email": "hanna@acme.example", "email_verified": False, "groups": ["hanna@acme.example"]},
    "Olga": {"sub": "o-1", "email": "olga@acme.example", "email_verified": True, "groups": ["staff"]},
}
#: The settings for this provider, but for its address.
ROLES = {
    "SAYCODE_CONSOLE_HELP_DESK": "hanna@acme.example, desk",
    "SAYCODE_CONSOLE_ADMINISTRATORS": "saycode-admins",
}


@dataclass(slots=True)
class CompanyProvider:
    """The provider, and its lies: `claims` changes those of an ID token, `sign` makes the token of them, `answer` and
    `description` change the parameters of the redirect and what it says of itself.
    """

    issuer: str
    now: Callable[[], float] = time.time
    redirect_uri: str = ""
    thin: bool = False
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True))
    claims: Callable[[Claims], Claims] = dict
    sign: Callable[[Claims, RSAKey], str] | None = None
    answer: dict[str, str] = field(default_factory=dict)
    description: dict[str, Any] = field(default_factory=dict)
    user_info: Claims = field(default_factory=dict)
    codes: dict[str, "_Code"] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a service whose operators sign in here."""
        own = {"ISSUER": self.issuer, "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET}
        return ROLES | {f"SAYCODE_CONSOLE_{name}": value for name, value in own.items()}


class _Client(ClientMixin):
    def __init__(self, provider: CompanyProvider) -> None:
        self.provider = provider

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.provider.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return hmac.compare_digest(client_secret.encode(), CLIENT_SECRET.encode())

    def check_endpoint_auth_method(self, method: str, _: str) -> bool:
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(slots=True)
class _Code(AuthorizationCodeMixin):
    person: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    get_acr = get_amr = get_auth_time


class _Request(OAuth2Request):
    def __init__(self, request: Request, fields: dict[str, str]) -> None:
        super().__init__(request.method, str(request.url).replace("http:", "https:"), headers=request.headers)
        self.fields = fields
        self.payload = BasicOAuth2Payload(fields)

    @property
    def args(self) -> dict[str, str]:
        return dict(self.fields)

    form = args


class _Grant(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]  # noqa: RUF012

    def save_authorization_code(self, code: str, request: _Request) -> None:
        fields = request.fields
        self.server.provider.codes[code] = _Code(
            request.user,
            self.server.provider.redirect_uri,
            fields["scope"],
            fields["nonce"],
            fields["code_challenge"],
            fields["code_challenge_method"],
        )

    def query_authorization_code(self, code: str, _: _Client) -> _Code | None:
        found: _Code | None = self.server.provider.codes.get(code)
        return found

    def delete_authorization_code(self, authorization_code: _Code) -> None:
        codes = self.server.provider.codes
        del codes[next(code for code, found in codes.items() if found is authorization_code)]

    def authenticate_user(self, authorization_code: _Code) -> str:
        return authorization_code.person


class _OpenId(OpenIDCode):
    def __init__(self, provider: CompanyProvider) -> None:
        super().__init__(require_nonce=True)
        self.provider = provider

    def exists_nonce(self, _: str, __: _Request) -> bool:
        return False

    def encode_id_token(self, token: dict[str, Any], request: _Request) -> str:
        provider, now = self.provider, int(self.provider.now())
        person = PEOPLE[request.user]
        claims = {"iss": provider.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300}
        claims |= {"nonce": request.authorization_code.nonce}
        claims |= {"sub": person["sub"]} if provider.thin else person
        claims = provider.claims(claims)
        if provider.sign is not None:
            return provider.sign(claims, provider.key)
        return jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, provider.key)


class _Server(AuthorizationServer):
    def __init__(self, provider: CompanyProvider) -> None:
        super().__init__()
        self.provider = provider
        self.register_grant(_Grant, [CodeChallenge(required=True), _OpenId(provider)])
        self.register_token_generator("default", self._token)

    def _token(self, *, scope: str, user: str, **_: object) -> dict[str, Any]:
        token = secrets.token_hex(16)
        self.provider.tokens[token] = user
        return {"token_type": "Bearer", "access_token": token, "scope": scope, "expires_in": 300}

    def query_client(self, client_id: str) -> _Client | None:
        return _Client(self.provider) if client_id == CLIENT_ID else None

    def save_token(self, *_: object) -> None:
        """It is in `tokens`."""

    def send_signal(self, *_: object, **__: object) -> None:
        """Nothing listens."""

    def create_oauth2_request(self, request: _Request) -> _Request:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        if isinstance(body, dict):
            return JSONResponse(body, status, dict(headers))
        return Response(body, status, dict(headers))


def application(provider: CompanyProvider) -> Starlette:
    """The provider over HTTP."""
    server = _Server(provider)

    async def describe(_: Request) -> Response:
        provider.asked.append("description")
        base = provider.issuer
        return JSONResponse(
            {
                "issuer": base,
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": f"{base}/token",
                "jwks_uri": f"{base}/keys",
                "userinfo_endpoint": f"{base}/user-info",
                "authorization_response_iss_parameter_supported": True,
                **provider.description,
            }
        )

    async def keys(_: Request) -> Response:
        provider.asked.append("keys")
        return JSONResponse({"keys": [{"kty": "of the future", "kid": "x"}, provider.key.as_dict(private=False)]})

    async def authorize(request: Request) -> Response:
        asked = _Request(request, dict(request.query_params))
        grant = server.get_authorization_grant(asked)
        grant.redirect_uri = grant.validate_authorization_request()
        if request.method == "GET":
            people = "".join(f'<button name="person" value="{name}">{name}</button>' for name in PEOPLE)
            return HTMLResponse(f'<title>Acme</title><form method="post" action="{escape(str(request.url))}">{people}')
        person = (await request.body()).decode().removeprefix("person=")
        response: Response = server.create_authorization_response(asked, person, grant)
        return RedirectResponse(_with_answer(response.headers["location"], provider), status_code=303)

    async def token(request: Request) -> Response:
        provider.asked.append("token")
        fields = dict(parse_qsl((await request.body()).decode(), strict_parsing=True))
        answer: Response = server.create_token_response(_Request(request, fields))
        return answer

    async def user_info(request: Request) -> Response:
        provider.asked.append("user info")
        person = provider.tokens[request.headers["authorization"].removeprefix("Bearer ")]
        return JSONResponse(PEOPLE[person] | provider.user_info)

    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", describe),
            Route("/keys", keys),
            Route("/authorize", authorize, methods=["GET", "POST"]),
            Route("/token", token, methods=["POST"]),
            Route("/user-info", user_info),
        ]
    )


def _with_answer(location: str, provider: CompanyProvider) -> str:
    """The redirect with the issuer (RFC 9207), and with what the test changes; an empty value is left out."""
    address, _, query = location.partition("?")
    answer = dict(parse_qsl(query)) | {"iss": provider.issuer} | provider.answer
    return f"{address}?{urlencode({name: value for name, value in answer.items() if value})}"


@contextmanager
def company_provider() -> Iterator[CompanyProvider]:
    """Serve the provider in a thread, at another site than 127.0.0.1."""
    provider = CompanyProvider(f"http://localhost:{free_port()}")
    config = uvicorn.Config(
        application(provider), host="127.0.0.1", port=urlsplit(provider.issuer).port or 0, log_level="critical"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the provider did not start"
        time.sleep(0.01)
    try:
        yield provider
    finally:
        server.should_exit = True
        thread.join(10)
