"""`saycode operators`: who may sign in to the console with a key; `saycode console`: the console on this machine."""

import asyncio
import json
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, closing, suppress
from typing import TYPE_CHECKING, TypeVar

import click

from .context import Group, exit_with_error, json_option, load_settings_or_exit, open_store_and_tell, when, with_store

if TYPE_CHECKING:
    from ..config.settings import Settings
    from ..console.operators import Operators
    from ..storage.store import SqlStore

T = TypeVar("T")
ROLES = ("help-desk", "administrator")
_HOST = "127.0.0.1"
#: The exit code of a command that finds its port taken.
_CANNOT_LISTEN = 3


@click.group(cls=Group)
def operators() -> None:
    """Operators: who may sign in to the console, and as what."""


@operators.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the operator may do.")
@json_option
def add_operator(name: str, role: str, as_json: bool) -> None:
    """Add an operator. NAME is in the audit log for all that they do; the key is shown once."""
    from ..console.operators import LONGEST_NAME, Role, new_operator
    from ..server.clock import randomness

    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise click.BadParameter(f"NAME must have 1 to {LONGEST_NAME} characters, all of them visible")
    operator, key = new_operator(name, Role(role), now=time.time(), randomness=randomness)
    if not _with_operators(lambda store: store.add(operator)):
        raise click.ClickException(f"there is an operator {name} already")
    if as_json:
        click.echo(json.dumps({"sid": operator.sid, "key": key}))
        return
    click.echo(f"Operator {operator.sid}\nKey      {key}\nThe key is shown only once: the operator keeps it.")


@operators.command("list")
@json_option
def list_operators(as_json: bool) -> None:
    """List the operators, oldest first, without their keys."""
    listed = _with_operators(lambda store: store.all())
    if as_json:
        rows = [
            {"sid": one.sid, "name": one.name, "role": one.role.value, "date_created": when(one.created_at)}
            for one in listed
        ]
        click.echo(json.dumps(rows))
        return
    for one in listed:
        click.echo(f"{one.sid}  {one.role.value:<13}  {when(one.created_at)}  {one.name}")


@operators.command("remove")
@click.argument("operator")
@json_option
def remove_operator(operator: str, as_json: bool) -> None:
    """Remove OPERATOR, an OP… sid, at once: the key and every browser that it signed in."""
    if not _with_operators(lambda store: store.remove(operator, now=time.time())):
        raise click.ClickException(f"there is no operator {operator}; `saycode operators list` shows them")
    click.echo(json.dumps({"sid": operator, "removed": True}) if as_json else f"{operator} is removed.")


def _with_operators(work: "Callable[[Operators], Awaitable[T]]") -> T:
    from ..console.operators import Operators
    from ..server.clock import randomness

    return with_store(lambda store: work(Operators(store=store, randomness=randomness)))


@click.command()
@click.option("--example-traffic", is_flag=True, help="Write two days of it, to a database of the simulator.")
@click.option("--port", default=8003, show_default=True, type=click.IntRange(1, 65535))
def console(port: int, example_traffic: bool) -> None:
    """Serve the operator's console on the loopback address, with a key of its own."""
    from ..config.url_parsers import is_loopback
    from ..storage.connection import DatabaseUnusable

    settings = load_settings_or_exit()
    if example_traffic and not is_loopback(settings.api_base_url or ""):
        exit_with_error("--example-traffic: it is only for a database of the simulator (TWILIO_API_BASE_URL).")
    with closing(socket.socket()) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((_HOST, port))
        except OSError:
            exit_with_error(f"Port {port} of {_HOST} is taken: try --port.", code=_CANNOT_LISTEN)
        try:
            store = open_store_and_tell(settings)
        except DatabaseUnusable as problem:
            exit_with_error(str(problem))
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(settings, store, bound, examples=example_traffic))
    sys.exit(0)


async def _serve(settings: "Settings", store: "SqlStore", bound: socket.socket, *, examples: bool) -> None:
    from ..example_traffic import writing_examples
    from ..server.console import alone

    async with store, AsyncExitStack() as stack:
        server = await stack.enter_async_context(alone(settings, store, bound))
        click.echo(f"The console  {server.address}\nIts key      {server.key}\n\nCtrl-C stops it.")
        if examples:
            await stack.enter_async_context(writing_examples(settings, store))
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, setattr, server, "should_exit", True)
        await server.run_until_stopped()
