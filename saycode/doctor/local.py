"""Checks on this machine: language, countries, limits, and the database file.

The file is neither created, migrated nor changed: a write lock is taken and released.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

from sqlite_utils import Database

from twiml.words import words
from verification.counters.rules import Limit
from verification.models import BUILT_IN_SERVICE

from ..config.databases import PostgresqlUrl
from ..config.key_parsers import HOW_TO_MAKE, can_be_guessed
from ..config.parsers import LimitMode, PhoneSource
from ..config.policy import key_ring
from ..config.settings import Settings
from ..storage.connection import DatabaseUnusable
from ..storage.encryption import DecryptionError, FieldCipher, UnknownKey, WrappedKey, unwrap
from ..storage.sqlite import migrations
from ..storage.sqlite.database import primary_code
from .findings import Check, Finding, note, ok, problem

LOCK_TIMEOUT = 3.0
MANY_COUNTRIES = 30
#: Seconds that a test number should last at most.
LONGEST_TEST = 366 * 86400
UNITS = ((86400, "a day", "days"), (3600, "an hour", "hours"), (60, "a minute", "minutes"), (1, "a second", "seconds"))
_ANY_ACCOUNT = "SELECT 1 FROM accounts WHERE service = ? LIMIT 1"
_OWN_CODES = "SELECT 1 FROM services WHERE sid = ? AND custom_codes = 1 AND deleted_at IS NULL"
OTHER_FILE_OR_RESTORE = "Set SAYCODE_DATABASE_URL to a file of its own, or restore a backup."


def check_keys(settings: Settings) -> Iterator[Finding]:
    """Keys that can be guessed. Of the secret keys the newest one makes what is new; the others only read."""
    metrics = settings.metrics_access.keys if settings.metrics_access else ()
    for name, keys in (("SAYCODE_SECRET_KEY", settings.secret_keys[:1]), ("SAYCODE_METRICS_ACCESS", metrics)):
        if any(map(can_be_guessed, keys)):
            fix = f"{HOW_TO_MAKE[0].upper()}{HOW_TO_MAKE[1:]}"
            if name == "SAYCODE_SECRET_KEY":
                fix += " and put it in front of this one, with a comma between them"
            yield note(
                Check.SETTINGS, f"The key of {name} can be guessed: it is a placeholder or a pattern.", f"{fix}."
            )


def check_language(settings: Settings) -> Iterator[Finding]:
    tag = settings.language
    yield ok(Check.LANGUAGE, f"{tag}, {words(tag).native_name}, unless request, account or country decide.")


def check_countries(settings: Settings) -> Iterator[Finding]:
    listed, own = sorted(settings.countries), settings.from_number.region
    shown = ", ".join(listed) if len(listed) <= MANY_COUNTRIES else f"{len(listed)} countries"
    if own in settings.countries or own == "001":
        yield ok(Check.COUNTRIES, f"Numbers of {shown} are called and texted.")
    else:
        yield note(
            Check.COUNTRIES,
            f"Numbers of {shown} are called and texted; those of {own}, the from-number's own country, are not.",
            f"If that is not intended, add {own} to SAYCODE_COUNTRIES.",
        )
    if len(listed) > MANY_COUNTRIES:
        yield note(
            Check.COUNTRIES,
            "The more countries, the more toll fraud can cost.",
            "List in SAYCODE_COUNTRIES only the countries of your users.",
        )


def check_test_numbers(settings: Settings, now: Callable[[], float] = time.time) -> Iterator[Finding]:
    if not settings.test_numbers:
        yield ok(Check.TEST_NUMBERS, "No number has a fixed code.")
    for fixed in settings.test_numbers:
        last_day = time.strftime("%Y-%m-%d", time.gmtime(fixed.until - 1))
        kind = "A person may have it." if fixed.real else "No person has it."
        left, fix = fixed.until - now(), "Take it out of SAYCODE_TEST_NUMBERS when the test is over."
        if left <= 0:
            kind, fix = "That day is over: no code is right.", "Take it out of SAYCODE_TEST_NUMBERS."
        elif left > LONGEST_TEST:
            fix = "That is more than a year away: choose an earlier day in SAYCODE_TEST_NUMBERS."
        yield note(
            Check.TEST_NUMBERS,
            f"{fixed.number.masked} is never called, and has a fixed code until the end of {last_day}. {kind}",
            fix,
        )


def check_alerts(settings: Settings) -> Iterator[Finding]:
    """Whether alerts have a target that Apprise knows. Sends nothing."""
    if not settings.alert_urls:
        yield note(
            Check.ALERTS,
            "Alerts go to no mail and no chat: a limit that closes, or a full disk, is told in the log only.",
            "Set SAYCODE_ALERT_URLS, and try it with saycode alerts test (docs/alerts.md).",
        )
        return
    from ..alerts.targets import alert_targets, is_understood  # with Apprise

    targets = alert_targets(settings.alert_urls)
    for target in targets:
        if not is_understood(target.url):
            yield problem(
                Check.ALERTS,
                f"Apprise does not know the address {target.name} of SAYCODE_ALERT_URLS.",
                "Correct its spelling: docs/alerts.md has examples.",
            )
    understood = ", ".join(target.name for target in targets if is_understood(target.url))
    if understood:
        yield ok(Check.ALERTS, f"Alerts go to {understood}. Try it with saycode alerts test.")


def check_limits(settings: Settings) -> Iterator[Finding]:
    numbers, total = _describe_limits(settings.limit_number), _describe_limits(settings.limit_total)
    size = settings.size.value
    allowed = f"At most {numbers} for one number, {total} in total (SAYCODE_SIZE={size})."
    if settings.limits is LimitMode.WATCH:
        fix = "Set SAYCODE_LIMITS=enforce before you open the page to the public."
        yield note(Check.LIMITS, f"{allowed} Requests beyond them are only recorded.", fix)
    else:
        yield ok(Check.LIMITS, allowed)


def _describe_limits(limits: tuple[Limit, ...]) -> str:
    parts = []
    for limit in limits:
        size, singular, plural = next(unit for unit in UNITS if limit.seconds % unit[0] == 0)
        count = limit.seconds // size
        parts.append(f"{limit.count} in {singular if count == 1 else f'{count} {plural}'}")
    return " and ".join(parts)


def check_database(
    settings: Settings, *, lock_timeout: float = LOCK_TIMEOUT, may: Callable[[Path, int], bool] = os.access
) -> Iterator[Finding]:
    """Whether the service can open its file and write to it.

    `lock_timeout`: seconds to wait for a lock; `may`: whether this user has a permission on a file.
    """
    path = settings.database
    if not isinstance(path, Path):
        yield _check_postgresql(settings, path)
        return
    try:
        yield _check_path(path, create=settings.database_create, may=may) or _check_file(settings, path, lock_timeout)
    except (OSError, sqlite3.Error) as error:
        yield _open_failure(path, error)


def _check_postgresql(settings: Settings, url: PostgresqlUrl) -> Finding:
    from ..storage.postgresql.database import examine_database  # with its driver

    try:
        key, current = examine_database(url.reveal(), secrets=key_ring(settings).secrets)
    except DatabaseUnusable as unusable:
        why, _, advice = str(unusable).partition(": ")
        return problem(Check.DATABASE, f"{why}.", f"{advice[:1].upper()}{advice[1:]}")
    if key is None:
        if settings.database_create:
            return note(Check.DATABASE, f"{url} is empty; saycode serve creates the tables.")
        return problem(
            Check.DATABASE,
            f"{url} is empty, and SAYCODE_DATABASE_CREATE is no.",
            "Restore the real database; or set it to yes to begin without any limits and suppressions.",
        )
    if not current:
        return note(Check.DATABASE, f"{url} is of an earlier version; saycode serve migrates it.")
    return ok(Check.DATABASE, f"{url} opens with this secret key and can be written.")


def _check_path(path: Path, *, create: bool, may: Callable[[Path, int], bool]) -> Finding | None:
    """The finding without opening the file; None when the file can be opened."""
    if not path.parent.is_dir():
        return problem(
            Check.DATABASE, f"The folder of {path} does not exist.", "Create it or fix SAYCODE_DATABASE_URL."
        )
    if not may(path.parent, os.W_OK | os.X_OK):
        return problem(
            Check.DATABASE,
            f"The folder of {path} may not be written to, and SQLite keeps a log beside the file.",
            "Change the folder's owner or mode.",
        )
    if not path.exists():
        if create:
            return note(Check.DATABASE, f"{path} does not exist yet; saycode serve creates it.")
        return problem(
            Check.DATABASE,
            f"{path} does not exist, and SAYCODE_DATABASE_CREATE is no.",
            "Restore the file; or set SAYCODE_DATABASE_CREATE=yes to begin without any limits and suppressions.",
        )
    if not path.is_file():
        return problem(Check.DATABASE, f"{path} is not a file.", OTHER_FILE_OR_RESTORE)
    if not may(path, os.R_OK | os.W_OK):
        return problem(Check.DATABASE, f"{path} may not be read and written by this user.", "Change its owner or mode.")
    return None


def _check_file(settings: Settings, path: Path, lock_timeout: float) -> Finding:
    address = f"{path.absolute().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=lock_timeout, isolation_level=None)) as conn:
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
                return note(Check.DATABASE, f"{path} is empty; saycode serve creates the tables.")
            return problem(
                Check.DATABASE,
                f"{path} is empty, and SAYCODE_DATABASE_CREATE is no.",
                "Restore the real file; or set it to yes to begin without any limits and suppressions.",
            )
        _data_key(settings, conn)
    except migrations.NewerSchema:
        return problem(
            Check.DATABASE, f"{path} was made by a newer Saycode.", "Install that version again, or restore a backup."
        )
    except migrations.UnknownSchema:
        return problem(Check.DATABASE, f"{path} is the database of another program.", OTHER_FILE_OR_RESTORE)
    except UnknownKey as missing:
        return problem(
            Check.DATABASE,
            f"SAYCODE_SECRET_KEY does not decrypt {path}.",
            f"Add the previous key to SAYCODE_SECRET_KEY after a comma (its id is {missing}).",
        )
    except DecryptionError:
        return problem(Check.DATABASE, f"The data key in {path} is damaged.", "Restore a backup.")
    if not migrations.is_current(db):
        return note(Check.DATABASE, f"{path} is of an earlier version; saycode serve migrates it.")
    if settings.phones is PhoneSource.ACCOUNTS and not conn.execute(_ANY_ACCOUNT, (BUILT_IN_SERVICE,)).fetchone():
        return note(
            Check.DATABASE,
            f"{path} opens, but no account is enrolled: with SAYCODE_PHONES=accounts the page calls no one.",
            "Enroll your users: saycode accounts import users.csv",
        )
    for hook in settings.hooks.values():
        if not conn.execute(_OWN_CODES, (hook.service,)).fetchone():
            return note(
                Check.DATABASE,
                f"{path} opens, but the service of the hook {hook.name} may not send its own codes, or does not exist.",
                f"Run saycode services update {hook.service} --custom-codes, or correct the file of SAYCODE_HOOKS.",
            )
    return ok(Check.DATABASE, f"{path} opens with this secret key and can be written.")


def _data_key(settings: Settings, conn: sqlite3.Connection) -> bytes:
    rows = conn.execute("SELECT key_id, wrapped FROM data_key").fetchall()
    if not rows:
        raise DecryptionError("the data key is missing")
    return unwrap(WrappedKey(*rows[0]), key_ring(settings).secrets)


def database_id(settings: Settings) -> str | None:
    """The id of the database; None when there is none that opens."""
    path = settings.database
    if not isinstance(path, Path):
        from ..storage.postgresql.database import examine_database  # with its driver

        with suppress(DatabaseUnusable):
            key, _ = examine_database(path.reveal(), secrets=key_ring(settings).secrets)
            return FieldCipher(key).database_id if key else None
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as conn:
            return FieldCipher(_data_key(settings, conn)).database_id
    except (OSError, sqlite3.Error, UnknownKey, DecryptionError):
        return None


def _open_failure(path: Path, error: Exception) -> Finding:
    code = primary_code(error) if isinstance(error, sqlite3.Error) else 0
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return problem(Check.DATABASE, f"{path} is damaged, or not an SQLite database.", OTHER_FILE_OR_RESTORE)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return problem(Check.DATABASE, f"{path} is locked by another program.", "Stop that program.")
    return problem(
        Check.DATABASE, f"{path} cannot be opened ({error}).", "Check the disk, and the permissions of the file."
    )
