"""What a person would hear, written out: every document of a call in the order of a straight talk, then each key.

The keys and the code in it are always the same, so that two previews can be compared line by line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from twiml.listening import estimate, seconds_before
from twiml.text import segments, shortest_message
from twiml.words import Words
from verification.flow.check import code_of
from verification.flow.start import StartRequest, new_verification
from verification.ivr import keypad
from verification.ivr.dialogue import CallInput, Dialogue, Prompt
from verification.models import CallStage, Delivery, State
from verification.policy import BUILT_IN_ACTIONS, DEFAULT_POLICY, Action, Keypress
from verification.types import CallStyle, Channel, DeliveryStatus
from verification.values.codes import KeyRing
from verification.values.payments import Payment
from verification.values.phone_numbers import PhoneNumber
from webhooks.twilio.prompts import message_purpose, payment_sentence, purpose_phrase, render_prompt

KEY_PAIRS = ("47", "52")
CODE = "471902"
_HOST = "saycode.example"
_KEY_SECONDS = 0.6


@dataclass(frozen=True, slots=True)
class PreviewStep:
    """Something that happens on the line, and the document that answers it."""

    when: str
    document: str


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
        """The call of a person who presses the keys at once and then only listens, or types the code at once."""
        if self.style is CallStyle.KEY:
            return list(
                self._typing(
                    [
                        (CallInput.ANSWERED, "", "answered"),
                        (CallInput.KEYS, _RIGHT_CODE, f"typed {_spaced(_RIGHT_CODE)}"),
                    ]
                )
            )
        keys = {Keypress.DIGITS: KEY_PAIRS[0], Keypress.ANY: "5"}.get(self.keypress)
        first = (
            (CallInput.KEYS, keys, f"pressed {_spaced(keys)}") if keys else (CallInput.SILENCE, "", "nothing pressed")
        )
        silences = [(CallInput.SILENCE, "", "nothing pressed")] * 3
        return list(self._talk([(CallInput.ANSWERED, "", "answered"), first, *silences]))

    def keys(self) -> list[PreviewStep]:
        """What each key of the menu does."""
        if self.style is CallStyle.KEY:
            return []
        return [self._from(CallStage.MENU, key) for key in "123409"]

    def otherwise(self) -> list[PreviewStep]:
        """Keys that are wrong, and nothing pressed at all."""
        if self.style is CallStyle.KEY:
            wrong = (CallInput.KEYS, _WRONG_CODE, f"typed {_spaced(_WRONG_CODE)}")
            silent = [(CallInput.SILENCE, "", "nothing typed")] * 2
            star = (CallInput.KEYS, "*", "pressed *")
            return [*self._typing([wrong]), *self._typing(silent), *self._typing([star])]
        if self.keypress is not Keypress.DIGITS:
            return []
        twice = [(CallInput.KEYS, "11", "pressed 1 1")] * 2
        silent = [(CallInput.SILENCE, "", "nothing pressed")] * 2
        return [*self._talk(twice), *self._talk(silent), self._from(CallStage.GATE, "00")]

    @property
    def text(self) -> str:
        """The text with the same code."""
        said = message_purpose(self.words, self.action, self.payment, self.actions)
        return shortest_message(self.words, brand=self.brand, code=CODE, minutes=5, host=_HOST, purpose=said)

    @property
    def seconds_to_code(self) -> float:
        """From the answer to the first digit of the code, when the keys are pressed the moment they are said."""
        answered, read = self.happy_path()[:2]
        before = estimate(answered.document).seconds
        if self.keypress is Keypress.DIGITS:
            keys = ", ".join(KEY_PAIRS[0])
            before = (seconds_before(answered.document, keys) or 0) + len(KEY_PAIRS[0]) * _KEY_SECONDS
        return before + (seconds_before(read.document, ", ".join(CODE)) or 0)

    def _talk(self, inputs: list[tuple[CallInput, str, str]]) -> Iterator[PreviewStep]:
        delivery = _delivery(CallStage.GATE)
        for heard, digits, when in inputs:
            turn = self._rules.take(delivery, heard, digits or "")
            delivery = turn.delivery
            yield self._step(when, turn.line)

    def _typing(self, inputs: list[tuple[CallInput, str, str]]) -> Iterator[PreviewStep]:
        verification, delivery = _VERIFICATION, _delivery(CallStage.GATE)
        for heard, digits, when in inputs:
            keyed = keypad.take_keypad_turn(
                State(), verification, delivery, heard, digits, keys=_KEY_RING, now=0, policy=DEFAULT_POLICY
            )
            verification, delivery = keyed.verification, keyed.delivery
            yield self._step(when, keyed.line)

    def _from(self, stage: CallStage, keys: str) -> PreviewStep:
        turn = self._rules.take(_delivery(stage), CallInput.KEYS, keys)
        return self._step(f"pressed {_spaced(keys)}", turn.line)

    def _step(self, when: str, line: Prompt) -> PreviewStep:
        said = purpose_phrase(self.words, self.action, self.actions)
        payment = payment_sentence(self.words, self.payment)
        return PreviewStep(
            when, render_prompt(line, self.words.tag, brand=self.brand, purpose=said, payment_sentence=payment)
        )

    @property
    def _rules(self) -> Dialogue:
        return Dialogue(
            keypress=self.keypress,
            tries=DEFAULT_POLICY.keypress_tries,
            text=lambda: True,
            pair=lambda attempt: KEY_PAIRS[attempt % len(KEY_PAIRS)],
            code=lambda: CODE,
        )


def _spaced(keys: str) -> str:
    return " ".join(keys)


def _delivery(stage: CallStage) -> Delivery:
    return Delivery(
        sid="",
        verification="",
        channel=Channel.CALL,
        status=DeliveryStatus.ANSWERED,
        created_at=0,
        updated_at=0,
        stage=stage,
    )


_KEY_RING = KeyRing((b"the key of the preview, and nothing else",))
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
    now=0,
    policy=DEFAULT_POLICY,
    keys=_KEY_RING,
    randomness=bytes,
)
_RIGHT_CODE = code_of(_VERIFICATION, _KEY_RING)
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
    listened = [estimate(step.document) for step in happy_path]
    characters = sum(one.characters for one in listened)
    if preview.style is CallStyle.SAY:
        total = sum(one.seconds for one in listened) + sum(one.waiting for one in listened[2:])
        seconds = preview.seconds_to_code
        yield f"About {seconds:.0f} s from the answer to the first digit when the keys are pressed at once."
        yield f"About {total:.0f} s in all when nothing is pressed after that."
    else:
        total = sum(one.seconds for one in listened) + len(_RIGHT_CODE) * _KEY_SECONDS
        yield f"About {listened[0].seconds:.0f} s from the answer until the code can be typed."
        yield f"About {total:.0f} s in all when it is typed at once."
    yield f"{characters} characters are said in such a call; the carrier charges voices by them."
    if preview.style is CallStyle.SAY:
        counted = segments(preview.text)
        parts = "1 segment" if counted.count == 1 else f"{counted.count} segments"
        yield f"The text takes {counted.length} characters of {counted.encoding}, {parts}."


def spoken_lines(document: str) -> Iterator[str]:
    """A document as somebody hears it, a line for each sentence, pause and wait."""
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
    return (verb.text or "") if verb.tag == "Say" else f"({verb.get('length')} s of silence)"
