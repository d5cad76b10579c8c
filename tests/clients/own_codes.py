"""Programs that make and check the codes themselves, and have Saycode deliver them."""

import json
import secrets
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.request import Request, urlopen

import pytest

from tests.support.hooks import kratos, supabase
from tests.support.processes import PATIENCE, ROOT, Browser, Deployment, Phone, deploy
from verification.models import BUILT_IN_SERVICE

from .conftest import NUMBERS, PROGRAMS, Key, Programs
from .django_packages import Site, confirm_phone, django_environ, enroll, finish, sign_in

SECRET = "v1,whsec_" + b64encode(secrets.token_bytes(32)).decode()
HOOKS = f"""
[supabase]
sender = "supabase"
service = "{BUILT_IN_SERVICE}"
channel = "sms"
secrets = ["{SECRET}"]

[kratos]
sender = "kratos"
service = "{BUILT_IN_SERVICE}"
channel = "sms"

[logto]
sender = "logto"
service = "{BUILT_IN_SERVICE}"
channel = "call"
"""


@dataclass(frozen=True, slots=True)
class Delivering:
    """A deployment whose built-in service may have its own codes said, and a key of it."""

    deployment: Deployment
    key: Key

    @property
    def basic(self) -> str:
        return "Basic " + b64encode(f"{self.key.sid}:{self.key.secret}".encode()).decode()

    def hook(self, name: str) -> str:
        return f"{self.deployment.address}/hooks/{name}"


@pytest.fixture(scope="module")
def delivering(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Delivering]:
    folder = tmp_path_factory.mktemp("own-codes")
    (folder / "hooks.toml").write_text(HOOKS)
    with deploy(folder, SAYCODE_HOOKS=str(folder / "hooks.toml")) as deployment:
        deployment.command("services", "update", BUILT_IN_SERVICE, "--custom-codes")
        made = json.loads(deployment.command("keys", "create", BUILT_IN_SERVICE, "--json"))
        yield Delivering(deployment, Key(made["service_sid"], made["key_sid"], made["secret"]))


@pytest.fixture
def holder(delivering: Delivering) -> Phone:
    return delivering.deployment.phone(next(NUMBERS))


def texted(phone: Phone, *, after: int = 0) -> str:
    phone.wait_for("text", after=after)
    return phone.texts[-1].partition("#")[2]


KEYS, SAID = r"press these three keys: (\d, \d, \d)", r"code is: (\d(?:, \d)+)"


def called(phone: Phone, *, keys: str = KEYS, code: str = SAID) -> str:
    phone.wait_for("ringing")
    phone.do("answer")
    phone.do("press", digits=phone.until_said(keys))
    said = phone.until_said(code)
    phone.do("hang-up")
    return said


# django-two-factor-auth: its tokens, our calls.


@pytest.fixture(scope="module")
def site(programs: Programs, delivering: Delivering) -> Iterator[Site]:
    database = str(programs.folder / "own-codes.db")
    environ = django_environ(programs, delivering.deployment, delivering.key) | {
        "GATEWAY": "django_project.saycode_gateway.Gateway",
        "DJANGO_DATABASE": database,
    }
    Site("", environ, programs).manage("migrate")
    with programs.django(environ) as address:
        yield Site(address, environ, programs)


def test_two_factor_auth_has_saycode_call(site: Site, holder: Phone) -> None:
    confirm_phone(enroll(site, "ada", "call", holder), called(holder))
    browser = Browser(site.address)
    page = sign_in(browser, "ada")
    assert 'name="token-otp_token"' in page.html
    assert finish(browser, page, called(holder)) == f"{site.address}/account/two_factor/"


def test_two_factor_auth_has_saycode_text_and_checks_itself(site: Site, holder: Phone, delivering: Delivering) -> None:
    confirm_phone(enroll(site, "bob", "sms", holder), texted(holder))
    browser = Browser(site.address)
    page = sign_in(browser, "bob")
    code = texted(holder, after=1)
    assert finish(browser, page, code) == f"{site.address}/account/two_factor/"
    log = delivering.deployment.command("audit", "list")
    assert "by the application" in log  # the package has said that its code was right


# better-auth's phone plugin: its codes, our calls.


def test_better_auth_has_saycode_call_and_checks_itself(
    programs: Programs, delivering: Delivering, holder: Phone
) -> None:
    environ = {
        "VERIFY_KEY": delivering.key.sid,
        "VERIFY_SECRET": delivering.key.secret,
        "VERIFY_SERVICE": delivering.key.service,
        "ADDRESS_OF_SAYCODE": delivering.deployment.address,
        "AUTH_SECRET": secrets.token_urlsafe(48),
    }
    command = [programs.node, str(PROGRAMS / "better_auth.mjs"), holder.number]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stdout.readline() == "sent\n"
        code = called(holder)
        wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
        rest, _ = program.communicate(f"{wrong}\n{code}\n{code}\n", timeout=PATIENCE)
    assert rest.splitlines() == ["INVALID_OTP", "verified", "OTP_NOT_FOUND"]


