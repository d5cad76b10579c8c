"""Is this request from Twilio? The published vectors, and everything that is not quite a signature."""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha1
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData
from starlette.requests import Request
from twilio.request_validator import HMAC_SHA256, RequestValidator

from tests.support.app import ACCOUNT, PHONE, SENDER, TOKEN, Phone, RunningApp, path_of, running_app
from tests.support.asgi_client import FORM
from webhooks.requests import Fields
from webhooks.routes import PATHS
from webhooks.signature import SignatureValidator, sign, signature_validator

Pairs = Sequence[tuple[str, str]]


def signed_request(target: str, signature: str | Sequence[str]) -> Request:
    """A request for this path and query with these signatures."""
    given = [signature] if isinstance(signature, str) else signature
    path, _, query = target.partition("?")
    headers = [(b"x-twilio-signature", value.encode("latin-1")) for value in given]
    scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": query.encode()}
    return Request(scope | {"headers": headers})


def fields(pairs: Pairs) -> Fields:
    form = Fields()
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


def call(number: str) -> Pairs:
    ends = [("Caller", number), ("From", number)]
    return [("CallSid", "CA1234567890ABCDE"), *ends, ("Digits", "1234"), ("To", "+18005551212")]


P = call("+14158675309")
TWO_DIGITS = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
BINDINGS = [("MessagingBinding.Address", "+1325xxxxxxx"), ("MessagingBinding.Address", "+1415xxxxxxx")]
QUERY = "/myapp.php?foo=1&bar=2"
BODY_1 = "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
BODY_2 = "bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

