"""Where the database is: the file of SQLite, or the address of PostgreSQL."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .parsers import InvalidValue, Secret

_SCHEMES = ("postgresql://", "postgres://")


class PostgresqlUrl(Secret):
    """The address of a PostgreSQL database, as libpq reads it. `str` shows neither user nor password nor options."""

    __slots__ = ()

    def __str__(self) -> str:
        parts = urlsplit(self.reveal())
        return f"postgresql://{unquote(parts.netloc.rpartition('@')[2])}{parts.path}"


def parse_database(text: str) -> Path | PostgresqlUrl:
    """The database of the settings."""
    if text.startswith(_SCHEMES):
        return _parse_postgresql(text)
    path = text.removeprefix("sqlite:///")
    if path == text or not path or path.endswith("/") or re.search(r"[\x00-\x1f?]|^:memory:$", path):
        raise InvalidValue(
            "must be sqlite:/// and a file, relative to the working directory (a fourth slash: absolute), or "
            "postgresql://user:password@host/database"
        )
    return Path(path)


def _parse_postgresql(text: str) -> PostgresqlUrl:
    # Only who names PostgreSQL needs its driver.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        values = conninfo_to_dict(text)
    except ProgrammingError:  # its message may quote the password
        values = {"port": "unknown"}
    ports = str(values.get("port") or "").replace(",", "")
    if "@" in str(values.get("dbname")) or (ports and not (ports.isascii() and ports.isdigit())):
        raise InvalidValue(
            "must be postgresql://user:password@host/database; write @, :, / and % of a password as %40, %3A, %2F "
            "and %25"
        )
    if not values.get("dbname"):
        raise InvalidValue("must name a database at its end: postgresql://user:password@host/database")
    return PostgresqlUrl(text)
