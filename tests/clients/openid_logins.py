"""Other people's relying parties log in with OpenID Connect: in a real browser, with the simulated phone beside it."""

import json
import secrets
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browsers import browser as open_browser
from tests.support.processes import Deployment, Phone, free_port, running_program
from tools.programs import APACHE_MODULE, missing_apache

from .conftest import HERE, PROGRAMS, Programs

APACHE = Path("/usr/sbin/apache2")
MODULES = Path(APACHE_MODULE).parent


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@dataclass(frozen=True, slots=True)
class Person:
    """A browser and a phone, and who uses them."""

    page: Page
    phone: Phone

    def prove(self, channel: str, *, texts: int = 0) -> None:
        """Fill the page that is open, and type the code that comes. `texts`: those that came before."""
        self.page.locator("#username").fill("ada")
        self.page.locator("#phone").fill(self.phone.number)
        self.page.locator(f"[name=channel][value={channel}]").check()
        self.page.locator("form[action^='/start'] button").click()
        expect(self.page.locator("body")).to_have_attribute("data-state", "code")
        self.page.locator("#code").fill(self._text(texts) if channel == "sms" else self._call())
        self.page.locator("#code").press("Enter")

    def _text(self, before: int) -> str:
        self.phone.wait_for("text", after=before)
        return next(word for word in self.phone.texts[-1].replace(".", " ").split() if word.isdigit())

    def _call(self) -> str:
        self.phone.wait_for("ringing")
        self.phone.do("answer")
        self.phone.do("press", digits=self.phone.until_said(r"press these three keys: (\d, \d, \d)$"))
        code = self.phone.until_said(r"code is: (\d(?:, \d)+)$")
        self.phone.do("hang-up")
        return code


@pytest.fixture
def person(chromium: Browser, phone: Phone) -> Iterator[Person]:
    with chromium.new_context(locale="en-US") as context:
        yield Person(context.new_page(), phone)


def client(deployment: Deployment, redirect: str) -> dict[str, str]:
    """A registered application, as its environment names it."""
    made = json.loads(deployment.command("clients", "add", "Leaf and Kettle", "--redirect", redirect, "--json"))
    return {
        "ISSUER": deployment.address,
        "CLIENT_ID": made["client_id"],
        "CLIENT_SECRET": made["client_secret"],
    }


@pytest.fixture(scope="module")
def shop(programs: Programs, deployment: Deployment) -> Iterator[str]:
    """A shop with npm's openid-client."""
    port = free_port()
    address = f"http://localhost:{port}"
    environ = client(deployment, f"{address}/callback") | {"PORT": str(port)}
    command = [programs.node, str(PROGRAMS / "openid_client.mjs")]
    with running_program(command, environ, programs.folder, name="openid-client", address=f"{address}/ready"):
        yield address


def test_openid_client_logs_in_and_steps_up(shop: str, person: Person) -> None:
    person.page.goto(f"{shop}/login")
    expect(person.page.get_by_text("Leaf and Kettle")).to_be_visible()
    person.prove("sms")
    expect(person.page.get_by_text(f"sign-in sms+otp {person.phone.number}")).to_be_visible()
    person.page.goto(f"{shop}/login")  # at once: the browser's session has proven it
    expect(person.page.get_by_text("sign-in sms+otp")).to_be_visible()
    person.page.goto(f"{shop}/login?action=change-billing")
    person.prove("call")
    expect(person.page.get_by_text(f"change-billing tel+otp {person.phone.number}")).to_be_visible()
    assert any("billing details" in said for said in person.phone.sentences)


def test_openid_client_is_told_that_the_person_on_the_phone_refused(shop: str, person: Person) -> None:
    person.page.goto(f"{shop}/login?action=change-password")
    person.page.locator("#username").fill("eve")
    person.page.locator("#phone").fill(person.phone.number)
    person.page.locator("form[action^='/start'] button").click()
    person.phone.wait_for("ringing")
    person.phone.do("answer")
    person.phone.do("press", digits=person.phone.until_said(r"press these three keys: (\d, \d, \d)$"))
    person.phone.until_said(r"(for it), press 0$")
    person.phone.do("press", digits="0")
    person.phone.until_said(r"press the (star) key\.$")
    person.phone.do("press", digits="*")
    expect(person.page.get_by_text("refused: access_denied")).to_be_visible()


@contextmanager
def django(programs: Programs, environ: Mapping[str, str], port: int) -> Iterator[None]:
    manage = [programs.python, "-m", "django"]
    subprocess.run([*manage, "migrate"], env=dict(environ), cwd=programs.folder, check=True, capture_output=True)
    serve = [*manage, "runserver", "--noreload", f"localhost:{port}"]
    address = f"http://localhost:{port}/ready/"
    with running_program(serve, environ, programs.folder, name="mozilla-django-oidc", address=address):
        yield


