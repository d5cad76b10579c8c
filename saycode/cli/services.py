"""`saycode services` and `saycode keys`."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec.structs import replace

from .context import Group, json_option, load_settings_or_exit, when, with_store

if TYPE_CHECKING:
    from verification.services import ApiKey, Service

    from ..storage.api.services import SqliteServices

T = TypeVar("T")


@click.group(cls=Group)
def services() -> None:
    """Services of the API: each has its own brand, keys and verifications."""


@services.command("create")
@click.argument("name")
@click.option("--custom-codes", is_flag=True, help="Let the service have its own codes said, which it checks itself.")
@json_option
def create_service(name: str, custom_codes: bool, as_json: bool) -> None:
    """Create a service and its first key. NAME is spoken in calls and shown in texts."""
    from verification.errors import BrandInvalid
    from verification.models import OPERATOR
    from verification.services import new_service
    from verification.values import spoken_names
    from verification.values.look_alikes import look_alike

    from ..server.clock import randomness

    operator = load_settings_or_exit().brand
    try:
        brand = spoken_names.parse_brand(name)
    except BrandInvalid as problem:
        raise click.ClickException(f"NAME {problem}") from problem

    async def work(services: "SqliteServices") -> dict[str, str]:
        if any(look_alike(brand, other) for other in [operator, *(each.name for each in await _all(services))]):
            raise click.ClickException("NAME looks like the name of another service, or like SAYCODE_BRAND")
        service = replace(new_service(brand, now=time.time(), randomness=randomness), custom_codes=custom_codes)
        await services.put(service, actor=OPERATOR)
        return await _add_key(services, service.sid)

    _show_key(_with_services(work), as_json=as_json)


@services.command("update")
@click.argument("service")
@click.option("--custom-codes/--no-custom-codes", required=True, help="Whether it may have its own codes said.")
@json_option
def update_service(service: str, custom_codes: bool, as_json: bool) -> None:
    """Change SERVICE, a VA… sid. Codes that are on their way stay valid."""
    from verification.models import OPERATOR

    async def work(services: "SqliteServices") -> "Service":
        found = await _require_service(services, service)
        changed = replace(found, custom_codes=custom_codes, updated_at=time.time())
        await services.put(changed, actor=OPERATOR)
        return changed

    shown = _shown(_with_services(work))
    click.echo(
        json.dumps(shown) if as_json else f"{service} {'may' if custom_codes else 'may not'} send its own codes."
    )


@services.command("list")
@json_option
def list_services(as_json: bool) -> None:
    """List the services, oldest first."""
    _show_list([_shown(service) for service in _with_services(_all)], as_json=as_json)


def _shown(service: "Service") -> dict[str, Any]:
    return {
        "service_sid": service.sid,
        "name": service.name,
        "date_created": when(service.created_at),
        "custom_codes": service.custom_codes,
    }


async def _all(services: "SqliteServices") -> "list[Service]":
    listed: list[Service] = []
    while page := await services.services(after=listed[-1].sid if listed else None, limit=1000):
        listed += page
    return listed


@click.group(cls=Group)
def keys() -> None:
    """API keys of a service. The keys of the built-in service give access to all services."""


@keys.command("create")
@click.argument("service")
@json_option
def create_key(service: str, as_json: bool) -> None:
    """Create a key for SERVICE, a VA… sid. Its secret is shown once."""
    _show_key(_with_services(lambda services: _add_key(services, service)), as_json=as_json)


@keys.command("revoke")
@click.argument("key")
@json_option
def revoke_key(key: str, as_json: bool) -> None:
    """Revoke KEY, an SK… sid, at once and permanently."""
    from verification.models import OPERATOR

    if not _with_services(lambda services: services.revoke(key, now=time.time(), actor=OPERATOR)):
        raise click.ClickException(f"there is no valid key {key}")
    click.echo(json.dumps({"key_sid": key, "revoked": True}) if as_json else f"{key} is revoked.")


@keys.command("list")
@click.argument("service")
@json_option
def list_keys(service: str, as_json: bool) -> None:
    """List the keys of SERVICE, including revoked ones, without their secrets."""

    async def work(services: "SqliteServices") -> "list[ApiKey]":
        await _require_service(services, service)
        return await services.keys(service)

    listed = [
        {
            "key_sid": key.sid,
            "date_created": when(key.created_at),
            "date_revoked": when(key.revoked_at) if key.revoked_at is not None else None,
        }
        for key in _with_services(work)
    ]
    _show_list(listed, as_json=as_json)


async def _add_key(services: "SqliteServices", service: str) -> dict[str, str]:
    from verification.models import OPERATOR
    from verification.services import new_api_key

    from ..server.clock import randomness

    await _require_service(services, service)
    key, secret = new_api_key(service, now=time.time(), randomness=randomness)
    await services.add_key(key, actor=OPERATOR)
    return {"service_sid": service, "key_sid": key.sid, "secret": secret}


async def _require_service(services: "SqliteServices", sid: str) -> "Service":
    service = await services.service(sid)
    if service is None:
        raise click.ClickException(f"there is no service {sid}; `saycode services list` shows them")
    return service


def _with_services(work: "Callable[[SqliteServices], Awaitable[T]]") -> T:
    """The result of work on the services of the store."""
    from ..storage.api.services import SqliteServices

    return with_store(lambda store: work(SqliteServices(store)))


def _show_key(shown: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(shown))
        return
    click.echo(f"Service  {shown['service_sid']}\nKey      {shown['key_sid']}\nSecret   {shown['secret']}")
    click.echo("The secret is shown only once: keep it where your application keeps its secrets.")


def _show_list(listed: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(listed))
        return
    for entry in listed:
        click.echo("  ".join(str(value or "-") for value in entry.values()))
