"""Every document of a call, in the order in which a person may hear them.

    answered      ask_for_keys | ask_for_any_key | announce
    other keys    ask_for_keys_again                           silence: ask_for_keys_again, ask_for_any_key_again
    the keys      read_code -> menu                            each key goes to `on_keys`, the end to `on_silence`
    menu          1 read_code_again   2 read_slowly   3 read_character -> read_character -> … -> menu
    turned round  ask_for_code | ask_for_code_again            the person types what the page shows
    inbound       greet
    all of them   end                                          one sentence and a hang-up

`on_keys` is where the keys go; `on_silence` is where the call goes on when nothing was pressed. Both are addresses, and
they may be relative to the document's own. No document holds the code but `read…`, and none of these is the first one.
"""

from collections.abc import Collection, Sequence
from enum import Enum, StrEnum
from typing import Literal

from twilio.twiml.voice_response import Gather

from .document import gather, hang_up, pause, redirect, say, spell_out, voice_response
from .words import Words, fill


class MenuKey(StrEnum):
    """The keys of the menu, which work during a reading as well.

    While characters are said one at a time every key means "next": somebody who was told to press any key must not end
    up reporting the call or stopping all calls for ever.
    """

    AGAIN = "1"
    SLOWER = "2"
    ONE_AT_A_TIME = "3"
    TEXT = "4"
    REPORT = "0"
    NEVER = "9"


class GreetingKey(StrEnum):
    """The keys of somebody who calls us."""

    CALL_BACK = "1"
    NEVER = "9"


class Ending(Enum):
    """The last sentence of a call, by the name of its field in `sentences.Endings`."""

    GOODBYE = "goodbye"
    NOTHING_PRESSED = "nothing_pressed"
    WRONG_KEYS = "wrong_keys"
    NO_LONGER_NEEDED = "no_longer_needed"
    REPORTED = "reported"
    SUPPRESSED = "suppressed"
    TEXT_SENT = "text_sent"
    MACHINE = "machine"
    SORRY = "sorry"
    TYPED_APPROVED = "typed_approved"
    TYPED_WRONG = "typed_wrong"
    CALL_BACK = "call_back"


# The pair that reports instead of proving that somebody is there; never draw it as the pair to press.
REPORT_PAIR = "00"
# Reports in a turned-round call: no code holds it.
REPORT_STAR = "*"

# Seconds of silence that are waited for keys. A reading waits only briefly, because the menu comes next.
GATE_TIMEOUT = 10
READ_TIMEOUT = 1
MENU_TIMEOUT = 8
WRITE_DOWN_TIMEOUT = 15
TYPE_TIMEOUT = 8


def ask_for_keys(words: Words, *, brand: str, purpose: str, keys: str, on_keys: str, on_silence: str) -> str:
    """The first document: who is calling and why, then two keys that prove a person is there.

    The announcement stands outside the Gather, so keys pressed before the pair was said are not counted. `purpose` is
    `words.purpose(action)`. ValueError when `keys` is not a pair, or is the one that reports.
    """
    return voice_response(
        say(words, fill(words.call.announcement, brand=brand, purpose=purpose)),
        _gather_pair(words, words.call.press_keys, keys, on_keys),
        redirect(on_silence),
    )


def ask_for_keys_again(
    words: Words, *, keys: str, after: Literal["wrong keys", "silence"], on_keys: str, on_silence: str
) -> str:
    """The second try, with a new pair."""
    sentence = words.call.wrong_keys if after == "wrong keys" else words.call.no_keys
    return voice_response(_gather_pair(words, sentence, keys, on_keys), redirect(on_silence))


def ask_for_any_key(words: Words, *, brand: str, purpose: str, on_keys: str, on_silence: str) -> str:
    """The first document where any key will do. A 0 reports here too."""
    return voice_response(
        say(words, fill(words.call.announcement, brand=brand, purpose=purpose)),
        _gather_any_key(words, words.call.press_any_key, on_keys),
        redirect(on_silence),
    )


def ask_for_any_key_again(words: Words, *, on_keys: str, on_silence: str) -> str:
    """The second try after silence, where any key will do."""
    return voice_response(_gather_any_key(words, words.call.no_key, on_keys), redirect(on_silence))


