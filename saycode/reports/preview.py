"""What a person hears, as text: the documents of a call in which all goes well, then what each key does.

The keys and the code are always the same, so that two previews can be compared line by line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from twiml.call import render
from twiml.listening import estimate, seconds_before, spoken_text
from twiml.text import message_purpose, segments, shortest_message
from twiml.words import Words
from verification.context import Context
from verification.flow.check import code_of
from verification.flow.start import StartRequest, new_verification
from verification.ivr.dialogue import Dialogue
from verification.ivr.gate import Gate
from verification.ivr.keypad import keypad_gate, take_keypad_turn
from verification.ivr.prompts import CONFIRM, REPORT_STAR, CallInput, MenuKey, Prompt
from verification.models import CallStage, Delivery, Progress, State
from verification.policy import BUILT_IN_ACTIONS, DEFAULT_POLICY, Action, Keypress, action_phrase
from verification.types import CallStyle, Channel, DeliveryStatus
from verification.values.codes import KeyRing
from verification.values.payments import Payment
from verification.values.phone_numbers import PhoneNumber

#: What happened on the line, the digits of it, and how the preview describes it.
Input = tuple[CallInput, str, str]

GATE_KEYS = ("471", "528")
CODE = "639402"
_HOST = "saycode.example"
#: Seconds to press one key.
KEY_SECONDS = 0.6
_ANSWERED: Input = (CallInput.ANSWERED, "", "answered")
_NOTHING_PRESSED: Input = (CallInput.SILENCE, "", "nothing pressed")


@dataclass(frozen=True, slots=True)
class PreviewStep:
    """An input of the call, its keys, and the document that answers it."""

    when: str
    document: str
    digits: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A call in one language for one action."""

    words: Words
    brand: str
    action: str
    keypress: Keypress = Keypress.DIGITS
    style: CallStyle = CallStyle.SAY
    payment: Payment | None = None
    actions: tuple[Action, ...] = BUILT_IN_ACTIONS

    def happy_path(self) -> list[PreviewStep]:
        """The call of a person who presses the keys, or types the code, at once, and then only listens."""
        if self.style is CallStyle.KEY:
            return list(self._take_code([_ANSWERED, _pressed(_TYPE_KEYS), _typed(_RIGHT_CODE)]))
        keys = {Keypress.DIGITS: GATE_KEYS[0], Keypress.ANY: "5"}.get(self.keypress)
        first = _pressed(keys) if keys else _NOTHING_PRESSED
        return list(self._say_code([_ANSWERED, first, *[_NOTHING_PRESSED] * 2]))

    def keys(self) -> list[PreviewStep]:
        """What each key of the menu does."""
        if self.style is CallStyle.KEY:
            return []
        confirmed = self._press(CallStage.CONFIRM_REPORT, CONFIRM), self._press(CallStage.CONFIRM_NEVER, CONFIRM)
        slowly = self._say_code([_NOTHING_PRESSED], _delivery(CallStage.SLOWLY, keys="2"))
        return [*(self._press(CallStage.MENU, key.value) for key in MenuKey), *confirmed, *slowly]

    def otherwise(self) -> list[PreviewStep]:
        """Wrong keys, no keys at all, a code typed on the phone, and a report."""
        if self.style is CallStyle.KEY:
            opened = _delivery(CallStage.TYPING)
            silent = [(CallInput.SILENCE, "", "nothing typed")] * 2
            return [
                *self._take_code([_typed(_WRONG_CODE)], opened),
                *self._take_code(silent, opened),
                *self._take_code([_pressed("00"), _pressed(CONFIRM)]),
                *self._take_code([_pressed(REPORT_STAR)], opened),
            ]
        typed = self._press(CallStage.READING, CODE)
        if self.keypress is not Keypress.DIGITS:
            return [typed]
        return [
            *self._say_code([_pressed("999")] * 2),
            *self._say_code([_NOTHING_PRESSED] * 4),
            *self._say_code([_pressed("000"), _pressed(CONFIRM)]),
            typed,
        ]

    def silent(self) -> list[PreviewStep]:
        """The call of a phone that is answered, and on which nothing is pressed."""
        return list(self._say_code([_ANSWERED, *[_NOTHING_PRESSED] * DEFAULT_POLICY.silent_tries]))

    @property
    def text(self) -> str:
        """The text message with the same code."""
        purpose = message_purpose(self.words, self.action, self.payment, self._phrase)
        return shortest_message(self.words, brand=self.brand, code=CODE, minutes=5, host=_HOST, purpose=purpose)

    @property
    def seconds_to_code(self) -> float:
        """Seconds from the answer to the first digit of the code, when the keys are pressed at once."""
        answered, read = self.happy_path()[:2]
        before = estimate(answered.document).seconds
        if self.keypress is Keypress.DIGITS:
            keys = ", ".join(GATE_KEYS[0])
            before = (seconds_before(answered.document, keys) or 0) + len(GATE_KEYS[0]) * KEY_SECONDS
        return before + (seconds_before(read.document, ", ".join(CODE)) or 0)

    @property
    def _phrase(self) -> str | None:
        return action_phrase(self.actions, self.action, self.words.tag)

    def _say_code(self, inputs: list[Input], delivery: Delivery | None = None) -> Iterator[PreviewStep]:
        delivery = delivery or _delivery(CallStage.GATE)
        for call_input, digits, when in inputs:
            turn = self._dialogue.take(delivery, call_input, digits)
            delivery = turn.delivery
            yield self._step(when, turn.prompt, digits)

    def _take_code(self, inputs: list[Input], delivery: Delivery | None = None) -> Iterator[PreviewStep]:
        verification, delivery = _VERIFICATION, delivery or _delivery(CallStage.GATE)
        for call_input, digits, when in inputs:
            turn = take_keypad_turn(State(), verification, delivery, call_input, digits, _CONTEXT)
            verification, delivery = turn.verification, turn.delivery
            yield self._step(when, turn.prompt, digits)

    def _press(self, stage: CallStage, keys: str) -> PreviewStep:
        (step,) = self._say_code([_pressed(keys)], _delivery(stage))
        return step

    def _step(self, when: str, prompt: Prompt, digits: str) -> PreviewStep:
        purpose = self.words.purpose(self.action, self._phrase)
        document = render(prompt, self.words, brand=self.brand, purpose=purpose, payment=self.payment)
        return PreviewStep(when, document, digits)

    @property
    def _dialogue(self) -> Dialogue:
        return Dialogue(
            gate=Gate(
                keypress=self.keypress,
                tries=DEFAULT_POLICY.keypress_tries,
                silent_tries=DEFAULT_POLICY.silent_tries,
                keys=lambda attempt: GATE_KEYS[attempt % len(GATE_KEYS)],
            ),
            may_text=lambda: True,
            code=lambda: CODE,
        )


