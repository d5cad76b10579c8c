"""Requests that two parsers could split in two ways: the service refuses them, or closes the connection after them.

`tests/end_to_end/deployment_rehearsal.py` sends the same through the proxies.
"""

import asyncio

import pytest

from tests.support.app import RunningApp
from tests.support.http_server import served
from tests.support.smuggling import FORM, doubtful

HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
REQUESTS = doubtful(HIDDEN)


async def exchange(running: RunningApp, rest: bytes) -> bytes:
    """What the service answers to this form and the request that is hidden behind it."""
    async with served(running.app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /code HTTP/1.1\r\nHost: a\r\n" + rest)
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
    answer = await exchange(running, FORM + b"Content-Length: 0\r\n\r\n" + HIDDEN)
    assert answer.count(b"HTTP/1.1 ") == 2
    assert b"HTTP/1.1 404 " in answer


@pytest.mark.parametrize("how", REQUESTS)
async def test_a_hidden_request_is_never_answered_as_one(running: RunningApp, how: str) -> None:
    answer = await exchange(running, REQUESTS[how])
    assert answer.count(b"HTTP/1.1 ") <= 1, answer
    assert b" 404 " not in answer
