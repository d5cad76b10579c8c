"""`saycode show`: the history of a verification, driven through the real verifier.

The printed histories are in tests/golden/stories. After a change of words `UPDATE_STORIES=1 pytest` writes them again;
read them before you keep them.
"""

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from saycode.reports.history import build_history, event_sentence
from tests.saycode.cli.test_main import GOOD, alone, run
from tests.support.engine import open_store
from tests.support.keys import KEY
from tests.support.records import NUMBER
from tests.support.store import OTHER_NUMBER, delivery, event, put, verification
from tests.support.verifier import CALL, SMS, VerifierSetup, open_verifier
from verification.models import BUILT_IN_SERVICE, Event, EventKind
from verification.policy import LENIENT_POLICY
from verification.ports import ByVerification
from verification.types import Channel, DeliveryStatus
from verification.values.phone_numbers import PhoneNumber, account_of_number
from verification.values.references import reference, sids

__all__ = ["alone"]
GOLDEN = Path(__file__).parents[2] / "golden" / "stories"
Flow = Callable[[VerifierSetup], Awaitable[str]]


async def report_status(
    setup: VerifierSetup, status: DeliveryStatus, after: float = 1, error: int | None = None
) -> None:
    """Twilio reports a step of the last call or text."""
    setup.clock.advance(after)
    delivery, sid = (
        (setup.provider.calls[-1][0], f"CA{setup.provider.asked}")
        if not setup.provider.texts
        else (setup.provider.texts[-1].delivery, f"SM{setup.provider.asked}")
    )
    await setup.verifier.on_status(delivery, provider_sid=sid, status=status, error=error)


async def answered(setup: VerifierSetup, *, rings: float) -> tuple[str, str]:
    """Ring for so long, and be answered: the verification and the delivery."""
    sid = (await setup.start(CALL)).verification.sid
    delivery = setup.provider.calls[-1][0]
    await report_status(setup, DeliveryStatus.RINGING, 2)
    await report_status(setup, DeliveryStatus.ANSWERED, rings)
    return sid, delivery


async def hung_up_before_the_code(setup: VerifierSetup) -> str:
    sid, delivery = await answered(setup, rings=22)
    await setup.call_webhook(delivery)
    setup.clock.advance(8)
    await setup.call_webhook(delivery, "112")
    await report_status(setup, DeliveryStatus.COMPLETED, 4)
    setup.clock.advance(300)
    await setup.verifier.expire_overdue()
    return sid


async def pressed_wrong_keys_twice(setup: VerifierSetup) -> str:
    sid, delivery = await answered(setup, rings=22)
    await setup.call_webhook(delivery)
    for _ in range(2):
        setup.clock.advance(6)
        await setup.call_webhook(delivery, "112")
    await report_status(setup, DeliveryStatus.COMPLETED, 3)
    setup.clock.advance(300)
    await setup.verifier.expire_overdue()
    return sid


async def approved_after_hearing_it_again(setup: VerifierSetup) -> str:
    sid, delivery = await answered(setup, rings=5)
    code = await setup.pass_gate(delivery)
    setup.clock.advance(9)
    await setup.call_webhook(delivery, "")
    await setup.call_webhook(delivery, "1")
    setup.clock.advance(9)
    await setup.call_webhook(delivery, "")
    await report_status(setup, DeliveryStatus.COMPLETED, 2)
    setup.clock.advance(10)
    await setup.verifier.check(sid, code)
    return sid


async def mistyped_and_then_right(setup: VerifierSetup) -> str:
    setup.use_policy(LENIENT_POLICY)
    sid, code = await setup.texted_code()
    await report_status(setup, DeliveryStatus.SENT)
    await report_status(setup, DeliveryStatus.DELIVERED, 3)
    for _ in range(2):
        setup.clock.advance(10)
        await setup.verifier.check(sid, "".join(str((int(digit) + 3) % 10) for digit in code))
    setup.clock.advance(10)
    await setup.verifier.check(sid, code)
    return sid


async def busy_and_then_a_text_that_never_came(setup: VerifierSetup) -> str:
    sid = (await setup.start(CALL)).verification.sid
    await report_status(setup, DeliveryStatus.BUSY, 4)
    setup.clock.advance(31)
    await setup.verifier.resend(sid, Channel.SMS)
    await report_status(setup, DeliveryStatus.UNDELIVERED, 20, 30003)
    setup.clock.advance(300)
    await setup.verifier.expire_overdue()
    return sid


