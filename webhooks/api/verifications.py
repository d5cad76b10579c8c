"""Verifications: start, fetch, update (cancel or approve) and check."""

import re

from msgspec.structs import replace
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from twiml.words import language_of_country
from verification.errors import BrandInvalid, NotEnrolled, NumberInvalid
from verification.flow import binding
from verification.flow.binding import Claim
from verification.flow.start import StartRequest
from verification.models import Account, Manner, State
from verification.policy import NEW_NUMBER, PAYMENT, SIGN_IN
from verification.ports import ByCheck, ByEnrolled, ByVerification
from verification.types import CallStyle, Channel, VerificationStatus
from verification.values import payments, phone_numbers, spoken_names, usernames
from verification.values.payments import Payment
from verification.values.phone_numbers import PhoneNumber, account_of_number

from ..requests import source_of
from . import errors, serializers
from .auth import ApiRequest
from .create_parameters import CREATE as CREATE
from .idempotency import KEY_HEADER, idempotent, read_key
from .names import require_own_look
from .parameters import (
    ACTION,
    AMOUNT,
    NUMBER,
    OF_EXTENSION,
    PAYEE,
    USERNAME,
    Parameter,
    Parameters,
    Values,
    one_of,
    read_body,
    read_query,
)

#: What has to fit the verification, when it is given.
BOUND = (OF_EXTENSION, USERNAME, ACTION, AMOUNT, PAYEE)
UPDATE = Parameters(
    Parameter(
        name="Status",
        description="`canceled` cancels the verification; `approved` approves it without a code.",
        schema=one_of("canceled", "approved"),
        required=True,
    ),
    *BOUND,
)
FETCH = Parameters(*BOUND)
_SID = re.compile(r"VE[0-9a-f]{32}\Z")


async def create(api: ApiRequest) -> Response:
    """Start a verification. If the same one is pending, its code is sent again."""
    key = read_key(api.request) if KEY_HEADER in api.request.headers else None
    return await begin(api, await read_body(api.request, CREATE), key=key)


async def begin(api: ApiRequest, values: Values, *, key: str | None) -> Response:
    """Start a verification with these parameters. With a `key` a repetition starts nothing."""
    start_request = await _read_start_request(api, values)
    verifier = api.verifier

    async def start(delivery: str | None) -> State:
        started = await verifier.start(replace(start_request, delivery=delivery))
        return started.state or await verifier.get(ByVerification(started.verification.sid))

    if key is not None:
        return await idempotent(api, key, start)
    return serializers.FastJsonResponse(serializers.verification(await start(None), api.ctx), status_code=201)


async def fetch(api: ApiRequest) -> Response:
    state = await _from_path(api, read_query(api.request, FETCH))
    return JSONResponse(serializers.verification(state, api.ctx))


async def update(api: ApiRequest) -> Response:
    """Cancel a verification, or approve it without a code."""
    values = await read_body(api.request, UPDATE)
    verification = (await _from_path(api, values)).verification
    assert verification is not None
    verifier = api.verifier
    end = verifier.cancel if values["Status"] == VerificationStatus.CANCELED else verifier.approve
    ended = await end(verification.sid)
    body = serializers.verification(await verifier.get(ByVerification(verification.sid)), api.ctx)
    return JSONResponse(body, background=BackgroundTask(verifier.hang_up, ended.hang_up))


async def _from_path(api: ApiRequest, values: Values) -> State:
    """The verification in the path, by sid or by number, when all that is given fits it. Raises ApiError."""
    name = api.request.path_params["verification"]
    claim = claim_of(values)
    if _SID.match(name):
        state = await owned(api, ByVerification(name))
    elif re.match(NUMBER["pattern"], name):
        state = await owned(api, by_account(api, account_of(name, values), values))
    else:
        raise errors.not_found()
    assert state.verification is not None
    if not binding.fits(claim, state.verification):
        raise errors.not_found()
    return state


def claim_of(values: Values) -> Claim:
    """Raises PaymentInvalid and UsernameInvalid."""
    username = values.get("Username")
    return Claim(
        number=values.get("To"),
        account=None if username is None else usernames.account_name(usernames.clean_username(username)),
        action=action_of(values) if "Action" in values or "Amount" in values else None,
        payment=payment_of(values),
    )


