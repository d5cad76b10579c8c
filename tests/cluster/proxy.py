"""A proxy in front of the nodes, as a deployment has one: each request goes to the next node.

As nginx and Caddy do, it tries another node only when a connection was refused, when nothing was sent. A request that
may have reached a node is answered with 502 and never repeated.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

#: Of one connection, not of the request (RFC 9110, 7.6.1); and what the proxy writes anew.
_OWN = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "x-forwarded-for"})
_RETRY = {"Retry-After": "1"}


@dataclass(slots=True)
class Proxy:
    """`nodes`: their addresses. `served`: how many requests each has answered."""

    nodes: Sequence[str]
    session: aiohttp.ClientSession
    served: dict[str, int] = field(default_factory=dict)
    _turn: "count[int]" = field(default_factory=count)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read()
        headers = CIMultiDict((name, value) for name, value in request.headers.items() if name.lower() not in _OWN)
        headers["X-Forwarded-For"] = request.remote or ""
        turn = next(self._turn)
        for place in range(len(self.nodes)):
            node = self.nodes[(turn + place) % len(self.nodes)]
            try:
                return await self._pass_on(node, request, headers, body)
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, OSError, TimeoutError):
                return web.Response(status=502, headers=_RETRY)
        return web.Response(status=503, headers=_RETRY)

    async def _pass_on(
        self, node: str, request: web.BaseRequest, headers: "CIMultiDict[str]", body: bytes
    ) -> web.StreamResponse:
        async with self.session.request(
            request.method, node + request.raw_path, headers=headers, data=body, allow_redirects=False
        ) as answer:
            self.served[node] = self.served.get(node, 0) + 1
            kept = CIMultiDict((name, value) for name, value in answer.headers.items() if name.lower() not in _OWN)
            if answer.content_type != "text/event-stream":
                return web.Response(status=answer.status, headers=kept, body=await answer.read())
            stream = web.StreamResponse(status=answer.status, headers=kept)
            await stream.prepare(request)
            async for part in answer.content.iter_any():
                await stream.write(part)
            return stream


@asynccontextmanager
async def running_proxy(nodes: Sequence[str], port: int) -> AsyncIterator[Proxy]:
    """Serve the proxy on the loopback address."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=60),
    ) as session:
        proxy = Proxy(nodes, session)
        runner = web.ServerRunner(web.Server(proxy.handle), shutdown_timeout=1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield proxy
        finally:
            await runner.cleanup()
