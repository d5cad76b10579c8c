"""What the phone says next, decided with everything that a key does beside the talk.

The same webhook once more: what was said to it, found again from where it led.

Twilio sends a request again when its answer was lost, with the same idempotency token. Nothing moves then and nothing
is counted, or a person would miss a character, and lose a try at the keys or a typed code to a bad line. The documents
are not kept, because some of them hold the code; the stage and the keys tell which one it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..errors import NotFound
from ..flow.admission import Admission, admit, spacing_left
from ..flow.check import code_of
from ..flow.delivery import delivery_event, end_by_phone, matches_delivery
from ..models import PHONE, CallStage, Delivery, Event, EventKind, NumberPause, Progress, State, Verification
from ..policy import Policy
from ..ports import Changes
from ..types import CallStyle, Channel, DeliveryStatus, VerificationStatus
from ..values import codes
from . import keypad
from .dialogue import (
    AskForCode,
    CallInput,
    Dialogue,
    Effect,
    End,
    Ending,
    OfferMenu,
    Prompt,
    ReadCode,
    ReadOne,
    ReadSlowly,
    Turn,
)


def repeat_prompt(dialogue: Dialogue, delivery: Delivery, heard: CallInput, digits: str) -> Prompt:
    """What a call that goes on said to the webhook that brought it here."""
    if delivery.stage is CallStage.GATE:
        after = CallInput.SILENCE if heard is CallInput.ANSWERED else heard
        return dialogue.ask(delivery.tries, after if delivery.tries else None)
    if delivery.stage is CallStage.READING:
        return ReadCode(dialogue.code(), opening=not delivery.keys)
    if delivery.stage is CallStage.SLOWLY:
        return ReadSlowly(dialogue.code())
    if delivery.stage is CallStage.ONE_BY_ONE:
        return ReadOne(dialogue.code(), delivery.position)
    return OfferMenu(dialogue.text(), refused=digits == "4" and delivery.keys.endswith("4"))


def repeat_code_prompt(verification: Verification, heard: CallInput, digits: str) -> Prompt:
    """The same for a call that goes on and takes the code from the keys."""
    wrong = None if heard is CallInput.ANSWERED else len(digits) == verification.code_length
    return AskForCode(verification.code_length, wrong)


def repeat_ending(
    verification: Verification, delivery: Delivery, heard: CallInput, digits: str, *, texted: bool
) -> Ending:
    """The last sentence of a call, again. There is nothing secret in any of them. `texted`: a text came after it."""
    if delivery.machine:
        return Ending.MACHINE
    if verification.style is CallStyle.KEY:
        return _keypad_ending(verification, heard, digits)
    if digits in ("0", "00") and delivery.keys.endswith("0"):
        return Ending.REPORTED
    if delivery.progress < Progress.PRESSED and delivery.stage is CallStage.OVER and not delivery.keys:
        return Ending.WRONG_KEYS if heard is CallInput.KEYS else Ending.NO_KEYS
    by_key = {"9": Ending.SUPPRESSED, "4": Ending.TEXT_COMES if texted else Ending.GOODBYE}
    return by_key.get(digits, Ending.GOODBYE)


def _keypad_ending(verification: Verification, heard: CallInput, digits: str) -> Ending:
    if verification.status is VerificationStatus.APPROVED:
        return Ending.TYPED_APPROVED
    if digits.startswith("*"):
        return Ending.REPORTED
    if verification.status is VerificationStatus.MAX_ATTEMPTS_REACHED or len(digits) == verification.code_length:
        return Ending.TYPED_WRONG
    return Ending.NO_KEYS if heard is CallInput.SILENCE else Ending.WRONG_KEYS


@dataclass(frozen=True, slots=True)
class NextPrompt:
    """What the phone says next. `dispatch` names a delivery to send once the webhook has been answered."""

    line: Prompt
    verification: Verification
    dispatch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent:
    """One webhook of one call. `spare` becomes the text, when a key asks for one.

    `to` is the number that the carrier called. `webhook` names the request: one that comes twice has the same name.
    """

    delivery: str
    provider_sid: str
    heard: CallInput
    digits: str
    follow_up: Callable[[], Delivery]
    now: float
    to: str | None = None
    webhook: str = ""


def next_turn(state: State, call_event: CallEvent, *, keys: codes.KeyRing, policy: Policy) -> Changes[NextPrompt]:
    """The next document of a call, and what the trail tells of it. Raises NotFound for a call that is not this one's.

    A call that has ended, or whose verification has, never hears a code: a replayed webhook finds nothing to say. The
    same webhook again, because its answer was lost, is answered the same and moves and counts nothing.
    """
    decided = _decide_turn(state, call_event, keys=keys, policy=policy)
    told = _turn_events(state, decided.deliveries, call_event)
    return replace(decided, events=(*told, *decided.events)) if told else decided


def _turn_events(state: State, changed: tuple[Delivery, ...], call_event: CallEvent) -> tuple[Event, ...]:
    """A try at the gate that failed, or the code said for the first time in this call."""
    before, after = (
        state.delivery(call_event.delivery),
        next((d for d in changed if d.sid == call_event.delivery), None),
    )
    if before is None or after is None:
        return ()
    event = Event(kind=EventKind.CODE_SAID, at=call_event.now, verification=after.verification, delivery=after.sid)
    if after.tries > before.tries:
        detail = "wrong keys" if call_event.heard is CallInput.KEYS else "no keys"
        return (replace(event, kind=EventKind.GATE_FAILED, detail=detail),)
    return (event,) if before.progress < Progress.READING <= after.progress else ()


def _decide_turn(state: State, call_event: CallEvent, *, keys: codes.KeyRing, policy: Policy) -> Changes[NextPrompt]:
    verification, delivery = state.verification, state.delivery(call_event.delivery)
    if verification is None or delivery is None or delivery.channel is not Channel.CALL:
        raise NotFound
    if not matches_delivery(state, delivery, call_event.provider_sid, call_event.to):
        raise NotFound
    repeated = call_event.webhook != "" and call_event.webhook == delivery.webhook
    if repeated and delivery.stage is CallStage.OVER:
        texted = state.deliveries[-1].channel is Channel.SMS
        ending = repeat_ending(verification, delivery, call_event.heard, call_event.digits, texted=texted)
        return Changes(result=NextPrompt(End(ending), verification))
    over = verification.status.final or verification.silent or call_event.now >= verification.expires_at
    if over or delivery.status.final:
        return Changes(result=NextPrompt(End(Ending.NOT_NEEDED), verification))
    if delivery.machine:
        silent = replace(delivery, stage=CallStage.OVER)
        return Changes(
            result=NextPrompt(End(Ending.MACHINE), verification),
            deliveries=_delivery_changes(delivery, silent, call_event),
        )
    if verification.style is CallStyle.KEY:
        if repeated:
            return Changes(
                result=NextPrompt(repeat_code_prompt(verification, call_event.heard, call_event.digits), verification)
            )
        return _take_keypad_turn(state, verification, delivery, call_event, keys=keys, policy=policy)
    dialogue = _dialogue(state, verification, delivery, call_event, keys=keys, policy=policy)
    if repeated:
        return Changes(
            result=NextPrompt(repeat_prompt(dialogue, delivery, call_event.heard, call_event.digits), verification)
        )
    taken = dialogue.take(delivery, call_event.heard, call_event.digits)
    return _apply_effect(
        state, verification, taken, _delivery_changes(delivery, taken.delivery, call_event), call_event, policy=policy
    )


def _delivery_changes(
    before: Delivery, after: Delivery, call_event: CallEvent, *, counted: bool = False
) -> tuple[Delivery, ...]:
    """The delivery to write, if the webhook moved it or counted something; with the webhook's name, if it has one."""
    if before.provider_sid is None:
        after = replace(after, provider_sid=call_event.provider_sid, status=DeliveryStatus.ANSWERED)
    if after == before and not (counted and call_event.webhook):
        return ()
    return (replace(after, webhook=call_event.webhook, updated_at=call_event.now),)


