"""`saycode show VE…`: the whole story of one verification."""

import json
from typing import TYPE_CHECKING, Any

import click

from .opening import JSON, utc, with_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verification.records import Case, Event

    from ..table import SqliteTable
    from ..trail import Line

Found = tuple["Case", "Sequence[Event]", "Sequence[Line]"]


@click.command()
@click.argument("verification", metavar="VE…")
@JSON
def show(verification: str, as_json: bool) -> None:
    """Tell what became of one verification, as a help desk would read it to a caller."""

    async def work(table: "SqliteTable") -> Found:
        from verification.ports import OfVerification

        case = await table.read(OfVerification(verification))
        events = await table.events(verification)
        lines: list[Line] = []
        if case.verification is None:  # the trail is kept longer, and has no index by what it is about
            found = table.ask(lambda conn: list(table.trail.lines(conn)))
            lines = [line for line in found if line.verification == verification]
        return case, events, lines

    case, events, lines = with_table(work)
    if case.verification is None and not lines:
        raise click.ClickException(f"nothing is known about {verification}")
    told = _facts(case, events) if case.verification else _remains(verification, lines)
    if as_json:
        click.echo(json.dumps(told))
        return
    click.echo(f"{verification}: {told['about']}")
    for moment in told["story"]:
        click.echo(f"  {moment['time']}  {moment['said']}")
    click.echo(f"In short: {told['summary']}")


def _facts(case: "Case", events: "Sequence[Event]") -> dict[str, Any]:
    from ..story import how_it_went, tell

    verification = case.verification
    assert verification is not None
    story = tell(case, events)
    return {
        "verification": verification.sid,
        "service": verification.service,
        "status": verification.status.value,
        "about": story.about,
        "number": verification.number.masked,
        "created": utc(verification.created_at),
        "deliveries": [
            {
                "delivery": delivery.sid,
                "channel": delivery.channel.value,
                "status": delivery.status.value,
                "carrier_sid": delivery.carrier_sid,
                "error": delivery.error,
                "said": how_it_went(delivery, events, verification.style),
            }
            for delivery in case.deliveries
        ],
        "story": [{"time": utc(moment.at), "said": moment.said} for moment in story.moments],
        "summary": story.summary,
    }


def _remains(sid: str, lines: "Sequence[Line]") -> dict[str, Any]:
    """What the audit trail has of a verification whose details are gone."""
    from verification.records import Event, EventKind

    from ..story import sentence

    known = set(EventKind)
    story = []
    for line in lines:
        said = line.kind
        if line.kind in known:
            said = sentence(Event(kind=EventKind(line.kind), at=line.at, detail=line.detail, actor=line.actor))
        story.append({"time": utc(line.at), "said": said})
    return {
        "verification": sid,
        "status": None,
        "about": "its details are gone, what follows is in the audit trail",
        "deliveries": [],
        "story": story,
        "summary": "Who it was is no longer kept.",
    }
