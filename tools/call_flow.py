"""Generates docs/call-flow.md: `python -m tools.call_flow > docs/call-flow.md`."""

import sys
from collections.abc import Iterator

from saycode.reports.preview import Preview, preview_lines
from twiml.words import words
from verification.types import CallStyle

LANGUAGES = ("en-US", "de-DE", "ja-JP")

_HEAD = """\
# Call flow

The whole call, from the ring to the hang-up. `make docs` generates this page; a test compares it with the program.
`saycode preview` shows the same in any of its languages, and for any action.

## Diagram

```text
 ring, 25 s at most
   |
 answered ----> who is calling, and why                       after approval, expiry or cancellation:
   |            nothing secret                                "no longer needed", goodbye
   v
 three keys --> silence, or too few: who and why again, the same keys, four times in all ----> goodbye
   |            wrong: who and why again, new keys, two guesses in all -----------------> goodbye
   |            0 0 0: "press the star key" --> reported, the code is void
   v
 the code, twice   then: never tell it to anyone
   |            any key: "enter the code on your screen", then the menu
   v
 menu --------> 1 again   2 slower, then 3 one at a time      4 as a text at once, goodbye
   |            0: "press the star key" --> reported          9: "press the star key" --> never again
   |            other keys: "enter the code on your screen", and the menu again
   v
 goodbye        300 s at most in all; under a minute when nothing is pressed
```

Nothing that cannot be undone follows from one key. A report and a suppression are confirmed by the star key, which no
code contains; without it nothing has happened. A code that is typed on the phone is collected as a whole and answered
with where to enter it. A key that comes twice counts once, and a lost one is asked for again.

The keys are three different digits from 1 to 9. A mailbox that sends tones gets the code in 0.4 % of calls. After four
wrong entries in a day, which two calls can have, no further call says a code to that number for a day: 0.8 % of days
with ten attempts (both measured by seeded tests). A text still goes. Silence is no guess, so a person who picks up
late, or whose phone answers and screens first, hears who calls and why again, with the same keys.

Voicemail, machines and faxes press no keys, so they never hear the code; `SAYCODE_MACHINE_DETECTION=on` recognizes them
sooner. Keys pressed before the first ones were said are ignored. If the service fails, the call says an apology and,
twice, a reference of eight digits, with which `saycode show` finds the call; then it ends.

## Calling us

A person who calls the number hears who we are, and can press 1 to be called back about a code, or 9 to stop our calls
or to allow them again. A caller ID proves nothing, so neither key changes anything: for 9 we call that number, once a
day at most, also when it wants no calls. That call asks for three keys and then for the star key. It is the way back
from "never again" for a landline, which cannot text START.

## Typing the code on the phone

With `SAYCODE_CALL_STYLE=key` the page offers to show the code, and the call asks for it, after two keys that it says.
Then nothing can be left on voicemail, and a thief cannot talk the user into reading the code out.
"""


def document() -> str:
    """The whole page."""
    return "\n".join(_parts())


def _parts() -> Iterator[str]:
    yield _HEAD
    yield from _block(Preview(words("en-US"), "Acme", "change-shipping-address", style=CallStyle.KEY))
    for language in LANGUAGES:
        language_words = words(language)
        yield f"## {language_words.native_name}\n"
        yield from _block(Preview(language_words, "Acme", "sign-in"))


def _block(preview: Preview) -> Iterator[str]:
    yield "```text"
    yield from preview_lines(preview)
    yield "```\n"


if __name__ == "__main__":
    sys.stdout.write(document())
