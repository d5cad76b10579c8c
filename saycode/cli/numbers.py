"""`saycode numbers`: who is never called or texted, and erasing a person."""

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ..reports.explain import format_utc
from .context import json_option, load_settings_or_exit, with_store

if TYPE_CHECKING:
    from verification.values.phone_numbers import PhoneNumber

    from ..maintenance.erasure import ErasureResult
    from ..storage.store import SqliteStore

_LIST = "SELECT number_hash, at FROM suppressions ORDER BY at, number_hash"


@click.group()
def numbers() -> None:
    """Suppressed numbers, which are never called or texted; and erasing a person."""


@numbers.command("list")
@click.argument("number", required=False)
@json_option
def list_numbers(number: str | None, as_json: bool) -> None:
    """Suppressed numbers as the table knows them: keyed hashes, and since when. With NUMBER: whether it is one."""
    asked = _number(number) if number else None

    async def work(store: "SqliteStore") -> list[tuple[str, float]]:
        wanted = store.cipher.number_hash(asked.e164) if asked else None
        rows = store.ask(lambda conn: conn.execute(_LIST).fetchall())
        return [(hashed.hex(), since) for hashed, since in rows if wanted in (None, hashed)]

    found = with_store(work)
    if as_json:
        click.echo(json.dumps([{"hash": hashed, "since": _format_since(since)} for hashed, since in found]))
    elif asked:
        since = f" since {_format_since(found[0][1]) or 'an earlier version'}" if found else ""
        click.echo(f"{asked.masked} is {'' if found else 'not '}suppressed{since}.")
    else:
        for hashed, when in found:
            click.echo(f"{hashed}  {_format_since(when) or '-'}")


@numbers.command("suppress")
@click.argument("number")
@json_option
def suppress(number: str, as_json: bool) -> None:
    """Never call or text NUMBER again, from now on."""
    _set_suppressed(number, suppressed=True, said="is never called or texted again.", as_json=as_json)


@numbers.command("lift")
@click.argument("number")
@json_option
def lift(number: str, as_json: bool) -> None:
    """Let NUMBER be called and texted again; its holder has asked for it."""
    said = "may be called and texted again. Who texted STOP has to text START to Twilio, too."
    _set_suppressed(number, suppressed=False, said=said, as_json=as_json)


@numbers.command("erase")
@click.argument("number")
@json_option
def erase(number: str, as_json: bool) -> None:
    """Remove a person: everything that names NUMBER, but for its hash if it is suppressed. Says what it did."""
    from ..config.parsers import TwilioRecordPolicy
    from ..maintenance.erasure import erase_number

    asked = _number(number)
    twilio = load_settings_or_exit().twilio_records is not TwilioRecordPolicy.KEEP
    done = with_store(lambda store: erase_number(store, asked, now=time.time(), twilio=twilio))
    if as_json:
        click.echo(json.dumps({"number": asked.masked} | asdict(done)))
        return
    for line in _report_lines(asked, done):
        click.echo(line)


def _report_lines(number: "PhoneNumber", done: "ErasureResult") -> list[str]:
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
        lines.append("Kept: the number's keyed hash among the suppressed, so that it is never called again.")
    if not done.settled:
        lines.append("The write-ahead log could not be emptied beside the running service: run the command again.")
    if done.twilio_records:
        lines.append(f"Twilio's own records of {done.twilio_records} calls and texts: the service removes them now.")
    lines.append("Not reached: backups, logs of proxies, and what else Twilio keeps (docs/privacy.md says how).")
    return lines


def _set_suppressed(number: str, *, suppressed: bool, said: str, as_json: bool) -> None:
    from verification.models import OPERATOR, Event, EventKind
    from verification.ports import ByNumber, Changes

    asked = _number(number)
    kind = EventKind.SUPPRESSED if suppressed else EventKind.LIFTED
    event = Event(kind=kind, at=time.time(), actor=OPERATOR, detail=asked.masked)
    changes: Changes[None] = Changes(
        result=None,
        suppress=(asked,) if suppressed else (),
        lift=() if suppressed else (asked,),
        events=(event,),
    )
    with_store(lambda store: store.apply(ByNumber(asked), lambda _: changes))
    shown = {"number": asked.masked, "suppressed": suppressed}
    click.echo(json.dumps(shown) if as_json else f"{asked.masked} {said}")


def _number(text: str) -> "PhoneNumber":
    from verification.errors import NumberInvalid
    from verification.values.phone_numbers import parse

    try:
        return parse(text)
    except NumberInvalid as problem:
        raise click.BadParameter("NUMBER must be in E.164: a plus sign, the country, the number") from problem


def _format_since(at: float) -> str | None:
    return format_utc(at) if at else None
