"""The call as a transition table: its stages, and where each key and silence lead. Written from the requirements.

`walks` returns calls that together take every transition. Each call is a list of inputs: a key, `SILENCE`, or a name
for digits that only the person in the call knows, such as `PAIR` and `RIGHT`.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

from twiml.words import Words, fill

KEYS = "1234567890*#"
SILENCE = "nothing"
#: The keys that the call says, as many others, and as many zeros.
PAIR, BAD, ZEROS = "the keys", "other keys", "zeros"
RIGHT, WRONG = "the code", "another code"
#: A code that is typed where the call says it.
TYPED = "a code"
CODE_LENGTH = 6


class Stage(Enum):
    """A stage of the call. Those after `END` are the last sentences. A number counts silences, or menus in a row."""

    GATE = auto()
    QUIET_1 = auto()
    QUIET_2 = auto()
    QUIET_3 = auto()
    BAD_KEYS = auto()
    BAD_KEYS_1 = auto()
    BAD_KEYS_2 = auto()
    GATE_CONFIRM = auto()
    GATE_CONFIRM_LAST = auto()
    GATE_NEVER = auto()
    GATE_NEVER_LAST = auto()
    READING = auto()
    READING_AGAIN = auto()
    SLOWLY = auto()
    ONE = auto()
    ONE_AGAIN = auto()
    LAST = auto()
    MENU = auto()
    MENU_1 = auto()
    MENU_2 = auto()
    REPORT = auto()
    REPORT_1 = auto()
    REPORT_2 = auto()
    NEVER = auto()
    NEVER_1 = auto()
    NEVER_2 = auto()
    ASKED = auto()
    ASKED_AGAIN = auto()
    ASKED_LAST = auto()
    TYPE_CONFIRM = auto()
    TYPE_CONFIRM_LAST = auto()
    TYPE_NEVER = auto()
    TYPE_NEVER_LAST = auto()
    END = auto()
    GOODBYE = auto()
    NOTHING_PRESSED = auto()
    WRONG_KEYS = auto()
    REPORTED = auto()
    SUPPRESSED = auto()
    TEXT_SENT = auto()
    TYPED_APPROVED = auto()
    TYPED_WRONG = auto()

    @property
    def over(self) -> bool:
        return self.value > Stage.END.value


def _row(others: Stage, silence: Stage | None = None, **keys: Stage) -> dict[str, Stage]:
    """Where each key leads: to `others`, except for named keys (`_1=…`)."""
    named = {name.removeprefix("_"): stage for name, stage in keys.items()}
    return {**dict.fromkeys(KEYS, others), SILENCE: silence or others, **named}


def _gate(opened: Stage) -> "Table":
    """Too few keys are a silence, and `#` alone ends the input, which is as if nothing had been pressed."""
    ending = _row(Stage.WRONG_KEYS, Stage.NOTHING_PRESSED)
    last = ending | {"#": Stage.NOTHING_PRESSED, BAD: Stage.WRONG_KEYS}
    rows = {
        Stage.GATE: _row(Stage.QUIET_1) | {BAD: Stage.BAD_KEYS, ZEROS: Stage.GATE_CONFIRM},
        Stage.QUIET_1: _row(Stage.QUIET_2) | {BAD: Stage.BAD_KEYS_1},
        Stage.QUIET_2: _row(Stage.QUIET_3) | {BAD: Stage.BAD_KEYS_2},
        Stage.QUIET_3: last | {ZEROS: Stage.GATE_CONFIRM_LAST},
        Stage.BAD_KEYS: _row(Stage.BAD_KEYS_1) | {BAD: Stage.WRONG_KEYS},
        Stage.BAD_KEYS_1: _row(Stage.BAD_KEYS_2) | {BAD: Stage.WRONG_KEYS},
        Stage.BAD_KEYS_2: last,
    }
    return {
        **{stage: row | {PAIR: opened} for stage, row in rows.items()},
        Stage.GATE_CONFIRM: _row(Stage.QUIET_1) | {"*": Stage.REPORTED, "9": Stage.GATE_NEVER},
        Stage.GATE_CONFIRM_LAST: ending | {"*": Stage.REPORTED, "9": Stage.GATE_NEVER_LAST},
        Stage.GATE_NEVER: _row(Stage.QUIET_1) | {"*": Stage.SUPPRESSED},
        Stage.GATE_NEVER_LAST: ending | {"*": Stage.SUPPRESSED},
    }


def _keys(others: Stage, silence: Stage, report: Stage, never: Stage) -> dict[str, Stage]:
    return _row(others, silence, _1=Stage.READING_AGAIN, _2=Stage.SLOWLY, _3=Stage.ONE, _0=report, _9=never) | {
        TYPED: others
    }


_READING = _keys(Stage.MENU, Stage.MENU, Stage.REPORT, Stage.NEVER)
_MENU = {"4": Stage.TEXT_SENT}
#: The call says the code.
SAY = {
    **_gate(Stage.READING),
    # A key may be the first digit of a code that is typed, until the menu was used.
    Stage.READING: _row(Stage.MENU) | {TYPED: Stage.MENU},
    Stage.READING_AGAIN: _READING,
    Stage.SLOWLY: _READING,
    Stage.MENU: _keys(Stage.MENU_1, Stage.GOODBYE, Stage.REPORT, Stage.NEVER) | _MENU,
    Stage.MENU_1: _keys(Stage.MENU_2, Stage.GOODBYE, Stage.REPORT_1, Stage.NEVER_1) | _MENU,
    Stage.MENU_2: _keys(Stage.GOODBYE, Stage.GOODBYE, Stage.REPORT_2, Stage.NEVER_2) | _MENU,
    Stage.REPORT: _row(Stage.MENU_1) | {"*": Stage.REPORTED, "9": Stage.NEVER},
    Stage.REPORT_1: _row(Stage.MENU_2) | {"*": Stage.REPORTED, "9": Stage.NEVER_1},
    Stage.REPORT_2: _row(Stage.GOODBYE) | {"*": Stage.REPORTED, "9": Stage.NEVER_2},
    Stage.NEVER: _row(Stage.MENU_1) | {"*": Stage.SUPPRESSED},
    Stage.NEVER_1: _row(Stage.MENU_2) | {"*": Stage.SUPPRESSED},
    Stage.NEVER_2: _row(Stage.GOODBYE) | {"*": Stage.SUPPRESSED},
    # Every key means "next" state, also after a silence and after the last character; tried with keys of the menu.
    Stage.ONE: _row(Stage.ONE, Stage.ONE_AGAIN),
    Stage.ONE_AGAIN: {"1": Stage.ONE, "0": Stage.ONE, "9": Stage.ONE, "#": Stage.ONE, SILENCE: Stage.MENU},
    Stage.LAST: dict.fromkeys(["1", "0", "9", "#", SILENCE], Stage.MENU),
}
_CODES = {RIGHT: Stage.TYPED_APPROVED, WRONG: Stage.TYPED_WRONG}
_LAST_CODE = _row(Stage.WRONG_KEYS, Stage.NOTHING_PRESSED) | _CODES | {"*": Stage.TYPE_CONFIRM_LAST}
#: The person types the code that the page shows.
KEY = {
    **_gate(Stage.ASKED),
    Stage.ASKED: _row(Stage.ASKED_AGAIN) | _CODES | {"*": Stage.TYPE_CONFIRM},
    Stage.ASKED_AGAIN: _LAST_CODE,
    Stage.ASKED_LAST: _LAST_CODE,
    Stage.TYPE_CONFIRM: _row(Stage.ASKED) | {"*": Stage.REPORTED, "9": Stage.TYPE_NEVER},
    Stage.TYPE_CONFIRM_LAST: _row(Stage.ASKED_LAST) | {"*": Stage.REPORTED, "9": Stage.TYPE_NEVER_LAST},
    Stage.TYPE_NEVER: _row(Stage.ASKED) | {"*": Stage.SUPPRESSED},
    Stage.TYPE_NEVER_LAST: _row(Stage.ASKED_LAST) | {"*": Stage.SUPPRESSED},
}
Table = dict[Stage, dict[str, Stage]]


@dataclass(frozen=True, slots=True)
class ModelState:
    """The stage of a call, the position of the character that was said alone, and the input that led to it."""

    stage: Stage
    position: int = 0
    pressed: str = field(default="", compare=False)
    typed: bool = False

    def after(self, pressed: str, table: Table) -> "ModelState":
        """The state after this input."""
        to, position = table[self.stage][pressed], 0
        if to is Stage.ONE:
            position = self.position + 1
            to = Stage.LAST if position == CODE_LENGTH else to
        if to is Stage.ONE_AGAIN:
            position = self.position
        return ModelState(to, position, pressed, self.typed)

    def character_of(self, code: str) -> str:
        """The character that is said alone in this state; empty in any other."""
        return code[self.position - 1 : self.position] if self.position else ""

    def opening(self, words: Words, brand: str, purpose: str) -> str:
        """The beginning of the first sentence in this state, up to a placeholder for digits."""
        call, stage = words.call, self.stage
        if stage.over:
            return fill(str(getattr(call.endings, stage.name.lower())), brand=brand)
        if stage in (Stage.ONE, Stage.ONE_AGAIN, Stage.LAST):
            return fill(call.character, position=self.position, total=CODE_LENGTH)
        name = stage.name
        if name.startswith(("QUIET", "BAD_KEYS")):
            again = call.typed_announcement if self.typed else call.announcement_again
            return call.wrong_keys if self.pressed == BAD else fill(again, brand=brand, purpose=purpose)
        if name.startswith("MENU"):
            return fill(call.menu.again, key="1") if self.pressed == SILENCE else call.enter_on_screen
        if "NEVER" in name:
            return call.confirm_never
        if "CONFIRM" in name or name.startswith("REPORT"):
            return call.confirm_report
        first = call.typed_announcement if self.typed else call.announcement
        return {
            Stage.GATE: fill(first, brand=brand, purpose=purpose),
            Stage.READING: call.code.partition("{")[0],
            Stage.READING_AGAIN: call.code.partition("{")[0],
            Stage.SLOWLY: call.slowly,
            Stage.ASKED: call.type_code,
            Stage.ASKED_LAST: call.type_code,
            Stage.ASKED_AGAIN: call.type_incomplete,
        }[stage]


def alike(stage: Stage, pressed: str, table: Table) -> list[str]:
    """The inputs of a stage that lead where this one leads and are answered alike: keys, but no silence, no code."""
    row = table[stage]
    return [other for other in row if row[other] is row[pressed] and pressed in KEYS and other in KEYS] or [pressed]


def one_of_alike(table: Table, turn: int) -> Table:
    """The table with one of the inputs that are alike in each stage: another one in each turn."""
    return {
        stage: {pressed: to for pressed, to in row.items() if _is_in_turn(pressed, alike(stage, pressed, table), turn)}
        for stage, row in table.items()
    }


def _is_in_turn(pressed: str, group: list[str], turn: int) -> bool:
    return group[turn % len(group)] == pressed


def walks(table: Table, first: Stage) -> list[list[str]]:
    """Calls from the first document to the end that together take every transition of the table.

    A call takes new transitions as long as there are any, but stays short enough for the time limit of a call.
    """
    left = {(stage, pressed) for stage, row in table.items() for pressed in row}
    calls = []
    while left:
        state, walk = ModelState(first), list[str]()
        while not state.stage.over:
            walk.append(_next(state, walk, table, left))
            left.discard((state.stage, walk[-1]))
            state = state.after(walk[-1], table)
        calls.append(walk)
    return calls


def _next(state: ModelState, walk: list[str], table: Table, left: set[tuple[Stage, str]]) -> str:
    silent, long = walk.count(SILENCE) == 2, len(walk) > 15
    keys = [pressed for pressed in table[state.stage] if not (silent and pressed == SILENCE)]
    new = [pressed for pressed in keys if (state.stage, pressed) in left]
    continuing = [pressed for pressed in new if not state.after(pressed, table).stage.over]
    if continuing and not long:
        return continuing[0]
    if new and not continuing:
        return new[0]
    targets = set() if long else left
    return _towards(state, keys, table, targets) or _towards(state, keys, table, set()) or keys[0]


def _towards(state: ModelState, keys: list[str], table: Table, left: set[tuple[Stage, str]]) -> str | None:
    """The first input of a shortest way to a state with a transition that is left; to the end when none is left."""
    queue, seen = deque((state.after(pressed, table), pressed) for pressed in keys), {state}
    while queue:
        reached, first = queue.popleft()
        if reached.stage.over and not left:
            return first
        if reached.stage.over or reached in seen:
            continue
        seen.add(reached)
        if any((reached.stage, pressed) in left for pressed in table[reached.stage]):
            return first
        queue.extend((reached.after(pressed, table), first) for pressed in table[reached.stage])
    return None
