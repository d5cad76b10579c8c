"""Services: a key may read and update its own. Only an operator's key may create or delete one."""

from msgspec.structs import replace
from starlette.responses import JSONResponse, Response

from verification.policy import Keypress
from verification.services import Service, new_service
from verification.values import spoken_names

from . import errors, serializers
from .auth import ApiRequest
from .names import require_own_look
from .pagination import PAGE_PARAMETERS, ListPage, read_page
from .parameters import BOOLEAN, Parameter, Parameters, Values, integer, read_body, read_query, string

_SETTINGS = (
    Parameter(name="CodeLength", description="The number of digits in a code.", schema=integer(6, 10)),
    Parameter(
        name="DtmfInputRequired",
        description="Whether a call asks for a key press before it says the code.",
        schema=BOOLEAN,
    ),
    Parameter(
        name="CustomCodeEnabled",
        description="Whether starts may have a `CustomCode`. Only an operator's key may enable it.",
        schema=BOOLEAN,
    ),
    *(
        Parameter(name=name, description=description, schema=BOOLEAN, refused=True, only=only)
        for name, only, description in (
            ("LookupEnabled", False, "Answers have no look-up; the operator's settings decide on it."),
            ("SkipSmsToLandlines", False, "A text that a landline refuses is an error of the start."),
            ("Psd2Enabled", True, "`Amount` and `Payee` are always taken."),
            ("DoNotShareWarningEnabled", True, "Texts always warn not to share the code."),
            ("Push.IncludeDate", False, "Push is not supported."),
            ("VerifyEventSubscriptionEnabled", False, "Events go where `saycode events add` says."),
        )
    ),
    *(
        Parameter(name=name, description="Not supported.", refused=True)
        for name in (
            *("TtsName", "Push.ApnCredentialSid", "Push.FcmCredentialSid", "Totp.Issuer", "Totp.TimeStep"),
            *("Totp.CodeLength", "Totp.Skew", "DefaultTemplateSid", "Whatsapp.MsgServiceSid", "Whatsapp.From"),
            *("Passkeys.RelyingParty.Id", "Passkeys.RelyingParty.Name", "Passkeys.RelyingParty.Origins"),
            *("Passkeys.AuthenticatorAttachment", "Passkeys.DiscoverableCredentials", "Passkeys.UserVerification"),
        )
    ),
)
_NAME = Parameter(
    name="FriendlyName",
    description="The brand that calls and texts name.",
    schema=string(1, spoken_names.MAX_BRAND_LENGTH),
)
CREATE = Parameters(replace(_NAME, required=True), *_SETTINGS)
UPDATE = Parameters(_NAME, *_SETTINGS)


async def create(api: ApiRequest) -> Response:
    """Create a service. Its keys are created on the command line, which shows their secrets."""
    _require_operator(api)
    values = await read_body(api.request, CREATE)
    verifier = api.verifier
    service = new_service("", now=verifier.clock.now(), randomness=verifier.randomness)
    service = _with_settings(service, values, now=service.created_at)
    await require_own_look(api, service.name, "FriendlyName", own=service.sid)
    await api.ctx.services.put(service, actor=api.actor)
    return JSONResponse(serializers.service(service, api.ctx), status_code=201)


async def fetch(api: ApiRequest) -> Response:
    return JSONResponse(serializers.service(api.service, api.ctx))


async def update(api: ApiRequest) -> Response:
    """Update the settings of a service. Pending verifications keep their old settings."""
    values = await read_body(api.request, UPDATE)
    if values.get("CustomCodeEnabled") and not api.service.custom_codes:
        _require_operator(api)
    service = _with_settings(api.service, values, now=api.verifier.clock.now())
    if "FriendlyName" in values:
        await require_own_look(api, service.name, "FriendlyName", own=service.sid)
    await api.ctx.services.put(service, actor=api.actor)
    return JSONResponse(serializers.service(service, api.ctx))


async def delete(api: ApiRequest) -> Response:
    """Delete a service and all of its keys."""
    _require_operator(api)
    if api.service.built_in:
        raise errors.ApiError(403, errors.FORBIDDEN, "The built-in service cannot be deleted")
    now = api.verifier.clock.now()
    await api.ctx.services.remove(api.service.sid, now=now, actor=api.actor)
    return Response(status_code=204)


async def list_all(api: ApiRequest) -> Response:
    """The services that the key may access."""
    page = read_page(read_query(api.request, PAGE_PARAMETERS))
    if api.is_operator:
        listed = await api.ctx.services.services(after=page.after, limit=page.size + 1)
    else:
        listed = [api.service] if page.after is None else []
    return JSONResponse(_page(api, listed, page))


def _page(api: ApiRequest, listed: list[Service], page: ListPage) -> serializers.Body:
    entries = [serializers.service(service, api.ctx) for service in listed[: page.size]]
    return page.of("services", entries, api.ctx.urls.of("api_services"), more=len(listed) > page.size)


def _require_operator(api: ApiRequest) -> None:
    if not api.is_operator:
        raise errors.ApiError(403, errors.FORBIDDEN, "This requires a key of the built-in service")


def _with_settings(service: Service, values: Values, *, now: float) -> Service:
    if service.built_in and "FriendlyName" in values:
        raise errors.invalid("FriendlyName", "the built-in service takes its name from SAYCODE_BRAND")
    keypress = service.keypress
    if "DtmfInputRequired" in values:
        keypress = None if values["DtmfInputRequired"] else Keypress.OFF
    return replace(
        service,
        name=spoken_names.parse_brand(values["FriendlyName"]) if "FriendlyName" in values else service.name,
        code_length=values.get("CodeLength", service.code_length),
        keypress=keypress,
        custom_codes=values.get("CustomCodeEnabled", service.custom_codes),
        updated_at=now,
    )
