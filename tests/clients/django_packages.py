"""Django packages: django-two-factor-auth through the simulator, and django-twilio-2fa, which asks Saycode."""

import json
import re
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.support.processes import SENDER, Browser, Deployment, Page, Phone

from .conftest import HERE, Key, Programs

PASSWORD = "earl-grey-at-five"


@dataclass(frozen=True, slots=True)
class Site:
    """The Django project, served."""

    address: str
    environ: Mapping[str, str]
    programs: Programs

    def manage(self, *arguments: str) -> None:
        command = [self.programs.python, "-m", "django", *arguments]
        subprocess.run(command, env=dict(self.environ), cwd=self.programs.folder, check=True, capture_output=True)

    def add_user(self, name: str) -> None:
        self.manage("createsuperuser", "--noinput", "--username", name, "--email", "ada@shop.example")


def django_environ(programs: Programs, deployment: Deployment, key: Key) -> dict[str, str]:
    """The environment of the Django project, for a key of this deployment."""
    return {
        "PYTHONPATH": str(HERE),
        "DJANGO_SETTINGS_MODULE": "django_project.settings",
        "DJANGO_SECRET_KEY": secrets.token_hex(32),
        "DJANGO_DATABASE": str(programs.folder / "django.db"),
        "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
        "TWILIO_ACCOUNT_SID": deployment.environ["TWILIO_ACCOUNT_SID"],
        "TWILIO_AUTH_TOKEN": deployment.token,
        "TWILIO_CALLER_ID": SENDER,
        "ADDRESS_OF_TWILIO": deployment.simulator,
        "VERIFY_KEY": key.sid,
        "VERIFY_SECRET": key.secret,
        "VERIFY_SERVICE": key.service,
        "ADDRESS_OF_SAYCODE": deployment.address,
    }


@pytest.fixture(scope="module")
def site(programs: Programs, deployment: Deployment, key: Key) -> Iterator[Site]:
    environ = django_environ(programs, deployment, key)
    Site("", environ, programs).manage("migrate")
    with programs.django(environ) as address:
        yield Site(address, environ, programs)


def send(browser: Browser, path: str, page: Page, **fields: str) -> Page:
    """Send a form of the page, with the token that Django put into it."""
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.html)
    assert found, page.html
    return browser.post(path, csrfmiddlewaretoken=found[1], **fields)


def sign_in(browser: Browser, name: str) -> Page:
    """The first step: name and password."""
    path = "/account/login/"
    fields = {"login_view-current_step": "auth", "auth-username": name, "auth-password": PASSWORD}
    return send(browser, path, browser.open(path), **fields)


def code_in_call(phone: Phone) -> str:
    """Answer, press a key as asked, and write the code down."""
    phone.wait_for("ringing")
    phone.do("answer")
    phone.until_said(r"(this is .+ calling)\. Press any key")
    phone.do("press", digits="1")
    phone.until_over()
    said = phone.sentences[-1 - phone.sentences[::-1].index("Your token is:") :]
    digits = "".join(said[1 : said.index("Repeat:")])
    assert digits.isdigit()
    # The package keeps the code as a number on the way to its document, so a leading zero is not said.
    return digits.zfill(6)


def code_in_text(phone: Phone, *, after: int = 0) -> str:
    phone.wait_for("text", after=after)
    found = re.search(r"Your OTP token is (\d{6})", phone.texts[-1])
    assert found, phone.texts
    return found[1]


def enroll(site: Site, name: str, method: str, phone: Phone) -> Browser:
    """Sign in with the password, and ask for codes on this phone. The code of the last step is on its way."""
    site.add_user(name)
    browser, path = Browser(site.address), "/account/two_factor/setup/"
    sign_in(browser, name)
    page = send(browser, path, browser.open(path), **{"setup_view-current_step": "welcome"})
    page = send(browser, path, page, **{"setup_view-current_step": "method", "method-method": method})
    send(browser, path, page, **{"setup_view-current_step": method, f"{method}-number": phone.number})
    return browser


