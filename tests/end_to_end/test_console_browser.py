"""The operator's console in a real Chromium, with the tasks of a help desk: the service and Twilio's simulator run as
processes of their own, and a person starts on the page.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.api_client import basic
from tests.support.axe import findings
from tests.support.browsers import PATIENCE
from tests.support.browsers import browser as open_browser
from tests.support.processes import Browser as Person
from tests.support.processes import Deployment, Phone, deploy

NUMBERS = iter(f"+1415555{number:04}" for number in range(100, 199))
Desk = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("console")
    with deploy(
        folder,
        SAYCODE_CONSOLE="on",
        SAYCODE_LIMITS="enforce",
        SAYCODE_LIMIT_NUMBER="2/1h",
        SAYCODE_REPEAT_SPACING="1",
    ) as started:
        yield started


@pytest.fixture(scope="module")
def keys(deployment: Deployment) -> dict[str, str]:
    """The keys of an operator of each role."""

    def new(name: str, role: str) -> str:
        made = json.loads(deployment.command("operators", "add", name, "--role", role, "--json"))
        return str(made["key"])

    return {"help-desk": new("Hanna Desk", "help-desk"), "administrator": new("Adam Admin", "administrator")}


@pytest.fixture
def desk(deployment: Deployment, chromium: Browser, keys: dict[str, str]) -> Iterator[Desk]:
    """Opens the console, signed in with a role."""
    contexts = []

    def open_desk(role: str = "help-desk", **settings: object) -> Page:
        context = chromium.new_context(locale="en-US", **settings)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(f"{deployment.address}/console")
        page.get_by_label("Operator key").fill(keys[role])
        page.get_by_role("button", name="Sign in").click()
        expect(page).to_have_title("Search – Saycode console")
        return page

    yield open_desk
    for context in contexts:
        context.close()


def search(page: Page, asked: str) -> None:
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_label("Phone number, user name, reference or sid").fill(asked)
    page.get_by_role("button", name="Search").click()


def start(deployment: Deployment, phone: Phone, channel: str = "call") -> str:
    """Begin on the page. The state that it shows."""
    name = f"ann {phone.number[-4:]}"
    return deployment.browser().post("/start", username=name, phone=phone.number, channel=channel).state


def test_no_call_came(deployment: Deployment, desk: Desk) -> None:
    phone = deployment.phone(next(NUMBERS))
    assert start(deployment, phone) == "code"
    phone.wait_for("ringing")
    phone.do("decline")
    page = desk()
    assert findings(page) == []
    spelled = f"{phone.number[:2]} ({phone.number[2:5]}) {phone.number[5:8]}-{phone.number[8:]}"
    search(page, spelled)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(f"{phone.number[-2:]}$"))
    assert phone.number not in page.content()
    assert phone.number[-7:] not in page.url
    assert findings(page) == []
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.locator(".summary")).to_contain_text("found the line busy")
    expect(page.locator("#deliveries ~ .steps, .steps").first).to_contain_text("The phone rang.")
    assert phone.number not in page.content()
    assert findings(page) == []
    page.get_by_role("button", name="Call again").click()
    expect(page.get_by_role("status")).to_have_text("The phone is called.")
    phone.wait_for("ringing")
    page.get_by_role("button", name="Call again").click()
    expect(page.get_by_role("status")).to_have_text("Nothing was sent: a call is under way already.")


def test_a_reference_leads_to_its_story(deployment: Deployment, desk: Desk) -> None:
    phone = deployment.phone(next(NUMBERS))
    assert start(deployment, phone, "sms") == "code"
    page = desk()
    search(page, phone.number)
    reference = page.locator("tbody tr td").last.inner_text()
    search(page, reference)
    expect(page).to_have_title(f"Reference {reference} – Saycode console")
    search(page, f"ANN {phone.number[-4:]}")
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page).to_have_title(f"Reference {reference} – Saycode console")


def test_it_says_i_must_wait(deployment: Deployment, desk: Desk) -> None:
    phone = deployment.phone(next(NUMBERS))
    states = [start(deployment, phone, "sms") for _ in range(4)]
    assert states[0] == "code"
    assert states[-1] != "code"
    page = desk()
    search(page, phone.number)
    refusals = page.locator("section").filter(has_text="Refused lately")
    expect(refusals).to_contain_text(re.compile(r"refused, limit number"))
    expect(refusals).to_contain_text("It would have been let through after")
    assert findings(page) == []


def test_never_call_me_again_and_now_i_want_it_back(deployment: Deployment, desk: Desk) -> None:
    phone = deployment.phone(next(NUMBERS))
    page = desk()
    search(page, phone.number)
    expect(page.locator("main")).to_contain_text("None is known.")
    page.get_by_role("button", name="Never call or text it again").click()
    expect(page.get_by_role("status")).to_have_text("The number is never called or texted again.")
    assert start(deployment, phone) != "code"
    page.get_by_role("button", name="Allow calls and texts again").click()
    expect(page.get_by_role("status")).to_contain_text("The number may be called and texted again.")
    assert findings(page) == []
    assert start(deployment, phone) == "code"


def test_who_approved_this_change(deployment: Deployment, desk: Desk) -> None:
    words = deployment.command("services", "create", "Acme Shop").split()
    service, key, secret = (words[words.index(label) + 1] for label in ("Service", "Key", "Secret"))
    path = f"{deployment.address}/v2/Services/{service}/Verifications"
    number = next(NUMBERS)

    def ask(path: str, **fields: str) -> dict[str, str]:
        request = Request(path, data=urlencode(fields).encode(), headers={"Authorization": basic(key, secret)})
        with urlopen(request, timeout=PATIENCE) as response:
            return dict(json.load(response))

    started = ask(path, To=number, Channel="sms")
    ask(f"{path}/{started['sid']}", Status="approved")
    page = desk("administrator")
    search(page, started["sid"])
    expect(page.locator("main")).to_contain_text("It was approved")
    page.get_by_role("link", name="Audit log").click()
    row = page.get_by_role("row").filter(has_text=key).filter(has_text="right code").first
    expect(row).to_contain_text(started["sid"][:10])
    assert findings(page) == []


def test_what_an_operator_looks_at_and_does_is_in_the_audit_log(deployment: Deployment, desk: Desk) -> None:
    phone = deployment.phone(next(NUMBERS))
    page = desk()
    search(page, phone.number)
    page.get_by_role("button", name="Never call or text it again").click()
    expect(page.get_by_role("status")).to_be_visible()
    entries = [json.loads(line) for line in deployment.command("audit", "export").splitlines()]
    own = [(entry["event"], entry["detail"]) for entry in entries if entry.get("actor") == "operator Hanna Desk"]
    assert own[-3][0] == "person-looked-up"
    assert own[-2][0] == "suppressed"
    assert all(detail.endswith(phone.number[-2:]) for _, detail in own[-3:])
    assert phone.number not in json.dumps(entries)


def test_an_administrator_sees_settings_without_secrets_and_erases(deployment: Deployment, desk: Desk) -> None:
    phone = deployment.phone(next(NUMBERS))
    assert start(deployment, phone) == "code"
    page = desk("administrator")
    for name in ("Now", "Charts", "Audit log", "Keys", "Settings"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        assert findings(page) == [], name
        assert deployment.token not in page.content()
        assert deployment.secret not in page.content()
    search(page, phone.number)
    page.locator("table a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Reference")
    sid = page.url.rpartition("/")[2]
    search(page, phone.number)
    page.get_by_role("link", name="Erase all data about this number").click()
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_role("alert")).to_have_text("Check the box first.")
    assert findings(page) == []
    page.get_by_label("Erase it for good").check()
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_role("status")).to_contain_text("1 calls and texts")
    search(page, phone.number)
    expect(page.locator("main")).to_contain_text("None is known.")
    search(page, sid)
    expect(page.locator("main")).to_contain_text("Its details were deleted")
    expect(page.locator("main")).to_contain_text("A call was requested.")
    assert findings(page) == []
    search(page, "9999 9999")
    page.get_by_role("button", name="Look in the audit log").click()
    expect(page.get_by_role("alert")).to_contain_text("The audit log has none either.")
    assert findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_a_narrow_screen(deployment: Deployment, desk: Desk, scheme: str) -> None:
    phone = deployment.phone(next(NUMBERS))
    assert start(deployment, phone) == "code"
    page = desk("administrator", color_scheme=scheme, viewport={"width": 320, "height": 640})
    search(page, phone.number)
    assert findings(page) == []
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.locator(".summary")).to_be_visible()
    for name in ("", "Now", "Charts", "Audit log", "Keys", "Settings"):
        if name:
            page.get_by_role("link", name=name, exact=True).click()
            expect(page.get_by_role("heading", level=1)).to_have_text(name)
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
        assert findings(page) == [], name


def test_it_works_without_scripts(deployment: Deployment, desk: Desk) -> None:
    phone = deployment.phone(next(NUMBERS))
    assert start(deployment, phone) == "code"
    page = desk(java_script_enabled=False)
    search(page, phone.number)
    page.get_by_role("table").get_by_role("link").first.click()
    page.get_by_role("button", name="All about this number").click()
    page.get_by_role("button", name="Never call or text it again").click()
    expect(page.get_by_role("status")).to_have_text("The number is never called or texted again.")


def test_a_wrong_key_is_refused_and_a_removed_operator_is_signed_out_at_once(
    deployment: Deployment, chromium: Browser
) -> None:
    made = json.loads(deployment.command("operators", "add", "Rita Gone", "--role", "help-desk", "--json"))
    with closing(chromium.new_context(locale="en-US")) as context:
        page = context.new_page()
        page.goto(f"{deployment.address}/console/")
        page.get_by_label("Operator key").fill(made["key"][:-1] + ("0" if made["key"][-1] != "0" else "1"))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("This key is not known.")
        assert findings(page) == []
        page.get_by_label("Operator key").fill(made["key"])
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Search")
        deployment.command("operators", "remove", made["sid"])
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_signing_out_ends_the_session(desk: Desk, deployment: Deployment) -> None:
    page = desk()
    cookies = page.context.cookies()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(f"{deployment.address}/console/now")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_without_the_setting_there_is_no_console(tmp_path: Path) -> None:
    with deploy(tmp_path / "off") as started:
        assert Person(started.address).open("/console").status == 404
