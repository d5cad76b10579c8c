from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from saycode.alerts.conditions import ConditionReader
from saycode.alerts.job import AlertJob
from saycode.config.parsers import Secret
from tests.support.alert_receivers import MailServer, mail_server
from tests.support.verifier import VerifierSetup, open_verifier
from tests.support.webhook_receiver import Receiver, receiving, store_of
from verification.types import Channel
from webhooks.context import HealthComponent


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[VerifierSetup]:
    async with open_verifier(tmp_path / "codes.db") as setup:
        yield setup


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


class Machine:
    """What a worker sees of its machine and of Twilio."""

    def __init__(self) -> None:
        self.resting: frozenset[Channel] = frozenset()
        self.broken: tuple[str, ...] = ()

    def open_channels(self) -> frozenset[Channel]:
        return self.resting

    async def examine(self) -> tuple[HealthComponent, ...]:
        names = ("settings", "database", "clock", "audit-log", "twilio")
        return tuple(HealthComponent(name, ok=name not in self.broken) for name in names)


@pytest.fixture
def machine() -> Machine:
    return Machine()


MakeJob = Callable[..., AlertJob]


@pytest.fixture
def make_job(setup: VerifierSetup, machine: Machine) -> MakeJob:
    """The job of a worker, by default of the last one."""

    def make(*urls: str, worker: int = -1, of: Machine = machine, enforced: bool = True) -> AlertJob:
        reader = ConditionReader(
            store=store_of(setup, worker),
            policy=setup.workers[worker].policy,
            open_channels=of.open_channels,
            examine=of.examine,
        )
        return AlertJob(
            reader=reader,
            urls=[Secret(url) for url in urls],
            now=setup.clock.now,
            host="verify.example.com",
            enforced=enforced,
        )

    return make
