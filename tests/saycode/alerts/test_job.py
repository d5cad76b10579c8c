"""The job of alerts: one message for each condition, whatever the number of workers; then one that it is over."""

import asyncio
import logging
from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.alerts.conditions import STUCK_TRIES, ConditionReader
from saycode.alerts.job import PATIENCE
from saycode.alerts.states import ALERTS, LEASE_SECONDS, AlertStates, Letter, open_alerts
from saycode.storage.outbox import RETRY_DELAYS
from saycode.storage.store import SqlStore
from tests.saycode.alerts.conftest import Machine, MakeJob
from tests.support.alert_receivers import MailServer, json_url, silent_server
from tests.support.records import NUMBER
from tests.support.verifier import VerifierSetup
from tests.support.webhook_receiver import Receiver, add_target, approve, sender_of, store_of
from verification.alerts import SETTLED_AFTER, AlertKind, Condition
from verification.counters.rules import Limit
from verification.errors import Unavailable
from verification.models import BUILT_IN_SERVICE
from verification.types import Channel, Scope

CALL = frozenset({Channel.CALL})


async def open_kinds(store: SqlStore) -> list[AlertKind]:
    return [alert.condition.kind for alert in await store.query(open_alerts)]


async def test_a_mail_and_a_chat_are_told_once_and_told_when_it_is_over(
    setup: VerifierSetup, machine: Machine, make_job: MakeJob, mail: MailServer, receiver: Receiver
) -> None:
    job = make_job(mail.url, json_url(receiver))
    machine.resting = CALL
    for _ in range(3):
        await job.look()
        await job.send_due()
        await job.sent()
    assert mail.subjects == ["verify.example.com: Twilio takes no calls"]
    assert "saycode doctor" in mail.mails[0].get_content()  # type: ignore[attr-defined]
    assert [body["title"] for body in receiver.bodies] == mail.subjects
    assert receiver.bodies[0]["type"] == "warning"
    machine.resting = frozenset()
    await job.look()
    await job.send_due()
    assert len(mail.mails) == 1  # it may come back
    setup.clock.advance(SETTLED_AFTER)
    await job.look()
    await job.send_due()
    await job.sent()
    assert mail.subjects[1:] == ["verify.example.com: Resolved: Twilio takes no calls"]
    assert receiver.bodies[1]["type"] == "success"
    assert await open_kinds(store_of(setup)) == []


async def test_two_workers_that_look_at_once_send_one_message(
    setup: VerifierSetup, machine: Machine, make_job: MakeJob, receiver: Receiver
) -> None:
    await setup.open()
    machine.resting = CALL
    jobs = [make_job(json_url(receiver), worker=worker) for worker in (0, 1)]
    told = await asyncio.gather(*(job.look() for job in jobs))
    assert sorted(map(bool, told)) == [False, True]
    await asyncio.gather(*(job.send_due() for job in jobs))
    await asyncio.gather(*(job.sent() for job in jobs))
    assert len(receiver.requests) == 1
    machine.resting = frozenset()
    setup.clock.advance(SETTLED_AFTER)
    told = await asyncio.gather(*(job.look() for job in jobs))
    assert sorted(map(bool, told)) == [False, True]


async def test_ten_workers_that_have_read_before_any_wrote_tell_it_once(setup: VerifierSetup) -> None:
    states, now = AlertStates(store_of(setup)), setup.clock.now()
    resting = Condition(kind=AlertKind.CHANNEL_RESTS, subject="call")
    words = Letter("", "")
    for conditions, at in (([resting], now), ([], now + SETTLED_AFTER)):
        told = await asyncio.gather(
            *(states.change(conditions, lambda *_: (words, ()), ("json://host",), now=at) for _ in range(10))
        )
        assert sum(map(bool, told)) == 1
    written = await store_of(setup).query(lambda conn: conn.execute("SELECT count(*) FROM alert_messages").fetchone())
    assert written[0] == 2


async def test_an_address_is_nowhere_in_the_database(setup: VerifierSetup, machine: Machine, make_job: MakeJob) -> None:
    machine.resting = CALL
    await make_job("json://ann:password@alerts.example/a-token").look()
    rows = await store_of(setup).query(lambda conn: conn.execute("SELECT * FROM alert_messages").fetchall())
    assert len(rows) == 1
    for part in ("alerts.example", "password", "a-token"):
        assert part not in str(rows)


async def test_what_one_of_two_workers_sees_stays_open(setup: VerifierSetup, make_job: MakeJob) -> None:
    await setup.open()
    sees, does_not = Machine(), Machine()
    sees.resting = CALL
    jobs = make_job(worker=0, of=sees), make_job(worker=1, of=does_not)
    for _ in range(5):
        for job in jobs:
            await job.look()
        setup.clock.advance(SETTLED_AFTER / 2)
    assert await open_kinds(store_of(setup)) == [AlertKind.CHANNEL_RESTS]


