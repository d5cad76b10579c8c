"""A PostgreSQL server of this machine, in a folder of its own and under a user without rights, as the tests need one.

    with running_server() as server, server.database() as url:
        store = open_store(url)

Text is ordered as people order it (ICU, en-US), as on most managed servers, and not by bytes as in SQLite: a query that
relies on the order of bytes has to say so. The service's role is no superuser and owns its databases.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import IO

import psycopg

from tests.support.missing import missing
from tests.support.ports import free_port
from tools import programs

ADMIN, ROLE = "postgres", "saycode"
PATIENCE = 30.0
#: A server that forgets everything when its machine stops; tests of the store do not stop it.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
#: A server as it should be deployed.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "200"}


@dataclass(slots=True)
class Server:
    """One server. `port` is on the loopback address; every role but `keyed` (password `right`) comes in without one."""

    folder: Path
    port: int
    options: Mapping[str, str]
    log: Path
    _process: "subprocess.Popen[bytes] | None" = None
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str, *, role: str = ROLE, password: str = "", port: int = 0) -> str:
        """The address of a database. `port`: of a pooler in front of the server."""
        secret = f":{password}" if password else ""
        return f"postgresql://{role}{secret}@127.0.0.1:{port or self.port}/{database}"

    @contextmanager
    def database(self, *, template: str = "template1", owner: str = ROLE) -> Iterator[str]:
        """A new database, as its address; it is dropped at the end, whatever is connected to it."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} OWNER {owner} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            if self.running:
                self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """One statement as the superuser, in a connection of its own. Its rows."""
        with psycopg.connect(self.url(database, role=ADMIN), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def end_connections(self) -> int:
        """Terminate every connection of the service's role. How many there were."""
        query = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '{ROLE}'"
        ((ended,),) = self.execute(query)
        return int(str(ended))

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The postmaster's."""
        assert self._process
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it answers. After a kill its old processes may take a moment to leave."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if not self.running:
                self._process = self._launched()
            with suppress(psycopg.OperationalError):
                self.execute("SELECT 1")
                return
            time.sleep(0.02)
        raise AssertionError(f"PostgreSQL does not start:\n{self.log.read_text()}")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it: SIGINT cuts every connection, SIGKILL is a crash of the postmaster. Waits until it is gone."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(how)
            self._process.wait(PATIENCE)

    def _launched(self) -> "subprocess.Popen[bytes]":
        chosen = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder)} | dict(self.options)
        arguments = [argument for name, value in chosen.items() for argument in ("-c", f"{name}={value}")]
        command = [str(binary("postgres")), "-D", str(self.folder / "data"), "-p", str(self.port), *arguments]
        with self.log.open("ab") as output:
            return unprivileged_process(command, self.folder, output)


_ENVIRON = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def binary(name: str) -> Path:
    """A program of the newest server that is installed. Without one the test is left out, or fails on CI."""
    folder = programs.postgresql()
    if folder is None:
        missing("PostgreSQL", f"apt-get install {programs.POSTGRESQL}")
    return folder / name


def unprivileged() -> pwd.struct_passwd | None:
    """The user to run the server as: PostgreSQL refuses root. None: the present one will do."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


def unprivileged_process(command: Sequence[str], folder: Path, output: IO[bytes] | int) -> "subprocess.Popen[bytes]":
    """Start a program that refuses to run as root. `folder` belongs to the user that it gets."""
    user = unprivileged()
    return subprocess.Popen(
        command,
        cwd=folder,
        env=_ENVIRON,
        stdout=output,
        stderr=subprocess.STDOUT,
        user=user and user.pw_uid,
        group=user and user.pw_gid,
        extra_groups=() if user else None,
    )


@contextmanager
def running_server(options: Mapping[str, str] = FAST, *, log: Path | None = None) -> Iterator[Server]:
    """A server with an empty cluster. `log`: where its messages go; beside its data unless said, and gone with it."""
    binary("postgres")
    with open_folder() as folder:
        _make_cluster(folder)
        server = Server(folder, free_port(), options, log or folder / "server.log")
        try:
            server.start()
            server.execute(f"CREATE ROLE {ROLE} LOGIN")
            server.execute("CREATE ROLE keyed LOGIN PASSWORD 'right'")
            yield server
        finally:
            server.stop()


@contextmanager
def open_folder() -> Iterator[Path]:
    """A temporary folder of the unprivileged user: those of pytest are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="saycode-postgresql-"))
    try:
        if user := unprivileged():
            os.chown(folder, user.pw_uid, user.pw_gid)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_cluster(folder: Path) -> None:
    data = folder / "data"
    how = ["--auth=trust", f"--username={ADMIN}", "--encoding=UTF8", "--locale=C.UTF-8"]
    how += ["--locale-provider=icu", "--icu-locale=en-US", "--no-sync", "--no-instructions"]
    made = unprivileged_process([str(binary("initdb")), "-D", str(data), *how], folder, subprocess.PIPE)
    said, _ = made.communicate(timeout=PATIENCE)
    assert made.returncode == 0, said.decode()
    rules = data / "pg_hba.conf"
    rules.write_text(f"host all keyed all scram-sha-256\n{rules.read_text()}")
