"""The settings of the account at Twilio and of its senders, and their parsers."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from phonenumbers import SUPPORTED_REGIONS

from verification.types import CountrySender
from verification.values.phone_numbers import PhoneNumber

from .parsers import InvalidValue, Secret, one_of, parse_brand, parse_number, parse_secret, sid_parser
from .setting import setting
from .url_parsers import parse_base_url

TWILIO_API_URL = "https://api.twilio.com"


class Region(StrEnum):
    """Twilio's Regions: the United States, Ireland and Australia, named as in its library."""

    US1 = "us1"
    IE1 = "ie1"
    AU1 = "au1"


#: The edge location of each Region. Twilio asks for both in an address.
EDGES = {Region.US1: "ashburn", Region.IE1: "dublin", Region.AU1: "sydney"}


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


def parse_senders(text: str) -> Mapping[str, CountrySender]:
    """`GB=+442079460018/Acme UK,…`: the senders by country. Each has a number, a messaging service, a brand, or some of
    them, with slashes between.
    """
    senders: dict[str, CountrySender] = {}
    for position, part in enumerate(text.split(","), start=1):
        country, equals, rest = (piece.strip() for piece in part.partition("="))
        if not equals or not re.fullmatch("[A-Za-z]{2}", country):
            raise InvalidValue(
                f"must be countries with their senders such as GB=+442079460018/Acme UK; entry {position} is not one"
            )
        country = country.upper()
        if country not in SUPPORTED_REGIONS:
            raise InvalidValue(f"must name countries by their ISO codes; entry {position} has {country}")
        if country in senders:
            raise InvalidValue(f"must name a country once; entry {position} is the second for {country}")
        senders[country] = _parse_sender(rest, f"entry {position}, for {country},")
    return senders


def _parse_sender(text: str, where: str) -> CountrySender:
    fields: dict[str, Any] = {}
    for piece in (piece.strip() for piece in text.split("/")):
        try:
            if piece.startswith("+"):
                name, value = "number", parse_number(piece).e164
            elif re.fullmatch("MG[0-9a-fA-F]{32}", piece):
                name, value = "messaging_service", piece
            else:
                name, value = "brand", parse_brand(piece)
        except InvalidValue as problem:
            raise InvalidValue(
                f"must have a number in E.164, a messaging service or a brand; {where} {problem}"
            ) from None
        if name in fields:
            raise InvalidValue(f"must have one number, one messaging service and one brand; {where} has more")
        fields[name] = value
    return CountrySender(**fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioSettings:
    """The account at Twilio: its credentials, where its API is, and what its calls and texts come from."""

    account_sid: str = setting("TWILIO_ACCOUNT_SID", sid_parser("AC"), "the sid of the Twilio account", required=True)
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
    senders: Mapping[str, CountrySender] = setting(
        "SAYCODE_SENDERS", parse_senders, "other numbers, messaging services and brands, by country"
    )
