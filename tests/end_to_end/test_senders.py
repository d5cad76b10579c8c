"""An API key, a messaging service with a pool, and senders by country, over real HTTP between separate processes."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest

from tests.support.processes import SENDER, Deployment, Phone, add_number, deploy

KEY, SECRET, SERVICE = "SK" + "1" * 32, "s" * 32, "MG" + "3" * 32
LONDON = "+442079460123"
BRITISH, AMERICAN = iter(f"+4474001234{n}" for n in range(10, 90)), iter(f"+141555501{n}" for n in range(10, 90))


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy(
        tmp_path_factory.mktemp("senders"),
        TWILIO_API_KEY=KEY,
        TWILIO_API_SECRET=SECRET,
        TWILIO_MESSAGING_SERVICE_SID=SERVICE,
        SAYCODE_BRAND="Acme",
        SAYCODE_SENDERS=f"GB={LONDON}/Acme London",
    ) as started:
        add_number(started.simulator, LONDON)
        control(started, "POST", "keys", sid=KEY, secret=SECRET)
        control(started, "PUT", f"messaging-services/{SERVICE}", senders=[SENDER])
        yield started


def control(deployment: Deployment, method: str, path: str, **fields: object) -> None:
    address = f"{deployment.simulator}/simulator/{path}"
    with urlopen(Request(address, json.dumps(fields).encode(), {"Content-Type": "application/json"}, method=method)):
        pass


def sent(deployment: Deployment, resource: str, to: str) -> dict[str, Any]:
    """The fields of the only start for a number."""
    fields = [request["parameters"] for request in deployment.asked(f"/{resource}.json")]
    start: dict[str, Any]
    (start,) = [each for each in fields if each["To"] == to]
    return start


def verify(deployment: Deployment, phone: Phone, channel: str, pattern: str) -> str:
    """A verification to its welcome. Returns all that the phone said or got."""
    browser = deployment.browser()
    started = browser.post("/start", username=f"ann {phone.number[-5:]}", phone=phone.number, channel=channel)
    assert started.state == "code"
    if channel == "sms":
        phone.wait_for("text")
    else:
        phone.wait_for("ringing")
        phone.do("answer")
        phone.do("press", digits=phone.until_said(r"three keys: (\d, \d, \d)$"))
        phone.until_said(r"code is: (\d(?:, \d)+)$")
    heard = " ".join(phone.texts if channel == "sms" else phone.sentences)
    code = re.search(pattern, heard)
    assert code
    assert browser.post("/code", code=code[1].replace(", ", "")).state == "welcome"
    return heard


@pytest.mark.parametrize(
    ("numbers", "sender", "service", "brand"),
    [(BRITISH, LONDON, "", "Acme London"), (AMERICAN, SENDER, SERVICE, "Acme")],
)
def test_a_call_and_a_text_come_from_the_sender_of_the_country(
    deployment: Deployment, numbers: Iterator[str], sender: str, service: str, brand: str
) -> None:
    called, texted = deployment.phone(next(numbers)), deployment.phone(next(numbers))
    said = verify(deployment, called, "call", r"code is: (\d(?:, \d)+)\b")
    text = verify(deployment, texted, "sms", r"#(\d+)$")
    call, message = sent(deployment, "Calls", called.number), sent(deployment, "Messages", texted.number)
    assert call["From"] == sender
    assert (message.get("From", ""), message.get("MessagingServiceSid", "")) == ("" if service else sender, service)
    for words in (said, text):
        assert re.search(rf"\b{brand}\b(?! London)", words)
    assert not deployment.warnings


def test_stop_by_text_to_the_number_of_a_country_ends_its_calls_too(deployment: Deployment) -> None:
    phone = deployment.phone(next(BRITISH))
    add_number(deployment.simulator, LONDON, {"sms_url": f"{deployment.address}/webhooks/sms"})
    phone.do("text", to=LONDON, body="Stop!")
    phone.wait_for("text")
    assert phone.texts[-1].startswith("Acme London: ")
    started = deployment.browser().post("/start", username="ann", phone=phone.number, channel="call")
    assert started.status == 403
    assert "0123" in started.text
