"""Requests that two parsers could split in two ways: the service refuses them, or closes the connection after them."""

import asyncio

import pytest

from tests.support.app import RunningApp
from tests.support.http_server import served

HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
FORM = b"Host: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
HEADS = {
    "a length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunks and a length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "two lengths": b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN),
    "a length with a plus": b"Content-Length: +%d\r\n\r\n" % len(HIDDEN),
    "a list of lengths": b"Content-Length: 0, %d\r\n\r\n" % len(HIDDEN),
    "a space before the colon": b"Content-Length : %d\r\n\r\n" % len(HIDDEN),
    "another coding": b"Transfer-Encoding: xchunked\r\n\r\n",
    "a folded header": b"X: a\r\n Content-Length: %d\r\n\r\n" % len(HIDDEN),
    "a bare return": b"X: a\rContent-Length: %d\r\n\r\n" % len(HIDDEN),
    "a chunk size that is too large": b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\n",
    "a negative chunk size": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
}


async def exchange(running: RunningApp, head: bytes) -> bytes:
    """What the service answers to this form and the request that is hidden behind it."""
    async with served(running.app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /code HTTP/1.1\r\n" + FORM + head + HIDDEN)
        answer = b""
        try:
            async with asyncio.timeout(1):
                while data := await reader.read(65536):
                    answer += data
        except (TimeoutError, ConnectionError):
            pass  # it waits for more, and is cut later
        writer.close()
    return answer


async def test_the_hidden_request_is_answered_where_nothing_is_doubtful(running: RunningApp) -> None:
    assert (await exchange(running, b"Content-Length: 0\r\n\r\n")).count(b"HTTP/1.1 ") == 2


@pytest.mark.parametrize("how", HEADS)
async def test_a_hidden_request_is_never_answered_as_one(running: RunningApp, how: str) -> None:
    answer = await exchange(running, HEADS[how])
    assert answer.count(b"HTTP/1.1 ") <= 1, answer
    assert b" 404 " not in answer
