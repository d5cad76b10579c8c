"""The from-number and the messaging service: whose they are, what they can do, and where people's calls and texts go.

A TwiML app or a trunk on a number wins over the number's own addresses; a messaging service's address wins over the
number's, unless it is told to leave the texts to the number.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from phonenumbers import PhoneNumberType

from webhooks.routes import PublicUrls

from ..config.settings import Settings
from .account import CONSOLE, api_problem
from .findings import Check, Finding, note, ok, problem
from .http import Answer, Reply

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InboundChannel:
    """A way in which people reach us. `prefix` begins Twilio's names for it."""

    check: Check
    prefix: str
    door: str
    noun: str


CALLS = InboundChannel(Check.CALLS, "voice", "called", "Calls")
TEXTS = InboundChannel(Check.TEXTS, "sms", "texted", "Texts")


class Destination(Enum):
    """Where calls or texts to the number go."""

    TO_US = auto()
    TO_TRUNK = auto()
    TO_APP = auto()
    ASTRAY = auto()
    BY_OTHER_METHOD = auto()


def find_number(settings: Settings, answer: Answer) -> Record | None:
    """The from-number among the account's numbers; None when it is not there."""
    records = (answer.record or {}).get("incoming_phone_numbers") if isinstance(answer, Reply) else None
    numbers = records if isinstance(records, list) else []
    return next((one for one in numbers if one.get("phone_number") == settings.from_number.e164), None)


def check_number(settings: Settings, answer: Answer) -> Iterator[Finding]:
    """Whether the from-number is the account's, and can do what is asked of it."""
    if trouble := api_problem(Check.NUMBER, settings, answer):
        yield trouble
        return
    assert isinstance(answer, Reply)
    if answer.status != 200:
        yield problem(
            Check.NUMBER,
            f"Twilio does not show the account's numbers (HTTP {answer.status}).",
            f"Ask at {CONSOLE} why.",
        )
        return
    record, shown = find_number(settings, answer), settings.from_number.e164
    if record is None:
        yield problem(
            Check.NUMBER,
            f"{shown} is not a number of this account.",
            f"Let TWILIO_FROM_NUMBER name one of the numbers at {CONSOLE}, or buy one there.",
        )
        return
    calls, texts = has_capability(record, CALLS), has_capability(record, TEXTS)
    another = "Let TWILIO_FROM_NUMBER name a number of yours that can"
    if not calls:
        yield problem(Check.NUMBER, f"{shown} cannot call.", f"{another}.")
    if not texts and not settings.messaging_service_sid:
        yield problem(Check.NUMBER, f"{shown} cannot text.", f"{another}, or set TWILIO_MESSAGING_SERVICE_SID.")
    elif not texts:
        yield note(Check.NUMBER, f"{shown} cannot text; texts come from the messaging service.")
    elif calls:
        yield ok(Check.NUMBER, f"{shown} is the account's, and can call and text.")


def has_capability(record: Record, line: InboundChannel) -> bool:
    """Whether Twilio says that the number has this ability."""
    return bool((record.get("capabilities") or {}).get(line.prefix))


def check_webhooks(settings: Settings, record: Record) -> Iterator[Finding]:
    """Where calls and texts to the number go."""
    for line in (CALLS, TEXTS):
        if has_capability(record, line):
            yield _webhook_finding(settings, record, line)


def _destination(settings: Settings, record: Record, line: InboundChannel) -> Destination:
    if line is CALLS and record.get("trunk_sid"):
        return Destination.TO_TRUNK
    if record.get(f"{line.prefix}_application_sid"):
        return Destination.TO_APP
    if record.get(f"{line.prefix}_url") != PublicUrls(settings.public_url).of(line.door):
        return Destination.ASTRAY
    return Destination.TO_US if record.get(f"{line.prefix}_method") == "POST" else Destination.BY_OTHER_METHOD


def _webhook_finding(settings: Settings, record: Record, line: InboundChannel) -> Finding:
    what = f"{line.noun} to {settings.from_number.e164}"
    wanted, found = PublicUrls(settings.public_url).of(line.door), str(record.get(f"{line.prefix}_url") or "")
    mend = f"Run saycode doctor --fix, or set it at Twilio to {wanted} by POST."
    match _destination(settings, record, line):
        case Destination.TO_US:
            return ok(line.check, f"{what} lead to {wanted}.")
        case Destination.TO_TRUNK:
            off = f"Take the number off the trunk at {CONSOLE}; the doctor leaves trunks alone."
            return problem(line.check, f"{what} go to a SIP trunk.", off)
        case Destination.TO_APP:
            return problem(line.check, f"{what} go to a TwiML app.", mend)
        case Destination.BY_OTHER_METHOD:
            return problem(
                line.check, f"{what} come by another method than POST, and the endpoint takes no other.", mend
            )
        case Destination.ASTRAY:
            where = f"go to {without_secrets(found)}" if found else "go nowhere"
            lost = "; a redirect from there loses Twilio's fields" if _differs_by_redirect(found, wanted) else ""
            return problem(line.check, f"{what} {where}{lost}.", mend)


