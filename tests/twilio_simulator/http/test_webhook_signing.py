"""Signatures: the published vectors, the signed URL, and the other headers."""

from __future__ import annotations

import pytest
from twilio.request_validator import SIGNATURE_SETTINGS_HEADER, RequestValidator, get_signature_algorithm

from tests.support.simulator import BASE, PHONE, TOKEN, TWILIO_NUMBER, make_simulator, twiml
from twilio_simulator.http.signing import Product, SigningMode, compute_signature, signed_url
from twilio_simulator.network.call import FetchStep

ACCOUNT0 = "AC" + "0" * 32
MESSAGE1 = "SM" + "1" * 32
CALL2 = "CA" + "2" * 32
URL0 = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALLER = [("CallSid", "CA1234567890ABCDE"), ("Digits", "1234"), ("To", "+18005551212")]


def call_from(number: str) -> list[tuple[str, str]]:
    return [*CALLER, ("Caller", number), ("From", number)]


P, P0, P1 = (call_from(number) for number in ("+14158675309", "+14158675310", "+12349013030"))

S1 = [
    ("AccountSid", ACCOUNT0),
    ("ApiVersion", "2010-04-01"),
    ("Body", "Olá 👋"),
    ("From", "+14155550100"),
    ("FromCity", ""),
    ("FromCountry", "US"),
    ("FromState", "CA"),
    ("FromZip", ""),
    ("MessageSid", MESSAGE1),
    ("NumMedia", "0"),
    ("NumSegments", "1"),
    ("SmsMessageSid", MESSAGE1),
    ("SmsSid", MESSAGE1),
    ("SmsStatus", "received"),
    ("To", "+14155550199"),
    ("ToCity", ""),
    ("ToCountry", "US"),
    ("ToState", "CA"),
    ("ToZip", ""),
]
S2 = f"http://127.0.0.1:8000/twilio/voice?flow=otp&CallSid={CALL2}&From=%2B14155550100"
S3 = [
    ("AccountSid", ACCOUNT0),
    ("ApiVersion", "2010-04-01"),
    ("CallDuration", "0"),
    ("CallSid", CALL2),
    ("CallStatus", "busy"),
    ("CallbackSource", "call-progress-events"),
    ("Called", "+14155550100"),
    ("Caller", "+14155550199"),
    ("Direction", "outbound-api"),
    ("Duration", "0"),
    ("From", "+14155550199"),
    ("SequenceNumber", "2"),
    ("SipResponseCode", "486"),
    ("Timestamp", "Sat, 07 May 2022 14:30:14 +0000"),
    ("To", "+14155550100"),
]
S4 = [("Body", " 1 + 1 "), ("From", "+14155550100")]
SMS, VOICE = Product.MESSAGING, Product.VOICE