def account_of(number: str, values: Values) -> str:
    """The account of a number in E.164 and its extension. Raises ApiError: what is no number has no verification."""
    try:
        return account_of_number(_with_extension(phone_numbers.parse(number), values))
    except NumberInvalid as error:
        raise errors.not_found() from error


def _with_extension(number: PhoneNumber, values: Values) -> PhoneNumber:
    return replace(number, extension=values["SendDigits"]) if "SendDigits" in values else number


def by_account(api: ApiRequest, account: str, values: Values) -> ByCheck:
    now = api.verifier.clock.now()
    return ByCheck(service=api.service.sid, account=account, action=action_of(values), now=now)


async def owned(api: ApiRequest, query: ByVerification | ByCheck) -> State:
    state = await api.verifier.get(query)
    if state.verification is None or state.verification.service != api.service.sid:
        raise errors.not_found()
    return state


async def _read_start_request(api: ApiRequest, values: Values) -> StartRequest:
    """The StartRequest of an API request. Raises ApiError and VerificationError."""
    if "CustomCode" in values and not api.service.custom_codes:
        raise errors.unsupported("CustomCode")
    account = await _account(api, values["Username"]) if "Username" in values else None
    proves_new = account is not None and action_of(values) == NEW_NUMBER
    if proves_new and "To" not in values:
        raise errors.invalid("To", "it is missing: the account's new number")
    number = _number(account, values)
    style = CallStyle(values.get("CallStyle", CallStyle.SAY))
    return StartRequest(
        username=account.username if account else "",
        number=number,
        channel=_channel(api, account, values),
        action=action_of(values),
        language=_language(api, account, number, values),
        service=api.service.sid,
        style=style,
        source=_source(values),
        brand=await _brand(api, values),
        code_length=api.service.code_length,
        keypress=api.service.keypress,
        manner=Manner.ENROLLED if account and not proves_new else Manner.TYPED,
        payment=payment_of(values),
        resends=True,
        tags=values.get("Tags", {}),
        app_hash=values.get("AppHash", ""),
        custom_code=values.get("CustomCode", ""),
    )


def payment_of(values: Values) -> Payment | None:
    """The payment to approve. Raises PaymentInvalid."""
    if "Amount" not in values and "Payee" not in values:
        return None
    return payments.parse(values.get("Amount", ""), values.get("Payee", ""))


def action_of(values: Values) -> str:
    return str(values.get("Action", PAYMENT if "Amount" in values else SIGN_IN))


async def _account(api: ApiRequest, username: str) -> Account:
    name = usernames.account_name(usernames.clean_username(username))
    account = (await api.verifier.store.read(ByEnrolled(api.service.sid, name))).account
    if account is None or not account.numbers:
        raise NotEnrolled
    return account


def _number(account: Account | None, values: Values) -> PhoneNumber:
    if account is None and "To" not in values:
        raise errors.invalid("To", "it is missing, and so is Username")
    number = phone_numbers.parse(values["To"]) if "To" in values else None
    if account is not None and number is None:
        number = account.numbers[0].number
    assert number is not None
    return _with_extension(number, values)


def _channel(api: ApiRequest, account: Account | None, values: Values) -> Channel:
    """The channel that is asked for, which must be set up; else the account's, or what follows it."""
    set_up = api.verifier.policy.channels
    if "Channel" in values:
        channel = Channel(values["Channel"])
        if channel not in set_up:
            raise errors.channel_disabled(channel)
        return channel
    if account is None:
        raise errors.invalid("Channel", "it is missing")
    return next(channel for channel in (account.channel, *account.channel.fallbacks) if channel in set_up)


def _language(api: ApiRequest, account: Account | None, number: PhoneNumber, values: Values) -> str:
    if "Locale" in values:
        return api.ctx.words(values["Locale"]).tag
    language = (account.language if account else "") or language_of_country(number.region)
    return api.ctx.words(language).tag


async def _brand(api: ApiRequest, values: Values) -> str:
    if "CustomFriendlyName" not in values:
        return api.service.name
    try:
        brand = spoken_names.parse_brand(values["CustomFriendlyName"])
    except BrandInvalid as error:
        raise errors.invalid("CustomFriendlyName", str(error)) from error
    await require_own_look(api, brand, "CustomFriendlyName", own=api.service.sid)
    return brand


def _source(values: Values) -> str:
    if "DeviceIp" not in values:
        return ""
    source = source_of(values["DeviceIp"])
    if not source:
        raise errors.invalid("DeviceIp")
    return source
