"""A store, and the console over it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from saycode.storage.store import SqlStore
from tests.support.company_login import company
from tests.support.company_provider import CompanyProvider, company_provider
from tests.support.engine import open_store
from tests.support.operators_console import Console, a_console
from tests.support.store import SECRETS


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    async with open_store(tmp_path / "codes.db", secrets=SECRETS) as store:
        yield store


@pytest.fixture
async def console(store: SqlStore) -> Console:
    return await a_console(store)


@pytest.fixture
def provider() -> Iterator[CompanyProvider]:
    with company_provider() as provider:
        provider.redirect_uri = "http://127.0.0.1:8003/console/sign-in/openid/callback"
        yield provider


@pytest.fixture
async def at_company(store: SqlStore, provider: CompanyProvider) -> Console:
    """The console at /console, whose operators may sign in at the provider."""
    console = await a_console(store, root="/console", company=company(provider))
    provider.now = console.clock.now
    return console
