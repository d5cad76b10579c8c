"""The example shop, as `make shop` starts it, walked in a real browser with a phone beside it."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect

from examples.shop.app import Shop as TeaShop
from examples.shop.app import apply
from examples.shop.customers import Change, Thing, demo_customers
from examples.shop.proof import NotProven, Proof
from examples.shop.stepup import StepUp
from saycode.server.receipts import JwtReceiptSigner
from saycode.storage.encryption import FieldCipher
from tests.support.axe import findings
from tests.support.browsers import browser as open_browser
from tests.support.processes import ROOT, Phone
from tests.support.records import CALL, ended
from verification.models import BUILT_IN_SERVICE, Manner, State
from verification.policy import DEFAULT_POLICY
from verification.types import VerificationStatus

PHONE, PASSWORD = "+14155550100", "earl-grey-at-five"
PATIENCE = 60


@dataclass(frozen=True, slots=True)
class Shop:
    """Where the shop is, and the customer's phone."""

    address: str
    phone: Phone

    def hear_code(self) -> str:
        """Answer, press the keys that are said, and write the code down."""
        self.phone.wait_for("ringing")
        self.phone.do("answer")
        self.phone.do("press", digits=self.phone.until_said(r"press these three keys: (\d, \d, \d)$"))
        code = self.phone.until_said(r"code is: (\d(?:, \d)+)$")
        self.phone.do("hang-up")
        return code


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    printed = tmp_path_factory.mktemp("shop") / "shop.log"
    with printed.open("wb") as output:
        command = [sys.executable, "-m", "examples.shop", "--port", "0", "--told"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)
    try:
        address, phone, _ = _served(process, printed)
        yield Shop(address, Phone(phone, PHONE))
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


def _served(process: "subprocess.Popen[bytes]", printed: Path) -> list[str]:
    """The addresses of the shop and of the phone, once everything is started."""
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        if "Ctrl-C" in (said := printed.read_text()):
            return re.findall(r"http://127.0.0.1:\d+", said)
        time.sleep(0.1)
    raise AssertionError(f"the shop is not served:\n{printed.read_text()}")


@pytest.fixture
def page(chromium: Browser, shop: Shop) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 390, "height": 780})
    page = context.new_page()
    page.goto(shop.address)
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Good day, Ada")).to_be_visible()
    yield page
    context.close()


def ask_to_move(page: Page, street: str, how: str = "Save, and call me") -> None:
    page.get_by_role("link", name="Change address").click()
    page.get_by_label("Street").fill(street)
    page.get_by_role("button", name=how).click()


def confirm(page: Page, code: str) -> None:
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Confirm").click()


def test_a_new_address_is_changed_once_the_phone_says_yes(shop: Shop, page: Page) -> None:
    ask_to_move(page, "1 Analytical Way")
    expect(page.get_by_role("heading", name="One more thing")).to_be_visible()
    assert findings(page) == []
    code = shop.hear_code()
    assert any(
        "Leaf and Kettle, with the code to change your shipping address" in said for said in shop.phone.sentences
    )
    confirm(page, code)
    expect(page.get_by_role("status")).to_have_text("Your shipping address is changed.")
    expect(page.get_by_text("1 Analytical Way")).to_be_visible()
    assert findings(page) == []


def test_what_is_not_worth_a_call_needs_none(shop: Shop, page: Page) -> None:
    calls = len(shop.phone.sentences)
    page.get_by_role("button", name="Stop them").click()
    expect(page.get_by_role("status")).to_have_text("No more letters.")
    assert len(shop.phone.sentences) == calls


def test_a_wrong_code_changes_nothing_and_a_text_brings_another(shop: Shop, page: Page) -> None:
    page.get_by_role("link", name="Change billing").click()
    page.get_by_label("Invoice address").fill("2 Difference Court")
    page.get_by_role("button", name="Save, and call me").click()
    code = shop.hear_code()
    confirm(page, code[:-1] + str((int(code[-1]) + 1) % 10))
    expect(page.get_by_role("alert")).to_contain_text("That was not the code")
    confirm(page, code)
    expect(page.get_by_role("alert")).to_contain_text("used up")
    page.get_by_role("button", name="Send a text instead").click()
    expect(page.get_by_text("that we have sent to your phone")).to_be_visible()
    shop.phone.wait_for("text")
    text = shop.phone.texts[-1]
    assert "Leaf and Kettle: the code to change your billing details is" in text
    confirm(page, re.findall(r"\d{6}", text)[0])
    expect(page.get_by_role("status")).to_have_text("Your billing details are changed.")
    expect(page.get_by_text("2 Difference Court")).to_be_visible()


