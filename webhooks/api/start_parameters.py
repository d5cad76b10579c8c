"""What a start asks for, read from its parameters."""

import json
from dataclasses import replace
from typing import Any

from twiml.words import language_of_country, match_language
from verification.errors import BrandInvalid, NotEnrolled
from verification.flow.start import StartRequest
from verification.models import Account, Manner
from verification.policy import NEW_NUMBER, PAYMENT, SIGN_IN
from verification.ports import ByEnrolled
from verification.types import CallStyle, Channel
from verification.values import payments, phone_numbers, spoken_names, usernames
from verification.values.payments import MAX_PAYEE_LENGTH, Payment
from verification.values.phone_numbers import PhoneNumber

from ..requests import source_of
from . import errors
from .auth import ApiRequest
from .parameters import Parameter, Values, one_of, string

NUMBER = string(8, 16, pattern=r"^\+[1-9][0-9]{6,14}$")
ACTION = Parameter(
    name="Action",
    description="The action to verify, from actions.toml. Default: `sign-in`, or `payment` with an amount.",
    schema=string(1, 40, pattern=r"^[a-z][a-z0-9-]*$"),
    is_extension=True,
)
USERNAME = Parameter(
    name="Username",
    description="An enrolled account, whose number is used.",
    schema=string(1, usernames.MAX_USERNAME_LENGTH),
    is_extension=True,
)
AMOUNT = Parameter(
    name="Amount", description="The amount of the payment and its currency, such as `12.30 EUR`.", schema=string(1, 32)
)
PAYEE = Parameter(name="Payee", description="The payee of the payment.", schema=string(1, MAX_PAYEE_LENGTH))
CREATE = (
    Parameter(
        name="To",
        description="The phone number in E.164. With `Username`: one of the account's numbers, or the new one for "
        "`new-number`.",
        schema=NUMBER,
    ),
    Parameter(
        name="Channel",
        description="`call` or `sms`; the account's preferred channel by default.",
        schema=one_of("call", "sms"),
    ),
    Parameter(name="Locale", description="The language of the call or text.", schema=string(2, 35)),
    Parameter(
        name="SendDigits",
        description="Keys to dial an extension after the call is answered; `w` waits half a second.",
        schema=string(1, 32, pattern=r"^[0-9*#wW]+$"),
    ),
    Parameter(
        name="CustomFriendlyName",
        description="The brand for this verification only.",
        schema=string(1, spoken_names.MAX_BRAND_LENGTH),
    ),
    Parameter(name="DeviceIp", description="The user's IP address, for rate limits.", schema=string(2, 45)),
    Parameter(
        name="Tags", description="A JSON object of at most 10 strings. Validated, not stored.", schema=string(2, 4096)
    ),
    AMOUNT,
    PAYEE,
    USERNAME,
    ACTION,
    Parameter(
        name="CallStyle",
        description="`say`: the call says the code. `key`: your page shows the `code` of the response and the user "
        "types it on the phone.",
        schema=one_of("say", "key"),
        is_extension=True,
    ),
    *(
        Parameter(name=name, description=description, refused=True)
        for name, description in (
            ("CustomCode", "Custom codes are not supported."),
            ("RateLimits", "Rate limits are configured by the operator and always apply."),
            ("EnableSnaClientToken", "Silent network authentication is not supported."),
        )
    ),
    *(
        Parameter(name=name, description="Accepted and ignored.", ignored=True)
        for name in ("CustomMessage", "ChannelConfiguration", "AppHash", "TemplateSid", "TemplateCustomSubstitutions")
    ),
    *(Parameter(name=name, description="Accepted and ignored.", ignored=True) for name in ("Templates", "RiskCheck")),
)
MAX_TAGS, LONGEST_TAG = 10, 128


async def read_start_request(api: ApiRequest, given: Values) -> StartRequest:
    """The start that is asked for. Raises Fault, and what the rules refuse."""
    account = await _account(api, given["Username"]) if "Username" in given else None
    proves_new = account is not None and action(given) == NEW_NUMBER
    if proves_new and "To" not in given:
        raise errors.invalid("To", "it is missing: the account's new number")
    number = _number(account, given)
    style = CallStyle(given.get("CallStyle", CallStyle.SAY))
    _require_tags(given.get("Tags", "{}"))
    return StartRequest(
        username=account.username if account else "",
        number=number,
        channel=_channel(account, given),
        action=action(given),
        language=_language(api, account, number, given),
        service=api.service.sid,
        style=style,
        source=_source(given),
        brand=_brand(api, given),
        code_length=api.service.code_length,
        keypress=api.service.keypress,
        manner=Manner.ENROLLED if account and not proves_new else Manner.TYPED,
        payment=payment(given),
        repeats=True,
    )


def payment(given: Values) -> Payment | None:
    """What the code is to approve. Raises PaymentInvalid."""
    return payments.parse(given.get("Amount", ""), given.get("Payee", ""))


def action(given: Values) -> str:
    """What the code is for."""
    return str(given.get("Action", PAYMENT if "Amount" in given else SIGN_IN))


async def _account(api: ApiRequest, username: str) -> Account:
    name = usernames.account_name(usernames.clean_username(username))
    account = (await api.verifier.store.read(ByEnrolled(api.service.sid, name))).account
    if account is None or not account.numbers:
        raise NotEnrolled
    return account


def _number(account: Account | None, given: Values) -> PhoneNumber:
    if account is None and "To" not in given:
        raise errors.invalid("To", "it is missing, and so is Username")
    number = phone_numbers.parse(given["To"]) if "To" in given else None
    if account is not None and number is None:
        number = account.numbers[0].number
    assert number is not None
    return replace(number, extension=given["SendDigits"]) if "SendDigits" in given else number


def _channel(account: Account | None, given: Values) -> Channel:
    if "Channel" in given:
        return Channel(given["Channel"])
    if account is None:
        raise errors.invalid("Channel", "it is missing")
    return account.channel


def _language(api: ApiRequest, account: Account | None, number: PhoneNumber, given: Values) -> str:
    if "Locale" in given:
        known = match_language(given["Locale"])
        if known is None:
            raise errors.invalid("Locale")
        return known
    chosen = (account.language if account else "") or language_of_country(number.region)
    return api.ctx.words(chosen).tag


def _brand(api: ApiRequest, given: Values) -> str:
    if "CustomFriendlyName" not in given:
        return api.service.name
    try:
        return spoken_names.parse_brand(given["CustomFriendlyName"])
    except BrandInvalid as problem:
        raise errors.invalid("CustomFriendlyName", str(problem)) from problem


def _source(given: Values) -> str:
    if "DeviceIp" not in given:
        return ""
    found = source_of(given["DeviceIp"])
    if not found:
        raise errors.invalid("DeviceIp")
    return found


def _require_tags(tags: str) -> None:
    """As Verify has them. Nothing here reads them, so they are not kept."""
    try:
        found: Any = json.loads(tags)
    except (ValueError, RecursionError) as problem:
        raise errors.invalid("Tags") from problem
    if not isinstance(found, dict) or len(found) > MAX_TAGS:
        raise errors.invalid("Tags", f"a JSON object of at most {MAX_TAGS}")
    if not all(isinstance(value, str) and len(value) <= LONGEST_TAG for value in found.values()):
        raise errors.invalid("Tags", f"texts of at most {LONGEST_TAG} characters")
