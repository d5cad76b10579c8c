"""The console in a thread, at a time that stands still, over a database with two days of traffic."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace
from playwright.sync_api import Page

from saycode.config.loader import load
from saycode.config.policy import build_policy, key_ring
from saycode.config.settings import Settings
from saycode.example_traffic import ExampleTraffic
from saycode.server.app import open_store
from saycode.server.console import alone
from tests.support.fakes import ManualClock
from verification.models import Delivery
from verification.ports import ByVerification, Changes
from verification.types import DeliveryStatus

#: A Wednesday, in the middle of an attack.
NOW = 1_799_852_400.0 + 240


@dataclass(frozen=True, slots=True)
class ServedConsole:
    url: str
    key: str

    def sign_in(self, page: Page) -> None:
        """As a person does it."""
        page.goto(self.url)
        page.get_by_label("Operator key").fill(self.key)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Now", exact=True).click()
        page.wait_for_url("**/now")


@contextmanager
def served_console(folder: Path) -> Iterator[ServedConsole]:
    """A console whose database has the example traffic."""
    settings = load(
        {
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "0" * 32,
            "TWILIO_FROM_NUMBER": "+14155550199",
            "SAYCODE_PUBLIC_URL": "http://127.0.0.1:8000",
            "SAYCODE_SECRET_KEY": "0123456789abcdef" * 4,
            "SAYCODE_DATABASE_URL": f"sqlite:///{folder / 'console.db'}",
            "SAYCODE_PRICES": "*:0.05:0.04,US:0.014:0.0083,GB:0.025:0.042",
            "SAYCODE_MONEY_PER_DAY": "10",
            "SAYCODE_MINUTES_PER_DAY": "300",
        }
    )
    ready, stop, found = threading.Event(), threading.Event(), list[ServedConsole]()

    async def serve() -> None:
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            store = open_store(settings)
            async with store, alone(settings, store, bound, clock=ManualClock(NOW)) as server:
                running = asyncio.create_task(server.run_until_stopped())
                await _fill(settings)
                found.append(ServedConsole(server.address, server.key))
                ready.set()
                await asyncio.to_thread(stop.wait)
                server.should_exit = True
                await running

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        assert ready.wait(60), "the console did not start"
        yield found[0]
    finally:
        stop.set()
        thread.join()


async def _fill(settings: Settings) -> None:
    """Write the example traffic, and let three calls be in progress."""
    async with open_store(settings) as store:
        await ExampleTraffic(store, build_policy(settings), key_ring(settings)).write(now=NOW)
        newest = """SELECT sid FROM verifications v WHERE EXISTS
            (SELECT 1 FROM deliveries d WHERE d.verification_id = v.id AND d.channel = 'call')
            ORDER BY id DESC LIMIT 3"""
        sids = [sid for (sid,) in await store.query(lambda conn: conn.execute(newest).fetchall())]
        states = (DeliveryStatus.RINGING, DeliveryStatus.ANSWERED, DeliveryStatus.QUEUED)
        for n, (sid, status) in enumerate(zip(sids, states, strict=True)):
            (last,) = (await store.read(ByVerification(sid))).deliveries[-1:]
            live: Delivery = replace(last, status=status, created_at=NOW - 12 - n, updated_at=NOW - 3 - n)
            await store.apply(
                ByVerification(sid),
                lambda _, live=live: Changes(result=None, deliveries=(live,)),  # type: ignore[misc]
            )
