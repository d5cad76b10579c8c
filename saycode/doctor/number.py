"""The numbers that calls and texts come from: their owner, their capabilities, and where inbound calls and texts go.

A TwiML app or a trunk on a number overrides the number's own addresses.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any
from urllib.parse import urlsplit

from verification.values.phone_numbers import PhoneNumber, parse
from webhooks.routes import public_urls

from ..config.settings import Settings
from .account import api_problem
from .findings import CONSOLE, Check, Finding, note, ok, problem
from .http import Answer, Reply

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class InboundChannel:
    """Inbound calls or texts. `prefix` begins the names of Twilio's fields for them."""

    check: Check
    prefix: str
    route: str
    noun: str


CALLS = InboundChannel(Check.CALLS, "voice", "inbound_call", "Calls")
TEXTS = InboundChannel(Check.TEXTS, "sms", "inbound_message", "Texts")


class Destination(Enum):
    """Where calls or texts to the number go."""

    TO_US = auto()
    TO_TRUNK = auto()
    TO_APP = auto()
    ELSEWHERE = auto()
    OTHER_METHOD = auto()


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """A number that calls come from, and texts, if `texts`. `setting` names it."""

    number: PhoneNumber
    setting: str
    texts: bool


def own_numbers(settings: Settings) -> list[OwnNumber]:
    """The from-number, then those of countries."""
    first, senders = settings.from_number, [sender for _, sender in sorted(settings.senders.items()) if sender.number]
    texting = {sender.number for sender in senders if not sender.messaging_service}
    texting |= set() if settings.messaging_service_sid else {first.e164}
    numbers = {first.e164: OwnNumber(first, "TWILIO_FROM_NUMBER", first.e164 in texting)}
    for sender in senders:
        own = OwnNumber(parse(sender.number), "SAYCODE_SENDERS", sender.number in texting)
        numbers.setdefault(sender.number, own)
    return list(numbers.values())


def find_number(own: OwnNumber, answer: Answer) -> Record | None:
    """The record of one of our numbers; None when the account does not have it."""
    records = (answer.record or {}).get("incoming_phone_numbers") if isinstance(answer, Reply) else None
    numbers = records if isinstance(records, list) else []
    return next((number for number in numbers if own.number.means(number.get("phone_number") or "")), None)


def check_number(settings: Settings, own: OwnNumber, answer: Answer) -> Iterator[Finding]:
    """Whether the account has the number, and it can call and text."""
    if api_finding := api_problem(Check.NUMBER, settings, answer):
        yield api_finding
        return
    assert isinstance(answer, Reply)
    if answer.status != 200:
        yield problem(
            Check.NUMBER,
            f"Twilio does not show the account's numbers (HTTP {answer.status}).",
            f"See {CONSOLE}.",
        )
        return
    record, shown = find_number(own, answer), own.number.e164
    if record is None:
        yield problem(
            Check.NUMBER,
            f"{shown} is not a number of this account.",
            f"Set {own.setting} to one of the numbers at {CONSOLE}, or buy one there.",
        )
        return
    calls, texts = has_capability(record, CALLS), has_capability(record, TEXTS)
    another = f"Set {own.setting} to a number of yours that can"
    if not calls:
        yield problem(Check.NUMBER, f"{shown} cannot call.", f"{another}.")
    if not texts and own.texts:
        service = (
            "set TWILIO_MESSAGING_SERVICE_SID" if own.number == settings.from_number else "give a messaging service"
        )
        yield problem(Check.NUMBER, f"{shown} cannot text.", f"{another}, or {service}.")
    elif not texts:
        yield note(Check.NUMBER, f"{shown} cannot text; texts come from the messaging service.")
    elif calls:
        yield ok(Check.NUMBER, f"{shown} belongs to the account, and can call and text.")


def has_capability(record: Record, channel: InboundChannel) -> bool:
    return bool((record.get("capabilities") or {}).get(channel.prefix))


def check_webhooks(settings: Settings, own: OwnNumber, record: Record) -> Iterator[Finding]:
    """Where calls and texts to the number go."""
    for channel in (CALLS, TEXTS):
        if has_capability(record, channel):
            yield _webhook_finding(settings, own, record, channel)


