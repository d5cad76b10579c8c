"""SignalWire's own request validator takes what the simulator signs in its dialect, and refuses what we refuse."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

import pytest
from starlette.requests import Request as Received

from saycode.config.twilio_settings import DIALECTS, Carrier
from tests.support.processes import PATIENCE, Deployment, deploy, free_port, running_program
from twilio_simulator.core.account import Account
from twilio_simulator.core.dialect import SIGNALWIRE
from twilio_simulator.http.signing import Product, SigningMode, signature_headers
from webhooks.requests import Fields
from webhooks.signature import signature_validator

from .conftest import NUMBERS, PROGRAMS, Programs
from .twiml_webhooks import GREETING, SHOP, put, seen, voice_url

KEY, API_TOKEN = "PSK_the_signing_key", "PT_the_api_token"
PUBLIC = "https://verify.example"
VOICE = f"{PUBLIC}/webhooks/voice/notice?language=de-DE&brand=Acme+Bank"
CALL = {"AccountSid": "0a1b", "CallSid": "3f6c", "From": "+14155550100", "Name": " Olá  1 + 1 ", "Empty": ""}
TEXT = {"AccountSid": "0a1b", "MessageSid": "7d2e", "From": "+14155550100", "Body": "50% + 1 = ☕ 茶\n"}


@contextmanager
def served(programs: Programs, key: str) -> Iterator[str]:
    """Webhooks behind SignalWire's middleware with this signing key. Yields the address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environ = {"SIGNING_KEY": key, "PORT": str(port)}
    command = [programs.node, str(PROGRAMS / "signalwire_app.mjs")]
    with running_program(command, environ, programs.folder, name=f"signalwire-{port}", address=f"{address}/seen"):
        yield address


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with deploy(tmp_path_factory.mktemp("signalwire"), SAYCODE_CARRIER="signalwire") as started:
        yield started


@pytest.fixture(scope="module")
def shop(programs: Programs, project: Deployment) -> Iterator[str]:
    with served(programs, project.environ["TWILIO_WEBHOOK_SECRET"]) as address:
        number = {"voice_url": voice_url(address), "sms_url": f"{address}/sms", "status_callback": f"{address}/status"}
        put(f"{project.simulator}/simulator/numbers/{quote(SHOP)}", number)
        yield address


@pytest.fixture(scope="module")
def validator(programs: Programs) -> Iterator[str]:
    with served(programs, KEY) as address:
        yield address


# Its middleware, before a shop that the simulator calls


def test_a_caller_of_the_simulator_passes_its_middleware(shop: str, project: Deployment) -> None:
    phone = project.phone(next(NUMBERS))
    phone.do("call", to=SHOP)
    phone.until_said(f"({GREETING})")
    phone.do("press", digits="1")
    phone.until_over()
    assert phone.sentences == [GREETING, "We open at nine."]
    assert phone.voices >= {"gcloud.en-GB-Wavenet-A"}
    assert "completed" in seen(shop)
    assert not project.warnings


def test_a_text_of_the_simulator_passes_its_middleware(shop: str, project: Deployment) -> None:
    phone = project.phone(next(NUMBERS))
    for n, body in enumerate(("Öffnen Sie um 9 & 10?", "50% + 1 = ☕ 茶"), start=1):
        phone.do("text", to=SHOP, body=body)
        phone.wait_for("text", after=n - 1)
        assert phone.texts[-1].rstrip() == f"You wrote: {body}"
    assert not project.warnings


def test_its_middleware_refuses_what_has_no_right_signature(shop: str) -> None:
    for signed in ({}, {"X-SignalWire-Signature": "c2lnbmVk"}):
        request = Request(f"{shop}/sms", b"Body=Hello", dict(signed))
        with pytest.raises(HTTPError) as refused:
            urlopen(request, timeout=PATIENCE)
        assert refused.value.code in (400, 403)
        refused.value.close()


# Its validator and ours, about the same requests


