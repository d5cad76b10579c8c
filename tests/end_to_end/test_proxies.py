"""Proxies drop headers, change their case, add their own and speak an older HTTP: nothing that matters is in those."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from twilio.request_validator import RequestValidator

from tests.support import browsers
from tests.support.app import ACCOUNT, PHONE, SENDER, TOKEN, RunningApp, path_of, running_app
from tests.support.http_server import ask, served
from twilio_simulator.core.clock import ManualClock
from verification.ports import ByNumber

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "codes.db") as running:
        yield running


MATRIX = {
    "as it was sent": ("HTTP/1.1", "Host: verify.example\nConnection: close", str.title),
    "in lower case": ("HTTP/1.1", "host: verify.example\nconnection: close", str.lower),
    "in upper case": ("HTTP/1.1", "HOST: verify.example\nCONNECTION: close", str.upper),
    "with headers of its own": (
        "HTTP/1.1",
        "Host: 10.0.0.7:8000\nConnection: close\nVia: 1.1 proxy\nX-Forwarded-For: 198.51.100.7\n"
        "X-Forwarded-Proto: http\nForwarded: for=198.51.100.7\nX-Request-Id: 1",
        str.title,
    ),
    "in HTTP/1.0 without a host": ("HTTP/1.0", "Via: 1.0 proxy", str.title),
}


@pytest.mark.parametrize("how", MATRIX)
async def test_a_start_and_a_webhook_arrive_through_every_proxy(running: RunningApp, how: str) -> None:
    version, headers, spelling = MATRIX[how]
    async with served(running.app) as port:

        async def post(path: str, body: str, **more: str) -> int:
            sent = {"content-type": FORM, "content-length": str(len(body)), **more}
            lines = "\n".join(f"{spelling(name)}: {value}" for name, value in sent.items())
            status, _ = await ask(port, f"POST {path} {version}\n{headers}\n{lines}", body)
            return status

        details = {"username": "ada", "phone": PHONE, "channel": "call"}
        assert await post(path_of("start"), urlencode(details)) == 303
        delivery = running.provider.calls[-1][0]
        path = path_of("call_status", delivery=delivery)
        fields = {"AccountSid": ACCOUNT, "CallSid": "CA1", "CallStatus": "ringing", "To": PHONE, "From": SENDER}
        signature = RequestValidator(TOKEN).compute_signature(f"https://verify.example{path}", fields)
        assert await post(path, urlencode(fields), **{"x-twilio-signature": signature}) == 204
        assert await post(path, urlencode(fields)) == 403


@pytest.mark.parametrize("how", MATRIX)
async def test_limits_count_the_peer_when_the_proxy_is_not_trusted(running: RunningApp, how: str) -> None:
    version, headers, _ = MATRIX[how]
    body = urlencode({"username": "ada", "phone": PHONE, "channel": "sms"})
    async with served(running.app) as port:
        more = f"Content-Type: {FORM}\nContent-Length: {len(body)}"
        status, _ = await ask(port, f"POST {path_of('start')} {version}\n{headers}\n{more}", body)
    assert status == 303
    verification = (await running.store.read(ByNumber(running.provider.texts[-1].to))).verification
    assert verification is not None
    assert verification.source == "127.0.0.1"


#: The limit of a source, and nothing else that these starts could reach.
OF_SOURCE = {
    "SAYCODE_LIMITS": "enforce",
    "SAYCODE_LIMIT_SOURCE": "5/5m",
    "SAYCODE_UNCONFIRMED_SOURCE": "100/30%/1d",
    "SAYCODE_UNCONFIRMED_PREFIX": "100/30%/1d",
    "SAYCODE_UNCONFIRMED_COUNTRY": "100/30%/1d",
}


async def test_a_hundred_addresses_of_one_line_behind_a_trusted_proxy_are_one_source(tmp_path: Path) -> None:
    """From the setting to the answer: a line of IPv6 is a /64, and two of them are counted apart."""
    settings = OF_SOURCE | {"SAYCODE_TRUSTED_PROXIES": "127.0.0.1"}
    with browsers.browser_setup(tmp_path, clock=ManualClock(), **settings) as setup:
        port = urlsplit(setup.address).port or 0

        async def start(number: int, address: str) -> int:
            body = urlencode({"username": f"user {number}", "phone": f"+1415555{number:02}01", "channel": "sms"})
            headers = f"Host: localhost\nConnection: close\nX-Forwarded-For: 198.51.100.7, {address}"
            more = f"Content-Type: {FORM}\nContent-Length: {len(body)}"
            status, _ = await ask(port, f"POST {path_of('start')} HTTP/1.1\n{headers}\n{more}", body)
            return status

        one = [start(n, f"2001:db8:0:1:{n:x}::{n:x}") for n in range(100)]
        assert Counter(await asyncio.gather(*one)) == {303: 5, 429: 95}
        other = [start(n, f"2001:db8:0:2::{n:x}") for n in range(10)]
        assert Counter(await asyncio.gather(*other)) == {303: 5, 429: 5}
