"""What people notice when the database, a connection or a node of a cluster fails."""

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import aiohttp
import pytest

from saycode.storage.postgresql.writer import UNKNOWN_PATIENCE
from tests.cluster.__main__ import Storage, new_key
from tests.cluster.nodes import Cluster, Node
from tests.cluster.people import Api
from tests.cluster.test_exact import code_of, sent_to
from tests.support.postgresql import Server
from tests.support.processes import Browser, Phone
from tests.support.sql import number
from tests.support.webhook_receiver import receiving

SORRY = "We're sorry, something went wrong on our side."
NUMBERS: Iterator[str] = (f"+1212{4_000_000 + n:07}" for n in count())
NAMES = iter(("Harbor Inn", "Island Gym", "Jasper Tea", "Kettle Bar", "Lumen Lab", "Maple Pub", "Novel Hub"))
#: Seconds. A node connects again on its next group or probe; a busy machine takes its time.
BACK = 20.0


@pytest.fixture
def server(storage: Storage) -> Server:
    assert storage.server is not None
    return storage.server


@pytest.fixture
async def api(cluster: Cluster) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        yield Api(cluster.address, await asyncio.to_thread(new_key, cluster, next(NAMES)), session)


def asked(node: Node, path: str) -> tuple[int, str]:
    """The status of a node's answer, and its `Retry-After`."""
    try:
        with urlopen(node.address + path, timeout=20) as answer:
            return answer.status, ""
    except HTTPError as refused:
        with refused:
            return refused.code, refused.headers.get("Retry-After", "")


async def until(node: Node, path: str, status: int) -> None:
    give_up_at = time.monotonic() + BACK
    while (answer := await asyncio.to_thread(asked, node, path))[0] != status:
        assert time.monotonic() < give_up_at, f"{path} of {node.name} is {answer}, not {status}"
        await asyncio.sleep(0.1)


async def test_nodes_that_start_at_once_on_an_empty_database_make_its_tables_once(
    cluster: Cluster, storage: Storage
) -> None:
    assert number(storage.address, "SELECT count(*) FROM services WHERE name = ''") == 1
    assert number(storage.address, "SELECT count(*) FROM data_key") == 1
    assert cluster.errors() == []


async def test_a_page_hears_within_a_second_of_what_another_node_was_told(cluster: Cluster) -> None:
    for _ in range(len(cluster.nodes)):  # the proxy sends the callbacks to one node after the other
        phone, browser = Phone(cluster.simulator, next(NUMBERS)), Browser(cluster.nodes[0].address)
        start = {"username": "ann", "phone": phone.number, "channel": "call"}
        assert (await asyncio.to_thread(browser.post, "/start", **start)).state == "code"
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.jar)
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{browser.address}/progress", headers={"Cookie": cookies}) as stream,
        ):
            news = asyncio.create_task(until_it_says(stream, b"You answered."))
            await asyncio.to_thread(phone.wait_for, "ringing")
            await asyncio.to_thread(phone.do, "answer")
            answered_at = time.monotonic()
            assert (await asyncio.wait_for(news, BACK)) - answered_at < 1
        await asyncio.to_thread(phone.do, "hang-up")


async def until_it_says(stream: aiohttp.ClientResponse, word: bytes) -> float:
    """When the stream said it."""
    async for line in stream.content:
        if word in line:
            return time.monotonic()
    raise AssertionError("the stream ended")


async def test_without_its_database_a_node_says_so_and_comes_back_by_itself(
    cluster: Cluster, server: Server, api: Api
) -> None:
    ringing, waiting = Phone(cluster.simulator, next(NUMBERS)), Browser(cluster.address)
    start = {"username": "ann", "phone": ringing.number, "channel": "call"}
    assert (await asyncio.to_thread(waiting.post, "/start", **start)).state == "code"
    await asyncio.to_thread(ringing.wait_for, "ringing")
    loading = asyncio.create_task(keep_starting(api, 12))
    await asyncio.sleep(0.5)
    gone_at = time.monotonic()
    await asyncio.to_thread(server.stop)
    for node in cluster.nodes:
        await until(node, "/health/ready", 503)
        assert asked(node, "/health/live") == (200, "")
    answer = await api.once("POST", "Verifications", {"To": next(NUMBERS), "Channel": "sms"})
    assert (answer.status, answer.body["code"]) == (503, 20503)
    assert answer.wait == "5"
    assert (await asyncio.to_thread(waiting.post, "/code", code="123456")).status == 503
    await asyncio.to_thread(ringing.do, "answer")
    await asyncio.to_thread(ringing.do, "listen")
    assert SORRY in " ".join(ringing.sentences)
    await asyncio.to_thread(server.start)
    for node in cluster.nodes:
        await until(node, "/health/ready", 200)
    # A start whose COMMIT has no answer for longer may have been written, and is not sent then.
    sent = {1} if time.monotonic() - gone_at < UNKNOWN_PATIENCE else {0, 1}
    for to, status in await loading:
        assert status == 201
        assert sent_to(cluster, to) in sent
    sid, code = await code_of(cluster, api, next(NUMBERS))
    assert (await api.check(sid, code)).body["valid"]


