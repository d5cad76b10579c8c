"""Services: a key looks after its own one; making one, and taking one away, is the operator's."""

from dataclasses import replace

from starlette.responses import JSONResponse, Response

from verification import brands
from verification.policy import Keypress
from verification.tenants import Tenant, new_tenant

from . import faults, resources
from .entrance import Caller
from .paging import PAGING, Page, read_page
from .parameters import YES_OR_NO, Given, Parameter, read, read_query, text, whole

_SETTINGS = (
    Parameter(name="CodeLength", meaning="Digits in a code.", schema=whole(6, 10)),
    Parameter(
        name="DtmfInputRequired",
        meaning="Whether keys are to be pressed before a call says the code.",
        schema=YES_OR_NO,
    ),
    Parameter(name="CustomCodeEnabled", meaning="Cannot be had.", schema=YES_OR_NO, unused=True),
    *(
        Parameter(name=name, meaning="Changes nothing here.", schema=YES_OR_NO, unused=True)
        for name in (
            *("LookupEnabled", "SkipSmsToLandlines", "Psd2Enabled", "DoNotShareWarningEnabled"),
            *("Push.IncludeDate", "VerifyEventSubscriptionEnabled"),
        )
    ),
    *(
        Parameter(name=name, meaning="Changes nothing here.", unused=True)
        for name in (
            *("TtsName", "Push.ApnCredentialSid", "Push.FcmCredentialSid", "Totp.Issuer", "Totp.TimeStep"),
            *("Totp.CodeLength", "Totp.Skew", "DefaultTemplateSid", "Whatsapp.MsgServiceSid", "Whatsapp.From"),
            *("Passkeys.RelyingParty.Id", "Passkeys.RelyingParty.Name", "Passkeys.RelyingParty.Origins"),
            *("Passkeys.AuthenticatorAttachment", "Passkeys.DiscoverableCredentials", "Passkeys.UserVerification"),
        )
    ),
)
_NAME = Parameter(name="FriendlyName", meaning="Who calls and texts.", schema=text(1, brands.LONGEST))
CREATE = (replace(_NAME, required=True), *_SETTINGS)
UPDATE = (_NAME, *_SETTINGS)


async def create(caller: Caller) -> Response:
    """A new service; its keys are made on the command line, where their secrets can be shown."""
    _require_operator(caller)
    given = await read(caller.request, CREATE)
    service = caller.service
    tenant = new_tenant("", now=service.clock.now(), randomness=service.randomness)
    tenant = _changed(tenant, given, now=tenant.created_at)
    await caller.here.tenants.put(tenant, actor=caller.key.sid)
    return JSONResponse(resources.service(tenant, caller.here), status_code=201)


async def fetch(caller: Caller) -> Response:
    """One service."""
    return JSONResponse(resources.service(caller.tenant, caller.here))


async def update(caller: Caller) -> Response:
    """Other settings. What is pending keeps those that it began with."""
    given = await read(caller.request, UPDATE)
    tenant = _changed(caller.tenant, given, now=caller.service.clock.now())
    await caller.here.tenants.put(tenant, actor=caller.key.sid)
    return JSONResponse(resources.service(tenant, caller.here))


async def delete(caller: Caller) -> Response:
    """Take a service away, with all of its keys."""
    _require_operator(caller)
    if caller.tenant.built_in:
        raise faults.Fault(403, faults.FORBIDDEN, "The built-in service stays")
    now = caller.service.clock.now()
    await caller.here.tenants.remove(caller.tenant.sid, now=now, actor=caller.key.sid)
    return Response(status_code=204)


async def list_all(caller: Caller) -> Response:
    """The services that the key reaches."""
    page = read_page(read_query(caller.request, PAGING))
    if caller.operator:
        found = await caller.here.tenants.tenants(after=page.after, limit=page.size + 1)
    else:
        found = [caller.tenant] if page.after is None else []
    return JSONResponse(_page(caller, found, page))


def _page(caller: Caller, found: list[Tenant], page: Page) -> resources.Body:
    entries = [resources.service(tenant, caller.here) for tenant in found[: page.size]]
    return page.of("services", entries, caller.here.addresses.of("api_services"), more=len(found) > page.size)


def _require_operator(caller: Caller) -> None:
    if not caller.operator:
        raise faults.Fault(403, faults.FORBIDDEN, "Only a key of the built-in service may do this")


def _changed(tenant: Tenant, given: Given, *, now: float) -> Tenant:
    if tenant.built_in and "FriendlyName" in given:
        raise faults.invalid("FriendlyName", "the built-in service has the name of SAYCODE_BRAND")
    keypress = tenant.keypress
    if "DtmfInputRequired" in given:
        keypress = None if given["DtmfInputRequired"] else Keypress.OFF
    return replace(
        tenant,
        name=brands.parse(given["FriendlyName"]) if "FriendlyName" in given else tenant.name,
        code_length=given.get("CodeLength", tenant.code_length),
        keypress=keypress,
        updated_at=now,
    )
