"""`saycode audit`: list, export and verify the audit log."""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from ..reports.explain import format_utc
from .context import Group, counted, json_option, with_store

if TYPE_CHECKING:
    from ..storage.audit_log import AuditEntry, ChainHead, ChainReport
    from ..storage.store import SqlStore

EXIT_BROKEN = 1


@click.group(cls=Group)
def audit() -> None:
    """The audit log: list it, export it, and verify that it was not changed."""


@audit.command("verify")
@click.option("--head", "known_head", metavar="NUMBER:LINK", help="A head printed earlier and stored elsewhere.")
@json_option
def verify(known_head: str | None, as_json: bool) -> None:
    """Verify the whole audit log; exit 1 and name the first entry that was changed."""
    known = parse_head(known_head)

    async def work(store: "SqlStore") -> "ChainReport":
        return await store.query(lambda conn: store.audit_log.verify(conn, known=known))

    report = with_store(work)
    if as_json:
        broken = {"number": report.broken.number, "why": report.broken.why} if report.broken else None
        facts: dict[str, Any] = {"lines": report.entries_checked, "head": str(report.head) if report.head else None}
        facts |= {"broken": broken, "compared": report.compared, "continued": report.continued}
        click.echo(json.dumps(facts))
    else:
        for line in _report_lines(report, known):
            click.echo(line)
    if report.broken:
        sys.exit(EXIT_BROKEN)


@audit.command("list")
@click.option("--last", default=100, show_default=True, type=click.IntRange(1), help="Number of newest entries.")
@click.option("--verification", metavar="VE…", help="Only entries of this verification.")
@json_option
def list_entries(last: int, verification: str | None, as_json: bool) -> None:
    """List the newest entries, oldest first."""

    async def work(store: "SqlStore") -> "list[AuditEntry]":
        def read(conn: Any) -> "list[AuditEntry]":
            after = 0 if verification else store.audit_log.last_number(conn) - last
            entries = store.audit_log.entries(conn, after=max(0, after))
            return [entry for entry in entries if verification in (None, entry.verification)][-last:]

        return await store.query(read)

    entries = with_store(work)
    if as_json:
        click.echo(json.dumps([_fields(entry) for entry in entries]))
    else:
        for entry in entries:
            click.echo(_plain(entry))


@audit.command("export")
@click.option("--after", default=0, show_default=True, type=click.IntRange(0), help="Only entries after this number.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line (always on).")
def export(after: int, as_json: bool) -> None:
    """Export every entry as JSON Lines; continue later with --after and the last number."""
    del as_json

    async def work(store: "SqlStore") -> None:
        def write(conn: Any) -> None:
            for batch in _batches(store.audit_log.entries(conn, after=after)):
                click.echo("\n".join(json.dumps(_fields(entry) | {"link": entry.link}) for entry in batch))

        await store.query(write)

    with_store(work)


def _batches(entries: "Iterator[AuditEntry]") -> "Iterator[list[AuditEntry]]":
    while batch := list(islice(entries, 1000)):
        yield batch


def parse_head(text: str | None) -> "ChainHead | None":
    """The head of an option. Raises BadParameter."""
    from ..storage.audit_log import ChainHead

    if text is None:
        return None
    number, _, link = text.partition(":")
    if not (number.isascii() and number.isdigit() and link):
        raise click.BadParameter("a head is written as NUMBER:LINK, as `saycode audit verify` prints it")
    return ChainHead(int(number), link)


def _report_lines(report: "ChainReport", known: "ChainHead | None") -> Iterable[str]:
    if report.broken:
        where = f"Entry {report.broken.number}: " if report.broken.number is not None else ""
        yield f"The audit log is broken. {where}{report.broken.why}."
        checked = counted(report.entries_checked, "entry before that is", "entries before that are")
        yield f"{checked} unchanged."
        if report.continued is not None:
            yield f"It goes on in a new segment with entry {report.continued}."
        for later in report.later:
            yield f"Also: {later}."
        return
    yield f"{counted(report.entries_checked, 'entry', 'entries')}, all unchanged."
    if report.compared:
        yield "They continue from the given head."
    elif known is not None:
        yield f"The given head is older than the oldest entry, so it was not compared: entry {known.number}."
    yield f"Head: {report.head}"
    if known is None:
        yield "Keep the head outside the database: only it shows that the whole file was replaced by an older one."


def _fields(entry: "AuditEntry") -> dict[str, Any]:
    optional = {
        "verification": entry.verification,
        "delivery": entry.delivery,
        "detail": entry.detail,
        "actor": entry.actor,
        "source": entry.source,
    }
    known = {name: value for name, value in optional.items() if value}
    return {"number": entry.number, "time": format_utc(entry.at), "event": entry.kind} | known


def _plain(entry: "AuditEntry") -> str:
    actor = [f"by {entry.actor}"] if entry.actor else []
    source = [f"from {entry.source[:8]}"] if entry.source else []
    facts = (entry.verification, entry.delivery, entry.detail, *actor, *source)
    columns = (f"{entry.number:>8}", format_utc(entry.at), f"{entry.kind:14}", *(fact for fact in facts if fact))
    return "  ".join(columns)
