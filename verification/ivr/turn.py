"""The next prompt of a call, with every write that a key press causes.

Twilio sends a webhook again when the answer was lost, with the same idempotency token. The repetition gets the same
prompt and changes nothing: a person must not miss a character, or lose a try or a check, because of a bad connection.
Documents are not stored, because some contain the code; the stage and the keys say which one it was.
"""

from collections.abc import Callable

from msgspec.structs import replace

from ..context import Context
from ..counters.counter import Update
from ..errors import NotFound
from ..flow.admission import Admission, admit
from ..flow.check import code_of
from ..flow.delivery import delivery_event, matches_delivery
from ..flow.ending import end_by_phone, ended_by_phone
from ..flow.lockout import count_wrong_keys
from ..flow.rate_limits import LimitKeys
from ..models import PHONE, CallStage, Delivery, Event, EventKind, NumberPause, Progress, State, Verification
from ..policy import PERMISSION, Keypress
from ..ports import Changes
from ..types import CallStyle, Channel, DeliveryStatus, Record
from ..values import codes
from .dialogue import Dialogue, repeat_ending
from .gate import Effect, Gate, Turn
from .keypad import keypad_gate, repeat_keypad_ending, repeat_keypad_prompt, take_keypad_turn
from .permission import PermissionDialogue
from .prompts import CallInput, End, Ending, KeysFor, Prompt


class NextPrompt(Record, frozen=True):
    """The answer to a webhook. `dispatch` is the sid of a delivery to send after the answer."""

    prompt: Prompt
    verification: Verification
    dispatch: str | None = None


class CallEvent(Record, frozen=True, kw_only=True):
    """One webhook of one call. `follow_up` makes the delivery of the text message, when a key asks for one.

    `to` is the number that Twilio called. `webhook` is the idempotency token of the request. `again`: the answer to
    this input was lost, or could not be spoken.
    """

    delivery: str
    provider_sid: str
    input: CallInput
    digits: str
    follow_up: Callable[[], Delivery]
    to: str | None = None
    webhook: str = ""
    again: bool = False


def next_turn(state: State, call_event: CallEvent, context: Context) -> Changes[NextPrompt]:
    """The next prompt of a call, with its events. Raises NotFound when the webhook is about another call.

    A call that has ended, or whose verification has ended, never says a code, so a replayed webhook gains nothing.
    """
    changes = _decide_turn(state, call_event, context)
    before = state.delivery(call_event.delivery)
    after = next((delivery for delivery in changes.deliveries if delivery.sid == call_event.delivery), None)
    if before is None or after is None:
        return changes
    events = _turn_events(before, after, call_event, context)
    counted = _count_guess(state, before, after, context)
    return replace(changes, events=(*events, *changes.events), counter_updates=(*changes.counter_updates, *counted))


def _turn_events(before: Delivery, after: Delivery, call_event: CallEvent, context: Context) -> tuple[Event, ...]:
    """A failed try at the gate, or the first time that this call says the code."""
    event = Event(kind=EventKind.CODE_SAID, at=context.now, verification=after.verification, delivery=after.sid)
    at_gate = before.progress < Progress.PRESSED
    if after.tries > before.tries or (at_gate and after.silences > before.silences):
        detail = "wrong keys" if call_event.input is CallInput.KEYS else "no keys"
        return (replace(event, kind=EventKind.GATE_FAILED, detail=detail),)
    return (event,) if before.progress < Progress.READING <= after.progress else ()


def _count_guess(state: State, before: Delivery, after: Delivery, context: Context) -> tuple[Update, ...]:
    """Wrong keys at a gate that a code is behind, counted for the number."""
    verification = state.verification
    if verification is None or verification.style is not CallStyle.SAY or after.tries <= before.tries:
        return ()
    return count_wrong_keys(LimitKeys(verification, state.counters, now=context.now), context)


