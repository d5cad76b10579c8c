"""What a person would hear, written out: every document of a call in the order of a straight talk, then each key.

The keys and the code in it are always the same, so that two previews can be compared line by line.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

from twiml.listening import listen, seconds_before
from twiml.text import segments, shortest
from twiml.words import Words
from verification import keying
from verification.actions import BUILT_IN, Action
from verification.call import Heard, Line, Talk
from verification.checking import code_of
from verification.codes import KeyRing
from verification.making import Wanted, new_verification
from verification.numbers import Number
from verification.payments import Payment
from verification.policy import SEED, Keypress
from verification.records import CallStyle, Case, Delivery, Stage
from verification.states import Channel, DeliveryStatus
from webhooks.documents import document
from webhooks.purposes import approval, purpose, texted

PAIRS = ("47", "52")
CODE = "471902"
_HOST = "saycode.example"
_KEY_SECONDS = 0.6


@dataclass(frozen=True, slots=True)
class Step:
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
    actions: tuple[Action, ...] = BUILT_IN

    def straight(self) -> list[Step]:
        """The call of a person who presses the keys at once and then only listens, or types the code at once."""
        if self.style is CallStyle.KEY:
            return list(
                self._typing([(Heard.ANSWERED, "", "answered"), (Heard.KEYS, _TYPED, f"typed {_said(_TYPED)}")])
            )
        keys = {Keypress.DIGITS: PAIRS[0], Keypress.ANY: "5"}.get(self.keypress)
        first = (Heard.KEYS, keys, f"pressed {_said(keys)}") if keys else (Heard.SILENCE, "", "nothing pressed")
        silences = [(Heard.SILENCE, "", "nothing pressed")] * 3
        return list(self._talk([(Heard.ANSWERED, "", "answered"), first, *silences]))

    def keys(self) -> list[Step]:
        """What each key of the menu does."""
        if self.style is CallStyle.KEY:
            return []
        return [self._from(Stage.MENU, key) for key in "123409"]

    def otherwise(self) -> list[Step]:
        """Keys that are wrong, and nothing pressed at all."""
        if self.style is CallStyle.KEY:
            wrong = (Heard.KEYS, _WRONG, f"typed {_said(_WRONG)}")
            silent = [(Heard.SILENCE, "", "nothing typed")] * 2
            star = (Heard.KEYS, "*", "pressed *")
            return [*self._typing([wrong]), *self._typing(silent), *self._typing([star])]
        if self.keypress is not Keypress.DIGITS:
            return []
        twice = [(Heard.KEYS, "11", "pressed 1 1")] * 2
        silent = [(Heard.SILENCE, "", "nothing pressed")] * 2
        return [*self._talk(twice), *self._talk(silent), self._from(Stage.GATE, "00")]

    @property
    def text(self) -> str:
        """The text with the same code."""
        said = texted(self.words, self.action, self.payment, self.actions)
        return shortest(self.words, brand=self.brand, code=CODE, minutes=5, host=_HOST, purpose=said)

    @property
    def seconds_to_code(self) -> float:
        """From the answer to the first digit of the code, when the keys are pressed the moment they are said."""
        answered, read = self.straight()[:2]
        before = listen(answered.document).seconds
        if self.keypress is Keypress.DIGITS:
            keys = ", ".join(PAIRS[0])
            before = (seconds_before(answered.document, keys) or 0) + len(PAIRS[0]) * _KEY_SECONDS
        return before + (seconds_before(read.document, ", ".join(CODE)) or 0)

    def _talk(self, happens: list[tuple[Heard, str, str]]) -> Iterator[Step]:
        delivery = _delivery(Stage.GATE)
        for heard, digits, when in happens:
            turn = self._rules.take(delivery, heard, digits or "")
            delivery = turn.delivery
            yield self._step(when, turn.line)

    def _typing(self, happens: list[tuple[Heard, str, str]]) -> Iterator[Step]:
        verification, delivery = _VERIFICATION, _delivery(Stage.GATE)
        for heard, digits, when in happens:
            keyed = keying.take(Case(), verification, delivery, heard, digits, keys=_KEYS, now=0, policy=SEED)
            verification, delivery = keyed.verification, keyed.delivery
            yield self._step(when, keyed.line)

    def _from(self, stage: Stage, keys: str) -> Step:
        turn = self._rules.take(_delivery(stage), Heard.KEYS, keys)
        return self._step(f"pressed {_said(keys)}", turn.line)

    def _step(self, when: str, line: Line) -> Step:
        said = purpose(self.words, self.action, self.actions)
        approves = approval(self.words, self.payment)
        return Step(when, document(line, self.words.tag, brand=self.brand, purpose=said, approves=approves))

    @property
    def _rules(self) -> Talk:
        return Talk(
            keypress=self.keypress,
            tries=SEED.keypress_tries,
            text=lambda: True,
            pair=lambda attempt: PAIRS[attempt % len(PAIRS)],
            code=lambda: CODE,
        )


def _said(keys: str) -> str:
    return " ".join(keys)


def _delivery(stage: Stage) -> Delivery:
    return Delivery(
        sid="",
        verification="",
        channel=Channel.CALL,
        status=DeliveryStatus.ANSWERED,
        created_at=0,
        updated_at=0,
        stage=stage,
    )


_KEYS = KeyRing((b"the key of the preview, and nothing else",))
_VERIFICATION = new_verification(
    Wanted(
        username="",
        number=Number("", ""),
        channel=Channel.CALL,
        action="",
        language="",
        service="",
        style=CallStyle.KEY,
    ),
    now=0,
    policy=SEED,
    keys=_KEYS,
    randomness=bytes,
)
_TYPED = code_of(_VERIFICATION, _KEYS)
_WRONG = "".join(str((int(digit) + 1) % 10) for digit in _TYPED)


def lines(preview: Preview, *, twiml: bool = False) -> Iterator[str]:
    """The preview as text, or the documents themselves."""
    straight = preview.straight()
    words = preview.words
    first = f"Keys first: {preview.keypress}" if preview.style is CallStyle.SAY else "The page shows the code"
    yield f"{words.native_name} ({words.tag}), {words.voice}. Action: {preview.action}. {first}."
    for title, steps in (("The call", straight), ("Each key", preview.keys()), ("Otherwise", preview.otherwise())):
        if not steps:
            continue
        yield ""
        yield title
        for step in steps:
            yield f"  [{step.when}]"
            yield from (f"    {line}" for line in ([step.document] if twiml else heard(step.document)))
    yield ""
    if preview.style is CallStyle.SAY:
        yield "The text"
        yield from (f"    {line}" for line in preview.text.splitlines() if line)
        yield ""
    yield from _figures(preview, straight)


def _figures(preview: Preview, straight: list[Step]) -> Iterator[str]:
    listened = [listen(step.document) for step in straight]
    characters = sum(one.characters for one in listened)
    if preview.style is CallStyle.SAY:
        total = sum(one.seconds for one in listened) + sum(one.waiting for one in listened[2:])
        seconds = preview.seconds_to_code
        yield f"About {seconds:.0f} s from the answer to the first digit when the keys are pressed at once."
        yield f"About {total:.0f} s in all when nothing is pressed after that."
    else:
        total = sum(one.seconds for one in listened) + len(_TYPED) * _KEY_SECONDS
        yield f"About {listened[0].seconds:.0f} s from the answer until the code can be typed."
        yield f"About {total:.0f} s in all when it is typed at once."
    yield f"{characters} characters are said in such a call; the carrier charges voices by them."
    if preview.style is CallStyle.SAY:
        counted = segments(preview.text)
        parts = "1 segment" if counted.count == 1 else f"{counted.count} segments"
        yield f"The text takes {counted.length} characters of {counted.encoding}, {parts}."


def heard(document: str) -> Iterator[str]:
    """A document as somebody hears it, a line for each sentence, pause and wait."""
    for verb in ElementTree.fromstring(document):  # our own document
        if verb.tag == "Gather":
            yield from (_heard(inner) for inner in verb)
            keys = "a key" if verb.get("numDigits") == "1" else f"{verb.get('numDigits')} keys"
            yield f"(waits {verb.get('timeout')} s for {keys})"
        elif verb.tag in ("Say", "Pause"):
            yield _heard(verb)
        elif verb.tag == "Hangup":
            yield "(hangs up)"


def _heard(verb: ElementTree.Element) -> str:
    return (verb.text or "") if verb.tag == "Say" else f"({verb.get('length')} s of silence)"
