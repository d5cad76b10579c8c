"""Every document of a call, in the order in which a person may hear them.

    answered         Announce | AskForAnyKey | AskForKeys       after other keys or silence: again, who and why included
    the keys         ReadCode -> OfferMenu                      each key goes to `on_keys`, silence to `on_silence`
    menu             1 ReadCode   2 ReadSlowly   3 ReadCharacter -> ReadCharacter -> … -> OfferMenu
    0, 9             AskToConfirm                               nothing has happened yet
    code on keypad   AskForKeys -> AskForCode                   the person types what the page shows
    inbound          Greet
    permission       AskForKeys -> AskToConfirm                 the call back after an inbound call
    all of them      End                                        one sentence and a hang-up; the apology has a reference

Only the `Read…` documents contain the code, and none of them is the first document of a call.
"""

from functools import lru_cache
from typing import assert_never

from msgspec import Struct
from twilio.twiml.voice_response import Gather, Pause, Say

from verification.ivr.prompts import (
    Announce,
    AskForAnyKey,
    AskForCode,
    AskForKeys,
    AskToConfirm,
    CallInput,
    Confirmation,
    End,
    Ending,
    Greet,
    GreetingKey,
    KeysFor,
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

# Seconds without a key before Twilio goes on; where several keys are collected, also between two keys.
GATE_TIMEOUT, AGAIN_TIMEOUT = 3, 2
# Short, because a single key acts only after it: a code that is typed is collected as a whole.
READ_TIMEOUT = MENU_TIMEOUT = 2
CONFIRM_TIMEOUT = GREETING_TIMEOUT = 6
WRITE_DOWN_TIMEOUT = 15
# So much shorter for each digit beyond seven, so that the pauses end within the limit of a call.
WRITE_DOWN_SHORTER = 3
TYPE_TIMEOUT = 8
# Silence while a Gather listens: before the keys are said again, and after the menu.
KEYS_PAUSE, MENU_PAUSE = 2, 5
# As many keys as the longest code has.
TYPED_KEYS = 10
#: The speed of a slow reading.
SLOW = "85%"


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
    character that cannot be spoken or written into XML, when the code or the keys are not digits, when there are fewer
    than two keys or a 0 among them, or when the code has no character at the position.
    """
    says_code = isinstance(prompt, ReadCode | ReadSlowly | ReadCharacter)
    if says_code or (payment is not None and isinstance(prompt, AskForCode)):
        return _Renderer(words, brand, purpose, payment, on_keys, on_silence).document(prompt)
    return _cached_document(prompt, _Renderer(words, brand, purpose, None, on_keys, on_silence))


def number_changed(words: Words, *, brand: str) -> str:
    """A whole call: the account's number was changed. Said twice, because a machine may beep over the first time."""
    sentence = fill(words.text.number_changed, brand=brand)
    return voice_response(say(words, sentence), pause(2), say(words, sentence), hang_up())


class _Renderer(Struct, frozen=True):
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
                return voice_response(*self._end(prompt), hang_up())
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
            case AskToConfirm():
                verbs = self._ask_to_confirm(prompt)
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

    def _end(self, prompt: End) -> list[Say | Pause]:
        endings = self.words.call.endings
        last: list[Say | Pause] = [self._say(getattr(endings, prompt.ending.value), brand=self.brand)]
        if prompt.ending is not Ending.SORRY:
            return last
        return [*last, *self._say_reference(prompt.reference), self._say(endings.goodbye)]

    def _say_reference(self, reference: str) -> list[Say | Pause]:
        """Twice, in two groups, as the page writes it."""
        if not reference:
            return []
        call, first, second = self.words.call, spell_out(reference[:4]), spell_out(reference[4:])
        rest: list[Say | Pause] = [pause(1), say(self.words, second), pause(1)]
        return [self._say(call.reference, reference=first), *rest, self._say(call.once_more, code=first), *rest]

    def _greet(self) -> list[Say | Gather]:
        call = self.words.call
        return [
            self._gather(
                self._say(call.greeting, brand=self.brand),
                self._say(call.greeting_call_back, key=GreetingKey.CALL_BACK),
                self._say(call.greeting_permission, key=GreetingKey.PERMISSION),
                timeout=GREETING_TIMEOUT,
            )
        ]

    def _announce(self) -> list[Say | Gather]:
        call = self.words.call
        report = self._gather(self._say(call.did_not_ask, keys=MenuKey.REPORT), timeout=READ_TIMEOUT)
        return [self._announcement(call.announcement), report]

    def _ask_for_any_key(self, prompt: AskForAnyKey) -> list[Say | Gather]:
        call = self.words.call
        report = self._say(call.did_not_ask, keys=MenuKey.REPORT)
        keys = self._gather(self._say(call.press_any_key), report, timeout=GATE_TIMEOUT)
        return [self._announcement(call.announcement if prompt.after is None else call.announcement_again), keys]

    def _ask_for_keys(self, prompt: AskForKeys) -> list[Say | Gather]:
        """The keys to press. Those of a report are as many zeros, said before the keys are said once more.

        New keys are announced outside the Gather: what was pressed before they were said does not count. After silence
        the keys stay the same, so it listens from the first word on.
        """
        if len(prompt.keys) < 2 or MenuKey.REPORT in prompt.keys:
            raise ValueError("keys must be two or more, without a 0")
        call, keys = self.words.call, spell_out(prompt.keys)
        announcement = self._who_and_why(prompt)
        if prompt.after is CallInput.SILENCE:
            return [self._gather_keys(prompt, announcement, self._press(prompt))]
        report = self._say(call.did_not_ask, keys=spell_out(MenuKey.REPORT * len(prompt.keys)))
        verbs = (self._press(prompt), report, pause(KEYS_PAUSE), self._say(call.once_more, code=keys))
        wrong = [self._say(call.wrong_keys)] if prompt.after is CallInput.KEYS else []
        return [*wrong, announcement, self._gather_keys(prompt, *verbs)]

    def _who_and_why(self, prompt: AskForKeys) -> Say:
        call = self.words.call
        if prompt.to is KeysFor.PERMISSION:
            return self._say(call.permission_announcement, brand=self.brand)
        if prompt.to is KeysFor.TYPING:
            return self._announcement(call.typed_announcement)
        return self._announcement(call.announcement if prompt.after is None else call.announcement_again)

    def _press(self, prompt: AskForKeys) -> Say:
        call = self.words.call
        if prompt.to is not KeysFor.HEARING:
            return self._say(call.press_keys_first, keys=spell_out(prompt.keys))
        return self._say(call.press_keys if prompt.after is None else call.press_again, keys=spell_out(prompt.keys))

    def _gather_keys(self, prompt: AskForKeys, *nested: Say | Pause) -> Gather:
        timeout = AGAIN_TIMEOUT if prompt.after is CallInput.SILENCE else GATE_TIMEOUT
        return self._gather(*nested, digits=len(prompt.keys), timeout=timeout, finish_on_key="#")

    def _ask_to_confirm(self, prompt: AskToConfirm) -> list[Say | Gather]:
        call = self.words.call
        sentences = {
            Confirmation.REPORT: [self._say(call.confirm_report), self._say(call.menu.never, key=MenuKey.NEVER)],
            Confirmation.NEVER: [self._say(call.confirm_never)],
            Confirmation.ALLOW: [self._say(call.confirm_allow)],
        }[prompt.confirmation]
        return [self._gather(*sentences, timeout=CONFIRM_TIMEOUT)]

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
        return [*self._say_payment(), code] if prompt.wrong is None else [code]

    def _read_code(self, prompt: ReadCode) -> list[Say | Gather]:
        call, spelled = self.words.call, spell_out(prompt.code)
        return [
            self._gather(
                *(self._say_payment() if prompt.opening else []),
                self._say(call.code, code=spelled),
                pause(1),
                self._say(call.once_more, code=spelled),
                *([self._say(call.tell_no_one)] if prompt.opening else []),
                digits=TYPED_KEYS,
                timeout=READ_TIMEOUT,
            )
        ]

    def _read_slowly(self, prompt: ReadSlowly) -> list[Say | Gather]:
        """Each character is a sentence of its own, after a second of silence."""
        characters = spell_out(prompt.code).split(", ")
        verbs = [verb for character in characters for verb in (pause(1), say(self.words, character, rate=SLOW))]
        slowly = self._say(self.words.call.slowly)
        return [self._gather(slowly, *verbs, digits=TYPED_KEYS, timeout=READ_TIMEOUT)]

    def _read_character(self, prompt: ReadCharacter) -> list[Say | Gather]:
        call, characters = self.words.call, spell_out(prompt.code).split(", ")
        total = len(characters)
        if not 0 <= prompt.position < total:
            raise ValueError(f"a code of {total} has no character {prompt.position}")
        last = prompt.position == total - 1
        return [
            self._gather(
                self._say(call.character, position=prompt.position + 1, total=total),
                say(self.words, characters[prompt.position], rate=SLOW),
                self._say(call.last_character if last else call.next_character),
                timeout=READ_TIMEOUT if last else WRITE_DOWN_TIMEOUT - WRITE_DOWN_SHORTER * max(0, total - 7),
            )
        ]

    def _offer_menu(self, prompt: OfferMenu) -> list[Say | Gather]:
        call, menu = self.words.call, self.words.call.menu
        slower = (MenuKey.ONE_AT_A_TIME, menu.one_at_a_time) if prompt.slowly_heard else (MenuKey.SLOWER, menu.slower)
        offers = [
            (MenuKey.AGAIN, menu.again),
            slower,
            *([(MenuKey.TEXT, menu.text)] if prompt.text else []),
            (MenuKey.REPORT, menu.report),
        ]
        first = [self._say(call.text_refused)] if prompt.text_refused else []
        first += [self._say(call.enter_on_screen)] if prompt.typed else []
        said = [self._say(offer, key=key) for key, offer in offers]
        return [self._gather(*first, *said, pause(MENU_PAUSE), digits=TYPED_KEYS, timeout=MENU_TIMEOUT)]

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
