"""`saycode events`: where an application wants to be told what happened."""

import json
import time
from typing import TYPE_CHECKING

import click

from ..preconditions import settings_or_stop
from .opening import JSON, utc, with_table

if TYPE_CHECKING:
    from ..outbox import Target
    from ..table import SqliteTable


@click.group()
def events() -> None:
    """Messages to applications: signed, posted to their own address, and repeated for a day."""


@events.command("add")
@click.argument("url")
@click.option("--service", help="The VA… sid of the service whose events go there; the page's unless you say.")
@JSON
def add(url: str, service: str | None, as_json: bool) -> None:
    """Send a service's events to URL, and show the secret that signs them, this once."""
    from verification.records import BUILT_IN_SERVICE

    from ..outbox import Outbox, new_target
    from ..posting import parse_target
    from ..setting_types import BadValue, is_loopback
    from ..tenants import SqliteTenants

    wanted = service or BUILT_IN_SERVICE
    try:
        checked = parse_target(url, loopback=is_loopback(settings_or_stop().public_url))
    except BadValue as problem:
        raise click.ClickException(f"URL {problem}") from problem

    async def work(table: "SqliteTable") -> "Target":
        if await SqliteTenants(table).tenant(wanted) is None:
            raise click.ClickException(f"there is no service {wanted}; `saycode services list` shows them")
        target = new_target(wanted, checked, now=time.time())
        await Outbox(table).add(target)
        return target

    target = with_table(work)
    if as_json:
        shown = {"target_sid": target.sid, "service_sid": target.service, "url": target.url, "secret": target.secret}
        click.echo(json.dumps(shown))
        return
    click.echo(f"Target   {target.sid}\nService  {target.service}\nSecret   {target.secret}")
    click.echo("The secret is shown this once: your application checks the signatures with it.")


@events.command("list")
@JSON
def list_targets(as_json: bool) -> None:
    """Where events go, and how many wait to go there; never the secrets."""
    from ..outbox import Outbox

    async def work(table: "SqliteTable") -> "tuple[list[Target], dict[str, int]]":
        return Outbox(table).targets(), Outbox(table).waiting()

    targets, waiting = with_table(work)
    listed: list[dict[str, str | int]] = [
        {
            "target_sid": one.sid,
            "service_sid": one.service,
            "url": one.url,
            "date_created": utc(one.created_at),
            "waiting": waiting.get(one.sid, 0),
        }
        for one in targets
    ]
    if as_json:
        click.echo(json.dumps(listed))
        return
    for entry in listed:
        click.echo("  ".join(map(str, entry.values())))


@events.command("remove")
@click.argument("target")
@JSON
def remove(target: str, as_json: bool) -> None:
    """Send nothing more to TARGET, an EH… sid; what waits for it is forgotten."""
    from ..outbox import Outbox

    if not with_table(lambda table: Outbox(table).remove(target, now=time.time())):
        raise click.ClickException(f"there is no target {target}; `saycode events list` shows them")
    click.echo(json.dumps({"target_sid": target, "removed": True}) if as_json else f"Nothing more goes to {target}.")
