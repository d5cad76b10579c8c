"""Starts and checks a second over HTTP, side by side: SQLite with one node, PostgreSQL with one, with two, with three.

    python -m benchmarks.cluster [--seconds 3] [--rounds 5] [--connections 32] [--nodes 1,2] [--share 0.25]

PostgreSQL is a server of its own with fsync and synchronous_commit on, or the empty database of `--url`. Limits are on,
wide. Twilio is a stand-in in the process of the load, which accepts every text at once; codes are taken from the texts.
Every kind gets a turn in every round, on data that has grown alike, and the medians of the rates and of the ratios to
SQLite are printed: absolute figures of a shared machine mean little. Processor time says more there: of the nodes and
of the database's server, for one start and for one check.

With `--share` each node gets this part of a processor at most (control groups, as root), so that a machine with two
stands for several: what a second node brings is seen while the database and the load still have theirs.
"""

import argparse
import asyncio
import json
import os
import re
import secrets
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlencode

from tests.cluster.nodes import WIDE, Node
from tests.support.api_client import basic
from tests.support.postgresql import DURABLE, running_server
from tests.support.processes import SENDER, free_port

_CREATED = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)
_CODE = re.compile(r"#(\d{6})$")


def message(buffer: bytes) -> tuple[bytes, bytes, bytes] | None:
    """The first whole HTTP message: its head, its body and what follows."""
    head, separator, rest = buffer.partition(b"\r\n\r\n")
    if not separator:
        return None
    found = _LENGTH.search(head)
    length = int(found[1]) if found else 0
    return (head, rest[:length], rest[length:]) if len(rest) >= length else None


class Texts(asyncio.Protocol):
    """Twilio's Messages resource: accepts everything. `codes` has the code of each number's last text."""

    codes: ClassVar[dict[str, str]] = {}
    _sids = count()

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while found := message(self._buffer):
            _, body, self._buffer = found
            fields = parse_qs(body.decode())
            if fields and (hit := _CODE.search(fields["Body"][0])):
                self.codes[fields["To"][0]] = hit[1]
            answer = b'{"sid": "SM%032x", "status": "queued"}' % next(self._sids)
            self._transport.write(_CREATED % (len(answer), answer))


