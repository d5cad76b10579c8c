"""Operators sign in at the company's provider, in a real Chromium. The provider is at another site, so that the rules
for cookies are those of the internet.
"""

import json
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Page, expect

from saycode.console.visit import COOKIE
from tests.support.axe import findings
from tests.support.browsers import PATIENCE
from tests.support.browsers import browser as open_browser
from tests.support.company_provider import CLIENT_SECRET, CompanyProvider, company_provider
from tests.support.processes import Deployment, deploy

BUTTON = "Sign in with your company's account"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def provider() -> Iterator[CompanyProvider]:
    with company_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory, provider: CompanyProvider) -> Iterator[Deployment]:
    """Two workers: one begins a login, and any of them ends it."""
    folder = tmp_path_factory.mktemp("company")
    with deploy(folder, workers=2, certificate=None, SAYCODE_CONSOLE="on", **provider.settings) as started:
        provider.redirect_uri = f"{started.address}/console/sign-in/openid/callback"
        yield started


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def page(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    with closing(chromium.new_context(locale="en-US", java_script_enabled=request.param)) as context:
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        yield page


def sign_in(page: Page, deployment: Deployment, person: str) -> None:
    page.goto(f"{deployment.address}/console/")
    page.get_by_role("link", name=BUTTON).click()
    expect(page).to_have_title("Acme")
    page.get_by_role("button", name=person).click()


def test_an_operator_signs_in_at_the_company_and_out_again(page: Page, deployment: Deployment) -> None:
    sign_in(page, deployment, "Hanna")
    expect(page).to_have_title("Search – Saycode console")
    assert page.url == f"{deployment.address}/console/"
    expect(page.locator(".who")).to_have_text("hanna@acme.example")
    expect(page.get_by_role("link", name="Settings")).to_have_count(0)
    (cookie,) = page.context.cookies(deployment.address)
    assert (cookie["name"], cookie["sameSite"], cookie["httpOnly"]) == (COOKIE, "Strict", True)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    entries = [json.loads(line) for line in deployment.command("audit", "export").splitlines()]
    assert ("operator-signed-in", "operator hanna@acme.example") in [
        (entry["event"], entry.get("actor")) for entry in entries
    ]


def test_an_administrator_of_the_company_sees_the_settings_without_the_clients_secret(
    page: Page, deployment: Deployment
) -> None:
    sign_in(page, deployment, "Adam")
    page.get_by_role("link", name="Settings").click()
    row = page.get_by_role("row").filter(has_text="SAYCODE_CONSOLE_CLIENT_SECRET")
    expect(row.get_by_role("cell").last).to_have_text("set")
    assert CLIENT_SECRET not in page.content()


def test_a_person_without_a_role_stays_outside(page: Page, deployment: Deployment) -> None:
    sign_in(page, deployment, "Olga")
    expect(page.get_by_role("alert")).to_contain_text("have no role here")
    assert page.context.cookies(deployment.address) == []
    page.goto(f"{deployment.address}/console/now")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_to_sign_in_can_be_used_by_everyone(chromium: Browser, deployment: Deployment, scheme: str) -> None:
    with closing(chromium.new_context(color_scheme=scheme, viewport={"width": 320, "height": 640})) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{deployment.address}/console/sign-in")
        assert findings(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name=BUTTON)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page).to_have_title("Acme")


def test_no_log_has_the_clients_secret_or_a_code(deployment: Deployment, provider: CompanyProvider) -> None:
    assert provider.tokens, "people have signed in"
    logged = "".join(log.read_text() for log in deployment.logs)
    for secret in (CLIENT_SECRET, "code=", "state=", *provider.tokens):
        assert secret not in logged
