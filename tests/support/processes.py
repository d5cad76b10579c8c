"""The service and the simulator as separate processes, and a browser that uses them over HTTP."""

import json
import os
import re
import secrets
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

from tests.support import engine
from tests.support.ports import free_port as free_port

COMMAND = [sys.executable, "-c", "from saycode.cli.main import main; main()"]
ROOT = Path(__file__).parents[2]
SENDER = "+14155550199"
PATIENCE = 20
#: Seconds in which everything of a call has been said.
LONGEST_TALK = 180


@contextmanager
def running(
    arguments: list[str], environ: Mapping[str, str], folder: Path, *, name: str, address: str
) -> Iterator[Path]:
    """Run a saycode command that serves. Yields the file with its output."""
    environ = {"PYTHONPATH": str(ROOT), **environ}
    with running_program([*COMMAND, *arguments], environ, folder, name=name, address=address) as printed:
        yield printed


@contextmanager
def running_program(
    command: list[str], environ: Mapping[str, str], folder: Path, *, name: str, address: str
) -> Iterator[Path]:
    """Run any program that serves, from when the address answers. Yields the file with its output."""
    printed = folder / f"{name}.log"
    with printed.open("wb") as output:
        process = subprocess.Popen(
            command,
            env={"PATH": os.environ.get("PATH", ""), **environ},
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(address, process, printed)
            yield printed
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait_for(address: str, process: "subprocess.Popen[bytes]", printed: Path) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            with build_opener().open(address, timeout=PATIENCE):
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"nothing is served at {address}:\n{printed.read_text()}")


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser shows."""

    status: int
    address: str
    html: str

    @property
    def state(self) -> str:
        found = re.search(r'data-state="([a-z]+)"', self.html)
        return found[1] if found else ""

    @property
    def text(self) -> str:
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.html)).split())


@dataclass(slots=True)
class Browser:
    """One browser with its cookies. It follows redirects, and remembers every address it was sent to."""

    address: str
    jar: CookieJar = field(default_factory=CookieJar)
    visited: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> Page:
        return self._ask(Request(self.address + path))

    def post(self, path: str, **fields: str) -> Page:
        request = Request(self.address + path, data=urlencode(fields).encode())
        request.add_header("Sec-Fetch-Site", "same-origin")
        return self._ask(request)

    def _ask(self, request: Request) -> Page:
        opener: OpenerDirector = build_opener(HTTPCookieProcessor(self.jar))
        try:
            with opener.open(request, timeout=PATIENCE) as response:
                page = Page(response.status, response.url, response.read().decode())
        except HTTPError as response:
            page = Page(response.status or 0, response.url, response.read().decode())
        self.visited.append(page.address)
        return page


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of the simulator, over its control API."""

    simulator: str
    number: str

    def do(self, action: str, **what: Any) -> Any:
        """answer, press, listen, hang-up, call, text."""
        return _json(f"{self._address}/{action}", "POST", what)

    def wait_for(self, state: str, *, after: int = 0) -> Any:
        """Wait until it rings, a call has ended, or a text has arrived; `after` so many that do not count."""
        reached = _json(f"{self._address}/wait-for?state={state}&after={after}&timeout={PATIENCE}", "GET")
        assert reached["reached"], f"{state} never came"
        return reached

    def until_over(self) -> None:
        """Advance time until nothing more happens; the call is then over."""
        _json(f"{self.simulator}/simulator/clock/run", "POST", {})

    def until_said(self, pattern: str) -> str:
        """Advance time until a sentence matches. Returns the group of the pattern without commas."""
        for _ in range(LONGEST_TALK):
            if hits := [hit for sentence in self.sentences if (hit := re.search(pattern, sentence))]:
                return hits[-1][1].replace(", ", "")
            _json(f"{self.simulator}/simulator/clock/advance", "POST", {"seconds": 1})
        raise AssertionError(f"{pattern} was not among {self.sentences}")

    def behave(self, **what: Any) -> None:
        _json(self._address, "PUT", what)

    @property
    def sentences(self) -> list[str]:
        """What it said in the present call, or the last one."""
        return [heard["text"] for heard in _json(self._address, "GET")["heard"] if heard["kind"] == "say"]

    @property
    def voices(self) -> set[str]:
        """The voices that spoke in the present call, or the last one."""
        return {heard["voice"] for heard in _json(self._address, "GET")["heard"] if heard["kind"] == "say"}

    @property
    def texts(self) -> list[str]:
        return [text["body"] for text in _json(self._address, "GET")["texts"]]

    @property
    def _address(self) -> str:
        return f"{self.simulator}/simulator/phones/{quote(self.number)}"


