"""`saycode numbers`: suppress a phone number, or erase all data about it."""

import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from ..reports.explain import format_utc
from .context import Group, counted, json_option, load_settings_or_exit, parse_number, with_store

if TYPE_CHECKING:
    from verification.values.phone_numbers import PhoneNumber

    from ..maintenance.erasure import ErasureResult
    from ..storage.store import SqlStore

_LIST = "SELECT number_hash, at FROM suppressions ORDER BY at, number_hash"


@click.group(cls=Group)
def numbers() -> None:
    """Suppress phone numbers, or erase all data about one."""


@numbers.command("list")
@click.argument("number", required=False)
@json_option
def list_numbers(number: str | None, as_json: bool) -> None:
    """List suppressed numbers by their keyed hash. With NUMBER: whether it is suppressed."""
    phone_number = parse_number(number) if number else None

    async def work(store: "SqlStore") -> list[tuple[str, float]]:
        number_hash = store.cipher.number_hash(phone_number.line) if phone_number else None
        rows = await store.query(lambda conn: conn.execute(_LIST).fetchall())
        return [(hashed.hex(), since) for hashed, since in rows if number_hash in (None, hashed)]

    suppressed = with_store(work)
    if as_json:
        click.echo(json.dumps([{"hash": hashed, "since": _format_since(since)} for hashed, since in suppressed]))
    elif phone_number:
        since = f" since {_format_since(suppressed[0][1]) or 'an earlier version'}" if suppressed else ""
        click.echo(f"{phone_number.masked} is {'' if suppressed else 'not '}suppressed{since}.")
    else:
        for hashed, at in suppressed:
            click.echo(f"{hashed}  {_format_since(at) or '-'}")


@numbers.command("suppress")
@click.argument("number")
@json_option
def suppress(number: str, as_json: bool) -> None:
    """Never call or text NUMBER again, from now on."""
    _set_suppressed(number, suppressed=True, message="is never called or texted again.", as_json=as_json)


@numbers.command("lift")
@click.argument("number")
@json_option
def lift(number: str, as_json: bool) -> None:
    """Allow calls and texts to NUMBER again, at its holder's request."""
    message = "may be called and texted again. A holder who texted STOP must also text START to Twilio."
    _set_suppressed(number, suppressed=False, message=message, as_json=as_json)


@numbers.command("erase")
@click.argument("number")
@json_option
def erase(number: str, as_json: bool) -> None:
    """Erase all data about NUMBER, except its hash if it is suppressed, and report what was erased."""
    from ..config.parsers import TwilioRecordPolicy
    from ..maintenance.erasure import erase_number

    phone_number = parse_number(number)
    twilio = load_settings_or_exit().twilio_records is not TwilioRecordPolicy.KEEP
    result = with_store(lambda store: erase_number(store, phone_number, now=time.time(), twilio=twilio))
    if as_json:
        click.echo(json.dumps({"number": phone_number.masked} | asdict(result)))
        return
    for line in _report_lines(phone_number, result):
        click.echo(line)


def _report_lines(number: "PhoneNumber", result: "ErasureResult") -> list[str]:
    removed = {
        "verifications": result.verifications,
        "calls and texts": result.deliveries,
        "browser sessions": result.sessions,
        "counters of limits": result.counters,
        "pauses": result.pauses,
        "numbers of accounts": result.accounts,
        "notices": result.notices,
    }
    lines = [f"{number.masked} is erased. Removed:"]
    lines += [f"{count:8}  {what}" for what, count in removed.items()]
    lines.append("Kept: the entries of the audit log, which have neither number nor name.")
    if result.suppressed:
        lines.append("Kept: the number's keyed hash in the suppressions, so that it is never called again.")
    if not result.settled:
        lines.append("The write-ahead log could not be emptied while the service runs: run the command again.")
    if result.twilio_records:
        records = counted(result.twilio_records, "call or text", "calls and texts")
        lines.append(f"The service now removes Twilio's own records of {records}.")
    lines.append("Not erased: backups, logs of proxies, and what else Twilio keeps (see docs/privacy.md).")
    return lines


def _set_suppressed(number: str, *, suppressed: bool, message: str, as_json: bool) -> None:
    from verification.models import OPERATOR, Event, EventKind
    from verification.ports import ByNumber, Changes

    phone_number = parse_number(number)
    kind = EventKind.SUPPRESSED if suppressed else EventKind.LIFTED
    event = Event(kind=kind, at=time.time(), actor=OPERATOR, detail=phone_number.masked)
    changes: Changes[None] = Changes(
        result=None,
        suppress=(phone_number,) if suppressed else (),
        lift=() if suppressed else (phone_number,),
        events=(event,),
    )
    with_store(lambda store: store.apply(ByNumber(phone_number), lambda _: changes))
    shown = {"number": phone_number.masked, "suppressed": suppressed}
    click.echo(json.dumps(shown) if as_json else f"{phone_number.masked} {message}")


def _format_since(at: float) -> str | None:
    return format_utc(at) if at else None