async def test_a_target_that_hangs_or_fails_delays_no_other(
    machine: Machine, make_job: MakeJob, mail: MailServer, receiver: Receiver
) -> None:
    receiver.script = [500]
    machine.resting = CALL
    with silent_server() as hanging:
        job = make_job(hanging, json_url(receiver), mail.url)
        await job.look()
        async with asyncio.timeout(15):
            await job.send_due()
            while not (mail.mails and receiver.requests):
                await asyncio.sleep(0.01)
    await job.sent()


async def test_a_refused_message_is_tried_again_later_by_any_worker(
    setup: VerifierSetup, machine: Machine, make_job: MakeJob, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    await setup.open()
    receiver.script = [500, 503]
    machine.resting = CALL
    first, second = (make_job(json_url(receiver), worker=worker) for worker in (0, 1))
    await first.look()
    for job in (first, second, first):
        await job.send_due()
        await job.sent()
    assert len(receiver.requests) == 1  # not due yet
    setup.clock.advance(RETRY_DELAYS[0])
    await second.send_due()
    await second.sent()
    assert len(receiver.requests) == 2
    setup.clock.advance(RETRY_DELAYS[1])
    await first.send_due()
    await first.sent()
    assert len(receiver.requests) == 3
    setup.clock.advance(LEASE_SECONDS)
    await first.send_due()
    await first.sent()
    assert len(receiver.requests) == 3
    refused = [record.fields for record in caplog.records if record.getMessage() == "alert not sent"]  # type: ignore[attr-defined]
    assert [fields["why"] for fields in refused] == ["refused with status 500", "refused with status 503"]


async def test_a_message_is_given_up_after_the_last_attempt(
    setup: VerifierSetup, machine: Machine, make_job: MakeJob, receiver: Receiver
) -> None:
    receiver.script = [500] * (len(RETRY_DELAYS) + 5)
    machine.resting = CALL
    job = make_job(json_url(receiver))
    await job.look()
    for delay in (*RETRY_DELAYS, 86_400, 86_400):
        await job.send_due()
        await job.sent()
        setup.clock.advance(delay)
    assert len(receiver.requests) == len(RETRY_DELAYS) + 1


async def test_a_message_of_a_dead_worker_is_sent_by_another(
    setup: VerifierSetup, machine: Machine, make_job: MakeJob, receiver: Receiver
) -> None:
    machine.resting = CALL
    job = make_job(json_url(receiver))
    await job.look()
    assert await AlertStates(store_of(setup)).claim(json_url(receiver), now=setup.clock.now())
    await job.send_due()
    await job.sent()
    assert receiver.requests == []
    setup.clock.advance(LEASE_SECONDS)
    await job.send_due()
    await job.sent()
    assert len(receiver.requests) == 1


async def test_a_limit_that_closes_is_told_in_words_without_the_number(
    setup: VerifierSetup, make_job: MakeJob, receiver: Receiver
) -> None:
    limits = ((Scope.COUNTRY, (Limit(count=1, seconds=3600),)),)
    setup.use_policy(replace(setup.verifier.policy, limits=limits))
    await setup.start(username="ada.lovelace")
    job = make_job(json_url(receiver))
    await job.look()
    await job.send_due()
    await job.sent()
    (body,) = receiver.bodies
    assert body["title"] == "verify.example.com: Calls and texts to US are refused"
    assert "SAYCODE_LIMIT_COUNTRY allows 1/1h. It opens again from 2027-01-15 09:00 UTC on." in body["message"]
    written = str(receiver.requests)
    for private in (NUMBER.e164, NUMBER.e164[-7:], NUMBER.masked, "lovelace"):
        assert private not in written


async def test_many_changes_at_once_are_one_message(
    setup: VerifierSetup, machine: Machine, make_job: MakeJob, receiver: Receiver
) -> None:
    machine.resting, machine.broken = frozenset(Channel), ("clock",)
    job = make_job(json_url(receiver))
    await job.look()
    await job.send_due()
    await job.sent()
    (body,) = receiver.bodies
    assert body["title"].endswith(f"and {len(Channel)} more")
    assert "The clock of a machine is wrong" in body["message"]
    assert len(await open_kinds(store_of(setup))) == len(Channel) + 1


async def test_only_the_targets_of_alerts_get_signed_events(
    setup: VerifierSetup, machine: Machine, make_job: MakeJob, receiver: Receiver
) -> None:
    target = await add_target(setup, receiver, ALERTS)
    await add_target(setup, receiver, BUILT_IN_SERVICE)
    await approve(setup)
    assert await sender_of(setup).send_due() == 1  # the application's own
    receiver.requests.clear()
    machine.resting = CALL
    job = make_job()
    await job.look()
    machine.resting = frozenset()
    setup.clock.advance(SETTLED_AFTER)
    await job.look()
    assert await sender_of(setup).send_due() == 2
    assert [body["type"] for body in receiver.bodies] == ["alert.opened", "alert.resolved"]
    assert receiver.bodies[0]["data"] == {
        "alert": "channel-rests",
        "scope": None,
        "service_sid": None,
        "country": None,
        "subject": "call",
        "rule": None,
        "until": None,
        "title": "Twilio takes no calls",
        "text": receiver.bodies[0]["data"]["text"],
    }
    assert target.secret not in str(receiver.requests)


async def test_messages_that_an_application_does_not_take_are_an_alert(
    setup: VerifierSetup, make_job: MakeJob, receiver: Receiver
) -> None:
    target = await add_target(setup, receiver)
    receiver.script = [500] * STUCK_TRIES
    await approve(setup)
    job = make_job()
    for delay in RETRY_DELAYS[:STUCK_TRIES]:
        assert not await job.look()
        await sender_of(setup).send_due()
        setup.clock.advance(delay)
    ((kind, subject),) = [(one.kind, one.subject) for one in (await job.look()).opened]
    assert (kind, subject) == (AlertKind.OUTBOX_STUCK, target.sid)


@pytest.mark.parametrize(
    ("component", "kind"), [("clock", AlertKind.CLOCK_WRONG), ("audit-log", AlertKind.AUDIT_LOG_BROKEN)]
)
async def test_a_component_that_is_not_well_is_an_alert(
    machine: Machine, make_job: MakeJob, component: str, kind: AlertKind
) -> None:
    machine.broken = (component,)
    assert [one.kind for one in (await make_job().look()).opened] == [kind]


async def test_writes_that_are_refused_for_a_moment_are_no_alert(machine: Machine, make_job: MakeJob) -> None:
    job = make_job()
    machine.broken = ("database",)
    for _ in range(PATIENCE - 1):
        assert not await job.look()
    assert [one.kind for one in (await job.look()).opened] == [AlertKind.WRITES_REFUSED]


async def test_a_disk_that_is_nearly_full_is_an_alert(
    setup: VerifierSetup, machine: Machine, make_job: MakeJob, tmp_path: Path
) -> None:
    job = make_job()
    reader: ConditionReader = replace(job.reader, file=tmp_path / "codes.db", low_disk=0)
    assert await reader.local() == []
    (condition,) = await replace(reader, low_disk=1 << 60).local()
    assert condition.kind is AlertKind.DISK_LOW


async def test_a_database_that_does_not_answer_is_told_without_it(
    setup: VerifierSetup, make_job: MakeJob, mail: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing can be claimed then: each worker tells it once, and once that it is over."""

    class Away:
        """A reader whose database is away."""

        store = store_of(setup)
        away = True

        async def read(self, *, now: float) -> list[object]:
            if self.away:
                raise Unavailable("no connection")
            return []

    job = make_job(mail.url)
    job.reader = reader = Away()  # type: ignore[assignment]
    for _ in range(PATIENCE + 3):
        await job.look()
        await job.sent()
    assert mail.subjects == ["verify.example.com: The database cannot be written"]
    reader.away = False
    await job.look()
    await job.sent()
    await job.look()
    await job.sent()
    assert mail.subjects[1:] == ["verify.example.com: Resolved: the database cannot be written"]


async def test_no_part_of_an_address_is_logged(
    machine: Machine,
    make_job: MakeJob,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.script = [500, 500]
    machine.resting = CALL
    address = json_url(receiver, "token-of-the-path?+X-Key=key-of-a-header").replace("//", "//ann:password-of-ann@")
    closed = "json://bob:password-of-bob@127.0.0.1:1/other-token"
    job = make_job(address, closed, "slack://", "nothing-known://third-token")
    await job.look()
    await job.send_due()
    await job.sent()
    ours = [record for record in caplog.records if not record.name.startswith("aiohttp")]  # the receiver's own
    written = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in ours)
    assert "1 (json)" in written
    assert "refused with status 500" in written
    for secret in ("token", "password-of", "key-of", "127.0.0.1:1"):
        assert secret not in written
    assert "password" not in repr(job)


async def test_the_job_runs_beside_requests_and_ends_with_a_target_that_hangs(
    machine: Machine, make_job: MakeJob, mail: MailServer
) -> None:
    machine.resting = CALL
    with silent_server() as hanging:
        job = make_job(hanging, mail.url)
        job.look_seconds = job.poll_seconds = 0.01
        running = asyncio.create_task(job.run_forever())
        async with asyncio.timeout(10):
            while not mail.mails:
                await asyncio.sleep(0.01)
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
    assert len(mail.mails) == 1
