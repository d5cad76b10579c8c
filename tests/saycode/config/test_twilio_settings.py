"""The account at Twilio: Regions and edge locations, and senders by country."""

import pickle

import pytest
from twilio.rest import Client

from saycode.config.loader import load
from saycode.config.parsers import InvalidValue
from saycode.config.sender_parsers import parse_senders
from saycode.config.setting import SettingsError
from saycode.config.twilio_settings import Region, regional_url
from saycode.twilio.config import product_url, region_of
from tests.saycode.config.test_settings import REQUIRED
from verification.types import CountrySender

SERVICE = "MG" + "3" * 32
LONDON, BERLIN = "+442079460123", "+493023125018"


def problem(**changed: str) -> str:
    with pytest.raises(SettingsError) as caught:
        load(REQUIRED | changed)
    (line,) = caught.value.problems
    return line


# Regions


@pytest.mark.parametrize(
    ("region", "edge", "address"),
    [
        ("ie1", "", "https://api.dublin.ie1.twilio.com"),
        ("au1", "", "https://api.sydney.au1.twilio.com"),
        ("us1", "", "https://api.ashburn.us1.twilio.com"),
        ("ie1", "frankfurt", "https://api.frankfurt.ie1.twilio.com"),
        ("", "sydney", "https://api.sydney.us1.twilio.com"),
        ("", "", "https://api.twilio.com"),
    ],
)
def test_a_region_and_its_edge_make_the_address(region: str, edge: str, address: str) -> None:
    assert load(REQUIRED | {"TWILIO_REGION": region, "TWILIO_EDGE": edge}).api_base_url == address


@pytest.mark.parametrize("product", ["api", "lookups", "messaging"])
@pytest.mark.parametrize("edge", ["dublin", "sydney", "london-ix"])
@pytest.mark.parametrize("region", Region)
def test_the_address_is_the_one_that_twilios_own_library_makes(region: Region, edge: str, product: str) -> None:
    client = Client("AC" + "0" * 32, "token", region=region.value, edge=edge)
    theirs = client.get_hostname(f"https://{product}.twilio.com")
    assert product_url(regional_url(region, edge), product) == theirs
    assert region_of(regional_url(region, edge)) == region


@pytest.mark.parametrize(
    ("address", "region"),
    [
        ("https://api.twilio.com", "us1"),
        ("https://api.ie1.twilio.com", "ie1"),
        ("https://api.dublin.ie1.twilio.com", "ie1"),
        ("http://127.0.0.1:8001", None),
        ("https://api.dublin.ie1.twilio.com.example", None),
    ],
)
def test_an_address_of_twilios_tells_its_region(address: str, region: str | None) -> None:
    assert region_of(address) == region


@pytest.mark.parametrize("name", ["TWILIO_REGION", "TWILIO_EDGE"])
def test_a_region_beside_another_address_stops_the_start(name: str) -> None:
    value = {"TWILIO_REGION": "ie1", "TWILIO_EDGE": "dublin"}[name]
    line = problem(**{name: value, "TWILIO_API_BASE_URL": "https://api.sydney.au1.twilio.com"})
    assert line == f"{name} must not be set together with TWILIO_API_BASE_URL: keep one of them"
    beside_the_usual = load(REQUIRED | {name: value, "TWILIO_API_BASE_URL": "https://api.twilio.com"})
    assert "dublin" in beside_the_usual.api_base_url


# Senders by country


def test_a_country_has_a_number_a_messaging_service_or_a_brand() -> None:
    text = f"gb={LONDON}/Acme UK, DE = {BERLIN} / {SERVICE} / Acme Deutschland,FR={SERVICE},IT=Acme Italia"
    assert parse_senders(text) == {
        "GB": CountrySender(number=LONDON, brand="Acme UK"),
        "DE": CountrySender(number=BERLIN, messaging_service=SERVICE, brand="Acme Deutschland"),
        "FR": CountrySender(messaging_service=SERVICE),
        "IT": CountrySender(brand="Acme Italia"),
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (LONDON, "entry 1 is not one"),
        (f"GB:{LONDON}", "entry 1 is not one"),
        ("GB=Acme,", "entry 2 is not one"),
        ("GB=", "a brand; entry 1, for GB,"),
        ("GB=Acme/", "a brand; entry 1, for GB,"),
        ("GB=MG123", "a brand; entry 1, for GB,"),
        ("GB=+44", "in E.164"),
        ("UK=Acme", "entry 1 has UK"),
        ("GB=Acme,gb=Other", "entry 2 is the second for GB"),
        (f"GB={LONDON}/{BERLIN}", "entry 1, for GB, has more"),
        (f"GB={SERVICE}/{SERVICE}", "entry 1, for GB, has more"),
        ("GB=Acme/Other", "entry 1, for GB, has more"),
    ],
)
def test_a_sender_that_is_none_is_refused_and_not_repeated(text: str, why: str) -> None:
    with pytest.raises(InvalidValue, match=r"^must ") as caught:
        parse_senders(text)
    assert why in str(caught.value)
    assert LONDON not in str(caught.value)


def test_the_countries_of_senders_are_called_too_unless_countries_are_named() -> None:
    senders = {"SAYCODE_SENDERS": f"GB={LONDON},DE=Acme"}
    assert load(REQUIRED | senders).countries == {"US", "GB", "DE"}
    assert load(REQUIRED | senders | {"SAYCODE_COUNTRIES": "GB,DE"}).countries == {"GB", "DE"}
    line = problem(**senders, SAYCODE_COUNTRIES="US,GB")
    assert line == "SAYCODE_SENDERS names countries that SAYCODE_COUNTRIES does not: DE"


def test_senders_can_be_sent_to_a_worker_process() -> None:
    settings = load(REQUIRED | {"SAYCODE_SENDERS": f"GB={LONDON}"})
    assert pickle.loads(pickle.dumps(settings)).senders == settings.senders  # noqa: S301
