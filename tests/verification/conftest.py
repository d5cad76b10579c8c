"""Fixtures of the domain's tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.verifier import VerifierSetup, open_verifier


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[VerifierSetup]:
    """A verifier over an empty SQLite store."""
    async with open_verifier(tmp_path / "codes.db") as setup:
        yield setup