def _differs_by_redirect(found: str, wanted: str) -> bool:
    """Whether an address differs only in its scheme or a last slash: proxies redirect from such a one."""
    return found.partition("://")[2].rstrip("/") == wanted.partition("://")[2]


def webhook_changes(settings: Settings, record: Record) -> dict[str, str]:
    """The fields that let the number lead to our doors. None when it does already, or when only a trunk is in the way.

    A TwiML app is taken off the number, because it would win over the address.
    """
    fields: dict[str, str] = {}
    for line in (CALLS, TEXTS):
        if has_capability(record, line) and _destination(settings, record, line) not in (
            Destination.TO_US,
            Destination.TO_TRUNK,
        ):
            name = line.prefix.capitalize()
            fields |= {f"{name}Url": PublicUrls(settings.public_url).of(line.door), f"{name}Method": "POST"}
            if record.get(f"{line.prefix}_application_sid"):
                fields[f"{name}ApplicationSid"] = ""
    return fields


def previous_webhooks(record: Record, fields: Mapping[str, str]) -> Iterator[Finding]:
    """What an update has replaced, so that it can be put back."""
    for line in (CALLS, TEXTS):
        if f"{line.prefix.capitalize()}Url" in fields:
            was = record.get(f"{line.prefix}_application_sid") or without_secrets(
                str(record.get(f"{line.prefix}_url") or "")
            )
            yield note(line.check, f"Changed by --fix; before: {was or 'nothing'}.")


def check_messaging_service(settings: Settings, answer: Answer) -> Iterator[Finding]:
    """Whether the messaging service exists, and where texts to it go."""
    if isinstance(answer, Reply) and answer.status == 404 and answer.record is None:
        # A stand-in for Twilio may lack this part of the API; Twilio's own 404 has a code.
        yield note(Check.SERVICE, "Messaging services are not available here.")
        return
    if trouble := api_problem(Check.SERVICE, settings, answer):
        yield trouble
        return
    assert isinstance(answer, Reply)
    record, wanted = answer.record or {}, PublicUrls(settings.public_url).of("texted")
    found = record.get("inbound_request_url")
    if answer.status != 200:
        yield problem(
            Check.SERVICE,
            f"The account has no such messaging service (HTTP {answer.status}).",
            "Copy the sid of one that it has into TWILIO_MESSAGING_SERVICE_SID, or take that setting away.",
        )
    elif not record.get("use_inbound_webhook_on_number") and found != wanted:
        yield problem(
            Check.SERVICE,
            f"Texts to the messaging service go {f'to {without_secrets(str(found))}' if found else 'nowhere'}; "
            "the addresses of its numbers do not count.",
            f"At {CONSOLE} let the service defer to its numbers, or send incoming texts to {wanted}.",
        )
    else:
        yield ok(Check.SERVICE, "The messaging service exists, and texts to it reach us.")


def check_sender(settings: Settings, messaging: Answer | None) -> Iterator[Finding]:
    """Whether United States carriers will take texts from this sender. They ask for a registration."""
    if "US" not in settings.countries or not settings.from_number.e164.startswith("+1"):
        return
    registered = isinstance(messaging, Reply) and (messaging.record or {}).get("us_app_to_person_registered")
    if registered:
        yield ok(Check.SENDER, "The messaging service is registered for texts within the United States.")
    elif _is_toll_free(settings.from_number.e164) and not settings.messaging_service_sid:
        yield note(
            Check.SENDER,
            "Texts from a toll-free number arrive only once Twilio has verified it (otherwise error 30032). "
            "Calls are not concerned.",
        )
    else:
        yield note(
            Check.SENDER,
            "Texts from an ordinary number to United States numbers arrive only when its use is registered (A2P 10DLC; "
            "otherwise error 30034). Calls are not concerned.",
            f"Register at {CONSOLE} under Messaging, Regulatory Compliance, or begin with calls.",
        )


def _is_toll_free(e164: str) -> bool:
    return bool(phonenumbers.number_type(phonenumbers.parse(e164)) == PhoneNumberType.TOLL_FREE)


def without_secrets(address: str) -> str:
    """An address without user, password, query and fragment: those may hold secrets."""
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{host}{parts.path}"[:200] + ("?…" if parts.query else "")
