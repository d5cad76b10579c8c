"""`saycode move`: from SQLite to PostgreSQL, or back."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .context import exit_with_error, json_option, load_settings_or_exit

if TYPE_CHECKING:
    from ..config.databases import PostgresqlUrl


@click.command()
@click.option("--from", "source", metavar="sqlite:///…", help="Default: the database of the settings.")
@click.option("--to", "target", metavar="postgresql://…", required=True, help="An empty database, or a new file.")
@json_option
def move(source: str | None, target: str, as_json: bool) -> None:
    """Copy the whole database from SQLite to PostgreSQL or back, and verify the copy. Stop the service first."""
    from ..config.policy import key_ring
    from ..maintenance.moving import move as move_rows
    from ..storage.connection import DatabaseUnusable

    settings = load_settings_or_exit()
    old = _database(source, "--from") if source is not None else settings.database
    new = _database(target, "--to")
    if isinstance(old, Path) == isinstance(new, Path):
        raise click.UsageError("A move goes from sqlite:///… to postgresql://…, or back.")

    def progress(table: str, rows: int) -> None:
        if rows and not as_json:
            click.echo(f"{rows:>10,}  {table}", err=True)

    try:
        moved = move_rows(old, new, key_ring(settings).secrets, progress=progress)
    except DatabaseUnusable as problem:
        exit_with_error(str(problem))
    total = sum(moved.rows.values())
    if as_json:
        facts = {"rows": moved.rows, "head": str(moved.head) if moved.head else None, "seconds": moved.seconds}
        click.echo(json.dumps(facts))
        return
    click.echo(f"{total:,} rows are in {new} now, in {moved.seconds:.1f} seconds. Counts and audit log are the same.")
    click.echo(f"Head of the audit log: {moved.head}")
    click.echo(f"Now set SAYCODE_DATABASE_URL to that address, and start the service. {old} stays as it is.")


def _database(text: str, option: str) -> "Path | PostgresqlUrl":
    from ..config.databases import parse_database
    from ..config.parsers import InvalidValue

    try:
        return parse_database(text)
    except InvalidValue as problem:
        raise click.BadParameter(str(problem), param_hint=option) from None
