"""Questions to the database of a service, whichever it is."""

import sqlite3
from contextlib import closing
from typing import Any

import psycopg

SQLITE = "sqlite:///"


def rows(address: str, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query that both engines understand. `address`: the service's `SAYCODE_DATABASE_URL`."""
    if address.startswith(SQLITE):
        with closing(sqlite3.connect(address.removeprefix(SQLITE))) as conn:
            return conn.execute(query).fetchall()
    with psycopg.connect(address, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def number(address: str, query: str) -> int:
    """The one number that a query counts."""
    ((count,),) = rows(address, query)
    return int(count)


def damage(address: str) -> str:
    """What SQLite says of its file; of a server's database nothing can be said from outside."""
    return str(rows(address, "PRAGMA quick_check")[0][0]) if address.startswith(SQLITE) else "ok"