def confirm_phone(browser: Browser, code: str) -> None:
    path = "/account/two_factor/setup/"
    fields = {"setup_view-current_step": "validation", "validation-token": code}
    page = send(browser, path, browser.open("/account/login/"), **fields)
    assert page.address.endswith("/account/two_factor/setup/complete/"), page.text


def finish(browser: Browser, page: Page, code: str) -> str:
    """The second step: the code. Returns where it leads."""
    fields = {"login_view-current_step": "token", "token-otp_token": code}
    return send(browser, "/account/login/", page, **fields).address


def test_two_factor_auth_enrolls_a_phone_and_signs_in_by_call(site: Site, deployment: Deployment, phone: Phone) -> None:
    confirm_phone(enroll(site, "ada", "call", phone), code_in_call(phone))
    browser = Browser(site.address)
    page = sign_in(browser, "ada")
    assert 'name="token-otp_token"' in page.html
    assert finish(browser, page, code_in_call(phone)) == f"{site.address}/account/two_factor/"
    assert deployment.warnings == []


def test_two_factor_auth_enrolls_a_phone_and_signs_in_by_text(site: Site, deployment: Deployment, phone: Phone) -> None:
    confirm_phone(enroll(site, "bob", "sms", phone), code_in_text(phone))
    browser = Browser(site.address)
    page = sign_in(browser, "bob")
    assert finish(browser, page, code_in_text(phone, after=1)) == f"{site.address}/account/two_factor/"
    assert deployment.warnings == []


@dataclass(frozen=True, slots=True)
class Member:
    """A user of django-twilio-2fa who is signed in, with a form to send."""

    browser: Browser
    form: Page

    def ask(self, what: str, **fields: str) -> dict[str, object]:
        """The answer of the package's API, with its status."""
        answer = send(self.browser, f"/2fa/{what}", self.form, **fields)
        return {"status": answer.status, **json.loads(answer.html)}


@pytest.fixture
def member(site: Site, phone: Phone) -> Member:
    site.add_user(phone.number)
    browser = Browser(site.address)
    sign_in(browser, phone.number)
    return Member(browser, browser.open("/account/two_factor/setup/"))


def test_twilio_2fa_texts_and_checks_a_code_through_saycode(member: Member, phone: Phone) -> None:
    sent = member.ask("send", method="sms")
    assert (sent["status"], sent["sends"]) == (200, 1), sent
    phone.wait_for("text")
    assert "Leaf and Kettle" in phone.texts[-1]
    code = phone.texts[-1].partition("#")[2]
    wrong = member.ask("verify", code=code[:-1] + str((int(code[-1]) + 1) % 10))
    assert (wrong["status"], wrong["verified"], wrong["attempts"]) == (200, False, 1)
    right = member.ask("verify", code=code)
    assert (right["status"], right["verified"]) == (200, True), right
    again = member.ask("verify", code=code, verification_id=str(sent["verification_id"]))
    assert again["error_code"] == "verification_not_found", again


def test_twilio_2fa_checks_a_code_that_a_call_says(member: Member, phone: Phone) -> None:
    sent = member.ask("send", method="call")
    assert sent["status"] == 200, sent
    phone.wait_for("ringing")
    phone.do("answer")
    phone.do("press", digits=phone.until_said(r"press these three keys: (\d, \d, \d)"))
    code = phone.until_said(r"code is: (\d(?:, \d)+)")
    assert member.ask("verify", code=code)["verified"] is True
    phone.until_over()


def test_twilio_2fa_cancels(member: Member, phone: Phone) -> None:
    sent = member.ask("send", method="sms")
    phone.wait_for("text")
    assert member.ask("cancel")["status"] == 200
    code = phone.texts[-1].partition("#")[2]
    late = member.ask("verify", code=code, verification_id=str(sent["verification_id"]))
    assert late["error_code"] == "verification_not_found", late