def announce(words: Words, *, brand: str, purpose: str, on_keys: str, on_silence: str) -> str:
    """The first document without a gate: who, why, and 0 to report. Silence means: go on and read."""
    return voice_response(
        say(words, fill(words.call.announcement, brand=brand, purpose=purpose)),
        gather(
            say(words, fill(words.call.did_not_ask, keys=MenuKey.REPORT.value)),
            on_keys=on_keys,
            digits=1,
            timeout=READ_TIMEOUT,
        ),
        redirect(on_silence),
    )


def payment_sentence(words: Words, *, amount: str, currency: str, payee: str) -> str:
    """The sentence that says which payment a code approves."""
    return fill(words.call.payment, amount=words.money(amount, currency), payee=payee)


def read_code(words: Words, *, code: str, on_keys: str, on_silence: str, payment_sentence: str = "") -> str:
    """Say the code twice, after the warning that nobody will ever ask for it. A key works at any time.

    `approves` is the sentence of a payment; it is said here, and not before a person has pressed the keys.

    When nothing is pressed the code was heard to its end: `on_silence` is where the menu is.
    """
    before = [words.call.nobody_will_ask, payment_sentence] if payment_sentence else [words.call.nobody_will_ask]
    return _reading(words, code, on_keys, on_silence, before)


def read_code_again(words: Words, *, code: str, on_keys: str, on_silence: str) -> str:
    """The same reading for somebody who asked to hear it again, without the warning."""
    return _reading(words, code, on_keys, on_silence, [])


def read_slowly(words: Words, *, code: str, on_keys: str, on_silence: str) -> str:
    """Say the code once, each character as a sentence of its own with a second of silence after it."""
    characters = spell_out(code).split(", ")
    verbs = [verb for character in characters for verb in (pause(1), say(words, character))]
    return voice_response(
        gather(say(words, words.call.slowly), *verbs, on_keys=on_keys, digits=1, timeout=READ_TIMEOUT),
        redirect(on_silence),
    )


def read_character(words: Words, *, code: str, position: int, on_keys: str, on_silence: str) -> str:
    """Say one character; the first has position 1. Any key goes on, and silence does too where the caller wants it.

    ValueError when the code has no such position.
    """
    characters = spell_out(code).split(", ")
    total = len(characters)
    if not 1 <= position <= total:
        raise ValueError(f"a code of {total} has no character {position}")
    last = position == total
    return voice_response(
        gather(
            say(words, fill(words.call.character, position=position, total=total)),
            say(words, characters[position - 1]),
            say(words, words.call.last_character if last else words.call.next_character),
            on_keys=on_keys,
            digits=1,
            timeout=READ_TIMEOUT if last else WRITE_DOWN_TIMEOUT,
        ),
        redirect(on_silence),
    )


def menu(
    words: Words,
    *,
    on_keys: str,
    on_silence: str,
    keys: Collection[MenuKey] = tuple(MenuKey),
    text_refused: bool = False,
) -> str:
    """What can be done next, always in the same order; `keys` leaves out what does not apply.

    `text_refused` says first that a text cannot be sent now, for somebody who asked for one. ValueError without keys.
    """
    sentences = words.call.menu
    offers = {
        MenuKey.AGAIN: sentences.again,
        MenuKey.SLOWER: sentences.slower,
        MenuKey.ONE_AT_A_TIME: sentences.one_at_a_time,
        MenuKey.TEXT: sentences.text,
        MenuKey.REPORT: sentences.report,
        MenuKey.NEVER: sentences.never,
    }
    if not keys:
        raise ValueError("a menu without keys")
    said = [say(words, fill(offer, key=key.value)) for key, offer in offers.items() if key in keys]
    if text_refused:
        said.insert(0, say(words, words.call.text_refused))
    return voice_response(gather(*said, on_keys=on_keys, digits=1, timeout=MENU_TIMEOUT), redirect(on_silence))


