"""Messages to applications: none lost, none too many, and the same id in each attempt."""

import asyncio
import socket
from contextlib import suppress
from typing import Any

import pytest
from msgspec.structs import replace

from saycode.events.outbox import (
    LEASE_SECONDS,
    TARGET_LIMIT,
    LazyEventSender,
    Outbox,
    new_event_target,
)
from saycode.storage.outbox import RETRY_DELAYS
from tests.support.records import NUMBER, OTHER_NUMBER, wrong
from tests.support.verifier import CALL, VerifierSetup
from tests.support.webhook_receiver import Receiver, add_target, approve, sender_of, store_of
from verification.accounts import Accounts
from verification.errors import NotReached
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE, Account, EnrolledNumber, Manner
from verification.policy import SIGN_IN
from verification.ports import ByVerification, Rejected
from verification.public import PublicVerifier
from verification.types import Channel

ADA = Account(
    service=BUILT_IN_SERVICE,
    name="ada",
    username="Ada",
    numbers=(EnrolledNumber(NUMBER),),
    channel=Channel.CALL,
    language="",
)
ELSEWHERE = "VA" + "1" * 32


async def test_an_approval_is_sent_without_the_code_and_without_the_number(
    setup: VerifierSetup, receiver: Receiver
) -> None:
    await add_target(setup, receiver)
    sid, code = await setup.texted_code()
    assert (await setup.verifier.check(sid, code)).valid
    assert await sender_of(setup).send_due() == 1
    assert receiver.bodies == [
        {
            "type": "verification.approved",
            "timestamp": "2027-01-15T08:00:00Z",
            "data": {
                "service_sid": BUILT_IN_SERVICE,
                "verification_sid": sid,
                "status": "approved",
                "action": "sign-in",
                "username": "ada",
                "to": NUMBER.masked,
                "tags": {},
            },
        }
    ]
    (_, body) = receiver.requests[0]
    assert code.encode() not in body
    assert NUMBER.e164[1:].encode() not in body
    assert await sender_of(setup).send_due() == 0


@pytest.mark.parametrize("typed", ["Ada", "ada", "\uff21\uff24\uff21"])
async def test_a_user_name_typed_on_the_page_is_sent_as_the_account_has_it(
    setup: VerifierSetup, receiver: Receiver, typed: str
) -> None:
    await Accounts(setup.verifier).put(ADA)
    await add_target(setup, receiver)
    request = StartRequest(
        username=typed,
        number=NUMBER,
        channel=Channel.SMS,
        action=SIGN_IN,
        language="en-US",
        service=BUILT_IN_SERVICE,
        manner=Manner.PRIVATE,
    )
    started = await PublicVerifier(setup.verifier).start(request)
    await PublicVerifier(setup.verifier).deliver(started)
    assert (await setup.verifier.check(started.verification.sid, setup.provider.texts[-1].code)).valid
    await sender_of(setup).send_due()
    assert [body["data"]["username"] for body in receiver.bodies] == ["Ada"]


async def test_the_tags_of_the_start_come_back_in_every_event_of_the_verification(
    setup: VerifierSetup, receiver: Receiver
) -> None:
    await add_target(setup, receiver)
    request = StartRequest(
        username="ada",
        number=NUMBER,
        channel=CALL,
        action=SIGN_IN,
        language="en-US",
        service=BUILT_IN_SERVICE,
        tags={"order": "4711"},
    )
    planned = await setup.verifier.start(request)
    assert planned.delivery is not None
    await setup.pass_gate(planned.delivery.sid)
    for keys in ("", "0", "9", "*"):
        await setup.call_webhook(planned.delivery.sid, keys)
    setup.provider.script.append(Rejected(permanent=True, code=21211))
    with pytest.raises(NotReached):
        await setup.verifier.start(replace(request, number=OTHER_NUMBER, username="bob"))
    await sender_of(setup).send_due()
    assert [(body["type"], body["data"]["tags"]) for body in receiver.bodies] == [
        ("number.suppressed", {"order": "4711"}),
        ("verification.failed", {"order": "4711"}),
    ]


