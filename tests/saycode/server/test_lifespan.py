"""Background tasks go on after failures."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from saycode.server.lifespan import run_periodically
from tests.support.app import RunningApp, open_page, running_app
from verification.errors import Unavailable


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningApp]:
    async with running_app(tmp_path / "store.db") as running:
        yield running


async def test_a_task_goes_on_after_failures(running: RunningApp, caplog: pytest.LogCaptureFixture) -> None:
    browser = running.browser()
    await running.started(browser)
    running.clock.advance(running.verifier.policy.code_lifetime)
    before = running.rows()["verifications"]
    running.store.failure = Unavailable("the disk is full")
    expiring = asyncio.create_task(run_periodically(running.verifier.expire_overdue, pause=0.001))
    async with asyncio.timeout(5):
        for failure in (RuntimeError("a surprise"), None):
            while not [record for record in caplog.records if record.getMessage() == "background task failed"]:
                await asyncio.sleep(0.001)
            caplog.clear()
            running.store.failure = failure
        while running.rows()["verifications"] == before:
            await asyncio.sleep(0.001)
    expiring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await expiring
    assert (await open_page(browser)).heading == "The code has expired"
