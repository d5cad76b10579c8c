"""The API: a start with an Idempotency-Key can be repeated, and starts once."""

import asyncio
from pathlib import Path
from urllib.parse import urlencode

import pytest
from msgspec.structs import replace

from saycode.storage.api.idempotency import SqliteIdempotencyStore
from saycode.storage.store import SqlStore
from tests.support.api_client import Client, Reply, another_key, client
from tests.support.app import PHONE, SECRET, RunningApp
from tests.support.asgi_client import FORM
from tests.support.engine import another_program, open_store
from verification.errors import Unavailable
from verification.idempotency import MAX_REQUEST_SECONDS, Claim, ClaimResult, InProgress, NewRequest, StoredAnswer
from verification.ports import Rejected

DAY = 86_400


async def start(shop: Client, name: str = "order-1", *, failing: bool = False, **fields: str) -> Reply:
    body = urlencode({"To": PHONE, "Channel": "sms"} | fields).encode()
    headers = {"Content-Type": FORM, "Idempotency-Key": name}
    return await shop.send("POST", "Verifications", body=body, headers=headers, failing=failing)


async def test_the_same_start_gets_the_same_answer_and_starts_once(running: RunningApp, shop: Client) -> None:
    first = await start(shop)
    running.clock.advance(120)
    again = await start(shop)
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert running.provider.asked == 1


async def test_a_key_that_was_used_for_something_else_is_refused(running: RunningApp, shop: Client) -> None:
    await start(shop)
    other = await start(shop, Locale="de")
    assert (other.status, other.code, running.provider.asked) == (422, 20422, 1)


async def test_it_is_private_to_the_key_that_asks(running: RunningApp, shop: Client) -> None:
    first = await start(shop)
    second = await another_key(running, shop.service, seed=60)
    other_client = await client(running, "Other", seed=8)
    running.clock.advance(31)
    assert (await start(second)).body["sid"] == first.body["sid"], "the pending code, sent once more"
    running.clock.advance(31)
    assert (await start(other_client)).body["sid"] != first.body["sid"]
    assert running.provider.asked == 3


async def test_while_the_first_is_running_the_second_gets_409(running: RunningApp, shop: Client) -> None:
    replies: list[Reply] = []

    async def meanwhile(_: str) -> None:
        running.provider.meanwhile = None
        replies.append(await start(shop))

    running.provider.meanwhile = meanwhile
    first = await start(shop)
    assert [(reply.status, reply.code, reply.answer.header("retry-after")) for reply in replies] == [(409, 20409, "1")]
    assert (await start(shop)).body == first.body


async def test_of_many_at_the_same_instant_one_starts(running: RunningApp, shop: Client) -> None:
    replies = await asyncio.gather(*(start(shop) for _ in range(20)))
    assert {reply.status for reply in replies} <= {201, 409}
    assert len({reply.body["sid"] for reply in replies if reply.status == 201}) == 1
    assert running.provider.asked == 1


async def test_after_a_crash_in_the_middle_it_answers_with_what_became_of_it(running: RunningApp, shop: Client) -> None:
    async def crash(_: str) -> None:
        raise RuntimeError("the power is gone")

    running.provider.meanwhile = crash
    assert (await start(shop, failing=True)).status == 500
    running.provider.meanwhile = None
    assert (await start(shop)).status == 409
    running.clock.advance(90)
    later = await start(shop)
    assert (later.status, later.body["status"], running.provider.asked) == (201, "pending", 1)
    assert (await start(shop)).body == later.body


async def test_after_a_crash_before_anything_began_it_starts(running: RunningApp, shop: Client) -> None:
    running.store.failure = Unavailable("busy")
    assert (await start(shop)).status == 503
    running.store.failure = None
    running.clock.advance(MAX_REQUEST_SECONDS)
    assert (await start(shop)).status == 201
    assert running.provider.asked == 1


async def test_what_was_refused_may_be_asked_anew(running: RunningApp, shop: Client) -> None:
    running.provider.script.append(Rejected(permanent=False, code=None))
    assert (await start(shop)).status == 503
    assert (await start(shop)).status == 201
    assert (await start(shop, "order-2")).code == 60212
    running.clock.advance(31)
    assert (await start(shop, "order-2")).status == 201


async def test_it_is_remembered_for_a_day(running: RunningApp, shop: Client) -> None:
    first = await start(shop)
    running.clock.advance(DAY - 1)
    assert (await start(shop)).body == first.body
    running.clock.advance(1)
    assert (await start(shop)).body["sid"] != first.body["sid"]


@pytest.mark.parametrize("name", ["", "x" * 256, "a b", "a\x7f"])
async def test_a_key_is_short_and_visible(running: RunningApp, shop: Client, name: str) -> None:
    assert ((await start(shop, name)).code, running.provider.asked) == (60200, 0)


@pytest.mark.sqlite
async def test_neither_the_code_nor_the_number_is_readable_in_the_file(running: RunningApp, shop: Client) -> None:
    first = await start(shop, Channel="call", CallStyle="key")
    code = first.body["code"]
    assert (await start(shop, Channel="call", CallStyle="key")).body == first.body
    opened = running.store.store
    assert isinstance(opened, SqlStore)
    row = await opened.query(lambda conn: conn.execute("SELECT key_hash, answer FROM idempotency_keys").fetchone())
    assert '"code": null' in opened.cipher.decrypt(row[1], aad=f"idempotency_keys.answer {row[0].hex()}")
    with another_program(running.path) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (answer,) = file.execute("SELECT answer FROM idempotency_keys").fetchone()
    assert len(answer) > 500
    content = running.path.read_bytes()
    for text in (PHONE[1:], f'"{code}"', "order-1", first.body["sid"] + "\0"):
        assert text.encode() not in content


@pytest.mark.sqlite
async def test_an_answer_goes_with_its_verification(running: RunningApp, shop: Client) -> None:
    await start(shop)
    with another_program(running.path) as file:
        file.execute("PRAGMA foreign_keys = ON")
        file.execute("DELETE FROM verifications")
        file.commit()
        assert file.execute("SELECT count(*) FROM idempotency_keys").fetchone() == (0,)


async def test_two_workers_agree_on_who_is_first(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    claim = Claim(key="SK1 order", body="To=1", delivery="VL1", at=1000.0)
    async with (
        open_store(path, secrets=(SECRET,)) as one,
        open_store(path, secrets=(SECRET,)) as two,
    ):
        workers = [SqliteIdempotencyStore(one), SqliteIdempotencyStore(two)]
        claimed: list[ClaimResult] = await asyncio.gather(*(workers[n % 2].claim(claim) for n in range(40)))
        assert claimed.count(NewRequest()) == 1
        assert claimed.count(InProgress()) == 39
        await workers[0].keep(claim.key, "done", verification="")
        assert await workers[1].claim(replace(claim, at=1001.0)) == StoredAnswer("done")


async def test_old_ones_are_cleared_away(tmp_path: Path) -> None:
    async with open_store(tmp_path / "store.db", secrets=(SECRET,)) as store:
        answers = SqliteIdempotencyStore(store)
        for n in range(25):
            await answers.claim(Claim(key=f"SK1 {n}", body="", delivery="", at=1000.0))
        for n in range(3):
            await answers.claim(Claim(key=f"SK2 {n}", body="", delivery="", at=1000.0 + DAY))
        left = await store.query(lambda conn: conn.execute("SELECT count(*) FROM idempotency_keys").fetchone())
        assert left == (3,)
