"""A cluster that several tests of a file share, on each kind of database that can carry one."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cluster.__main__ import Storage, storage_of
from tests.cluster.nodes import Cluster, running_cluster


@pytest.fixture(scope="module", params=["postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    with ExitStack() as stack:
        yield stack.enter_context(storage_of(request.param, tmp_path_factory.mktemp(request.param)))


@pytest.fixture(scope="module")
async def cluster(
    request: pytest.FixtureRequest, storage: Storage, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Cluster]:
    """With the `SETTINGS` of the file, if it has some."""
    folder: Path = tmp_path_factory.mktemp("cluster")
    async with running_cluster(folder, storage.url, **getattr(request.module, "SETTINGS", {})) as cluster:
        yield cluster
