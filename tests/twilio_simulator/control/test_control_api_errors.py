"""Requests that the control API rejects."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.simulator import TWILIO_NUMBER
from tests.support.simulator_control import ME, ControlClient


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