def _take_keypad_turn(
    state: State,
    verification: Verification,
    delivery: Delivery,
    call_event: CallEvent,
    *,
    keys: codes.KeyRing,
    policy: Policy,
) -> Changes[NextPrompt]:
    taken = keypad.take_keypad_turn(
        state,
        verification,
        delivery,
        call_event.heard,
        call_event.digits,
        keys=keys,
        now=call_event.now,
        policy=policy,
    )
    counted = taken.verification != verification
    changed = _delivery_changes(delivery, taken.delivery, call_event, counted=counted)
    if taken.reported:
        return _report_call(verification, taken.line, changed, call_event, policy=policy)
    return Changes(
        result=NextPrompt(taken.line, taken.verification),
        verifications=(taken.verification,) if counted else (),
        deliveries=changed,
        counted=taken.counted,
        refusals=taken.refusals,
        events=taken.events,
    )


def _report_call(
    verification: Verification, line: Prompt, changed: tuple[Delivery, ...], call_event: CallEvent, *, policy: Policy
) -> Changes[NextPrompt]:
    """Whoever was called did not ask for it: the code is dead, and nothing more is sent there for a while."""
    ended = end_by_phone(verification, now=call_event.now)
    event = Event(
        kind=EventKind.REPORTED, at=call_event.now, verification=ended.sid, delivery=call_event.delivery, actor=PHONE
    )
    pause = NumberPause(number=ended.number, until=call_event.now + policy.report_pause)
    return Changes(
        result=NextPrompt(line, verification),
        verifications=(ended,),
        deliveries=changed,
        pauses=(pause,),
        events=(event,),
    )


