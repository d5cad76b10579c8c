"""Attacks on hooks: replays, forgeries, and messages that are not what they should be."""

import asyncio
import json
import logging
from base64 import b64decode
from typing import Any

import pytest
from starlette.datastructures import Headers

from saycode.server.logging import JsonFormatter
from tests.support.hooks import CODE, NUMBER, OTHER, SECRET, System, hooks_of, kratos, sign, supabase
from verification.values.phone_numbers import parse
from webhooks.hooks.endpoint import read_message
from webhooks.hooks.signatures import NotSigned, signed_message

BODY = json.dumps(supabase()).encode()


# Signatures.

#: The example of the convention's libraries; the signature was made by the one for Python.
EXAMPLE = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
EXAMPLE_KEY = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")


def test_the_example_of_the_convention_is_believed() -> None:
    id = signed_message(Headers(EXAMPLE), b'{"test": 2432232314}', (EXAMPLE_KEY,), now=1614265330)
    assert id == "msg_p5jXN8AQM9LWM0D4loKWxJek"


@pytest.mark.parametrize("age", [300, 0, -300])
def test_a_message_may_be_five_minutes_old_or_ahead(age: int) -> None:
    assert signed_message(Headers(sign(BODY, secret=SECRET, id="1", at=1000)), BODY, (SECRET,), now=1000 + age) == "1"


@pytest.mark.parametrize("age", [301, 86400, -301])
async def test_an_older_message_and_one_from_the_future_are_refused(system: System, age: int) -> None:
    assert (await system.signed(supabase(), age=age)).status == 401
    assert system.asked == 0


@pytest.mark.parametrize("secret", [OTHER, bytes(32), b""], ids=["another hook's", "zeros", "empty"])
async def test_a_wrong_secret_is_refused(system: System, secret: bytes) -> None:
    assert (await system.signed(supabase(), secret=secret)).status == 401
    assert system.asked == 0


@pytest.mark.parametrize(
    "changed",
    [
        BODY.replace(NUMBER.encode(), b"+14155550199"),
        BODY.replace(CODE.encode(), b"1111111111"),
        BODY + b" ",
        BODY.replace(b'"sms"', b'"sms": {"otp": "1111"}, "sms"'),
        b"",
    ],
    ids=["number", "code", "space", "twice", "nothing"],
)
async def test_a_body_that_differs_from_what_was_signed_is_refused(system: System, changed: bytes) -> None:
    assert (await system.post("supabase", changed, headers=system.signature(BODY))).status == 401
    assert system.asked == 0


async def test_a_signature_counts_for_its_id_and_its_time_only(system: System) -> None:
    headers = system.signature(BODY, id="msg_1")
    for changed in ({"webhook-id": "msg_2"}, {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}):
        assert (await system.post("supabase", BODY, headers=headers | changed)).status == 401
    assert system.asked == 0


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "x", "v1,", "v1,x", "v2,AAAA", "-1", "1e9", "١٨", "9" * 400, "a b"])
async def test_a_header_that_is_missing_or_malformed_is_refused(system: System, name: str, value: str | None) -> None:
    headers = system.signature(BODY)
    given = {key: text for key, text in headers.items() if key != name}
    encoded = [*given.items(), *([(name, value.encode().decode("latin-1"))] if value is not None else [])]
    answer = await system.post("supabase", BODY, headers=encoded)
    assert (answer.status, system.asked) == (401, 0)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
async def test_a_header_that_is_there_twice_is_refused(system: System, name: str) -> None:
    headers = system.signature(BODY)
    assert (await system.post("supabase", BODY, headers=[*headers.items(), (name, headers[name])])).status == 401
    assert system.asked == 0


async def test_an_id_has_no_dot(system: System) -> None:
    headers = system.signature(BODY, id=f"msg.{int(system.running.clock.now())}")
    assert (await system.post("supabase", BODY, headers=headers)).status == 401
    shifted = headers | {"webhook-id": "msg", "webhook-timestamp": headers["webhook-id"].removeprefix("msg.")}
    body = f"{headers['webhook-timestamp']}.".encode() + BODY
    assert (await system.post("supabase", body, headers=shifted)).status != 500
    assert system.asked == 0


def test_a_long_list_of_signatures_is_not_read_to_its_end() -> None:
    headers = sign(BODY, secret=SECRET, id="1", at=1000)
    headers["webhook-signature"] = " ".join(["v1,AAAA"] * 10 + [headers["webhook-signature"]])
    with pytest.raises(NotSigned):
        signed_message(Headers(headers), BODY, (SECRET,), now=1000)


# Replays.


async def test_a_replay_gets_the_same_answer_and_sends_nothing(system: System) -> None:
    headers = system.signature(BODY)
    answers = [await system.post("supabase", BODY, headers=headers)]
    system.running.clock.advance(240)
    answers.append(await system.post("supabase", BODY, headers=headers))
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].body == answers[1].body
    assert system.asked == 1


async def test_a_replay_sends_nothing_after_the_code_was_used(system: System) -> None:
    headers = system.signature(BODY)
    await system.post("supabase", BODY, headers=headers)
    await system.client.post(f"Verifications/{NUMBER}", Status="approved")
    assert (await system.post("supabase", BODY, headers=headers)).status == 200
    assert system.asked == 1