def _decide_turn(state: State, call_event: CallEvent, context: Context) -> Changes[NextPrompt]:
    verification, delivery = state.verification, state.delivery(call_event.delivery)
    if verification is None or delivery is None or not delivery.channel.spoken:
        raise NotFound
    if not matches_delivery(state, delivery, call_event.provider_sid, call_event.to):
        raise NotFound
    repeated = call_event.again or (call_event.webhook != "" and call_event.webhook == delivery.webhook)
    if repeated and delivery.stage is CallStage.OVER:
        return Changes(
            result=NextPrompt(End(_repeat_ending(state, verification, delivery, call_event, context)), verification)
        )
    over = verification.status.final or verification.decoy or context.now >= verification.expires_at
    if over or delivery.status.final:
        return Changes(result=NextPrompt(End(Ending.NO_LONGER_NEEDED), verification))
    if delivery.machine:
        ended = replace(delivery, stage=CallStage.OVER)
        return Changes(
            result=NextPrompt(End(Ending.MACHINE), verification),
            deliveries=_delivery_changes(delivery, ended, call_event, context),
        )
    if verification.style is CallStyle.KEY:
        if repeated:
            gate = keypad_gate(verification, delivery, context)
            prompt = repeat_keypad_prompt(gate, verification, delivery, call_event.digits)
            return Changes(result=NextPrompt(prompt, verification))
        return _take_keypad_turn(state, verification, delivery, call_event, context)
    dialogue = _dialogue(state, verification, delivery, call_event, context)
    if repeated:
        return Changes(result=NextPrompt(dialogue.repeat(delivery, call_event.input, call_event.digits), verification))
    turn = dialogue.take(delivery, call_event.input, call_event.digits)
    return _apply_effect(
        state, verification, turn, _delivery_changes(delivery, turn.delivery, call_event, context), call_event, context
    )


def _repeat_ending(
    state: State, verification: Verification, delivery: Delivery, call_event: CallEvent, context: Context
) -> Ending:
    """The last sentence of a call, again. No ending contains anything secret."""
    if delivery.machine:
        return Ending.MACHINE
    if verification.style is CallStyle.KEY:
        return repeat_keypad_ending(verification, delivery, call_event.input, call_event.digits)
    if verification.action == PERMISSION:
        dialogue = _permission_dialogue(state, _say_gate(verification, delivery, context))
        return dialogue.repeat_ending(delivery, call_event.input, call_event.digits)
    texted = not state.deliveries[-1].channel.spoken
    return repeat_ending(delivery, call_event.input, call_event.digits, texted=texted)


def _delivery_changes(
    before: Delivery, after: Delivery, call_event: CallEvent, context: Context, *, counted: bool = False
) -> tuple[Delivery, ...]:
    """The delivery to write, with the token of the webhook, if the webhook changed it or counted something."""
    if before.provider_sid is None:
        after = replace(after, provider_sid=call_event.provider_sid, status=DeliveryStatus.ANSWERED)
    if after == before and not (counted and call_event.webhook):
        return ()
    return (replace(after, webhook=call_event.webhook, updated_at=context.now),)


def _take_keypad_turn(
    state: State, verification: Verification, delivery: Delivery, call_event: CallEvent, context: Context
) -> Changes[NextPrompt]:
    turn = take_keypad_turn(state, verification, delivery, call_event.input, call_event.digits, context)
    counted = turn.verification != verification
    changed = _delivery_changes(delivery, turn.delivery, call_event, context, counted=counted)
    if turn.effect is Effect.SUPPRESS:
        asked = Turn(turn.prompt, turn.delivery, turn.effect)
        return _change_permission(state, verification, asked, changed, context)
    if turn.effect is Effect.REPORT:
        return _report_call(state, verification, turn.prompt, changed, call_event, context)
    return Changes(
        result=NextPrompt(turn.prompt, turn.verification),
        verifications=(turn.verification,) if counted else (),
        deliveries=changed,
        counter_updates=turn.counter_updates,
        denials=turn.denials,
        events=turn.events,
    )