async def keep_starting(api: Api, at_once: int, seconds: float = 3) -> list[tuple[str, int]]:
    """Start again and again, each until the answer is clear. The numbers and their answers."""
    until = time.monotonic() + seconds
    answers: list[tuple[str, int]] = []

    async def one() -> None:
        while time.monotonic() < until:
            to = next(NUMBERS)
            answers.append((to, (await api.start(to, "sms", key=f"order-{to[1:]}")).status))

    await asyncio.gather(*(one() for _ in range(at_once)))
    return answers


async def test_cut_connections_lose_and_repeat_nothing(cluster: Cluster, server: Server, api: Api) -> None:
    loading = asyncio.create_task(keep_starting(api, 12, seconds=6))
    cuts = 0
    while not loading.done():
        await asyncio.sleep(0.4)
        cuts += await asyncio.to_thread(server.end_connections)
    answers = await loading
    assert cuts > 10
    assert len(answers) > 20
    assert {status for _, status in answers} == {201}
    sent = {to: sent_to(cluster, to) for to, _ in answers}
    assert {to: count for to, count in sent.items() if count != 1} == {}, logged(cluster, "again", "lost", "written")


def logged(cluster: Cluster, *words: str) -> list[str]:
    """The lines of the nodes' logs that have one of these words in them."""
    lines = [line for node in cluster.nodes for line in node.log.read_text().splitlines()]
    return [line for line in lines if any(word in line for word in words)]


@asynccontextmanager
async def hung_with_the_lock(cluster: Cluster, server: Server, api: Api) -> AsyncIterator[Node]:
    """A node that was stopped in the middle of a group, as a machine that swaps or a hypervisor does it."""
    node = cluster.nodes[0]
    assert node.process
    direct = Api(node.address, api.key, api.session)
    loading = asyncio.create_task(keep_starting(direct, 12, seconds=BACK))
    try:
        for _ in range(400):
            await asyncio.sleep(0.01)
            node.process.send_signal(signal.SIGSTOP)
            if await asyncio.to_thread(holds_the_lock, server) and await asyncio.to_thread(holds_the_lock, server):
                break
            node.process.send_signal(signal.SIGCONT)
        else:
            raise AssertionError("it never held the lock")
        loading.cancel()
        yield node
    finally:
        node.process.send_signal(signal.SIGCONT)
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)


def holds_the_lock(server: Server) -> bool:
    """Whether a transaction that writes waits for its node: in a pipeline, too, which is active for the server."""
    time.sleep(0.05)
    question = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'saycode-writer' AND xact_start IS NOT NULL"
    )
    return server.execute(f"{question} AND wait_event = 'ClientRead'") == [(1,)]


async def test_a_node_that_hangs_with_the_lock_is_cut_and_the_others_go_on(
    cluster: Cluster, server: Server, api: Api
) -> None:
    async with hung_with_the_lock(cluster, server, api) as node:
        other = Api(cluster.nodes[1].address, api.key, api.session)
        began, to = time.monotonic(), next(NUMBERS)
        assert (await other.once("POST", "Verifications", {"To": to, "Channel": "sms"})).status == 201
        assert time.monotonic() - began < 5
        assert sent_to(cluster, to) == 1
    await until(node, "/health/ready", 200)
    to = next(NUMBERS)
    assert (await Api(node.address, api.key, api.session).start(to, "sms", key=f"order-{to[1:]}")).status == 201
    assert sent_to(cluster, to) == 1


async def test_a_revoked_key_stops_at_once_at_every_node(cluster: Cluster, api: Api) -> None:
    for node in cluster.nodes:
        assert (await Api(node.address, api.key, api.session).once("GET", "Verifications/VE0")).status == 404
    await asyncio.to_thread(cluster.command, "keys", "revoke", api.key.name)
    for node in cluster.nodes:
        assert (await Api(node.address, api.key, api.session).once("GET", "Verifications/VE0")).status == 401


async def test_each_event_is_posted_once_by_three_nodes(cluster: Cluster, api: Api) -> None:
    async with receiving() as receiver:
        await asyncio.to_thread(cluster.command, "events", "add", receiver.url, "--service", api.key.service)
        for _ in range(10):
            sid, code = await code_of(cluster, api, next(NUMBERS))
            assert (await api.check(sid, code)).body["valid"]
        give_up_at = time.monotonic() + BACK
        while len(receiver.requests) < 10 and time.monotonic() < give_up_at:
            await asyncio.sleep(0.1)
        await asyncio.sleep(6)  # another turn of every node's task
        posted = [headers["webhook-id"] for headers, _ in receiver.requests]
        assert (len(posted), len(set(posted))) == (10, 10)


async def test_after_all_of_it_the_audit_log_is_whole(cluster: Cluster, storage: Storage) -> None:
    said = json.loads(await asyncio.to_thread(cluster.command, "audit", "verify", "--json"))
    assert said["broken"] is None
    assert said["lines"] == number(storage.address, "SELECT count(*) FROM events")
    assert [error for error in cluster.errors() if not explained(error)] == []


def explained(error: dict[str, Any]) -> bool:
    """Whether an error of the log is the database's absence."""
    said = f"{error['event']} {error.get('error', '')}"
    return error["event"].startswith("the database cannot be") or "Unavailable: " in said