def ask_for_code(
    words: Words, *, brand: str, purpose: str, length: int, on_keys: str, on_silence: str, payment_sentence: str = ""
) -> str:
    """The first document of a turned-round call: the page shows the code, the person types it.

    `Digits` is either `length` keys, or what was pressed before `TYPE_TIMEOUT` seconds of silence. A
    report is `REPORT_STAR` as the first of them: usually `*` alone after those seconds, or `*` and other keys. There is
    no finish key, since a star that ended the input would look like silence.
    """
    return voice_response(
        say(words, fill(words.call.typed_announcement, brand=brand, purpose=purpose)),
        *([say(words, payment_sentence)] if payment_sentence else []),
        _gather_code(words, words.call.type_code, length, on_keys),
        redirect(on_silence),
    )


def ask_for_code_again(
    words: Words, *, length: int, after: Literal["wrong code", "incomplete"], on_keys: str, on_silence: str
) -> str:
    """The next try: after a wrong code that leaves checks over, or after too few keys, which compare nothing."""
    sentence = words.call.type_wrong if after == "wrong code" else words.call.type_incomplete
    return voice_response(_gather_code(words, sentence, length, on_keys), redirect(on_silence))


def greet(words: Words, *, brand: str, on_keys: str, on_silence: str) -> str:
    """Somebody calls us: the same for every caller, whoever they seem to be. Keys are `GreetingKey`."""
    return voice_response(
        gather(
            say(words, fill(words.call.greeting, brand=brand)),
            say(words, fill(words.call.greeting_call_back, key=GreetingKey.CALL_BACK.value)),
            say(words, fill(words.call.greeting_never, key=GreetingKey.NEVER.value)),
            on_keys=on_keys,
            digits=1,
            timeout=MENU_TIMEOUT,
        ),
        redirect(on_silence),
    )


def end(words: Words, ending: Ending, *, brand: str) -> str:
    """One last sentence, then hang up. `brand` is said where nobody may have said yet who is calling."""
    sentence: str = getattr(words.call.endings, ending.value)
    return voice_response(say(words, fill(sentence, brand=brand)), hang_up())


def number_changed(words: Words, *, brand: str) -> str:
    """A whole call: the account's number was changed. Said twice, for whoever hears a machine's beep in between."""
    sentence = fill(words.text.number_changed, brand=brand)
    return voice_response(say(words, sentence), pause(2), say(words, sentence), hang_up())


def end_silently() -> str:
    """Hang up without a word, for a call that is none of ours."""
    return voice_response(hang_up())


def _reading(words: Words, code: str, on_keys: str, on_silence: str, before: Sequence[str]) -> str:
    said = spell_out(code)
    return voice_response(
        gather(
            *(say(words, sentence) for sentence in before),
            say(words, fill(words.call.code, code=said)),
            pause(1),
            say(words, fill(words.call.once_more, code=said)),
            on_keys=on_keys,
            digits=1,
            timeout=READ_TIMEOUT,
        ),
        redirect(on_silence),
    )


def _gather_pair(words: Words, sentence: str, keys: str, on_keys: str) -> Gather:
    if len(keys) != len(REPORT_PAIR) or keys == REPORT_PAIR:
        raise ValueError("keys must be a pair other than REPORT_PAIR")
    return gather(
        say(words, fill(sentence, keys=spell_out(keys))),
        say(words, fill(words.call.did_not_ask, keys=spell_out(REPORT_PAIR))),
        on_keys=on_keys,
        digits=len(REPORT_PAIR),
        timeout=GATE_TIMEOUT,
        finish_on_key="#",
    )


def _gather_any_key(words: Words, sentence: str, on_keys: str) -> Gather:
    return gather(
        say(words, sentence),
        say(words, fill(words.call.did_not_ask, keys=MenuKey.REPORT.value)),
        on_keys=on_keys,
        digits=1,
        timeout=GATE_TIMEOUT,
    )


def _gather_code(words: Words, sentence: str, length: int, on_keys: str) -> Gather:
    return gather(
        say(words, sentence),
        say(words, words.call.did_not_ask_star),
        on_keys=on_keys,
        digits=length,
        timeout=TYPE_TIMEOUT,
    )