def asked(simulator: str, path: str) -> list[dict[str, Any]]:
    """The REST requests that reached a simulator at a path that ends so."""
    requests = _json(f"{simulator}/simulator/requests", "GET")["requests"]
    return [request for request in requests if request["path"].endswith(path)]


def add_number(simulator: str, number: str, webhooks: dict[str, str] | None = None) -> None:
    """Give the simulated account a number."""
    _json(f"{simulator}/simulator/numbers/{quote(number)}", "PUT", webhooks or {})


def put(address: str, body: Any) -> None:
    """Set something up over the simulator's control API."""
    _json(address, "PUT", body)


def post(address: str, body: Any) -> None:
    """Let a simulator do something over its control API."""
    _json(address, "POST", body)


def _json(address: str, method: str, body: Any = None) -> Any:
    data = None if method == "GET" else json.dumps(body).encode()
    request = Request(address, data=data, method=method, headers={"Content-Type": "application/json"})
    try:
        with build_opener().open(request, timeout=PATIENCE + 5) as response:
            return json.loads(response.read())
    except HTTPError as refused:
        raise AssertionError(f"{method} {address}: {refused.read().decode()}") from refused


@dataclass(frozen=True, slots=True)
class Deployment:
    """A service and a simulator that are configured for each other."""

    folder: Path
    address: str
    simulator: str
    secret: str
    token: str
    logs: tuple[Path, ...]
    environ: Mapping[str, str] = field(repr=False, default_factory=dict)

    def command(self, *arguments: str) -> str:
        """The output of a saycode command that runs beside the service."""
        return subprocess.run(
            [*COMMAND, *arguments],
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(ROOT), **self.environ},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=True,
            timeout=PATIENCE,
        ).stdout

    @property
    def database(self) -> Path:
        """The file, or what stands for the database of another engine (see `engine`)."""
        return self.folder / "saycode.db"

    def phone(self, number: str) -> Phone:
        return Phone(self.simulator, number)

    def browser(self) -> Browser:
        return Browser(self.address)

    def asked(self, path: str) -> list[dict[str, Any]]:
        """The REST requests that reached the simulator at a path that ends so."""
        return asked(self.simulator, path)

    @property
    def warnings(self) -> list[Any]:
        """The entries of Twilio's debugger."""
        return list(_json(f"{self.simulator}/simulator/debugger", "GET")["entries"])


@contextmanager
def deploy(folder: Path, *, workers: int = 1, certificate: Path | None = None, **settings: str) -> Iterator[Deployment]:
    """A service with its simulator. `settings` override the usual ones.

    `certificate`: one that the simulator trusts, for a service that it reaches through a proxy.
    """
    folder.mkdir(parents=True, exist_ok=True)
    service_port, simulator_port = free_port(), free_port()
    address, simulator = f"http://127.0.0.1:{service_port}", f"http://127.0.0.1:{simulator_port}"
    account = {"TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16), "TWILIO_AUTH_TOKEN": secrets.token_hex(16)}
    dialect = settings.get("SAYCODE_CARRIER", "twilio")
    if dialect == "signalwire":
        account |= {"TWILIO_ACCOUNT_SID": str(uuid.uuid4()), "TWILIO_WEBHOOK_SECRET": "PSK_" + secrets.token_hex(16)}
    secret = secrets.token_hex(32)
    environ = account | {
        "TWILIO_FROM_NUMBER": SENDER,
        "TWILIO_API_BASE_URL": simulator,
        "SAYCODE_PUBLIC_URL": address,
        "SAYCODE_SECRET_KEY": secret,
        "SAYCODE_LIMITS": "watch",
        **({"SAYCODE_DATABASE_URL": engine.database_for(folder / "saycode.db")} if engine.POSTGRESQL else {}),
        **settings,
    }
    trust = {"SSL_CERT_FILE": str(certificate)} if certificate else {}
    simulate = ["simulate", "--told", "--calls-per-second", "0", "--port", str(simulator_port)]
    simulate += ["--dialect", dialect]
    serve = ["serve", "--port", str(service_port), "--workers", str(workers)]
    with (
        running(
            simulate, account | trust, folder, name="simulator", address=f"{simulator}/simulator/clock"
        ) as simulator_log,
        running(serve, environ, folder, name="service", address=f"{address}/health/ready") as service_log,
    ):
        webhooks = {"voice_url": f"{address}/webhooks/voice", "sms_url": f"{address}/webhooks/sms"}
        add_number(simulator, SENDER, webhooks)
        yield Deployment(
            folder, address, simulator, secret, account["TWILIO_AUTH_TOKEN"], (simulator_log, service_log), environ
        )
