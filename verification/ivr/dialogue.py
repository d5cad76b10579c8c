"""The talk in a call, as a table of stages. What the phone says next follows from here and from nowhere else.

    gate     -- the right pair -->    reading   the code, twice
             -- wrong or silence -->  gate once more with a new pair, then goodbye
    reading, slowly -- silence -->    menu      (heard to the end)
    menu     -- 1 --> reading   -- 2 --> slowly   -- 3 --> singly   -- 4 --> a text, goodbye
             -- silence or another key --> menu once more, then goodbye
    singly   -- any key --> the next character; after the last one, in silence too, the menu
    any but singly -- 0 --> reported, dead      menu, reading, slowly -- 9 --> never called again

At the gate 0 is pressed twice, because two digits are asked for there. While characters are said one at a time every
key means "next": nobody who was told to press any key should report or stop a call by it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum

from ..models import CallStage, Delivery, Progress
from ..policy import Keypress


class CallInput(StrEnum):
    """What Twilio tells us happened on the line."""

    ANSWERED = "answered"
    KEYS = "keys"
    SILENCE = "silence"


class Ending(StrEnum):
    """The last sentence of a call."""

    GOODBYE = "goodbye"
    NO_KEYS = "no_keys"
    WRONG_KEYS = "wrong_keys"
    NOT_NEEDED = "not_needed"
    REPORTED = "reported"
    SUPPRESSED = "suppressed"
    TEXT_COMES = "text_comes"
    MACHINE = "machine"
    TYPED_APPROVED = "typed_approved"
    TYPED_WRONG = "typed_wrong"


class Effect(Enum):
    """What a key does beyond the talk."""

    NONE = "none"
    REPORT = "report"
    SUPPRESS = "suppress"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class AskForKeys:
    """Who calls and why, then a key press that proves a person is there. `after` says why it is asked once more."""

    mode: Keypress
    keys: str
    after: CallInput | None


@dataclass(frozen=True, slots=True)
class ReadCode:
    """The code, twice. `opening`: with the warning that nobody will ever ask for it."""

    code: str = field(repr=False)
    opening: bool


@dataclass(frozen=True, slots=True)
class ReadSlowly:
    """The code with a pause after every character."""

    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReadOne:
    """The character at `position`, counted from 0; a key asks for the next."""

    code: str = field(repr=False)
    position: int


@dataclass(frozen=True, slots=True)
class OfferMenu:
    """What can be done now; `text` says whether a text message can be offered, `refused` that one was asked for."""

    text: bool
    refused: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """One last sentence, then the call is over."""

    ending: Ending


@dataclass(frozen=True, slots=True)
class AskForCode:
    """Turned round: the page shows the code, the phone asks for it. `wrong`: the last one was; None the first time."""

    length: int
    wrong: bool | None = None


Prompt = AskForCode | AskForKeys | ReadCode | ReadSlowly | ReadOne | OfferMenu | End


@dataclass(frozen=True, slots=True)
class Turn:
    """What to say, where the talk stands after it, and what else a key asked for."""

    line: Prompt
    delivery: Delivery
    effect: Effect = Effect.NONE


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The fixed part of one call: its rules, whether a text may follow, and its two secrets, made only when they are
    said.
    """

    keypress: Keypress
    tries: int
    text: Callable[[], bool]
    pair: Callable[[int], str]
    code: Callable[[], str]

    def take(self, delivery: Delivery, heard: CallInput, digits: str = "") -> Turn:
        """The next turn. `digits` are what Gather collected; longer streams than were asked for are just wrong."""
        if delivery.stage is CallStage.OVER:
            return Turn(End(Ending.NOT_NEEDED), delivery)
        if heard is CallInput.ANSWERED:
            return self._open(delivery)
        if delivery.stage is CallStage.GATE:
            return self._gate(delivery, heard, digits)
        if delivery.stage is CallStage.ONE_BY_ONE:
            return self._one_by_one(delivery, heard)
        if heard is CallInput.SILENCE and delivery.stage in (CallStage.READING, CallStage.SLOWLY):
            return self._menu(_with_progress(delivery, Progress.HEARD), silences=0)
        if heard is CallInput.SILENCE:
            return self._menu(delivery, silences=delivery.silences + 1)
        return self._key(delivery, digits)

    def _open(self, delivery: Delivery) -> Turn:
        if delivery.stage is not CallStage.GATE:
            # Twilio fetched the first document again; a person who is past the gate goes on from the menu.
            return self._menu(delivery, silences=delivery.silences + 1)
        return Turn(self.ask(delivery.tries, CallInput.SILENCE if delivery.tries else None), delivery)

    def ask(self, attempt: int, after: CallInput | None) -> AskForKeys:
        """The keys to press in this attempt, counted from 0."""
        return AskForKeys(self.keypress, self.pair(attempt) if self.keypress is Keypress.DIGITS else "", after)

    def _gate(self, delivery: Delivery, heard: CallInput, digits: str) -> Turn:
        if digits in ("0", "00"):
            return _end_call(delivery, Ending.REPORTED, Effect.REPORT, key="0")
        if self._opens(delivery, heard, digits):
            return self._read(_with_progress(delivery, Progress.PRESSED if digits else Progress.ANSWERED), opening=True)
        tried = replace(_with_progress(delivery, Progress.ANSWERED), tries=delivery.tries + 1)
        if tried.tries >= self.tries:
            return _end_call(tried, Ending.WRONG_KEYS if heard is CallInput.KEYS else Ending.NO_KEYS)
        return Turn(self.ask(tried.tries, heard), tried)

    def _opens(self, delivery: Delivery, heard: CallInput, digits: str) -> bool:
        if self.keypress is Keypress.DIGITS:
            return heard is CallInput.KEYS and digits == self.pair(delivery.tries)
        return self.keypress is Keypress.OFF or (heard is CallInput.KEYS and len(digits) == 1)

    def _read(self, delivery: Delivery, *, opening: bool) -> Turn:
        after = replace(_with_progress(delivery, Progress.READING), stage=CallStage.READING, silences=0)
        return Turn(ReadCode(self.code(), opening), after)

    def _menu(self, delivery: Delivery, *, silences: int, refused: bool = False) -> Turn:
        if silences >= 2:
            return _end_call(delivery, Ending.GOODBYE)
        return Turn(OfferMenu(self.text(), refused), replace(delivery, stage=CallStage.MENU, silences=silences))

    def _key(self, delivery: Delivery, digits: str) -> Turn:
        used = replace(delivery, keys=(delivery.keys + digits)[-32:]) if digits in _MENU_KEYS else delivery
        if digits == "1":
            return self._read(used, opening=False)
        if digits == "2":
            return Turn(ReadSlowly(self.code()), replace(used, stage=CallStage.SLOWLY, silences=0))
        if digits == "3":
            return Turn(ReadOne(self.code(), 0), replace(used, stage=CallStage.ONE_BY_ONE, position=0, silences=0))
        if digits == "4" and self.text():
            return _end_call(used, Ending.TEXT_COMES, Effect.TEXT)
        if digits == "0":
            return _end_call(used, Ending.REPORTED, Effect.REPORT)
        if digits == "9":
            return _end_call(used, Ending.SUPPRESSED, Effect.SUPPRESS)
        silences = used.silences + 1 if used.stage is CallStage.MENU else 0
        return self._menu(used, silences=silences, refused=digits == "4")

    def _one_by_one(self, delivery: Delivery, heard: CallInput) -> Turn:
        code, position = self.code(), delivery.position + 1
        if position >= len(code):
            return self._menu(_with_progress(delivery, Progress.HEARD), silences=0)
        if heard is CallInput.SILENCE and delivery.silences:
            return self._menu(delivery, silences=0)
        if heard is CallInput.SILENCE:
            return Turn(ReadOne(code, delivery.position), replace(delivery, silences=1))
        return Turn(ReadOne(code, position), replace(delivery, position=position, silences=0))


_MENU_KEYS = frozenset("0123456789*#")


def _with_progress(delivery: Delivery, progress: Progress) -> Delivery:
    return replace(delivery, progress=max(delivery.progress, progress))


def _end_call(delivery: Delivery, ending: Ending, effect: Effect = Effect.NONE, *, key: str = "") -> Turn:
    return Turn(End(ending), replace(delivery, stage=CallStage.OVER, keys=delivery.keys + key), effect)
