"""What a text to us does. A sender's number proves nothing, so nobody is told whether a code is waiting.

What a person may text us. The first two groups are the words that Twilio itself acts on and answers.

Law and carriers ask that any reasonable wording of "stop" works, so the second list is generous; a text that is
taken for a stop by mistake is undone by START.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum

from ..models import TEXT, Delivery, Event, EventKind, NumberPause, State
from ..policy import Policy
from ..ports import Changes
from ..values.phone_numbers import PhoneNumber
from .start import StartResult, again, cancel


class Keyword(StrEnum):
    """What a text asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    CALL = "call"
    REPORT = "report"
    OTHER = "other"


_PROVIDER_KEYWORDS = {
    **dict.fromkeys(("stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"), Keyword.STOP),
    **dict.fromkeys(("start", "yes", "unstop"), Keyword.START),
    **dict.fromkeys(("help", "info"), Keyword.HELP),
}
# In our twenty languages, as people type them without accents. None of these words says something else in another one.
_EXTRA_KEYWORDS = {
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
_STOP_PATTERN = re.compile(
    r"\b(unsubscribe|opt ?out|remove me|revoke|leave me alone)\b"
    r"|\b(stop|quit|do not|dont|never|no more)\b.*\b(text|call|messag|contact|sms)"
)


def parse_keyword(body: str) -> tuple[Keyword, bool]:
    """What the text asks for, and whether the carrier answers it by itself (then we must not)."""
    exact = body.strip().lower()
    if exact in _PROVIDER_KEYWORDS:
        return _PROVIDER_KEYWORDS[exact], True
    plain = _normalize(body)
    if plain in _PROVIDER_KEYWORDS:
        return _PROVIDER_KEYWORDS[plain], False
    if plain.replace(" ", "") in _STOP_WORDS:  # "stop all", and "s t o p"
        return Keyword.STOP, False
    if plain in _NORMALIZED_KEYWORDS:
        return _NORMALIZED_KEYWORDS[plain], False
    if _STOP_PATTERN.search(plain) or plain.startswith(("stop ", "please stop")):
        return Keyword.STOP, False
    return Keyword.OTHER, False


def _normalize(body: str) -> str:
    letters = unicodedata.normalize("NFKD", body[:1600]).casefold().replace("'", "").replace("\u2019", "")
    kept = (c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join("".join(kept).split())


_STOP_WORDS = frozenset(word for word, keyword in _PROVIDER_KEYWORDS.items() if keyword is Keyword.STOP)
_NORMALIZED_KEYWORDS = {
    _normalize(word): keyword for keyword, words in _EXTRA_KEYWORDS.items() for word in words.split(";")
}


@dataclass(frozen=True, slots=True)
class InboundResult:
    """What came of a text or a key. `carrier_answers`: Twilio replies by itself, so we stay silent.

    `dispatch` names a delivery to send, `hang_up` calls to end, once the webhook has been answered.
    """

    keyword: Keyword
    provider_replies: bool = False
    dispatch: str | None = None
    hang_up: tuple[str, ...] = ()


def handle_inbound(
    state: State, number: PhoneNumber, keyword: Keyword, *, follow_up: Delivery, now: float, policy: Policy
) -> Changes[InboundResult]:
    """Suppress, lift, ring again or report."""
    nothing = InboundResult(keyword)
    if keyword is Keyword.STOP:
        return _stop(state, number, now=now, policy=policy)
    if keyword is Keyword.START:
        return Changes(result=nothing, lift=(number,), events=(_event(EventKind.LIFTED, number, now),))
    if keyword is Keyword.CALL and state.verification is not None:
        delivery = replace(follow_up, verification=state.verification.sid)
        decided = again(state, delivery=delivery, now=now, policy=policy)
        sent = isinstance(decided.result, StartResult) and decided.result.delivery is not None
        return decided.saying(replace(nothing, dispatch=delivery.sid) if sent else nothing)
    if keyword is Keyword.REPORT:
        return _report(state, number, now=now, policy=policy)
    return Changes(result=nothing)


def _stop(state: State, number: PhoneNumber, *, now: float, policy: Policy) -> Changes[InboundResult]:
    """The number is left alone from now on, and the newest code for it is dead, as after key 9 in a call."""
    decided = cancel(state, now=now, policy=policy)
    hang_up = decided.result.hang_up if isinstance(decided.result, StartResult) else ()
    event = _event(EventKind.SUPPRESSED, number, now)
    return replace(
        decided.saying(InboundResult(Keyword.STOP, hang_up=hang_up)),
        suppress=(number,),
        events=(*decided.events, event),
    )


def _report(state: State, number: PhoneNumber, *, now: float, policy: Policy) -> Changes[InboundResult]:
    """The newest code for this number is dead, and nothing more is sent there for a while.

    Anybody can forge a sender, so a report by text may take a code away, and never gives anything.
    """
    decided = cancel(state, now=now, policy=policy, kind=EventKind.REPORTED)
    if not isinstance(decided.result, StartResult):
        return decided.saying(InboundResult(Keyword.REPORT))
    pause = NumberPause(number=number, until=now + policy.report_pause)
    return replace(decided.saying(InboundResult(Keyword.REPORT, hang_up=decided.result.hang_up)), pauses=(pause,))


def _event(kind: EventKind, number: PhoneNumber, now: float) -> Event:
    return Event(kind=kind, at=now, detail=number.masked, actor=TEXT)
