"""Slow and silent clients are disconnected, and other clients do not wait for them."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from saycode.server.serve import LimitedHttpProtocol
from tests.support.app import running_app
from tests.support.http_server import served

ARRIVAL = 0.3
#: Far more than any answer here takes, and far less than the tests would wait for one that never comes.
SOON = 20


class Hasty(LimitedHttpProtocol):
    """The protocol that the service uses, and less patience."""

    request_timeout = ARRIVAL


async def echo(request: Request) -> Response:
    return PlainTextResponse(await request.body())


async def think(_: Request) -> Response:
    await asyncio.sleep(3 * ARRIVAL)
    return PlainTextResponse("at last")


APP = Starlette(routes=[Route("/echo", echo, methods=["POST"]), Route("/think", think)])


async def trickle(writer: asyncio.StreamWriter, text: str) -> None:
    """A byte every 50 milliseconds, until the connection is closed."""
    for character in text:
        writer.write(character.encode())
        await writer.drain()
        await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("at_once", "slowly"),
    [
        ("", ""),
        ("", "GET /think HTTP/1.1\r\nHost: verify.example\r\n\r\n"),
        ("POST /echo HTTP/1.1\r\nHost: verify.example\r\nContent-Length: 1000\r\n\r\n", "code=" + "0" * 100),
    ],
    ids=["says nothing", "sends its headers slowly", "sends its body slowly"],
)
async def test_a_client_that_never_finishes_is_disconnected(at_once: str, slowly: str) -> None:
    async with served(APP, Hasty) as port, asyncio.timeout(SOON):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(at_once.encode())
        sending = asyncio.create_task(trickle(writer, slowly))
        answer = b""
        with suppress(ConnectionResetError):  # a byte that met the closed connection is answered in this way
            answer = await reader.read()
        assert answer == b""
        writer.close()
        await asyncio.gather(sending, writer.wait_closed(), return_exceptions=True)


async def test_an_answer_may_take_longer_than_a_request(tmp_path: Path) -> None:
    async with served(APP, Hasty) as port, asyncio.timeout(SOON):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /think HTTP/1.1\r\nHost: verify.example\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).endswith(b"at last")
        writer.close()
        await writer.wait_closed()


async def test_three_hundred_slow_clients_delay_no_other_request(tmp_path: Path) -> None:
    async with running_app(tmp_path / "codes.db") as running, served(running.app) as port:
        slow = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
        sending = [asyncio.create_task(trickle(writer, "POST /start HTTP/1.1\r\n" * 100)) for _, writer in slow]
        took = []
        for _ in range(40):
            began = time.perf_counter()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET / HTTP/1.1\r\nHost: verify.example\r\nConnection: close\r\n\r\n")
            assert b'data-state="form"' in await reader.read()
            took.append(time.perf_counter() - began)
            writer.close()
            await writer.wait_closed()
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)
        for _, writer in slow:
            writer.close()
        assert sorted(took)[int(0.95 * len(took))] < 1