async def reported(setup: VerifierSetup) -> str:
    sid, delivery = await answered(setup, rings=9)
    await setup.call_webhook(delivery)
    setup.clock.advance(5)
    for digits in ("000", "*"):
        await setup.call_webhook(delivery, digits)
    await report_status(setup, DeliveryStatus.COMPLETED)
    return sid


async def never_again(setup: VerifierSetup) -> str:
    sid, delivery = await answered(setup, rings=9)
    await setup.pass_gate(delivery)
    setup.clock.advance(12)
    for digits in ("", "0", "9", "*"):
        await setup.call_webhook(delivery, digits)
    await report_status(setup, DeliveryStatus.COMPLETED)
    return sid


async def started_again(setup: VerifierSetup) -> str:
    sid, delivery = await answered(setup, rings=3)
    await setup.call_webhook(delivery)
    setup.clock.advance(2)
    await report_status(setup, DeliveryStatus.COMPLETED)
    setup.clock.advance(60)
    await setup.start(SMS)
    return sid


STORIES: list[Flow] = [
    hung_up_before_the_code,
    pressed_wrong_keys_twice,
    approved_after_hearing_it_again,
    mistyped_and_then_right,
    busy_and_then_a_text_that_never_came,
    reported,
    never_again,
    started_again,
]


@pytest.mark.parametrize("flow", STORIES, ids=lambda flow: flow.__name__)
async def test_the_history_has_every_event_in_order(flow: Flow, tmp_path: Path) -> None:
    async with open_verifier(tmp_path / "codes.db") as setup:
        sid = await flow(setup)
        history = build_history(
            await setup.verifier.store.read(ByVerification(sid)), await setup.verifier.store.events(sid)
        )
    began = history.lines[0].at
    lines = (f"{line.at - began:6.0f} s  {line.text}" for line in history.lines)
    printed = [history.about, *lines, history.summary]
    golden = GOLDEN / f"{flow.__name__}.txt"
    if os.environ.get("UPDATE_STORIES"):
        golden.write_text("\n".join(printed) + "\n", encoding="utf-8")
    assert "\n".join(printed) + "\n" == golden.read_text(encoding="utf-8")
    assert NUMBER.e164[-5:] not in "".join(printed)


@pytest.mark.parametrize(
    ("kind", "detail", "sentence"),
    [
        (EventKind.PERSON_LOOKED_UP, "•••• 23", "Operator McNeil looked it up in the console."),
        (EventKind.OPERATOR_SIGNED_IN, "help-desk", "Operator McNeil signed in to the console, as help desk."),
        (EventKind.LIFTED, "•••• 23", "Operator McNeil allowed calls to the number again."),
        (
            EventKind.LIFTED,
            "wrong codes, number",
            "Operator McNeil ended the lockout: wrong codes no longer count.",
        ),
    ],
)
def test_what_an_operator_did_has_the_name(kind: EventKind, detail: str, sentence: str) -> None:
    event = Event(kind=kind, at=0, detail=detail, actor="operator McNeil")
    assert event_sentence(event) == sentence


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_is_a_sentence(kind: EventKind) -> None:
    sentence = event_sentence(Event(kind=kind, at=1, detail="call queued"))
    assert re.fullmatch(r"[A-Z].*", sentence)


def test_a_refusal_says_which_limit_and_no_sid() -> None:
    refused = Event(kind=EventKind.START_REFUSED, at=1, detail=f"limit number 5/10m VE{1:032x}")
    assert event_sentence(refused) == "A call or text was refused: a limit was reached (number 5/10m)."


def test_the_command_prints_text_and_json(tmp_path: Path) -> None:
    sid = _filled(tmp_path)
    shown = run("show", sid, **GOOD)
    assert (shown.exit_code, shown.stderr) == (0, "")
    first, *_, last = shown.stdout.splitlines()
    assert first == f"{sid}: sign in of ada with the phone {NUMBER.masked}"
    assert last.startswith("In short: The call rang 22 s and was answered: wrong keys once, hung up before the code.")
    found = json.loads(run("show", sid, "--json", **GOOD).stdout)
    assert (found["status"], found["deliveries"][0]["carrier_sid"]) == ("expired", "CA1")
    assert found["story"][0]["said"] == "It was started, for sign in."


def shown_sids(*arguments: str) -> list[str]:
    """The sids that `show` lists, as JSON and as text alike."""
    listed = json.loads(run("show", *arguments, "--json", **GOOD).stdout)["verifications"]
    sids = [report["verification"] for report in listed]
    text = run("show", *arguments, **GOOD).stdout
    assert re.findall(r"^\S+Z  (VE[0-9a-f]+): ", text, re.MULTILINE) == sids
    assert NUMBER.e164[-5:] not in text
    return sids