PUBLISHED = [
    pytest.param("https://example.com", QUERY, call("+14158675310"), "L/OH5YylLD5NRKLltdqwSvS0BnU=", id="A"),
    pytest.param("https://mycompany.com", QUERY, P, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", id="B"),
    pytest.param("https://mycompany.com", QUERY, call("+12349013030"), "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", id="C"),
    pytest.param("http://mycompany.com:1234", QUERY, P, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", id="D"),
    pytest.param("https://mycompany.com:443", QUERY, P, "kvajT1Ptam85bY51eRf/AJRuM3w=", id="E"),
    pytest.param("http://mycompany.com:80", QUERY, P, "0ZXoZLH/DfblKGATFgpif+LLRf4=", id="F"),
    pytest.param("https://mycompany.com", QUERY, TWO_DIGITS, "IK+Dwps556ElfBT0I3Rgjkr1wJU=", id="G"),
    pytest.param("https://mycompany.com", QUERY, BINDINGS, "83O6e2vORAoJHUNzJjDWN1jz+BA=", id="H"),
    pytest.param("https://mycompany.com", QUERY, BINDINGS[::-1], "83O6e2vORAoJHUNzJjDWN1jz+BA=", id="H reversed"),
    pytest.param("https://mycompany.com", f"{QUERY}&{BODY_1}", [], "a9nBmqA0ju/hNViExpshrM61xv4=", id="J1"),
    pytest.param("https://mycompany.com", f"/myapp.php?{BODY_1}", [], "y77kIzt2vzLz71DgmJGsen2scGs=", id="J2"),
    pytest.param("https://mycompany.com:443", f"{QUERY}&{BODY_2}", [], "Ldidvp12m26NI7eqEvxnEpkd9Hc=", id="J3"),
    pytest.param("https://user:pass@mycompany.com", QUERY, P, "CukzLTc1tT5dXEDIHm/tKBanW10=", id="K"),
    pytest.param("https://mycompany.com", f"{QUERY}&Body=It%27s+amazing", P, "TfZzewPq8wqrGlMfyAud8+/IvJ0=", id="N1"),
]

AC0, SM1, CA2 = ACCOUNT, "SM" + "1" * 32, "CA" + "2" * 32
TEXT = [
    ("AccountSid", AC0),
    ("ApiVersion", "2010-04-01"),
    ("Body", "Olá 👋"),
    ("From", "+14155550100"),
    ("FromCity", ""),
    ("FromCountry", "US"),
    ("FromState", "CA"),
    ("FromZip", ""),
    ("MessageSid", SM1),
    ("NumMedia", "0"),
    ("NumSegments", "1"),
    ("SmsMessageSid", SM1),
    ("SmsSid", SM1),
    ("SmsStatus", "received"),
    ("To", "+14155550199"),
    ("ToCity", ""),
    ("ToCountry", "US"),
    ("ToState", "CA"),
    ("ToZip", ""),
]
BUSY = [
    ("AccountSid", AC0),
    ("ApiVersion", "2010-04-01"),
    ("CallDuration", "0"),
    ("CallSid", CA2),
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
SPACED = [("Body", " 1 + 1 "), ("From", "+14155550100")]
BY_GET = f"/twilio/voice?flow=otp&CallSid={CA2}&From=%2B14155550100"

OURS = [
    pytest.param("https://svc.example", "/twilio/sms", TEXT, "eb0YOOcCo4KxdCrIsXMZvqIWBN0=", id="S1"),
    pytest.param("http://127.0.0.1:8000", BY_GET, [], "C/D6e1lM2s8aigstjxaWsOj0oqs=", id="S2"),
    pytest.param("http://127.0.0.1:8000", "/twilio/status?s=abc", BUSY, "unhdTYJGivFJHzxFKQF/D8Tde+M=", id="S3"),
    pytest.param("https://svc.example", "/twilio/sms", SPACED, "WIRxnrfGLfAhv5PJMS78xFTCIzM=", id="S4"),
]


@pytest.mark.parametrize(("base", "target", "pairs", "signature"), [*PUBLISHED, *OURS])
def test_the_vectors_hold(base: str, target: str, pairs: Pairs, signature: str) -> None:
    assert signature_validator(base, (TOKEN,)).valid(signed_request(target, signature), fields(pairs))


@pytest.mark.parametrize(("base", "target", "pairs", "signature"), [*PUBLISHED, *OURS])
def test_a_vector_does_not_hold_for_another_field(base: str, target: str, pairs: Pairs, signature: str) -> None:
    assert not signature_validator(base, (TOKEN,)).valid(
        signed_request(target, signature), fields([*pairs, ("Extra", "")])
    )


def test_a_signature_under_another_algorithm_is_refused() -> None:
    sha256 = "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="
    assert not signature_validator("https://mycompany.com", (TOKEN,)).valid(signed_request(QUERY, sha256), fields(P))


def test_the_order_of_the_fields_does_not_matter() -> None:
    assert signature_validator("https://mycompany.com", (TOKEN,)).valid(
        signed_request(QUERY, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), fields(P[::-1])
    )


@pytest.mark.parametrize(
    ("public", "signed"),
    [
        ("https://mycompany.com:8443", "https://mycompany.com:8443"),
        ("https://mycompany.com:8443", "https://mycompany.com"),  # voice over https drops the port
        ("https://mycompany.com", "https://mycompany.com:443"),
        ("https://mycompany.com:443", "https://mycompany.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.0.0.1", "http://127.0.0.1:80"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_port_may_be_written_or_left_out(public: str, signed: str) -> None:
    signature = RequestValidator(TOKEN).compute_signature(signed + QUERY, dict(P))
    assert signature_validator(public, (TOKEN,)).valid(signed_request(QUERY, signature), fields(P))


@pytest.mark.parametrize(
    "signed",
    [
        "http://mycompany.com",
        "https://mycompany.com.",
        "https://other.example",
        "https://mycompany.com:8080",
        "https://user:pass@mycompany.com",
    ],
)
def test_another_address_than_the_configured_one_is_refused(signed: str) -> None:
    signature = RequestValidator(TOKEN).compute_signature(signed + QUERY, dict(P))
    assert not signature_validator("https://mycompany.com", (TOKEN,)).valid(signed_request(QUERY, signature), fields(P))


def test_two_tokens_count_during_a_rotation() -> None:
    both = signature_validator("https://mycompany.com", ("the new one", "the old one"))
    for token in ("the new one", "the old one"):
        signature = RequestValidator(token).compute_signature("https://mycompany.com" + QUERY, dict(P))
        assert both.valid(signed_request(QUERY, signature), fields(P))
    third = RequestValidator("another").compute_signature("https://mycompany.com" + QUERY, dict(P))
    assert not both.valid(signed_request(QUERY, third), fields(P))


@pytest.mark.parametrize("tokens", [(), ("",), ("a token", "")])
def test_an_empty_token_makes_no_checker(tokens: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="empty token"):
        signature_validator("https://mycompany.com", tokens)


RIGHT = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
NO_SIGNATURES: list[Sequence[str]] = [
    [],
    [RIGHT, RIGHT],
    [RIGHT, "x"],
    [RIGHT + ", " + RIGHT],
    [""],
    [" " + RIGHT],
    [RIGHT.lower()],
    [RIGHT[:-1]],
    [RIGHT + "\u00e9"],
    ["\u00fc" * 28],
    [RIGHT + "=" * 40],
    ["A" * 65],
    ["A" * 10_000],
]


@pytest.mark.parametrize("given", NO_SIGNATURES, ids=[str(n) for n in range(len(NO_SIGNATURES))])
def test_what_is_not_exactly_one_right_signature_is_refused(given: Sequence[str]) -> None:
    assert not signature_validator("https://mycompany.com", (TOKEN,)).valid(signed_request(QUERY, given), fields(P))


def test_a_signature_under_the_empty_key_is_refused() -> None:
    text = "https://mycompany.com" + QUERY + "".join(name + value for name, value in sorted(P))
    forged = b64encode(hmac.digest(b"", text.encode(), sha1)).decode()
    checker: SignatureValidator = signature_validator("https://mycompany.com", (TOKEN,))
    assert not checker.valid(signed_request(QUERY, forged), fields(P))


# Over the routes.

SIGNED_ROUTES = [name for name, path in PATHS.items() if path.startswith("/webhooks/")]


def sent_to(phone: Phone) -> list[tuple[str, str]]:
    """Fields that have an effect for every webhook, if they are signed."""
    return [
        ("AccountSid", ACCOUNT),
        ("CallSid", phone.call_sid),
        ("MessageSid", phone.call_sid),
        ("From", SENDER),
        ("To", PHONE),
        ("Body", "please stop texting me"),
        ("Digits", "9"),
        ("CallStatus", "busy"),
        ("AnsweredBy", "machine_start"),
        ("MessageStatus", "failed"),
    ]


async def test_every_webhook_route_answers_403_without_a_signature_and_writes_nothing(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    before, asked_before, header = running.rows(), running.provider.asked, "x-twilio-signature"
    for route in SIGNED_ROUTES:
        path, pairs = path_of(route, delivery=phone.delivery), sent_to(phone)
        right = running.twilio.sign(path, pairs)
        other_token = running.twilio.sign(path, pairs, token="another token")
        other_path = running.twilio.sign(path + "x", pairs)
        other_field = running.twilio.sign(path, [*pairs[:-1], ("MessageStatus", "sent")])
        for headers in (
            [],
            [(header, "")],
            [(header, other_token)],
            [(header, other_path)],
            [(header, other_field)],
            [(header, right), (header, right)],
            [(header, right + "\u00e9")],
            [(header, right + "A" * 64)],
            [("x-twilio-signature-v2", right)],
        ):
            answer = await running.twilio.send(path, pairs, headers=headers)
            assert (answer.status, answer.body) == (403, b""), (route, headers)
    assert running.rows() == before
    assert (running.provider.asked, running.provider.hung_up) == (asked_before, [])


async def test_every_webhook_route_accepts_a_valid_signature(running: RunningApp) -> None:
    for route in SIGNED_ROUTES:
        if route == "probe":
            continue  # it requires the doctor's proof, not a signature
        phone = await running.ringing_phone()
        answer = await running.twilio.post(path_of(route, delivery=phone.delivery), sent_to(phone)[1:])
        assert answer.status in (200, 204), route
        await running.twilio.post(path_of("inbound_message"), {"From": SENDER, "Body": "START"})


async def test_host_and_forwarded_headers_have_no_say(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    path, pairs = path_of("call_answered", delivery=phone.delivery), sent_to(phone)
    signature = ("x-twilio-signature", running.twilio.sign(path, pairs))
    lies = [("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "http"), ("forwarded", "host=evil.example")]
    assert (await running.twilio.send(path, pairs, headers=[signature, *lies])).status == 200
    for_evil = running.twilio.sign(path, pairs, base="https://evil.example")
    evil = [("x-twilio-signature", for_evil), ("host", "evil.example"), *lies]
    assert (await running.twilio.send(path, pairs, headers=evil)).status == 403


async def test_path_and_query_are_taken_as_they_were_sent(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    plain = path_of("call_answered", delivery=phone.delivery)
    for target in (plain + "?a=%2F+b&a=1", plain.replace("calls", "c%61lls")):
        answer = await running.twilio.post(target, sent_to(phone)[1:])
        assert answer.status == 200, target
    signature = running.twilio.sign(plain, sent_to(phone))
    escaped = plain.replace("calls", "c%61lls")
    answer = await running.twilio.send(escaped, sent_to(phone), headers=[("x-twilio-signature", signature)])
    assert answer.status == 403


async def test_fields_count_as_they_were_sent_with_spaces_blanks_and_pictures(running: RunningApp) -> None:
    pairs = [("From", PHONE), ("Body", " Olá 👋 "), ("FromCity", ""), ("Z", "1"), ("a", "2")]
    assert (await running.twilio.post(path_of("inbound_message"), pairs)).status == 200


async def test_webhooks_of_the_old_token_are_accepted_during_a_rotation(tmp_path: Path) -> None:
    async with running_app(tmp_path / "store.db", tokens=("the new one", "the old one")) as running:
        for token in ("the new one", "the old one"):
            answer = await running.twilio.post(path_of("inbound_call"), {"From": PHONE}, signed_with=token)
            assert answer.status == 200
        assert (await running.twilio.post(path_of("inbound_call"), {"From": PHONE}, signed_with=TOKEN)).status == 403


SHARED_KEY = "the secret of a shared key"


async def test_both_algorithms_are_accepted_during_a_move_and_each_only_as_the_header_names_it(tmp_path: Path) -> None:
    path = path_of("inbound_call")
    pairs = {"AccountSid": ACCOUNT, "From": PHONE}
    settings = "key=webhooks_sharedkey_1,algorithm={}".format

    def signature(token: str, algorithm: str) -> str:
        return str(RequestValidator(token).compute_signature(f"https://verify.example{path}", pairs, algorithm))

    async with running_app(tmp_path / "store.db", tokens=(TOKEN, SHARED_KEY)) as running:
        for signed, named, status in (
            (signature(TOKEN, "HMAC_SHA1"), None, 200),
            (signature(SHARED_KEY, "HMAC_SHA256"), "HMAC_SHA256", 200),
            (signature(SHARED_KEY, "HMAC_SHA256"), "hmac_sha256", 200),
            (signature(TOKEN, "HMAC_SHA1"), "HMAC_SHA1", 200),
            (signature(SHARED_KEY, "HMAC_SHA256"), None, 403),
            (signature(TOKEN, "HMAC_SHA1"), "HMAC_SHA256", 403),
            (signature(TOKEN, "HMAC_SHA1"), "HMAC_MD5", 403),
            (signature("another key", "HMAC_SHA256"), "HMAC_SHA256", 403),
        ):
            headers = [("x-twilio-signature", signed)]
            if named:
                headers.append(("x-twilio-webhooks-signature-settings", settings(named)))
            assert (await running.twilio.send(path, pairs, headers=headers)).status == status, (named, status)


@pytest.mark.parametrize(
    ("kind", "sent", "read_as"),
    [
        ("application/json", b"Body=STOP", "STOP"),
        ("multipart/form-data; boundary=x", b"Body=STOP", "STOP"),
        ("text/plain", b"Body=STOP", "STOP"),
        ("", b"Body=STOP", "STOP"),
        (FORM, b"Body=STOP%FF", "STOP\ufffd"),
        (FORM, b"Body=stop\xc3\xa9", "stop\u00e9"),
        (FORM, b"Body=STOP" + b"&Body=STOP" * 200, "STOP"),
    ],
)
async def test_a_body_that_is_no_form_has_no_valid_signature(
    running: RunningApp, kind: str, sent: bytes, read_as: str
) -> None:
    """Signed as a careless reader would have read it, so that only the form's own rules stand in the way."""
    path, before = path_of("inbound_message"), running.rows()
    pairs = [("AccountSid", ACCOUNT), ("From", PHONE)]
    signature = running.twilio.sign(path, [*pairs, ("Body", read_as)])
    body = urlencode(pairs).encode() + b"&" + sent
    answer = await running.twilio.send(path, headers=[("x-twilio-signature", signature)], body=body, kind=kind)
    assert (answer.status, answer.body) == (403, b"")
    assert running.rows() == before


@given(
    fields=st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=8), min_size=1, max_size=3), max_size=8),
    token=st.text(min_size=1, max_size=40),
)
def test_the_signature_is_what_twilios_own_class_computes(fields: dict[str, list[str]], token: str) -> None:
    address = "https://verify.example/webhooks/voice?a=1&b="
    expected = RequestValidator(token).compute_signature(address, FormData([(n, v) for n in fields for v in fields[n]]))
    assert sign(token.encode(), address, Fields(fields)) == expected
    flat = FormData([(n, v) for n in fields for v in fields[n]])
    expected = RequestValidator(token).compute_signature(address, flat, HMAC_SHA256)
    assert sign(token.encode(), address, Fields(fields), digest="sha256") == expected


def test_a_validator_shows_no_token() -> None:
    assert "TOKEN" not in repr(signature_validator("https://mycompany.com", ("TOKEN", "OTHER-TOKEN")))
