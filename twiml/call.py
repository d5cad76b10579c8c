"""Every document of a call, in the order in which a person may hear them.

    answered         Announce | AskForAnyKey | AskForKeys       after other keys or silence: the same once more
    the keys         ReadCode -> OfferMenu                      each key goes to `on_keys`, silence to `on_silence`
    menu             1 ReadCode   2 ReadSlowly   3 ReadCharacter -> ReadCharacter -> … -> OfferMenu
    code on keypad   AskForCode                                 the person types what the page shows
    inbound          Greet
    all of them      End                                        one sentence and a hang-up

Only the `Read…` documents contain the code, and none of them is the first document of a call.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import assert_never

from twilio.twiml.voice_response import Gather, Pause, Say

from verification.ivr.prompts import (
    REPORT_PAIR,
    Announce,
    AskForAnyKey,
    AskForCode,
    AskForKeys,
    CallInput,
    End,
    Greet,
    GreetingKey,
    MenuKey,
    OfferMenu,
    Prompt,
    ReadCharacter,
    ReadCode,
    ReadSlowly,
)
from verification.values.payments import Payment

from .document import gather, hang_up, pause, redirect, say, spell_out, voice_response
from .words import Words, fill

#: Where Twilio goes on, relative to the address of the document: with the keys, and when nothing was pressed.
KEYS_PATH, SILENCE_PATH = "keys", "silence"

# Seconds of silence before Twilio goes on. A reading waits only briefly, because the menu comes next.
GATE_TIMEOUT = 10
READ_TIMEOUT = 1
MENU_TIMEOUT = 8
WRITE_DOWN_TIMEOUT = 15
TYPE_TIMEOUT = 8


def render(
    prompt: Prompt,
    words: Words,
    *,
    brand: str,
    purpose: str = "",
    payment: Payment | None = None,
    on_keys: str = KEYS_PATH,
    on_silence: str = SILENCE_PATH,
) -> str:
    """The TwiML document of a prompt.

    `purpose` is the phrase for what the code is for (`Words.purpose`), said where the call announces itself. `payment`
    is said right before the code, so never before a person pressed the keys. ValueError when a value contains a
    character that cannot be spoken or written into XML, when the code or the keys are not digits, when the keys are
    not a pair or are the pair that reports, or when the code has no character at the position.
    """
    says_code = isinstance(prompt, ReadCode | ReadSlowly | ReadCharacter)
    if says_code or (payment is not None and isinstance(prompt, AskForCode)):
        return _Renderer(words, brand, purpose, payment, on_keys, on_silence).document(prompt)
    return _cached_document(prompt, _Renderer(words, brand, purpose, None, on_keys, on_silence))


def number_changed(words: Words, *, brand: str) -> str:
    """A whole call: the account's number was changed. Said twice, because a machine may beep over the first time."""
    sentence = fill(words.text.number_changed, brand=brand)
    return voice_response(say(words, sentence), pause(2), say(words, sentence), hang_up())


