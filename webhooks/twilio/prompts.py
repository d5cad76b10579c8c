"""What the rules want said, in the words of a language: a line in, a document out.

The addresses in a document are relative to its own, so the same line makes the same document in every call. Those
without a code are kept: building one costs as much as the rest of the request.

What a code is for, in the words of a language: said in the call, and written in the text.
"""

from functools import lru_cache
from typing import Literal

import twiml.call as call_words
import twiml.call as words_of
import twiml.text as text_words
from twiml.words import Words, words
from verification.ivr.dialogue import (
    AskForCode,
    AskForKeys,
    CallInput,
    End,
    Ending,
    OfferMenu,
    Prompt,
    ReadCode,
    ReadOne,
    ReadSlowly,
)
from verification.policy import SIGN_IN, Action, Keypress
from verification.values.payments import Payment

#: Beside the address of any document of a call; the last parts of those in the table of doors.
KEYS_PATH, SILENCE_PATH = "keys", "silence"

_ENDINGS = {
    Ending.GOODBYE: words_of.Ending.GOODBYE,
    Ending.NO_KEYS: words_of.Ending.NOTHING_PRESSED,
    Ending.WRONG_KEYS: words_of.Ending.WRONG_KEYS,
    Ending.NOT_NEEDED: words_of.Ending.NO_LONGER_NEEDED,
    Ending.REPORTED: words_of.Ending.REPORTED,
    Ending.SUPPRESSED: words_of.Ending.SUPPRESSED,
    Ending.TEXT_COMES: words_of.Ending.TEXT_SENT,
    Ending.MACHINE: words_of.Ending.MACHINE,
    Ending.TYPED_APPROVED: words_of.Ending.TYPED_APPROVED,
    Ending.TYPED_WRONG: words_of.Ending.TYPED_WRONG,
}


def render_prompt(line: Prompt, language: str, *, brand: str, purpose: str, payment_sentence: str = "") -> str:
    """The TwiML of one line of the call, in a language that `twiml.words.words` knows.

    `purpose` is the phrase for what the code is for, `approves` the sentence of its payment.
    """
    if isinstance(line, AskForCode) and payment_sentence:
        return _ask_for_code(line, words(language), brand=brand, purpose=purpose, payment_sentence=payment_sentence)
    if isinstance(line, AskForCode | AskForKeys | OfferMenu | End):
        return _without_code(line, language, brand, purpose)
    spoken = words(language)
    if isinstance(line, ReadCode) and line.opening:
        return words_of.read_code(
            spoken, code=line.code, on_keys=KEYS_PATH, on_silence=SILENCE_PATH, payment_sentence=payment_sentence
        )
    if isinstance(line, ReadCode):
        return words_of.read_code_again(spoken, code=line.code, on_keys=KEYS_PATH, on_silence=SILENCE_PATH)
    if isinstance(line, ReadSlowly):
        return words_of.read_slowly(spoken, code=line.code, on_keys=KEYS_PATH, on_silence=SILENCE_PATH)
    assert isinstance(line, ReadOne)
    return words_of.read_character(
        spoken, code=line.code, position=line.position + 1, on_keys=KEYS_PATH, on_silence=SILENCE_PATH
    )


@lru_cache(maxsize=4096)
def _without_code(line: AskForCode | AskForKeys | OfferMenu | End, language: str, brand: str, purpose: str) -> str:
    spoken = words(language)
    if isinstance(line, End):
        return words_of.end(spoken, _ENDINGS[line.ending], brand=brand)
    if isinstance(line, OfferMenu):
        keys = [key for key in words_of.MenuKey if line.text or key is not words_of.MenuKey.TEXT]
        return words_of.menu(spoken, on_keys=KEYS_PATH, on_silence=SILENCE_PATH, keys=keys, text_refused=line.refused)
    if isinstance(line, AskForCode):
        return _ask_for_code(line, spoken, brand=brand, purpose=purpose)
    if line.after is None:
        return _announcement(line, spoken, brand=brand, purpose=purpose)
    if line.mode is Keypress.ANY:
        return words_of.ask_for_any_key_again(spoken, on_keys=KEYS_PATH, on_silence=SILENCE_PATH)
    return words_of.ask_for_keys_again(
        spoken,
        keys=line.keys,
        after="wrong keys" if line.after is CallInput.KEYS else "silence",
        on_keys=KEYS_PATH,
        on_silence=SILENCE_PATH,
    )


def _ask_for_code(line: AskForCode, spoken: Words, *, brand: str, purpose: str, payment_sentence: str = "") -> str:
    if line.wrong is None:
        return words_of.ask_for_code(
            spoken,
            brand=brand,
            purpose=purpose,
            length=line.length,
            on_keys=KEYS_PATH,
            on_silence=SILENCE_PATH,
            payment_sentence=payment_sentence,
        )
    after: Literal["wrong code", "incomplete"] = "wrong code" if line.wrong else "incomplete"
    return words_of.ask_for_code_again(
        spoken, length=line.length, after=after, on_keys=KEYS_PATH, on_silence=SILENCE_PATH
    )


def _announcement(line: AskForKeys, spoken: Words, *, brand: str, purpose: str) -> str:
    if line.mode is Keypress.OFF:
        return words_of.announce(spoken, brand=brand, purpose=purpose, on_keys=KEYS_PATH, on_silence=SILENCE_PATH)
    if line.mode is Keypress.ANY:
        return words_of.ask_for_any_key(
            spoken, brand=brand, purpose=purpose, on_keys=KEYS_PATH, on_silence=SILENCE_PATH
        )
    return words_of.ask_for_keys(
        spoken, brand=brand, purpose=purpose, keys=line.keys, on_keys=KEYS_PATH, on_silence=SILENCE_PATH
    )


def purpose_phrase(words: Words, action: str, actions: tuple[Action, ...]) -> str:
    """The operator's phrase for an action, or that of the language; the neutral one where neither has any."""
    declared = next((one.phrase(words.tag) for one in actions if one.name == action), None)
    return declared or words.purpose(action)


def payment_sentence(words: Words, payment: Payment | None) -> str:
    """The sentence that says which payment a code approves; nothing where there is none."""
    if payment is None:
        return ""
    return call_words.payment_sentence(words, amount=payment.amount, currency=payment.currency, payee=payment.payee)


def message_purpose(words: Words, action: str, payment: Payment | None, actions: tuple[Action, ...]) -> str:
    """What stands beside "code" in a text. Nothing for a sign-in: the text is shorter, and everybody knows those."""
    if payment is not None:
        return text_words.payment_phrase(words, amount=payment.amount, currency=payment.currency, payee=payment.payee)
    return "" if action == SIGN_IN else purpose_phrase(words, action, actions)