VECTORS = [
    pytest.param("https://example.com/myapp.php?foo=1&bar=2", P0, SMS, "L/OH5YylLD5NRKLltdqwSvS0BnU=", id="A"),
    pytest.param(URL0, P, SMS, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", id="B"),
    pytest.param(URL0, P1, SMS, "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", id="C"),
    pytest.param("http://mycompany.com:1234/myapp.php?foo=1&bar=2", P, VOICE, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", id="D"),
    pytest.param("https://mycompany.com:443/myapp.php?foo=1&bar=2", P, SMS, "kvajT1Ptam85bY51eRf/AJRuM3w=", id="E"),
    pytest.param("http://mycompany.com:80/myapp.php?foo=1&bar=2", P, VOICE, "0ZXoZLH/DfblKGATFgpif+LLRf4=", id="F"),
    pytest.param(
        URL0,
        [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")],
        SMS,
        "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
        id="G",
    ),
    pytest.param(
        URL0,
        [("MessagingBinding.Address", "+1415xxxxxxx"), ("MessagingBinding.Address", "+1325xxxxxxx")],
        SMS,
        "83O6e2vORAoJHUNzJjDWN1jz+BA=",
        id="H",
    ),
    pytest.param("https://svc.example/twilio/sms", S1, SMS, "eb0YOOcCo4KxdCrIsXMZvqIWBN0=", id="S1"),
    pytest.param(S2, [], VOICE, "C/D6e1lM2s8aigstjxaWsOj0oqs=", id="S2"),
    pytest.param("http://127.0.0.1:8000/twilio/status?s=abc", S3, VOICE, "unhdTYJGivFJHzxFKQF/D8Tde+M=", id="S3"),
    pytest.param("https://svc.example/twilio/sms", S4, SMS, "WIRxnrfGLfAhv5PJMS78xFTCIzM=", id="S4"),
]


@pytest.mark.parametrize(("url", "fields", "product", "signature"), VECTORS)
def test_a_published_vector_holds(url: str, fields: list[tuple[str, str]], product: Product, signature: str) -> None:
    assert compute_signature(TOKEN, url, tuple(fields), product) == signature


@pytest.mark.parametrize(
    ("url", "product", "signed"),
    [
        ("http://h.example:8000/x", VOICE, "http://h.example:8000/x"),
        ("http://h.example:80/x", SMS, "http://h.example:80/x"),
        ("https://h.example:8443/x", SMS, "https://h.example:8443/x"),
        ("https://h.example:8443/x?a=b:c", VOICE, "https://h.example/x?a=b:c"),
        ("https://user:pass@h.example:8443/x", VOICE, "https://h.example/x"),
        ("http://user:pass@h.example:8000/x", SMS, "http://h.example:8000/x"),
        ("https://h.example/x?a=1#rc=2", VOICE, "https://h.example/x?a=1"),
        ("https://h.example", VOICE, "https://h.example/"),
        ("https://h.example/x?", VOICE, "https://h.example/x"),
    ],
)
def test_the_signed_address_follows_the_port_rules(url: str, product: Product, signed: str) -> None:
    assert signed_url(url, product) == signed


async def test_a_voice_request_carries_a_signature_that_twilios_validator_accepts() -> None:
    sim = make_simulator(voice=twiml("<Say>Hello</Say>"))
    await sim.answered()
    request = sim.customer.requests_to("/voice")[0]
    assert RequestValidator(TOKEN).validate(BASE + "/voice", request.form, request.headers["x-twilio-signature"])


async def test_a_get_is_signed_with_its_fields_in_the_query() -> None:
    sim = make_simulator(voice=twiml("<Say>Hello</Say>"))
    await sim.answered(first=FetchStep(BASE + "/voice?flow=otp", "GET"))
    request = sim.customer.requests_to("/voice")[0]
    assert request.query["CallSid"]
    assert request.query["flow"] == "otp"
    assert RequestValidator(TOKEN).validate(request.url, {}, request.headers["x-twilio-signature"])


async def test_a_request_has_twilios_headers() -> None:
    sim = make_simulator(voice=twiml("<Say>Hello</Say>"))
    await sim.answered()
    headers = sim.customer.requests_to("/voice")[0].headers
    assert headers["user-agent"] == "TwilioProxy/1.1"
    assert headers["accept"] == "*/*"
    assert headers["content-type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert len(headers["i-twilio-idempotency-token"]) == 36


async def test_two_requests_have_different_idempotency_tokens() -> None:
    sim = make_simulator(voice=twiml("<Redirect>/other</Redirect>"), other=twiml("<Say>Hello</Say>"))
    await sim.answered()
    tokens = {sim.customer.requests_to(path)[0].headers["i-twilio-idempotency-token"] for path in ("/voice", "/other")}
    assert len(tokens) == 2


@pytest.mark.parametrize("signing", [SigningMode.WRONG, SigningMode.OLD_TOKEN, SigningMode.NOT_ASCII])
async def test_a_wrong_signature_on_demand_does_not_validate(signing: SigningMode) -> None:
    sim = make_simulator(voice=twiml("<Say>Hello</Say>"))
    sim.twilio.signing = signing
    await sim.answered()
    request = sim.customer.requests_to("/voice")[0]
    assert not RequestValidator(TOKEN).validate(BASE + "/voice", request.form, request.headers["x-twilio-signature"])


async def test_the_signature_can_be_missing_on_demand() -> None:
    sim = make_simulator(voice=twiml("<Say>Hello</Say>"))
    sim.twilio.signing = SigningMode.MISSING
    await sim.answered()
    assert "x-twilio-signature" not in sim.customer.requests_to("/voice")[0].headers


async def test_the_signature_can_be_doubled_on_demand() -> None:
    sim = make_simulator(voice=twiml("<Say>Hello</Say>"))
    sim.twilio.signing = SigningMode.DOUBLED
    await sim.answered()
    sent = [name for name, _ in sim.transport.sent[-1].headers if name == "X-Twilio-Signature"]
    assert len(sent) == 2


async def test_webhooks_can_be_signed_under_a_shared_key() -> None:
    sim = make_simulator(voice=twiml("<Say>Hello</Say>"))
    sim.twilio.signing = SigningMode.SHARED_KEY
    await sim.answered()
    request = sim.customer.requests_to("/voice")[0]
    key, secret = sim.twilio.account.shared_key
    settings, signature = request.headers[SIGNATURE_SETTINGS_HEADER.lower()], request.headers["x-twilio-signature"]
    assert settings == f"key={key},algorithm=HMAC_SHA256"
    algorithm = get_signature_algorithm(settings)
    assert RequestValidator(secret).validate(BASE + "/voice", request.form, signature, algorithm)
    assert not RequestValidator(TOKEN).validate(BASE + "/voice", request.form, signature, algorithm)
    assert not RequestValidator(secret).validate(BASE + "/voice", request.form, signature)


async def test_a_text_over_https_is_signed_with_its_port_and_a_call_without() -> None:
    sim = make_simulator(voice=twiml("<Say>Hello</Say>"), sms=twiml())
    sim.twilio.add_number(
        TWILIO_NUMBER, voice_url="https://customer.example:8443/voice", sms_url="https://customer.example:8443/sms"
    )
    await sim.phone.text(TWILIO_NUMBER, "Hello")
    await sim.phone.call(TWILIO_NUMBER)
    for path, address in (("/sms", "https://customer.example:8443/sms"), ("/voice", "https://customer.example/voice")):
        request = sim.customer.requests_to(path)[0]
        assert RequestValidator(TOKEN).compute_signature(address, request.form) == request.headers["x-twilio-signature"]


async def test_the_phone_is_on_the_form_of_every_request() -> None:
    sim = make_simulator(voice=twiml("<Say>Hello</Say>"))
    await sim.answered()
    form = sim.customer.requests_to("/voice")[0].form
    assert (form["From"], form["To"], form["Caller"], form["Called"]) == (TWILIO_NUMBER, PHONE, TWILIO_NUMBER, PHONE)
