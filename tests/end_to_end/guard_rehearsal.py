"""Forward authentication as it is shipped: nginx and Caddy guard a site with the blocks of deploy/, in a real browser.

    make rehearse

It needs nginx and caddy on the machine.
"""

import json
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browsers import browser as open_browser
from tests.support.processes import ROOT, Deployment, deploy, free_port, running_program

NUMBERS = (f"+1415555{n}" for n in count(6000))
#: The guarded site: it shows whom the proxy names, and the header that a visitor may have made up.
SITE = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        # As WSGI, CGI and FastCGI name them: Remote-User and Remote_User are one variable.
        users = [value for name, value in self.headers.items() if name.upper().replace("-", "_") == "REMOTE_USER"]
        self.wfile.write(f"Hello <{','.join(users)}> at {self.path}".encode())

HTTPServer(("127.0.0.1", int(sys.argv[1])), Site).serve_forever()
"""


def program(name: str) -> str:
    """A program of this machine; its absence is no pass."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    assert found, f"{name} is not here: apt-get install {name}"
    return found


@dataclass(frozen=True, slots=True)
class Guarded:
    """A site behind a proxy."""

    address: str
    deployment: Deployment


def nginx(folder: Path, port: int, site: int, upstream: str, client: str) -> tuple[list[str], dict[str, str]]:
    """The shipped block with the client's id, the address of this service, and a site that includes it."""
    text = (ROOT / "deploy" / "guard-nginx.conf").read_text()
    for shipped, own in (("CLIENT_ID", client), ("127.0.0.1:8000", upstream)):
        assert shipped in text
        text = text.replace(shipped, own)
    use = "\n".join(line.removeprefix("#     ") for line in text.splitlines() if line.startswith("#     "))
    assert use.count(";") == 4
    (folder / "guard.conf").write_text(text)
    own = f"{folder}/nginx"
    paths = "".join(f"{kind}_temp_path {own}-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {own}.pid; error_log {own}.log; events {{}}\n"
        f"http {{ access_log off; {paths} server {{ listen 127.0.0.1:{port}; include {folder}/guard.conf;\n"
        f"location / {{ {use} proxy_pass http://127.0.0.1:{site}; }}\n"
        f"location = /open {{ proxy_pass http://127.0.0.1:{site}; }} }} }}\n"
    )
    return [program("nginx"), "-c", f"{folder}/nginx.conf"], {}


def caddy(folder: Path, port: int, site: int, upstream: str, client: str) -> tuple[list[str], dict[str, str]]:
    """The shipped snippet, imported by a site."""
    shutil.copy(ROOT / "deploy" / "guard.Caddyfile", folder)
    (folder / "Caddyfile").write_text(
        "{\n\tadmin off\n}\nimport guard.Caddyfile\n"
        f"http://localhost:{port} {{\n\thandle /open {{\n\t\treverse_proxy 127.0.0.1:{site}\n\t}}\n\thandle {{\n"
        f"\t\timport saycode_guard\n\t\treverse_proxy 127.0.0.1:{site}\n\t}}\n}}\n"
    )
    environ = {"SAYCODE_UPSTREAM": upstream, "SAYCODE_GUARD_CLIENT": client, "HOME": str(folder)}
    return [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")], environ


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy(tmp_path_factory.mktemp("deployment")) as deployment:
        yield deployment


@pytest.fixture(scope="module", params=[nginx, caddy], ids=lambda make: str(make.__name__))
def guarded(
    request: pytest.FixtureRequest, deployment: Deployment, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Guarded]:
    make, folder = request.param, tmp_path_factory.mktemp(request.param.__name__)
    port, site = free_port(), free_port()
    address = f"http://localhost:{port}"
    made = json.loads(deployment.command("clients", "add", "Admin", "--guard", address, "--json"))
    assert made["client_secret"] is None
    upstream = deployment.address.removeprefix("http://")
    command, environ = make(folder, port, site, upstream, made["client_id"])
    (folder / "site.py").write_text(SITE)
    serve = [sys.executable, str(folder / "site.py"), str(site)]
    with (
        running_program(serve, {}, folder, name="site", address=f"http://127.0.0.1:{site}/"),
        running_program(command, environ, folder, name="proxy", address=f"{address}/open"),
    ):
        yield Guarded(address, deployment)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


def test_a_proven_phone_opens_the_site(guarded: Guarded, chromium: Browser) -> None:
    number = next(NUMBERS)
    phone = guarded.deployment.phone(number)
    forged = {"Remote-User": "admin", "Remote_User": "admin", "REMOTE_user": "admin"}
    with closing(chromium.new_context(locale="en-US", extra_http_headers=forged)) as context:
        page = context.new_page()
        page.goto(f"{guarded.address}/admin/users?page=2&sort=name")
        page.locator("#username").fill("ada")
        page.locator("#phone").fill(number)
        page.locator("[name=channel][value=sms]").check()
        page.locator("form[action^='/start'] button").click()
        phone.wait_for("text")
        code = next(word for word in phone.texts[-1].replace(".", " ").split() if word.isdigit())
        page.locator("#code").fill(code)
        page.locator("#code").press("Enter")
        expect(page.get_by_text("at /admin/users?page=2&sort=name")).to_be_visible()
        assert re.search(r"Hello <[0-9a-f]{32}>", page.locator("body").inner_text())
        page.goto(f"{guarded.address}/admin/more")
        expect(page.get_by_text("at /admin/more")).to_be_visible()


def test_without_a_proof_nothing_of_the_site_is_shown(guarded: Guarded) -> None:
    posted = Request(f"{guarded.address}/admin", data=b"x=1", headers={"Remote-User": "admin"})
    with pytest.raises(HTTPError) as refused, urlopen(posted, timeout=10):
        pass
    assert refused.value.code == 401
    assert "Hello" not in refused.value.read().decode()
    forged = Request(f"{guarded.address}/admin", headers={"Cookie": "saycode-proof-sign-in=x", "Remote-User": "admin"})
    with urlopen(forged, timeout=10) as answer:
        assert answer.url.startswith(f"{guarded.deployment.address}/?request=")
        assert "Hello" not in answer.read().decode()
