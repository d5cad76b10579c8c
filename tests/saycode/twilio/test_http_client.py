"""Requests to Twilio on the wire: kept connections, every way in which an answer ends, and what is no answer."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from saycode.twilio import http_client
from saycode.twilio.config import Timeouts
from saycode.twilio.http_client import Answer, NotConnected, RequestFailed, TwilioHttpClient
from tests.support.certificates import own_certificate

CALM = Timeouts(connect=5, total=5)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@dataclass(slots=True)
class Wire:
    """A server that answers each request with the next of these bytes, the last one again and again; after one that is
    empty, and after the `last` one of a connection, it closes the connection.
    """

    answers: list[bytes]
    last: int = 1000
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        for n in range(self.last):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            length = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            body = await reader.readexactly(int(length[0].split(b":")[1])) if length else b""
            self.requests.append(head + body)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            writer.write(answer)
            if not answer or n + 1 == self.last:
                break
        writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/2010-04-01/Accounts/AC1/Calls.json"


@asynccontextmanager
async def wire(*answers: bytes, tls: ssl.SSLContext | None = None, last: int = 1000) -> AsyncIterator[Wire]:
    found = Wire(list(answers), last)
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0, ssl=tls)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        for writer in found.writers:
            writer.close()
        server.close()


@pytest.fixture
async def client() -> AsyncIterator[TwilioHttpClient]:
    client = TwilioHttpClient(CALM)
    yield client
    await client.close()


async def post(client: TwilioHttpClient, url: str, body: str = "To=%2B14155550100") -> Answer:
    return await client.send("POST", url, headers={"Authorization": "Basic abc", "User-Agent": "saycode"}, body=body)


async def test_a_request_is_sent_as_it_is_written(client: TwilioHttpClient) -> None:
    async with wire(OK) as server:
        assert await post(client, server.url + "?Page=1") == Answer(200, "ok")
        assert server.requests == [
            b"POST /2010-04-01/Accounts/AC1/Calls.json?Page=1 HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
            b"Authorization: Basic abc\r\nUser-Agent: saycode\r\nContent-Length: 17\r\n\r\nTo=%%2B14155550100"
            % server.port
        ]


async def test_one_connection_serves_one_request_after_the_other(client: TwilioHttpClient) -> None:
    async with wire(OK) as server:
        for _ in range(3):
            await post(client, server.url)
        assert (server.connections, len(server.requests)) == (1, 3)


async def test_requests_at_the_same_time_have_connections_of_their_own(client: TwilioHttpClient) -> None:
    answers = [OK.replace(b"ok", b"%02d" % n) for n in range(20)]
    async with wire(*answers) as server:
        found = await asyncio.gather(*(post(client, server.url, f"N={n}") for n in range(20)))
        assert sorted(answer.text for answer in found) == [f"{n:02}" for n in range(20)]
        assert server.connections == 20
        await post(client, server.url)
        assert server.connections == 20


async def test_no_more_connections_are_opened_than_allowed(
    client: TwilioHttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "MOST_CONNECTIONS", 2)
    limited = TwilioHttpClient(CALM)
    async with wire(OK) as server:
        assert len(await asyncio.gather(*(post(limited, server.url) for _ in range(9)))) == 9
        assert server.connections == 2
    await limited.close()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"HTTP/1.1 201 Created\r\ncontent-length: 4\r\n\r\n\xc3\xa9 \xff", Answer(201, "é \ufffd")),
        (
            CHUNKED + b"2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n",
            Answer(200, "abcde"),
        ),
        (b"HTTP/1.1 204 No Content\r\n\r\n", Answer(204, "")),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + OK, Answer(200, "ok")),
        (b"HTTP/1.1 301 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", Answer(301, "")),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", Answer(503, "busy")),
    ],
)
async def test_an_answer_is_read_to_its_end_and_no_further(
    client: TwilioHttpClient, answer: bytes, expected: Answer
) -> None:
    async with wire(answer) as server:
        assert [await post(client, server.url) for _ in range(2)] == [expected] * 2
        assert server.connections == 1


@pytest.mark.parametrize("size", [1, 7])
async def test_an_answer_may_come_in_pieces(client: TwilioHttpClient, size: int) -> None:
    whole = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n" + b'{"sid": "CA11"}'

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for begin in range(0, len(whole), size):
            writer.write(whole[begin : begin + size])
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    found = await post(client, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert (found.status_code, json.loads(found.text)) == (201, {"sid": "CA11"})
    server.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ],
)
async def test_a_connection_that_is_to_be_closed_is_not_used_again(client: TwilioHttpClient, answer: bytes) -> None:
    async with wire(answer) as server:
        assert [await post(client, server.url) for _ in range(2)] == [Answer(200, "ok")] * 2
        assert server.connections == 2


async def test_an_answer_without_a_length_ends_with_its_connection(client: TwilioHttpClient) -> None:
    async with wire(b"HTTP/1.1 400 Bad Request\r\n\r\n{}", last=1) as server:
        assert await post(client, server.url) == Answer(400, "{}")


async def test_a_connection_that_was_closed_meanwhile_is_not_used(client: TwilioHttpClient) -> None:
    async with wire(OK, last=1) as server:
        for _ in range(3):
            await post(client, server.url)
            await until(lambda: all(writer.is_closing() for writer in server.writers))
            await asyncio.sleep(0.05)  # the end of the connection is on its way
        assert (server.connections, len(server.requests)) == (3, 3)


async def test_a_connection_that_was_long_unused_is_not_used_again(
    client: TwilioHttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with wire(OK) as server:
        await post(client, server.url)
        monkeypatch.setattr(http_client, "LONGEST_IDLE", 0.0)
        await post(client, server.url)
        assert server.connections == 2


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 201 Cre",
        b"HTTP/1.1 201 Created\r\nContent-Length: 20\r\n\r\n{",
        CHUNKED + b"5\r\nab",
        CHUNKED + b"zz\r\n",
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n" + b"x" * (2**20),
        b"HTTP/1.1 200 OK\r\n" + b"X-Filler: 0123456789\r\n" * 60_000,
    ],
    ids=lambda answer: str(answer[:60]),
)
async def test_what_is_no_answer_fails_and_is_not_asked_again(client: TwilioHttpClient, answer: bytes) -> None:
    async with wire(answer, last=1) as server:
        with pytest.raises(RequestFailed) as failed:
            await post(client, server.url)
        assert not isinstance(failed.value, NotConnected)
        assert len(server.requests) == 1


@pytest.mark.parametrize("delayed", [False, True])
async def test_an_answer_to_no_request_does_not_become_that_of_the_next(
    client: TwilioHttpClient, delayed: bool
) -> None:
    forged = OK.replace(b"ok", b"no")
    async with wire(OK if delayed else OK + forged, OK) as server:
        assert (await post(client, server.url)).text == "ok"
        if delayed:
            server.writers[0].write(forged)
            await asyncio.sleep(0.05)  # it arrives
        assert (await post(client, server.url)).text == "ok"
        assert server.connections == 2


async def test_after_a_request_that_was_canceled_its_connection_is_closed(client: TwilioHttpClient) -> None:
    async with wire(b"HTTP/1.1 200 OK\r\n", OK) as server:
        waiting = asyncio.create_task(post(client, server.url))
        await until(lambda: bool(server.requests))
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await until(server.writers[0].is_closing)
        assert await post(client, server.url) == Answer(200, "ok")
        assert server.connections == 2


async def test_a_request_that_takes_too_long_ends(client: TwilioHttpClient) -> None:
    async with wire(b"HTTP/1.1 200 OK\r\n", OK) as server:
        with pytest.raises(TimeoutError):
            await client.send("POST", server.url, headers={}, timeout=0.05)
        assert await post(client, server.url) == Answer(200, "ok")
        assert server.connections == 2


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/Calls/CA1\r\nX-Other: 1", {}),
        ("/Calls", {"Authorization": "Basic a\r\nX-Other: 1"}),
        ("/Calls/é", {}),
    ],
)
async def test_no_line_can_be_added_to_a_request(client: TwilioHttpClient, path: str, headers: dict[str, str]) -> None:
    async with wire(OK) as server:
        found: Answer | None = None
        try:
            found = await client.send("POST", f"http://127.0.0.1:{server.port}{path}", headers=headers)
        except RequestFailed:
            assert server.requests == []
        assert found is None or b"\r\nX-Other" not in server.requests[0]


# TLS


async def test_a_server_is_known_by_its_certificate_and_name(
    client: TwilioHttpClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = own_certificate(tmp_path)
    http_client.tls_context.cache_clear()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    async with wire(OK, tls=tls) as server:
        for _ in range(2):
            assert await post(client, f"https://localhost:{server.port}/") == Answer(200, "ok")
        assert server.connections == 1
        with pytest.raises(NotConnected):
            await post(client, f"https://127.0.0.1:{server.port}/")  # the certificate names another host
        assert len(server.requests) == 2
    http_client.tls_context.cache_clear()


async def test_a_certificate_that_is_not_trusted_gets_nothing(client: TwilioHttpClient, tmp_path: Path) -> None:
    async with wire(OK, tls=own_certificate(tmp_path)) as server:
        with pytest.raises(NotConnected):
            await post(client, f"https://localhost:{server.port}/")
        assert server.requests == []


@pytest.mark.parametrize("host", ["no-such-host.invalid", "127.0.0.1:1"])
async def test_without_a_connection_nothing_was_sent(client: TwilioHttpClient, host: str) -> None:
    with pytest.raises(NotConnected):
        await post(client, f"http://{host}/")


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)
