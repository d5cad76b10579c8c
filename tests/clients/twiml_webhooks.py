"""Webhooks in Flask and in Express: the simulator signs as Twilio's own validators expect, in both languages."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.support.processes import PATIENCE, Deployment, Phone

from .conftest import Programs

SHOP = "+14155550198"
GREETING = "Welcome to Leaf & Kettle. For our opening hours, press 1."


def put(address: str, body: Any) -> None:
    request = Request(address, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="PUT")
    with urlopen(request, timeout=PATIENCE):
        pass


def seen(shop: str) -> list[str]:
    with urlopen(f"{shop}/seen", timeout=PATIENCE) as answer:
        return list(json.load(answer))


def voice_url(shop: str) -> str:
    """With a query, which is signed too. ASCII only: Flask's `request.url` decodes what Twilio signs encoded."""
    return f"{shop}/voice?shop={quote('Leaf & Kettle')}"


@pytest.fixture(scope="module", params=["flask", "express"])
def shop(request: pytest.FixtureRequest, programs: Programs, deployment: Deployment) -> Iterator[str]:
    with programs.shop(request.param, deployment) as address:
        number = {"voice_url": voice_url(address), "sms_url": f"{address}/sms"}
        put(f"{deployment.simulator}/simulator/numbers/{SHOP}", number)
        yield address


@pytest.fixture(autouse=True)
def no_warnings(deployment: Deployment) -> Iterator[None]:
    """The simulator found nothing that Twilio would object to."""
    before = deployment.warnings
    yield
    assert deployment.warnings == before


def test_a_caller_presses_1_and_hears_the_opening_hours(shop: str, phone: Phone) -> None:
    phone.do("call", to=SHOP)
    phone.until_said(f"({GREETING})")
    phone.do("press", digits="1")
    phone.until_over()
    assert phone.sentences == [GREETING, "We open at nine."]


def test_a_text_is_answered_whatever_it_says(shop: str, phone: Phone) -> None:
    for n, body in enumerate(("Öffnen Sie um 9 & 10?", "50% + 1 = ☕ 茶", " "), start=1):
        phone.do("text", to=SHOP, body=body)
        phone.wait_for("text", after=n - 1)
        assert phone.texts[-1].rstrip() == f"You wrote: {body}".rstrip()


def test_a_call_from_the_library_reports_its_statuses(shop: str, deployment: Deployment, phone: Phone) -> None:
    http = TwilioHttpClient()
    client = Client(deployment.environ["TWILIO_ACCOUNT_SID"], deployment.token, http_client=http)
    client.api.base_url = deployment.simulator
    events = ["initiated", "ringing", "answered", "completed"]
    client.calls.create(
        to=phone.number,
        from_=SHOP,
        url=voice_url(shop),
        status_callback=f"{shop}/status",
        status_callback_event=events,
    )
    assert http.session is not None
    http.session.close()
    phone.wait_for("ringing")
    phone.do("answer")
    phone.until_over()
    assert phone.sentences == [GREETING, "Goodbye."]
    assert seen(shop) == ["initiated", "ringing", "in-progress", "completed"]


def test_a_request_that_twilio_did_not_sign_is_refused(shop: str) -> None:
    for signed in ({}, {"X-Twilio-Signature": "c2lnbmVk"}):
        request = Request(f"{shop}/sms", b"Body=Hello", dict(signed))
        with pytest.raises(HTTPError) as refused:
            urlopen(request, timeout=PATIENCE)
        assert refused.value.code in (400, 403)
        refused.value.close()