async def test_a_failure_a_report_and_a_stop_are_sent(setup: VerifierSetup, receiver: Receiver) -> None:
    await add_target(setup, receiver)
    sid, code = await setup.texted_code()
    await setup.verifier.check(sid, wrong(code))
    setup.clock.advance(120)
    planned = await setup.start(CALL)
    assert planned.delivery is not None
    for digits in ("000", "*"):
        await setup.call_webhook(planned.delivery.sid, digits, provider_sid="CA2")
    setup.clock.advance(4000)
    planned = await setup.start(CALL)
    assert planned.delivery is not None
    await setup.pass_gate(planned.delivery.sid, provider_sid="CA3")
    for digits in ("", "9", "*"):
        await setup.call_webhook(planned.delivery.sid, digits, provider_sid="CA3")
    await sender_of(setup).send_due()
    assert [(body["type"], body["data"]["status"]) for body in receiver.bodies] == [
        ("verification.failed", "max_attempts_reached"),
        ("verification.reported", "canceled"),
        ("number.suppressed", "canceled"),
    ]


async def test_a_stop_without_a_verification_is_sent_for_every_account_of_the_number(
    setup: VerifierSetup, receiver: Receiver
) -> None:
    await add_target(setup, receiver)
    await Accounts(setup.verifier).put(ADA)
    await setup.verifier.handle_text(NUMBER, "STOP")
    await sender_of(setup).send_due()
    (body,) = receiver.bodies
    assert body["type"] == "number.suppressed"
    assert body["data"] == {"service_sid": BUILT_IN_SERVICE, "username": "Ada", "to": NUMBER.masked}


async def test_a_changed_number_is_sent_with_the_user_name_only(setup: VerifierSetup, receiver: Receiver) -> None:
    await add_target(setup, receiver)
    enrolment = Accounts(setup.verifier)
    await enrolment.put(ADA)
    await enrolment.replace_number(BUILT_IN_SERVICE, "ada", old=NUMBER, new=OTHER_NUMBER)
    await sender_of(setup).send_due()
    (body,) = receiver.bodies
    assert (body["type"], body["data"]) == (
        "number.changed",
        {"service_sid": BUILT_IN_SERVICE, "username": "Ada"},
    )


async def test_messages_of_another_service_go_to_its_own_target(setup: VerifierSetup, receiver: Receiver) -> None:
    await add_target(setup, receiver, ELSEWHERE)
    await approve(setup)
    assert await sender_of(setup).send_due() == 0


async def test_nothing_is_sent_for_a_transaction_that_was_rolled_back(setup: VerifierSetup, receiver: Receiver) -> None:
    await add_target(setup, receiver)
    sid, code = await setup.texted_code()

    class Broken(Exception):
        pass

    def work(conn: Any) -> None:
        raise Broken

    checked, failed = await asyncio.gather(
        setup.verifier.check(sid, code), store_of(setup).write(work), return_exceptions=True
    )
    assert isinstance(failed, Broken)
    assert not isinstance(checked, BaseException)
    assert await sender_of(setup).send_due() == 1


async def test_a_receiver_that_fails_three_times_gets_the_same_id_four_times(
    setup: VerifierSetup, receiver: Receiver
) -> None:
    await add_target(setup, receiver)
    await approve(setup)
    receiver.script = [500, 500, 500, 200]
    for pause in (0, *RETRY_DELAYS[:3]):
        setup.clock.advance(max(pause - 1, 0))
        assert await sender_of(setup).send_due() == (0 if pause else 1)
        if pause:
            setup.clock.advance(1)
            assert await sender_of(setup).send_due() == 1
    setup.clock.advance(7 * 86400)
    assert await sender_of(setup).send_due() == 0
    ids = [headers["webhook-id"] for headers, _ in receiver.requests]
    assert len(ids) == 4
    assert len(set(ids)) == 1
    assert len({body for _, body in receiver.requests}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.requests}) == 4


async def test_a_message_is_tried_for_a_day_and_then_dropped(setup: VerifierSetup, receiver: Receiver) -> None:
    assert sum(RETRY_DELAYS) >= 86400
    assert list(RETRY_DELAYS) == sorted(RETRY_DELAYS)
    await add_target(setup, receiver)
    await approve(setup)
    receiver.script = [503] * 100
    for _ in range(30):
        await sender_of(setup).send_due()
        setup.clock.advance(RETRY_DELAYS[-1])
    assert len(receiver.requests) == len(RETRY_DELAYS) + 1
    assert not await Outbox(store_of(setup)).has_due(now=setup.clock.now() + 1e6)


