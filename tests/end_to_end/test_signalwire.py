"""A call and a text in SignalWire's dialect, from the form to the welcome, over real HTTP between processes."""

import re
from collections.abc import Iterator

import pytest

from tests.support.processes import SENDER, Deployment, Phone, deploy

NUMBERS = iter(f"+1415555{number:04}" for number in range(100, 198))
ACCOUNT_PATH = r"/api/laml/2010-04-01/Accounts/[0-9a-f-]{36}"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy(tmp_path_factory.mktemp("signalwire"), SAYCODE_CARRIER="signalwire") as started:
        yield started


@pytest.fixture
def phone(deployment: Deployment) -> Phone:
    return deployment.phone(next(NUMBERS))


def test_a_call_from_the_form_to_the_welcome(deployment: Deployment, phone: Phone) -> None:
    browser = deployment.browser()
    assert browser.post("/start", username="ann call", phone=phone.number, channel="call").state == "code"
    phone.wait_for("ringing")
    phone.do("answer")
    phone.do("press", digits=phone.until_said(r"three keys: (\d, \d, \d)$"))
    code = phone.until_said(r"code is: (\d(?:, \d)+)$")
    assert browser.post("/code", code=code).state == "welcome"
    (start,) = deployment.asked("/Calls.json")
    assert re.fullmatch(ACCOUNT_PATH + "/Calls.json", start["path"])
    assert not deployment.warnings


def test_a_text_from_the_form_to_the_welcome(deployment: Deployment, phone: Phone) -> None:
    browser = deployment.browser()
    assert browser.post("/start", username="ann text", phone=phone.number, channel="sms").state == "code"
    phone.wait_for("text")
    code = re.search(r"#(\d+)$", phone.texts[-1])
    assert code
    assert browser.post("/code", code=code[1]).state == "welcome"
    start = next(each for each in deployment.asked("/Messages.json") if each["parameters"]["To"] == phone.number)
    assert re.fullmatch(ACCOUNT_PATH + "/Messages.json", start["path"])
    assert start["parameters"].keys() == {"To", "From", "Body", "StatusCallback", "ValidityPeriod"}
    assert not deployment.warnings


def test_a_language_with_a_voice_of_googles_is_spoken(deployment: Deployment) -> None:
    phone = deployment.phone("+14155550321")
    browser = deployment.browser()
    browser.post("/language", language="ro-RO")
    assert browser.post("/start", username="ann", phone=phone.number, channel="call").state == "code"
    phone.wait_for("ringing")
    phone.do("answer")
    phone.do("listen")
    assert phone.voices == {"gcloud.ro-RO-Wavenet-B"}
    assert not deployment.warnings


def test_stop_by_text_suppresses_the_number(deployment: Deployment, phone: Phone) -> None:
    phone.do("text", to=SENDER, body="Stop!")
    phone.wait_for("text")
    assert deployment.browser().post("/start", username="ann", phone=phone.number, channel="call").status == 403


def test_hanging_up_is_learned_from_the_status_callbacks(deployment: Deployment, phone: Phone) -> None:
    browser = deployment.browser()
    browser.post("/start", username="ann busy", phone=phone.number, channel="call")
    phone.wait_for("ringing")
    phone.do("decline")
    phone.until_over()
    assert "busy" in browser.open().text
