"""The settings of the account and of its senders, their parsers, and the companies that speak Twilio's protocol."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self

from twiml.words import GOOGLE_VOICES
from verification.types import CountrySender, Record
from verification.values.phone_numbers import PhoneNumber
from webhooks.signature import TWILIO_SIGNATURES, SignatureScheme

from .parsers import InvalidValue, Secret, one_of, parse_number, parse_secret, sid_parser
from .sender_parsers import parse_senders, parse_templates, parse_whatsapp_sender
from .setting import setting
from .url_parsers import parse_base_url

TWILIO_API_URL = "https://api.twilio.com"
#: The settings of WhatsApp.
WHATSAPP = ("whatsapp_sender", "whatsapp_templates")
#: What a standby account has settings of its own for. Of the rest of the account's settings it has only the brands.
STANDBY = ("carrier", "account_sid", "auth_token", "from_number", "webhook_secret", "api_base_url")


class Carrier(StrEnum):
    """The companies whose API is Twilio's, or nearly."""

    TWILIO = "twilio"
    SIGNALWIRE = "signalwire"


class Dialect(Record, frozen=True, kw_only=True):
    """What differs between the companies that speak Twilio's protocol.

    `account`: what an account's name looks like, as a pattern and in words; `sids`: what the names of calls and texts
    look like. `api_path` precedes `/2010-04-01` in the
    paths of the API. `keys`: the settings whose values sign webhooks. `needs` and `lacks`: settings that must be set,
    and those for things that the company does not have. `left_out`: parameters of starts that it does not have.
    `inline_documents`: whether a call can bring its document along.
    """

    company: str
    console: str
    status_page: str
    account: tuple[str, str]
    sids: str
    api_path: str = ""
    signatures: SignatureScheme
    keys: tuple[str, ...]
    needs: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()
    inline_documents: bool = True
    google_voices: str = GOOGLE_VOICES


_UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
#: SignalWire: its pages "Compatibility API" and "Webhook security", and its package @signalwire/compatibility-api.
DIALECTS = {
    Carrier.TWILIO: Dialect(
        company="Twilio",
        console="https://console.twilio.com",
        status_page="https://status.twilio.com",
        account=("AC[0-9a-fA-F]{32}", "AC and 32 hexadecimal digits"),
        sids="[A-Z]{2}[0-9a-fA-F]{32}",
        signatures=TWILIO_SIGNATURES,
        keys=("auth_token", "auth_token_previous", "webhook_secret"),
    ),
    Carrier.SIGNALWIRE: Dialect(
        company="SignalWire",
        console="https://my.signalwire.com",
        status_page="https://status.signalwire.com",
        account=(_UUID, "the id of a project, a UUID in lower case"),
        sids=_UUID,
        api_path="/api/laml",
        signatures=SignatureScheme(header="X-SignalWire-Signature"),
        keys=("webhook_secret", "auth_token_previous"),
        needs=("webhook_secret", "api_base_url"),
        lacks=("api_key", "api_secret", "region", "edge", "messaging_service_sid", *WHATSAPP, "lookup"),
        left_out=frozenset({"message_intent"}),
        inline_documents=False,
        google_voices="gcloud.",
    ),
}


class Region(StrEnum):
    """Twilio's Regions: the United States, Ireland and Australia, named as in its library."""

    US1 = "us1"
    IE1 = "ie1"
    AU1 = "au1"


#: The edge location of each Region. Twilio asks for both in an address.
EDGES = {Region.US1: "ashburn", Region.IE1: "dublin", Region.AU1: "sydney"}


def parse_account(text: str) -> str:
    if not any(re.fullmatch(dialect.account[0], text) for dialect in DIALECTS.values()):
        raise InvalidValue(f"must be {DIALECTS[Carrier.TWILIO].account[1]}; copy it from Twilio's console")
    return text


