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
    REPORT = "report"
    OTHER = "other"


_CARRIER = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"), Keyword.STOP),
    **dict.fromkeys(("start", "yes", "unstop"), Keyword.START),
    **dict.fromkeys(("help", "info"), Keyword.HELP),
}
# In our twenty languages, as people type them without accents. None of these words says something else in another one.
_OURS = {
    Keyword.STOP: """
        opt out; remove me; arret; arreter; desabonner; parar; alto; baja; darme de baja; stopp; stoppa; halt; abmelden;
        aufhoren; annulla; afmelden; lopeta; afmeld; avmeld; wypisz; odhlasit; iptal; dur; sair; 退订; 停止;
        停止してください; 配信停止; やめて; توقف; إيقاف; الغاء الاشتراك
    """,
    Keyword.CALL: "call; call me; ring",
    Keyword.REPORT: """
        report; no; nope; not me; it was not me; it wasnt me; this was not me; this wasnt me; fraud; scam; nein; melden;
        non; signaler; nao; denunciar; segnala; nej; nei; anmal; anmeld; rapporter; nee; ei; ilmoita; nie; zglos; ne;
        nahlasit; hayir; hay\u0131r; bildir; いいえ; 通報; 报告; 举报; 不是我; 不; لا; إبلاغ; بلاغ
    """,
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
    if plain.replace(" ", "") in _STOPS:  # "stop all", and "s t o p"
        return Keyword.STOP, False
    if plain in _PLAIN:
        return _PLAIN[plain], False
    if _WISH_TO_STOP.search(plain) or plain.startswith(("stop ", "please stop")):
        return Keyword.STOP, False
    return Keyword.OTHER, False


def _plain(body: str) -> str:
    letters = unicodedata.normalize("NFKD", body[:1600]).casefold().replace("'", "").replace("\u2019", "")
    kept = (c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join("".join(kept).split())


_STOPS = frozenset(word for word, keyword in _CARRIER.items() if keyword is Keyword.STOP)
_PLAIN = {_plain(word): keyword for keyword, words in _OURS.items() for word in words.split(";")}
