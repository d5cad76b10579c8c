"""Which Twilio account is used, from which sender, and how long Twilio may take. Imports nothing of Twilio's."""

import json
import sys
from collections.abc import Mapping
from enum import Enum
from itertools import chain
from typing import Any, ClassVar
from urllib.parse import urlsplit

from msgspec import field

from verification.types import Channel, CountrySender, Record

from ..config.twilio_settings import Carrier, Region

_TWILIO_DOMAIN = ".twilio.com"


def product_url(base_url: str, product: str) -> str:
    """The address of one of Twilio's APIs, such as `lookups`, for the configured address of its REST API.

    Twilio has a host for each, `{product}.{edge}.{region}.twilio.com` (its guide "Using the Twilio REST API in a non-US
    Region"). Any other address, such as the simulator's, serves all of them.
    """
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if not host.startswith("api.") or not host.endswith(_TWILIO_DOMAIN):
        return base_url
    return parts._replace(netloc=product + parts.netloc.removeprefix("api")).geturl()


def region_of(base_url: str) -> str | None:
    """The Region that an address of Twilio's REST API leads to; None for another address, such as a simulator's."""
    host = urlsplit(base_url).hostname or ""
    if not host.startswith("api.") or not host.endswith(_TWILIO_DOMAIN):
        return None
    return host.removesuffix(_TWILIO_DOMAIN).split(".")[-1] if host != "api.twilio.com" else Region.US1.value


def error_code(code: object) -> int | None:
    """The code of an error; SignalWire has it as text."""
    if isinstance(code, str) and code.isascii() and code.isdigit():
        return int(code[:9])
    return code if isinstance(code, int) else None


class MachineDetection(Enum):
    """Whether Twilio listens for machines.

    Detection takes about four seconds. The caller waits for its result only where no key press keeps the code from a
    machine.
    """

    OFF = "off"
    WHILE_TALKING = "while talking"
    BEFORE_TALKING = "before talking"


class TwilioAccount(Record, frozen=True, kw_only=True):
    """`key`: an API key and its secret, or the account sid and its token. `base_url`: None for Twilio's.
    `carrier`: the company, for the log.
    """

    hidden: ClassVar = frozenset({"key"})

    account_sid: str
    key: tuple[str, str]
    base_url: str | None
    carrier: str = Carrier.TWILIO.value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.account_sid[:6]}…)"


class WhatsApp(Record, frozen=True, kw_only=True):
    """The sender of WhatsApp messages, in E.164, and the sids of its authentication templates by language.

    The first template serves the languages without one.
    """

    sender: str
    templates: Mapping[str, str]

    def template(self, language: str) -> str:
        """The template in this language, or in another regional form of it."""
        base = language.split("-")[0]
        nearest = (sid for tag, sid in self.templates.items() if tag.split("-")[0] == base)
        return self.templates.get(language) or next(chain(nearest, self.templates.values()))

    def content(self, language: str, code: str) -> dict[str, str]:
        """The parameters of a message: its sender and its template, whose one variable is the code."""
        return {
            "from_": Channel.WHATSAPP.address(self.sender),
            "content_sid": self.template(language),
            "content_variables": json.dumps({"1": code}),
        }


class TwilioConfig(TwilioAccount, frozen=True, kw_only=True):
    """The account, the sender of its calls and texts, and the brand that they name; `senders`: others, by country;
    `whatsapp`: None where it is not set up.

    `left_out` and `inline_documents`: what the company has of Twilio's protocol (`Dialect`).
    """

    sender: str
    messaging_service: str | None
    whatsapp: WhatsApp | None = None
    brand: str
    detection: MachineDetection = MachineDetection.OFF
    senders: Mapping[str, CountrySender] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    inline_documents: bool = True


class Timeouts(Record, frozen=True, kw_only=True):
    """Seconds until Twilio has to be connected, and to have answered with all retries of a 429.

    `first_retry_delay` precedes the first retry; each further delay is twice as long.
    """

    connect: float = 3
    total: float = 10
    first_retry_delay: float = 0.5


DEFAULT_TIMEOUTS = Timeouts()


def is_traced() -> bool:
    """Whether anything receives spans: OpenTelemetry's SDK is set up. It has then loaded the API, so this does not."""
    trace: Any = sys.modules.get("opentelemetry.trace")
    return trace is not None and not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)