def carrier_conflicts(values: Mapping[str, Any]) -> Iterator[str]:
    """What the company needs, and does not have, of the settings here and of `lookup`."""
    dialect = DIALECTS[values["carrier"]]
    names = {row.name: row.metadata["setting"].name for row in fields(TwilioSettings)} | {"lookup": "SAYCODE_LOOKUP"}
    which = f"SAYCODE_CARRIER is {values['carrier']}"
    if not re.fullmatch(dialect.account[0], values["account_sid"]):
        yield f"TWILIO_ACCOUNT_SID must be {dialect.account[1]}: {which}"
    for name in dialect.needs:
        if not values[name] or values[name] == TWILIO_API_URL:
            yield f"{names[name]} is missing: {which} and needs it"
    for name in dialect.lacks:
        if values[name]:
            yield f"{names[name]} must not be set: {which}, which has nothing for it"
    if "messaging_service_sid" in dialect.lacks and any(
        sender.messaging_service for sender in (values["senders"] or {}).values()
    ):
        yield f"SAYCODE_SENDERS must not have a messaging service: {which}, which has none"


def standby_conflicts(values: Mapping[str, Any]) -> Iterator[str]:
    """What a standby account needs, and settings of one whose carrier is not named."""
    names = {row.name: row.metadata["setting"].name for row in fields(TwilioSettings)}
    carrier = values["standby_carrier"]
    if carrier is None:
        for name in STANDBY:
            if values[f"standby_{name}"]:
                set_alone = names[f"standby_{name}"]
                yield f"{names['standby_carrier']} is missing: {set_alone} is set and belongs to it"
        return
    dialect, which = DIALECTS[carrier], f"{names['standby_carrier']} is {carrier}"
    for name in dict.fromkeys(("account_sid", "auth_token", "from_number", *dialect.needs)):
        if not values[f"standby_{name}"]:
            yield f"{names[f'standby_{name}']} is missing: {which} and needs it"
    account = values["standby_account_sid"]
    if account and not re.fullmatch(dialect.account[0], account):
        yield f"{names['standby_account_sid']} must be {dialect.account[1]}: {which}"
    if account and account == values["account_sid"]:
        yield f"{names['standby_account_sid']} must be another account than TWILIO_ACCOUNT_SID"


def parse_edge(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,20}(-[a-z]{2,20})?", text):
        raise InvalidValue("must be one of Twilio's edge locations, such as ashburn, dublin, sydney or london-ix")
    return text