def _destination(settings: Settings, record: Record, channel: InboundChannel) -> Destination:
    if channel is CALLS and record.get("trunk_sid"):
        return Destination.TO_TRUNK
    if record.get(f"{channel.prefix}_application_sid"):
        return Destination.TO_APP
    if not leads_to(record.get(f"{channel.prefix}_url"), public_urls(settings.public_url).of(channel.route)):
        return Destination.ELSEWHERE
    return Destination.TO_US if record.get(f"{channel.prefix}_method") == "POST" else Destination.OTHER_METHOD


def _webhook_finding(settings: Settings, own: OwnNumber, record: Record, channel: InboundChannel) -> Finding:
    subject = f"{channel.noun} to {own.number.e164}"
    expected = public_urls(settings.public_url).of(channel.route)
    actual = str(record.get(f"{channel.prefix}_url") or "")
    fix = f"Run saycode doctor --fix, or set it at Twilio to {expected} by POST."
    match _destination(settings, record, channel):
        case Destination.TO_US:
            return ok(channel.check, f"{subject} go to {expected}.")
        case Destination.TO_TRUNK:
            trunk_fix = f"Remove the number from the trunk at {CONSOLE}; the doctor does not change trunks."
            return problem(channel.check, f"{subject} go to a SIP trunk.", trunk_fix)
        case Destination.TO_APP:
            return problem(channel.check, f"{subject} go to a TwiML app.", fix)
        case Destination.OTHER_METHOD:
            return problem(
                channel.check, f"{subject} use another method than POST, which the endpoint does not accept.", fix
            )
        case Destination.ELSEWHERE:
            where = f"go to {without_secrets(actual)}" if actual else "go nowhere"
            lost = "; a redirect from there loses Twilio's fields" if _differs_by_redirect(actual, expected) else ""
            return problem(channel.check, f"{subject} {where}{lost}.", fix)


def leads_to(address: object, expected: str) -> bool:
    """Whether an address at Twilio is one of ours. Its query has no meaning for us, and its signature covers it."""
    return isinstance(address, str) and address.partition("?")[0] == expected


def _differs_by_redirect(actual: str, expected: str) -> bool:
    """Whether an address differs only in its scheme or a trailing slash, so that a proxy would redirect it."""
    return actual.partition("://")[2].rstrip("/") == expected.partition("://")[2]


def webhook_changes(settings: Settings, record: Record) -> dict[str, str]:
    """The fields that point the number at this service. None when it is so already, or a trunk is in the way.

    A TwiML app is removed from the number, because it would override the address.
    """
    fields: dict[str, str] = {}
    for channel in (CALLS, TEXTS):
        if has_capability(record, channel) and _destination(settings, record, channel) not in (
            Destination.TO_US,
            Destination.TO_TRUNK,
        ):
            name = channel.prefix.capitalize()
            fields |= {f"{name}Url": public_urls(settings.public_url).of(channel.route), f"{name}Method": "POST"}
            if record.get(f"{channel.prefix}_application_sid"):
                fields[f"{name}ApplicationSid"] = ""
    return fields


def planned_changes(own: OwnNumber, record: Record, fields: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each change of an update: where calls and texts go now, and where they would go."""
    for channel in (CALLS, TEXTS):
        if address := fields.get(f"{channel.prefix.capitalize()}Url"):
            now = _described_destination(record, channel)
            yield f"{channel.noun} to {own.number.e164} {now}. They would go to {address} by POST."


def _described_destination(record: Record, channel: InboundChannel) -> str:
    if app := record.get(f"{channel.prefix}_application_sid"):
        return f"go to the TwiML app {app}"
    address = str(record.get(f"{channel.prefix}_url") or "")
    method = record.get(f"{channel.prefix}_method")
    return f"go to {without_secrets(address)} by {method}" if address else "go nowhere"


def previous_webhooks(record: Record, fields: Mapping[str, str]) -> Iterator[Finding]:
    """The values that an update has replaced, so that the operator can restore them."""
    for channel in (CALLS, TEXTS):
        if f"{channel.prefix.capitalize()}Url" in fields:
            previous = record.get(f"{channel.prefix}_application_sid") or without_secrets(
                str(record.get(f"{channel.prefix}_url") or "")
            )
            yield note(channel.check, f"Changed by --fix; before: {previous or 'nothing'}.")


def without_secrets(address: str) -> str:
    """An address without user, password, query and fragment, which may contain secrets."""
    if not address:
        return ""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "an address that cannot be parsed"
    return f"{parts.scheme}://{host}{parts.path}"[:200] + ("?…" if parts.query else "")
