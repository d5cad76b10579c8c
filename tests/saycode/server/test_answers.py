"""Answers that the server sends whole: one write each, and the same bytes as by ASGI's messages."""

import asyncio
import gc
import re
from collections.abc import Callable, Iterable

import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from saycode.server.serve import LimitedHttpProtocol
from tests.support.http_server import served
from webhooks.middleware import ANSWER, DirectRoutes, SecurityHeaders

FORM = "content-type: application/x-www-form-urlencoded\r\n"


class CountingProtocol(LimitedHttpProtocol):
    """Knows how often a connection was written to."""

    writes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(CountingTransport(transport))  # type: ignore[arg-type]  # it has what uvicorn calls


class CountingTransport:
    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def __getattr__(self, name: str) -> object:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        CountingProtocol.writes += 1
        self._transport.write(data)


def application(response: Response) -> ASGIApp:
    """Answers every post to /x, as the service answers its webhooks."""

    async def answer(_: Request) -> Response:
        return response

    route = Route("/x", answer, methods=["POST"])
    app = Starlette(routes=[route])
    return DirectRoutes(SecurityHeaders(app, https=True), app, [route], largest_body=1000, https=True)


def without_extension(app: ASGIApp) -> ASGIApp:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"].pop(ANSWER)
        await app(scope, receive, send)

    return call


def post(body: str = "", *, version: str = "1.1", more: str = "") -> str:
    return f"POST /x HTTP/{version}\r\nhost: a\r\n{more}{FORM}content-length: {len(body)}\r\n\r\n{body}"


async def exchange(app: ASGIApp, requests: Iterable[str]) -> bytes:
    """What the server sends on one connection, until it closes it. The date is left out."""
    async with served(app, CountingProtocol) as port, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write("".join(requests).encode())
        answer = await reader.read()
        writer.close()
    return re.sub(rb"date: [^\r]*\r\n", b"", answer)


ANSWERS: dict[str, Callable[[], Response]] = {
    "document": lambda: Response("<Response/>", media_type="text/xml"),
    "nothing": lambda: Response(status_code=204),
    "empty": lambda: Response(status_code=403),
    "later": lambda: Response("", status_code=503, headers={"Retry-After": "5"}),
    "cacheable": lambda: Response("{}", headers={"Cache-Control": "max-age=300"}),
    "last": lambda: Response("bye", headers={"Connection": "close"}),
}


@pytest.mark.parametrize("request_", [post(version="1.0"), post(more="connection: close\r\n")], ids=["1.0", "close"])
@pytest.mark.parametrize("name", ANSWERS)
async def test_an_answer_is_the_same_as_by_messages(name: str, request_: str) -> None:
    whole = await exchange(application(ANSWERS[name]()), [request_])
    by_messages = await exchange(without_extension(application(ANSWERS[name]())), [request_])
    assert sorted(whole.split(b"\r\n")) == sorted(by_messages.split(b"\r\n"))
    assert whole.startswith(b"HTTP/1.")
    assert whole.count(b"strict-transport-security: ") == 1


async def test_an_answer_is_one_write() -> None:
    CountingProtocol.writes = 0
    answer = await exchange(application(ANSWERS["document"]()), [post(), post(), post(more="connection: close\r\n")])
    assert answer.count(b"<Response/>") == CountingProtocol.writes == 3


async def test_a_connection_is_kept_until_its_client_asks_for_the_end() -> None:
    answer = await exchange(application(ANSWERS["empty"]()), [post("a=1"), post(more="connection: close\r\n")])
    assert answer.count(b"HTTP/1.1 403 ") == 2
    assert answer.count(b"connection: close") == 1


async def test_requests_that_wait_in_one_connection_are_answered_in_order() -> None:
    seen: list[bytes] = []

    async def answer(request: Request) -> Response:
        seen.append(await request.body())
        await asyncio.sleep(0.05 if len(seen) == 1 else 0)
        return Response(seen[-1] if len(seen) > 1 else b"a=1")

    route = Route("/x", answer, methods=["POST"])
    app = Starlette(routes=[route])
    direct = DirectRoutes(app, app, [route], largest_body=1000, https=True)
    sent = await exchange(direct, [post("a=1"), post("a=2"), post("a=3", more="connection: close\r\n")])
    assert re.findall(rb"a=\d", sent) == [b"a=1", b"a=2", b"a=3"]


async def test_what_follows_an_answer_runs_after_it() -> None:
    done = asyncio.Event()

    async def work() -> None:
        done.set()

    response = Response("ok", background=BackgroundTask(work))
    assert b"ok" in await exchange(application(response), [post(more="connection: close\r\n")])
    async with asyncio.timeout(20):
        await done.wait()


async def test_a_request_leaves_nothing_to_the_garbage_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        before = requests_kept()
        await exchange(application(Response("hello")), [post()] * 20 + [post(more="connection: close\r\n")])
        kept = requests_kept() - before
    finally:
        gc.enable()
    assert kept <= 1, "the newest one may live as long as its connection"


def requests_kept() -> int:
    return sum(isinstance(each, RequestResponseCycle) for each in gc.get_objects())


async def test_an_answer_in_parts_is_sent_by_messages() -> None:
    response = StreamingResponse(iter([b"one ", b"two"]))
    answer = await exchange(application(response), [post(more="connection: close\r\n")])
    assert b"transfer-encoding: chunked" in answer
    assert b"two" in answer


@pytest.mark.parametrize("header", [(b"x", b"a\r\nset-cookie: b"), (b"x\r\ny", b"a")], ids=["value", "name"])
async def test_a_header_with_a_line_break_is_not_sent(header: tuple[bytes, bytes]) -> None:
    response = Response("ok")
    response.raw_headers.append(header)
    answer = await exchange(application(response), [post(more="connection: close\r\n")])
    assert b"set-cookie" not in answer
    assert not answer.startswith(b"HTTP/1.1 200 ")