@dataclass(frozen=True, slots=True)
class _Renderer:
    """The values that the sentences of one document are filled with, and where Twilio goes on."""

    words: Words
    brand: str
    purpose: str
    payment: Payment | None
    on_keys: str
    on_silence: str

    def document(self, prompt: Prompt) -> str:
        match prompt:
            case End():
                sentence: str = getattr(self.words.call.endings, prompt.ending.value)
                return voice_response(self._say(sentence, brand=self.brand), hang_up())
            case Greet():
                verbs = self._greet()
            case Announce():
                verbs = self._announce()
            case AskForAnyKey():
                verbs = self._ask_for_any_key(prompt)
            case AskForKeys():
                verbs = self._ask_for_keys(prompt)
            case AskForCode():
                verbs = self._ask_for_code(prompt)
            case ReadCode():
                verbs = self._read_code(prompt)
            case ReadSlowly():
                verbs = self._read_slowly(prompt)
            case ReadCharacter():
                verbs = self._read_character(prompt)
            case OfferMenu():
                verbs = self._offer_menu(prompt)
            case _:
                assert_never(prompt)
        return voice_response(*verbs, redirect(self.on_silence))

    def _greet(self) -> list[Say | Gather]:
        call = self.words.call
        return [
            self._gather(
                self._say(call.greeting, brand=self.brand),
                self._say(call.greeting_call_back, key=GreetingKey.CALL_BACK),
                self._say(call.greeting_never, key=GreetingKey.NEVER),
                timeout=MENU_TIMEOUT,
            )
        ]

    def _announce(self) -> list[Say | Gather]:
        call = self.words.call
        report = self._gather(self._say(call.did_not_ask, keys=MenuKey.REPORT), timeout=READ_TIMEOUT)
        return [self._announcement(call.announcement), report]

    def _ask_for_any_key(self, prompt: AskForAnyKey) -> list[Say | Gather]:
        call = self.words.call
        keys = self._gather(
            self._say(call.press_any_key if prompt.after is None else call.no_key),
            self._say(call.did_not_ask, keys=MenuKey.REPORT),
            timeout=GATE_TIMEOUT,
        )
        return [self._announcement(call.announcement), keys] if prompt.after is None else [keys]

    def _ask_for_keys(self, prompt: AskForKeys) -> list[Say | Gather]:
        if len(prompt.keys) != len(REPORT_PAIR) or prompt.keys == REPORT_PAIR:
            raise ValueError("keys must be a pair other than REPORT_PAIR")
        call = self.words.call
        sentences = {None: call.press_keys, CallInput.KEYS: call.wrong_keys}
        keys = self._gather(
            self._say(sentences.get(prompt.after, call.no_keys), keys=spell_out(prompt.keys)),
            self._say(call.did_not_ask, keys=spell_out(REPORT_PAIR)),
            digits=len(REPORT_PAIR),
            timeout=GATE_TIMEOUT,
            finish_on_key="#",
        )
        # The announcement is outside the Gather: keys pressed before the pair was said do not count.
        return [self._announcement(call.announcement), keys] if prompt.after is None else [keys]

    def _ask_for_code(self, prompt: AskForCode) -> list[Say | Gather]:
        """`Digits` is the whole code, or what was pressed before the time-out; a star as the first key is a report.

        There is no finish key: a star that ended the input would look like silence.
        """
        call = self.words.call
        sentences = {None: call.type_code, True: call.type_wrong, False: call.type_incomplete}
        code = self._gather(
            self._say(sentences[prompt.wrong]),
            self._say(call.did_not_ask_star),
            digits=prompt.length,
            timeout=TYPE_TIMEOUT,
        )
        if prompt.wrong is not None:
            return [code]
        return [self._announcement(call.typed_announcement), *self._say_payment(), code]

    def _read_code(self, prompt: ReadCode) -> list[Say | Gather]:
        call, spelled = self.words.call, spell_out(prompt.code)
        opening = [self._say(call.nobody_will_ask), *self._say_payment()] if prompt.opening else []
        return [
            self._gather(
                *opening,
                self._say(call.code, code=spelled),
                pause(1),
                self._say(call.once_more, code=spelled),
                timeout=READ_TIMEOUT,
            )
        ]

    def _read_slowly(self, prompt: ReadSlowly) -> list[Say | Gather]:
        """Each character is a sentence of its own, after a second of silence."""
        characters = spell_out(prompt.code).split(", ")
        verbs = [verb for character in characters for verb in (pause(1), self._say(character))]
        return [self._gather(self._say(self.words.call.slowly), *verbs, timeout=READ_TIMEOUT)]

    def _read_character(self, prompt: ReadCharacter) -> list[Say | Gather]:
        call, characters = self.words.call, spell_out(prompt.code).split(", ")
        total = len(characters)
        if not 0 <= prompt.position < total:
            raise ValueError(f"a code of {total} has no character {prompt.position}")
        last = prompt.position == total - 1
        return [
            self._gather(
                self._say(call.character, position=prompt.position + 1, total=total),
                self._say(characters[prompt.position]),
                self._say(call.last_character if last else call.next_character),
                timeout=READ_TIMEOUT if last else WRITE_DOWN_TIMEOUT,
            )
        ]

    def _offer_menu(self, prompt: OfferMenu) -> list[Say | Gather]:
        menu = self.words.call.menu
        offers = [
            (MenuKey.AGAIN, menu.again),
            (MenuKey.SLOWER, menu.slower),
            (MenuKey.ONE_AT_A_TIME, menu.one_at_a_time),
            *([(MenuKey.TEXT, menu.text)] if prompt.text else []),
            (MenuKey.REPORT, menu.report),
            (MenuKey.NEVER, menu.never),
        ]
        refused = [self._say(self.words.call.text_refused)] if prompt.text_refused else []
        return [
            self._gather(*refused, *(self._say(offer, key=key) for key, offer in offers), timeout=MENU_TIMEOUT),
        ]

    def _announcement(self, sentence: str) -> Say:
        return self._say(sentence, brand=self.brand, purpose=self.purpose)

    def _say_payment(self) -> list[Say]:
        if self.payment is None:
            return []
        amount = self.words.money(self.payment.amount, self.payment.currency)
        return [self._say(self.words.call.payment, amount=amount, payee=self.payment.payee)]

    def _say(self, sentence: str, **values: str | int) -> Say:
        return say(self.words, fill(sentence, **values))

    def _gather(self, *nested: Say | Pause, timeout: int, digits: int = 1, finish_on_key: str = "") -> Gather:
        return gather(*nested, on_keys=self.on_keys, digits=digits, timeout=timeout, finish_on_key=finish_on_key)


# Building a document costs as much as the rest of a webhook. Documents with a code or a payment are not kept.
@lru_cache(maxsize=4096)
def _cached_document(prompt: Prompt, renderer: _Renderer) -> str:
    return renderer.document(prompt)
