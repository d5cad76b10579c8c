"""The audit trail of whole flows: exactly these lines, each with its time, ids, result and source, and never a code."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from saycode.table import SqliteTable
from saycode.trail import Line
from tests.cases import NUMBER
from tests.home import CALL, SMS, Home, open_home
from verification.acting import ActingTable
from verification.errors import LimitReached, NumberSuppressed
from verification.limits import Limit, Scope
from verification.making import Wanted
from verification.policy import SEED
from verification.records import BUILT_IN_SERVICE, SIGN_IN
from verification.states import Channel, DeliveryStatus

SOURCE = "192.0.2.7"
ONE = replace(SEED, limits=((Scope.NUMBER, (Limit(count=2, seconds=600),)),))


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with open_home(tmp_path / "codes.db") as home:
        home.under(ONE)
        yield home


async def start(home: Home, channel: Channel, *, service: str = BUILT_IN_SERVICE) -> str:
    wanted = Wanted(
        username="ada",
        number=NUMBER,
        channel=channel,
        action=SIGN_IN,
        language="en-US",
        service=service,
        source=SOURCE,
    )
    return (await home.service.start(wanted)).verification.sid


def lines(home: Home) -> list[Line]:
    table = home.service.table
    assert isinstance(table, SqliteTable)
    return table.ask(lambda conn: list(table.trail.lines(conn)))


def told(home: Home) -> list[tuple[str, str, str]]:
    """Kind, result and who, where something came from behind a slash."""
    plain = re.compile(r" VE[0-9a-f]{32}| [0-9]+/[0-9]+[smhd]")  # which limit is `saycode why`'s to say
    return [
        (line.kind, plain.sub("", line.detail), line.actor + ("/source" if line.source else "")) for line in lines(home)
    ]


async def test_start_send_fail_and_limit(home: Home) -> None:
    sid = await start(home, SMS)
    code = home.carrier.texts[-1].code
    await home.service.check(sid, "".join(str((int(digit) + 1) % 10) for digit in code))
    page = home.service
    home.workers.append(replace(page, table=ActingTable(page.table, "SK1")))  # as the API does for its keys
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
    delivery = home.carrier.calls[-1][0]
    await home.service.carrier_said(delivery, carrier_sid="CA1", status=DeliveryStatus.ANSWERED)
    await home.hear(delivery)
    await home.hear(delivery, "99")
    code = await home.pass_the_gate(delivery)
    await home.service.check(sid, code)
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
    await home.hear(home.carrier.calls[-1][0])
    await home.hear(home.carrier.calls[-1][0], "0")
    await home.service.texted(NUMBER, "STOP")
    with pytest.raises(NumberSuppressed):
        await start(home, SMS)
    await home.service.texted(NUMBER, "START")
    assert told(home)[3:] == [
        ("reported", "", "phone"),
        ("suppressed", NUMBER.masked, "text"),
        ("start-refused", "suppressed", "/source"),
        ("lifted", NUMBER.masked, "text"),
    ]


async def test_cancel_and_time_out(home: Home) -> None:
    await home.service.cancel(await start(home, SMS))
    await start(home, SMS)
    home.clock.advance(301)
    await home.service.sweep()
    assert [line.kind for line in lines(home) if line.kind != "delivery"] == [
        "started",
        "canceled",
        "started",
        "expired",
    ]


async def test_no_line_has_a_code_a_number_or_an_address(home: Home, tmp_path: Path) -> None:
    await start(home, SMS)
    code = home.carrier.texts[-1].code
    await start(home, CALL)
    await home.pass_the_gate(home.carrier.calls[-1][0], carrier_sid="CA2")
    text = "\n".join(map(repr, lines(home)))
    assert not re.search(f"{code}|{NUMBER.e164[1:]}|{re.escape(SOURCE)}|\\bada\\b", text)
    assert SOURCE.encode() not in (tmp_path / "codes.db").read_bytes()
