"""`saycode clients`: the applications that may log people in with OpenID Connect."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import click

from .context import json_option, when, with_store

if TYPE_CHECKING:
    from verification.authorizations import Client

    from ..storage.api.authorizations import SqliteAuthorizations

T = TypeVar("T")
_LONGEST_NAME = 60
#: The path at a guarded site that leads to this service, as the blocks in deploy/ have it.
GUARD_CALLBACK = "/.saycode/callback"


@click.group()
def clients() -> None:
    """Applications that log people in with OpenID Connect."""


@clients.command("add")
@click.argument("name")
@click.option("--redirect", "redirects", multiple=True, help="Where answers go; may be repeated.")
@click.option("--guard", help="The address of a site that a proxy guards, instead of --redirect.")
@click.option("--public", is_flag=True, help="No secret: an application on a device or in a browser.")
@json_option
def add_client(name: str, redirects: tuple[str, ...], guard: str | None, public: bool, as_json: bool) -> None:
    """Add an application. People see NAME on the page; its secret is shown once."""
    from verification.authorizations import new_client
    from verification.models import OPERATOR

    from ..server.clock import randomness

    if not name.strip() or len(name) > _LONGEST_NAME or not name.isprintable():
        raise click.BadParameter(f"NAME must have 1 to {_LONGEST_NAME} characters, all of them visible")
    if (guard is None) == (not redirects):
        raise click.UsageError("Give --redirect, or --guard for a site that a proxy guards.")
    addresses = tuple(dict.fromkeys(_parse_redirect(text) for text in redirects))
    if guard is not None:
        addresses, public = (_parse_site(guard) + GUARD_CALLBACK,), True
    client, secret = new_client(name.strip(), addresses, public=public, now=time.time(), randomness=randomness)
    _with_clients(lambda store: store.add_client(client, actor=OPERATOR))
    if as_json:
        click.echo(json.dumps({"client_id": client.id, "client_secret": secret}))
        return
    click.echo(f"Client   {client.id}")
    if secret is not None:
        click.echo(
            f"Secret   {secret}\nThe secret is shown only once: keep it where your application keeps its secrets."
        )
    if guard is not None:
        click.echo("Write this id into the block for your proxy (docs/openid.md).")


def _parse_redirect(text: str) -> str:
    """A redirect URI: https, or http on loopback (RFC 8252, 7.3), without a fragment (RFC 6749, 3.1.2)."""
    from ..config.parsers import InvalidValue
    from ..config.url_parsers import parse_url

    try:
        address = parse_url(text)
    except InvalidValue as problem:
        raise click.BadParameter(f"--redirect {problem}") from problem
    if "#" in address:
        raise click.BadParameter("--redirect must have no fragment (#)")
    return address


def _parse_site(text: str) -> str:
    """The scheme, host and port of a guarded site: its proxy leads the callback here from its root."""
    from ..config.parsers import InvalidValue
    from ..config.url_parsers import parse_base_url

    try:
        return parse_base_url(text)
    except InvalidValue as problem:
        raise click.BadParameter(f"--guard {problem}") from problem


@clients.command("list")
@json_option
def list_clients(as_json: bool) -> None:
    """List the applications, oldest first, without their secrets."""
    listed = _with_clients(lambda store: store.clients())
    if as_json:
        click.echo(json.dumps([_as_json(client) for client in listed]))
        return
    for client in listed:
        kind = "public" if client.public else "with a secret"
        click.echo(f"{client.id}  {client.name}  {kind}  {when(client.created_at)}  {' '.join(client.redirect_uris)}")


def _as_json(client: "Client") -> dict[str, object]:
    return {
        "client_id": client.id,
        "name": client.name,
        "redirect_uris": list(client.redirect_uris),
        "public": client.public,
        "date_created": when(client.created_at),
    }


@clients.command("remove")
@click.argument("client")
@json_option
def remove_client(client: str, as_json: bool) -> None:
    """Remove CLIENT, an OC… id, at once and permanently: its codes and tokens stop working, too."""
    from verification.models import OPERATOR

    if not _with_clients(lambda store: store.remove_client(client, now=time.time(), actor=OPERATOR)):
        raise click.ClickException(f"there is no client {client}; `saycode clients list` shows them")
    click.echo(json.dumps({"client_id": client, "removed": True}) if as_json else f"{client} is removed.")


def _with_clients(work: "Callable[[SqliteAuthorizations], Awaitable[T]]") -> T:
    from ..storage.api.authorizations import SqliteAuthorizations

    return with_store(lambda store: work(SqliteAuthorizations(store)))
