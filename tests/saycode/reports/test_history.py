"""`saycode show`: the story of a verification, driven through the real service and read aloud.

The stories stand in tests/golden/stories as they are printed. After a change of words: `UPDATE_STORIES=1 pytest` writes
them anew; read them aloud before you keep them.
"""

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from saycode.reports.history import build_history, event_sentence
from tests.saycode.cli.test_main import GOOD, alone, run
from tests.support.records import NUMBER
from tests.support.verifier import CALL, SMS, Home, open_home
from verification.models import Event, EventKind
from verification.policy import LENIENT_POLICY
from verification.ports import ByVerification
from verification.types import Channel, DeliveryStatus

__all__ = ["alone"]
GOLDEN = Path(__file__).parents[2] / "golden" / "stories"
Flow = Callable[[Home], Awaitable[str]]


async def said(home: Home, status: DeliveryStatus, after: float = 1, error: int | None = None) -> None:
    """Twilio reports a step of the last call or text."""
    home.clock.advance(after)
    delivery, sid = (
        (home.provider.calls[-1][0], f"CA{home.provider.asked}")
        if not home.provider.texts
        else (home.provider.texts[-1].delivery, f"SM{home.provider.asked}")
    )
    await home.verifier.on_status(delivery, provider_sid=sid, status=status, error=error)


async def answered(home: Home, *, rings: float) -> tuple[str, str]:
    """Ring for so long, and be answered: the verification and the delivery."""
    sid = (await home.start(CALL)).verification.sid
    delivery = home.provider.calls[-1][0]
    await said(home, DeliveryStatus.RINGING, 2)
    await said(home, DeliveryStatus.ANSWERED, rings)
    return sid, delivery


async def hung_up_before_the_code(home: Home) -> str:
    sid, delivery = await answered(home, rings=22)
    await home.hear(delivery)
    home.clock.advance(8)
    await home.hear(delivery, "99")
    await said(home, DeliveryStatus.COMPLETED, 4)
    home.clock.advance(300)
    await home.verifier.sweep()
    return sid


async def pressed_wrong_keys_twice(home: Home) -> str:
    sid, delivery = await answered(home, rings=22)
    await home.hear(delivery)
    for _ in range(2):
        home.clock.advance(6)
        await home.hear(delivery, "99")
    await said(home, DeliveryStatus.COMPLETED, 3)
    home.clock.advance(300)
    await home.verifier.sweep()
    return sid


async def approved_after_hearing_it_again(home: Home) -> str:
    sid, delivery = await answered(home, rings=5)
    code = await home.pass_the_gate(delivery)
    home.clock.advance(9)
    await home.hear(delivery, "1")
    home.clock.advance(9)
    await home.hear(delivery, "")
    await said(home, DeliveryStatus.COMPLETED, 2)
    home.clock.advance(10)
    await home.verifier.check(sid, code)
    return sid


async def mistyped_and_then_right(home: Home) -> str:
    home.under(LENIENT_POLICY)
    sid, code = await home.texted_code()
    await said(home, DeliveryStatus.SENT)
    await said(home, DeliveryStatus.DELIVERED, 3)
    for _ in range(2):
        home.clock.advance(10)
        await home.verifier.check(sid, "".join(str((int(digit) + 3) % 10) for digit in code))
    home.clock.advance(10)
    await home.verifier.check(sid, code)
    return sid


async def busy_and_then_a_text_that_never_came(home: Home) -> str:
    sid = (await home.start(CALL)).verification.sid
    await said(home, DeliveryStatus.BUSY, 4)
    home.clock.advance(31)
    await home.verifier.resend(sid, Channel.SMS)
    await said(home, DeliveryStatus.UNDELIVERED, 20, 30003)
    home.clock.advance(300)
    await home.verifier.sweep()
    return sid


async def reported(home: Home) -> str:
    sid, delivery = await answered(home, rings=9)
    await home.hear(delivery)
    home.clock.advance(5)
    await home.hear(delivery, "0")
    await said(home, DeliveryStatus.COMPLETED)
    return sid


