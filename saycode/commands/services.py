"""`saycode services` and `saycode keys`."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .opening import JSON, with_table

if TYPE_CHECKING:
    from verification.tenants import Key, Tenant

    from ..tenants import SqliteTenants

T = TypeVar("T")


@click.group()
def services() -> None:
    """Services of the API: each has its own brand, keys and verifications."""


@services.command("create")
@click.argument("name")
@JSON
def create_service(name: str, as_json: bool) -> None:
    """Make a service, and its first key. NAME is who calls: it is spoken and texted."""
    from verification import brands
    from verification.errors import BrandInvalid
    from verification.records import OPERATOR
    from verification.tenants import new_tenant

    from ..clock import randomness

    try:
        brand = brands.parse(name)
    except BrandInvalid as problem:
        raise click.ClickException(f"NAME {problem}") from problem

    async def work(tenants: "SqliteTenants") -> dict[str, str]:
        tenant = new_tenant(brand, now=time.time(), randomness=randomness)
        await tenants.put(tenant, actor=OPERATOR)
        return await _add_key(tenants, tenant.sid)

    _show_key(_with_tenants(work), as_json=as_json)


@services.command("list")
@JSON
def list_services(as_json: bool) -> None:
    """All services, the oldest first."""

    async def work(tenants: "SqliteTenants") -> "list[Tenant]":
        found: list[Tenant] = []
        while more := await tenants.tenants(after=found[-1].sid if found else None, limit=1000):
            found += more
        return found

    listed = [
        {"service_sid": tenant.sid, "name": tenant.name, "date_created": _when(tenant.created_at)}
        for tenant in _with_tenants(work)
    ]
    _show_list(listed, as_json=as_json)


@click.group()
def keys() -> None:
    """Keys of a service. Those of the built-in service are the operator's: they reach all services."""


@keys.command("create")
@click.argument("service")
@JSON
def create_key(service: str, as_json: bool) -> None:
    """Make one more key for SERVICE, a VA… sid. Its secret is shown once."""
    _show_key(_with_tenants(lambda tenants: _add_key(tenants, service)), as_json=as_json)


@keys.command("revoke")
@click.argument("key")
@JSON
def revoke_key(key: str, as_json: bool) -> None:
    """End KEY, an SK… sid, for good and at once."""
    from verification.records import OPERATOR

    if not _with_tenants(lambda tenants: tenants.revoke(key, now=time.time(), actor=OPERATOR)):
        raise click.ClickException(f"no key {key} is in force")
    click.echo(json.dumps({"key_sid": key, "revoked": True}) if as_json else f"{key} opens nothing any more.")


@keys.command("list")
@click.argument("service")
@JSON
def list_keys(service: str, as_json: bool) -> None:
    """The keys of SERVICE, revoked ones too; never their secrets."""

    async def work(tenants: "SqliteTenants") -> "list[Key]":
        await _require_service(tenants, service)
        return await tenants.keys(service)

    listed = [
        {
            "key_sid": key.sid,
            "date_created": _when(key.created_at),
            "date_revoked": _when(key.revoked_at) if key.revoked_at is not None else None,
        }
        for key in _with_tenants(work)
    ]
    _show_list(listed, as_json=as_json)


async def _add_key(tenants: "SqliteTenants", service: str) -> dict[str, str]:
    from verification.records import OPERATOR
    from verification.tenants import new_key

    from ..clock import randomness

    await _require_service(tenants, service)
    key, secret = new_key(service, now=time.time(), randomness=randomness)
    await tenants.add_key(key, actor=OPERATOR)
    return {"service_sid": service, "key_sid": key.sid, "secret": secret}


async def _require_service(tenants: "SqliteTenants", service: str) -> None:
    if await tenants.tenant(service) is None:
        raise click.ClickException(f"there is no service {service}; `saycode services list` shows them")


def _with_tenants(work: "Callable[[SqliteTenants], Awaitable[T]]") -> T:
    """What the work comes to, with the services in the database of the settings."""
    from ..tenants import SqliteTenants

    return with_table(lambda table: work(SqliteTenants(table)))


def _show_key(shown: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(shown))
        return
    click.echo(f"Service  {shown['service_sid']}\nKey      {shown['key_sid']}\nSecret   {shown['secret']}")
    click.echo("The secret is shown this once: keep it where your application keeps its secrets.")


def _show_list(listed: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(listed))
        return
    for entry in listed:
        click.echo("  ".join(str(value or "-") for value in entry.values()))


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
