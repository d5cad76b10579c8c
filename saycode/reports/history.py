"""The history of one verification in plain sentences, for support staff.

Pure: the state and its events in, sentences out. No code, and only the last two digits of a number.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verification.models import OPERATOR, PHONE, PROVIDER, TEXT, CallStage, Delivery, Event, EventKind, Progress, State
from verification.models import Verification as Record
from verification.types import CallStyle, DeliveryStatus, VerificationStatus

#: Each step of a call or a text, in words that need no knowledge of Twilio.
_STEPS = {
    "call planned": "A call was requested.",
    "call queued": "Twilio accepted the call.",
    "call ringing": "The phone rang.",
    "call answered": "The call was answered.",
    "call completed": "The call ended.",
    "call busy": "The line was busy.",
    "call no-answer": "The call was not answered.",
    "call canceled": "The call was canceled.",
    "call failed": "The call failed",
    "call unknown": "Twilio did not say whether the phone rang.",
    "call machine": "A machine answered.",
    "sms planned": "A text was requested.",
    "sms queued": "Twilio accepted the text.",
    "sms sending": "The text was being sent.",
    "sms sent": "The text was handed to the carrier.",
    "sms delivered": "The text was delivered.",
    "sms undelivered": "The text could not be delivered",
    "sms failed": "The text could not be sent",
    "sms canceled": "The text was canceled.",
    "sms unknown": "Twilio did not say whether the text was sent.",
    "whatsapp planned": "A WhatsApp message was requested.",
    "whatsapp queued": "Twilio accepted the WhatsApp message.",
    "whatsapp sending": "The WhatsApp message was being sent.",
    "whatsapp sent": "The WhatsApp message was handed to WhatsApp.",
    "whatsapp delivered": "The WhatsApp message was delivered.",
    "whatsapp read": "The WhatsApp message was read.",
    "whatsapp undelivered": "The WhatsApp message could not be delivered",
    "whatsapp failed": "The WhatsApp message could not be sent",
    "whatsapp canceled": "The WhatsApp message was canceled.",
    "whatsapp unknown": "Twilio did not say whether the WhatsApp message was sent.",
}
_KINDS = {
    EventKind.CODE_SAID: "The call began to say the code.",
    EventKind.CHECK_FAILED: "A wrong code was typed.",
    EventKind.APPROVED: "The right code was typed.",
    EventKind.CANCELED: "It was canceled.",
    EventKind.SUPERSEDED: "A newer verification replaced it, so this code was no longer valid.",
    EventKind.EXPIRED: "The code expired.",
    EventKind.FAILED: "It failed because nothing could be sent.",
    EventKind.REDEEMED: "Its receipt was used.",
}
_ALL = frozenset(EventKind)
_ACTORS = {
    PHONE: "the person who answered",
    TEXT: "the person who texted",
    PROVIDER: "Twilio",
    OPERATOR: "the operator",
}
_DENIAL_REASONS = {
    "suppressed": "the number is suppressed",
    "paused": "its holder reported a call a short while ago",
    "a call is up": "a call to the phone was in progress",
}
_MENU = {
    "1": "had it repeated",
    "2": "had it repeated slowly",
    "3": "had it repeated one character at a time",
    "4": "requested a text",
}
#: The last keys of a call: the key, and the one that confirms it.
_CONFIRMED = {
    "0*": "reported that they had not requested it",
    "9*": "asked never to be called again",
}
_OUTCOME = {
    VerificationStatus.PENDING: "It is still open.",
    VerificationStatus.APPROVED: "It was approved.",
    VerificationStatus.CANCELED: "It was canceled.",
    VerificationStatus.MAX_ATTEMPTS_REACHED: "It ended with a wrong code.",
    VerificationStatus.EXPIRED: "It expired.",
    VerificationStatus.FAILED: "It failed: nothing could be sent.",
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class History:
    """The subject, a line for each event, and a summary of one paragraph."""

    about: str
    lines: tuple[HistoryLine, ...]
    summary: str


def build_history(state: State, events: Sequence[Event]) -> History:
    """The history of the loaded verification."""
    verification = state.verification
    assert verification is not None
    lines = tuple(HistoryLine(event.at, event_sentence(event, verification.style)) for event in events)
    sentences = [delivery_sentence(delivery, events, verification.style) for delivery in state.deliveries]
    ending = " ".join(_ending(verification, events))
    return History(_about(verification), lines, " ".join([*sentences, ending]))


def event_sentence(event: Event, style: CallStyle = CallStyle.SAY) -> str:
    """One event as a sentence. A kind without a sentence is shown by its name."""
    by = f" by {_ACTORS.get(event.actor, event.actor)}" if event.actor else ""
    actor = _ACTORS.get(event.actor, event.actor or "the recipient")
    actor = actor[:1].upper() + actor[1:]
    match event.kind:
        case EventKind.STARTED:
            return f"It was started{by}, for {_words(event.detail)}."
        case EventKind.DELIVERY:
            return _step(event.detail)
        case EventKind.START_REFUSED:
            return f"A call or text was refused: {_denial_reason(event.detail)}."
        case EventKind.LIMIT_WATCHED:
            return f"With SAYCODE_LIMITS=enforce it would have been refused: {_denial_reason(event.detail)}."
        case EventKind.GATE_FAILED if style is CallStyle.KEY:
            return "No complete code was typed on the phone."
        case EventKind.GATE_FAILED:
            return "The wrong keys were pressed." if event.detail == "wrong keys" else "No key was pressed."
        case EventKind.CHECK_REFUSED:
            return f"A code was not checked: {event.detail}."
        case EventKind.REPORTED:
            return f"{actor} reported that they had not requested it, so the code is no longer valid."
        case EventKind.SUPPRESSED:
            return f"{actor} asked that the number never be called again."
        case EventKind.OPERATOR_SIGNED_IN:
            return f"{actor} signed in to the console, as {_words(event.detail)}."
        case EventKind.PERSON_LOOKED_UP:
            return f"{actor} looked it up in the console."
        case EventKind.LIFTED if event.detail.startswith("wrong codes"):
            return f"{actor} ended the lockout: wrong codes no longer count."
        case EventKind.LIFTED:
            return f"{actor} allowed calls to the number again."
    return _KINDS.get(event.kind, f"{_words(event.kind.value).capitalize()}{by}. {event.detail}".strip())


def recorded_sentence(kind: str, *, detail: str, actor: str) -> str:
    """An entry of the audit log as a sentence; one of a kind that this version does not know, by its name."""
    return event_sentence(Event(kind=EventKind(kind), at=0, detail=detail, actor=actor)) if kind in _ALL else kind


def delivery_sentence(delivery: Delivery, events: Sequence[Event], style: CallStyle = CallStyle.SAY) -> str:
    """One call or text in a sentence: "The call rang 22 s and was answered: wrong keys twice, …"."""
    if not delivery.channel.spoken:
        return f"The {delivery.channel.word} {_text(delivery)}."
    own = [event for event in events if event.delivery == delivery.sid]
    steps = ", ".join(_call_steps(delivery, own, style))
    return f"The call {' and '.join(_ring_and_answer(delivery, own))}{': ' if steps else ''}{steps}."


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
    failed_gates = [event.detail for event in own if event.kind is EventKind.GATE_FAILED]
    if style is CallStyle.KEY and delivery.progress >= Progress.PRESSED:
        yield from (["no complete code was typed"] if failed_gates else [])
        return
    for words in ("wrong keys", "no keys"):
        if words in failed_gates:
            yield f"{words} {_times(failed_gates.count(words))}"
    confirmed = _CONFIRMED.get(delivery.keys[-2:])
    if confirmed is None or delivery.progress > Progress.PRESSED:
        yield _code_progress(delivery)
    yield from (_MENU[key] for key in dict.fromkeys(delivery.keys) if key in _MENU)
    yield from ([confirmed] if confirmed else [])


def _code_progress(delivery: Delivery) -> str:
    if delivery.progress is Progress.HEARD:
        return "heard the whole code"
    if delivery.progress is Progress.READING:
        return "hung up while the code was being said" if delivery.status.final else "the code is being said"
    if not delivery.status.final:
        return "the code has not been said yet"
    ended = delivery.stage is CallStage.OVER
    return "ended before the code" if ended else "hung up before the code"


def _call_outcome(delivery: Delivery) -> str:
    error = f" (Twilio's error {delivery.error})" if delivery.error else ""
    return {
        DeliveryStatus.BUSY: "found the line busy",
        DeliveryStatus.NO_ANSWER: "was not answered",
        DeliveryStatus.CANCELED: "was canceled before it was answered",
        DeliveryStatus.FAILED: f"failed{error}",
        DeliveryStatus.UNKNOWN: "may or may not have rung: Twilio did not say",
        DeliveryStatus.COMPLETED: "ended at an unknown point",
    }.get(delivery.status, "is in progress")


def _text(delivery: Delivery) -> str:
    error = f" (Twilio's error {delivery.error})" if delivery.error else ""
    return {
        DeliveryStatus.DELIVERED: "was delivered",
        DeliveryStatus.READ: "was read",
        DeliveryStatus.SENT: "was sent, and its delivery was not confirmed",
        DeliveryStatus.UNDELIVERED: f"could not be delivered{error}",
        DeliveryStatus.FAILED: f"could not be sent{error}",
        DeliveryStatus.UNKNOWN: "may or may not have been sent: Twilio did not say",
        DeliveryStatus.CANCELED: "was canceled",
    }.get(delivery.status, "is in progress")


def _ending(verification: Record, events: Sequence[Event]) -> Iterator[str]:
    wrong = sum(event.kind is EventKind.CHECK_FAILED for event in events)
    if wrong:
        yield f"A wrong code was typed {_times(wrong)}."
    elif verification.status in (VerificationStatus.EXPIRED, VerificationStatus.CANCELED):
        yield "No code was typed."
    for kind, sentence in (
        (EventKind.SUPERSEDED, "A newer verification replaced it."),
        (EventKind.REPORTED, "The recipient had not requested it."),
        (EventKind.SUPPRESSED, "The number is never called again."),
    ):
        if any(event.kind is kind for event in events):
            yield sentence
            return
    yield _OUTCOME[verification.status]


def _about(verification: Record) -> str:
    user = f" of {verification.username}" if verification.username else ""  # the API needs no user name
    return f"{_words(verification.action)}{user} with the phone {verification.number.masked}"


def _step(detail: str) -> str:
    sentence = _STEPS.get(" ".join(detail.split()[:2]), f"{detail}.")
    error = detail.split()[2:]
    return f"{sentence.rstrip('.')} (Twilio's error {error[0]})." if error else f"{sentence.rstrip('.')}."


def _denial_reason(detail: str) -> str:
    """The reason of a denial, without the sid after it, which names a start that left no row."""
    reason = " ".join(part for part in detail.split() if not part.startswith("VE"))
    if reason.startswith("limit "):
        return f"a limit was reached ({reason.removeprefix('limit ')})"
    return _DENIAL_REASONS.get(reason, reason)


def _times(times: int) -> str:
    return {1: "once", 2: "twice"}.get(times, f"{times} times")


def _words(name: str) -> str:
    return name.replace("-", " ")
