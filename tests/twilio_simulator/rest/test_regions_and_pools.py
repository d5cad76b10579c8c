"""Regions, subaccounts and the pools of messaging services, driven by Twilio's own Python library."""

from __future__ import annotations

import json

import pytest

from tests.support.simulator import ACCOUNT, TWILIO_NUMBER
from tests.support.simulator_rest import ROOT, SERVICE, RestSimulator, code_of
from twilio_simulator.core.account import MessagingService
from twilio_simulator.core.urls import region_of


@pytest.mark.parametrize(
    ("region", "host", "status"),
    [
        ("us1", "api.twilio.com", 200),
        ("us1", "api.ashburn.us1.twilio.com", 200),
        ("us1", "api.dublin.ie1.twilio.com", 401),
        ("ie1", "api.dublin.ie1.twilio.com:443", 200),
        ("ie1", "API.Frankfurt.IE1.Twilio.com", 200),
        ("ie1", "api.twilio.com", 401),
        ("ie1", "127.0.0.1:8001", 200),
        ("au1", "simulator.example", 200),
    ],
)
def test_credentials_of_a_region_are_valid_at_its_addresses_only(
    rest: RestSimulator, region: str, host: str, status: int
) -> None:
    rest.twilio.account.region = region
    answer, headers, body = rest.http("GET", f"{ROOT}/IncomingPhoneNumbers.json", Host=host)
    assert answer == status
    assert headers["x-home-region"] == region
    assert json.loads(body).get("code") == (None if status == 200 else 20003)


@pytest.mark.parametrize("host", ["twilio.com", "a.b.c.d.twilio.com", "api.twilio.com.example", "", "[::1]:8001"])
def test_other_hosts_have_no_region(host: str) -> None:
    assert region_of(host) is None


def test_a_subaccount_names_its_owner_and_has_no_balance(rest: RestSimulator) -> None:
    client = rest.client()
    assert client.api.account.fetch().owner_account_sid == ACCOUNT
    assert client.balance.fetch().balance == "100.00"
    rest.twilio.account.owner_sid = "AC" + "9" * 32
    assert client.api.account.fetch().owner_account_sid == "AC" + "9" * 32
    assert code_of(client.balance.fetch) == 20404


def test_the_pool_of_a_messaging_service_is_listed_by_kind(rest: RestSimulator) -> None:
    rest.twilio.account.services[SERVICE] = MessagingService(SERVICE, [TWILIO_NUMBER, "40404", "Acme"])
    client = rest.client()
    client.messaging.base_url = rest.server.url
    service = client.messaging.v1.services(SERVICE)
    (number,), (code,), (name,) = service.phone_numbers.list(), service.short_codes.list(), service.alpha_senders.list()
    assert (number.phone_number, code.short_code, name.alpha_sender) == (TWILIO_NUMBER, "40404", "Acme")
    assert [record.sid[:2] for record in (number, code, name)] == ["PN", "SC", "AI"]
    status, _, body = rest.http("GET", f"/v1/Services/MG{'9' * 32}/PhoneNumbers")
    assert (status, json.loads(body)["code"]) == (404, 20404)