async def never_again(home: Home) -> str:
    sid, delivery = await answered(home, rings=9)
    await home.pass_the_gate(delivery)
    home.clock.advance(12)
    await home.hear(delivery, "")
    await home.hear(delivery, "9")
    await said(home, DeliveryStatus.COMPLETED)
    return sid


async def begun_anew(home: Home) -> str:
    sid, delivery = await answered(home, rings=3)
    await home.hear(delivery)
    home.clock.advance(2)
    await said(home, DeliveryStatus.COMPLETED)
    home.clock.advance(60)
    await home.start(SMS)
    return sid


STORIES: list[Flow] = [
    hung_up_before_the_code,
    pressed_wrong_keys_twice,
    approved_after_hearing_it_again,
    mistyped_and_then_right,
    busy_and_then_a_text_that_never_came,
    reported,
    never_again,
    begun_anew,
]


@pytest.mark.parametrize("flow", STORIES, ids=lambda flow: flow.__name__)
async def test_the_story_is_told_as_it_happened(flow: Flow, tmp_path: Path) -> None:
    async with open_home(tmp_path / "codes.db") as home:
        sid = await flow(home)
        story = build_history(
            await home.verifier.store.read(ByVerification(sid)), await home.verifier.store.events(sid)
        )
    began = story.moments[0].at
    printed = [story.about, *(f"{moment.at - began:6.0f} s  {moment.said}" for moment in story.moments), story.summary]
    golden = GOLDEN / f"{flow.__name__}.txt"
    if os.environ.get("UPDATE_STORIES"):
        golden.write_text("\n".join(printed) + "\n", encoding="utf-8")
    assert "\n".join(printed) + "\n" == golden.read_text(encoding="utf-8")
    assert NUMBER.e164[-5:] not in "".join(printed)


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_is_a_sentence(kind: EventKind) -> None:
    told = event_sentence(Event(kind=kind, at=1, detail="call queued"))
    assert re.fullmatch(r"[A-Z].*", told)


def test_a_refusal_says_which_limit_and_no_sid() -> None:
    refused = Event(kind=EventKind.START_REFUSED, at=1, detail=f"limit number 5/10m VE{1:032x}")
    assert event_sentence(refused) == "A call or text was refused: a limit was reached (number 5/10m)."


def test_the_command_prints_it_for_people_and_for_programs(tmp_path: Path) -> None:
    sid = _filled(tmp_path)
    shown = run("show", sid, **GOOD)
    assert (shown.exit_code, shown.stderr) == (0, "")
    first, *_, last = shown.stdout.splitlines()
    assert first == f"{sid}: sign in of ada with the phone {NUMBER.masked}"
    assert last.startswith("In short: The call rang 22 s and was answered: wrong keys once, hung up before the code.")
    found = json.loads(run("show", sid, "--json", **GOOD).stdout)
    assert (found["status"], found["deliveries"][0]["carrier_sid"]) == ("expired", "CA1")
    assert found["story"][0]["said"] == "It was begun, for sign in."


def test_nothing_is_known_of_a_sid_that_never_was(tmp_path: Path) -> None:
    _filled(tmp_path)
    unknown = run("show", "VE0", **GOOD)
    assert (unknown.exit_code, unknown.stderr) == (1, "Error: nothing is known about VE0\n")


def test_once_the_details_are_gone_the_trail_still_tells_what_happened_and_not_to_whom(tmp_path: Path) -> None:
    sid = _filled(tmp_path)
    run("numbers", "erase", NUMBER.e164, **GOOD)
    shown = run("show", sid, **GOOD).stdout
    assert "The wrong keys were pressed." in shown
    assert "ada" not in shown
    assert shown.splitlines()[-1] == "In short: Who it was is no longer kept."


def _filled(tmp_path: Path) -> str:
    async def fill() -> str:
        async with AsyncExitStack() as stack:
            home = Home(tmp_path / "saycode.db", stack, secrets=(b"k" * 32,))
            await home.open()
            return await hung_up_before_the_code(home)

    return asyncio.run(fill())
