"""`saycode why` and `saycode unlock`: every refusal can be explained, and a stop can be lifted."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import pytest

from saycode.server.clock import randomness
from saycode.storage.queries import MAX_DENIALS
from saycode.testing import build_verifier
from tests.saycode.cli.test_main import GOOD, alone, run
from tests.support.engine import open_store
from tests.support.fakes import ManualClock, RecordingProvider
from tests.support.keys import KEY
from tests.support.records import wrong
from verification.counters.rules import Budget, Limit
from verification.errors import ChecksPaused, ChecksStopped, LimitReached
from verification.flow.refusals import RECORD_SECONDS
from verification.flow.start import StartRequest
from verification.models import BUILT_IN_SERVICE, Event
from verification.policy import SIGN_IN, Policy
from verification.types import Channel, Scope
from verification.values.phone_numbers import parse
from verification.verifier import Verifier

__all__ = ["alone"]
T = TypeVar("T")
SECRETS = (KEY.encode(),)
PHONE = "+14155550100"
RULES = Policy(
    repeat_spacing=(),
    limits=(
        (Scope.NUMBER, (Limit(count=5, seconds=600),)),
        (Scope.PREFIX, (Budget(count=1, percent=20, seconds=3600),)),
    ),
)


def in_service(work: Callable[[Verifier], Awaitable[T]], policy: Policy = RULES) -> tuple[T, list[Event]]:
    """Some work with a service on the database of the settings, and what it told."""
    told: list[Event] = []

    async def opened() -> T:
        async with open_store(Path("saycode.db"), secrets=SECRETS, on_events=told.extend) as store:
            verifier = build_verifier(
                store,
                provider=RecordingProvider(),
                clock=ManualClock(time.time()),
                randomness=randomness,
                policy=policy,
                secrets=SECRETS,
            )
            return await work(verifier)

    return asyncio.run(opened()), told


async def start(verifier: Verifier, number: str = PHONE) -> str:
    wanted = StartRequest(
        username="ann",
        number=parse(number),
        channel=Channel.SMS,
        action=SIGN_IN,
        language="en-US",
        service=BUILT_IN_SERVICE,
    )
    return (await verifier.start(wanted)).verification.sid


async def two_starts(verifier: Verifier) -> str:
    sid = await start(verifier, "+14155550101")
    await verifier.cancel(sid)
    with pytest.raises(LimitReached):
        await start(verifier)
    return sid


def test_a_refused_start_is_explained_with_every_rule_and_its_count() -> None:
    _, told = in_service(two_starts)
    (refused,) = [event for event in told if event.kind == "start-refused"]
    assert (refused.detail, refused.verification) == ("limit prefix", "")
    shown = run("why", refused.delivery, **GOOD)
    assert shown.exit_code == 0, shown.output
    assert "limit prefix 1/20%/1h" in shown.stdout
    assert "x unconfirmed prefix 1/20%/1h" in shown.stdout
    assert "1 of 1, for " in " ".join(shown.stdout.split())
    assert "number 5/10m 0 of 5" in " ".join(shown.stdout.split())
    assert "or with a larger SAYCODE_UNCONFIRMED_PREFIX." in shown.stdout
    assert PHONE not in shown.stdout


def test_refusals_of_a_number_are_printed_as_json_without_the_number() -> None:
    in_service(two_starts)
    shown = run("why", "--number", PHONE, "--json", **GOOD)
    (refusal,) = json.loads(shown.stdout)["refusals"]
    assert (refusal["reason"], refusal["watched"]) == ("limit prefix 1/20%/1h", False)
    (rule,) = [rule for rule in refusal["rules"] if rule["wait"]]
    assert (rule["rule"], rule["count"], rule["bound"]) == ("unconfirmed prefix 1/20%/1h", 1, 1)
    assert rule["wait"] == pytest.approx(3600, abs=62)
    assert PHONE[:-2] not in shown.stdout


def test_without_a_refusal_the_current_state_of_the_rules_is_shown() -> None:
    sid, _ = in_service(start)
    shown = " ".join(run("why", sid, **GOOD).stdout.split())
    assert shown.startswith("No refusal is on record. The current state of the rules:")
    assert "unconfirmed country of a service 300/125%/1h 0 of 300" in shown, (
        "a rule of the settings, for which nothing was counted"
    )
    assert "number 5/10m 1 of 5" in shown


def test_of_a_number_the_last_refusals_are_kept_and_no_more() -> None:
    async def hammer(verifier: Verifier) -> None:
        clock = verifier.clock
        assert isinstance(clock, ManualClock)
        await two_starts(verifier)
        for _ in range(MAX_DENIALS + 5):
            clock.advance(RECORD_SECONDS)
            with suppress(LimitReached):
                await start(verifier)

    in_service(hammer)
    assert len(json.loads(run("why", "--number", PHONE, "--json", **GOOD).stdout)["refusals"]) == MAX_DENIALS


async def guessed(verifier: Verifier) -> str:
    """Wrong codes until they stop, the last refusal among them."""
    clock, provider, sid = verifier.clock, verifier.provider, ""
    assert isinstance(clock, ManualClock)
    assert isinstance(provider, RecordingProvider)
    while True:
        try:
            sid = await start(verifier)
        except ChecksStopped:
            return sid
        with suppress(ChecksPaused):
            await verifier.check(sid, wrong(provider.texts[-1].code))
        clock.advance(3600)


@pytest.mark.parametrize("by", ["VE", "--account"])
def test_a_lockout_alerts_the_operator_once_and_one_command_ends_it(by: str) -> None:
    """2.2 A new code does not wash the slate: only a success or an operator clears it."""
    free = Policy(repeat_spacing=())
    sid, told = in_service(guessed, free)
    (alert,) = [event for event in told if event.kind == "alert"]
    assert (alert.detail, alert.verification) == ("50 wrong codes in a row, account: stopped", sid)
    shown = run("why", sid, **GOOD).stdout
    done = run("unlock", *([sid] if by == "VE" else [by, "Ann"]), "--json", **GOOD)
    assert json.loads(done.stdout) == {"forgotten": 100 if by == "VE" else 50}, done.output
    if by == "VE":
        in_service(start, free)
    assert "No refusal is on record" in shown, "the last check of this one was compared"


def test_ambiguous_arguments_are_refused() -> None:
    for arguments in (["why"], ["why", "VE1", "--number", PHONE], ["unlock", "--account", "ann", "--number", PHONE]):
        assert run(*arguments, **GOOD).exit_code == 2
    assert run("why", "--number", "0", **GOOD).exit_code == 2
    assert run("unlock", "VE" + "0" * 32, **GOOD).exit_code == 1