def _apply_effect(
    state: State,
    verification: Verification,
    taken: Turn,
    changed: tuple[Delivery, ...],
    call_event: CallEvent,
    *,
    policy: Policy,
) -> Changes[NextPrompt]:
    said = NextPrompt(taken.line, verification)
    if taken.effect is Effect.NONE:
        return Changes(result=said, deliveries=changed)
    if taken.effect is Effect.REPORT:
        return _report_call(verification, taken.line, changed, call_event, policy=policy)
    if taken.effect is Effect.TEXT:
        text = replace(call_event.follow_up(), verification=verification.sid)
        allowed = _text_admission(state, verification, call_event, policy=policy)
        return Changes(
            result=replace(said, dispatch=text.sid),
            deliveries=(*changed, text),
            counted=allowed.counted,
            refusals=allowed.refusals,
            events=(*allowed.events, delivery_event(text, call_event.now)),
        )
    ended = end_by_phone(verification, now=call_event.now)
    event = Event(
        kind=EventKind.SUPPRESSED, at=call_event.now, verification=ended.sid, delivery=taken.delivery.sid, actor=PHONE
    )
    return Changes(
        result=said, verifications=(ended,), deliveries=changed, suppress=(verification.number,), events=(event,)
    )


def _text_admission(state: State, verification: Verification, call_event: CallEvent, *, policy: Policy) -> Admission:
    pause = spacing_left(state, now=call_event.now, policy=policy)
    return admit(state, verification, call_event.follow_up(), now=call_event.now, policy=policy, pause=pause)


def _dialogue(
    state: State,
    verification: Verification,
    delivery: Delivery,
    call_event: CallEvent,
    *,
    keys: codes.KeyRing,
    policy: Policy,
) -> Dialogue:
    secret = keys.secret(verification.key_id)
    return Dialogue(
        keypress=verification.keypress or policy.keypress,
        tries=policy.keypress_tries,
        text=lambda: _may_text(state, verification, call_event, policy=policy),
        pair=lambda attempt: codes.draw_pair(secret, seed=verification.seed or b"", sid=delivery.sid, attempt=attempt),
        code=lambda: code_of(verification, keys),
    )


def _may_text(state: State, verification: Verification, call_event: CallEvent, *, policy: Policy) -> bool:
    if state.suppressed or verification.number.extension:  # a text would go to the switchboard, not to the extension
        return False
    allowed = policy.allows(verification.action, Channel.SMS, verification.style)
    if not allowed or len(state.deliveries) >= policy.max_deliveries:
        return False
    return _text_admission(state, verification, call_event, policy=policy).refusal is None