def several(tmp_path: Path, count: int) -> None:
    """So many verifications of two people, two services and two numbers, the highest number last."""

    async def fill() -> None:
        async with open_store(tmp_path / "saycode.db", secrets=(KEY.encode(),)) as store:
            for n in range(1, count + 1):
                person: dict[str, Any] = {"username": "Ada", "account": "ada"} if n % 2 else {}
                if n % 3 == 0:
                    person["service"] = "VA1"
                number = NUMBER if n % 4 else OTHER_NUMBER
                record = verification(n, number=number, **{"service": BUILT_IN_SERVICE, "account": "bob"} | person)
                await put(store, verifications=(record,), deliveries=(delivery(n, of=n),), events=(event(n),))

    asyncio.run(fill())


def test_show_lists_the_verifications_of_a_number_newest_first(tmp_path: Path) -> None:
    several(tmp_path, 9)
    assert shown_sids(OTHER_NUMBER.e164) == [f"VE{n:032x}" for n in (8, 4)]
    assert shown_sids("+44 20 7946 0123") == shown_sids(OTHER_NUMBER.e164)
    assert len(shown_sids(NUMBER.e164)) == 7
    assert f"the phone {NUMBER.masked}" in run("show", NUMBER.e164, **GOOD).stdout


def test_show_finds_a_number_in_each_of_its_forms(tmp_path: Path) -> None:
    written, dialed = PhoneNumber("+541123456789", "AR"), PhoneNumber("+5491123456789", "AR")

    async def fill() -> None:
        async with open_store(tmp_path / "saycode.db", secrets=(KEY.encode(),)) as store:
            await put(store, verifications=(verification(1, number=written), verification(2, number=dialed)))

    asyncio.run(fill())
    assert shown_sids(written.e164) == shown_sids(dialed.e164) == [f"VE{n:032x}" for n in (2, 1)]


def test_a_verification_without_a_user_name_is_shown_with_its_phone_only(tmp_path: Path) -> None:
    async def fill() -> None:
        async with open_store(tmp_path / "saycode.db", secrets=(KEY.encode(),)) as store:
            await put(store, verifications=(verification(1, username="", account=account_of_number(NUMBER)),))

    asyncio.run(fill())
    assert f": sign in with the phone {NUMBER.masked}\n" in run("show", **GOOD).stdout


def test_show_lists_the_verifications_of_an_account_in_its_service(tmp_path: Path) -> None:
    several(tmp_path, 9)
    assert shown_sids("--account", "ADA") == [f"VE{n:032x}" for n in (7, 5, 1)]
    assert shown_sids("--account", "ada", "--service", "VA1") == [f"VE{n:032x}" for n in (9, 3)]


def test_show_alone_lists_the_last_twenty(tmp_path: Path) -> None:
    several(tmp_path, 23)
    assert shown_sids() == [f"VE{n:032x}" for n in range(23, 3, -1)]


