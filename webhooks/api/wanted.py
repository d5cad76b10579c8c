"""What a start asks for, read from its parameters."""

import json
from dataclasses import replace
from typing import Any

from twiml.words import match, of_country
from verification import brands, errors, numbers, payments, usernames
from verification.actions import NEW_NUMBER, PAYMENT, SIGN_IN
from verification.making import Wanted
from verification.numbers import Number
from verification.payments import LONGEST_PAYEE, Payment
from verification.ports import OfEnrolled
from verification.records import Account, CallStyle, Manner
from verification.states import Channel

from ..source import line
from . import faults
from .entrance import Caller
from .parameters import Given, Parameter, one_of, text

NUMBER = text(8, 16, pattern=r"^\+[1-9][0-9]{6,14}$")
ACTION = Parameter(
    name="Action",
    meaning="What the code is for: an action that is declared. `sign-in` when left out, or `payment` with an amount.",
    schema=text(1, 40, pattern=r"^[a-z][a-z0-9-]*$"),
    ours=True,
)
USERNAME = Parameter(
    name="Username", meaning="An enrolled account: its number is used.", schema=text(1, usernames.LONGEST), ours=True
)
AMOUNT = Parameter(name="Amount", meaning="What is paid, with its currency: `12.30 EUR`.", schema=text(1, 32))
PAYEE = Parameter(name="Payee", meaning="Who gets it.", schema=text(1, LONGEST_PAYEE))
CREATE = (
    Parameter(
        name="To",
        meaning="The number, in E.164; with `Username` one of the account's, or its `new-number`.",
        schema=NUMBER,
    ),
    Parameter(name="Channel", meaning="`call` or `sms`; left out, the account's.", schema=one_of("call", "sms")),
    Parameter(name="Locale", meaning="The language of call and text.", schema=text(2, 35)),
    Parameter(
        name="SendDigits",
        meaning="Keys that reach an extension once the call is answered; `w` waits half a second.",
        schema=text(1, 32, pattern=r"^[0-9*#wW]+$"),
    ),
    Parameter(name="CustomFriendlyName", meaning="Who calls, this once.", schema=text(1, brands.LONGEST)),
    Parameter(name="DeviceIp", meaning="The person's address, for limits.", schema=text(2, 45)),
    Parameter(name="Tags", meaning="A JSON object of at most 10 texts. Checked, not kept.", schema=text(2, 4096)),
    AMOUNT,
    PAYEE,
    USERNAME,
    ACTION,
    Parameter(
        name="CallStyle",
        meaning="`say`: the call says the code. `key`: your page shows the `code` of the answer, the phone takes it.",
        schema=one_of("say", "key"),
        ours=True,
    ),
    *(
        Parameter(name=name, meaning=meaning, refused=True)
        for name, meaning in (
            ("CustomCode", "A code is drawn here and never comes from outside."),
            ("RateLimits", "Limits are the operator's; they hold without being named."),
            ("EnableSnaClientToken", "There is no silent network authentication."),
        )
    ),
    *(
        Parameter(name=name, meaning="Changes nothing here.", unused=True)
        for name in ("CustomMessage", "ChannelConfiguration", "AppHash", "TemplateSid", "TemplateCustomSubstitutions")
    ),
    *(Parameter(name=name, meaning="Changes nothing here.", unused=True) for name in ("Templates", "RiskCheck")),
)
MOST_TAGS, LONGEST_TAG = 10, 128


async def read_wanted(caller: Caller, given: Given) -> Wanted:
    """The start that is asked for. Raises Fault, and what the rules refuse."""
    account = await _account(caller, given["Username"]) if "Username" in given else None
    proves_new = account is not None and action(given) == NEW_NUMBER
    if proves_new and "To" not in given:
        raise faults.invalid("To", "it is missing: the account's new number")
    number = _number(account, given)
    style = CallStyle(given.get("CallStyle", CallStyle.SAY))
    _require_tags(given.get("Tags", "{}"))
    return Wanted(
        username=account.username if account else "",
        number=number,
        channel=_channel(account, given),
        action=action(given),
        language=_language(caller, account, number, given),
        service=caller.tenant.sid,
        style=style,
        source=_source(given),
        brand=_brand(caller, given),
        code_length=caller.tenant.code_length,
        keypress=caller.tenant.keypress,
        manner=Manner.ENROLLED if account and not proves_new else Manner.TYPED,
        payment=payment(given),
        repeats=True,
    )


def payment(given: Given) -> Payment | None:
    """What the code is to approve. Raises PaymentInvalid."""
    return payments.parse(given.get("Amount", ""), given.get("Payee", ""))


def action(given: Given) -> str:
    """What the code is for."""
    return str(given.get("Action", PAYMENT if "Amount" in given else SIGN_IN))


async def _account(caller: Caller, username: str) -> Account:
    name = usernames.account(usernames.clean(username))
    account = (await caller.service.table.read(OfEnrolled(caller.tenant.sid, name))).account
    if account is None or not account.numbers:
        raise errors.NotEnrolled
    return account


def _number(account: Account | None, given: Given) -> Number:
    if account is None and "To" not in given:
        raise faults.invalid("To", "it is missing, and so is Username")
    number = numbers.parse(given["To"]) if "To" in given else None
    if account is not None and number is None:
        number = account.numbers[0].number
    assert number is not None
    return replace(number, extension=given["SendDigits"]) if "SendDigits" in given else number


def _channel(account: Account | None, given: Given) -> Channel:
    if "Channel" in given:
        return Channel(given["Channel"])
    if account is None:
        raise faults.invalid("Channel", "it is missing")
    return account.channel


def _language(caller: Caller, account: Account | None, number: Number, given: Given) -> str:
    if "Locale" in given:
        known = match(given["Locale"])
        if known is None:
            raise faults.invalid("Locale")
        return known
    chosen = (account.language if account else "") or of_country(number.region)
    return caller.here.words(chosen).tag


def _brand(caller: Caller, given: Given) -> str:
    if "CustomFriendlyName" not in given:
        return caller.tenant.name
    try:
        return brands.parse(given["CustomFriendlyName"])
    except errors.BrandInvalid as problem:
        raise faults.invalid("CustomFriendlyName", str(problem)) from problem


def _source(given: Given) -> str:
    if "DeviceIp" not in given:
        return ""
    found = line(given["DeviceIp"])
    if not found:
        raise faults.invalid("DeviceIp")
    return found


def _require_tags(tags: str) -> None:
    """As Verify has them. Nothing here reads them, so they are not kept."""
    try:
        found: Any = json.loads(tags)
    except (ValueError, RecursionError) as problem:
        raise faults.invalid("Tags") from problem
    if not isinstance(found, dict) or len(found) > MOST_TAGS:
        raise faults.invalid("Tags", f"a JSON object of at most {MOST_TAGS}")
    if not all(isinstance(value, str) and len(value) <= LONGEST_TAG for value in found.values()):
        raise faults.invalid("Tags", f"texts of at most {LONGEST_TAG} characters")
