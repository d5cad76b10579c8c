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
`saycode preview` shows the same in any of the twenty languages, and for any action.

## Diagram

```text
 ring, 25 s at most
   |
 answered ----> who is calling, and why                       after approval, expiry or cancellation:
   |            nothing secret                                "no longer needed", goodbye
   v
 two keys ----> wrong or silence: once more with new keys ----> goodbye, without the code
   |            0 0: reported, the code is void
   v
 the code, twice   after a warning never to share it          0: reported   9: never again
   |
   v
 menu --------> 1 again   2 slower   3 one at a time          0: reported   9: never again
   |            4 as a text, goodbye
   |            silence or another key: the menu once more
   v
 goodbye        120 s at most in all
```

Voicemail, machines and faxes press no keys, so they never hear the code; `SAYCODE_MACHINE_DETECTION=on` recognizes them
sooner. A stream of more than two tones does not count as the two keys. Keys pressed before the pair was said are
ignored. If the service fails, the call says an apology and ends.

The delivery records the progress: answered, keys pressed, reading begun, heard to the end, and the menu keys used. A
completed call does not count as heard.

## Typing the code on the phone

With `SAYCODE_CALL_STYLE=key`, or when the user ticks the box on the page, the page shows the code and the call asks for
it. Then nothing can be left on voicemail, and a thief cannot talk the user into reading the code out.
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