async def test_one_of_two_workers_posts_and_a_dead_one_blocks_no_message(
    setup: VerifierSetup, receiver: Receiver
) -> None:
    await setup.open()
    await add_target(setup, receiver)
    await approve(setup)
    tried = await asyncio.gather(*(sender_of(setup, worker).send_due() for worker in (0, 1) * 4))
    assert sorted(tried) == [0] * 7 + [1]
    assert len(receiver.requests) == 1
    await approve(setup)
    (claimed,) = await Outbox(store_of(setup, 0)).claim(now=setup.clock.now())  # and then this worker dies
    assert await sender_of(setup, 1).send_due() == 0
    setup.clock.advance(LEASE_SECONDS)
    assert await sender_of(setup, 1).send_due() == 1
    assert receiver.requests[-1][0]["webhook-id"] == claimed.id


async def test_a_redirect_is_not_followed(setup: VerifierSetup, receiver: Receiver) -> None:
    await add_target(setup, receiver)
    await approve(setup)
    receiver.script = [302]
    await sender_of(setup).send_due()
    assert len(receiver.requests) == 1
    assert await Outbox(store_of(setup)).has_due(now=setup.clock.now() + RETRY_DELAYS[0])
    assert list((await Outbox(store_of(setup)).pending_counts()).values()) == [1]


async def test_a_removed_target_gets_no_more_messages(setup: VerifierSetup, receiver: Receiver) -> None:
    target = await add_target(setup, receiver)
    await approve(setup)
    assert [target.url for target in await Outbox(store_of(setup)).targets()] == [receiver.url]
    assert await Outbox(store_of(setup)).remove(target.sid, now=setup.clock.now())
    assert not await Outbox(store_of(setup)).remove(target.sid, now=setup.clock.now())
    assert await sender_of(setup).send_due() == 0


async def test_a_damaged_message_is_dropped_and_delays_no_other(setup: VerifierSetup, receiver: Receiver) -> None:
    await add_target(setup, receiver)
    await approve(setup)
    await store_of(setup).write(lambda conn: conn.execute("UPDATE outbox SET body = ?", (b"\0",)).rowcount)
    await approve(setup)
    assert await sender_of(setup).send_due() == 1
    assert len(receiver.requests) == 1


async def test_urls_secrets_and_messages_are_encrypted_in_the_database(
    setup: VerifierSetup, receiver: Receiver
) -> None:
    target = await add_target(setup, receiver)
    await approve(setup)
    for file in setup.path.parent.glob("codes.db*"):
        content = file.read_bytes()
        assert target.secret.encode() not in content
        assert target.url.encode() not in content
        assert b"verification.approved" not in content


async def test_the_running_service_posts_messages(setup: VerifierSetup, receiver: Receiver) -> None:
    await add_target(setup, receiver)
    task = asyncio.create_task(LazyEventSender(Outbox(store_of(setup)), setup.clock.now, loopback=True).run_forever())
    await approve(setup)
    async with asyncio.timeout(20):
        while not receiver.requests:
            await asyncio.sleep(0.02)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_receiver_that_hangs_delays_the_messages_of_no_other(setup: VerifierSetup, receiver: Receiver) -> None:
    silent = socket.create_server(("127.0.0.1", 0), backlog=100)  # it takes connections and never answers
    port = silent.getsockname()[1]
    hanging = new_event_target(BUILT_IN_SERVICE, f"http://127.0.0.1:{port}/events", now=setup.clock.now())
    await Outbox(store_of(setup)).add(hanging)
    for _ in range(3 * TARGET_LIMIT):
        await approve(setup)
    task = asyncio.create_task(LazyEventSender(Outbox(store_of(setup)), setup.clock.now, loopback=True).run_forever())
    await asyncio.sleep(1)
    await add_target(setup, receiver)
    await approve(setup)
    async with asyncio.timeout(5):  # less than the time that a hanging receiver is waited for
        while not receiver.requests:
            await asyncio.sleep(0.02)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    silent.close()


async def test_messages_are_deleted_when_their_verification_is_erased(setup: VerifierSetup, receiver: Receiver) -> None:
    await add_target(setup, receiver)
    sid = await approve(setup)
    await store_of(setup).write(lambda conn: conn.execute("DELETE FROM verifications WHERE sid = ?", (sid,)).rowcount)
    assert (await store_of(setup).read(ByVerification(sid))).verification is None
    assert await sender_of(setup).send_due() == 0
