"""What the rules want said, in the words of a language: a line in, a document out.

The addresses in a document are relative to its own, so the same line makes the same document in every call. Those
without a code are kept: building one costs as much as the rest of the request.
"""

from functools import lru_cache
from typing import Literal

import twiml.call as words_of
from twiml.words import Words, words
from verification.call import AskForCode, AskForKeys, End, Ending, Heard, Line, OfferMenu, ReadCode, ReadOne, ReadSlowly
from verification.policy import Keypress

#: Beside the address of any document of a call; the last parts of those in the table of doors.
KEYS, SILENCE = "keys", "silence"

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


def document(line: Line, language: str, *, brand: str, purpose: str, approves: str = "") -> str:
    """The TwiML of one line of the call, in a language that `twiml.words.words` knows.

    `purpose` is the phrase for what the code is for, `approves` the sentence of its payment.
    """
    if isinstance(line, AskForCode) and approves:
        return _typed(line, words(language), brand=brand, purpose=purpose, approves=approves)
    if isinstance(line, AskForCode | AskForKeys | OfferMenu | End):
        return _without_code(line, language, brand, purpose)
    spoken = words(language)
    if isinstance(line, ReadCode) and line.opening:
        return words_of.read(spoken, code=line.code, on_keys=KEYS, on_silence=SILENCE, approves=approves)
    if isinstance(line, ReadCode):
        return words_of.read_again(spoken, code=line.code, on_keys=KEYS, on_silence=SILENCE)
    if isinstance(line, ReadSlowly):
        return words_of.read_slowly(spoken, code=line.code, on_keys=KEYS, on_silence=SILENCE)
    assert isinstance(line, ReadOne)
    return words_of.read_one(spoken, code=line.code, position=line.position + 1, on_keys=KEYS, on_silence=SILENCE)


@lru_cache(maxsize=4096)
def _without_code(line: AskForCode | AskForKeys | OfferMenu | End, language: str, brand: str, purpose: str) -> str:
    spoken = words(language)
    if isinstance(line, End):
        return words_of.end(spoken, _ENDINGS[line.ending], brand=brand)
    if isinstance(line, OfferMenu):
        keys = [key for key in words_of.Key if line.text or key is not words_of.Key.TEXT]
        return words_of.menu(spoken, on_keys=KEYS, on_silence=SILENCE, keys=keys, text_refused=line.refused)
    if isinstance(line, AskForCode):
        return _typed(line, spoken, brand=brand, purpose=purpose)
    if line.after is None:
        return _first(line, spoken, brand=brand, purpose=purpose)
    if line.mode is Keypress.ANY:
        return words_of.ask_for_any_key_again(spoken, on_keys=KEYS, on_silence=SILENCE)
    return words_of.ask_again(
        spoken,
        keys=line.keys,
        after="wrong keys" if line.after is Heard.KEYS else "silence",
        on_keys=KEYS,
        on_silence=SILENCE,
    )


def _typed(line: AskForCode, spoken: Words, *, brand: str, purpose: str, approves: str = "") -> str:
    if line.wrong is None:
        return words_of.ask_for_code(
            spoken,
            brand=brand,
            purpose=purpose,
            length=line.length,
            on_keys=KEYS,
            on_silence=SILENCE,
            approves=approves,
        )
    after: Literal["wrong code", "incomplete"] = "wrong code" if line.wrong else "incomplete"
    return words_of.ask_for_code_again(spoken, length=line.length, after=after, on_keys=KEYS, on_silence=SILENCE)


def _first(line: AskForKeys, spoken: Words, *, brand: str, purpose: str) -> str:
    if line.mode is Keypress.OFF:
        return words_of.announce(spoken, brand=brand, purpose=purpose, on_keys=KEYS, on_silence=SILENCE)
    if line.mode is Keypress.ANY:
        return words_of.ask_for_any_key(spoken, brand=brand, purpose=purpose, on_keys=KEYS, on_silence=SILENCE)
    return words_of.ask_for_keys(spoken, brand=brand, purpose=purpose, keys=line.keys, on_keys=KEYS, on_silence=SILENCE)
