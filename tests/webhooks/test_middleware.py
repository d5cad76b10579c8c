"""Limits on addresses and headers, and on heads that never end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from saycode.server.serve import MAX_HEADER_BYTES, UVICORN_OPTIONS, LimitedHttpProtocol
from tests.support.app import Phone, RunningApp, path_of
from tests.support.asgi_client import FORM, send_request
from verification.errors import Unavailable
from webhooks.middleware import HTTPS_HEADERS, LARGEST_HEADERS, LONGEST_TARGET, MOST_HEADERS, SECURITY_HEADERS
from webhooks.requests import LARGEST_BODY

MANY = [(f"x-{n}", "1") for n in range(MOST_HEADERS)]
LARGE = [("x-large", "x" * (LARGEST_HEADERS - len("x-large")))]


async def test_headers_may_be_so_many_and_so_large_and_no_more(running: RunningApp) -> None:
    for headers in (MANY, LARGE):
        assert (await send_request(running.app, "GET", "/", headers=headers)).status == 200
        more = await send_request(running.app, "GET", "/", headers=[*headers, ("y", "")])
        assert (more.status, more.body) == (431, b"")
        assert more.header("cache-control") == "no-store"


async def test_an_address_may_be_so_long_and_no_longer(running: RunningApp) -> None:
    query = "/?" + "x" * (LONGEST_TARGET - 1)
    assert (await send_request(running.app, "GET", query)).status == 200
    for longer in (query + "x", "/" + "x" * LONGEST_TARGET):
        assert (await send_request(running.app, "GET", longer)).status == 414


async def test_an_oversized_request_reaches_no_route(running: RunningApp) -> None:
    phone = await running.ringing_phone()
    before, fields = running.rows(), {"CallSid": phone.call_sid, "CallStatus": "busy"}
    for target, headers in ((f"?{'x' * LONGEST_TARGET}", []), ("", [*MANY, ("y", "")])):
        path = path_of("call_status", delivery=phone.delivery) + target
        pairs = [("AccountSid", running.twilio.account_sid), *fields.items()]
        signed = ("x-twilio-signature", running.twilio.sign(path, pairs))
        assert (await running.twilio.send(path, pairs, headers=[signed, *headers])).status in (414, 431)
    assert running.rows() == before


def call_fields(running: RunningApp, phone: Phone, **more: str) -> list[tuple[str, str]]:
    numbers = {"From": running.twilio.sender, "To": running.twilio.phone}
    return list({"AccountSid": running.twilio.account_sid, "CallSid": phone.call_sid, **numbers, **more}.items())


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_webhook_is_answered_alike_on_both_ways(running: RunningApp, chunked: bool) -> None:
    phone = await running.ringing_phone()
    path, pairs = path_of("call_answered", delivery=phone.delivery), call_fields(running, phone)
    signed = ("x-twilio-signature", running.twilio.sign(path, pairs))
    way = [("transfer-encoding", "chunked")] if chunked else []
    answer = await running.twilio.send(path, pairs, headers=[signed, *way])
    assert (answer.status, answer.header("content-type")) == (200, "text/xml; charset=utf-8")
    names = [name for name, _ in answer.headers]
    assert sorted(names) == sorted({"content-length", "content-type", *SECURITY_HEADERS, *HTTPS_HEADERS})


@pytest.mark.parametrize("failure", [Unavailable("locked"), RuntimeError("broken")], ids=repr)
async def test_a_failure_on_the_direct_way_is_answered_with_an_id(running: RunningApp, failure: Exception) -> None:
    phone = await running.ringing_phone()
    running.store.failure = failure
    path, pairs = path_of("call_status", delivery=phone.delivery), call_fields(running, phone, CallStatus="busy")
    signed = ("x-twilio-signature", running.twilio.sign(path, pairs))
    answer = await running.twilio.send(path, pairs, headers=[signed], failing=True)
    assert answer.status == (503 if isinstance(failure, Unavailable) else 500)
    assert answer.header("cache-control") == "no-store"


async def test_a_body_that_is_announced_as_too_large_is_not_read(running: RunningApp) -> None:
    headers = [("content-length", str(LARGEST_BODY + 1)), ("content-type", FORM)]
    answer = await send_request(running.app, "POST", path_of("inbound_call"), headers=headers, body=b"a=b")
    assert (answer.status, answer.body) == (413, b"")


# ------------------------------------------------------------------------------------------------ on a real socket


@asynccontextmanager
async def connected(running: RunningApp) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the service, over the protocol that it is served with."""
    config, state = Config(running.app, lifespan="off", **UVICORN_OPTIONS), ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: LimitedHttpProtocol(config, state, {}), "127.0.0.1", 0)
    try:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        try:
            yield reader, writer
        finally:
            writer.close()
            for open_one in list(state.connections):
                open_one.transport.abort()
    finally:
        server.close()
        await server.wait_closed()


async def status(reader: asyncio.StreamReader) -> int:
    """The status of the next answer, whose body is read away."""
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)).decode()
    length = [line for line in head.lower().splitlines() if line.startswith("content-length:")]
    await reader.readexactly(int(length[0].split(":")[1]) if length else 0)
    return int(head.split()[1])


def test_the_service_is_served_over_this_protocol() -> None:
    assert UVICORN_OPTIONS["http"] is LimitedHttpProtocol


@pytest.mark.parametrize(
    "beginning", [b"GET / HTTP/1.1\r\nx: ", b"GET /?", b"GET / HTTP/1.1\r\n", b"POST /start HTTP/1.1\r\ncookie: "]
)
async def test_a_head_without_an_end_is_cut_off(running: RunningApp, beginning: bytes) -> None:
    piece = b"y: 1\r\n" * 700 if beginning.endswith(b"\n") else b"x" * 4096
    async with connected(running) as (reader, writer):
        writer.write(beginning)
        sent, answer = 0, b" 431 "  # the answer may be lost when the rest of the head meets a closed connection
        try:
            while sent < 20 * MAX_HEADER_BYTES:
                writer.write(piece)
                sent += len(piece)
                await writer.drain()
                await asyncio.sleep(0)
            answer = await asyncio.wait_for(reader.read(), 20)
        except ConnectionError:
            pass
        assert b" 431 " in answer


async def test_large_headers_that_end_are_refused_by_name_and_a_large_body_is_not_a_head(running: RunningApp) -> None:
    async with connected(running) as (reader, writer):
        for _ in range(3):
            body = b"x" * (LARGEST_BODY - 1)
            kind = b"content-type: application/x-www-form-urlencoded\r\nsec-fetch-site: same-origin\r\n"
            writer.write(b"POST /start HTTP/1.1\r\nhost: a\r\n" + kind + b"content-length: %d\r\n\r\n" % len(body))
            for start in range(0, len(body), 4096):
                writer.write(body[start : start + 4096])
                await writer.drain()
            assert await status(reader) == 400, "a field that is too long"
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"x" * LARGEST_HEADERS + b"\r\n\r\n")
        assert await status(reader) == 431
