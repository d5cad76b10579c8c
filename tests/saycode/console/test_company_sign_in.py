"""Signing in at the company's OpenID Connect provider, which is another program, and back."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from msgspec.structs import replace

from saycode.console.company import FAILED_SECONDS
from saycode.console.company_sign_in import BEGIN, CALLBACK
from saycode.console.operators import Role
from saycode.console.sign_in import MOST_WRONG
from saycode.console.visit import COOKIE
from saycode.storage.store import SqlStore
from tests.support.asgi_client import send_request
from tests.support.company_login import LOGIN, at_provider, back, begin, company, is_signed_in, newest_entry, sign_in
from tests.support.company_provider import CLIENT_SECRET, CompanyProvider
from tests.support.operators_console import HOST, Console


@pytest.mark.parametrize(
    ("person", "name", "role"),
    [
        ("Hanna", "hanna@acme.example", Role.HELP_DESK),
        ("Adam", "adam@acme.example", Role.ADMINISTRATOR),
        ("Gus", "g-1", Role.HELP_DESK),
    ],
)
@pytest.mark.parametrize("thin", [False, True], ids=["in the ID token", "in the user info"])
async def test_a_person_of_the_company_has_the_role_of_the_settings(
    at_company: Console, store: SqlStore, provider: CompanyProvider, person: str, name: str, role: Role, thin: bool
) -> None:
    provider.thin = thin
    answer = await sign_in(at_company, person)
    assert answer.status == 200, answer.text
    assert 'content="0; url=/console/"' in answer.text
    (session,) = [line for line in answer.all("set-cookie") if line.startswith(f"{COOKIE}=")]
    assert "SameSite=strict" in session
    assert await is_signed_in(at_company)
    assert ((await at_company.get("/settings")).status == 200) is (role is Role.ADMINISTRATOR)
    assert await newest_entry(store) == ("operator-signed-in", f"operator {name}", role.value)


@pytest.mark.parametrize("person", ["Mallory", "Olga"])
@pytest.mark.parametrize("thin", [False, True])
async def test_a_person_without_a_role_is_told_so(
    at_company: Console, provider: CompanyProvider, person: str, thin: bool
) -> None:
    """Mallory has the help desk's address, but not verified, and a group that is called like it."""
    provider.thin = thin
    answer = await sign_in(at_company, person)
    assert answer.status == 403
    assert "have no role here" in answer.text
    assert not await is_signed_in(at_company)


@pytest.mark.parametrize(
    "answer",
    [
        {"state": "0" * 64},
        {"state": ""},
        {"iss": "https://other.example"},
        {"iss": ""},
        {"code": ""},
        {"code": "unknown"},
        {"error": "access_denied"},
    ],
    ids=str,
)
async def test_an_answer_that_is_not_for_this_login_signs_no_one_in(
    at_company: Console, provider: CompanyProvider, answer: dict[str, str]
) -> None:
    provider.answer = answer
    refused = await sign_in(at_company, "Adam")
    assert (refused.status, await is_signed_in(at_company)) == (403, False)
    assert "access_denied" not in refused.text


async def test_an_answer_counts_in_the_browser_that_began_and_only_once(
    at_company: Console, provider: CompanyProvider
) -> None:
    address, secret = await begin(at_company)
    answer = at_provider(address, "Adam")
    _, another = await begin(at_company)
    for cookie in ("", another, "x" * 64):
        assert (await back(at_company, answer, cookie)).status == 403
    assert "token" not in provider.asked, "the code stays where it is"
    assert (await back(at_company, answer, secret)).status == 200
    assert (await back(at_company, answer, secret)).status == 403


async def test_a_secret_leaves_the_service_for_the_token_endpoint_only(at_company: Console) -> None:
    address, secret = await begin(at_company)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert CLIENT_SECRET not in address
    assert secret not in address
    assert len({asked["state"], asked["nonce"], asked["code_challenge"], secret}) == 4


async def test_a_stolen_code_is_worth_nothing(at_company: Console, provider: CompanyProvider) -> None:
    """The thief puts it into a login of their own: the verifier of PKCE is another one."""
    address, _ = await begin(at_company)
    stolen = at_provider(address, "Adam")
    address, secret = await begin(at_company)
    own = at_provider(address, "Olga")
    assert (await back(at_company, own | {"code": stolen["code"]}, secret)).status == 403


async def test_another_setting_ends_the_sessions(at_company: Console, provider: CompanyProvider) -> None:
    await sign_in(at_company, "Hanna")
    assert await is_signed_in(at_company)
    fewer = replace(company(provider), help_desk=frozenset({"desk"}))
    for settings in (fewer, None):
        later = replace(at_company.operators, company=settings.origin if settings else "")
        assert await later.session(at_company.cookie, now=at_company.clock.now()) is None


async def test_a_provider_that_is_away_is_told_and_asked_again_after_a_pause(
    at_company: Console, provider: CompanyProvider
) -> None:
    provider.description = {"issuer": "wrong for a moment"}
    for _ in range(3):
        assert (await at_company.get(BEGIN)).status == 503
    assert provider.asked == ["description"]
    provider.description = {}
    at_company.clock.advance(FAILED_SECONDS)
    assert (await at_company.get(BEGIN)).status == 303
    assert (await sign_in(at_company, "Adam")).status == 200
    assert provider.asked.count("description") == 2


async def test_failed_tries_are_limited(at_company: Console, provider: CompanyProvider) -> None:
    for _ in range(MOST_WRONG):
        assert (await back(at_company, {"code": "x", "state": "y"}, "0" * 64)).status == 403
    assert (await back(at_company, {"code": "x", "state": "y"}, "0" * 64)).status == 429
    assert "token" not in provider.asked


async def test_keys_still_open_the_console(at_company: Console) -> None:
    assert (await at_company.sign_in()).status == 303
    assert await is_signed_in(at_company)


async def test_a_doubled_parameter_is_none(at_company: Console, provider: CompanyProvider) -> None:
    address, secret = await begin(at_company)
    answer = at_provider(address, "Adam")
    target = f"/console{CALLBACK}?{urlencode(answer)}&state={answer['state']}"
    headers = [HOST, ("cookie", f"{LOGIN}={secret}")]
    assert (await send_request(at_company.app, "GET", target, headers=headers)).status == 403


async def test_a_client_whose_secret_is_wanted_in_the_form_sends_it_there(
    at_company: Console, provider: CompanyProvider
) -> None:
    provider.description = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await sign_in(at_company, "Adam")).status == 200