@dataclass(slots=True)
class Line:
    """A kept connection to a node, for one request after the other."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def post(self, path: str, authorization: str, fields: dict[str, str]) -> dict[str, str]:
        """The JSON of the answer. Raises RuntimeError for any but 2xx."""
        body = urlencode(fields)
        self.writer.write(
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        buffer = b""
        while not (found := message(buffer)):
            buffer += await self.reader.read(65536)
        if not found[0].startswith(b"HTTP/1.1 2"):
            raise RuntimeError(f"{found[0].splitlines()[0]!r} {found[1]!r}")
        answer: dict[str, str] = json.loads(found[1])
        return answer


@dataclass(slots=True)
class Kind:
    """Nodes on one database, and what was measured."""

    name: str
    nodes: Sequence[Node]
    service: str
    authorization: str
    server: int
    starts: list[float] = field(default_factory=list)
    checks: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    processors: dict[str, list[float]] = field(default_factory=lambda: {"start": [], "check": []})
    started: list[tuple[str, str]] = field(default_factory=list)

    async def measure(self, seconds: float, connections: int) -> None:
        """One round: so many seconds of starts, then a check of each with its right code."""
        async with self._lines(connections) as lines:
            self.started.clear()
            with self._processors("start"):
                began = time.perf_counter()
                await asyncio.gather(*(self._start(line, began + seconds) for line in lines))
                self.starts.append(len(self.started) / (time.perf_counter() - began))
            waiting = list(self.started)
            with self._processors("check"):
                began = time.perf_counter()
                await asyncio.gather(*(self._check(line, waiting) for line in lines))
                self.checks.append(len(self.started) / (time.perf_counter() - began))

    @contextmanager
    def _processors(self, what: str) -> Iterator[None]:
        """Note the microseconds of processor time of nodes and server for one start or check."""
        pids = [node.process.pid for node in self.nodes if node.process]
        before = [processor_seconds(pid) for pid in pids], processor_seconds(self.server)
        yield
        nodes = sum(processor_seconds(pid) - first for pid, first in zip(pids, before[0], strict=True))
        of_one = 1e6 / max(1, len(self.started))
        self.processors[what] += [nodes * of_one, (processor_seconds(self.server) - before[1]) * of_one]

    @asynccontextmanager
    async def _lines(self, connections: int) -> AsyncIterator[list[Line]]:
        ports = [self.nodes[number % len(self.nodes)].port for number in range(connections)]
        lines = [Line(*await asyncio.open_connection("127.0.0.1", port)) for port in ports]
        try:
            yield lines
        finally:
            for line in lines:
                line.writer.close()

    async def _start(self, line: Line, until: float) -> None:
        while (before := time.perf_counter()) < until:
            to = f"+1{next(_NUMBERS)}"
            path = f"/v2/Services/{self.service}/Verifications"
            answer = await line.post(path, self.authorization, {"To": to, "Channel": "sms"})
            self.waits.append(time.perf_counter() - before)
            self.started.append((answer["sid"], to))

    async def _check(self, line: Line, waiting: list[tuple[str, str]]) -> None:
        while waiting:
            sid, to = waiting.pop()
            path = f"/v2/Services/{self.service}/VerificationCheck"
            fields = {"VerificationSid": sid, "Code": Texts.codes.pop(to)}
            answer = await line.post(path, self.authorization, fields)
            assert answer["valid"], answer


#: Never one twice, in many blocks of neighbors; the areas are those of real places.
_NUMBERS = (f"{area}{line:07}" for line in count(2_000_000) for area in (415, 212, 312, 617, 213))


def processor_seconds(pid: int) -> float:
    """What a process and those that it started have used; 0 for none."""
    total, ticks = 0.0, os.sysconf("SC_CLK_TCK")
    for stat in Path("/proc").glob("[0-9]*/stat") if pid else ():
        try:
            fields = stat.read_text().rpartition(") ")[2].split()
        except OSError:
            continue  # it has just ended
        own = stat.parent.name == str(pid)
        if own or fields[1] == str(pid):
            total += sum(map(int, fields[11 : 15 if own else 13])) / ticks
    return total


_PERIOD = 10_000
_GROUPS = Path("/sys/fs/cgroup")


@contextmanager
def limited(nodes: Sequence[Node], share: float) -> Iterator[None]:
    """Let each node have this share of a processor; 0 for as much as it gets."""
    unified = (_GROUPS / "cgroup.controllers").exists()
    folders = [(_GROUPS if unified else _GROUPS / "cpu") / f"saycode-{node.port}" for node in nodes if share]
    quota = round(share * _PERIOD)
    limits = {"cpu.max": f"{quota} {_PERIOD}"} if unified else {"cpu.cfs_period_us": _PERIOD, "cpu.cfs_quota_us": quota}
    try:
        for node, folder in zip(nodes, folders, strict=bool(folders)):
            folder.mkdir()
            for name, value in limits.items():
                (folder / name).write_text(str(value))
            assert node.process
            (folder / "cgroup.procs").write_text(str(node.process.pid))
        yield
    finally:
        for folder in folders:
            folder.rmdir()


def settings(database: str, twilio: int) -> dict[str, str]:
    return WIDE | {
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_FROM_NUMBER": SENDER,
        "TWILIO_API_BASE_URL": f"http://127.0.0.1:{twilio}",
        "SAYCODE_PUBLIC_URL": "http://127.0.0.1:9",
        "SAYCODE_SECRET_KEY": secrets.token_hex(32),
        "SAYCODE_DATABASE_URL": database,
        "SAYCODE_CODE_LIFETIME": "600",
    }


@asynccontextmanager
async def running(
    name: str, database: str, nodes: int, folder: Path, twilio: int, server: int = 0, share: float = 0
) -> AsyncIterator[Kind]:
    """Nodes on a new database, with a service of the API. `server`: the process of its server, if that is ours;
    `share`: of a processor, for each node.
    """
    folder.mkdir()
    environ = settings(database, twilio)
    made = [Node(f"node-{number}", free_port(), folder, environ) for number in range(nodes)]
    with ExitStack() as limits:
        try:
            for node in made:
                node.launch()
            await asyncio.gather(*(node.ready() for node in made))
            words = (await asyncio.to_thread(made[0].command, "services", "create", "Acme Shop")).split()
            service, key, secret = (words[words.index(label) + 1] for label in ("Service", "Key", "Secret"))
            limits.enter_context(limited(made, share))
            yield Kind(name, made, service, basic(key, secret), server)
        finally:
            await asyncio.gather(*(node.end() for node in made))


async def main(seconds: float, rounds: int, connections: int, nodes: Sequence[int], url: str, share: float) -> None:
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        twilio = await asyncio.get_running_loop().create_server(Texts, "127.0.0.1", 0)
        port = twilio.sockets[0].getsockname()[1]
        server = None if url else servers.enter_context(running_server(DURABLE))
        async with AsyncExitStack() as stack:
            kinds = [
                await stack.enter_async_context(
                    running(
                        "SQLite, 1 node", f"sqlite:///{folder / 'codes.db'}", 1, folder / "sqlite", port, share=share
                    )
                )
            ]
            for number in nodes:
                database = server and servers.enter_context(server.database())
                title = f"PostgreSQL, {number} node{'s' if number > 1 else ''}"
                kinds.append(
                    await stack.enter_async_context(
                        running(
                            title,
                            database or url,
                            number,
                            folder / f"postgresql-{number}",
                            port,
                            server.pid if server else 0,
                            share,
                        )
                    )
                )
            for kind in kinds:
                await kind.measure(1, connections)  # imports Twilio's client, and lets the server learn its tables
                for measured in (kind.starts, kind.checks, kind.waits, *kind.processors.values()):
                    measured.clear()
            for _ in range(rounds):
                for kind in kinds:
                    await kind.measure(seconds, connections)
        report(kinds)


def report(kinds: Sequence[Kind]) -> None:
    base = kinds[0]
    for kind in kinds:
        cells = []
        for rates, others in ((kind.starts, base.starts), (kind.checks, base.checks)):
            ratios = [rate / other for rate, other in zip(rates, others, strict=True)]
            cells.append(f"{statistics.median(rates):7.0f}/s {statistics.median(ratios):5.2f} of SQLite")
        waits = sorted(kind.waits)
        half, most = waits[len(waits) // 2] * 1000, waits[len(waits) * 99 // 100] * 1000
        print(
            f"{kind.name:<20} starts {cells[0]}   checks {cells[1]}   a start takes {half:.0f} ms, 99 % {most:.0f} ms"
        )
        for what, used in kind.processors.items():
            nodes, server = statistics.median(used[::2]), statistics.median(used[1::2])
            print(f"{'':<20} processor time of a {what}: nodes {nodes:5.0f} µs, database {server:4.0f} µs")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--nodes", default="1,2", help="numbers of nodes on PostgreSQL; empty for SQLite alone")
    parser.add_argument("--url", default="", help="an empty PostgreSQL database, for one number of nodes")
    parser.add_argument("--share", type=float, default=0, help="of a processor, for each node")
    arguments = parser.parse_args()
    chosen = [int(number) for number in arguments.nodes.split(",") if number]
    asyncio.run(
        main(arguments.seconds, arguments.rounds, arguments.connections, chosen, arguments.url, arguments.share)
    )
