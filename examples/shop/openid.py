"""Step-up with OpenID Connect: Saycode's own page asks for the code, the shop needs no page and no API key."""

import hmac
import json
import secrets
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import jwt

from .customers import Login
from .proof import NotProven


class OpenId:
    """A client of Saycode's OpenID provider."""

    def __init__(self, *, issuer: str, client: str, secret: str, callback: str) -> None:
        self._issuer, self._client, self._callback = issuer, client, callback
        self._basic = "Basic " + b64encode(f"{client}:{secret}".encode()).decode()
        self._keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json", timeout=10)

    @classmethod
    def from_environment(cls, issuer: str, environ: Mapping[str, str]) -> "OpenId | None":
        """The client that the environment names; None where it names none."""
        if "SHOP_OPENID_CLIENT" not in environ:
            return None
        client, secret = environ["SHOP_OPENID_CLIENT"], environ["SHOP_OPENID_SECRET"]
        return cls(issuer=issuer, client=client, secret=secret, callback=environ["SHOP_URL"] + "/proven")

    def begin(self, user: str, action: str) -> tuple[str, Login]:
        """Where to send the browser, and what its answer is checked against. The request goes to the server first."""
        login = Login(*(secrets.token_urlsafe(32) for _ in range(3)))
        challenge = urlsafe_b64encode(sha256(login.verifier.encode()).digest()).decode().rstrip("=")
        asked = {"acr_values": action, "login_hint": user, "state": login.state, "nonce": login.nonce}
        pkce = {"code_challenge": challenge, "code_challenge_method": "S256"}
        usual = {"response_type": "code", "scope": "openid", "redirect_uri": self._callback}
        pushed = self._post("/authorize/push", usual | asked | pkce)
        query = urlencode({"client_id": self._client, "request_uri": pushed["request_uri"]})
        return f"{self._issuer}/authorize?{query}", login

    def finish(self, login: Login, answer: Mapping[str, str], *, user: str, action: str) -> None:
        """Raises NotProven unless this customer has just proven this action, in this browser."""
        if not hmac.compare_digest(answer.get("state", "").encode(), login.state.encode()):
            raise NotProven("an answer to another request")
        if answer.get("iss") != self._issuer or "code" not in answer:
            raise NotProven(answer.get("error", "an answer of another provider"))
        grant = {"grant_type": "authorization_code", "redirect_uri": self._callback, "code": answer["code"]}
        token = self._post("/token", grant | {"code_verifier": login.verifier})["id_token"]
        try:
            key = self._keys.get_signing_key_from_jwt(token)
            claims = jwt.decode(token, key, ["ES256"], audience=self._client, issuer=self._issuer, leeway=5)
        except jwt.PyJWTError as problem:
            raise NotProven(type(problem).__name__) from problem
        if (claims.get("nonce"), claims["sub"], claims.get("acr")) != (login.nonce, user, action):
            raise NotProven("a proof of something else")

    def _post(self, path: str, fields: Mapping[str, str]) -> dict[str, str]:
        request = Request(self._issuer + path, urlencode(fields).encode(), {"Authorization": self._basic})
        try:
            with urlopen(request, timeout=10) as response:
                body: dict[str, str] = json.load(response)
        except OSError as problem:  # HTTPError is one
            raise NotProven("Saycode has refused, or cannot be reached") from problem
        return body
