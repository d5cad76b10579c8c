"""The story of one verification in plain sentences, as a help desk would read it to the person who calls.

Pure: the case and its events in, sentences out. No code, and of a number its last two digits only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verification.models import OPERATOR, PHONE, PROVIDER, TEXT, Delivery, Event, EventKind, Progress, State
from verification.models import Verification as Record
from verification.types import CallStyle, Channel, DeliveryStatus, VerificationStatus

#: What each step of a call or a text means to somebody who has never heard of Twilio.
_STEPS = {
    "call planned": "A call was asked for.",
    "call queued": "Twilio took the call.",
    "call ringing": "The phone rang.",
    "call answered": "The call was answered.",
    "call completed": "The call ended.",
    "call busy": "The line was busy.",
    "call no-answer": "Nobody answered.",
    "call canceled": "The call was called off.",
    "call failed": "The call could not be made",
    "call unknown": "Twilio did not say whether the phone rang.",
    "call machine": "A machine answered.",
    "sms planned": "A text was asked for.",
    "sms queued": "Twilio took the text.",
    "sms sending": "The text was on its way.",
    "sms sent": "The text was handed to the phone's network.",
    "sms delivered": "The text arrived.",
    "sms undelivered": "The text could not be delivered",
    "sms failed": "The text could not be sent",
    "sms canceled": "The text was called off.",
    "sms unknown": "Twilio did not say whether the text left.",
}
_KINDS = {
    EventKind.CODE_SAID: "The call began to say the code.",
    EventKind.CHECK_FAILED: "A wrong code was typed.",
    EventKind.APPROVED: "The right code was typed.",
    EventKind.CANCELED: "It was cancelled.",
    EventKind.SUPERSEDED: "A newer one took its place, so this code counted no more.",
    EventKind.EXPIRED: "The code's time ran out.",
    EventKind.FAILED: "Nothing could be sent, so it was over.",
    EventKind.REDEEMED: "Its receipt was used.",
}
_ACTORS = {
    PHONE: "the person who answered",
    TEXT: "the person who texted",
    PROVIDER: "Twilio",
    OPERATOR: "the operator",
}
_REFUSAL_REASONS = {
    "suppressed": "its holder never wants to be called",
    "paused": "its holder reported a call a short while ago",
    "a call is up": "the phone was ringing or talking already",
}
_MENU = {
    "1": "asked to hear it again",
    "2": "asked for it slower",
    "3": "asked for it one character at a time",
    "4": "asked for a text",
    "0": "said that they had not asked for this",
    "9": "said never to call again",
    "*": "said that they had not asked for this",
}
_OUTCOME = {
    VerificationStatus.PENDING: "It is still open.",
    VerificationStatus.APPROVED: "It was approved.",
    VerificationStatus.CANCELED: "It was cancelled.",
    VerificationStatus.MAX_ATTEMPTS_REACHED: "It ended with the wrong code.",
    VerificationStatus.EXPIRED: "It ran out of time.",
    VerificationStatus.FAILED: "It failed: nothing could be sent.",
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One moment of the story."""

    at: float
    said: str


@dataclass(frozen=True, slots=True)
class History:
    """What it was about, each moment of it, and all of it in one breath."""

    about: str
    moments: tuple[HistoryLine, ...]
    summary: str


def build_history(state: State, events: Sequence[Event]) -> History:
    """The story of the verification of this case."""
    verification = state.verification
    assert verification is not None, "there is something to tell of"
    moments = tuple(HistoryLine(event.at, event_sentence(event, verification.style)) for event in events)
    parts = [delivery_sentence(delivery, events, verification.style) for delivery in state.deliveries]
    ending = " ".join(_ending(verification, events))
    return History(_about(verification), moments, " ".join([*parts, ending]))


def event_sentence(event: Event, style: CallStyle = CallStyle.SAY) -> str:
    """One event as a sentence; one that nobody worded is told by its own name."""
    by = f" by {_ACTORS.get(event.actor, event.actor)}" if event.actor else ""
    who = _ACTORS.get(event.actor, event.actor or "somebody").capitalize()
    match event.kind:
        case EventKind.STARTED:
            return f"It was begun{by}, for {_words(event.detail)}."
        case EventKind.DELIVERY:
            return _step(event.detail)
        case EventKind.START_REFUSED:
            return f"A call or text was refused: {_refusal_reason(event.detail)}."
        case EventKind.LIMIT_WATCHED:
            return f"What is only watched would have refused it: {_refusal_reason(event.detail)}."
        case EventKind.GATE_FAILED if style is CallStyle.KEY:
            return "No whole code was typed on the phone."
        case EventKind.GATE_FAILED:
            return "The wrong keys were pressed." if event.detail == "wrong keys" else "No key was pressed."
        case EventKind.CHECK_REFUSED:
            return f"A code was not looked at: {event.detail}."
        case EventKind.REPORTED:
            return f"{who} said that they had not asked for this, so the code is dead."
        case EventKind.SUPPRESSED:
            return f"{who} asked that the number is never called again."
        case EventKind.LIFTED:
            return f"{who} asked that the number may be called again."
    return _KINDS.get(event.kind, f"{_words(event.kind.value).capitalize()}{by}. {event.detail}".strip())


