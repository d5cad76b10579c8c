"""This machine and the operator's choices: language, countries, limits, and the database file.

The file is opened as it is. Nothing is made, migrated or changed: a lock for writing is taken and given back.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from sqlite_utils import Database

from twiml.words import LANGUAGES, match_language, words
from verification.counters.rules import Limit
from verification.models import BUILT_IN_SERVICE

from ..config.parsers import LimitMode, PhoneSource
from ..config.settings import Settings
from ..server.app import key_ring
from ..storage import migrations
from ..storage.database import primary_code
from ..storage.encryption import DecryptionError, UnknownKey, WrappedKey, unwrap
from .findings import Check, Finding, note, ok, problem

LOCK_TIMEOUT = 3.0
MANY_COUNTRIES = 30
UNITS = ((86400, "a day", "days"), (3600, "an hour", "hours"), (60, "a minute", "minutes"), (1, "a second", "seconds"))
_ANYBODY = "SELECT 1 FROM accounts WHERE service = ? LIMIT 1"
OTHER_FILE_OR_RESTORE = "Let SAYCODE_DATABASE_URL name a file of its own, or restore a backup."


def check_language(settings: Settings) -> Iterator[Finding]:
    """Whether we speak it."""
    tag = match_language(settings.language)
    if tag is None:
        yield problem(
            Check.LANGUAGE,
            f"Saycode does not speak {settings.language}, and would speak English.",
            f"Let SAYCODE_LANGUAGE be one of {', '.join(LANGUAGES)}.",
        )
    else:
        yield ok(Check.LANGUAGE, f"{tag}, {words(tag).native_name}, where nothing else says.")


def check_countries(settings: Settings) -> Iterator[Finding]:
    """Whom we may call."""
    listed, own = sorted(settings.countries), settings.from_number.region
    shown = ", ".join(listed) if len(listed) <= MANY_COUNTRIES else f"{len(listed)} countries"
    if own in settings.countries or own == "001":
        yield ok(Check.COUNTRIES, f"Numbers of {shown} are called and texted.")
    else:
        yield note(
            Check.COUNTRIES,
            f"Numbers of {shown} are called and texted; those of {own}, the from-number's own country, are not.",
            f"If that is not meant, add {own} to SAYCODE_COUNTRIES.",
        )
    if len(listed) > MANY_COUNTRIES:
        yield note(
            Check.COUNTRIES,
            "The more countries, the more toll fraud can cost.",
            "Let SAYCODE_COUNTRIES name only those where your customers are.",
        )


def check_limits(settings: Settings) -> Iterator[Finding]:
    """How much may be sent."""
    numbers, total = _describe_limits(settings.limit_number), _describe_limits(settings.limit_total)
    allowed = f"At most {numbers} for one number, {total} altogether."
    if settings.limits is LimitMode.WATCH:
        mend = "Set SAYCODE_LIMITS=enforce before you open the page to strangers."
        yield note(Check.LIMITS, f"{allowed} They are only watched.", mend)
    else:
        yield ok(Check.LIMITS, allowed)


def _describe_limits(limits: tuple[Limit, ...]) -> str:
    parts = []
    for limit in limits:
        size, one, many = next(unit for unit in UNITS if limit.seconds % unit[0] == 0)
        count = limit.seconds // size
        parts.append(f"{limit.count} in {one if count == 1 else f'{count} {many}'}")
    return " and ".join(parts)


def check_database(
    settings: Settings, *, patience: float = LOCK_TIMEOUT, may: Callable[[Path, int], bool] = os.access
) -> Iterator[Finding]:
    """Whether the service could open its file and write to it.

    `patience`: seconds to wait for a lock; `may` says whether this user may do something to a file.
    """
    path = settings.database
    try:
        found = _check_path(path, create=settings.database_create, may=may) or _check_file(settings, path, patience)
    except (OSError, sqlite3.Error) as trouble:
        found = _open_failure(path, trouble)
    yield found


def _check_path(path: Path, *, create: bool, may: Callable[[Path, int], bool]) -> Finding | None:
    """What there is to say without opening the file; None when there is a file to open."""
    if not path.parent.is_dir():
        return problem(Check.DATABASE, f"The folder of {path} does not exist.", "Make it, or fix SAYCODE_DATABASE_URL.")
    if not may(path.parent, os.W_OK | os.X_OK):
        return problem(
            Check.DATABASE,
            f"The folder of {path} may not be written to, and SQLite keeps a log beside the file.",
            "Change the folder's owner or mode.",
        )
    if not path.exists():
        if create:
            return note(Check.DATABASE, f"{path} does not exist yet; saycode serve makes it.")
        return problem(
            Check.DATABASE,
            f"{path} does not exist, and SAYCODE_DATABASE_CREATE is no.",
            "Put the file back; or set SAYCODE_DATABASE_CREATE=yes to begin without any limits and suppressions.",
        )
    if not path.is_file():
        return problem(Check.DATABASE, f"{path} is not a file.", OTHER_FILE_OR_RESTORE)
    if not may(path, os.R_OK | os.W_OK):
        return problem(Check.DATABASE, f"{path} may not be read and written by this user.", "Change its owner or mode.")
    return None


def _check_file(settings: Settings, path: Path, patience: float) -> Finding:
    address = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None)) as conn:
        conn.execute("BEGIN IMMEDIATE")
        try:
            return _check_contents(settings, path, conn)
        finally:
            conn.execute("ROLLBACK")


def _check_contents(settings: Settings, path: Path, conn: sqlite3.Connection) -> Finding:
    db = Database(conn, execute_plugins=False)
    try:
        migrations.check_schema(db)
        if not db.table_names():
            if settings.database_create:
                return note(Check.DATABASE, f"{path} is empty; saycode serve makes the tables.")
            return problem(
                Check.DATABASE,
                f"{path} is empty, and SAYCODE_DATABASE_CREATE is no.",
                "Put the real file back; or set it to yes to begin without any limits and suppressions.",
            )
        rows = conn.execute("SELECT key_id, wrapped FROM data_key").fetchall()
        if not rows:
            raise DecryptionError("the data key is missing")
        unwrap(WrappedKey(*rows[0]), key_ring(settings).secrets)
    except migrations.NewerSchema:
        return problem(
            Check.DATABASE, f"{path} was made by a newer Saycode.", "Install that version again, or restore a backup."
        )
    except migrations.UnknownSchema:
        return problem(Check.DATABASE, f"{path} is the database of another program.", OTHER_FILE_OR_RESTORE)
    except UnknownKey as missing:
        return problem(
            Check.DATABASE,
            f"SAYCODE_SECRET_KEY does not open {path}.",
            f"Add the former key to SAYCODE_SECRET_KEY after a comma (its id is {missing}).",
        )
    except DecryptionError:
        return problem(Check.DATABASE, f"The data key in {path} is damaged.", "Restore a backup.")
    if not migrations.is_current(db):
        return note(Check.DATABASE, f"{path} is of an earlier version; saycode serve brings it up to date.")
    if settings.phones is PhoneSource.ACCOUNTS and not conn.execute(_ANYBODY, (BUILT_IN_SERVICE,)).fetchone():
        return note(
            Check.DATABASE,
            f"{path} opens, but no account is enrolled: with SAYCODE_PHONES=accounts the page calls no one.",
            "Enrol your customers: saycode accounts import customers.csv",
        )
    return ok(Check.DATABASE, f"{path} opens with this secret key and can be written.")


def _open_failure(path: Path, trouble: Exception) -> Finding:
    code = primary_code(trouble) if isinstance(trouble, sqlite3.Error) else 0
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return problem(Check.DATABASE, f"{path} is damaged, or no SQLite database.", OTHER_FILE_OR_RESTORE)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return problem(Check.DATABASE, f"{path} is locked by another program.", "End that program.")
    return problem(
        Check.DATABASE, f"{path} cannot be opened ({trouble}).", "Look at its disk, and at who may read and write it."
    )
