"""Equal requests over persistent connections, as light as Python allows: the server should be what is measured."""

import asyncio
import time
from collections.abc import Sequence


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Sequence[bytes], first: int, until: float, done: asyncio.Future[int]) -> None:
        self._requests = requests
        self._next = first
        self._until = until
        self._done = done
        self._count = 0
        self._buffer = b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._send()

    def _send(self) -> None:
        assert self._transport is not None
        self._transport.write(self._requests[self._next % len(self._requests)])
        self._next += 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        if not head.startswith(b"HTTP/1.1 2"):
            self._done.set_exception(RuntimeError(head.decode("latin-1").splitlines()[0]))
            return
        self._buffer = b""
        self._count += 1
        if time.perf_counter() < self._until:
            self._send()
        else:
            self._done.set_result(self._count)


async def rate(requests: Sequence[bytes], *, port: int, connections: int, seconds: float) -> float:
    """Responses a second on loopback. Raises RuntimeError for any response but 2xx."""
    loop = asyncio.get_running_loop()
    begin = time.perf_counter()
    done = [loop.create_future() for _ in range(connections)]
    transports = []
    for index, future in enumerate(done):
        until = begin + seconds

        def make(index: int = index, future: "asyncio.Future[int]" = future, until: float = until) -> _Connection:
            return _Connection(requests, index, until, future)

        transports.append((await loop.create_connection(make, "127.0.0.1", port))[0])
    counts = await asyncio.gather(*done)
    elapsed = time.perf_counter() - begin
    for transport in transports:
        transport.close()
    return float(sum(counts) / elapsed)


def post(path: str, body: str, *, headers: dict[str, str]) -> bytes:
    """One request, ready to be sent again and again."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
