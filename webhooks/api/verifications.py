"""Verifications: start, fetch, update (cancel or approve) and check."""

import re
from dataclasses import replace

from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, Response

from twiml.words import language_of_country
from verification.errors import BrandInvalid, NotEnrolled, NumberInvalid
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
from .idempotency import KEY_HEADER, idempotent
from .parameters import (
    ACTION,
    AMOUNT,
    NUMBER,
    OF_EXTENSION,
    PAYEE,
    USERNAME,
    Parameter,
    Values,
    one_of,
    read_body,
    read_query,
    string,
)

UPDATE = (
    Parameter(
        name="Status",
        description="`canceled` cancels the verification; `approved` approves it without a code.",
        schema=one_of("canceled", "approved"),
        required=True,
    ),
    ACTION,
    OF_EXTENSION,
)
FETCH = (ACTION, OF_EXTENSION)
CHECK = (
    Parameter(name="Code", description="The code that the user entered.", schema=string(1, 64), required=True),
    Parameter(name="To", description="The phone number in E.164.", schema=NUMBER),
    Parameter(
        name="VerificationSid",
        description="The sid of the verification.",
        schema=string(34, 34, pattern="^VE[0-9a-f]{32}$"),
    ),
    OF_EXTENSION,
    USERNAME,
    ACTION,
    AMOUNT,
    PAYEE,
    Parameter(name="SnaClientToken", description="Silent network authentication is not supported.", refused=True),
)
_SID = re.compile(r"VE[0-9a-f]{32}\Z")


async def create(api: ApiRequest) -> Response:
    """Start a verification. If the same one is pending, its code is sent again."""
    start_request = await _read_start_request(api, await read_body(api.request, CREATE))
    verifier = api.verifier

    async def start(delivery: str | None) -> State:
        started = await verifier.start(replace(start_request, delivery=delivery))
        return await verifier.get(ByVerification(started.verification.sid))

    if KEY_HEADER in api.request.headers:
        return await idempotent(api, start)
    return JSONResponse(serializers.verification(await start(None), api.ctx), status_code=201)


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


async def check(api: ApiRequest) -> Response:
    """Check a code."""
    values = await read_body(api.request, CHECK)
    verifier = api.verifier
    verification = (await _from_parameters(api, values)).verification
    assert verification is not None
    result = await verifier.check(verification.sid, values["Code"], payment=_payment(values))
    if not result.compared:
        raise _not_compared(result.verification.status, result.verification.expires_at - verifier.clock.now())
    state = await verifier.get(ByVerification(verification.sid))
    body = serializers.check(replace(state, verification=result.verification), api.ctx)
    return JSONResponse(body, background=BackgroundTask(verifier.hang_up, result.hang_up))


def _not_compared(status: VerificationStatus, left: float) -> errors.ApiError:
    """A check of a verification that has ended. Until its deadline the answer says that its checks are used up."""
    if status is VerificationStatus.MAX_ATTEMPTS_REACHED and left > 0:
        return errors.ApiError(429, errors.MAX_CHECKS, "Max check attempts reached", wait=left)
    return errors.not_found()


async def _from_path(api: ApiRequest, values: Values) -> State:
    """The verification in the path, by sid or by number. Raises ApiError."""
    name = api.request.path_params["verification"]
    if _SID.match(name):
        return await _owned(api, ByVerification(name))
    if not re.match(NUMBER["pattern"], name):
        raise errors.not_found()
    return await _owned(api, _by_account(api, _account_of(name, values), values))


async def _from_parameters(api: ApiRequest, values: Values) -> State:
    """The verification that a check names in its parameters. Raises ApiError."""
    if "VerificationSid" in values:
        state = await _owned(api, ByVerification(values["VerificationSid"]))
        assert state.verification is not None
        if "To" in values and not state.verification.number.means(values["To"]):
            raise errors.not_found()
        return state
    if "Username" in values:
        name = usernames.account_name(usernames.clean_username(values["Username"]))
        return await _owned(api, _by_account(api, name, values))
    if "To" in values:
        return await _owned(api, _by_account(api, _account_of(values["To"], values), values))
    raise errors.invalid("To", "it is missing, and so are VerificationSid and Username")


def _account_of(number: str, values: Values) -> str:
    """The account of a number in E.164 and its extension. Raises ApiError: what is no number has no verification."""
    try:
        return account_of_number(_with_extension(phone_numbers.parse(number), values))
    except NumberInvalid as error:
        raise errors.not_found() from error


def _with_extension(number: PhoneNumber, values: Values) -> PhoneNumber:
    return replace(number, extension=values["SendDigits"]) if "SendDigits" in values else number


def _by_account(api: ApiRequest, account: str, values: Values) -> ByCheck:
    now = api.verifier.clock.now()
    return ByCheck(service=api.service.sid, account=account, action=_action(values), now=now)


async def _owned(api: ApiRequest, query: ByVerification | ByCheck) -> State:
    state = await api.verifier.get(query)
    if state.verification is None or state.verification.service != api.service.sid:
        raise errors.not_found()
    return state


async def _read_start_request(api: ApiRequest, values: Values) -> StartRequest:
    """The StartRequest of an API request. Raises ApiError and VerificationError."""
    account = await _account(api, values["Username"]) if "Username" in values else None
    proves_new = account is not None and _action(values) == NEW_NUMBER
    if proves_new and "To" not in values:
        raise errors.invalid("To", "it is missing: the account's new number")
    number = _number(account, values)
    style = CallStyle(values.get("CallStyle", CallStyle.SAY))
    return StartRequest(
        username=account.username if account else "",
        number=number,
        channel=_channel(account, values),
        action=_action(values),
        language=_language(api, account, number, values),
        service=api.service.sid,
        style=style,
        source=_source(values),
        brand=_brand(api, values),
        code_length=api.service.code_length,
        keypress=api.service.keypress,
        manner=Manner.ENROLLED if account and not proves_new else Manner.TYPED,
        payment=_payment(values),
        resends=True,
        tags=values.get("Tags", {}),
        app_hash=values.get("AppHash", ""),
    )


def _payment(values: Values) -> Payment | None:
    """The payment to approve. Raises PaymentInvalid."""
    if "Amount" not in values and "Payee" not in values:
        return None
    return payments.parse(values.get("Amount", ""), values.get("Payee", ""))


def _action(values: Values) -> str:
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


def _channel(account: Account | None, values: Values) -> Channel:
    if "Channel" in values:
        return Channel(values["Channel"])
    if account is None:
        raise errors.invalid("Channel", "it is missing")
    return account.channel


def _language(api: ApiRequest, account: Account | None, number: PhoneNumber, values: Values) -> str:
    if "Locale" in values:
        return api.ctx.words(values["Locale"]).tag
    language = (account.language if account else "") or language_of_country(number.region)
    return api.ctx.words(language).tag


def _brand(api: ApiRequest, values: Values) -> str:
    if "CustomFriendlyName" not in values:
        return api.service.name
    try:
        return spoken_names.parse_brand(values["CustomFriendlyName"])
    except BrandInvalid as error:
        raise errors.invalid("CustomFriendlyName", str(error)) from error


def _source(values: Values) -> str:
    if "DeviceIp" not in values:
        return ""
    source = source_of(values["DeviceIp"])
    if not source:
        raise errors.invalid("DeviceIp")
    return source
