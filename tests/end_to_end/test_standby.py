"""Two carriers: a Twilio that fails, and a standby at SignalWire, in processes of their own. No number is called by
both.
"""

import json
import re
import secrets
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from saycode.twilio.provider import FAILURE_THRESHOLD, FIRST_PAUSE
from tests.support.ports import free_port
from tests.support.processes import SENDER, Deployment, Page, Phone, add_number, asked, deploy, post, running

STANDBY_SENDER = "+14155550198"
NUMBERS = iter(f"+1415555{number:04}" for number in range(100, 198))


@dataclass(frozen=True, slots=True)
class Carriers:
    """A service with an account at each of two simulators."""

    service: Deployment
    standby: str

    def phone(self) -> tuple[Phone, Phone]:
        """A number, as the first simulator and as the standby's reaches it."""
        number = next(NUMBERS)
        return self.service.phone(number), Phone(self.standby, number)

    def start(self, number: str, channel: str) -> Page:
        return self.service.browser().post("/start", username=f"ann{number[-3:]}", phone=number, channel=channel)

    def rest(self, resource: str, channel: str, **fault: object) -> list[str]:
        """Let the channel rest at the first carrier. The numbers that were tried there."""
        post(
            f"{self.service.simulator}/simulator/faults",
            {"method": "POST", "path": resource, "times": FAILURE_THRESHOLD, **fault},
        )
        numbers = [next(NUMBERS) for _ in range(FAILURE_THRESHOLD)]
        for number in numbers:
            self.start(number, channel)
        return numbers

    def starts(self, resource: str) -> tuple[list[str], list[str]]:
        """The numbers that each carrier was asked to reach, the first one's first."""
        at_first, at_second = (
            [each["parameters"]["To"] for each in asked(simulator, resource) if each["method"] == "POST"]
            for simulator in (self.service.simulator, self.standby)
        )
        return at_first, at_second

    def log(self, message: str) -> list[dict[str, Any]]:
        """The service's lines with this message."""
        lines = self.service.logs[1].read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines if line.startswith("{")]
        return [entry for entry in entries if entry["event"] == message]


@pytest.fixture
def carriers(tmp_path: Path) -> Iterator[Carriers]:
    account, token, key = str(uuid.uuid4()), "PT_" + secrets.token_hex(16), "PSK_" + secrets.token_hex(16)
    port = free_port()
    simulator = f"http://127.0.0.1:{port}"
    simulate = ["simulate", "--told", "--calls-per-second", "0", "--port", str(port), "--dialect", "signalwire"]
    environ = {"TWILIO_ACCOUNT_SID": account, "TWILIO_AUTH_TOKEN": token, "TWILIO_WEBHOOK_SECRET": key}
    settings: dict[str, Any] = {
        "SAYCODE_STANDBY_CARRIER": "signalwire",
        "SAYCODE_STANDBY_ACCOUNT_SID": account,
        "SAYCODE_STANDBY_AUTH_TOKEN": token,
        "SAYCODE_STANDBY_WEBHOOK_SECRET": key,
        "SAYCODE_STANDBY_FROM_NUMBER": STANDBY_SENDER,
        "SAYCODE_STANDBY_API_BASE_URL": simulator,
    }
    with (
        running(simulate, environ, tmp_path, name="standby", address=f"{simulator}/simulator/clock"),
        deploy(tmp_path / "service", **settings) as service,
    ):
        webhooks = {"voice_url": f"{service.address}/webhooks/voice", "sms_url": f"{service.address}/webhooks/sms"}
        add_number(simulator, STANDBY_SENDER, webhooks)
        yield Carriers(service, simulator)


def complete(carriers: Carriers, phone: Phone) -> None:
    """A call from the form to the welcome."""
    browser = carriers.service.browser()
    assert browser.post("/start", username="bob", phone=phone.number, channel="call").state == "code"
    phone.wait_for("ringing")
    phone.do("answer")
    phone.do("press", digits=phone.until_said(r"three keys: (\d, \d, \d)$"))
    code = phone.until_said(r"code is: (\d(?:, \d)+)$")
    assert browser.post("/code", code=code).state == "welcome"


def test_a_call_and_a_text_come_through_the_standby_until_the_first_carrier_works_again(carriers: Carriers) -> None:
    tried = carriers.rest("/Calls.json", "call", status=500)
    rested_at = time.monotonic()
    assert carriers.starts("/Calls.json") == (tried, [])

    at_first, at_standby = carriers.phone()
    complete(carriers, at_standby)
    assert carriers.starts("/Calls.json") == (tried, [at_standby.number])

    at_first, _ = carriers.phone()
    assert carriers.start(at_first.number, "sms").state == "code"
    at_first.wait_for("text")
    assert carriers.starts("/Messages.json") == ([at_first.number], []), "texts do not rest"

    texted = carriers.rest("/Messages.json", "sms", status=503)
    _, at_standby = carriers.phone()
    browser = carriers.service.browser()
    assert browser.post("/start", username="eve", phone=at_standby.number, channel="sms").state == "code"
    at_standby.wait_for("text")
    code = re.search(r"#(\d+)$", at_standby.texts[-1])
    assert code
    assert browser.post("/code", code=code[1]).state == "welcome"
    assert carriers.starts("/Messages.json")[1] == [at_standby.number]

    time.sleep(max(rested_at + FIRST_PAUSE + 0.5 - time.monotonic(), 0))
    at_first, _ = carriers.phone()
    complete(carriers, at_first)

    for resource in ("/Calls.json", "/Messages.json"):
        starts = Counter(number for numbers in carriers.starts(resource) for number in numbers)
        assert set(starts.values()) == {1}, "no number is reached by both"
    assert len(texted) == FAILURE_THRESHOLD
    assert [line["carrier"] for line in carriers.log("delivery accepted")] == [
        "signalwire",
        "twilio",
        "signalwire",
        "twilio",
    ]
    assert len(carriers.log("the standby takes over")) == 2
    assert not carriers.service.warnings


def test_an_answer_that_is_lost_leads_to_no_second_call(carriers: Carriers) -> None:
    """The first carrier places the calls, but its answers do not arrive: these phones ring once."""
    tried = carriers.rest("/Calls.json", "call", kind="refuse-after-create")
    assert carriers.starts("/Calls.json") == (tried, [])
    for number in tried:
        carriers.service.phone(number).wait_for("ringing")


def test_the_standby_numbers_webhooks_are_answered_as_the_first_ones(carriers: Carriers) -> None:
    _, phone = carriers.phone()
    phone.do("call", to=STANDBY_SENDER)
    phone.do("listen")
    assert any("Saycode" in sentence for sentence in phone.sentences)
    phone.do("text", to=STANDBY_SENDER, body="STOP")
    phone.wait_for("text")
    assert carriers.start(phone.number, "call").status == 403
    at_first, _ = carriers.phone()
    at_first.do("text", to=SENDER, body="STOP")
    at_first.wait_for("text")
    assert carriers.start(at_first.number, "call").status == 403
