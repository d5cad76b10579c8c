"""The call as a transition table: its stages, and where each key and silence lead. Written from the requirements.

`walks` returns calls that together take every transition. Each call is a list of inputs: a key, `SILENCE`, or `PAIR`,
`RIGHT` and `WRONG` for digits that only the person in the call knows.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

from twiml.words import Words, fill

KEYS = "1234567890*#"
SILENCE = "nothing"
PAIR, RIGHT, WRONG = "the pair", "the code", "another code"
CODE_LENGTH = 6


class Stage(Enum):
    """A stage of the call. Those after `END` are the last sentences."""

    GATE = auto()
    GATE_AGAIN = auto()
    READING = auto()
    SLOWLY = auto()
    ONE = auto()
    ONE_AGAIN = auto()
    LAST = auto()
    MENU = auto()
    MENU_AGAIN = auto()
    ASKED = auto()
    ASKED_AGAIN = auto()
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


def _menu(others: Stage) -> dict[str, Stage]:
    return _row(
        others,
        _1=Stage.READING,
        _2=Stage.SLOWLY,
        _3=Stage.ONE,
        _4=Stage.TEXT_SENT,
        _0=Stage.REPORTED,
        _9=Stage.SUPPRESSED,
    )


#: The call says the code. Stage the gate `#` alone ends the input, which is as if nothing had been pressed.
SAY = {
    Stage.GATE: _row(Stage.GATE_AGAIN, _0=Stage.REPORTED) | {PAIR: Stage.READING},
    Stage.GATE_AGAIN: _row(Stage.WRONG_KEYS, Stage.NOTHING_PRESSED, _0=Stage.REPORTED)
    | {"#": Stage.NOTHING_PRESSED, PAIR: Stage.READING},
    Stage.READING: _menu(Stage.MENU),
    Stage.SLOWLY: _menu(Stage.MENU),
    Stage.MENU: _menu(Stage.MENU_AGAIN),
    Stage.MENU_AGAIN: _menu(Stage.GOODBYE),
    # Every key means "next" state, also after a silence and after the last character; tried with keys of the menu.
    Stage.ONE: _row(Stage.ONE, Stage.ONE_AGAIN),
    Stage.ONE_AGAIN: {"1": Stage.ONE, "0": Stage.ONE, "9": Stage.ONE, "#": Stage.ONE, SILENCE: Stage.MENU},
    Stage.LAST: dict.fromkeys(["1", "0", "9", "#", SILENCE], Stage.MENU),
}
#: The person types the code that the page shows.
KEY = {
    Stage.ASKED: _row(Stage.ASKED_AGAIN) | {"*": Stage.REPORTED, RIGHT: Stage.TYPED_APPROVED, WRONG: Stage.TYPED_WRONG},
    Stage.ASKED_AGAIN: _row(Stage.WRONG_KEYS, Stage.NOTHING_PRESSED)
    | {"*": Stage.REPORTED, RIGHT: Stage.TYPED_APPROVED, WRONG: Stage.TYPED_WRONG},
}
Table = dict[Stage, dict[str, Stage]]


@dataclass(frozen=True, slots=True)
class ModelState:
    """The stage of a call, the position of the character that was said alone, and the input that led to it."""

    stage: Stage
    position: int = 0
    pressed: str = field(default="", compare=False)

    def after(self, pressed: str, table: Table) -> "ModelState":
        """The state after this input."""
        to, position = table[self.stage][pressed], 0
        if to is Stage.ONE:
            position = self.position + 1
            to = Stage.LAST if position == CODE_LENGTH else to
        if to is Stage.ONE_AGAIN:
            position = self.position
        return ModelState(to, position, pressed)

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
        return {
            Stage.GATE: fill(call.announcement, brand=brand, purpose=purpose),
            Stage.GATE_AGAIN: (call.no_keys if self.pressed in (SILENCE, "#") else call.wrong_keys).partition("{")[0],
            Stage.READING: call.nobody_will_ask if self.pressed == PAIR else call.code.partition("{")[0],
            Stage.SLOWLY: call.slowly,
            Stage.MENU: fill(call.menu.again, key="1"),
            Stage.MENU_AGAIN: fill(call.menu.again, key="1"),
            Stage.ASKED: fill(call.typed_announcement, brand=brand, purpose=purpose),
            Stage.ASKED_AGAIN: call.type_incomplete,
        }[stage]


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
