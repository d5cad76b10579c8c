"""The company's OpenID Connect provider, where operators sign in: the code flow with PKCE, as its client.

Checked are, of the provider's description, the issuer (OpenID Connect Discovery 1.0, 4.3); of the answer at the
redirect URI, the state and the issuer (RFC 9207); of the ID token, signature, algorithm, issuer, audience, times and
nonce (OpenID Connect Core 1.0, 3.1.3.7); of the user info, the subject (5.3.2). Parameters, claims and signatures are
read by Authlib and joserfc.
"""

import asyncio
import hmac
import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import quote

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, KeySet

from verification.types import Record

from ..config.url_parsers import is_loopback
from .operators import Role
from .provider_requests import ProviderAway, fetch

#: Signatures with a key that the provider publishes; the client's secret verifies none.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SCOPE = "openid email profile"
#: Seconds that a description and its keys are used, between two requests for keys, and after a failure.
KEPT_SECONDS, NEW_KEYS_SECONDS, FAILED_SECONDS = 3600, 60, 5
#: Seconds by which the clocks of provider and service may differ.
LEEWAY = 60
LONGEST_NAME = 254
_KEY_TYPES = ("RSA", "EC", "OKP")


class SignInRefused(Exception):
    """What came back proves no person. Its text is for the log: no name, no token."""


class Company(Record, frozen=True, kw_only=True):
    """The provider of the settings, and who has which role: verified e-mail addresses, and groups."""

    hidden: ClassVar = frozenset({"client_secret"})

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    help_desk: frozenset[str]
    administrators: frozenset[str]

    @property
    def origin(self) -> str:
        """What a session has in place of an operator's sid: another one, which ends it, once a setting has changed."""
        members = sorted(self.help_desk), sorted(self.administrators)
        return f"company {sha256(json.dumps([self.issuer, self.client_id, members]).encode()).hexdigest()}"

    def role_of(self, claims: Mapping[str, Any]) -> Role | None:
        """The role of a person by claims of the provider; None for one without any."""
        listed = claims.get("groups")
        listed = listed if isinstance(listed, list) else []
        groups = {name for name in listed if isinstance(name, str) and "@" not in name}
        email = verified_email(claims)
        names = groups | ({email} if email else set())
        if names & self.administrators:
            return Role.ADMINISTRATOR
        return Role.HELP_DESK if names & self.help_desk else None

    @property
    def wanted_claims(self) -> set[str]:
        members = self.help_desk | self.administrators
        return {"email" if "@" in name else "groups" for name in members}


class Login(Record, frozen=True):
    """A sign-in that a browser has begun. All that the answer must match comes from the secret in its cookie."""

    hidden: ClassVar = frozenset({"secret"})

    secret: str

    def _derived(self, purpose: str) -> str:
        return sha256(f"{purpose} {self.secret}".encode()).hexdigest()

    @property
    def state(self) -> str:
        return self._derived("state")

    @property
    def nonce(self) -> str:
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        return self._derived("verifier")


def verified_email(claims: Mapping[str, Any]) -> str:
    """In lower case; empty for one that the provider has not verified."""
    email = claims.get("email")
    if not isinstance(email, str) or claims.get("email_verified") is not True or not email.isascii():
        return ""
    return email.lower()


def name_of(claims: Mapping[str, Any]) -> str:
    """A person's name in the audit log: what only this person has. Raises SignInRefused."""
    name = verified_email(claims) or str(claims["sub"])
    if not name.isprintable() or len(name) > LONGEST_NAME:
        raise SignInRefused("a name that cannot be written")
    return name


