"""WhatsApp over real HTTP between separate processes: Twilio's client starts, the phone gets a template and answers."""

import json
import re
import time
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.rest.verify.v2.service import ServiceContext

from tests.support import whatsapp
from tests.support.processes import PATIENCE, Deployment, Phone, deploy

NUMBERS = (f"+1415555{n}" for n in count(7000))
ADDRESS = f"whatsapp:{whatsapp.SENDER}"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("whatsapp")
    settings: Any = whatsapp.SETTINGS
    with deploy(folder, workers=2, SAYCODE_FALLBACK="auto", **settings) as started:
        whatsapp.set_up(started.simulator, started.address)
        yield started


@pytest.fixture(scope="module")
def service(deployment: Deployment) -> ServiceContext:
    made = json.loads(deployment.command("services", "create", "Acme", "--json"))
    client = Client(made["key_sid"], made["secret"])
    client.verify.base_url = deployment.address
    return client.verify.v2.services(made["service_sid"])


@pytest.fixture
def phone(deployment: Deployment) -> Phone:
    return deployment.phone(next(NUMBERS))


def last_code(phone: Phone) -> str:
    hit = re.search(r"[0-9]{6}", phone.texts[-1])
    assert hit, phone.texts
    return hit[0]


def until_told(deployment: Deployment, sid: str | None, sentence: str) -> None:
    """Wait until the verification's history has this sentence."""
    until = time.monotonic() + PATIENCE
    while sentence not in (told := deployment.command("show", str(sid))):
        assert time.monotonic() < until, told
        time.sleep(0.2)


def test_a_code_comes_in_the_template_of_its_language_and_is_right(
    deployment: Deployment, service: ServiceContext, phone: Phone
) -> None:
    phone.behave(whatsapp="read")
    started = service.verifications.create(to=phone.number, channel="whatsapp", locale="en")
    assert (str(started.channel), started.status) == ("whatsapp", "pending")
    phone.wait_for("text")
    code = last_code(phone)
    assert phone.texts == [f"{code} is your verification code."]
    sent = deployment.asked("/Messages.json")[-1]["parameters"]
    assert (sent["From"], sent["To"], sent["ContentSid"]) == (ADDRESS, f"whatsapp:{phone.number}", whatsapp.ENGLISH)
    assert json.loads(sent["ContentVariables"]) == {"1": code}
    assert "Body" not in sent
    until_told(deployment, started.sid, "The WhatsApp message was read.")
    assert service.verification_checks.create(to=phone.number, code=code).status == "approved"
    files = [*deployment.folder.glob("saycode.db*"), *deployment.logs[1:]]
    assert [file.name for file in files if code.encode() in file.read_bytes()] == []


@pytest.mark.parametrize(("locale", "start"), [("es-MX", "Tu código"), ("es-ES", "Tu código")])
def test_the_nearest_template_is_taken(service: ServiceContext, phone: Phone, locale: str, start: str) -> None:
    service.verifications.create(to=phone.number, channel="whatsapp", locale=locale)
    phone.wait_for("text")
    assert phone.texts[0].startswith(start)


def test_a_language_without_a_template_gets_that_of_the_operators_language(
    service: ServiceContext, phone: Phone
) -> None:
    service.verifications.create(to=phone.number, channel="whatsapp", locale="ja")
    phone.wait_for("text")
    assert phone.texts[0].endswith("is your verification code.")


def test_a_phone_without_whatsapp_gets_a_text_with_the_same_chance(
    deployment: Deployment, service: ServiceContext, phone: Phone
) -> None:
    phone.behave(whatsapp="absent", whatsapp_code=63024)
    started = service.verifications.create(to=phone.number, channel="whatsapp")
    phone.wait_for("text")
    assert phone.texts[0].startswith("Acme")
    assert service.verification_checks.create(to=phone.number, code=last_code(phone)).status == "approved"
    until_told(deployment, started.sid, "The WhatsApp message could not be sent (Twilio's error 63024).")
    attempts: Any = service.verifications(started.sid or "").fetch().send_code_attempts
    assert [attempt["channel"] for attempt in attempts] == ["WHATSAPP", "SMS"]


def test_stop_on_whatsapp_stops_texts_and_calls_too_and_start_allows_them_again(
    service: ServiceContext, phone: Phone
) -> None:
    phone.do("text", to=ADDRESS, body="STOP")
    phone.wait_for("text")
    assert "START" in phone.texts[-1], "Twilio does not answer on WhatsApp, so the service does"
    for channel in ("whatsapp", "sms", "call"):
        with pytest.raises(TwilioRestException) as refused:
            service.verifications.create(to=phone.number, channel=channel)
        assert refused.value.code == 21610
    phone.do("text", to=ADDRESS, body="START")
    phone.wait_for("text", after=1)
    assert service.verifications.create(to=phone.number, channel="whatsapp").status == "pending"


def test_no_payment_is_approved_on_whatsapp_whose_words_cannot_name_it(service: ServiceContext, phone: Phone) -> None:
    payment: Any = {"amount": "12.30 EUR", "payee": "Acme"}
    with pytest.raises(TwilioRestException) as refused:
        service.verifications.create(to=phone.number, channel="whatsapp", **payment)
    assert refused.value.code == 60223
    started = service.verifications.create(to=phone.number, channel="sms", **payment)
    assert started.status == "pending"
    phone.wait_for("text")
    assert "12.30 EUR" in phone.texts[0]
