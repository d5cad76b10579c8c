"""docs/call-flow.md, written by the program that it is about: `python -m saycode.the_call > docs/call-flow.md`."""

import sys
from collections.abc import Iterator

from saycode.reports.preview import Preview, preview_lines
from twiml.words import words
from verification.types import CallStyle

LANGUAGES = ("en-US", "de-DE", "ja-JP")

_HEAD = """\
# The call

What a person hears and can do, from the ring to the hang-up. `make docs` writes this page anew; a test compares it with
what the program says. `saycode preview` shows the same in any of the twenty languages, and for any action.

## As a picture

```text
 ring, 25 s at most
   |
 answered ----> who is calling, and why                       after approval, expiry or cancellation:
   |            nothing secret                                "no longer needed", goodbye
   v
 two keys ----> wrong or silence: once more with new keys ----> goodbye, without the code
   |            0 0: reported, the code is dead
   v
 the code, twice   "Nobody will ever ask you for this code."  0: reported   9: never again
   |
   v
 menu --------> 1 again   2 slower   3 one at a time          0: reported   9: never again
   |            4 as a text, goodbye
   |            silence or another key: the menu once more
   v
 goodbye        120 s at most in all
```

A voicemail, a machine or a fax presses no keys, so it never hears the code; with `SAYCODE_MACHINE_DETECTION=on` it is
recognised sooner. Longer streams of tones than two are not the two keys. Keys that are pressed before the pair was said
are not heard. If our own side fails, the person hears an apology, and the call ends.

How far somebody got is kept with the delivery: answered, keys pressed, reading begun, heard to the end, and the keys of
the menu that were used. That a call is completed does not count as heard.

## Turned round

With `SAYCODE_CALL_STYLE=key`, or where the page's box is ticked, the page shows the code and the call asks for it.
Nothing can be read to voicemail then, or talked out of somebody.
"""


def document() -> str:
    """The whole page."""
    return "\n".join(_parts())


def _parts() -> Iterator[str]:
    yield _HEAD
    yield from _block(Preview(words("en-US"), "Acme", "change-shipping-address", style=CallStyle.KEY))
    for language in LANGUAGES:
        spoken = words(language)
        yield f"## {spoken.native_name}\n"
        yield from _block(Preview(spoken, "Acme", "sign-in"))


def _block(preview: Preview) -> Iterator[str]:
    yield "```text"
    yield from preview_lines(preview)
    yield "```\n"


if __name__ == "__main__":
    sys.stdout.write(document())
