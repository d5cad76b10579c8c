"""A real service and a real simulator, for tests of failures of the disk, of locks and of processes."""

import json
import resource
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from tests.kills.server import start
from tests.support.processes import SENDER, Browser, Phone, free_port, running

PATIENCE = 20.0


@dataclass(slots=True)
class FaultSetup:
    """The service of one folder. `start` and `kill` may be called repeatedly."""

    folder: Path
    simulator: str
    environ: dict[str, str]
    port: int
    process: ForkServerProcess | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.folder / "saycode.db"

    def start(self) -> None:
        self.process = start(self.environ, self.folder, port=self.port, now=time.time())
        self.wait_for("/health/live", 200)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()

    @property
    def pid(self) -> int:
        assert self.process is not None
        assert self.process.pid is not None
        return self.process.pid

    def browser(self) -> Browser:
        return Browser(self.address)

    def phone(self, number: str) -> Phone:
        return Phone(self.simulator, number)

    def wait_for(self, path: str, status: int) -> str:
        """Wait until this path answers with this status. Returns the body."""
        until = time.monotonic() + PATIENCE
        answered, body = 0, ""
        while answered != status and time.monotonic() < until:
            answered, body, _ = self.ask(path)
            time.sleep(0.02)
        assert answered == status, f"{path} still answers {answered}: {body}"
        return body

    def ask(self, path: str, form: str = "") -> tuple[int, str, str]:
        """Status, body and Retry-After of the answer; status 0 without an answer."""
        request = Request(self.address + path, data=form.encode() or None)
        try:
            with urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode(), ""
        except HTTPError as answer:
            return answer.code, answer.read().decode(), answer.headers.get("Retry-After", "")
        except (URLError, OSError):
            return 0, "", ""

    def fail_next(self, path: str, **how: object) -> None:
        """Let the next REST request to this path fail."""
        control_simulator(f"{self.simulator}/simulator/faults", "POST", path=path, **how)

    def asked(self, path: str, number: str) -> list[dict[str, Any]]:
        """The REST requests to this path for a number."""
        requests = control_simulator(f"{self.simulator}/simulator/requests", "GET")["requests"]
        return [
            request
            for request in requests
            if request["path"].endswith(path) and request["parameters"].get("To") == number
        ]

    @contextmanager
    def callbacks_lost(self) -> Iterator[None]:
        """Lose all status callbacks."""
        control_simulator(f"{self.simulator}/simulator/callbacks", "PUT", lose=["*"])
        yield
        control_simulator(f"{self.simulator}/simulator/faults", "DELETE")

    def is_intact(self) -> bool:
        """Whether the integrity check of SQLite passes."""
        conn = sqlite3.connect(self.database)
        try:
            return str(conn.execute("PRAGMA integrity_check").fetchone()[0]) == "ok"
        finally:
            conn.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the write lock, as another program would."""
        conn = sqlite3.connect(self.database, isolation_level=None)
        try:
            conn.execute("BEGIN IMMEDIATE")
            yield
            conn.execute("ROLLBACK")
        finally:
            conn.close()


@contextmanager
def fault_setup(folder: Path, **settings: str) -> Iterator[FaultSetup]:
    """A service and its simulator, both running."""
    account = {"TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16), "TWILIO_AUTH_TOKEN": secrets.token_hex(16)}
    port, simulator_port = free_port(), free_port()
    simulator = f"http://127.0.0.1:{simulator_port}"
    environ = account | {
        "TWILIO_FROM_NUMBER": SENDER,
        "TWILIO_API_BASE_URL": simulator,
        "SAYCODE_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "SAYCODE_SECRET_KEY": secrets.token_hex(32),
        "SAYCODE_LIMITS": "watch",
        **settings,
    }
    simulate = ["simulate", "--told", "--calls-per-second", "0", "--port", str(simulator_port)]
    with running(simulate, account, folder, name="simulator", address=f"{simulator}/simulator/clock"):
        control_simulator(f"{simulator}/simulator/numbers/{quote(SENDER)}", "PUT")
        setup = FaultSetup(folder, simulator, environ, port)
        setup.start()
        try:
            yield setup
        finally:
            setup.kill()


def control_simulator(address: str, method: str, **body: object) -> dict[str, Any]:
    """One request to the simulator's control API."""
    data = None if method == "GET" else json.dumps(body).encode()
    request = Request(address, data=data, method=method, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=PATIENCE) as answer:
        result: dict[str, Any] = json.loads(answer.read() or b"{}")
        return result


def limit_file_size(pid: int, size: int) -> None:
    """Keep all files of a process below this size in bytes: for the process, the disk is full."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def lift_file_size_limit(pid: int) -> None:
    """Remove the limit of `limit_file_size`."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
