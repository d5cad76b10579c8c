"""The dialogue: what every key does in every stage, and that only a person who passed the gate hears the code."""

import random
from collections.abc import Callable
from itertools import product
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support.records import CALL
from verification.ivr.dialogue import MAX_MENUS, Dialogue
from verification.ivr.gate import Effect, Gate, Turn
from verification.ivr.prompts import (
    Announce,
    AskForAnyKey,
    AskForKeys,
    AskToConfirm,
    CallInput,
    Confirmation,
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
ALL_KEYS = ("471", "832", "195")
KEYS = "0123456789*#"
#: Three keys or more, none of them the right three alone.
STREAMS = ["4710", "0471", "471#", "4714", "4711471", "471" * 25, "*471", "441", "741", "174", "4 71"]
#: Too few keys to be a guess.
SLIPS = ["4", "47", "71", "44", "0", "*", "#", "04", "40"]

GATE = replace(CALL, stage=CallStage.GATE)
FIRST_PROMPTS: dict[Keypress, Prompt] = {
    Keypress.DIGITS: AskForKeys("471", after=None),
    Keypress.ANY: AskForAnyKey(after=None),
    Keypress.OFF: Announce(),
}
CONFIRMATIONS = (CallStage.CONFIRM_REPORT, CallStage.CONFIRM_NEVER)
READINGS = (CallStage.READING, CallStage.SLOWLY)
AFTER_THE_GATE = [stage for stage in CallStage if stage not in (CallStage.GATE, CallStage.OVER, CallStage.TYPING)]
REPORT, NEVER = AskToConfirm(Confirmation.REPORT), AskToConfirm(Confirmation.NEVER)


def dialogue(
    keypress: Keypress = Keypress.DIGITS,
    *,
    tries: int = 2,
    silent_tries: int = 4,
    text: bool = True,
    code: Callable[[], str] = lambda: CODE,
) -> Dialogue:
    gate = Gate(keypress=keypress, tries=tries, silent_tries=silent_tries, keys=ALL_KEYS.__getitem__)
    return Dialogue(gate=gate, may_text=lambda: text, code=code)


def at(stage: CallStage, *, silences: int = 0, position: int = 0, keys: str = "") -> Delivery:
    return replace(CALL, stage=stage, progress=Progress.READING, silences=silences, position=position, keys=keys)


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


def test_the_right_keys_open_the_reading() -> None:
    (turn,) = press(dialogue(), GATE, "471")
    assert turn.prompt == ReadCode(CODE, opening=True)
    assert (turn.delivery.stage, turn.delivery.progress) == (CallStage.READING, Progress.READING)


@pytest.mark.parametrize("digits", STREAMS)
def test_anything_but_exactly_the_keys_is_refused_and_others_are_asked_for(digits: str) -> None:
    turn = dialogue(code=no_code_yet).take(GATE, CallInput.KEYS, digits)
    assert turn.prompt == AskForKeys("832", after=CallInput.KEYS)
    assert (turn.delivery.stage, turn.delivery.tries) == (CallStage.GATE, 1)
    assert turn.delivery.progress is Progress.ANSWERED


@pytest.mark.parametrize("digits", ["", *SLIPS])
def test_silence_and_too_few_keys_are_no_guess_and_the_same_keys_are_asked_for(digits: str) -> None:
    """20.10: a lost key, or a lone 0, is no report."""
    (turn,) = press(dialogue(code=no_code_yet), GATE, digits)
    assert (turn.prompt, turn.effect) == (AskForKeys("471", after=CallInput.SILENCE), Effect.NONE)
    assert (turn.delivery.tries, turn.delivery.silences) == (0, 1)
    assert press(dialogue(), GATE, digits, "471")[-1].prompt == ReadCode(CODE, opening=True)


def test_the_second_keys_open_and_the_first_no_longer_do() -> None:
    assert press(dialogue(), GATE, "999", "832")[-1].prompt == ReadCode(CODE, opening=True)
    assert press(dialogue(code=no_code_yet), GATE, "999", "471")[-1].prompt == End(Ending.WRONG_KEYS)


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_the_guesses_at_the_gate_are_counted_and_end_without_the_code(tries: int) -> None:
    turns = press(dialogue(tries=tries, code=no_code_yet), GATE, *["999"] * tries)
    assert all(isinstance(turn.prompt, AskForKeys) for turn in turns[:-1])
    assert turns[-1].prompt == End(Ending.WRONG_KEYS)
    assert turns[-1].delivery.stage is CallStage.OVER


def test_silence_gets_four_prompts_and_ends_without_the_code() -> None:
    turns = press(dialogue(code=no_code_yet), GATE, *[""] * 4)
    assert [turn.prompt for turn in turns] == [
        *[AskForKeys("471", after=CallInput.SILENCE)] * 3,
        End(Ending.NOTHING_PRESSED),
    ]


def test_guesses_and_silences_together_are_at_most_four() -> None:
    for inputs in product(("", "999", "4", "000", "5"), repeat=5):
        turns = press(dialogue(code=no_code_yet), GATE, *inputs)
        asked = sum(isinstance(turn.prompt, AskForKeys) for turn in turns)
        assert asked <= 3
        assert sum(turn.delivery.tries for turn in turns[-1:]) <= 2


def test_the_first_document_asked_for_again_is_the_same_and_costs_no_try() -> None:
    waiting = press(dialogue(), GATE, "999")[0].delivery
    turn = dialogue(code=no_code_yet).take(waiting, CallInput.ANSWERED)
    assert turn == Turn(AskForKeys("832", after=CallInput.SILENCE), waiting)


@pytest.mark.parametrize("key", KEYS.replace("0", ""))
def test_every_key_opens_where_any_key_is_asked_for(key: str) -> None:
    (turn,) = press(dialogue(Keypress.ANY), GATE, key)
    assert turn.prompt == ReadCode(CODE, opening=True)


@pytest.mark.parametrize("digits", ["", "47", "11", "111"])
def test_silence_and_several_digits_do_not_open_where_any_key_is_asked_for(digits: str) -> None:
    turns = press(dialogue(Keypress.ANY, code=no_code_yet), GATE, *[digits] * 4)
    assert isinstance(turns[0].prompt, AskForAnyKey)
    assert isinstance(turns[-1].prompt, End)


@pytest.mark.parametrize("digits", ["", "5", "#"])
def test_without_a_gate_the_reading_follows_at_once(digits: str) -> None:
    (turn,) = press(dialogue(Keypress.OFF), GATE, digits)
    assert turn.prompt == ReadCode(CODE, opening=True)


# a report, and no more calls


@pytest.mark.parametrize(
    ("keypress", "digits"),
    [
        *product([Keypress.DIGITS], ["000", "00", "0000"]),
        *product([Keypress.ANY, Keypress.OFF], ["0", "00"]),
    ],
)
def test_zeros_at_the_gate_ask_and_the_star_reports(keypress: Keypress, digits: str) -> None:
    asked, reported = press(dialogue(keypress, code=no_code_yet), GATE, digits, "*")
    assert (asked.prompt, asked.effect) == (REPORT, Effect.NONE)
    assert (reported.prompt, reported.effect) == (End(Ending.REPORTED), Effect.REPORT)
    assert (reported.delivery.stage, reported.delivery.keys) == (CallStage.OVER, "0*")


@pytest.mark.parametrize("digits", ["", *KEYS.replace("*", "").replace("9", ""), "**", "0*"])
def test_without_the_star_a_report_at_the_gate_changes_nothing_and_the_keys_are_asked_for_again(digits: str) -> None:
    turn = press(dialogue(), GATE, "000", digits)[-1]
    assert (turn.prompt, turn.effect) == (AskForKeys(ALL_KEYS[turn.delivery.tries], CallInput.SILENCE), Effect.NONE)
    assert press(dialogue(), turn.delivery, "471")[-1].prompt == ReadCode(CODE, opening=True)


@pytest.mark.parametrize("digits", ["", *KEYS.replace("*", ""), "**", "99", "00", CODE])
def test_without_the_star_nothing_is_reported_or_stopped_and_the_menu_comes_again(digits: str) -> None:
    for stage in CONFIRMATIONS:
        (turn,) = press(dialogue(), at(stage), digits)
        after_report = stage is CallStage.CONFIRM_REPORT and digits in ("9", "99")
        assert turn.effect is Effect.NONE
        assert isinstance(turn.prompt, AskToConfirm if after_report else OfferMenu)


def test_the_star_confirms_and_nine_leads_from_the_report_to_no_more_calls() -> None:
    asked, stopping, stopped = press(dialogue(), at(CallStage.MENU), "0", "9", "*")
    assert (asked.prompt, stopping.prompt) == (REPORT, NEVER)
    assert (stopped.prompt, stopped.effect) == (End(Ending.SUPPRESSED), Effect.SUPPRESS)
    assert stopped.delivery.keys == "9*"
    assert press(dialogue(), at(CallStage.MENU), "9", "*")[-1].effect is Effect.SUPPRESS
    assert press(dialogue(), at(CallStage.MENU), "0", "*")[-1].effect is Effect.REPORT


@settings(max_examples=400)
@given(
    st.lists(
        st.text("0123456789#", min_size=0, max_size=11) | st.sampled_from(["", "471", "0", "9", "000"]), max_size=25
    ),
    st.sampled_from(Keypress),
)
def test_no_sequence_of_keys_without_the_confirmation_reports_or_stops_anything(
    inputs: list[str], keypress: Keypress
) -> None:
    turns = press(dialogue(keypress), GATE, *inputs)
    assert {turn.effect for turn in turns} <= {Effect.NONE, Effect.TEXT}


@settings(max_examples=400)
@given(st.lists(st.text(KEYS, min_size=0, max_size=8) | st.sampled_from(["471", "0", "9", "000", "*"]), max_size=25))
def test_a_report_and_a_suppression_always_follow_their_question(inputs: list[str]) -> None:
    prompt: Prompt = AskForKeys("471", None)
    for turn in press(dialogue(), GATE, *inputs):
        if turn.effect is Effect.REPORT:
            assert prompt == REPORT
        if turn.effect is Effect.SUPPRESS:
            assert prompt == NEVER
        prompt = turn.prompt


def test_of_100000_people_who_type_the_code_on_the_phone_none_reports_stops_or_loses_the_call() -> None:
    """Seeded. Before a code was collected as a whole, 22.4 % each reported, stopped all calls, or were cut off."""
    chance = random.Random(20)
    outcomes = set()
    for number in range(100_000):
        stage = (CallStage.READING, CallStage.SLOWLY, CallStage.MENU)[number % 3]
        keys = "" if number % 2 else chance.choice(["1", "2", "12"])
        code = f"{chance.randrange(10**6):06}"
        (turn,) = press(dialogue(), at(stage, keys=keys), code)
        assert isinstance(turn.prompt, OfferMenu)
        assert turn.prompt.typed, "told to enter it on the screen"
        outcomes.add((turn.effect, turn.delivery.stage))
    assert outcomes == {(Effect.NONE, CallStage.MENU)}


def test_a_code_typed_slowly_while_it_is_first_read_reports_and_stops_nothing() -> None:
    chance = random.Random(21)
    for _ in range(20_000):
        code = f"{chance.randrange(10**6):06}"
        (first,) = press(dialogue(), at(CallStage.READING), code[0])
        assert isinstance(first.prompt, OfferMenu)
        assert first.prompt.typed
        effects = {turn.effect for turn in press(dialogue(), at(CallStage.READING), *code)}
        assert effects <= {Effect.NONE, Effect.TEXT}


# the table

MENU = OfferMenu(text=True)
TYPED = OfferMenu(text=True, typed=True)
THE_MENU_KEYS: dict[str, tuple[Prompt, CallStage, Effect]] = {
    "1": (ReadCode(CODE, opening=False), CallStage.READING, Effect.NONE),
    "2": (ReadSlowly(CODE), CallStage.SLOWLY, Effect.NONE),
    "3": (ReadCharacter(CODE, 0), CallStage.ONE_BY_ONE, Effect.NONE),
    "4": (End(Ending.TEXT_SENT), CallStage.OVER, Effect.TEXT),
    "0": (REPORT, CallStage.CONFIRM_REPORT, Effect.NONE),
    "9": (NEVER, CallStage.CONFIRM_NEVER, Effect.NONE),
    **dict.fromkeys(("5", "6", "7", "8", "*", "#", "12", "55", CODE, "1" * 50), (TYPED, CallStage.MENU, Effect.NONE)),
}


@pytest.mark.parametrize("digits", THE_MENU_KEYS)
def test_the_keys_of_the_menu(digits: str) -> None:
    turn = dialogue().take(at(CallStage.MENU), CallInput.KEYS, digits)
    assert (turn.prompt, turn.delivery.stage, turn.effect) == THE_MENU_KEYS[digits]


@pytest.mark.parametrize("key", "123490")
def test_a_key_that_comes_twice_counts_once(key: str) -> None:
    once, twice = (dialogue().take(at(CallStage.MENU), CallInput.KEYS, digits) for digits in (key, key * 2))
    assert once == twice


@pytest.mark.parametrize("digits", THE_MENU_KEYS)
def test_until_the_menu_was_used_a_key_during_a_reading_is_taken_for_a_typed_code(digits: str) -> None:
    for stage in READINGS:
        turn = dialogue().take(at(stage), CallInput.KEYS, digits)
        assert (turn.prompt, turn.delivery.stage, turn.effect) == (TYPED, CallStage.MENU, Effect.NONE)


@pytest.mark.parametrize("digits", THE_MENU_KEYS)
def test_after_that_the_keys_work_during_a_reading_except_the_one_that_ends_the_call(digits: str) -> None:
    for stage in READINGS:
        turn = dialogue().take(at(stage, keys="1"), CallInput.KEYS, digits)
        expected = THE_MENU_KEYS[digits] if digits != "4" else (TYPED, CallStage.MENU, Effect.NONE)
        assert (turn.prompt, turn.delivery.stage, turn.effect) == expected


def test_every_key_means_next_while_characters_are_said_one_at_a_time() -> None:
    for digits in (*KEYS, "00", "11"):
        turn = dialogue().take(at(CallStage.ONE_BY_ONE, position=2), CallInput.KEYS, digits)
        assert (turn.prompt, turn.effect) == (ReadCharacter(CODE, 3), Effect.NONE)
        assert (turn.delivery.stage, turn.delivery.position) == (CallStage.ONE_BY_ONE, 3)


@pytest.mark.parametrize("call_input", CallInput)
def test_a_dialogue_that_is_over_stays_over(call_input: CallInput) -> None:
    over = at(CallStage.OVER)
    for digits in ("", *KEYS, "471", "832", "000"):
        assert dialogue(code=no_code_yet).take(over, call_input, digits) == Turn(End(Ending.NO_LONGER_NEEDED), over)


@pytest.mark.parametrize("stage", AFTER_THE_GATE)
def test_the_first_document_asked_for_again_goes_on_from_the_menu(stage: CallStage) -> None:
    turn = dialogue(code=no_code_yet).take(at(stage), CallInput.ANSWERED)
    assert (turn.prompt, turn.delivery.stage) == (MENU, CallStage.MENU)


@pytest.mark.parametrize("stage", READINGS)
def test_a_reading_heard_to_its_end_is_followed_by_the_menu(stage: CallStage) -> None:
    turn = dialogue().take(at(stage), CallInput.SILENCE)
    assert (turn.prompt, turn.delivery.stage, turn.delivery.progress) == (MENU, CallStage.MENU, Progress.HEARD)


# the menu and its end


def test_after_the_slow_reading_one_at_a_time_is_offered() -> None:
    turns = press(dialogue(), at(CallStage.MENU), "2", "")
    assert turns[-1].prompt == OfferMenu(text=True, slowly_heard=True)


def test_the_menu_is_said_once_and_silence_ends_the_call() -> None:
    (turn,) = press(dialogue(), at(CallStage.MENU), "")
    assert (turn.prompt, turn.delivery.stage) == (End(Ending.GOODBYE), CallStage.OVER)


def test_keys_that_mean_nothing_get_the_menu_again_but_not_for_ever() -> None:
    turns = press(dialogue(), at(CallStage.MENU), *["5"] * MAX_MENUS)
    assert [turn.prompt for turn in turns] == [*[TYPED] * (MAX_MENUS - 1), End(Ending.GOODBYE)]


@pytest.mark.parametrize("key", ["1", "2", "3"])
def test_a_key_of_the_menu_resets_the_count_of_menus(key: str) -> None:
    turns = press(dialogue(), at(CallStage.MENU), "5", key)
    assert turns[-1].delivery.silences == 0


def test_a_text_that_cannot_be_sent_is_refused_and_not_offered() -> None:
    (turn,) = press(dialogue(text=False), at(CallStage.MENU), "4")
    assert (turn.prompt, turn.effect) == (OfferMenu(text=False, text_refused=True), Effect.NONE)


@pytest.mark.parametrize("keypress", Keypress)
def test_every_path_ends_when_nothing_more_is_pressed(keypress: Keypress) -> None:
    for stage, silences in product([CallStage.GATE, CallStage.OVER, *AFTER_THE_GATE], (0, 1)):
        turns = press(dialogue(keypress), at(stage, silences=silences), *[""] * 6)
        assert isinstance(turns[-1].prompt, End)
        assert turns[-1].delivery.stage is CallStage.OVER


def test_after_the_gate_silence_leads_to_the_menu_once_and_to_goodbye() -> None:
    prompts = [turn.prompt for turn in press(dialogue(), GATE, "471", "", "")]
    assert prompts == [ReadCode(CODE, opening=True), MENU, End(Ending.GOODBYE)]


# one at a time


def test_one_at_a_time_says_every_character_once_and_comes_back_to_the_menu() -> None:
    turns = press(dialogue(), at(CallStage.MENU), "3", *["1"] * 6)
    assert [turn.prompt for turn in turns] == [*(ReadCharacter(CODE, position) for position in range(6)), TYPED]
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
        TYPED,
        ReadCharacter(CODE, 0),
        ReadCharacter(CODE, 1),
    ]


