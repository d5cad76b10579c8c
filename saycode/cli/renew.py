"""`saycode renew`: new keys after a theft."""

import json
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from .audit import EXIT_BROKEN, parse_head
from .context import counted, exit_with_error, json_option, load_settings_or_exit

if TYPE_CHECKING:
    from ..maintenance.renewal import Renewal


@click.command()
@click.option("--head", "known_head", metavar="NUMBER:LINK", help="A head of the audit log that was stored elsewhere.")
@json_option
def renew(known_head: str | None, as_json: bool) -> None:
    """Encrypt everything anew, and renew the keys of receipts and audit log. Stop the service first.

    Exit 1 when the audit log was broken before; it is renewed all the same.
    """
    from ..config.policy import key_ring
    from ..maintenance.renewal import renew_data_key
    from ..storage.connection import DatabaseUnusable

    settings, known = load_settings_or_exit(), parse_head(known_head)
    try:
        renewal = renew_data_key(settings.database, key_ring(settings).secrets, known=known, now=time.time())
    except DatabaseUnusable as problem:
        exit_with_error(str(problem))
    broken = renewal.before.broken
    if as_json:
        facts = {
            "encrypted": renewal.encrypted,
            "unreadable": renewal.unreadable,
            "ended_codes": renewal.ended_codes,
            "chained": renewal.chained,
            "head": str(renewal.head),
            "broken": str(broken) if broken else None,
        }
        click.echo(json.dumps(facts))
    else:
        click.echo("\n".join(_lines(renewal)))
    if broken:
        sys.exit(EXIT_BROKEN)


def _lines(renewal: "Renewal") -> Iterable[str]:
    yield f"The data key is renewed: {counted(renewal.encrypted, 'value is', 'values are')} encrypted anew."
    if renewal.unreadable:
        yield f"{counted(renewal.unreadable, 'damaged value stays as it is', 'damaged values stay as they are')}."
    ended = counted(renewal.ended_codes, "open code of former keys is", "open codes of former keys are")
    yield f"{ended} ended."
    chained = counted(renewal.chained, "entry of the audit log is", "entries of the audit log are")
    yield f"{chained} chained anew. Head: {renewal.head}"
    if renewal.before.broken:
        yield f"Before that the audit log was broken: {renewal.before.broken}."
    yield "Receipts of the former keys are void. Keep the new head; earlier heads and backups need the former keys."
    yield "Now leave only the newest key in SAYCODE_SECRET_KEY, and start the service."