def _spaced(keys: str) -> str:
    return " ".join(keys)


def _pressed(keys: str) -> Input:
    return CallInput.KEYS, keys, f"pressed {_spaced(keys)}"


def _typed(code: str) -> Input:
    return CallInput.KEYS, code, f"typed {_spaced(code)}"


def _delivery(stage: CallStage, *, keys: str = "") -> Delivery:
    return Delivery(
        sid="",
        verification="",
        channel=Channel.CALL,
        status=DeliveryStatus.ANSWERED,
        created_at=0,
        updated_at=0,
        stage=stage,
        keys=keys,
        progress=Progress.NOTHING if stage is CallStage.GATE else Progress.READING,
    )


_CONTEXT = Context(now=0, policy=DEFAULT_POLICY, keys=KeyRing((b"the key of the preview, and nothing else",)))
_VERIFICATION = new_verification(
    StartRequest(
        username="",
        number=PhoneNumber("", ""),
        channel=Channel.CALL,
        action="",
        language="",
        service="",
        style=CallStyle.KEY,
    ),
    _CONTEXT,
    randomness=bytes,
)
_RIGHT_CODE = code_of(_VERIFICATION, _CONTEXT.keys)
_TYPE_KEYS = keypad_gate(_VERIFICATION, _delivery(CallStage.GATE), _CONTEXT).keys(0)
_WRONG_CODE = "".join(str((int(digit) + 1) % 10) for digit in _RIGHT_CODE)