# evidence


def test_the_record_says_how_far_a_person_got() -> None:
    steps = [
        dialogue().take(GATE, CallInput.SILENCE).delivery.progress,
        dialogue().take(GATE, CallInput.KEYS, "471").delivery.progress,
        press(dialogue(), GATE, "471", "")[-1].delivery.progress,
    ]
    assert steps == [Progress.ANSWERED, Progress.READING, Progress.HEARD]


def test_a_reading_that_was_cut_short_by_a_key_was_not_heard_to_its_end() -> None:
    turns = press(dialogue(), GATE, "471", "1", "1", "2", "9")
    assert {turn.delivery.progress for turn in turns} == {Progress.READING}


def test_progress_never_goes_back() -> None:
    assert press(dialogue(), GATE, "471", "", "1")[-1].delivery.progress is Progress.HEARD


def test_the_keys_of_the_menu_are_recorded_and_neither_those_of_the_gate_nor_typed_codes_are() -> None:
    turns = press(dialogue(), GATE, "471", "", "1", "2", "77", CODE, "1", "", "#", "0", "*")
    assert turns[-1].delivery.keys == "1271#0*"


def test_only_the_last_keys_are_recorded() -> None:
    turns = press(dialogue(), at(CallStage.MENU), *["1", "2"] * 40)
    assert turns[-1].delivery.keys == "12" * 16


@pytest.mark.parametrize("prompt", [ReadCode(CODE, opening=True), ReadSlowly(CODE), ReadCharacter(CODE, 1)])
def test_no_prompt_shows_its_code_in_a_log(prompt: Prompt) -> None:
    assert CODE not in repr(prompt)
    assert CODE not in repr(Turn(prompt, CALL))
