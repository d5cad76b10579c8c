"""The audit trail of whole flows: exactly these lines, each with its time, ids, result and source, and never a code."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from saycode.storage.audit_log import AuditEntry
from saycode.storage.store import SqliteStore
from tests.support.records import NUMBER
from tests.support.verifier import CALL, SMS, Home, open_home
from verification.acting import ActingStore
from verification.counters.rules import Limit
from verification.errors import LimitReached, NumberSuppressed
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE
from verification.policy import DEFAULT_POLICY, SIGN_IN
from verification.types import Channel, DeliveryStatus, Scope

SOURCE = "192.0.2.7"
ONE = replace(DEFAULT_POLICY, limits=((Scope.NUMBER, (Limit(count=2, seconds=600),)),))


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        home.under(ONE)
        yield home


async def start(home: Home, channel: Channel, *, service: str = BUILT_IN_SERVICE) -> str:
    wanted = StartRequest(
        username="ada",
        number=NUMBER,
        channel=channel,
        action=SIGN_IN,
        language="en-US",
        service=service,
        source=SOURCE,
    )
    return (await home.verifier.start(wanted)).verification.sid


def lines(home: Home) -> list[AuditEntry]:
    store = home.verifier.store
    assert isinstance(store, SqliteStore)
    return store.ask(lambda conn: list(store.trail.lines(conn)))


def told(home: Home) -> list[tuple[str, str, str]]:
    """Kind, result and who, where something came from behind a slash."""
    plain = re.compile(r" VE[0-9a-f]{32}| [0-9]+/[0-9]+[smhd]")  # which limit is `saycode why`'s to say
    return [
        (line.kind, plain.sub("", line.detail), line.actor + ("/source" if line.source else "")) for line in lines(home)
    ]


async def test_start_send_fail_and_limit(home: Home) -> None:
    sid = await start(home, SMS)
    code = home.provider.texts[-1].code
    await home.verifier.check(sid, "".join(str((int(digit) + 1) % 10) for digit in code))
    page = home.verifier
    home.workers.append(replace(page, store=ActingStore(page.store, "SK1")))  # as the API does for its keys
    await start(home, SMS, service="VA" + "1" * 32)
    home.workers.pop()
    with pytest.raises(LimitReached):
        await start(home, SMS)
    assert told(home) == [
        ("started", "sign-in", "/source"),
        ("delivery", "sms planned", ""),
        ("delivery", "sms queued", ""),
        ("check-failed", "1", ""),
        ("started", "sign-in", "SK1/source"),
        ("delivery", "sms planned", "SK1"),
        ("delivery", "sms queued", "SK1"),
        ("start-refused", "limit number", "/source"),
    ]


async def test_a_call_its_gate_its_code_and_its_confirmation(home: Home) -> None:
    sid = await start(home, CALL)
    delivery = home.provider.calls[-1][0]
    await home.verifier.on_status(delivery, provider_sid="CA1", status=DeliveryStatus.ANSWERED)
    await home.hear(delivery)
    await home.hear(delivery, "99")
    code = await home.pass_the_gate(delivery)
    await home.verifier.check(sid, code)
    assert told(home) == [
        ("started", "sign-in", "/source"),
        ("delivery", "call planned", ""),
        ("delivery", "call queued", ""),
        ("delivery", "call answered", ""),
        ("gate-failed", "wrong keys", ""),
        ("code-said", "", ""),
        ("approved", "", ""),
    ]
    assert {line.verification for line in lines(home)} == {sid}
    assert {line.delivery for line in lines(home)} == {"", delivery}


async def test_report_stop_and_what_they_forbid(home: Home) -> None:
    await start(home, CALL)
    await home.hear(home.provider.calls[-1][0])
    await home.hear(home.provider.calls[-1][0], "0")
    await home.verifier.handle_text(NUMBER, "STOP")
    with pytest.raises(NumberSuppressed):
        await start(home, SMS)
    await home.verifier.handle_text(NUMBER, "START")
    assert told(home)[3:] == [
        ("reported", "", "phone"),
        ("suppressed", NUMBER.masked, "text"),
        ("start-refused", "suppressed", "/source"),
        ("lifted", NUMBER.masked, "text"),
    ]


async def test_cancel_and_time_out(home: Home) -> None:
    await home.verifier.cancel(await start(home, SMS))
    await start(home, SMS)
    home.clock.advance(301)
    await home.verifier.sweep()
    assert [line.kind for line in lines(home) if line.kind != "delivery"] == [
        "started",
        "canceled",
        "started",
        "expired",
    ]


async def test_no_line_has_a_code_a_number_or_an_address(home: Home, tmp_path: Path) -> None:
    await start(home, SMS)
    code = home.provider.texts[-1].code
    await start(home, CALL)
    await home.pass_the_gate(home.provider.calls[-1][0], provider_sid="CA2")
    text = "\n".join(map(repr, lines(home)))
    assert not re.search(f"{code}|{NUMBER.e164[1:]}|{re.escape(SOURCE)}|\\bada\\b", text)
    assert SOURCE.encode() not in (tmp_path / "codes.db").read_bytes()
