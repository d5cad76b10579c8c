"""`saycode alerts`: what is open, and a message to try the targets."""

import asyncio
import json
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from .context import Group, json_option, load_settings_or_exit, when, with_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from verification.alerts import Alert

    from ..alerts.targets import AlertTarget
    from ..storage.store import SqlStore

EXIT_NOT_SENT = 1
#: Seconds for each target.
_PATIENCE = 60.0


@click.group(cls=Group, invoke_without_command=True)
@json_option
@click.pass_context
def alerts(ctx: click.Context, as_json: bool) -> None:
    """Alerts: what closed or broke, and is not over yet."""
    if ctx.invoked_subcommand is not None:
        return
    from ..alerts.states import open_alerts, service_names
    from ..alerts.words import words_of

    settings = load_settings_or_exit()
    enforced, standby = settings.limits.value == "enforce", settings.standby_company

    async def work(store: "SqlStore") -> "tuple[list[Alert], dict[str, str]]":
        return await store.query(open_alerts), await store.query(service_names)

    found, services = with_store(work)
    listed = [(alert, words_of(alert.condition, services, enforced=enforced, standby=standby)) for alert in found]
    if as_json:
        rows = [
            {
                "alert": alert.condition.kind.value,
                "date_opened": when(alert.opened_at),
                "date_seen": when(alert.seen_at),
                "title": words.title,
                "text": str(words),
            }
            for alert, words in listed
        ]
        click.echo(json.dumps(rows))
        return
    for alert, words in listed:
        click.echo(f"{when(alert.opened_at)}  {words}")
    if not listed:
        click.echo("No alert is open.")


@alerts.command("test")
@json_option
def test(as_json: bool) -> None:
    """Send one message to each target of SAYCODE_ALERT_URLS, and say what happened; exit 1 unless all took it."""
    settings = load_settings_or_exit()
    if not settings.alert_urls:
        raise click.ClickException("SAYCODE_ALERT_URLS is not set: there is no target; see docs/alerts.md")
    from ..alerts.states import Letter
    from ..alerts.targets import alert_targets, send

    host = urlsplit(settings.public_url).hostname
    text = f"This is a test at {when(time.time())}: alerts of Saycode arrive here."
    letter, targets = Letter(f"{host}: Test of alerts", text, resolved=True), alert_targets(settings.alert_urls)

    async def send_all() -> "list[str | None]":
        return list(await asyncio.gather(*(send(target, letter, timeout=_PATIENCE) for target in targets)))

    outcomes = asyncio.run(send_all())
    _show(targets, outcomes, as_json=as_json)
    if any(outcomes):
        sys.exit(EXIT_NOT_SENT)


def _show(targets: "Sequence[AlertTarget]", outcomes: "Sequence[str | None]", *, as_json: bool) -> None:
    found = list(zip(targets, outcomes, strict=True))
    if as_json:
        click.echo(json.dumps([{"target": target.name, "sent": why is None, "why": why} for target, why in found]))
        return
    for target, why in found:
        click.echo(f"{target.name}: {'sent' if why is None else f'not sent, {why}'}")
