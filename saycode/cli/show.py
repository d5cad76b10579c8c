"""`saycode show`: the history of one verification, or the newest of a number, an account or all."""

import json
from typing import TYPE_CHECKING, Any

import click

from ..reports.explain import format_utc
from .context import json_option, parse_subject, with_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from verification.models import Event, State

    from ..storage.audit_log import AuditEntry
    from ..storage.store import SqlStore
    from .context import Subject

LoadedHistory = tuple["State", "Sequence[Event]", "Sequence[AuditEntry]"]


#: How many verifications are listed, newest first.
MOST_LISTED = 20
_LIST = """
    SELECT sid FROM verifications
    WHERE number_hash = coalesce(:number, number_hash) AND account_hash = coalesce(:account, account_hash)
    ORDER BY id DESC LIMIT :limit
"""


@click.command()
@click.argument("subject", required=False, metavar="[VE…|+1…|REFERENCE]")
@click.option("--account", metavar="USERNAME", help="A user name, instead.")
@click.option("--service", metavar="VA…", help="The service of the user name; default: the built-in service.")
@json_option
def show(subject: str | None, account: str | None, service: str | None, as_json: bool) -> None:
    """Show the history of one verification in plain sentences.

    REFERENCE: the eight digits that the page shows. With a number in E.164, or a user name: its last twenty
    verifications. With none of them: the last twenty of all.
    """
    if subject is not None and account is not None:
        raise click.UsageError("Give only one of VE…, +1…, REFERENCE and --account.")
    asked = parse_subject(subject) if subject is not None else None
    sids = with_store(lambda store: _find(store, asked, account=account, service=service))
    if asked is not None and asked.number is None and len(sids) == 1:
        _show_one(sids[0], as_json=as_json)
        return
    reports = with_store(lambda store: _load(store, sids))
    if as_json:
        click.echo(json.dumps({"verifications": reports}))
        return
    if not reports and (asked or account is not None):
        raise click.ClickException(f"nothing is known about {asked.shown if asked else account}")
    for report in reports:
        click.echo(f"{report['created']}  {report['verification']}: {report['about']}\n  {report['summary']}")


async def _find(store: "SqlStore", asked: "Subject | None", *, account: str | None, service: str | None) -> list[str]:
    """The sids of what was asked for, newest first, or the newest of all. Of a reference that no verification has any
    more, those in the audit log.
    """
    from verification.models import BUILT_IN_SERVICE
    from verification.values.usernames import account_name

    found = await asked.sids(store) if asked else []
    if asked is not None and asked.number is None:
        return found or await _in_audit_log(store, asked.reference)
    values = {
        "number": store.cipher.number_hash(asked.number.line) if asked and asked.number else None,
        "account": store.cipher.account_hash(service or BUILT_IN_SERVICE, account_name(account))
        if account is not None
        else None,
        "limit": MOST_LISTED,
    }
    newest = await store.scan(lambda conn: conn.execute(_LIST, values).fetchall())
    return list(dict.fromkeys([*found, *(sid for (sid,) in newest)]))


async def _load(store: "SqlStore", sids: list[str]) -> list[dict[str, Any]]:
    """The facts of these verifications."""
    from verification.ports import ByVerification

    states = [(await store.read(ByVerification(sid)), await store.events(sid)) for sid in sids]
    return [_facts(state, events) for state, events in states if state.verification]


async def _in_audit_log(store: "SqlStore", reference: str) -> list[str]:
    from verification.values.references import sids

    (first, last), (first_delivery, last_delivery) = sids(reference), sids(reference, "VL")
    entries = await _audit_log(
        store,
        lambda entry: first <= entry.verification <= last or first_delivery <= entry.delivery <= last_delivery,
    )
    return list(dict.fromkeys(entry.verification for entry in entries))


async def _audit_log(store: "SqlStore", is_wanted: "Callable[[AuditEntry], bool]") -> "list[AuditEntry]":
    """Some entries. The log is kept longer than verifications, and has no index by them."""
    return await store.query(lambda conn: [entry for entry in store.audit_log.entries(conn) if is_wanted(entry)])


def _show_one(verification: str, *, as_json: bool) -> None:
    async def work(store: "SqlStore") -> LoadedHistory:
        from verification.ports import ByVerification

        state = await store.read(ByVerification(verification))
        events = await store.events(verification)
        entries: list[AuditEntry] = []
        if state.verification is None:
            entries = await _audit_log(store, lambda entry: entry.verification == verification)
        return state, events, entries

    state, events, entries = with_store(work)
    if state.verification is None and not entries:
        raise click.ClickException(f"nothing is known about {verification}")
    report = _facts(state, events) if state.verification else _facts_from_audit_log(verification, entries)
    if as_json:
        click.echo(json.dumps(report))
        return
    click.echo(f"{verification}: {report['about']}")
    for line in report["story"]:
        click.echo(f"  {line['time']}  {line['said']}")
    click.echo(f"In short: {report['summary']}")


def _facts(state: "State", events: "Sequence[Event]") -> dict[str, Any]:
    from ..reports.history import build_history, delivery_sentence

    verification = state.verification
    assert verification is not None
    history = build_history(state, events)
    return {
        "verification": verification.sid,
        "service": verification.service,
        "status": verification.status.value,
        "about": history.about,
        "number": verification.number.masked,
        "created": format_utc(verification.created_at),
        "deliveries": [
            {
                "delivery": delivery.sid,
                "channel": delivery.channel.value,
                "status": delivery.status.value,
                "carrier_sid": delivery.provider_sid,
                "error": delivery.error,
                "said": delivery_sentence(delivery, events, verification.style),
            }
            for delivery in state.deliveries
        ],
        "story": [{"time": format_utc(line.at), "said": line.text} for line in history.lines],
        "summary": history.summary,
    }


def _facts_from_audit_log(sid: str, entries: "Sequence[AuditEntry]") -> dict[str, Any]:
    """What the audit log has about a verification whose details were deleted."""
    from ..reports.history import recorded_sentence

    story = [
        {"time": format_utc(entry.at), "said": recorded_sentence(entry.kind, detail=entry.detail, actor=entry.actor)}
        for entry in entries
    ]
    return {
        "verification": sid,
        "status": None,
        "about": "its details were deleted; this is its audit log",
        "deliveries": [],
        "story": story,
        "summary": "The user is no longer known.",
    }
