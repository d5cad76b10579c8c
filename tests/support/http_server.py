"""An application served with the service's HTTP protocol, on a port of its own, in the test's event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from saycode.server.serve import UVICORN_OPTIONS, LimitedHttpProtocol


@asynccontextmanager
async def served(app: ASGIApp, protocol: type[LimitedHttpProtocol] = LimitedHttpProtocol) -> AsyncIterator[int]:
    """Serve the application. Yields its port."""
    config = uvicorn.Config(app, lifespan="off", **UVICORN_OPTIONS)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: protocol(config=config, server_state=state, app_state={}), "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for connection in list(state.connections):
            connection.transport.abort()
        await server.wait_closed()


async def ask(port: int, request: str, body: str = "") -> tuple[int, str]:
    """Send these bytes. Returns the status and the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write((request.replace("\n", "\r\n") + "\r\n\r\n" + body).encode())
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    return int(answer.split(" ", 2)[1]), answer