def delivery_sentence(delivery: Delivery, events: Sequence[Event], style: CallStyle = CallStyle.SAY) -> str:
    """One call or text in one breath: "The call rang 22 s and was answered: wrong keys twice, …"."""
    if delivery.channel is Channel.SMS:
        return f"The text {_text(delivery)}."
    own = [event for event in events if event.delivery == delivery.sid]
    talk = ", ".join(_call_steps(delivery, own, style))
    return f"The call {' and '.join(_ring_and_answer(delivery, own))}{': ' if talk else ''}{talk}."


def _ring_and_answer(delivery: Delivery, own: Sequence[Event]) -> Iterator[str]:
    times = {event.detail: event.at for event in own if event.kind is EventKind.DELIVERY}
    answered = times.get("call answered") or next((event.at for event in own if event.kind in _CALL_EVENTS), None)
    over = times.get(f"call {delivery.status.value}") if delivery.status.final else None
    if (rang := times.get("call ringing")) is not None and (until := answered or over) is not None:
        yield f"rang {until - rang:.0f} s"
    if answered is None and delivery.progress is Progress.NOTHING:
        yield _call_outcome(delivery)
    else:
        yield "was answered by a machine" if delivery.machine else "was answered"


_CALL_EVENTS = (EventKind.GATE_FAILED, EventKind.CODE_SAID, EventKind.REPORTED)


def _call_steps(delivery: Delivery, own: Sequence[Event], style: CallStyle) -> Iterator[str]:
    if delivery.progress is Progress.NOTHING and not any(event.kind in _CALL_EVENTS for event in own):
        answered = any(event.detail == "call answered" for event in own)
        yield from (["hung up before the code"] if answered and not delivery.machine and delivery.status.final else [])
        return
    tried = [event.detail for event in own if event.kind is EventKind.GATE_FAILED]
    if style is CallStyle.KEY:
        yield from (["no whole code was typed"] if tried else [])
        return
    for words in ("wrong keys", "no keys"):
        if words in tried:
            yield f"{words} {_times(tried.count(words))}"
    if "0" not in delivery.keys or delivery.progress > Progress.PRESSED:
        yield _code_progress(delivery)
    yield from (_MENU[key] for key in dict.fromkeys(delivery.keys) if key in _MENU)


def _code_progress(delivery: Delivery) -> str:
    if delivery.progress is Progress.HEARD:
        return "heard the code to its end"
    if delivery.progress is Progress.READING:
        return "hung up while the code was being said" if delivery.status.final else "the code is being said"
    if not delivery.status.final:
        return "the code was not said yet"
    return "ended before the code" if delivery.tries >= 2 else "hung up before the code"


def _call_outcome(delivery: Delivery) -> str:
    error = f" (Twilio's error {delivery.error})" if delivery.error else ""
    return {
        DeliveryStatus.BUSY: "found the line busy",
        DeliveryStatus.NO_ANSWER: "was not answered",
        DeliveryStatus.CANCELED: "was called off before anybody answered",
        DeliveryStatus.FAILED: f"could not be made{error}",
        DeliveryStatus.UNKNOWN: "may or may not have rung: Twilio did not say",
        DeliveryStatus.COMPLETED: "ended, and it is not known how far it got",
    }.get(delivery.status, "is on its way")


def _text(delivery: Delivery) -> str:
    error = f" (Twilio's error {delivery.error})" if delivery.error else ""
    return {
        DeliveryStatus.DELIVERED: "arrived",
        DeliveryStatus.SENT: "was sent, and the network did not say whether it arrived",
        DeliveryStatus.UNDELIVERED: f"could not be delivered{error}",
        DeliveryStatus.FAILED: f"could not be sent{error}",
        DeliveryStatus.UNKNOWN: "may or may not have left: Twilio did not say",
        DeliveryStatus.CANCELED: "was called off",
    }.get(delivery.status, "is on its way")


def _ending(verification: Record, events: Sequence[Event]) -> Iterator[str]:
    wrong = sum(event.kind is EventKind.CHECK_FAILED for event in events)
    if wrong:
        yield f"The wrong code was typed {_times(wrong)}."
    elif verification.status in (VerificationStatus.EXPIRED, VerificationStatus.CANCELED):
        yield "No code was typed."
    for kind, said in (
        (EventKind.SUPERSEDED, "A newer one took its place."),
        (EventKind.REPORTED, "The recipient had not asked for it."),
        (EventKind.SUPPRESSED, "The number is never called again."),
    ):
        if any(event.kind is kind for event in events):
            yield said
            return
    yield _OUTCOME[verification.status]


def _about(verification: Record) -> str:
    return f"{_words(verification.action)} of {verification.username} with the phone {verification.number.masked}"


def _step(detail: str) -> str:
    known = _STEPS.get(" ".join(detail.split()[:2]), f"{detail}.")
    error = detail.split()[2:]
    return f"{known.rstrip('.')} (Twilio's error {error[0]})." if error else f"{known.rstrip('.')}."


def _refusal_reason(detail: str) -> str:
    """The reason of a refusal; the sid behind it names a start that left no row."""
    reason = " ".join(part for part in detail.split() if not part.startswith("VE"))
    if reason.startswith("limit "):
        return f"a limit was reached ({reason.removeprefix('limit ')})"
    return _REFUSAL_REASONS.get(reason, reason)


def _times(times: int) -> str:
    return {1: "once", 2: "twice"}.get(times, f"{times} times")


def _words(name: str) -> str:
    return name.replace("-", " ")
