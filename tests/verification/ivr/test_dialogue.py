"""The dialogue: what every key does in every stage, and that only a person who passed the gate hears the code."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from typing import NoReturn

import pytest

from tests.support.records import CALL
from verification.ivr.dialogue import Dialogue, Effect, Turn
from verification.ivr.prompts import (
    Announce,
    AskForAnyKey,
    AskForKeys,
    CallInput,
    End,
    Ending,
    OfferMenu,
    Prompt,
    ReadCharacter,
    ReadCode,
    ReadSlowly,
)
from verification.models import CallStage, Delivery, Progress
from verification.policy import Keypress

CODE = "000123"
PAIRS = ("47", "83", "05")
KEYS = "0123456789*#"
STREAMS = ["4", "047", "470", "47#", "474", "4747474747", "47" * 25, "*47", "44", "74", "4 7"]

GATE = replace(CALL, stage=CallStage.GATE)
FIRST_PROMPTS: dict[Keypress, Prompt] = {
    Keypress.DIGITS: AskForKeys("47", after=None),
    Keypress.ANY: AskForAnyKey(after=None),
    Keypress.OFF: Announce(),
}
AFTER_THE_GATE = [stage for stage in CallStage if stage not in (CallStage.GATE, CallStage.OVER)]


def dialogue(
    keypress: Keypress = Keypress.DIGITS, *, tries: int = 2, text: bool = True, code: Callable[[], str] = lambda: CODE
) -> Dialogue:
    return Dialogue(keypress=keypress, tries=tries, may_text=lambda: text, pair=PAIRS.__getitem__, code=code)


def at(stage: CallStage, *, silences: int = 0, position: int = 0) -> Delivery:
    return replace(CALL, stage=stage, progress=Progress.READING, silences=silences, position=position)


def press(dialogue: Dialogue, delivery: Delivery, *inputs: str) -> list[Turn]:
    """One turn after the other. An empty input is silence."""
    turns = []
    for digits in inputs:
        turn = dialogue.take(delivery, CallInput.KEYS if digits else CallInput.SILENCE, digits)
        turns.append(turn)
        delivery = turn.delivery
    return turns


def no_code_yet() -> NoReturn:
    raise AssertionError("the code was made before it may be said")


# the gate


@pytest.mark.parametrize("keypress", Keypress)
def test_the_first_prompt_says_who_is_calling_and_no_code(keypress: Keypress) -> None:
    turn = dialogue(keypress, code=no_code_yet).take(GATE, CallInput.ANSWERED)
    assert turn == Turn(FIRST_PROMPTS[keypress], GATE)


def test_the_right_pair_opens_the_reading() -> None:
    (turn,) = press(dialogue(), GATE, "47")
    assert turn.prompt == ReadCode(CODE, opening=True)
    assert (turn.delivery.stage, turn.delivery.progress) == (CallStage.READING, Progress.READING)


@pytest.mark.parametrize("digits", STREAMS)
def test_anything_but_exactly_the_pair_is_refused_and_another_pair_is_asked_for(digits: str) -> None:
    turn = dialogue(code=no_code_yet).take(GATE, CallInput.KEYS, digits)
    assert turn.prompt == AskForKeys("83", after=CallInput.KEYS)
    assert (turn.delivery.stage, turn.delivery.tries) == (CallStage.GATE, 1)
    assert turn.delivery.progress is Progress.ANSWERED


def test_silence_at_the_gate_asks_for_another_pair() -> None:
    turn = dialogue(code=no_code_yet).take(GATE, CallInput.SILENCE)
    assert turn.prompt == AskForKeys("83", after=CallInput.SILENCE)


def test_the_second_pair_opens_and_the_first_no_longer_does() -> None:
    assert press(dialogue(), GATE, "99", "83")[-1].prompt == ReadCode(CODE, opening=True)
    assert press(dialogue(code=no_code_yet), GATE, "99", "47")[-1].prompt == End(Ending.WRONG_KEYS)


@pytest.mark.parametrize("tries", [1, 2, 3])
@pytest.mark.parametrize(("digits", "ending"), [("99", Ending.WRONG_KEYS), ("", Ending.NOTHING_PRESSED)])
def test_the_tries_at_the_gate_are_counted_and_end_without_the_code(tries: int, digits: str, ending: Ending) -> None:
    turns = press(dialogue(tries=tries, code=no_code_yet), GATE, *[digits] * tries)
    assert all(isinstance(turn.prompt, AskForKeys) for turn in turns[:-1])
    assert turns[-1].prompt == End(ending)
    assert turns[-1].delivery.stage is CallStage.OVER


def test_the_first_document_asked_for_again_is_the_same_and_costs_no_try() -> None:
    waiting = press(dialogue(), GATE, "99")[0].delivery
    turn = dialogue(code=no_code_yet).take(waiting, CallInput.ANSWERED)
    assert turn == Turn(AskForKeys("83", after=CallInput.SILENCE), waiting)


@pytest.mark.parametrize("key", KEYS.replace("0", ""))
def test_every_key_opens_where_any_key_is_asked_for(key: str) -> None:
    (turn,) = press(dialogue(Keypress.ANY), GATE, key)
    assert turn.prompt == ReadCode(CODE, opening=True)


@pytest.mark.parametrize("digits", ["", "47", "11", "111"])
def test_silence_and_several_digits_do_not_open_where_any_key_is_asked_for(digits: str) -> None:
    turns = press(dialogue(Keypress.ANY, code=no_code_yet), GATE, digits, digits)
    assert isinstance(turns[0].prompt, AskForAnyKey)
    assert isinstance(turns[1].prompt, End)


@pytest.mark.parametrize("digits", ["", "5", "#"])
def test_without_a_gate_the_reading_follows_at_once(digits: str) -> None:
    (turn,) = press(dialogue(Keypress.OFF), GATE, digits)
    assert turn.prompt == ReadCode(CODE, opening=True)


@pytest.mark.parametrize("keypress", Keypress)
@pytest.mark.parametrize("digits", ["0", "00"])
def test_zero_at_the_gate_reports_and_says_no_code(keypress: Keypress, digits: str) -> None:
    (turn,) = press(dialogue(keypress, code=no_code_yet), GATE, digits)
    assert (turn.prompt, turn.effect) == (End(Ending.REPORTED), Effect.REPORT)
    assert (turn.delivery.stage, turn.delivery.keys) == (CallStage.OVER, "0")


# the table

MENU = OfferMenu(text=True)
THE_MENU_KEYS: dict[str, tuple[Prompt, CallStage, Effect]] = {
    "1": (ReadCode(CODE, opening=False), CallStage.READING, Effect.NONE),
    "2": (ReadSlowly(CODE), CallStage.SLOWLY, Effect.NONE),
    "3": (ReadCharacter(CODE, 0), CallStage.ONE_BY_ONE, Effect.NONE),
    "4": (End(Ending.TEXT_SENT), CallStage.OVER, Effect.TEXT),
    "0": (End(Ending.REPORTED), CallStage.OVER, Effect.REPORT),
    "9": (End(Ending.SUPPRESSED), CallStage.OVER, Effect.SUPPRESS),
    **dict.fromkeys(
        ("5", "6", "7", "8", "*", "#", "11", "12", "00", "99", "1" * 50), (MENU, CallStage.MENU, Effect.NONE)
    ),
}


@pytest.mark.parametrize("digits", THE_MENU_KEYS)
def test_the_keys_of_the_menu_work_in_the_menu_and_in_every_reading(digits: str) -> None:
    for stage in (CallStage.READING, CallStage.SLOWLY, CallStage.MENU):
        turn = dialogue().take(at(stage), CallInput.KEYS, digits)
        assert (turn.prompt, turn.delivery.stage, turn.effect) == THE_MENU_KEYS[digits]


def test_every_key_means_next_while_characters_are_said_one_at_a_time() -> None:
    for digits in (*KEYS, "00", "11"):
        turn = dialogue().take(at(CallStage.ONE_BY_ONE, position=2), CallInput.KEYS, digits)
        assert (turn.prompt, turn.effect) == (ReadCharacter(CODE, 3), Effect.NONE)
        assert (turn.delivery.stage, turn.delivery.position) == (CallStage.ONE_BY_ONE, 3)


@pytest.mark.parametrize("call_input", CallInput)
def test_a_dialogue_that_is_over_stays_over(call_input: CallInput) -> None:
    over = at(CallStage.OVER)
    for digits in ("", *KEYS, "47", "83", "00"):
        assert dialogue(code=no_code_yet).take(over, call_input, digits) == Turn(End(Ending.NO_LONGER_NEEDED), over)


@pytest.mark.parametrize("stage", AFTER_THE_GATE)
def test_the_first_document_asked_for_again_goes_on_from_the_menu(stage: CallStage) -> None:
    turn = dialogue(code=no_code_yet).take(at(stage), CallInput.ANSWERED)
    assert (turn.prompt, turn.delivery.stage) == (MENU, CallStage.MENU)


@pytest.mark.parametrize("stage", [CallStage.READING, CallStage.SLOWLY])
def test_a_reading_heard_to_its_end_is_followed_by_the_menu(stage: CallStage) -> None:
    turn = dialogue().take(at(stage), CallInput.SILENCE)
    assert (turn.prompt, turn.delivery.stage, turn.delivery.progress) == (MENU, CallStage.MENU, Progress.HEARD)


# the menu and its end


def test_the_menu_is_offered_once_more_and_then_comes_the_goodbye() -> None:
    for first, second in product(("", "5", "*", "12"), repeat=2):
        turns = press(dialogue(), at(CallStage.MENU), first, second)
        assert [turn.prompt for turn in turns] == [MENU, End(Ending.GOODBYE)]
        assert turns[-1].delivery.stage is CallStage.OVER


@pytest.mark.parametrize("key", ["1", "2", "3"])
def test_a_key_of_the_menu_resets_the_count_of_silences(key: str) -> None:
    turns = press(dialogue(), at(CallStage.MENU), "5", key)
    assert turns[-1].delivery.silences == 0


@pytest.mark.parametrize("stage", [CallStage.READING, CallStage.SLOWLY])
@pytest.mark.parametrize("digits", ["5", "4", "*", "12"])
def test_after_an_unknown_key_in_a_reading_the_menu_is_still_offered_twice(stage: CallStage, digits: str) -> None:
    turns = press(dialogue(text=False), at(stage), digits, "", "")
    assert [type(turn.prompt) for turn in turns] == [OfferMenu, OfferMenu, End]


@pytest.mark.parametrize("stage", [CallStage.READING, CallStage.SLOWLY, CallStage.MENU])
def test_a_text_that_cannot_be_sent_is_refused_and_not_offered(stage: CallStage) -> None:
    (turn,) = press(dialogue(text=False), at(stage), "4")
    assert (turn.prompt, turn.effect) == (OfferMenu(text=False, text_refused=True), Effect.NONE)


@pytest.mark.parametrize("keypress", Keypress)
def test_every_path_ends_when_nothing_more_is_pressed(keypress: Keypress) -> None:
    for stage, silences in product(CallStage, (0, 1)):
        turns = press(dialogue(keypress), at(stage, silences=silences), *[""] * 6)
        assert isinstance(turns[-1].prompt, End)
        assert turns[-1].delivery.stage is CallStage.OVER


def test_after_the_gate_silence_leads_to_the_menu_twice_and_to_goodbye() -> None:
    prompts = [turn.prompt for turn in press(dialogue(), GATE, "47", "", "", "")]
    assert prompts == [ReadCode(CODE, opening=True), MENU, MENU, End(Ending.GOODBYE)]


# one at a time


def test_one_at_a_time_says_every_character_once_and_comes_back_to_the_menu() -> None:
    turns = press(dialogue(), at(CallStage.MENU), "3", *["1"] * 6)
    assert [turn.prompt for turn in turns] == [*(ReadCharacter(CODE, position) for position in range(6)), MENU]
    assert turns[-1].delivery.progress is Progress.HEARD
    assert all(turn.delivery.progress < Progress.HEARD for turn in turns[:-1])


def test_silence_says_the_same_character_once_more_and_then_comes_the_menu() -> None:
    turns = press(dialogue(), at(CallStage.ONE_BY_ONE, position=2), "", "")
    assert [turn.prompt for turn in turns] == [ReadCharacter(CODE, 2), MENU]
    assert turns[-1].delivery.progress < Progress.HEARD


def test_after_a_silence_a_key_goes_on_with_the_next_character() -> None:
    turns = press(dialogue(), at(CallStage.ONE_BY_ONE, position=2), "", "1", "")
    assert [turn.prompt for turn in turns] == [ReadCharacter(CODE, 2), ReadCharacter(CODE, 3), ReadCharacter(CODE, 3)]


def test_one_at_a_time_always_begins_with_the_first_character() -> None:
    turns = press(dialogue(), at(CallStage.ONE_BY_ONE, position=4), "1", "1", "3", "1")
    assert [turn.prompt for turn in turns] == [
        ReadCharacter(CODE, 5),
        MENU,
        ReadCharacter(CODE, 0),
        ReadCharacter(CODE, 1),
    ]


# evidence


def test_the_record_says_how_far_a_person_got() -> None:
    steps = [
        dialogue().take(GATE, CallInput.SILENCE).delivery.progress,
        dialogue().take(GATE, CallInput.KEYS, "47").delivery.progress,
        press(dialogue(), GATE, "47", "")[-1].delivery.progress,
    ]
    assert steps == [Progress.ANSWERED, Progress.READING, Progress.HEARD]


def test_a_reading_that_was_cut_short_by_a_key_was_not_heard_to_its_end() -> None:
    turns = press(dialogue(), GATE, "47", "1", "2", "9")
    assert {turn.delivery.progress for turn in turns} == {Progress.READING}


def test_progress_never_goes_back() -> None:
    assert press(dialogue(), GATE, "47", "", "1")[-1].delivery.progress is Progress.HEARD


def test_the_keys_of_the_menu_are_recorded_and_neither_pairs_nor_streams_are() -> None:
    turns = press(dialogue(), GATE, "47", "1", "2", "77", "1", "#", "0")
    assert turns[-1].delivery.keys == "121#0"


def test_only_the_last_keys_are_recorded() -> None:
    turns = press(dialogue(), at(CallStage.MENU), *["1", "2"] * 40)
    assert turns[-1].delivery.keys == "12" * 16


@pytest.mark.parametrize("prompt", [ReadCode(CODE, opening=True), ReadSlowly(CODE), ReadCharacter(CODE, 1)])
def test_no_prompt_shows_its_code_in_a_log(prompt: Prompt) -> None:
    assert CODE not in repr(prompt)
    assert CODE not in repr(Turn(prompt, CALL))
