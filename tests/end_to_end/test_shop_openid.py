"""The example shop as a client of the OpenID provider, as `make shop ARGS=--openid` starts it, in a real browser."""

import subprocess
import sys
from collections.abc import Iterator

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, Page, expect

from examples.shop.customers import Login
from examples.shop.openid import OpenId
from examples.shop.proof import NotProven
from tests.end_to_end.test_shop import PASSWORD, PATIENCE, PHONE, Shop, _served, ask_to_move
from tests.support.axe import findings
from tests.support.browsers import browser as open_browser
from tests.support.processes import ROOT, Phone


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    printed = tmp_path_factory.mktemp("shop") / "shop.log"
    with printed.open("wb") as output:
        command = [sys.executable, "-m", "examples.shop", "--port", "0", "--told", "--openid"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        address, phone, _ = _served(process, printed)
        yield Shop(address, Phone(phone, PHONE))
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


@pytest.fixture
def page(chromium: Browser, shop: Shop) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 780}, locale="en-US")
    page = context.new_page()
    page.goto(shop.address)
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Good day, Ada")).to_be_visible()
    yield page
    context.close()


def test_an_address_is_changed_once_saycodes_page_has_the_code(shop: Shop, page: Page) -> None:
    ask_to_move(page, "1 Analytical Way", "Save")
    expect(page.locator("body")).to_have_attribute("data-state", "form")
    expect(page.get_by_text("Leaf and Kettle")).to_be_visible()
    assert findings(page) == []
    expect(page.locator("#username")).to_have_value("ada")
    page.locator("[name=channel][value=call]").check()
    page.locator("form[action^='/start'] button").click()
    page.locator("#code").fill(shop.hear_code())
    page.locator("#code").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Your shipping address is changed.")
    expect(page.get_by_text("1 Analytical Way")).to_be_visible()
    assert any("change your shipping address" in said for said in shop.phone.sentences)


def test_cancel_leads_back_to_the_shop_and_changes_nothing(shop: Shop, page: Page) -> None:
    ask_to_move(page, "3 Nowhere", "Save")
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("status")).to_have_text("Nothing was changed: this needs your phone.")
    expect(page.get_by_text("3 Nowhere")).to_have_count(0)


def test_an_answer_that_the_shop_did_not_ask_for_changes_nothing(shop: Shop, page: Page) -> None:
    ask_to_move(page, "2 Elsewhere", "Save")
    expect(page.locator("body")).to_have_attribute("data-state", "form")
    page.goto(f"{shop.address}/proven?code=x&state=x")
    expect(page.get_by_role("status")).to_have_text("Nothing was changed: this needs your phone.")
    expect(page.get_by_text("2 Elsewhere")).to_have_count(0)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"state": "s", "code": "c"},
        {"state": "s", "code": "c", "iss": "https://evil.example"},
        {"state": "t", "code": "c", "iss": "https://verify.example"},
        {"state": "s", "error": "access_denied", "iss": "https://verify.example"},
    ],
)
def test_an_answer_of_another_request_or_provider_is_refused_before_it_is_used(answer: dict[str, str]) -> None:
    openid = OpenId(issuer="https://verify.example", client="OC1", secret="x", callback="https://shop.example/proven")
    with pytest.raises(NotProven):
        openid.finish(Login("s", "n", "v"), answer, user="ada", action="change-password")


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "bob"},
        {"acr": "sign-in"},
        {"nonce": "other"},
        {"aud": "OC2"},
        {"iss": "https://evil.example"},
        {"exp": 1},
    ],
)
def test_a_token_of_something_else_is_refused(changes: dict[str, object]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    right = {"iss": "https://verify.example", "aud": "OC1", "sub": "ada", "acr": "change-password", "nonce": "n"}

    class Answering(OpenId):
        """Its token endpoint answers with what the test says, and its keys are the test's."""

        def __init__(self, claims: dict[str, object]) -> None:
            super().__init__(issuer="https://verify.example", client="OC1", secret="x", callback="https://shop.example")
            self._keys = self  # type: ignore[assignment]  # one key
            self._token = jwt.encode({"exp": 9999999999, **claims}, key, algorithm="ES256")

        def get_signing_key_from_jwt(self, _: str) -> object:
            return key.public_key()

        def _post(self, path: str, fields: object) -> dict[str, str]:
            return {"id_token": self._token}

    login, answer = Login("s", "n", "v"), {"state": "s", "code": "c", "iss": "https://verify.example"}
    Answering(dict(right)).finish(login, answer, user="ada", action="change-password")
    with pytest.raises(NotProven):
        Answering(right | changes).finish(login, answer, user="ada", action="change-password")