def preview_lines(preview: Preview, *, twiml: bool = False) -> Iterator[str]:
    """The preview as text, or the documents themselves."""
    happy_path = preview.happy_path()
    words = preview.words
    first = f"Keys first: {preview.keypress}" if preview.style is CallStyle.SAY else "The page shows the code"
    yield f"{words.native_name} ({words.tag}), {words.voice}. Action: {preview.action}. {first}."
    for title, steps in (("The call", happy_path), ("Each key", preview.keys()), ("Otherwise", preview.otherwise())):
        if not steps:
            continue
        yield ""
        yield title
        for step in steps:
            yield f"  [{step.when}]"
            yield from (f"    {line}" for line in ([step.document] if twiml else spoken_lines(step.document)))
    yield ""
    if preview.style is CallStyle.SAY:
        yield "The text"
        yield from (f"    {line}" for line in preview.text.splitlines() if line)
        yield ""
    yield from _figures(preview, happy_path)


def _figures(preview: Preview, happy_path: list[PreviewStep]) -> Iterator[str]:
    times = [estimate(step.document) for step in happy_path]
    characters = sum(time.characters for time in times)
    if preview.style is CallStyle.SAY:
        total = sum(time.seconds for time in times) + sum(time.waiting for time in times[2:])
        seconds = preview.seconds_to_code
        yield f"About {seconds:.0f} s from the answer to the first digit when the keys are pressed at once."
        yield f"About {total:.0f} s in all when nothing is pressed after that."
        if preview.keypress is Keypress.DIGITS:
            yield f"About {_duration(preview.silent()):.0f} s in all when nothing is pressed."
    else:
        asked = seconds_before(happy_path[0].document, ", ".join(_TYPE_KEYS)) or 0
        before = asked + len(_TYPE_KEYS) * KEY_SECONDS
        total = before + sum(time.seconds for time in times[1:]) + len(_RIGHT_CODE) * KEY_SECONDS
        yield f"About {before:.0f} s from the answer until the code can be typed."
        yield f"About {total:.0f} s in all when it is typed at once."
    yield f"{characters} characters are said in such a call; Twilio charges voices by them."
    if preview.style is CallStyle.SAY:
        counted = segments(preview.text)
        parts = "1 segment" if counted.count == 1 else f"{counted.count} segments"
        yield f"The text takes {counted.length} characters of {counted.encoding}, {parts}."


def _duration(steps: list[PreviewStep]) -> float:
    """Seconds of a call in which nothing is pressed."""
    times = [estimate(step.document) for step in steps]
    return sum(time.seconds + time.waiting for time in times)


def spoken_lines(document: str) -> Iterator[str]:
    """A document as it is heard: a line for each sentence, pause and wait."""
    for verb in ElementTree.fromstring(document):  # our own document
        if verb.tag == "Gather":
            yield from (_spoken_line(inner) for inner in verb)
            keys = "a key" if verb.get("numDigits") == "1" else f"{verb.get('numDigits')} keys"
            yield f"(waits {verb.get('timeout')} s for {keys})"
        elif verb.tag in ("Say", "Pause"):
            yield _spoken_line(verb)
        elif verb.tag == "Hangup":
            yield "(hangs up)"


def _spoken_line(verb: ElementTree.Element) -> str:
    return spoken_text(verb) if verb.tag == "Say" else f"({verb.get('length')} s of silence)"
