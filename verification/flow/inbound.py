"""Inbound texts and keys: what each keyword does, once.

A sender's number proves nothing, so no reply reveals whether a code is pending. START undoes a stop. Twilio may repeat
a webhook, also late: an old STOP that is repeated after a START must not undo that, nor an old START a newer STOP. So
the store remembers the texts and calls that had an effect (see saycode/maintenance/retention).
"""

from msgspec.structs import replace

from ..context import Context
from ..counters.counter import DAY, AddSend
from ..counters.rules import EXTRA_KEPT
from ..errors import CountryNotAllowed
from ..models import BUILT_IN_SERVICE, TEXT, Delivery, Event, EventKind, NumberPause, State, Verification
from ..policy import PERMISSION
from ..ports import Changes, Randomness, Received
from ..types import Channel, Record, Scope
from ..values.keywords import Keyword, parse_keyword
from ..values.phone_numbers import PhoneNumber, require_allowed
from .admission import admit
from .answers import count_answer
from .delivery import delivery_event
from .ending import EndResult, cancel
from .rate_limits import LimitKeys
from .start import StartRequest, StartResult, new_delivery, new_verification, resend


class InboundText(Record, frozen=True):
    """A message to us. `sid` is the provider's, empty where there is none. `opt_out`: what the provider has done about
    it itself, STOP, START or HELP; then it has replied as well. `filtered`: it would, without saying so.
    """

    number: PhoneNumber
    body: str
    sid: str = ""
    opt_out: Keyword | None = None
    filtered: bool = True

    def read(self) -> tuple[Keyword, bool]:
        """What it asks for, and whether the provider replies by itself."""
        if self.opt_out:
            return self.opt_out, True
        keyword, replies = parse_keyword(self.body)
        return keyword, replies and self.filtered


class InboundResult(Record, frozen=True):
    """The result of a text or a key. `provider_replies`: Twilio replies by itself, so we send no reply. `silent`: we
    send none either, because the text was a repetition, or the number gets no more replies today.

    `dispatch` names a delivery to send, `hang_up` the calls to end, once the webhook has been answered.
    """

    keyword: Keyword
    provider_replies: bool = False
    dispatch: str | None = None
    hang_up: tuple[str, ...] = ()
    silent: bool = False


def handle_text(state: State, *, text: InboundText, context: Context, follow_up: Delivery) -> Changes[InboundResult]:
    """What the text asks for, and whether we reply."""
    keyword, provider_replies = text.read()
    if state.repeated:
        return Changes(result=InboundResult(keyword, provider_replies, silent=True))
    changes = handle_inbound(state, text.number, keyword, context, follow_up=follow_up, sid=text.sid)
    answer = () if provider_replies else count_answer(state, text.number, keyword, context)
    if answer is None:
        return changes.with_result(replace(changes.result, silent=True))
    result = replace(changes.result, provider_replies=provider_replies)
    received = _received(text.sid, context) if answer else changes.received
    counted = (*changes.counter_updates, *answer)
    return replace(changes.with_result(result), counter_updates=counted, received=received)


def handle_key(
    state: State, *, number: PhoneNumber, keyword: Keyword, context: Context, follow_up: Delivery, sid: str
) -> Changes[InboundResult]:
    """What a key in an inbound call asks for. `sid` is that of the call."""
    if state.repeated:
        return Changes(result=InboundResult(keyword))
    return handle_inbound(state, number, keyword, context, follow_up=follow_up, sid=sid)


def stop_next(state: State, number: PhoneNumber, context: Context) -> Changes[InboundResult]:
    """End one more verification of a number that is suppressed. A START may have come in between."""
    return _stop(state, number, context) if state.suppressed else Changes(result=InboundResult(Keyword.STOP))


def handle_inbound(
    state: State, number: PhoneNumber, keyword: Keyword, context: Context, *, follow_up: Delivery, sid: str = ""
) -> Changes[InboundResult]:
    """Suppress the number, lift the suppression, call again, or report; and remember the text or call by its sid."""
    if keyword is Keyword.STOP:
        changes = _stop(state, number, context)
    elif keyword is Keyword.START:
        event = _event(EventKind.LIFTED, number, context.now)
        changes = Changes(result=InboundResult(keyword), lift=(number,), events=(event,))
    elif keyword is Keyword.CALL and state.verification is not None:
        changes = _call(state, state.verification, context, follow_up=follow_up)
    elif keyword is Keyword.REPORT:
        changes = _report(state, number, context)
    else:
        return Changes(result=InboundResult(keyword))
    return replace(changes, received=_received(sid, context))


def _received(sid: str, context: Context) -> tuple[Received, ...]:
    return (Received(sid=sid, at=context.now),) if sid else ()


def _call(state: State, verification: Verification, context: Context, *, follow_up: Delivery) -> Changes[InboundResult]:
    delivery = replace(follow_up, verification=verification.sid)
    changes = resend(state, context, delivery=delivery)
    planned = isinstance(changes.result, StartResult) and changes.result.delivery is not None
    return changes.with_result(InboundResult(Keyword.CALL, dispatch=delivery.sid if planned else None))


def plan_permission_call(
    number: PhoneNumber, language: str, context: Context, *, randomness: Randomness
) -> tuple[Verification, Delivery]:
    """The call back in which a person stops our calls, or allows them again."""
    request = StartRequest(
        username="",
        number=number,
        channel=Channel.CALL,
        action=PERMISSION,
        language=language,
        service=BUILT_IN_SERVICE,
    )
    verification = new_verification(request, context, randomness=randomness)
    return verification, new_delivery(verification.sid, Channel.CALL, now=context.now, randomness=randomness)


def call_about_permission(
    state: State, verification: Verification, delivery: Delivery, context: Context
) -> Changes[str | None]:
    """Call a person back who asked for it by phone, once a day for a number, as the caller ID may be forged.

    A suppressed number too: this call is its way back. Every limit of a call applies. The result is the delivery.
    """
    number, keys = verification.number, LimitKeys(verification, state.counters, now=context.now)
    key = keys.by_scope[Scope.PERMISSION_CALLS]
    assert key is not None, "every number has one"
    last = keys.of(key).nth_last_send(1)
    try:
        require_allowed(number, context.policy.countries)
    except CountryNotAllowed:
        return Changes(result=None)
    if number.extension or (last is not None and context.now - last < DAY):
        return Changes(result=None)
    admission = admit(state, verification, delivery, context)
    if admission.error is not None:
        return admission.denied().with_result(None)
    started = Event(kind=EventKind.STARTED, at=context.now, verification=verification.sid, detail=PERMISSION)
    return Changes(
        result=delivery.sid,
        verifications=(verification,),
        deliveries=(delivery,),
        counter_updates=(*admission.counter_updates, AddSend(key, context.now, 1 + EXTRA_KEPT)),
        denials=admission.denials,
        events=(started, *admission.events, delivery_event(delivery, context.now)),
    )


def _stop(state: State, number: PhoneNumber, context: Context) -> Changes[InboundResult]:
    """Suppress the number, and cancel its newest verification, as key 9 does in a call once it is confirmed."""
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