def test_each_listed_verification_has_its_summary(tmp_path: Path) -> None:
    sid = _filled(tmp_path)
    first, second = run("show", **GOOD).stdout.splitlines()
    assert f"{sid}: sign in of ada with the phone {NUMBER.masked}" in first
    assert second.strip().startswith("The call rang 22 s and was answered: wrong keys once")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((OTHER_NUMBER.e164,), 1, f"nothing is known about {OTHER_NUMBER.masked}"),
        (("--account", "zoe"), 1, "nothing is known about zoe"),
        (("--account", ""), 1, "nothing is known about"),
        (("",), 2, "a number must be in E.164"),
        (("555-0100",), 2, "a number must be in E.164"),
        ((NUMBER.e164, "--account", "ada"), 2, "Give only one of"),
        (("9999-9998",), 1, "nothing is known about 9999-9998"),
    ],
)
def test_a_subject_that_is_not_found_or_not_clear_is_an_error(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    _filled(tmp_path)
    stopped = run("show", *arguments, **GOOD)
    assert (stopped.exit_code, stopped.stdout) == (code, "")
    assert said in stopped.stderr


def test_a_number_may_stand_in_place_of_a_sid_in_why_and_unlock(tmp_path: Path) -> None:
    _filled(tmp_path)
    for command in ("why", "unlock"):
        by_place, by_name = run(command, NUMBER.e164, **GOOD), run(command, "--number", NUMBER.e164, **GOOD)
        assert (by_place.exit_code, by_place.stdout) == (0, by_name.stdout), command


@pytest.mark.parametrize("command", ["why", "unlock"])
@pytest.mark.parametrize("subject", ["555-0100", "ada", "SK1"])
def test_what_is_no_sid_no_reference_and_no_number_is_refused(tmp_path: Path, command: str, subject: str) -> None:
    _filled(tmp_path)
    stopped = run(command, subject, **GOOD)
    assert (stopped.exit_code, stopped.stdout) == (2, "")
    assert "a number must be in E.164" in stopped.stderr


@pytest.mark.parametrize("spelling", [0, 1, 2, 3], ids=("plain", "spoken", "dashed", "arabic"))
def test_a_reference_may_stand_in_place_of_a_sid(tmp_path: Path, spelling: int) -> None:
    sid = _filled(tmp_path)
    digits = reference(sid)
    arabic = digits.translate({ord("0") + n: chr(0x660 + n) for n in range(10)})
    typed = (digits, ", ".join(digits), f"{digits[:4]}-{digits[4:]}", arabic)[spelling]
    for command in ("show", "why", "unlock"):
        by_reference, by_sid = run(command, typed, **GOOD), run(command, sid, **GOOD)
        assert (by_reference.exit_code, by_reference.stdout) == (0, by_sid.stdout), command
    assert run("show", typed, "--json", **GOOD).stdout == run("show", sid, "--json", **GOOD).stdout


def test_show_lists_the_verifications_that_share_a_reference(tmp_path: Path) -> None:
    several(tmp_path, 3)
    assert shown_sids("0000 0000") == [f"VE{n:032x}" for n in (3, 2, 1)]


def test_eight_digits_that_may_be_a_number_are_looked_for_as_both(tmp_path: Path) -> None:
    norway = GOOD | {"SAYCODE_COUNTRIES": "NO"}
    number = PhoneNumber("+4721234567", "NO")
    rows = (
        verification(1, number=number, sid=f"VE{1:032x}"),
        verification(2, sid=sids("21234567")[0]),
        verification(3),
    )

    async def fill() -> None:
        async with open_store(tmp_path / "saycode.db", secrets=(KEY.encode(),)) as store:
            await put(store, verifications=rows)

    asyncio.run(fill())
    listed = json.loads(run("show", "21 23 45 67", "--json", **norway).stdout)["verifications"]
    assert [report["verification"] for report in listed] == [rows[1].sid, rows[0].sid]


def test_a_reference_finds_what_the_audit_log_still_has(tmp_path: Path) -> None:
    sid = _filled(tmp_path)
    run("numbers", "erase", NUMBER.e164, **GOOD)
    assert run("show", reference(sid), **GOOD).stdout == run("show", sid, **GOOD).stdout
    assert "The wrong keys were pressed." in run("show", reference(sid), **GOOD).stdout


def test_the_reference_of_a_call_shows_its_verification_before_and_after_the_deletion(tmp_path: Path) -> None:
    sid = _filled(tmp_path)
    call = json.loads(run("show", sid, "--json", **GOOD).stdout)["deliveries"][0]["delivery"]
    assert run("show", reference(call), **GOOD).stdout == run("show", sid, **GOOD).stdout
    run("numbers", "erase", NUMBER.e164, **GOOD)
    assert run("show", reference(call), **GOOD).stdout == run("show", sid, **GOOD).stdout


def test_an_unknown_sid_is_an_error(tmp_path: Path) -> None:
    _filled(tmp_path)
    unknown = run("show", "VE0", **GOOD)
    assert (unknown.exit_code, unknown.stderr) == (1, "Error: nothing is known about VE0\n")


def test_after_the_deletion_of_details_the_audit_log_still_shows_the_events_without_the_user(tmp_path: Path) -> None:
    sid = _filled(tmp_path)
    run("numbers", "erase", NUMBER.e164, **GOOD)
    shown = run("show", sid, **GOOD).stdout
    assert "The wrong keys were pressed." in shown
    assert "ada" not in shown
    assert shown.splitlines()[-1] == "In short: The user is no longer known."


def _filled(tmp_path: Path) -> str:
    async def fill() -> str:
        async with AsyncExitStack() as stack:
            setup = VerifierSetup(tmp_path / "saycode.db", stack, secrets=(KEY.encode(),))
            await setup.open()
            return await hung_up_before_the_code(setup)

    return asyncio.run(fill())
