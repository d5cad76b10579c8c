"""An application that receives messages, and the steps that send them."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from saycode.events.outbox import EventTarget, Outbox, new_event_target
from saycode.events.sender import EventSender
from saycode.storage.store import SqlStore
from tests.support.verifier import VerifierSetup
from verification.models import BUILT_IN_SERVICE


@dataclass(slots=True)
class Receiver:
    """The URL of an application. It answers with the statuses of the script, then with 204."""

    url: str = ""
    script: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        status = self.script.pop(0) if self.script else 204
        return web.Response(status=status, headers={"Location": f"{self.url}/elsewhere"} if status == 302 else {})

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.requests]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", receiver.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/events"
    try:
        yield receiver
    finally:
        await runner.cleanup()


def store_of(setup: VerifierSetup, worker: int = -1) -> SqlStore:
    store = setup.workers[worker].store
    assert isinstance(store, SqlStore)
    return store


def sender_of(setup: VerifierSetup, worker: int = -1, *, loopback: bool = True) -> EventSender:
    return EventSender(outbox=Outbox(store_of(setup, worker)), now=setup.clock.now, loopback=loopback)


async def add_target(setup: VerifierSetup, receiver: Receiver, service: str = BUILT_IN_SERVICE) -> EventTarget:
    target = new_event_target(service, receiver.url, now=setup.clock.now())
    await Outbox(store_of(setup)).add(target)
    return target


async def approve(setup: VerifierSetup) -> str:
    sid, code = await setup.texted_code()
    assert (await setup.verifier.check(sid, code)).valid
    return sid
