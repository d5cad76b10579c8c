"""`saycode show VE…`: the history of one verification."""

import json
from typing import TYPE_CHECKING, Any

import click

from ..reports.explain import format_utc
from .context import json_option, with_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verification.models import Event, State

    from ..storage.audit_log import AuditEntry
    from ..storage.store import SqliteStore

LoadedHistory = tuple["State", "Sequence[Event]", "Sequence[AuditEntry]"]


@click.command()
@click.argument("verification", metavar="VE…")
@json_option
def show(verification: str, as_json: bool) -> None:
    """Show the history of one verification in plain sentences."""

    async def work(store: "SqliteStore") -> LoadedHistory:
        from verification.ports import ByVerification

        state = await store.read(ByVerification(verification))
        events = await store.events(verification)
        entries: list[AuditEntry] = []
        if state.verification is None:  # the audit log is kept longer, and has no index by verification
            all_entries = store.query(lambda conn: list(store.audit_log.entries(conn)))
            entries = [entry for entry in all_entries if entry.verification == verification]
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
    from verification.models import Event, EventKind

    from ..reports.history import event_sentence

    kinds = set(EventKind)
    story = []
    for entry in entries:
        text = entry.kind
        if entry.kind in kinds:
            event = Event(kind=EventKind(entry.kind), at=entry.at, detail=entry.detail, actor=entry.actor)
            text = event_sentence(event)
        story.append({"time": format_utc(entry.at), "said": text})
    return {
        "verification": sid,
        "status": None,
        "about": "its details were deleted; this is its audit log",
        "deliveries": [],
        "story": story,
        "summary": "The user is no longer known.",
    }
