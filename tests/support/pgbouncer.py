"""PgBouncer in front of a PostgreSQL server of the tests, in transaction mode.

A connection of the service gets another one of the server's with every transaction: what belongs to a connection, such
as SET, LISTEN and prepared statements, is not there any more.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

from tests.support.missing import missing
from tests.support.postgresql import PATIENCE, ROLE, Server, open_folder, unprivileged_process
from tests.support.processes import free_port
from tools import programs

#: Connections to the server, far fewer than the service has.
POOL = 4
#: No longer list of start-up parameters is passed over than by default: what a driver sends has to be plain.
_SETTINGS = """
[databases]
* = host=127.0.0.1 port={server} user={role}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool}
max_client_conn = 500
logfile = {folder}/pgbouncer.log
"""


@contextmanager
def running_pooler(server: Server, *, pool: int = POOL) -> Iterator[int]:
    """Yields its port on the loopback address; every database of the server is behind it."""
    program = programs.pgbouncer()
    if program is None:
        missing("PgBouncer", "apt-get install pgbouncer")
    port = free_port()
    with open_folder() as folder:
        settings = folder / "pgbouncer.ini"
        settings.write_text(_SETTINGS.format(server=server.port, role=ROLE, port=port, pool=pool, folder=folder))
        with (folder / "output").open("wb") as output:
            process = unprivileged_process([program, str(settings)], folder, output)
        try:
            until = time.monotonic() + PATIENCE
            while True:
                with suppress(psycopg.OperationalError):
                    psycopg.connect(server.url("postgres", port=port)).close()
                    break
                said = (folder / "output").read_text()
                waiting = process.poll() is None and time.monotonic() < until
                assert waiting, f"PgBouncer does not start:\n{said}"
                time.sleep(0.02)
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE)