def test_whoever_changes_their_mind_changes_nothing(shop: Shop, page: Page) -> None:
    ask_to_move(page, "3 Nowhere", "Save, and text me")
    page.get_by_role("button", name="Never mind").click()
    expect(page.get_by_role("status")).to_have_text("Nothing was changed.")
    expect(page.get_by_text("3 Nowhere")).to_have_count(0)


# ------------------------------------------------------------------------------------------------ what it needs

SIGN_IN = """
import asyncio, sys

sys.modules["python_multipart"] = sys.modules["multipart"] = None
from examples.shop.app import create_app
from tests.support.asgi_client import FORM, send_request

environ = dict.fromkeys(("SHOP_SERVICE", "SHOP_KEY", "SHOP_SECRET", "SHOP_PHONE_ENDS"), "x")
app = create_app({**environ, "SHOP_SAYCODE_URL": "http://127.0.0.1:9", "SHOP_PASSWORD": "earl-grey-at-five"})
for body in sys.argv[1:]:
    answer = asyncio.run(send_request(
        app, "POST", "/sign-in", headers=[("Content-Type", FORM)], body=body.encode("latin-1")
    ))
    print(answer.status)
"""


def test_forms_are_read_without_a_package_of_the_developers() -> None:
    """The parser that Starlette uses for `request.form()` is not among the users' packages."""
    cases = {
        f"name=Ada&password={PASSWORD}": 303,
        f"name=+ada+&password={PASSWORD}&x=": 303,
        "name=ada&password=wrong": 403,
        "": 403,
        "name=%ff&password=%00": 403,
        "\xff": 400,
        "&".join(f"field{n}=x" for n in range(11)): 400,
    }
    done = subprocess.run([sys.executable, "-c", SIGN_IN, *cases], cwd=ROOT, capture_output=True, text=True, check=True)
    assert [int(status) for status in done.stdout.split()] == list(cases.values())


# ------------------------------------------------------------------------------------------------ what it believes


def receipt(now: float, **changes: Any) -> tuple[JwtReceiptSigner, str]:
    """A receipt as Saycode signs it, for Ada's new address."""
    found = replace(ended(VerificationStatus.APPROVED), ended_at=now, manner=Manner.ENROLLED, username="ada")
    signer = JwtReceiptSigner(FieldCipher(b"k" * 32), issuer="https://verify.example", policy=DEFAULT_POLICY)
    verification = replace(found, action="change-shipping-address", **changes)
    token = signer.receipt(State(verification=verification, deliveries=(CALL,)), now=now)
    assert token is not None
    return signer, token


def believing(signer: JwtReceiptSigner, monkeypatch: pytest.MonkeyPatch) -> Proof:
    """The shop's own check, with the keys that are published."""
    monkeypatch.setattr(jwt.PyJWKClient, "fetch_data", lambda _: signer.keys(now=time.time()))
    return Proof(issuer="https://verify.example", service=BUILT_IN_SERVICE)


def test_the_shop_believes_a_receipt_for_its_customer_and_this_action_only(monkeypatch: pytest.MonkeyPatch) -> None:
    signer, token = receipt(time.time())
    proof = believing(signer, monkeypatch)
    assert proof.require(token, user="ada", action="change-shipping-address") == "VE1"
    for user, action in (("ada", "change-password"), ("bob", "change-shipping-address")):
        with pytest.raises(NotProven):
            proof.require(token, user=user, action=action)
    for changes in ({"service": "VA" + "1" * 32}, {"username": "bob"}):
        _, other = receipt(time.time(), **changes)
        with pytest.raises(NotProven):
            proof.require(other, user="ada", action="change-shipping-address")
    _, late = receipt(time.time() - 100)
    for bad in (late, token[:-4] + "AAAA", "", "x.y.z"):
        with pytest.raises(NotProven):
            proof.require(bad, user="ada", action="change-shipping-address")


def test_the_shop_changes_nothing_for_a_receipt_that_was_used_before(monkeypatch: pytest.MonkeyPatch) -> None:
    signer, token = receipt(time.time())
    customers = demo_customers(PASSWORD)
    used: list[str] = []

    class Once(StepUp):
        def redeem(self, name: str) -> bool:
            used.append(name)
            return used == [name]

    saycode = Once(address="https://verify.example", service=BUILT_IN_SERVICE, key="SK", secret="x")
    shop = TeaShop(customers, saycode, believing(signer, monkeypatch), phone="00", password="")
    change = Change(Thing.SHIPPING, {"street": "1 Analytical Way"})
    apply(shop, customers.known["ada"], change, token)
    assert customers.known["ada"].details[Thing.SHIPPING] == change.values
    again = Change(Thing.SHIPPING, {"street": "2 Elsewhere"})
    with pytest.raises(NotProven):
        apply(shop, customers.known["ada"], again, token)
    assert customers.known["ada"].details[Thing.SHIPPING] == change.values
