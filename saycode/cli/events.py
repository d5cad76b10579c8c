"""`saycode events`: the event targets of applications."""

import json
import time
from typing import TYPE_CHECKING

import click

from ..reports.explain import format_utc
from .context import Group, json_option, load_settings_or_exit, with_store

if TYPE_CHECKING:
    from ..events.outbox import EventTarget
    from ..storage.store import SqlStore


@click.group(cls=Group)
def events() -> None:
    """Events for applications: signed, posted to a URL, and retried for a day."""


@events.command("add")
@click.argument("url")
@click.option("--service", help="The VA… sid of the service; default: the built-in service.")
@click.option("--alerts", is_flag=True, help="The operator's alerts, instead of the events of a service.")
@json_option
def add(url: str, service: str | None, alerts: bool, as_json: bool) -> None:
    """Send a service's events to URL, and show the signing secret once."""
    if alerts and service:
        raise click.UsageError("--alerts and --service exclude each other")
    from verification.models import BUILT_IN_SERVICE

    from ..alerts.states import ALERTS
    from ..config.parsers import InvalidValue
    from ..config.url_parsers import is_loopback
    from ..events.outbox import Outbox, new_event_target
    from ..events.sender import parse_target_url
    from ..storage.api.services import SqliteServices

    sid = ALERTS if alerts else service or BUILT_IN_SERVICE
    try:
        target_url = parse_target_url(url, loopback=is_loopback(load_settings_or_exit().public_url))
    except InvalidValue as problem:
        raise click.ClickException(f"URL {problem}") from problem

    async def work(store: "SqlStore") -> "EventTarget":
        if not alerts and await SqliteServices(store).service(sid) is None:
            raise click.ClickException(f"there is no service {sid}; `saycode services list` shows them")
        target = new_event_target(sid, target_url, now=time.time())
        await Outbox(store).add(target)
        return target

    target = with_store(work)
    if as_json:
        shown = {"target_sid": target.sid, "service_sid": target.service, "url": target.url, "secret": target.secret}
        click.echo(json.dumps(shown))
        return
    click.echo(f"Target   {target.sid}\nService  {target.service}\nSecret   {target.secret}")
    click.echo("The secret is shown only once: your application verifies signatures with it.")


@events.command("list")
@json_option
def list_targets(as_json: bool) -> None:
    """List event targets and how many messages are waiting; never the secrets."""
    from ..events.outbox import Outbox

    async def work(store: "SqlStore") -> "tuple[list[EventTarget], dict[str, int]]":
        return await Outbox(store).targets(), await Outbox(store).pending_counts()

    targets, waiting = with_store(work)
    listed: list[dict[str, str | int]] = [
        {
            "target_sid": target.sid,
            "service_sid": target.service,
            "url": target.url,
            "date_created": format_utc(target.created_at),
            "waiting": waiting.get(target.sid, 0),
        }
        for target in targets
    ]
    if as_json:
        click.echo(json.dumps(listed))
        return
    for entry in listed:
        click.echo("  ".join(map(str, entry.values())))


@events.command("remove")
@click.argument("target")
@json_option
def remove(target: str, as_json: bool) -> None:
    """Stop sending to TARGET, an EH… sid, and delete its waiting messages."""
    from ..events.outbox import Outbox

    if not with_store(lambda store: Outbox(store).remove(target, now=time.time())):
        raise click.ClickException(f"there is no target {target}; `saycode events list` shows them")
    click.echo(json.dumps({"target_sid": target, "removed": True}) if as_json else f"Removed {target}.")