class Provider:
    """What is asked of the provider. `now`: seconds since 1970."""

    def __init__(self, company: Company, now: Callable[[], float]) -> None:
        self.company, self._now = company, now
        self._lock = asyncio.Lock()
        self._description: Mapping[str, Any] = {}
        self._keys: list[Any] = []
        self._described_at = self._keys_at = self._failed_at = float("-inf")

    async def address(self, login: Login) -> str:
        """Where the browser signs in. Raises ProviderAway."""
        description = await self._described()
        address: str = prepare_grant_uri(
            description["authorization_endpoint"],
            self.company.client_id,
            "code",
            redirect_uri=self.company.redirect_uri,
            scope=SCOPE,
            state=login.state,
            nonce=login.nonce,
            code_challenge=create_s256_code_challenge(login.verifier),
            code_challenge_method="S256",
        )
        return address

    async def claims(self, login: Login, answer: Mapping[str, str]) -> dict[str, Any]:
        """The claims about the person who signed in, by the parameters of the answer at the redirect URI.

        Raises SignInRefused and ProviderAway.
        """
        if not hmac.compare_digest(answer.get("state", "").encode(), login.state.encode()):
            raise SignInRefused("another state")
        description = await self._described()
        announced = description.get("authorization_response_iss_parameter_supported") is True
        if answer.get("iss", "" if announced else self.company.issuer) != self.company.issuer:
            raise SignInRefused("an answer of another issuer")
        if "error" in answer or not answer.get("code"):
            raise SignInRefused("the provider refused")
        tokens = await self._exchange(description, answer["code"], login)
        claims = await self._id_token(tokens, login)
        return await self._with_user_info(description, claims, tokens)

    async def _exchange(self, description: Mapping[str, Any], code: str, login: Login) -> Mapping[str, Any]:
        company = self.company
        body: str = prepare_token_request(
            "authorization_code", code=code, redirect_uri=company.redirect_uri, code_verifier=login.verifier
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        methods = description.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        login_of_client = None
        if "client_secret_post" in methods and "client_secret_basic" not in methods:
            body += f"&client_id={_quoted(company.client_id)}&client_secret={_quoted(company.client_secret)}"
        else:  # both encoded first (RFC 6749, 2.3.1)
            login_of_client = _quoted(company.client_id), _quoted(company.client_secret)
        status, tokens = await fetch(description["token_endpoint"], body=body, headers=headers, login=login_of_client)
        if status >= 500:
            raise ProviderAway(f"the token endpoint answers {status}")
        if status != 200 or not isinstance(tokens.get("id_token"), str):
            raise SignInRefused(f"the token endpoint answers {status}")
        return tokens

    async def _id_token(self, tokens: Mapping[str, Any], login: Login) -> dict[str, Any]:
        try:
            return self._validated(tokens, login, await self._published_keys(again=False))
        except SignInRefused:
            return self._validated(tokens, login, await self._published_keys(again=True))

    def _validated(self, tokens: Mapping[str, Any], login: Login, keys: list[Any]) -> dict[str, Any]:
        company = self.company
        options = {name: {"essential": True, "value": value} for name, value in self._expected}
        params = {"nonce": login.nonce, "client_id": company.client_id, "access_token": tokens.get("access_token")}
        try:
            token = jwt.decode(tokens["id_token"], KeySet(keys), algorithms=ALGORITHMS)
            claims = CodeIDToken(token.claims, token.header, options, params)
            claims.validate(now=int(self._now()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError) as problem:
            raise SignInRefused(f"the ID token is not valid: {type(problem).__name__}") from problem
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise SignInRefused("the ID token has no subject")
        return dict(claims)

    @property
    def _expected(self) -> tuple[tuple[str, str], ...]:
        return ("iss", self.company.issuer), ("aud", self.company.client_id)

    async def _with_user_info(
        self, description: Mapping[str, Any], claims: dict[str, Any], tokens: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The claims, with those that the provider gives only at its user info endpoint."""
        endpoint, token = description.get("userinfo_endpoint"), tokens.get("access_token")
        if self.company.wanted_claims <= claims.keys() or not endpoint or not isinstance(token, str):
            return claims
        status, info = await fetch(endpoint, headers={"Authorization": f"Bearer {token}"})
        if status != 200 or info.get("sub") != claims["sub"]:
            raise SignInRefused(f"the user info is of another person, or none: {status}")
        # An address and whether it is verified come from one place.
        email: Mapping[str, Any] = claims if "email" in claims else info
        own = {name: email[name] for name in ("email", "email_verified") if name in email}
        return {"sub": claims["sub"], "groups": claims.get("groups", info.get("groups")), **own}

    async def _described(self) -> Mapping[str, Any]:
        async with self._lock:
            if self._now() - self._described_at < KEPT_SECONDS:
                return self._description
            if self._now() - self._failed_at < FAILED_SECONDS:
                raise ProviderAway("it did not answer a moment ago")
            try:
                status, description = await fetch(get_well_known_url(self.company.issuer, external=True))
                _check_description(status, description, issuer=self.company.issuer)
            except ProviderAway:
                self._failed_at = self._now()
                raise
            self._description, self._described_at = description, self._now()
            return description

    async def _published_keys(self, *, again: bool) -> list[Any]:
        """The keys of the provider. `again`: of now, unless they were asked for a moment ago."""
        description = await self._described()
        async with self._lock:
            age = self._now() - self._keys_at
            if age >= (NEW_KEYS_SECONDS if again else KEPT_SECONDS):
                status, answer = await fetch(description["jwks_uri"])
                if status != 200 or not isinstance(answer.get("keys"), list):
                    raise ProviderAway(f"its keys cannot be read: {status}")
                self._keys, self._keys_at = _parsed_keys(answer["keys"]), self._now()
            return self._keys


def _check_description(status: int, description: Mapping[str, Any], *, issuer: str) -> None:
    """Raises ProviderAway for one that is not the provider's, or that would send secrets over an open connection."""
    if status != 200 or description.get("issuer") != issuer:
        raise ProviderAway(f"its description has another issuer than the setting, or there is none: {status}")
    named = [name for name in ("userinfo_endpoint",) if description.get(name) is not None]
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", *named):
        if not _is_safe(description.get(name)):
            raise ProviderAway(f"its {name} is no https address")


def _quoted(text: str) -> str:
    """As part of a form; a space is %20, which servers read that know plain percent-encoding only."""
    return quote(text, safe="")


def _is_safe(address: object) -> bool:
    if not isinstance(address, str):
        return False
    try:
        return address.startswith("https://") or (address.startswith("http://") and is_loopback(address))
    except ValueError:
        return False


def _parsed_keys(published: list[Any]) -> list[Any]:
    """The keys that verify signatures. Others, and those of kinds that are not known, are left out."""
    keys = []
    for key in published:
        if isinstance(key, dict) and key.get("kty") in _KEY_TYPES and key.get("use", "sig") == "sig":
            try:
                keys.append(JWKRegistry.import_key(key))
            except (JoseError, ValueError, TypeError):
                continue
    return keys
