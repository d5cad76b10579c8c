"""`saycode audit`: the trail of events, and whether it is as it was written."""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from .opening import JSON, utc, with_table

if TYPE_CHECKING:
    from ..table import SqliteTable
    from ..trail import Head, Inspection, Line

BROKEN = 1


@click.group()
def audit() -> None:
    """The audit trail: look at it, ship it away, and see whether anybody changed it."""


@audit.command("verify")
@click.option("--head", "known", metavar="NUMBER:LINK", help="A head that was printed before, and kept elsewhere.")
@JSON
def verify(known: str | None, as_json: bool) -> None:
    """Walk along the whole trail: exit 1 at the first line that is not as it was written, and say which."""
    wanted = _head(known)

    async def work(table: "SqliteTable") -> "Inspection":
        return table.ask(lambda conn: table.trail.inspect(conn, known=wanted))

    found = with_table(work)
    if as_json:
        broken = {"number": found.broken.number, "why": found.broken.why} if found.broken else None
        head = str(found.head) if found.head else None
        click.echo(json.dumps({"lines": found.lines, "head": head, "broken": broken, "compared": found.compared}))
    else:
        for line in _verdict(found, wanted):
            click.echo(line)
    if found.broken:
        sys.exit(BROKEN)


@audit.command("list")
@click.option("--last", default=100, show_default=True, type=click.IntRange(1), help="So many lines, the newest ones.")
@click.option("--verification", metavar="VE…", help="Only those of this verification.")
@JSON
def list_lines(last: int, verification: str | None, as_json: bool) -> None:
    """The newest lines, oldest first."""

    async def work(table: "SqliteTable") -> "list[Line]":
        def read(conn: Any) -> "list[Line]":
            after = 0 if verification else table.trail.last(conn) - last
            found = table.trail.lines(conn, after=max(0, after))
            return [line for line in found if verification in (None, line.verification)][-last:]

        return table.ask(read)

    lines = with_table(work)
    if as_json:
        click.echo(json.dumps([_fields(line) for line in lines]))
    else:
        for line in lines:
            click.echo(_plain(line))


@audit.command("export")
@click.option("--after", default=0, show_default=True, type=click.IntRange(0), help="Only lines behind this number.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, which is how it is written anyway.")
def export(after: int, as_json: bool) -> None:
    """Every line as JSON, one object a line, to be shipped away; the next time, go on behind the last number."""
    del as_json

    async def work(table: "SqliteTable") -> None:
        def write(conn: Any) -> None:
            lines = table.trail.lines(conn, after=after)
            for part in _parts(lines):
                click.echo("\n".join(json.dumps(_fields(line) | {"link": line.link}) for line in part))

        table.ask(write)

    with_table(work)


def _parts(lines: "Iterator[Line]") -> "Iterator[list[Line]]":
    while part := list(islice(lines, 1000)):
        yield part


def _head(text: str | None) -> "Head | None":
    from ..trail import Head

    if text is None:
        return None
    number, _, link = text.partition(":")
    if not (number.isascii() and number.isdigit() and link):
        raise click.BadParameter("a head is written as NUMBER:LINK, as `saycode audit verify` prints it")
    return Head(int(number), link)


def _verdict(found: "Inspection", known: "Head | None") -> Iterable[str]:
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


def _fields(line: "Line") -> dict[str, Any]:
    facts = {
        "verification": line.verification,
        "delivery": line.delivery,
        "detail": line.detail,
        "actor": line.actor,
        "source": line.source,
    }
    told = {name: fact for name, fact in facts.items() if fact}
    return {"number": line.number, "time": utc(line.at), "event": line.kind} | told


def _plain(line: "Line") -> str:
    who = [f"by {line.actor}"] if line.actor else []
    where = [f"from {line.source[:8]}"] if line.source else []
    facts = (line.verification, line.delivery, line.detail, *who, *where)
    return "  ".join((f"{line.number:>8}", utc(line.at), f"{line.kind:14}", *(fact for fact in facts if fact)))
