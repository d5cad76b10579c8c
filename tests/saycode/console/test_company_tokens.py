"""What the company's provider says of a person and of itself, where it lies, or another one does in its place."""

import base64
import hmac
import json
from collections.abc import Callable

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from saycode.console.company import KEPT_SECONDS, LEEWAY
from saycode.console.company_sign_in import BEGIN
from tests.support.company_login import is_signed_in, sign_in
from tests.support.company_provider import CLIENT_ID, CLIENT_SECRET, Claims, CompanyProvider
from tests.support.operators_console import Console


def changed(**changes: object) -> Callable[[Claims], Claims]:
    """The claims with these in place of theirs; None leaves one out."""

    def change(claims: Claims) -> Claims:
        return {name: value for name, value in (claims | changes).items() if value is not None}

    return change


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "http://localhost:1"},
        {"iss": None},
        {"aud": "another client"},
        {"aud": None},
        {"aud": "another client", "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another client"]},
        {"azp": "another client"},
        {"nonce": "0" * 64},
        {"nonce": None},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 255, "email_verified": False},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
        {"at_hash": 7},
    ],
    ids=str,
)
async def test_an_id_token_that_is_not_for_this_login_signs_no_one_in(
    at_company: Console, provider: CompanyProvider, changes: Claims
) -> None:
    provider.claims = changed(groups=["saycode-admins"], **changes)
    answer = await sign_in(at_company, "Adam")
    assert (answer.status, await is_signed_in(at_company)) == (403, False)


@pytest.mark.parametrize("seconds", [-LEEWAY - 1, -LEEWAY + 1])
async def test_a_token_counts_until_it_expires(at_company: Console, provider: CompanyProvider, seconds: int) -> None:
    provider.claims = changed(exp=int(at_company.clock.now()) + seconds)
    assert ((await sign_in(at_company, "Adam")).status == 200) is (seconds > -LEEWAY)


def unsigned(claims: Claims, _: RSAKey) -> str:
    return f"{_encoded({'alg': 'none'}, claims)}."


def by_the_secret(claims: Claims, key: RSAKey) -> str:
    return _with_hmac(claims, key, CLIENT_SECRET.encode())


def by_the_public_key(claims: Claims, key: RSAKey) -> str:
    return _with_hmac(claims, key, key.as_pem(private=False))


def _with_hmac(claims: Claims, key: RSAKey, secret: bytes) -> str:
    text = _encoded({"alg": "HS256", "kid": key.kid}, claims)
    return f"{text}.{_base64(hmac.digest(secret, text.encode(), 'sha256'))}"


def _encoded(*parts: Claims) -> str:
    return ".".join(_base64(json.dumps(part).encode()) for part in parts)


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def by_another_key(claims: Claims, key: RSAKey) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, RSAKey.generate_key(2048))


def no_token(_: Claims, __: RSAKey) -> str:
    return "no token"


@pytest.mark.parametrize("sign", [unsigned, by_the_secret, by_the_public_key, by_another_key, no_token])
async def test_an_id_token_that_the_provider_did_not_sign_signs_no_one_in(
    at_company: Console, provider: CompanyProvider, sign: Callable[[Claims, RSAKey], str]
) -> None:
    provider.sign = sign
    answer = await sign_in(at_company, "Adam")
    assert (answer.status, await is_signed_in(at_company)) == (403, False)


async def test_user_info_of_another_person_is_refused(at_company: Console, provider: CompanyProvider) -> None:
    provider.thin, provider.user_info = True, {"sub": "another"}
    assert (await sign_in(at_company, "Adam")).status == 403


async def test_an_address_is_verified_where_it_comes_from(at_company: Console, provider: CompanyProvider) -> None:
    """Olga's token has an address that is not verified, and the user info another one that is."""
    provider.claims = changed(email="hanna@acme.example", email_verified=None, groups=None)
    assert (await sign_in(at_company, "Olga")).status == 403


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "http://localhost:1"},
        {"token_endpoint": "http://acme.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
        {"userinfo_endpoint": 7},
    ],
    ids=str,
)
async def test_a_description_that_cannot_be_trusted_leads_no_one_there(
    at_company: Console, provider: CompanyProvider, description: dict[str, object]
) -> None:
    provider.description = description
    answer = await at_company.get(BEGIN)
    assert (answer.status, answer.all("set-cookie")) == (503, [])
    assert 'role="alert"' in answer.text


async def test_new_keys_of_the_provider_are_fetched_once_a_token_needs_them(
    at_company: Console, provider: CompanyProvider
) -> None:
    assert (await sign_in(at_company, "Adam")).status == 200
    provider.key = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
    at_company.clock.advance(KEPT_SECONDS - 1)
    assert (await sign_in(at_company, "Adam")).status == 200
    assert provider.asked.count("keys") == 2
