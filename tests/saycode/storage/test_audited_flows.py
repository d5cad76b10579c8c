"""The audit log of whole flows: exactly these entries, with time, sids, result and source, and never a code."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from saycode.storage.audit_log import AuditEntry
from saycode.storage.store import SqlStore
from tests.support.records import NUMBER
from tests.support.verifier import CALL, SMS, VerifierSetup, open_verifier
from verification.counters.rules import Limit
from verification.errors import LimitReached, NumberSuppressed
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE
from verification.policy import DEFAULT_POLICY, SIGN_IN
from verification.types import Channel, DeliveryStatus, Scope

SOURCE = "192.0.2.7"
TWO_A_NUMBER = replace(DEFAULT_POLICY, limits=((Scope.NUMBER, (Limit(count=2, seconds=600),)),))


@pytest.fixture
async def setup(tmp_path: Path) -> AsyncIterator[VerifierSetup]:
    async with open_verifier(tmp_path / "codes.db") as setup:
        setup.use_policy(TWO_A_NUMBER)
        yield setup


async def start(setup: VerifierSetup, channel: Channel, *, service: str = BUILT_IN_SERVICE) -> str:
    request = StartRequest(
        username="ada",
        number=NUMBER,
        channel=channel,
        action=SIGN_IN,
        language="en-US",
        service=service,
        source=SOURCE,
    )
    return (await setup.verifier.start(request)).verification.sid


async def entries(setup: VerifierSetup) -> list[AuditEntry]:
    store = setup.verifier.store
    assert isinstance(store, SqlStore)
    return await store.query(lambda conn: list(store.audit_log.entries(conn)))


async def summary(setup: VerifierSetup) -> list[tuple[str, str, str]]:
    """Kind, result and actor; an actor with `/source` has a client address."""
    sid_or_limit = re.compile(r" VE[0-9a-f]{32}| [0-9]+/[0-9]+[smhd]")
    return [
        (entry.kind, sid_or_limit.sub("", entry.detail), entry.actor + ("/source" if entry.source else ""))
        for entry in await entries(setup)
    ]


async def test_start_send_fail_and_limit(setup: VerifierSetup) -> None:
    sid = await start(setup, SMS)
    code = setup.provider.texts[-1].code
    await setup.verifier.check(sid, "".join(str((int(digit) + 1) % 10) for digit in code))
    setup.workers.append(replace(setup.verifier, actor="SK1"))  # as the API does for its keys
    await start(setup, SMS, service="VA" + "1" * 32)
    setup.workers.pop()
    with pytest.raises(LimitReached):
        await start(setup, SMS)
    assert await summary(setup) == [
        ("started", "sign-in", "/source"),
        ("delivery", "sms planned", ""),
        ("delivery", "sms queued", ""),
        ("check-failed", "1", ""),
        ("started", "sign-in", "SK1/source"),
        ("delivery", "sms planned", "SK1"),
        ("delivery", "sms queued", "SK1"),
        ("start-refused", "limit number", "/source"),
    ]


async def test_a_call_with_its_gate_its_code_and_its_approval(setup: VerifierSetup) -> None:
    sid = await start(setup, CALL)
    delivery = setup.provider.calls[-1][0]
    await setup.verifier.on_status(delivery, provider_sid="CA1", status=DeliveryStatus.ANSWERED)
    await setup.call_webhook(delivery)
    await setup.call_webhook(delivery, "99")
    code = await setup.pass_gate(delivery)
    await setup.verifier.check(sid, code)
    assert await summary(setup) == [
        ("started", "sign-in", "/source"),
        ("delivery", "call planned", ""),
        ("delivery", "call queued", ""),
        ("delivery", "call answered", ""),
        ("gate-failed", "wrong keys", ""),
        ("code-said", "", ""),
        ("approved", "", ""),
    ]
    assert {entry.verification for entry in await entries(setup)} == {sid}
    assert {entry.delivery for entry in await entries(setup)} == {"", delivery}


async def test_a_report_a_stop_and_the_starts_that_they_forbid(setup: VerifierSetup) -> None:
    await start(setup, CALL)
    await setup.call_webhook(setup.provider.calls[-1][0])
    for digits in ("000", "*"):
        await setup.call_webhook(setup.provider.calls[-1][0], digits)
    await setup.verifier.handle_text(NUMBER, "STOP")
    with pytest.raises(NumberSuppressed):
        await start(setup, SMS)
    await setup.verifier.handle_text(NUMBER, "START")
    assert (await summary(setup))[3:] == [
        ("reported", "", "phone"),
        ("suppressed", NUMBER.masked, "text"),
        ("start-refused", "suppressed", "/source"),
        ("lifted", NUMBER.masked, "text"),
    ]


async def test_cancel_and_expire(setup: VerifierSetup) -> None:
    await setup.verifier.cancel(await start(setup, SMS))
    await start(setup, SMS)
    setup.clock.advance(301)
    await setup.verifier.expire_overdue()
    assert [entry.kind for entry in await entries(setup) if entry.kind != "delivery"] == [
        "started",
        "canceled",
        "started",
        "expired",
    ]


@pytest.mark.sqlite
async def test_no_entry_has_a_code_a_number_or_an_address(setup: VerifierSetup, tmp_path: Path) -> None:
    await start(setup, SMS)
    code = setup.provider.texts[-1].code
    await start(setup, CALL)
    await setup.pass_gate(setup.provider.calls[-1][0], provider_sid="CA2")
    text = "\n".join(map(repr, await entries(setup)))
    assert not re.search(f"{code}|{NUMBER.e164[1:]}|{re.escape(SOURCE)}|\\bada\\b", text)
    assert SOURCE.encode() not in (tmp_path / "codes.db").read_bytes()
