"""The rotation of SAYCODE_SECRET_KEY as docs/deploy.md has it: with old and new workers side by side no check fails."""

import re
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from saycode.testing import build_verifier
from tests.support.engine import open_store
from tests.support.fakes import ManualClock, RecordingProvider
from verification.errors import Unavailable
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE
from verification.policy import SIGN_IN
from verification.types import Channel
from verification.values.phone_numbers import PhoneNumber
from verification.verifier import Verifier

KEYS = {"old": b"the old key of the tests, 32 characters", "new": b"the new key of the tests, 32 characters"}
DEPLOY = Path(__file__).parents[2] / "docs" / "deploy.md"


def documented_steps() -> list[tuple[str, ...]]:
    """The values of the setting, step by step."""
    (row,) = [line for line in DEPLOY.read_text("utf-8").splitlines() if line.startswith("| `SAYCODE_SECRET_KEY`")]
    return [("old",), *(tuple(step.split(",")) for step in re.findall(r"`((?:old|new)(?:,(?:old|new))?)`", row))]


class Workers:
    """Workers on one file, each with the keys of a step."""

    def __init__(self, path: Path, stack: AsyncExitStack) -> None:
        self.path, self.stack, self.clock, self.started = path, stack, ManualClock(), 0

    async def worker(self, step: tuple[str, ...]) -> Verifier:
        secrets = tuple(KEYS[name] for name in step)
        store = await self.stack.enter_async_context(open_store(self.path, secrets=secrets))
        return build_verifier(store, provider=RecordingProvider(), clock=self.clock, secrets=secrets)

    async def start(self, verifier: Verifier) -> tuple[str, str]:
        self.started += 1
        request = StartRequest(
            username="",
            number=PhoneNumber(f"+1415555{self.started + 2000:04}", "US"),
            channel=Channel.SMS,
            action=SIGN_IN,
            language="en-US",
            service=BUILT_IN_SERVICE,
        )
        started = await verifier.start(request)
        assert isinstance(verifier.provider, RecordingProvider)
        return started.verification.sid, verifier.provider.texts[-1].code


async def test_every_code_can_be_checked_by_every_worker_in_every_step(tmp_path: Path) -> None:
    steps = documented_steps()
    assert (steps[0], steps[-1]) == (("old",), ("new",))
    async with AsyncExitStack() as stack:
        workers = Workers(tmp_path / "codes.db", stack)
        for before, after in pairwise(steps):
            if "old" not in after:
                workers.clock.advance(600)  # the step that the document lets wait
            pair = [await workers.worker(before), await workers.worker(after)]
            for one, other in (pair, pair[::-1]):
                sid, code = await workers.start(one)
                assert (await other.check(sid, code)).valid, (before, after)


async def test_a_new_key_in_front_at_once_would_fail_checks(tmp_path: Path) -> None:
    """Why the rotation has the step before."""
    async with AsyncExitStack() as stack:
        workers = Workers(tmp_path / "codes.db", stack)
        before, after = await workers.worker(("old",)), await workers.worker(("new", "old"))
        sid, code = await workers.start(after)
        with pytest.raises(Unavailable):
            await before.check(sid, code)
