"""The call as a table: where it stands, and where each key and silence lead. Made from the issue, not from the rules.

`walks` are calls that together go every way in the table. Each is a list of what is pressed, in words of the table:
a key or nothing, and `PAIR`, `RIGHT` or `WRONG` for what only the person in the call can know.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

from twiml.words import Words, fill

KEYS = "1234567890*#"
SILENCE = "nothing"
PAIR, RIGHT, WRONG = "the pair", "the code", "another code"
CODE_LENGTH = 6


class At(Enum):
    """Where a call stands; those after `END` are its last sentence."""

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
        return self.value > At.END.value


def _row(others: At, silence: At | None = None, **keys: At) -> dict[str, At]:
    """Where each key leads: `others`, unless it is named (`_1=…`)."""
    named = {name.removeprefix("_"): at for name, at in keys.items()}
    return {**dict.fromkeys(KEYS, others), SILENCE: silence or others, **named}


def _menu(others: At) -> dict[str, At]:
    return _row(
        others,
        _1=At.READING,
        _2=At.SLOWLY,
        _3=At.ONE,
        _4=At.TEXT_SENT,
        _0=At.REPORTED,
        _9=At.SUPPRESSED,
    )


#: The call says the code. At the gate `#` alone ends the input, which is as if nothing had been pressed.
SAY = {
    At.GATE: _row(At.GATE_AGAIN, _0=At.REPORTED) | {PAIR: At.READING},
    At.GATE_AGAIN: _row(At.WRONG_KEYS, At.NOTHING_PRESSED, _0=At.REPORTED)
    | {"#": At.NOTHING_PRESSED, PAIR: At.READING},
    At.READING: _menu(At.MENU),
    At.SLOWLY: _menu(At.MENU),
    At.MENU: _menu(At.MENU_AGAIN),
    At.MENU_AGAIN: _menu(At.GOODBYE),
    # Every key means "next" there, also after a silence and after the last character: those that mean more elsewhere.
    At.ONE: _row(At.ONE, At.ONE_AGAIN),
    At.ONE_AGAIN: {"1": At.ONE, "0": At.ONE, "9": At.ONE, "#": At.ONE, SILENCE: At.MENU},
    At.LAST: dict.fromkeys(["1", "0", "9", "#", SILENCE], At.MENU),
}
#: The person types what the page shows.
KEY = {
    At.ASKED: _row(At.ASKED_AGAIN) | {"*": At.REPORTED, RIGHT: At.TYPED_APPROVED, WRONG: At.TYPED_WRONG},
    At.ASKED_AGAIN: _row(At.WRONG_KEYS, At.NOTHING_PRESSED)
    | {"*": At.REPORTED, RIGHT: At.TYPED_APPROVED, WRONG: At.TYPED_WRONG},
}
Table = dict[At, dict[str, At]]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a call stands, which character was said alone, and what led there."""

    at: At
    position: int = 0
    pressed: str = field(default="", compare=False)

    def after(self, pressed: str, store: Table) -> "Standing":
        """Where it stands when this was pressed."""
        to, position = store[self.at][pressed], 0
        if to is At.ONE:
            position = self.position + 1
            to = At.LAST if position == CODE_LENGTH else to
        if to is At.ONE_AGAIN:
            position = self.position
        return Standing(to, position, pressed)

    def character_of(self, code: str) -> str:
        """The character that is said alone there; nothing anywhere else."""
        return code[self.position - 1 : self.position] if self.position else ""

    def opening(self, words: Words, brand: str, purpose: str) -> str:
        """The first words of the document that is heard there; what follows a placeholder for digits is left out."""
        call, at = words.call, self.at
        if at.over:
            return fill(str(getattr(call.endings, at.name.lower())), brand=brand)
        if at in (At.ONE, At.ONE_AGAIN, At.LAST):
            return fill(call.character, position=self.position, total=CODE_LENGTH)
        return {
            At.GATE: fill(call.announcement, brand=brand, purpose=purpose),
            At.GATE_AGAIN: (call.no_keys if self.pressed in (SILENCE, "#") else call.wrong_keys).partition("{")[0],
            At.READING: call.nobody_will_ask if self.pressed == PAIR else call.code.partition("{")[0],
            At.SLOWLY: call.slowly,
            At.MENU: fill(call.menu.again, key="1"),
            At.MENU_AGAIN: fill(call.menu.again, key="1"),
            At.ASKED: fill(call.typed_announcement, brand=brand, purpose=purpose),
            At.ASKED_AGAIN: call.type_incomplete,
        }[at]


def walks(store: Table, first: At) -> list[list[str]]:
    """Calls from the first document to the end that together go every way in the table.

    A call goes new ways as long as there are any, but none is so long that its time limit ends it.
    """
    left = {(at, pressed) for at, row in store.items() for pressed in row}
    found = []
    while left:
        here, walk = Standing(first), list[str]()
        while not here.at.over:
            walk.append(_next(here, walk, store, left))
            left.discard((here.at, walk[-1]))
            here = here.after(walk[-1], store)
        found.append(walk)
    return found


def _next(here: Standing, walk: list[str], store: Table, left: set[tuple[At, str]]) -> str:
    silent, tired = walk.count(SILENCE) == 2, len(walk) > 15
    keys = [pressed for pressed in store[here.at] if not (silent and pressed == SILENCE)]
    new = [pressed for pressed in keys if (here.at, pressed) in left]
    going_on = [pressed for pressed in new if not here.after(pressed, store).at.over]
    if going_on and not tired:
        return going_on[0]
    if new and not going_on:
        return new[0]
    wanted = set() if tired else left
    return _towards(here, keys, store, wanted) or _towards(here, keys, store, set()) or keys[0]


def _towards(here: Standing, keys: list[str], store: Table, left: set[tuple[At, str]]) -> str | None:
    """The first press on a shortest way to somewhere with ways not gone yet; to the end when there is nothing left."""
    queue, seen = deque((here.after(pressed, store), pressed) for pressed in keys), {here}
    while queue:
        place, first = queue.popleft()
        if place.at.over and not left:
            return first
        if place.at.over or place in seen:
            continue
        seen.add(place)
        if any((place.at, pressed) in left for pressed in store[place.at]):
            return first
        queue.extend((place.after(pressed, store), first) for pressed in store[place.at])
    return None
