"""What a person may text us. The first two groups are the words that Twilio itself acts on and answers.

Law and carriers ask that any reasonable wording of "stop" works, so the second list is generous; a text that is
taken for a stop by mistake is undone by START.
"""

import re
import unicodedata
from enum import StrEnum


class Keyword(StrEnum):
    """What a text asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    CALL = "call"
    OTHER = "other"


_CARRIER = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"), Keyword.STOP),
    **dict.fromkeys(("start", "yes", "unstop"), Keyword.START),
    **dict.fromkeys(("help", "info"), Keyword.HELP),
}
_OURS = {
    **dict.fromkeys(("opt out", "arret", "arreter", "parar", "alto", "stopp", "remove me"), Keyword.STOP),
    **dict.fromkeys(("call", "call me", "ring"), Keyword.CALL),
}
_WISH_TO_STOP = re.compile(
    r"\b(unsubscribe|opt ?out|remove me|revoke|leave me alone)\b"
    r"|\b(stop|quit|do not|dont|never|no more)\b.*\b(text|call|messag|contact|sms)"
)


def read(body: str) -> tuple[Keyword, bool]:
    """What the text asks for, and whether the carrier answers it by itself (then we must not)."""
    exact = body.strip().lower()
    if exact in _CARRIER:
        return _CARRIER[exact], True
    plain = _plain(body)
    if plain in _CARRIER:
        return _CARRIER[plain], False
    if plain in _OURS:
        return _OURS[plain], False
    if _WISH_TO_STOP.search(plain) or plain.startswith(("stop ", "please stop")):
        return Keyword.STOP, False
    return Keyword.OTHER, False


def _plain(body: str) -> str:
    letters = unicodedata.normalize("NFKD", body[:1600]).casefold().replace("'", "").replace("\u2019", "")
    kept = (c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join("".join(kept).split())
