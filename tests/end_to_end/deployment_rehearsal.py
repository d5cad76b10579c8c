"""The deployment as it is shipped: both proxies with their own files, and settings that change without a stop.

    make rehearse

It needs nginx, caddy and openssl on the machine, and takes about a minute: clients that
send a byte a second are waited for until they are cut. So it is not part of `make test`.
"""

import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from twilio.request_validator import RequestValidator

from tests.end_to_end.test_whole_flow import spoken_code
from tests.support.keys import NEW_KEY, OLD_KEY
from tests.support.processes import COMMAND, PATIENCE, ROOT, Browser, Deployment, deploy, free_port
from tests.support.smuggling import FORM, doubtful
from verification.values.codes import key_id

PHONES = iter(f"+1{area}555{number:04}" for area in (415, 212, 312) for number in range(100, 198))


@dataclass(frozen=True, slots=True)
class Front:
    """A deployment behind a proxy. `cuts_bodies`: the proxy ends a request whose whole body takes too long."""

    deployment: Deployment
    address: str
    port: int
    cuts_bodies: bool

    def connect(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        return ssl.create_default_context().wrap_socket(plain, server_hostname="localhost")

    def send(self, data: bytes) -> bytes:
        """What comes back until the proxy closes."""
        with self.connect() as line:
            line.sendall(data)
            found = b""
            while part := line.recv(65536):
                found += part
            return found

    def started_from(self, *headers: str) -> bytes:
        """Start a verification with these headers; its source as the audit trail has it."""
        body = f"username=ann&phone=%2B{next(PHONES)[1:]}&channel=sms"
        lines = ["POST /start HTTP/1.1", "Host: localhost", "Connection: close", "Sec-Fetch-Site: same-origin"]
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", *headers]
        answer = self.send("\r\n".join((*lines, "", body)).encode())
        assert b" 303 " in answer.splitlines()[0], answer
        with closing(sqlite3.connect(self.deployment.database)) as conn:
            question = "SELECT source FROM events WHERE kind = 'started' ORDER BY id DESC LIMIT 1"
            return bytes(conn.execute(question).fetchone()[0])


def program(name: str) -> str:
    """A program of this machine; its absence is no pass."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    assert found, f"{name} is not here: apt-get install {name}"
    return found


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A certificate for localhost that this process and its children trust."""
    folder = tmp_path_factory.mktemp("certificate")
    query = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([program("openssl"), "req", *kind, *query, *files], check=True, capture_output=True)
    os.environ["SSL_CERT_FILE"] = str(folder / "cert.pem")
    yield folder
    del os.environ["SSL_CERT_FILE"]


def nginx(folder: Path, port: int, upstream: str, certificate: Path) -> tuple[list[str], dict[str, str]]:
    """The shipped file with this test's name, ports and certificate, and nothing else changed.

    `upstream`: the service's address, or those of several nodes; with those, what the file says to change.
    """
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    nodes = upstream.split()
    for shipped, deployment in (
        ("server 127.0.0.1:8000;", " ".join(f"server {node};" for node in nodes)),
        ("proxy_next_upstream off;", f"proxy_next_upstream {'off' if len(nodes) == 1 else 'error'};"),
        ("/etc/letsencrypt/live/verify.example.com/fullchain.pem", str(certificate / "cert.pem")),
        ("/etc/letsencrypt/live/verify.example.com/privkey.pem", str(certificate / "key.pem")),
        ("verify.example.com", "localhost"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("    listen [::]:443 ssl http2;\n", ""),
        ("    listen [::]:80;\n", ""),
    ):
        assert shipped in text, shipped
        text = text.replace(shipped, deployment)
    (folder / "saycode.conf").write_text(text)
    own = f"{folder}/nginx"
    paths = "".join(f"{kind}_temp_path {own}-{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {own}.pid; error_log {own}.log; events {{}}\n"
        f"http {{ access_log off; {paths} include {folder}/saycode.conf; }}\n"
    )
    checked = subprocess.run([program("nginx"), "-t", "-c", f"{folder}/nginx.conf"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    return [program("nginx"), "-c", f"{folder}/nginx.conf"], {}


def caddy(folder: Path, port: int, upstream: str, certificate: Path) -> tuple[list[str], dict[str, str]]:
    """The shipped file with this test's certificate, and the addresses that it asks for."""
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    site = "{$SAYCODE_SITE} {\n"
    assert site in text
    told = text.replace(site, f"{site}\ttls {certificate}/cert.pem {certificate}/key.pem\n")
    (folder / "Caddyfile").write_text(told)
    environ = {
        "SAYCODE_SITE": f"https://localhost:{port}",
        "SAYCODE_UPSTREAM": upstream,
        "SAYCODE_HTTP_PORT": str(free_port()),
        "SAYCODE_HTTPS_PORT": str(port),
        "HOME": str(folder),
    }
    return [program("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")], environ


Make = Callable[[Path, int, str, Path], tuple[list[str], dict[str, str]]]


@pytest.fixture(scope="module", params=[nginx, caddy], ids=lambda make: str(make.__name__))
def front(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, certificate: Path
) -> Iterator[Front]:
    make: Make = request.param
    folder, port = tmp_path_factory.mktemp(make.__name__), free_port()
    address = f"https://localhost:{port}"
    trusted = "127.0.0.1"
    with deploy(
        folder, certificate=certificate / "cert.pem", SAYCODE_PUBLIC_URL=address, SAYCODE_TRUSTED_PROXIES=trusted
    ) as deployment:
        command, environ = make(folder, port, deployment.address.removeprefix("http://"), certificate)
        with serving(command, environ, folder, address):
            yield Front(deployment, address, port, cuts_bodies=make is caddy)


@contextmanager
def serving(command: list[str], environ: Mapping[str, str], folder: Path, address: str) -> Iterator[None]:
    with (folder / "proxy.log").open("wb") as output:
        process = subprocess.Popen(command, env=os.environ | environ, stdout=output, stderr=output)
        try:
            until = time.monotonic() + PATIENCE
            while not answers(address):
                waiting = process.poll() is None and time.monotonic() < until
                assert waiting, (folder / "proxy.log").read_text()
                time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)


def answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/health/live", timeout=PATIENCE):
            return True
    except (URLError, OSError):
        return False


def test_a_call_from_the_form_to_the_welcome(front: Front) -> None:
    browser, phone = Browser(front.address), front.deployment.phone(next(PHONES))
    assert browser.post("/start", username="ann", phone=phone.number, channel="call").state == "code"
    page = browser.post("/code", code=spoken_code(phone))
    assert (page.state, page.address) == ("welcome", front.address + "/")
    assert not front.deployment.warnings


def test_the_page_is_told_at_once_how_its_call_goes(front: Front) -> None:
    browser, phone = Browser(front.address), front.deployment.phone(next(PHONES))
    browser.post("/start", username="ann", phone=phone.number, channel="call")
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.jar)
    with front.connect() as line:
        line.sendall(f"GET /progress HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n".encode())
        line.settimeout(5)
        found = b""
        while b"data:" not in found:
            found += line.recv(65536)
    assert b"text/event-stream" in found


def test_what_a_client_claims_about_itself_changes_nothing(front: Front) -> None:
    plain = front.started_from()
    for header in ("X-Forwarded-For: 203.0.113.9", "x-FORWARDED-for: 203.0.113.9, 198.51.100.1", "Via: 1.0 cache"):
        assert front.started_from(header) == plain != b""
    assert front.started_from("Forwarded: for=203.0.113.9", "X-Real-IP: 203.0.113.9") == plain
    # A header that is named here is for the next hop only, and must not take the proxy's own with it.
    assert front.started_from("Connection: X-Forwarded-For", "X-Forwarded-For: 203.0.113.9") == plain


#: A start with a source of the client's choice: no proxy forwards that.
HIDDEN_FORM = b"username=eve&phone=%2B14155550199&channel=sms"
HIDDEN = (
    b"POST /start HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.9\r\nSec-Fetch-Site: same-origin\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%b"
) % (len(HIDDEN_FORM), HIDDEN_FORM)
SMUGGLED = {"a second request": FORM + b"Content-Length: 0\r\n\r\n" + HIDDEN} | doubtful(HIDDEN)
SMUGGLED |= {
    f"{name} (metrics)": request
    for name, request in doubtful(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n").items()
}


@pytest.mark.parametrize("how", SMUGGLED)
def test_no_request_passes_the_proxy_inside_of_another_one(front: Front, how: str) -> None:
    plain = front.started_from()
    with front.connect() as line:
        line.sendall(b"POST /code HTTP/1.1\r\nHost: localhost\r\n" + SMUGGLED[how])
        line.settimeout(1)
        answer = b""
        with suppress(OSError):  # it waits for more, and is cut later; or was cut
            while part := line.recv(65536):
                answer += part
    assert b"saycode_" not in answer, "the service's metrics"
    assert how != "a second request" or answer.count(b"HTTP/1.1 ") == 2
    # Other clients: each gets the answer to its own request.
    for _ in range(4):
        health = front.send(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert health.splitlines()[0].endswith(b" 200 OK")
        assert b"data-state" not in health
        page = front.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert b'data-state="form"' in page
    with closing(sqlite3.connect(front.deployment.database)) as conn:
        sources = conn.execute("SELECT DISTINCT source FROM events WHERE kind = 'started'").fetchall()
    assert sources == [(plain,)], "a start with a source that the client chose"


def test_an_old_client_is_answered(front: Front) -> None:
    answer = front.send(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert re.match(rb"HTTP/1\.[01] 200 ", answer)
    assert b'data-state="form"' in answer


def test_large_requests_are_refused_and_metrics_are_not_shown(front: Front) -> None:
    head = "POST /start HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    body = f"{head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 200000\r\n\r\n".encode()
    assert re.match(rb"HTTP/1\.1 4(13|00) ", front.send(body + b"x" * 70000) or b"HTTP/1.1 413 cut")
    headers = f"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Long: {'x' * 40000}\r\n\r\n".encode()
    assert re.match(rb"HTTP/1\.1 4(00|31|94) ", front.send(headers))
    assert re.match(
        rb"HTTP/1\.1 404 ", front.send(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    )


@pytest.mark.parametrize(
    ("opening", "longest"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", 15),
        (b"POST /start HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n", 25),
    ],
    ids=["header", "body"],
)
def test_clients_that_send_a_byte_a_second_are_cut_and_others_are_served(
    front: Front, opening: bytes, longest: float
) -> None:
    lines = [front.connect() for _ in range(20)]
    try:
        for line in lines:
            line.sendall(opening)
        began, waits, still = time.monotonic(), [], set(lines)
        patience = longest if b"GET" in opening or front.cuts_bodies else 5
        while still and time.monotonic() - began < patience:
            for line in list(still):
                if gone(line):
                    still.discard(line)
            before = time.monotonic()
            assert answers(front.address)
            waits.append(time.monotonic() - before)
            time.sleep(max(0.0, 1 - (time.monotonic() - before)))
        assert sorted(waits)[int(len(waits) * 0.95)] < 1
        assert not still or (b"POST" in opening and not front.cuts_bodies)
    finally:
        for line in lines:
            line.close()


def gone(line: ssl.SSLSocket) -> bool:
    """Send one byte more; whether the other end has closed, with an answer or without."""
    try:
        line.sendall(b"x")
        line.settimeout(0.001)
        return line.recv(65536) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


# Rotation without a stop.


def test_settings_change_while_the_service_answers(tmp_path: Path) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "the-old-token",
        "TWILIO_FROM_NUMBER": "+14155550199",
        "SAYCODE_PUBLIC_URL": address,
        "SAYCODE_SECRET_KEY": OLD_KEY,
    }

    def write(**changed: str) -> None:
        lines = (f"{name}={value}" for name, value in (settings | changed).items())
        (tmp_path / ".env").write_text("\n".join(lines))

    write()
    command = [*COMMAND, "serve", "--port", str(port), "--workers", "2"]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    with (tmp_path / "service.log").open("wb") as output:
        process = subprocess.Popen(command, env=environ, cwd=tmp_path, stdout=output, stderr=output)
    try:
        until = time.monotonic() + PATIENCE
        while not answers(address):
            assert time.monotonic() < until
            time.sleep(0.05)
        refused, asked, done = [], 0, threading.Event()

        def keep_asking() -> None:
            nonlocal asked
            while not done.is_set():
                asked += 1
                if not answers(address):
                    refused.append(asked)

        asking = threading.Thread(target=keep_asking)
        asking.start()
        write(
            TWILIO_AUTH_TOKEN="the-new-token",
            TWILIO_AUTH_TOKEN_PREVIOUS="the-old-token",
            SAYCODE_SECRET_KEY=f"{OLD_KEY},{NEW_KEY}",
        )
        process.send_signal(signal.SIGHUP)
        until = time.monotonic() + PATIENCE
        while not all(speaks(address, token) for token in ("the-new-token", "the-old-token") for _ in range(6)):
            assert time.monotonic() < until, (tmp_path / "service.log").read_text()
            time.sleep(0.2)
        write(
            TWILIO_AUTH_TOKEN="the-new-token",
            TWILIO_AUTH_TOKEN_PREVIOUS="the-old-token",
            SAYCODE_SECRET_KEY=f"{NEW_KEY},{OLD_KEY}",
        )
        process.send_signal(signal.SIGHUP)
        while wrapping_key(tmp_path) != key_id(NEW_KEY.encode()):
            assert time.monotonic() < until, (tmp_path / "service.log").read_text()
            time.sleep(0.2)
        done.set()
        asking.join()
        assert (refused, asked > 10) == ([], True)
    finally:
        process.terminate()
        process.wait(PATIENCE)
    assert wrapping_key(tmp_path) == key_id(NEW_KEY.encode())


def wrapping_key(folder: Path) -> str:
    """The id of the key that the data key is wrapped by."""
    with closing(sqlite3.connect(folder / "saycode.db")) as conn:
        return str(conn.execute("SELECT key_id FROM data_key").fetchone()[0])


def speaks(address: str, token: str) -> bool:
    """Whether the worker that answers knows this token."""
    fields = {"AccountSid": "AC" + "0" * 32, "From": "anonymous", "CallSid": "CA" + "1" * 32, "To": "+14155550199"}
    target = f"{address}/webhooks/voice"
    request = Request(target, data=urlencode(fields).encode())
    request.add_header("X-Twilio-Signature", RequestValidator(token).compute_signature(target, fields))
    try:
        with urlopen(request, timeout=PATIENCE) as answer:
            return int(answer.status) == 200
    except HTTPError as refused:
        refused.close()
        return False
