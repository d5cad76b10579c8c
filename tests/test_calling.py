"""The webhooks of a call: whose they are, what they may hear, and what a key does beside the talk."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from tests.cases import CALL, CODE, KEYS, LIFETIME, NOW, NUMBER, PENDING, TEXT, after, ended, planned
from verification.call import AskForKeys, End, Ending, Heard, OfferMenu, ReadCode
from verification.calling import Moment, Said, turn
from verification.codes import KeyRing
from verification.counted import Counted
from verification.counts import Nothing
from verification.errors import NotFound
from verification.limits import Limit, Scope, Who
from verification.policy import SEED, Keypress, Policy
from verification.ports import Decision
from verification.records import Case, EventKind, Pause, Progress, Stage
from verification.states import Channel, DeliveryStatus, VerificationStatus

MENU = replace(CALL, stage=Stage.MENU, progress=Progress.READING)
SPARE = replace(planned(Channel.SMS, sid="VL7"), verification="")
FINAL = [status for status in VerificationStatus if status.final]
LATER = NOW + 30


def hear(
    case: Case,
    heard: Heard = Heard.KEYS,
    digits: str = "",
    *,
    delivery: str = "VL1",
    carrier_sid: str = "CA1",
    now: float = LATER,
    policy: Policy = SEED,
    keys: KeyRing = KEYS,
) -> Decision[Said]:
    moment = Moment(
        delivery=delivery, carrier_sid=carrier_sid, heard=heard, digits=digits, spare=lambda: SPARE, now=now
    )
    return turn(case, moment, keys=keys, policy=policy)


class Full(Nothing):
    """Counts in which everybody has just sent."""

    def of(self, *people: Who) -> list[Counted]:
        return [Counted(sends=[NOW]) for _ in people]


def in_the_menu(**changes: Any) -> Case:
    return replace(Case(verification=PENDING, deliveries=(MENU,)), **changes)


def nothing_written(decided: Decision[Said]) -> bool:
    return decided == Decision(verdict=decided.verdict)


# ------------------------------------------------------------------------------------------------ whose call it is


@pytest.mark.parametrize("heard", Heard)
@pytest.mark.parametrize(
    ("case", "delivery", "carrier_sid"),
    [
        (Case(), "VL1", "CA1"),
        (in_the_menu(), "VL8", "CA1"),
        (in_the_menu(), "VL1", "CA2"),
        (in_the_menu(), "VL1", ""),
        (in_the_menu(deliveries=(replace(MENU, carrier_sid=None),)), "VL1", ""),
        (in_the_menu(deliveries=(MENU, TEXT)), "VL2", "SM1"),
    ],
    ids=["unknown", "another delivery", "another call", "no call", "no call, first", "a text"],
)
def test_a_webhook_about_anything_but_this_call_finds_nothing(
    case: Case, delivery: str, carrier_sid: str, heard: Heard
) -> None:
    with pytest.raises(NotFound):
        hear(case, heard, "1", delivery=delivery, carrier_sid=carrier_sid)


def test_the_first_webhook_names_the_call_when_the_carrier_has_not_answered_yet() -> None:
    case = in_the_menu(deliveries=(planned(sid="VL1"),))
    decided = hear(case, Heard.ANSWERED, carrier_sid="CA5")
    (answered,) = decided.deliveries
    assert (answered.carrier_sid, answered.status, answered.updated_at) == ("CA5", DeliveryStatus.ANSWERED, LATER)
    with pytest.raises(NotFound):
        hear(after(case, decided), Heard.ANSWERED, carrier_sid="CA6")


# ------------------------------------------------------------------------------------------------ late and strange


@pytest.mark.parametrize("status", FINAL)
def test_after_the_end_of_the_verification_the_call_is_no_longer_needed(status: VerificationStatus) -> None:
    for stage, (heard, digits) in product(Stage, [(Heard.ANSWERED, ""), (Heard.KEYS, "1"), (Heard.SILENCE, "")]):
        decided = hear(Case(verification=ended(status), deliveries=(replace(MENU, stage=stage),)), heard, digits)
        assert decided.verdict.line == End(Ending.NOT_NEEDED)
        assert nothing_written(decided)


def test_the_code_is_said_until_the_deadline_and_not_at_it() -> None:
    assert hear(in_the_menu(), digits="1", now=NOW + LIFETIME - 0.001).verdict.line == ReadCode(CODE, opening=False)
    assert hear(in_the_menu(), digits="1", now=NOW + LIFETIME).verdict.line == End(Ending.NOT_NEEDED)


@pytest.mark.parametrize("status", [status for status in DeliveryStatus if status.final])
def test_a_key_press_replayed_after_the_call_hears_nothing(status: DeliveryStatus) -> None:
    for stage in Stage:
        call = replace(MENU, status=status, stage=stage)
        decided = hear(in_the_menu(deliveries=(call,)), digits="1")
        assert decided.verdict.line == End(Ending.NOT_NEEDED)
        assert nothing_written(decided)


def test_a_call_that_said_goodbye_cannot_be_answered_again() -> None:
    """Its last callback may be late or lost: the talk itself is over."""
    case = in_the_menu(deliveries=(replace(MENU, stage=Stage.OVER, status=DeliveryStatus.ANSWERED),))
    for heard, digits in ((Heard.ANSWERED, ""), (Heard.SILENCE, ""), (Heard.KEYS, "1"), (Heard.KEYS, "4")):
        decided = hear(case, heard, digits)
        assert decided.verdict.line == End(Ending.NOT_NEEDED)
        assert nothing_written(decided)


def test_what_changes_nothing_writes_nothing() -> None:
    case = in_the_menu(deliveries=(replace(CALL, stage=Stage.GATE),))
    decided = hear(case, Heard.ANSWERED)
    assert isinstance(decided.verdict.line, AskForKeys)
    assert nothing_written(decided)


def test_what_changes_is_written_with_its_time() -> None:
    (delivery,) = hear(in_the_menu(), digits="1").deliveries
    assert (delivery.stage, delivery.keys, delivery.updated_at) == (Stage.READING, "1", LATER)


# ------------------------------------------------------------------------------------------------ two secrets


def test_a_second_call_has_its_own_pair_and_the_same_code() -> None:
    calls = [replace(CALL, sid=f"VL{number}", stage=Stage.GATE) for number in range(40)]
    case = Case(verification=PENDING, deliveries=tuple(calls))
    pairs, codes = set(), set()
    for call in calls:
        asked = hear(case, Heard.ANSWERED, delivery=call.sid).verdict.line
        assert isinstance(asked, AskForKeys)
        pairs.add(asked.keys)
        read = hear(case, digits=asked.keys, delivery=call.sid).verdict.line
        assert isinstance(read, ReadCode)
        codes.add(read.code)
    assert len(pairs) > 20
    assert codes == {CODE}


def test_a_changed_key_does_not_change_the_code_of_a_call_that_is_up() -> None:
    ring = KeyRing((b"a newer key of the tests, 32 bytes and more", *KEYS.secrets))
    assert hear(in_the_menu(), digits="1", keys=ring).verdict.line == ReadCode(CODE, opening=False)


@pytest.mark.parametrize("keypress", Keypress)
def test_the_policy_says_what_opens_the_gate(keypress: Keypress) -> None:
    case = in_the_menu(deliveries=(replace(CALL, stage=Stage.GATE),))
    asked = hear(case, Heard.ANSWERED, policy=Policy(keypress=keypress)).verdict.line
    assert isinstance(asked, AskForKeys)
    assert (asked.mode, len(asked.keys)) == (keypress, 2 if keypress is Keypress.DIGITS else 0)


# ------------------------------------------------------------------------------------------------ 0 and 9


def test_zero_kills_the_verification_and_is_reported_once() -> None:
    case = in_the_menu()
    decided = hear(case, digits="0")
    assert decided.verdict.line == End(Ending.REPORTED)
    (dead,) = decided.verifications
    assert (dead.status, dead.seed, dead.ended_at) == (VerificationStatus.CANCELED, None, LATER)
    (event,) = decided.events
    assert (event.kind, event.verification, event.delivery) == (EventKind.REPORTED, "VE1", "VL1")
    assert decided.pauses == (Pause(number=PENDING.number, until=LATER + SEED.report_pause),)
    assert decided.suppress == ()
    replayed = hear(after(case, decided), digits="0")
    assert replayed.verdict.line == End(Ending.NOT_NEEDED)
    assert nothing_written(replayed)


def test_nine_kills_the_verification_and_suppresses_the_number() -> None:
    decided = hear(in_the_menu(), digits="9")
    assert decided.verdict.line == End(Ending.SUPPRESSED)
    assert decided.suppress == (NUMBER,)
    assert [(dead.status, dead.seed) for dead in decided.verifications] == [(VerificationStatus.CANCELED, None)]
    assert [event.kind for event in decided.events] == [EventKind.SUPPRESSED]
    assert NUMBER.e164 not in repr(decided)


# ------------------------------------------------------------------------------------------------ 4


def test_four_plans_a_text_of_the_same_verification_and_ends_the_talk() -> None:
    decided = hear(in_the_menu(), digits="4")
    assert decided.verdict.line == End(Ending.TEXT_COMES)
    assert decided.verdict.dispatch == "VL7"
    assert [(d.sid, d.stage) for d in decided.deliveries] == [("VL1", Stage.OVER), ("VL7", Stage.GATE)]
    text = decided.deliveries[1]
    assert (text.verification, text.channel, text.status) == ("VE1", Channel.SMS, DeliveryStatus.PLANNED)
    assert decided.verifications == ()
    assert [(event.kind, event.delivery) for event in decided.events] == [(EventKind.DELIVERY, "VL7")]


def test_four_again_plans_no_second_text() -> None:
    case = after(in_the_menu(), hear(in_the_menu(), digits="4"))
    again = hear(case, digits="4")
    assert (again.verdict.line, again.verdict.dispatch) == (End(Ending.NOT_NEEDED), None)
    assert nothing_written(again)


@pytest.mark.parametrize("sent", [4, 5])
def test_a_text_is_offered_only_while_the_verification_may_send_more(sent: int) -> None:
    others = tuple(replace(TEXT, sid=f"VL{number}") for number in range(2, sent + 1))
    decided = hear(in_the_menu(deliveries=(MENU, *others)), digits="4", policy=replace(SEED, repeat_spacing=()))
    if sent < SEED.max_deliveries:
        assert decided.verdict.dispatch == "VL7"
    else:
        assert decided.verdict == Said(OfferMenu(text=False, refused=True), PENDING)


def test_a_text_from_within_a_call_waits_for_its_pause_and_respects_every_limit() -> None:
    """3.6 No bombing: one rule for every door that sends."""
    soon = hear(in_the_menu(), digits="4", now=NOW + 29)
    assert soon.verdict == Said(OfferMenu(text=False, refused=True), PENDING)
    limits = ((Scope.NUMBER, (Limit(count=1, seconds=600),)),)
    full = hear(in_the_menu(counts=Full()), digits="4", policy=replace(SEED, limits=limits))
    assert (full.verdict.dispatch, full.verdict.line) == (None, OfferMenu(text=False, refused=True))
    paused = hear(in_the_menu(paused_until=NOW + 600), digits="4")
    assert paused.verdict.dispatch is None


def test_where_limits_are_only_watched_the_text_goes_and_the_story_tells_it() -> None:
    watching = replace(SEED, enforce=False)
    decided = hear(in_the_menu(), digits="4", now=NOW + 29, policy=watching)
    assert decided.verdict.dispatch == "VL7"
    assert [event.kind for event in decided.events] == [EventKind.LIMIT_WATCHED, EventKind.DELIVERY]


def test_no_text_is_offered_to_a_number_that_has_asked_us_to_stop_meanwhile() -> None:
    decided = hear(in_the_menu(suppressed=True), digits="4")
    assert decided.verdict == Said(OfferMenu(text=False, refused=True), PENDING)
    assert [delivery.sid for delivery in decided.deliveries] == ["VL1"]
