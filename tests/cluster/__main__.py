"""A cluster that is broken all the time, and the ledgers compared in the end.

    python -m tests.cluster --seconds 120 --seed 7
    python -m tests.cluster --database sqlite     # three processes on one file

Three nodes on one PostgreSQL server and a proxy in front. While people verify their phones, a node is killed every few
seconds and started again, and in the middle the server's postmaster is. Then everything is settled, and what Twilio's
simulator was asked for is compared with what people saw and with what is stored. Exit 1 when they differ.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import aiohttp

from tests.cluster.ledger import Ledger
from tests.cluster.nodes import Cluster, running_cluster
from tests.cluster.people import Api, Key, People
from tests.support.pgbouncer import running_pooler
from tests.support.postgresql import DURABLE, Server, running_server

HOT = tuple(f"+14155551{number:03}" for number in range(3))
#: However slow the machine is.
LEAST_KILLS = 4
#: Seconds between two kills of nodes.
KILL_EVERY = (1.5, 4.0)


@dataclass(frozen=True, slots=True)
class Storage:
    """The database of a run. `server`: what may be killed; None for a file. `direct`: past a pooler."""

    url: str
    server: Server | None = None
    direct: str = ""

    @property
    def address(self) -> str:
        """Where the tests ask."""
        return self.direct or self.url


@dataclass(slots=True)
class Result:
    """What a run was, and every difference that it found."""

    people: People
    ledger: Ledger
    seconds: float
    kills: int
    crashes: int
    served: dict[str, int]

    def __str__(self) -> str:
        users, ledger = self.people.users, self.ledger
        assert self.people.api
        refused = sorted({status: 1 for user in users for status in user.refused})
        return "\n".join(
            (
                f"{self.seconds:.0f} s of load: {len(users)} flows, {self.kills} kills of nodes, "
                f"{self.crashes} of the postmaster; {sum(user.started for user in users)} starts accepted, "
                f"{len(ledger.comparison.accepted)} calls and texts, {sum(user.approved for user in users)} approvals, "
                f"{ledger.lines} lines of the audit log",
                f"flows: {dict(sorted(self.people.kinds.items()))}",
                f"answers of the API: {dict(sorted(self.people.api.answers.items()))}; refused with {refused}",
                f"requests that each node answered: {sorted(self.served.values())}",
                f"{len(ledger.differences)} differences",
                *ledger.differences,
            )
        )


async def run(storage: Storage, folder: Path, *, seconds: float, seed: int, people: int = 24, flows: int = 0) -> Result:
    """Load by so many people at once and kills, for so long and until there were so many flows; then the comparison."""
    random = Random(seed)
    async with running_cluster(folder, storage.url) as cluster, aiohttp.ClientSession() as session:
        key = await asyncio.to_thread(new_key, cluster)
        users = People(cluster.address, cluster.simulator, random, hot=HOT, api=Api(cluster.address, key, session))
        load = asyncio.create_task(users.run(people))
        began = time.monotonic()
        try:
            crashes = await _break(cluster, storage.server, random, seconds, lambda: len(users.users) < flows)
        finally:
            users.ending = True
            await load
        ledger = Ledger(cluster, users, storage.address)
        took = time.monotonic() - began
        await asyncio.gather(*(node.end() for node in cluster.nodes))
        await ledger.compare(storage.server)
        return Result(users, ledger, took, sum(node.kills for node in cluster.nodes), crashes, cluster.proxy.served)


def new_key(cluster: Cluster, name: str = "Acme Shop") -> Key:
    """A service of the API with its key."""
    words = cluster.command("services", "create", name).split()
    service, key, secret = (words[words.index(label) + 1] for label in ("Service", "Key", "Secret"))
    return Key(service, key, secret)


async def _break(
    cluster: Cluster, server: Server | None, random: Random, seconds: float, goes_on: Callable[[], bool]
) -> int:
    """Kill and restart nodes, one after the other, and once the server. Returns how often the server was killed."""
    until, crashes = time.monotonic() + seconds, 0
    crash_at = time.monotonic() + seconds / 2
    while time.monotonic() < until or goes_on() or sum(node.kills for node in cluster.nodes) < LEAST_KILLS:
        await asyncio.sleep(random.uniform(*KILL_EVERY))
        node = random.choice(cluster.nodes)
        await node.kill()
        node.launch()
        if server is not None and not crashes and time.monotonic() > crash_at:
            crashes += 1
            await asyncio.to_thread(server.stop, signal.SIGKILL)
            await asyncio.sleep(random.uniform(0.5, 1.5))
            await asyncio.to_thread(server.start)
        await node.ready(supervised=True)
    return crashes


@contextmanager
def storage_of(kind: str, folder: Path) -> Iterator[Storage]:
    """A new database: `sqlite`, `postgresql` with every commit on the disk, or that through `pgbouncer`."""
    if kind == "sqlite":
        yield Storage(f"sqlite:///{folder / 'saycode.db'}")
        return
    with (
        running_server(DURABLE, log=folder / "postgresql.log") as server,
        server.database() as url,
        ExitStack() as stack,
    ):
        if kind == "postgresql":
            yield Storage(url, server)
        else:
            port = stack.enter_context(running_pooler(server))
            yield Storage(server.url(url.rpartition("/")[2], port=port), server, direct=url)


def main() -> None:
    parser = argparse.ArgumentParser(description="a cluster whose nodes and database are killed")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--people", type=int, default=96, help="at once")
    parser.add_argument("--flows", type=int, default=1000, help="at least so many; it may take longer than --seconds")
    parser.add_argument("--database", choices=("postgresql", "pgbouncer", "sqlite"), default="postgresql")
    parser.add_argument("--folder", type=Path, help="keep the logs here")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = arguments.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        with storage_of(arguments.database, folder) as storage:
            options = {name: getattr(arguments, name) for name in ("seconds", "seed", "people", "flows")}
            result = asyncio.run(run(storage, folder, **options))
    print(result)
    sys.exit(bool(result.ledger.differences))


if __name__ == "__main__":
    main()
