"""A real service and a real simulator, for tests that break what is around them: the disk, the locks, the processes."""

import json
import os
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
class Site:
    """The service of one folder. `start` and `kill` it as often as you like."""

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
        """Until this path answers so; what it said."""
        until = time.monotonic() + PATIENCE
        found, said = 0, ""
        while found != status and time.monotonic() < until:
            found, said, _ = self.ask(path)
            time.sleep(0.02)
        assert found == status, f"{path} still answers {found}: {said}"
        return said

    def ask(self, path: str, form: str = "") -> tuple[int, str, str]:
        """Status, body, and Retry-After of an answer; status 0 when there is none."""
        request = Request(self.address + path, data=form.encode() or None)
        try:
            with urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode(), ""
        except HTTPError as answer:
            return answer.code, answer.read().decode(), answer.headers.get("Retry-After", "")
        except (URLError, OSError):
            return 0, "", ""

    def fail_next(self, path: str, **how: object) -> None:
        """What becomes of the next REST request to this path."""
        tell(f"{self.simulator}/simulator/faults", "POST", path=path, **how)

    def asked(self, path: str, number: str) -> list[dict[str, Any]]:
        """The REST requests at this path that were about a number."""
        requests = tell(f"{self.simulator}/simulator/requests", "GET")["requests"]
        return [one for one in requests if one["path"].endswith(path) and one["parameters"].get("To") == number]

    @contextmanager
    def callbacks_lost(self) -> Iterator[None]:
        """No status callback arrives."""
        tell(f"{self.simulator}/simulator/callbacks", "PUT", lose=["*"])
        yield
        tell(f"{self.simulator}/simulator/faults", "DELETE")

    def sound(self) -> bool:
        """Whether SQLite finds nothing wrong with the file."""
        conn = sqlite3.connect(self.database)
        try:
            return str(conn.execute("PRAGMA integrity_check").fetchone()[0]) == "ok"
        finally:
            conn.close()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Another program writes, and does not come to an end."""
        conn = sqlite3.connect(self.database, isolation_level=None)
        try:
            conn.execute("BEGIN IMMEDIATE")
            yield
            conn.execute("ROLLBACK")
        finally:
            conn.close()


@contextmanager
def site(folder: Path, **settings: str) -> Iterator[Site]:
    """A service and its simulator, both running."""
    account = {"TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16), "TWILIO_AUTH_TOKEN": secrets.token_hex(16)}
    here, there = free_port(), free_port()
    simulator = f"http://127.0.0.1:{there}"
    environ = account | {
        "TWILIO_FROM_NUMBER": SENDER,
        "TWILIO_API_BASE_URL": simulator,
        "SAYCODE_PUBLIC_URL": f"http://127.0.0.1:{here}",
        "SAYCODE_SECRET_KEY": secrets.token_hex(32),
        "SAYCODE_LIMITS": "watch",
        **settings,
    }
    simulate = ["simulate", "--told", "--calls-per-second", "0", "--port", str(there)]
    with running(simulate, account, folder, name="simulator", address=f"{simulator}/simulator/clock"):
        tell(f"{simulator}/simulator/numbers/{quote(SENDER)}", "PUT")
        built = Site(folder, simulator, environ, here)
        built.start()
        try:
            yield built
        finally:
            built.kill()


def tell(address: str, method: str, **body: object) -> dict[str, Any]:
    """One request to the simulator's test face."""
    data = None if method == "GET" else json.dumps(body).encode()
    request = Request(address, data=data, method=method, headers={"Content-Type": "application/json"})
    with urlopen(request, timeout=PATIENCE) as answer:
        found: dict[str, Any] = json.loads(answer.read() or b"{}")
        return found


def room_for(pid: int, size: int) -> None:
    """Let no file of this process grow beyond so many bytes: to it, the disk is full."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


def room_again(pid: int) -> None:
    """The disk has room again."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def size_of_log(database: Path) -> int:
    """Bytes of the write-ahead log."""
    return os.stat(f"{database}-wal").st_size