async def test_of_many_replays_at_once_one_sends(system: System) -> None:
    headers = system.signature(BODY)
    answers = await asyncio.gather(*(system.post("supabase", BODY, headers=headers) for _ in range(20)))
    assert system.asked == 1
    assert {answer.status for answer in answers} == {200}
    refused = [json.loads(answer.body) for answer in answers if b"error" in answer.body]
    assert all(each["error"]["http_code"] == 409 for each in refused)


async def test_an_id_does_not_count_for_another_message(system: System) -> None:
    await system.post("supabase", BODY, headers=system.signature(BODY, id="msg_1"))
    other = json.dumps(supabase(phone="+14155550199")).encode()
    answer = await system.post("supabase", other, headers=system.signature(other, id="msg_1"))
    assert json.loads(answer.body)["error"]["http_code"] == 422
    assert system.asked == 1


async def test_an_id_of_one_hook_says_nothing_at_another(system: System) -> None:
    for hook in ("supabase", "calling"):
        headers = system.signature(BODY, id="msg_1")
        assert (await system.post(hook, BODY, headers=headers)).status == 200
        system.running.clock.advance(31)
    assert system.asked == 2


# What a message may ask for.


@pytest.mark.parametrize(
    "code", ["abcdef", "123", "12345678901", "12a4", "", " 1234", "١٢٣٤٥٦", 123456, None, ["1234"]]
)
async def test_a_code_is_four_to_ten_digits(system: System, code: Any) -> None:
    message = supabase()
    message["sms"]["otp"] = code
    body = json.loads((await system.signed(message)).body)
    assert (body["error"]["http_code"], system.asked) == (400, 0)
    assert body["error"]["message"].startswith("Invalid parameter: CustomCode")
    assert not (isinstance(code, str) and len(code) > 3 and code in body["error"]["message"])


@pytest.mark.parametrize(
    ("phone", "status"),
    [
        ("+19005550100", 403),  # premium rate
        ("+4915112345678", 403),  # a country that is not allowed
        ("+1415555", 400),
        ("anna@example.com", 400),
        ("+1 415 555 0100", 400),
        ("", 400),
        (14155550100, 400),
        ({"e164": NUMBER}, 400),
    ],
)
async def test_a_number_is_one_that_may_be_called(system: System, phone: Any, status: int) -> None:
    body = json.loads((await system.signed(supabase(phone=phone))).body)
    assert (body["error"]["http_code"], system.asked) == (status, 0)


async def test_a_suppressed_number_stays_so(system: System) -> None:
    await system.running.verifier.handle_text(parse(NUMBER), "STOP", sid="SM1")
    asked = system.asked
    body = json.loads((await system.signed(supabase())).body)
    assert (body["error"]["http_code"], system.asked) == (403, asked)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"+14155550100"', b"[" * 100_000, b"\xff", b"{}", b'{"recipient": {}}']
)
async def test_what_is_no_message_is_refused(system: System, body: bytes) -> None:
    headers = {"Authorization": system.authorization}
    answer = await system.post("kratos", body, headers=headers)
    assert answer.status in (400, 413)
    assert answer.header("content-type") == "application/json"
    assert system.asked == 0


async def test_a_body_without_end_is_refused(system: System) -> None:
    answer = await system.signed(supabase() | {"filler": "x" * 70_000})
    assert (answer.status, system.asked) == (413, 0)


async def test_what_a_message_says_beside_number_and_code_changes_nothing(system: System) -> None:
    message = kratos() | {"channel": "call", "Channel": "call", "Action": "payment", "CallStyle": "key"}
    assert (await system.with_key("kratos", message)).status == 200
    assert len(system.running.provider.texts) == 1


async def test_a_flood_meets_the_limits_of_the_number(system: System) -> None:
    for n in range(20):
        assert (await system.signed(supabase(code=f"10{n:02}"))).status == 200
    assert system.asked == 5


@pytest.mark.parametrize(
    ("address", "counts"),
    [("8.8.8.8", True), ("2001:4860:4860::8888", True)]
    + [(other, False) for other in ("10.0.0.1", "127.0.0.1", "fe80::1", "::ffff:10.0.0.1", "x", "", None, 8)],
)
def test_an_address_counts_unless_it_is_a_proxys(address: Any, counts: bool) -> None:
    message = {"to": NUMBER, "payload": {"code": CODE}, "ip": address}
    values = read_message(hooks_of("VA" + "0" * 32)["logto"], json.dumps(message).encode())
    assert values.get("DeviceIp") == (address if counts else None)


# Where the code must not be.


async def test_no_row_answer_or_log_has_the_code_or_a_secret(system: System, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answers = [
        await system.signed(supabase()),
        await system.signed(supabase(), secret=OTHER),
        await system.with_key("kratos", kratos()),
        await system.with_key("kratos", kratos(code=CODE + CODE)),
    ]
    kept = repr(system.running.rows())
    written = "\n".join(JsonFormatter().format(record) for record in caplog.records)
    for where in (kept, written, *(answer.text for answer in answers)):
        assert CODE not in where
        assert SECRET.hex() not in where
    assert repr(SECRET) not in repr(system.running.context.hooks)
