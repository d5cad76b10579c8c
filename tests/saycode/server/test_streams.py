"""Answers that take their connection over: they cost little, and end with the client, the server or a slow reader."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import Receive, Scope, Send

from saycode.server.serve import MAX_UNREAD, UVICORN_OPTIONS, StreamConnection
from tests.support.http_server import served
from webhooks.page.live import STREAM

PATIENCE = 10
REQUEST = b"GET / HTTP/1.1\r\nHost: verify.example\r\n\r\n"


class Streams:
    """An application whose only answer is a stream."""

    def __init__(self) -> None:
        self.taken: list[StreamConnection | None] = []
        self.closed = 0
        self.before: Callable[[], None] = lambda: None

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        self.before()
        await asyncio.sleep(0.02)
        self.taken.append(scope["extensions"][STREAM](self.count))
        if self.taken[-1] is None:
            await send({"type": "http.response.body", "body": b"refused"})

    def count(self) -> None:
        self.closed += 1

    async def stream(self, number: int = 0) -> StreamConnection:
        await until(lambda: len(self.taken) > number)
        stream = self.taken[number]
        assert stream is not None
        return stream


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def client(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(REQUEST)
    yield reader, writer
    writer.close()


async def test_what_is_written_arrives_in_chunks_and_the_answer_ends_properly() -> None:
    app = Streams()
    async with served(app) as port, asyncio.timeout(PATIENCE), client(port) as (reader, _):
        stream = await app.stream()
        stream.write(b"data: 1\n\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert b"transfer-encoding: chunked" in head
        assert await reader.readexactly(14) == b"9\r\ndata: 1\n\n\r\n"
        stream.close()
        assert await reader.read() == b"0\r\n\r\n"
        await until(lambda: app.closed == 1)
        stream.write(b"too late")
        stream.close()


async def test_the_server_keeps_no_task_for_it() -> None:
    app = Streams()
    async with served(app) as port, client(port):
        await app.stream()
        await asyncio.sleep(0)
        assert not [task for task in asyncio.all_tasks() if "run_asgi" in repr(task.get_coro())]


async def test_a_client_that_leaves_is_noticed() -> None:
    app = Streams()
    async with served(app) as port:
        async with client(port):
            await app.stream()
            assert app.closed == 0
        await until(lambda: app.closed == 1)


async def test_a_client_that_leaves_before_gets_no_stream() -> None:
    app = Streams()
    async with served(app) as port, client(port) as (_, writer):
        app.before = writer.transport.abort
        await until(lambda: app.taken != [])
    assert (app.taken, app.closed) == ([None], 0)


async def test_a_client_that_does_not_read_is_cut_off() -> None:
    app = Streams()
    async with served(app) as port, client(port):
        stream, sent = await app.stream(), 0
        while app.closed == 0:
            stream.write(bytes(MAX_UNREAD // 2))
            sent += 1
            assert sent < 1000
            await asyncio.sleep(0)


async def test_a_request_behind_it_in_the_same_connection_is_served_and_there_is_no_stream() -> None:
    app = Streams()
    async with served(app) as port, asyncio.timeout(PATIENCE):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(2 * REQUEST)
        await reader.readuntil(b"refused")
        stream = await app.stream(1)
        stream.close()
        assert (await reader.read()).count(b"HTTP/1.1 200") == 1
        assert app.taken[0] is None
        writer.close()


async def test_a_server_that_stops_ends_its_streams() -> None:
    app = Streams()
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", **UVICORN_OPTIONS))
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    async with client(server.servers[0].sockets[0].getsockname()[1]) as (reader, _):
        await app.stream()
        server.should_exit = True
        async with asyncio.timeout(PATIENCE):
            assert (await reader.read()).endswith(b"\r\n\r\n0\r\n\r\n")
            await serving
    assert app.closed == 1