def theirs(validator: str, signature: str, url: str, fields: dict[str, str]) -> bool:
    body = json.dumps({"header": signature, "url": url, "fields": fields}).encode()
    with urlopen(
        Request(f"{validator}/validate", body, {"Content-Type": "application/json"}), timeout=PATIENCE
    ) as answer:
        return bool(json.load(answer))


def ours(signatures: list[str], url: str, fields: dict[str, str]) -> bool:
    parts = urlsplit(url)
    given = [(b"x-signalwire-signature", value.encode("latin-1")) for value in signatures]
    scope = {"type": "http", "method": "POST", "path": parts.path, "raw_path": parts.path.encode(), "headers": given}
    form = Fields({name: [value] for name, value in fields.items()})
    checked = signature_validator(PUBLIC, (KEY,), DIALECTS[Carrier.SIGNALWIRE].signatures)
    return checked.valid(Received(scope | {"query_string": parts.query.encode()}), form)


def signed(
    mode: SigningMode, url: str, fields: dict[str, str], *, key: str = KEY, product: Product = Product.VOICE
) -> list[str]:
    """The signatures of the simulator, which plays SignalWire."""
    account = Account("0a1b", API_TOKEN, 0.0, previous_token="PSK_before", dialect=SIGNALWIRE)
    account.shared_key = ("key", key)
    headers = signature_headers(mode, account=account, url=url, fields=tuple(fields.items()), product=product)
    return [value for name, value in headers if name == "X-SignalWire-Signature"]


@pytest.mark.parametrize(
    ("url", "fields", "product"),
    [
        (VOICE, CALL, Product.VOICE),
        (f"{PUBLIC}/webhooks/sms", TEXT, Product.MESSAGING),
        (f"{PUBLIC}/webhooks/sms", {}, Product.MESSAGING),
    ],
)
def test_what_the_simulator_signs_is_right_for_both(
    validator: str, url: str, fields: dict[str, str], product: Product
) -> None:
    (signature,) = signed(SigningMode.RIGHT, url, fields, product=product)
    assert theirs(validator, signature, url, fields)
    assert ours([signature], url, fields)


@pytest.mark.parametrize("mode", [mode for mode in SigningMode if mode is not SigningMode.RIGHT])
def test_what_the_simulator_signs_wrongly_is_refused_by_both(validator: str, mode: SigningMode) -> None:
    signatures = signed(mode, VOICE, CALL)
    assert not theirs(validator, ", ".join(signatures), VOICE, CALL)
    assert not ours(signatures, VOICE, CALL)


@pytest.mark.parametrize("key", [API_TOKEN, KEY + "x", KEY.lower()])
def test_a_signature_under_another_key_is_refused_by_both(validator: str, key: str) -> None:
    (signature,) = signed(SigningMode.RIGHT, VOICE, CALL, key=key)
    assert not theirs(validator, signature, VOICE, CALL)
    assert not ours([signature], VOICE, CALL)


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        (VOICE, CALL | {"From": "+14155550101"}),
        (VOICE, CALL | {"Digits": "1"}),
        (VOICE, {name: value for name, value in CALL.items() if name != "From"}),
        (VOICE, CALL | {"Name": "Olá 1 + 1"}),
        (VOICE.replace("Acme", "Evil"), CALL),
        (VOICE.partition("?")[0], CALL),
        (VOICE.replace("/voice", "/sms"), CALL),
    ],
)
def test_a_request_that_was_changed_under_its_signature_is_refused_by_both(
    validator: str, url: str, fields: dict[str, str]
) -> None:
    (signature,) = signed(SigningMode.RIGHT, VOICE, CALL)
    assert not theirs(validator, signature, url, fields)
    assert not ours([signature], url, fields)


@pytest.mark.parametrize("host", ["verify.example", "verify.example:443"])
def test_a_port_that_was_signed_or_left_out_is_right_for_both(validator: str, host: str) -> None:
    url = VOICE.replace("verify.example", host)
    (signature,) = signed(SigningMode.RIGHT, url, CALL, product=Product.MESSAGING)
    assert theirs(validator, signature, VOICE, CALL)
    assert ours([signature], VOICE, CALL)
