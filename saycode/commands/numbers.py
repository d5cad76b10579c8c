"""`saycode numbers`: who is never called or texted, and erasing a person."""

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ..preconditions import settings_or_stop
from .opening import JSON, utc, with_table

if TYPE_CHECKING:
    from verification.numbers import Number

    from ..erasing import Erased
    from ..table import SqliteTable

_LIST = "SELECT number_hash, at FROM suppressions ORDER BY at, number_hash"


@click.group()
def numbers() -> None:
    """Suppressed numbers, which are never called or texted; and erasing a person."""


@numbers.command("list")
@click.argument("number", required=False)
@JSON
def list_numbers(number: str | None, as_json: bool) -> None:
    """Suppressed numbers as the table knows them: keyed hashes, and since when. With NUMBER: whether it is one."""
    asked = _number(number) if number else None

    async def work(table: "SqliteTable") -> list[tuple[str, float]]:
        wanted = table.sealer.number_hash(asked.e164) if asked else None
        rows = table.ask(lambda conn: conn.execute(_LIST).fetchall())
        return [(hashed.hex(), since) for hashed, since in rows if wanted in (None, hashed)]

    found = with_table(work)
    if as_json:
        click.echo(json.dumps([{"hash": hashed, "since": _since(since)} for hashed, since in found]))
    elif asked:
        since = f" since {_since(found[0][1]) or 'an earlier version'}" if found else ""
        click.echo(f"{asked.masked} is {'' if found else 'not '}suppressed{since}.")
    else:
        for hashed, when in found:
            click.echo(f"{hashed}  {_since(when) or '-'}")


@numbers.command("suppress")
@click.argument("number")
@JSON
def suppress(number: str, as_json: bool) -> None:
    """Never call or text NUMBER again, from now on."""
    _set(number, suppressed=True, said="is never called or texted again.", as_json=as_json)


@numbers.command("lift")
@click.argument("number")
@JSON
def lift(number: str, as_json: bool) -> None:
    """Let NUMBER be called and texted again; its holder has asked for it."""
    said = "may be called and texted again. Who texted STOP has to text START to Twilio, too."
    _set(number, suppressed=False, said=said, as_json=as_json)


@numbers.command("erase")
@click.argument("number")
@JSON
def erase(number: str, as_json: bool) -> None:
    """Remove a person: everything that names NUMBER, but for its hash if it is suppressed. Says what it did."""
    from ..erasing import erase as erase_number
    from ..setting_types import TwilioRecords

    asked = _number(number)
    twilio = settings_or_stop().twilio_records is not TwilioRecords.KEEP
    done = with_table(lambda table: erase_number(table, asked, now=time.time(), twilio=twilio))
    if as_json:
        click.echo(json.dumps({"number": asked.masked} | asdict(done)))
        return
    for line in _told(asked, done):
        click.echo(line)


def _told(number: "Number", done: "Erased") -> list[str]:
    removed = {
        "verifications": done.verifications,
        "calls and texts": done.deliveries,
        "browser sessions": done.sessions,
        "lines in counters of limits": done.counters,
        "pauses": done.pauses,
        "enrolments in accounts": done.accounts,
        "notices": done.notices,
    }
    lines = [f"{number.masked} is erased. Removed:"]
    lines += [f"{count:8}  {what}" for what, count in removed.items()]
    lines.append("Kept: the lines of the audit trail, which have neither number nor name.")
    if done.suppressed:
        lines.append("Kept: the number's keyed hash among the suppressed, so that nobody calls again.")
    if not done.settled:
        lines.append("The write-ahead log could not be emptied beside the running service: do it once more.")
    if done.twilio_records:
        lines.append(f"Twilio's own records of {done.twilio_records} calls and texts: the service removes them now.")
    lines.append("Not reached: backups, logs of proxies, and what else Twilio keeps (docs/privacy.md says how).")
    return lines


def _set(number: str, *, suppressed: bool, said: str, as_json: bool) -> None:
    from verification.ports import Decision, OfNumber
    from verification.records import OPERATOR, Event, EventKind

    asked = _number(number)
    kind = EventKind.SUPPRESSED if suppressed else EventKind.LIFTED
    event = Event(kind=kind, at=time.time(), actor=OPERATOR, detail=asked.masked)
    decision: Decision[None] = Decision(
        verdict=None,
        suppress=(asked,) if suppressed else (),
        lift=() if suppressed else (asked,),
        events=(event,),
    )
    with_table(lambda table: table.apply(OfNumber(asked), lambda _: decision))
    shown = {"number": asked.masked, "suppressed": suppressed}
    click.echo(json.dumps(shown) if as_json else f"{asked.masked} {said}")


def _number(text: str) -> "Number":
    from verification.errors import NumberInvalid
    from verification.numbers import parse

    try:
        return parse(text)
    except NumberInvalid as problem:
        raise click.BadParameter("NUMBER must be in E.164: a plus sign, the country, the number") from problem


def _since(at: float) -> str | None:
    return utc(at) if at else None
