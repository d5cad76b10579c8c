"""`saycode backup FILE`: a copy of the database while the service runs."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import click

from .context import exit_with_error, load_settings_or_exit


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Copy the database to FILE while the service runs, and check the copy."""
    path = load_settings_or_exit().database
    if not isinstance(path, Path):
        exit_with_error(f"{path} is backed up with PostgreSQL's own tools: pg_dump --format=custom, or the provider's.")
    if file.exists():
        raise click.ClickException(f"{file} already exists: name a new file")
    if not path.is_file():
        raise click.ClickException(f"{path} does not exist")
    # The final name appears only with a complete copy, and other users may never read it.
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        _copy(path, unfinished)
        unfinished.rename(file)
    except sqlite3.Error as problem:
        unfinished.unlink(missing_ok=True)
        raise click.ClickException(f"backup failed: {problem}") from problem
    except OSError as problem:
        raise click.ClickException(f"{file} cannot be written: {problem.strerror}") from problem
    click.echo(f"{file}: {file.stat().st_size:,} bytes, checked. It can be opened only with SAYCODE_SECRET_KEY.")


def _copy(path: Path, copy: Path) -> None:
    """Copies one reader's snapshot, which blocks no writer. Free pages are left out."""
    source = f"{path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(source, uri=True, timeout=5, isolation_level=None)) as conn:
        conn.execute("VACUUM INTO ?", (str(copy),))
    with closing(sqlite3.connect(copy)) as conn:
        (result,) = conn.execute("PRAGMA integrity_check(1)").fetchone()
    if result != "ok":
        raise sqlite3.DatabaseError(f"the database is damaged: {result}")
