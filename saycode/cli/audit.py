"""`saycode audit`: the trail of events, and whether it is as it was written."""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from ..reports.explain import format_utc
from .context import json_option, with_store

if TYPE_CHECKING:
    from ..storage.audit_log import AuditEntry, ChainHead, ChainReport
    from ..storage.store import SqliteStore

EXIT_BROKEN = 1


@click.group()
def audit() -> None:
    """The audit log: list it, export it, and verify that it was not changed."""


@audit.command("verify")
@click.option("--head", "known", metavar="NUMBER:LINK", help="A head printed earlier and stored elsewhere.")
@json_option
def verify(known: str | None, as_json: bool) -> None:
    """Verify the whole audit log; exit 1 and name the first line that was changed."""
    wanted = _parse_head(known)

    async def work(store: "SqliteStore") -> "ChainReport":
        return store.ask(lambda conn: store.trail.inspect(conn, known=wanted))

    found = with_store(work)
    if as_json:
        broken = {"number": found.broken.number, "why": found.broken.why} if found.broken else None
        head = str(found.head) if found.head else None
        click.echo(json.dumps({"lines": found.lines, "head": head, "broken": broken, "compared": found.compared}))
    else:
        for line in _report_lines(found, wanted):
            click.echo(line)
    if found.broken:
        sys.exit(EXIT_BROKEN)


@audit.command("list")
@click.option("--last", default=100, show_default=True, type=click.IntRange(1), help="Number of newest lines.")
@click.option("--verification", metavar="VE…", help="Only lines of this verification.")
@json_option
def list_lines(last: int, verification: str | None, as_json: bool) -> None:
    """The newest lines, oldest first."""

    async def work(store: "SqliteStore") -> "list[AuditEntry]":
        def read(conn: Any) -> "list[AuditEntry]":
            after = 0 if verification else store.trail.last(conn) - last
            found = store.trail.lines(conn, after=max(0, after))
            return [line for line in found if verification in (None, line.verification)][-last:]

        return store.ask(read)

    lines = with_store(work)
    if as_json:
        click.echo(json.dumps([_fields(line) for line in lines]))
    else:
        for line in lines:
            click.echo(_plain(line))


@audit.command("export")
@click.option("--after", default=0, show_default=True, type=click.IntRange(0), help="Only lines after this number.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line (always on).")
def export(after: int, as_json: bool) -> None:
    """Export every line as JSON Lines; continue later with --after and the last number."""
    del as_json

    async def work(store: "SqliteStore") -> None:
        def write(conn: Any) -> None:
            lines = store.trail.lines(conn, after=after)
            for part in _parts(lines):
                click.echo("\n".join(json.dumps(_fields(line) | {"link": line.link}) for line in part))

        store.ask(write)

    with_store(work)


def _parts(lines: "Iterator[AuditEntry]") -> "Iterator[list[AuditEntry]]":
    while part := list(islice(lines, 1000)):
        yield part


def _parse_head(text: str | None) -> "ChainHead | None":
    from ..storage.audit_log import ChainHead

    if text is None:
        return None
    number, _, link = text.partition(":")
    if not (number.isascii() and number.isdigit() and link):
        raise click.BadParameter("a head is written as NUMBER:LINK, as `saycode audit verify` prints it")
    return ChainHead(int(number), link)


def _report_lines(found: "ChainReport", known: "ChainHead | None") -> Iterable[str]:
    if found.broken:
        where = f"line {found.broken.number}: " if found.broken.number is not None else ""
        yield f"The trail is broken. {where}{found.broken.why}."
        yield f"{found.lines} lines before that are as they were written."
        return
    yield f"{found.lines} lines, all as they were written."
    if found.compared:
        yield "They go on from the head that you gave."
    elif known is not None:
        yield f"The head that you gave is older than what is kept, so it was not compared: line {known.number}."
    yield f"Head: {found.head}"
    if known is None:
        yield "Keep the head where the database is not: a file that was put back as a whole shows only against it."


def _fields(line: "AuditEntry") -> dict[str, Any]:
    facts = {
        "verification": line.verification,
        "delivery": line.delivery,
        "detail": line.detail,
        "actor": line.actor,
        "source": line.source,
    }
    told = {name: fact for name, fact in facts.items() if fact}
    return {"number": line.number, "time": format_utc(line.at), "event": line.kind} | told


def _plain(line: "AuditEntry") -> str:
    who = [f"by {line.actor}"] if line.actor else []
    where = [f"from {line.source[:8]}"] if line.source else []
    facts = (line.verification, line.delivery, line.detail, *who, *where)
    return "  ".join((f"{line.number:>8}", format_utc(line.at), f"{line.kind:14}", *(fact for fact in facts if fact)))