def regional_url(region: Region | None, edge: str | None) -> str:
    """The address of the REST API in a Region, through an edge location: `api.{edge}.{region}.twilio.com` (Twilio's
    guide "Using the Twilio REST API in a non-US Region").
    """
    if region is None and edge is None:
        return TWILIO_API_URL
    region = region or Region.US1
    return f"https://api.{edge or EDGES[region]}.{region}.twilio.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioSettings:
    """The account at Twilio: its credentials, where its API is, and what its calls and texts come from."""

    carrier: Carrier = setting(
        "SAYCODE_CARRIER", one_of(Carrier), "the company that calls and texts", default=Carrier.TWILIO
    )
    account_sid: str = setting("TWILIO_ACCOUNT_SID", parse_account, "the sid of the account", required=True)
    auth_token: Secret = setting(
        "TWILIO_AUTH_TOKEN", parse_secret, "its token, which signs webhooks", required=True, secret=True
    )
    auth_token_previous: Secret | None = setting(
        "TWILIO_AUTH_TOKEN_PREVIOUS", parse_secret, "a second token whose signatures count, while rotating", secret=True
    )
    webhook_secret: Secret | None = setting(
        "TWILIO_WEBHOOK_SECRET",
        parse_secret,
        "the secret of a shared key whose signatures of webhooks (HMAC-SHA-256) count too",
        secret=True,
    )
    api_key: str | None = setting("TWILIO_API_KEY", sid_parser("SK"), "an API key for REST calls, instead of the token")
    api_secret: Secret | None = setting("TWILIO_API_SECRET", parse_secret, "the secret of the API key", secret=True)
    from_number: PhoneNumber = setting(
        "TWILIO_FROM_NUMBER", parse_number, "the number that calls and texts come from, in E.164", required=True
    )
    messaging_service_sid: str | None = setting(
        "TWILIO_MESSAGING_SERVICE_SID",
        sid_parser("MG"),
        "a messaging service that sends the texts instead of the number",
    )
    region: Region | None = setting("TWILIO_REGION", one_of(Region), "the Region of Twilio that is used")
    edge: str | None = setting("TWILIO_EDGE", parse_edge, "the edge location that leads to the Region")
    api_base_url: str = setting(
        "TWILIO_API_BASE_URL", parse_base_url, "where Twilio's REST API is", default=TWILIO_API_URL
    )
    whatsapp_sender: PhoneNumber | None = setting(
        "SAYCODE_WHATSAPP_SENDER", parse_whatsapp_sender, "the number that WhatsApp messages come from, in E.164"
    )
    whatsapp_templates: Mapping[str, str] | None = setting(
        "SAYCODE_WHATSAPP_TEMPLATES", parse_templates, "the authentication templates of WhatsApp, by language"
    )
    senders: Mapping[str, CountrySender] = setting(
        "SAYCODE_SENDERS", parse_senders, "other numbers, messaging services and brands, by country"
    )
    standby_carrier: Carrier | None = setting(
        "SAYCODE_STANDBY_CARRIER", one_of(Carrier), "the company that takes over while the first one fails"
    )
    standby_account_sid: str | None = setting(
        "SAYCODE_STANDBY_ACCOUNT_SID", parse_account, "the sid of the standby account"
    )
    standby_auth_token: Secret | None = setting(
        "SAYCODE_STANDBY_AUTH_TOKEN", parse_secret, "the token of the standby account", secret=True
    )
    standby_from_number: PhoneNumber | None = setting(
        "SAYCODE_STANDBY_FROM_NUMBER", parse_number, "the number that its calls and texts come from, in E.164"
    )
    standby_webhook_secret: Secret | None = setting(
        "SAYCODE_STANDBY_WEBHOOK_SECRET", parse_secret, "its signing key, or a shared key at Twilio", secret=True
    )
    standby_api_base_url: str | None = setting("SAYCODE_STANDBY_API_BASE_URL", parse_base_url, "where its REST API is")

    @property
    def standby(self) -> Self | None:
        """The settings as they are for the standby account; None where there is none."""
        if self.standby_carrier is None:
            return None
        own: dict[str, Any] = {name: getattr(self, f"standby_{name}") for name in STANDBY}
        brands = {country: CountrySender(brand=sender.brand) for country, sender in self.senders.items()}
        none = ("auth_token_previous", "api_key", "api_secret", "messaging_service_sid", "region", "edge", *WHATSAPP)
        own |= dict.fromkeys((*none, *(f"standby_{name}" for name in STANDBY)))
        return replace(self, **own | {"api_base_url": own["api_base_url"] or TWILIO_API_URL, "senders": brands})

    @property
    def standby_company(self) -> str | None:
        """The company of the standby account, for people."""
        return DIALECTS[self.standby_carrier].company if self.standby_carrier else None

    @property
    def dialect(self) -> Dialect:
        return DIALECTS[self.carrier]

    @property
    def account_path(self) -> str:
        """The path of the account in the REST API."""
        return f"{self.dialect.api_path}/2010-04-01/Accounts/{self.account_sid}"

    @property
    def key_name(self) -> str:
        """The setting with the key that usually signs webhooks."""
        name: str = next(row.metadata["setting"].name for row in fields(self) if row.name == self.dialect.keys[0])
        return name

    @property
    def webhook_keys(self) -> tuple[str, ...]:
        """The keys under which webhooks may be signed, the usual one first."""
        secrets: list[Secret | None] = [getattr(self, name) for name in self.dialect.keys]
        return tuple(secret.reveal() for secret in secrets if secret)
