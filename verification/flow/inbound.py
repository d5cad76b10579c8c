"""Inbound texts and keys: keywords, and what each one does.

A sender's number proves nothing, so no reply reveals whether a code is pending. The first two groups of keywords are
those that Twilio itself acts on and replies to. Law and carriers require that any reasonable wording of "stop" works,
so the second list is generous; START undoes a stop.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum

from ..context import Context
from ..models import TEXT, Delivery, Event, EventKind, NumberPause, State
from ..ports import Changes
from ..values.phone_numbers import PhoneNumber
from .ending import EndResult, cancel
from .start import StartResult, resend


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
# In our twenty languages, as keys type them without accents. None of these words says something else in another one.
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
    """What the text asks for, and whether Twilio replies by itself (then we must not)."""
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
    """The result of a text or a key. `provider_replies`: Twilio replies by itself, so we send no reply.

    `dispatch` names a delivery to send, `hang_up` the calls to end, once the webhook has been answered.
    """

    keyword: Keyword
    provider_replies: bool = False
    dispatch: str | None = None
    hang_up: tuple[str, ...] = ()


def handle_inbound(
    state: State, number: PhoneNumber, keyword: Keyword, context: Context, *, follow_up: Delivery
) -> Changes[InboundResult]:
    """Suppress the number, lift the suppression, call again, or report."""
    result = InboundResult(keyword)
    if keyword is Keyword.STOP:
        return _stop(state, number, context)
    if keyword is Keyword.START:
        return Changes(result=result, lift=(number,), events=(_event(EventKind.LIFTED, number, context.now),))
    if keyword is Keyword.CALL and state.verification is not None:
        delivery = replace(follow_up, verification=state.verification.sid)
        changes = resend(state, context, delivery=delivery)
        planned = isinstance(changes.result, StartResult) and changes.result.delivery is not None
        return changes.with_result(replace(result, dispatch=delivery.sid) if planned else result)
    if keyword is Keyword.REPORT:
        return _report(state, number, context)
    return Changes(result=result)


def _stop(state: State, number: PhoneNumber, context: Context) -> Changes[InboundResult]:
    """Suppress the number, and cancel its newest verification, as key 9 does in a call."""
    changes = cancel(state, context)
    hang_up = changes.result.hang_up if isinstance(changes.result, EndResult) else ()
    event = _event(EventKind.SUPPRESSED, number, context.now)
    return replace(
        changes.with_result(InboundResult(Keyword.STOP, hang_up=hang_up)),
        suppress=(number,),
        events=(*changes.events, event),
    )


def _report(state: State, number: PhoneNumber, context: Context) -> Changes[InboundResult]:
    """Cancel the newest verification of the number, and send nothing to it for a while.

    A sender can be forged, so a report by text can end a code, and never grants anything.
    """
    changes = cancel(state, context, kind=EventKind.REPORTED)
    if not isinstance(changes.result, EndResult):
        return changes.with_result(InboundResult(Keyword.REPORT))
    pause = NumberPause(number=number, until=context.now + context.policy.report_pause)
    return replace(changes.with_result(InboundResult(Keyword.REPORT, hang_up=changes.result.hang_up)), pauses=(pause,))


def _event(kind: EventKind, number: PhoneNumber, now: float) -> Event:
    return Event(kind=kind, at=now, detail=number.masked, actor=TEXT)