def _report_call(
    state: State,
    verification: Verification,
    prompt: Prompt,
    changed: tuple[Delivery, ...],
    call_event: CallEvent,
    context: Context,
) -> Changes[NextPrompt]:
    """The person did not ask for the call: the code dies, and nothing is sent to the number for a while."""
    ended = end_by_phone(verification, now=context.now)
    event = Event(
        kind=EventKind.REPORTED, at=context.now, verification=ended.sid, delivery=call_event.delivery, actor=PHONE
    )
    pause = NumberPause(number=ended.number, until=context.now + context.policy.report_pause)
    return Changes(
        result=NextPrompt(prompt, verification),
        verifications=(ended,),
        deliveries=changed,
        pauses=(pause,),
        counter_updates=ended_by_phone(state, context),
        events=(event,),
    )


def _apply_effect(
    state: State,
    verification: Verification,
    turn: Turn,
    changed: tuple[Delivery, ...],
    call_event: CallEvent,
    context: Context,
) -> Changes[NextPrompt]:
    next_prompt = NextPrompt(turn.prompt, verification)
    if turn.effect is Effect.NONE:
        return Changes(result=next_prompt, deliveries=changed)
    if turn.effect is Effect.REPORT:
        return _report_call(state, verification, turn.prompt, changed, call_event, context)
    if turn.effect is Effect.TEXT:
        text = replace(call_event.follow_up(), verification=verification.sid)
        allowed = _text_admission(state, verification, call_event, context)
        return Changes(
            result=replace(next_prompt, dispatch=text.sid),
            deliveries=(*changed, text),
            counter_updates=allowed.counter_updates,
            denials=allowed.denials,
            events=(*allowed.events, delivery_event(text, context.now)),
        )
    return _change_permission(state, verification, turn, changed, context)


def _change_permission(
    state: State, verification: Verification, turn: Turn, changed: tuple[Delivery, ...], context: Context
) -> Changes[NextPrompt]:
    """The person wants no more calls and texts, or allows them again."""
    lift = turn.effect is Effect.LIFT
    ended = end_by_phone(verification, now=context.now)
    kind = EventKind.LIFTED if lift else EventKind.SUPPRESSED
    event = Event(kind=kind, at=context.now, verification=ended.sid, delivery=turn.delivery.sid, actor=PHONE)
    return Changes(
        result=NextPrompt(turn.prompt, verification),
        verifications=(ended,),
        deliveries=changed,
        suppress=() if lift else (verification.number,),
        lift=(verification.number,) if lift else (),
        counter_updates=ended_by_phone(state, context),
        events=(event,),
    )


def _text_admission(state: State, verification: Verification, call_event: CallEvent, context: Context) -> Admission:
    """Without the spacing: a person who passed the gate is there, and waits for it. Every other limit applies."""
    return admit(state, verification, call_event.follow_up(), context)


def _say_gate(verification: Verification, delivery: Delivery, context: Context) -> Gate:
    secret, seed = context.keys.secret(verification.key_id), verification.seed or b""
    return Gate(
        keypress=verification.keypress or context.policy.keypress,
        tries=context.policy.keypress_tries,
        silent_tries=context.policy.silent_tries,
        keys=lambda attempt: codes.draw_keys(secret, seed=seed, sid=delivery.sid, attempt=attempt),
    )


def _permission_dialogue(state: State, gate: Gate) -> PermissionDialogue:
    always_digits = replace(gate, keypress=Keypress.DIGITS, to=KeysFor.PERMISSION)
    return PermissionDialogue(gate=always_digits, suppressed=state.suppressed)


def _dialogue(
    state: State, verification: Verification, delivery: Delivery, call_event: CallEvent, context: Context
) -> Dialogue | PermissionDialogue:
    gate = _say_gate(verification, delivery, context)
    if verification.action == PERMISSION:
        return _permission_dialogue(state, gate)
    return Dialogue(
        gate=gate,
        may_text=lambda: _may_text(state, verification, call_event, context),
        code=lambda: code_of(verification, context.keys),
    )


def _may_text(state: State, verification: Verification, call_event: CallEvent, context: Context) -> bool:
    if state.suppressed or verification.number.extension:  # a text would go to the switchboard, not to the extension
        return False
    allowed = context.policy.allows(verification.action, Channel.SMS, verification.style)
    if not allowed or len(state.deliveries) >= context.policy.max_deliveries:
        return False
    return _text_admission(state, verification, call_event, context).error is None