@pytest.fixture(scope="module")
def site(programs: Programs, deployment: Deployment) -> Iterator[str]:
    """A site with mozilla-django-oidc."""
    port = free_port()
    address = f"http://localhost:{port}"
    environ = client(deployment, f"{address}/oidc/callback/") | {
        "PYTHONPATH": str(HERE),
        "DJANGO_SETTINGS_MODULE": "django_project.openid_settings",
        "DJANGO_SECRET_KEY": secrets.token_hex(32),
        "DJANGO_DATABASE": str(programs.folder / "openid.db"),
        **dict.fromkeys(("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_CALLER_ID"), "-"),
        **dict.fromkeys(("VERIFY_KEY", "VERIFY_SECRET", "VERIFY_SERVICE"), "-"),
    }
    with django(programs, environ, port):
        yield address


def test_mozilla_django_oidc_logs_in_and_steps_up(site: str, person: Person) -> None:
    person.page.goto(f"{site}/account/")
    person.prove("call")
    expect(person.page.get_by_text("Hello ")).to_be_visible()
    person.page.goto(f"{site}/billing/")
    person.prove("sms")
    expect(person.page.get_by_text("Billing details")).to_be_visible()


@pytest.fixture(scope="module")
def flask_shop(programs: Programs, deployment: Deployment) -> Iterator[str]:
    """A shop with Authlib as its client."""
    port = free_port()
    address = f"http://localhost:{port}"
    environ = client(deployment, f"{address}/callback") | {"FLASK_SECRET": secrets.token_hex(32)}
    app = str(PROGRAMS / "authlib_app.py")
    command = [programs.python, "-m", "flask", "--app", app, "run", "--host", "localhost", "--port", str(port)]
    with running_program(command, environ, programs.folder, name="authlib", address=f"{address}/ready"):
        yield address


def test_authlib_logs_in_and_steps_up(flask_shop: str, person: Person) -> None:
    person.page.goto(f"{flask_shop}/login")
    person.prove("call")
    expect(person.page.get_by_text(f"sign-in tel+otp {person.phone.number}")).to_be_visible()
    person.page.goto(f"{flask_shop}/billing")
    person.prove("sms")
    expect(person.page.get_by_text(f"change-billing sms+otp {person.phone.number}")).to_be_visible()


APACHE_CONF = """
ServerName localhost
Listen 127.0.0.1:{port}
PidFile {folder}/apache.pid
ErrorLog {folder}/apache-error.log
DocumentRoot {folder}/htdocs
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule auth_openidc_module {modules}/mod_auth_openidc.so

OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client}
OIDCClientSecret {secret}
OIDCRedirectURI {address}/billing/callback
OIDCCryptoPassphrase {passphrase}
OIDCScope "openid phone"
OIDCPKCEMethod S256
OIDCAuthRequestParams acr_values=change-billing
OIDCRemoteUserClaim sub

<Location /billing>
  AuthType openid-connect
  Require claim acr:change-billing
</Location>
"""


@pytest.fixture(scope="module")
def apache(deployment: Deployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Debian's Apache with libapache2-mod-auth-openidc, which guards a path."""
    if missing_apache():
        pytest.fail("Run `make clients`, or install apache2 and libapache2-mod-auth-openidc.", pytrace=False)
    folder, port = tmp_path_factory.mktemp("apache"), free_port()
    folder.chmod(0o755)
    address = f"http://localhost:{port}"
    known = client(deployment, f"{address}/billing/callback")
    (folder / "htdocs" / "billing").mkdir(parents=True)
    (folder / "htdocs" / "index.html").write_text("Open to all")
    (folder / "htdocs" / "billing" / "index.html").write_text("Billing details")
    (folder / "apache.conf").write_text(
        APACHE_CONF.format(
            port=port,
            folder=folder,
            modules=MODULES,
            issuer=known["ISSUER"],
            client=known["CLIENT_ID"],
            secret=known["CLIENT_SECRET"],
            address=address,
            passphrase=secrets.token_hex(16),
        )
    )
    command = [str(APACHE), "-X", "-f", str(folder / "apache.conf")]
    with running_program(command, {}, folder, name="apache", address=f"{address}/index.html"):
        yield address


def test_apache_guards_a_path(apache: str, person: Person) -> None:
    person.page.goto(f"{apache}/billing/index.html")
    person.prove("call")
    expect(person.page.get_by_text("Billing details")).to_be_visible()
    assert any("billing details" in said for said in person.phone.sentences)
