"""The messaging services: whether they exist, where texts to them go, and whether carriers take what they send.

A messaging service's address for incoming texts overrides that of its numbers, unless the service defers to them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberType

from verification.types import CountrySender
from webhooks.routes import public_urls

from ..config.settings import Settings
from ..config.twilio_settings import Carrier
from .account import api_problem
from .findings import CONSOLE, Check, Finding, note, ok, problem
from .http import Answer, Reply, is_no_such_api
from .number import leads_to, without_secrets

#: The lists of senders in the pool of a service.
POOLS = ("PhoneNumbers", "ShortCodes", "AlphaSenders")


@dataclass(frozen=True, slots=True)
class Service:
    """A messaging service. `setting` names it."""

    sid: str
    setting: str


def own_services(settings: Settings) -> list[Service]:
    """The messaging service of all countries, then those of some."""
    named = [(settings.messaging_service_sid or "", "TWILIO_MESSAGING_SERVICE_SID")]
    named += [(sender.messaging_service, "SAYCODE_SENDERS") for _, sender in sorted(settings.senders.items())]
    first = {sid: name for sid, name in reversed(named) if sid}
    return [Service(sid, first.pop(sid)) for sid, _ in named if sid in first]


def check_messaging_service(settings: Settings, service: Service, answer: Answer) -> Iterator[Finding]:
    """Whether the messaging service exists, and where texts to it go."""
    if is_no_such_api(answer):
        yield note(Check.SERVICE, "The messaging service was not checked: this API has none.")
        return
    if api_finding := api_problem(Check.SERVICE, settings, answer):
        yield api_finding
        return
    assert isinstance(answer, Reply)
    record, expected = answer.record or {}, public_urls(settings.public_url).of("inbound_message")
    actual = record.get("inbound_request_url")
    if answer.status != 200:
        yield problem(
            Check.SERVICE,
            f"The account has no messaging service {service.sid} (HTTP {answer.status}).",
            f"Copy the sid of an existing one into {service.setting}, or remove it there.",
        )
    elif not record.get("use_inbound_webhook_on_number") and not leads_to(actual, expected):
        yield problem(
            Check.SERVICE,
            f"Texts to the messaging service go {f'to {without_secrets(str(actual))}' if actual else 'nowhere'}; "
            "the addresses of its numbers are ignored.",
            f"At {CONSOLE} let the service defer to its numbers, or send incoming texts to {expected}.",
        )
    else:
        yield ok(Check.SERVICE, "The messaging service exists, and texts to it reach this service.")


def check_pool(service: Service, answers: Sequence[Answer]) -> Iterator[Finding]:
    """Whether the messaging service has senders. `answers`: its lists of numbers, short codes and names."""
    lists = [_senders(answer) for answer in answers]
    if None not in lists and not any(lists):
        yield problem(
            Check.SERVICE,
            f"The messaging service {service.sid} has no sender in its pool, so no text leaves it (error 21703).",
            f"Add a number to its sender pool at {CONSOLE}.",
        )


def _senders(answer: Answer) -> int | None:
    """How many senders a list has; None for no list."""
    if not isinstance(answer, Reply) or answer.status != 200:
        return None
    records = next((value for value in (answer.record or {}).values() if isinstance(value, list)), None)
    return None if records is None else len(records)


def check_sender(settings: Settings, services: Mapping[str, Answer]) -> Iterator[Finding]:
    """Whether carriers in the United States accept texts from their sender. They require a registration.

    `services`: the record of each messaging service by its sid.
    """
    own = settings.senders.get("US", CountrySender())
    number = own.number or settings.from_number.e164
    if "US" not in settings.countries or not number.startswith("+1"):
        return
    service = own.messaging_service or ("" if own.number else settings.messaging_service_sid)
    messaging = services.get(service or "")
    registered = isinstance(messaging, Reply) and (messaging.record or {}).get("us_app_to_person_registered")
    if registered:
        yield ok(Check.SENDER, "The messaging service is registered for texts within the United States.")
    elif _is_toll_free(number) and not service:
        yield note(
            Check.SENDER,
            f"Texts from a toll-free number arrive only after Twilio has verified it{_otherwise(settings, 30032)}. "
            "Calls are not affected.",
        )
    else:
        yield note(
            Check.SENDER,
            "Texts from an ordinary number to United States numbers arrive only when its use is registered (A2P 10DLC"
            f"{_otherwise(settings, 30034)}). Calls are not affected.",
            f"Register at {CONSOLE} under Messaging, Regulatory Compliance, or use only calls at first.",
        )


def _otherwise(settings: Settings, error: int) -> str:
    """Twilio's error for texts that carriers refuse; other companies have other numbers."""
    return f"; otherwise error {error}" if settings.carrier is Carrier.TWILIO else ""


def _is_toll_free(e164: str) -> bool:
    return bool(phonenumbers.number_type(phonenumbers.parse(e164)) == PhoneNumberType.TOLL_FREE)
