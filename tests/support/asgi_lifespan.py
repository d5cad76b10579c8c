"""Runs the lifespan of an ASGI application, as a server does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import ASGIApp, Message, Scope


@asynccontextmanager
async def running(app: ASGIApp) -> AsyncIterator[None]:
    """The application between its startup and its shutdown. Raises RuntimeError when either of them fails."""
    to_app, from_app = asyncio.Queue[Message](), asyncio.Queue[Message]()
    scope: Scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    task = asyncio.ensure_future(app(scope, to_app.get, from_app.put))

    async def complete(phase: str) -> None:
        await to_app.put({"type": f"lifespan.{phase}"})
        message = await from_app.get()
        if message["type"] != f"lifespan.{phase}.complete":
            raise RuntimeError(message.get("message", phase))

    await complete("startup")
    try:
        yield
    finally:
        await complete("shutdown")
        await task