# Hooks.


def message(phone: Phone, code: str) -> str:
    return json.dumps(supabase(code=code, phone=phone.number.removeprefix("+")))


def post_with_npm(programs: Programs, address: str, secret: str, body: str, *more: str) -> dict[str, object]:
    command = [programs.node, str(PROGRAMS / "supabase_hook.mjs"), address, secret, body, *more]
    return dict(json.loads(subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE).stdout))


POST_WITH_PYPI = """
import json, sys, uuid
from datetime import datetime, timezone
from urllib.request import Request, urlopen
from standardwebhooks.webhooks import Webhook
address, secret, body = sys.argv[1:]
id, now = str(uuid.uuid4()), datetime.now(timezone.utc)
signature = Webhook(secret.removeprefix("v1,")).sign(id, now, body)
headers = {"webhook-id": id, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
with urlopen(Request(address, body.encode(), headers | {"Content-Type": "application/json"})) as answer:
    print(answer.read().decode())
"""


def test_a_message_that_npms_standardwebhooks_signed_is_texted(
    programs: Programs, delivering: Delivering, holder: Phone
) -> None:
    answer = post_with_npm(programs, delivering.hook("supabase"), SECRET, message(holder, "004711"))
    assert answer["status"] == 200, answer
    assert texted(holder) == "004711"


def test_a_message_that_pypis_standardwebhooks_signed_is_texted(
    programs: Programs, delivering: Delivering, holder: Phone
) -> None:
    command = [programs.python, "-c", POST_WITH_PYPI, delivering.hook("supabase"), SECRET, message(holder, "004712")]
    done = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE)
    assert json.loads(done.stdout)["sid"].startswith("VE")
    assert texted(holder) == "004712"


def test_npms_standardwebhooks_cannot_replay_nor_sign_with_another_secret(
    programs: Programs, delivering: Delivering, holder: Phone
) -> None:
    other = "v1,whsec_" + b64encode(bytes(32)).decode()
    address, body = delivering.hook("supabase"), message(holder, "004713")
    assert post_with_npm(programs, address, other, body)["status"] == 401
    assert post_with_npm(programs, address, SECRET, body, "msg_1", "1700000000")["status"] == 401
    sent = [post_with_npm(programs, address, SECRET, body, f"msg_{holder.number}") for _ in range(2)]
    assert sent[0] == sent[1]
    texted(holder)
    assert len(holder.texts) == 1


def test_logtos_connector_has_a_code_said_in_its_users_language(
    programs: Programs, delivering: Delivering, holder: Phone
) -> None:
    command = [programs.node, str(PROGRAMS / "logto_sms.mjs"), delivering.hook("logto")]
    to = holder.number.removeprefix("+")

    def send(authorization: str) -> dict[str, object]:
        done = subprocess.run(
            [*command, authorization, to, "004714"], capture_output=True, check=True, timeout=PATIENCE
        )
        return dict(json.loads(done.stdout))

    assert "refused" in send("Basic " + b64encode(b"SK" + b"0" * 32 + b":no").decode())
    assert send(delivering.basic)["status"] == 200
    keys = r"drücken Sie diese drei Tasten: (\d, \d, \d)"
    assert called(holder, keys=keys, code=r"lautet: (\d(?:, \d)+)") == "004714"


EVALUATE = """
import sys, rjsonnet
template, context = sys.argv[1:]
print(rjsonnet.evaluate_snippet("guide", f"({template})({context})"))
"""


@pytest.mark.parametrize("kind", ["login", "registration", "verification", "recovery"])
def test_the_body_that_the_guide_gives_kratos_is_what_its_hook_reads(
    programs: Programs, delivering: Delivering, holder: Phone, kind: str
) -> None:
    guide = (ROOT / "docs" / "your-code.md").read_text("utf-8")
    template = guide.partition("```jsonnet\n")[2].partition("```")[0]
    context = json.dumps(kratos(code="004715", kind=kind) | {"recipient": holder.number})
    command = [programs.python, "-c", EVALUATE, template, context]
    body = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE).stdout
    assert b"traits" not in body  # what the hook does not need stays with Kratos
    headers = {"Content-Type": "application/json", "Authorization": delivering.basic}
    with urlopen(Request(delivering.hook("kratos"), body, headers), timeout=PATIENCE) as answer:
        assert answer.status == 200
    assert texted(holder) == "004715"
