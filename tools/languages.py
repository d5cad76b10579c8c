"""Generates docs/languages.md: `python -m tools.languages > docs/languages.md`."""

import sys
from collections.abc import Iterator

from saycode.reports.language_check import seconds_silent, seconds_to_code, sentences
from saycode.reports.sentence_places import PLACES
from twiml.text import message, segments
from twiml.words import LANGUAGES, words

_HEAD = """\
# Languages

`make docs` generates this page; a test compares it with the program.

## How to add one

1. **Tag and voice.** The tag is `language-REGION` (`nl-BE`). The voice is one of Twilio's names, `Polly.` or `Google.`,
   from its list of voices: a neural one where there is one. An operator can set another with `SAYCODE_VOICES`. Where
   a voice reads single digits otherwise than people say numbers, `digits` names them (`ko_KR.py`).
2. **The file.** Copy `twiml/languages/en_US.py` to `twiml/languages/nl_BE.py`, or a language that is near. Where a few
   sentences differ, write only those: `en_AU.py` and `en_GB.py` show how. Its first lines say how a person is
   addressed, and what else a later reader must know.
3. **Where it is chosen.** Add the tag to `LANGUAGES` in `twiml/language_choice.py`, and its countries to `_BY_COUNTRY`.
   A second file of a language also needs its regions in `_BY_REGION`.
4. **What people text.** Add the words for "stop", "not me" and "don't call me again" to
   a file of `verification/values/keyword_vocabulary/`, and sentences that people write to
   `tests/verification/values/keyword_examples.py`: wishes to stop, and sentences that look like one and are none.
5. **Check.** `saycode preview --check nl-BE` lists what is missing, left in English, too long or wrongly filled.
   `saycode preview --language nl-BE` shows the whole call: read it aloud. Then `pytest tests/twiml
   tests/verification/values` and `make docs`.
6. **A second reading.** A person who grew up with the language and did not write the file reads every sentence.

## How to write

- A sentence is what a bank would say: polite, short, the usual words of that country's telephone services. Translate
  what it is for, not its words.
- **No gender, no case.** Choose forms that fit a woman and a man. Brands, payees and user names are filled in as they
  are, so let no ending or article depend on them.
- **Numbers.** Counted nouns change in many languages. Put the number behind a colon, or before a unit that does not
  change (min, s). `minutes_left` gets two or more, `code_length` 4 to 10, `limit` 64.
- **Purposes** stand beside "code" in `call.announcement`, `call.typed_announcement` and `text.code_for`: try all eight
  in all three.
- **Spoken sentences** have no digits of their own, and no full stop behind a key or a code: some voices then read an
  ordinal. The brand and the reason are in the first sentence: a phone that screens calls shows only that.
- **Texts** are sent in GSM-7 where its letters suffice: accents that it lacks are dropped, ő becomes ö, and Greek is
  sent in capitals; with `plain_texts` no accent stays, as in Vietnamese. A segment then holds 160 characters,
  otherwise 70. STOP, START, HELP and CALL are not translated, because the carriers know them as they are.
- **Right to left**: numbers, names and ids on the page stand between U+2066 (U+2068 for a name) and U+2069, and a text
  begins with a word of the language.

"""

_LANGUAGES = """\
## The languages

Seconds are estimates. "First digit": from the answer, with the longest brand and purpose, when the keys are pressed at
once; 20 at most. "Silent": a call in which nothing is pressed; 60 at most. "Text": characters of the text of a sign-in
with a brand of 30 characters and a code of 10 digits.

| tag | name | voice | first digit | silent | text |
|---|---|---|---|---|---|
"""

_SENTENCES = """
The Ukrainian voice is in Twilio's libraries, and not in its list of voices: call a phone of yours before you rely
on it.

## The sentences

English is in `twiml/languages/en_US.py`, the placeholders of each sentence in `twiml/sentences.py`. Seconds and
characters count the placeholders with usual values; a wide character, as in Japanese, counts as two. Segments are
counted with a brand of 30 characters.

| sentence | where it is heard or seen | at most |
|---|---|---|
"""


def document() -> str:
    """The whole page."""
    return "".join((_HEAD, _LANGUAGES, *_language_rows(), _SENTENCES, *_sentence_rows()))


def _language_rows() -> Iterator[str]:
    for tag in LANGUAGES:
        language = words(tag)
        body = message(language, brand="B" * 30, code="4719024719", minutes=10, host=None)
        text = f"{segments(body).length} of {segments(body).encoding}"
        times = f"{seconds_to_code(language):.0f} s | {seconds_silent(language):.0f} s"
        yield f"| `{tag}` | {language.native_name} | {language.voice} | {times} | {text} |\n"


def _sentence_rows() -> Iterator[str]:
    for name, _ in sentences(words("en-US")):
        yield f"| `{name}` | {PLACES[name].where} | {PLACES[name].limit} |\n"


if __name__ == "__main__":
    sys.stdout.write(document())
