"""Requests that the control API rejects."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from tests.support.simulator import TWILIO_NUMBER
from tests.support.simulator_control import ME, ControlClient

#: A value of each field that no handler can do anything with, and what the answer says.
MEANINGLESS = [
    ("PUT", ME, {"after": -1}, "after must be a number from 0 on"),
    ("PUT", ME, {"text_after": -0.5}, "text_after must be"),
    ("PUT", ME, {"drop_after": -1}, "drop_after must be"),
    ("PUT", ME, {"sip_code": 99}, "sip_code must be a whole number from 100 to 699"),
    ("PUT", ME, {"sip_code": 486.5}, "sip_code must be a whole number"),
    ("PUT", ME, {"text_code": 0}, "text_code must be"),
    ("PUT", ME, {"answered_by": "robot"}, "'robot' is not one of: human, fax"),
    ("PUT", ME, {"pumping_risk": 101}, "pumping_risk must be a whole number from 0 to 100"),
    ("PUT", ME, {"sim_swapped": True, "forwarded": "no"}, "forwarded must be true or false"),
    ("POST", f"{ME}/listen", {"seconds": -1}, "seconds must be"),
    ("GET", f"{ME}/wait-for?state=ringing&timeout=-1", None, "timeout must be"),
    ("GET", f"{ME}/wait-for?state=ringing&timeout=nan", None, "timeout must be"),
    ("GET", f"{ME}/wait-for?state=ended&after=-1", None, "after must be"),
    ("GET", f"{ME}/wait-for?state=ended&after=x", None, "after must be"),
    ("POST", "/simulator/clock/advance", {"seconds": -1}, "seconds must be"),
    ("PUT", "/simulator/webhooks", {"latency": -1}, "latency must be a number from 0 on"),
    ("PUT", "/simulator/callbacks", {"delay": -1}, "delay must be"),
    ("PUT", "/simulator/callbacks", {"lose": ["rings"]}, "lose has no status of a callback: rings"),
    ("POST", "/simulator/faults", {"status": 200}, "status must be a whole number from 400 to 599"),
    ("POST", "/simulator/faults", {"status": 503.5}, "status must be"),
    ("POST", "/simulator/faults", {"code": -1}, "code must be"),
    ("POST", "/simulator/faults", {"retry_after": -1}, "retry_after must be"),
    ("POST", "/simulator/faults", {"times": 0}, "times must be"),
    ("POST", "/simulator/faults", {"method": "post"}, "method must be GET, POST or DELETE"),
    ("POST", "/simulator/faults", {"hang": -1}, "hang must be"),
    ("PUT", "/simulator/numbers/+14155550188", {"voice_url": "verify.example/voice"}, "voice_url must be empty, or"),
    ("PUT", "/simulator/numbers/+14155550188", {"status_callback": "ftp://x.example"}, "status_callback must be"),
    ("PUT", "/simulator/numbers/+14155550188", {"sms_method": "PUT"}, "sms_method must be GET or POST"),
    ("PUT", "/simulator/messaging-services/MG9", {"inbound_url": "x"}, "inbound_url must be"),
    ("PUT", "/simulator/messaging-services/MG9", {"status_callback": "x"}, "status_callback must be"),
    ("PUT", "/simulator/applications/AP9", {"voice_url": "x"}, "voice_url must be"),
    ("PUT", "/simulator/applications/AP9", {"message_status_callback": "x"}, "message_status_callback must be"),
    ("PUT", "/simulator/applications/AP9", {"sms_method": "get"}, "sms_method must be"),
    ("PUT", "/simulator/account", {"kind": "trial", "balance": "much"}, "balance must be an amount"),
    ("PUT", "/simulator/account", {"owner": "AC1"}, "owner must be the sid of a main account"),
    ("PUT", "/simulator/account", {"region": "Ireland"}, "region must be a Region"),
    ("PUT", "/simulator/account", {"kind": "trial", "verified": ["4155550100"]}, "'4155550100' is not a phone number"),
    ("PUT", "/simulator/account", {"kind": "trial", "calls_per_second": -1}, "calls_per_second must be"),
    ("PUT", "/simulator/account", {"kind": "trial", "segments_per_second": 0}, "segments_per_second must be above 0"),
    ("PUT", "/simulator/account", {"kind": "trial", "concurrent_calls": 1.5}, "concurrent_calls must be"),
    ("PUT", "/simulator/account", {"kind": "trial", "concurrent_requests": 0}, "concurrent_requests must be"),
    ("PUT", "/simulator/account", {"kind": "trial", "nonsense": 1}, "unknown fields: nonsense"),
    ("GET", "/simulator/events?after=²&follow=no", None, "after must be a number"),
]


@pytest.mark.parametrize(("method", "path", "body", "sentence"), MEANINGLESS)
def test_a_meaningless_value_is_rejected_by_name_and_changes_nothing(
    control: ControlClient, method: str, path: str, body: Any, sentence: str
) -> None:
    before = everything(control)
    rejected, answer = control.request(method, quote(path, safe="/?&=+"), body)
    assert (rejected, sentence in answer["error"]) == (400, True), answer
    assert everything(control) == before


def everything(control: ControlClient) -> list[object]:
    paths = ("clock", "numbers", "faults", f"phones/{quote(ME.rpartition('/')[2])}")
    account = control.twilio.account
    known = (sorted(account.services), sorted(account.applications), account.kind, account.balance)
    return [known, *(control.get(f"/simulator/{path}") for path in paths), control.put("/simulator/account")]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/simulator/phones/hello", None, 400),
        ("PUT", ME, {"behaviour": "sleepy"}, 400),
        ("PUT", ME, {"behavior": "busy"}, 400),
        ("PUT", ME, {"after": "soon"}, 400),
        ("PUT", ME, b'{"after": 1e999}', 400),
        ("PUT", ME, b'{"drop_after": NaN}', 400),
        ("POST", "/simulator/faults", b'{"kind": "status", "times": Infinity}', 400),
        ("PUT", ME, {"texts": "lost"}, 400),
        ("PUT", ME, b"{", 400),
        ("PUT", ME, [1], 400),
        ("POST", f"{ME}/answer", None, 409),
        ("POST", f"{ME}/decline", None, 409),
        ("POST", f"{ME}/hang-up", None, 409),
        ("POST", f"{ME}/listen", None, 409),
        ("POST", f"{ME}/press", {"digits": "1"}, 409),
        ("POST", f"{ME}/press", {"digits": 1}, 400),
        ("POST", f"{ME}/press", {}, 400),
        *(
            ("POST", f"{ME}/{action}", {"digits": "1", "words": "x", "to": TWILIO_NUMBER, "nonsense": 1}, 400)
            for action in ("answer", "decline", "hang-up", "press", "speak", "listen", "call", "text")
        ),
        ("POST", f"{ME}/press", {"digits": "x"}, 400),
        ("POST", f"{ME}/speak", {"words": "x"}, 409),
        ("POST", f"{ME}/call", {"to": TWILIO_NUMBER}, 409),
        ("POST", f"{ME}/text", {"to": TWILIO_NUMBER, "body": "x"}, 409),
        ("GET", f"{ME}/wait-for?state=sleeping", None, 400),
        ("GET", f"{ME}/wait-for?state=ringing&timeout=soon", None, 400),
        ("POST", "/simulator/clock/advance", {}, 400),
        ("POST", "/simulator/clock/advance", {"seconds": -1}, 400),
        ("PUT", f"/simulator/numbers/{TWILIO_NUMBER}", {"voice": "yes"}, 400),
        ("PUT", f"/simulator/numbers/{TWILIO_NUMBER}", {"voiceUrl": "x"}, 400),
        ("PUT", "/simulator/numbers/hello", {}, 400),
        ("POST", "/simulator/faults", {"kind": "magic"}, 400),
        ("POST", "/simulator/faults", {"kind": "status", "stauts": 500}, 400),
        ("PUT", "/simulator/callbacks", {"lose": "all"}, 400),
        ("PUT", "/simulator/webhooks", {"signing": "maybe"}, 400),
        ("PUT", "/simulator/applications/AP1", {"voice": "x"}, 400),
        ("PUT", "/simulator/applications/AP1", {"voice_url": 1}, 400),
        ("PUT", "/simulator/account", {"kind": "rich"}, 400),
        ("PUT", "/simulator/account", {"calls_per_second": 0}, 400),
        ("GET", "/simulator/events?after=x", None, 400),
    ],
)
def test_an_invalid_request_is_rejected_with_a_message(
    control: ControlClient, method: str, path: str, body: Any, status: int
) -> None:
    rejected, answer = control.request(method, path, body)
    assert (rejected, set(answer)) == (status, {"error"})
