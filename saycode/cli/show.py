"""`saycode show VE…`: the whole story of one verification."""

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
        lines: list[AuditEntry] = []
        if state.verification is None:  # the trail is kept longer, and has no index by what it is about
            found = store.ask(lambda conn: list(store.trail.lines(conn)))
            lines = [line for line in found if line.verification == verification]
        return state, events, lines

    state, events, lines = with_store(work)
    if state.verification is None and not lines:
        raise click.ClickException(f"nothing is known about {verification}")
    told = _facts(state, events) if state.verification else _facts_from_audit_log(verification, lines)
    if as_json:
        click.echo(json.dumps(told))
        return
    click.echo(f"{verification}: {told['about']}")
    for moment in told["story"]:
        click.echo(f"  {moment['time']}  {moment['said']}")
    click.echo(f"In short: {told['summary']}")


def _facts(state: "State", events: "Sequence[Event]") -> dict[str, Any]:
    from ..reports.history import build_history, delivery_sentence

    verification = state.verification
    assert verification is not None
    story = build_history(state, events)
    return {
        "verification": verification.sid,
        "service": verification.service,
        "status": verification.status.value,
        "about": story.about,
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
        "story": [{"time": format_utc(moment.at), "said": moment.said} for moment in story.moments],
        "summary": story.summary,
    }


def _facts_from_audit_log(sid: str, lines: "Sequence[AuditEntry]") -> dict[str, Any]:
    """What the audit trail has of a verification whose details are gone."""
    from verification.models import Event, EventKind

    from ..reports.history import event_sentence

    known = set(EventKind)
    story = []
    for line in lines:
        said = line.kind
        if line.kind in known:
            said = event_sentence(Event(kind=EventKind(line.kind), at=line.at, detail=line.detail, actor=line.actor))
        story.append({"time": format_utc(line.at), "said": said})
    return {
        "verification": sid,
        "status": None,
        "about": "its details are gone, what follows is in the audit trail",
        "deliveries": [],
        "story": story,
        "summary": "Who it was is no longer kept.",
    }
