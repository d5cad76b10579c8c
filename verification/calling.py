"""What the phone says next, decided with everything that a key does beside the talk."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from . import codes, keying, repeating
from .call import Effect, End, Ending, Heard, Line, Talk, Turn
from .checking import code_of
from .delivering import belongs, event_of
from .ending import end_by_phone
from .errors import NotFound
from .policy import Policy
from .ports import Decision
from .records import PHONE, CallStyle, Case, Delivery, Event, EventKind, Pause, Progress, Stage, Verification
from .sending import Permit, permit, spacing
from .states import Channel, DeliveryStatus


@dataclass(frozen=True, slots=True)
class Said:
    """What the phone says next. `dispatch` names a delivery to send once the webhook has been answered."""

    line: Line
    verification: Verification
    dispatch: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One webhook of one call. `spare` becomes the text, when a key asks for one.

    `to` is the number that the carrier called. `webhook` names the request: one that comes twice has the same name.
    """

    delivery: str
    carrier_sid: str
    heard: Heard
    digits: str
    spare: Callable[[], Delivery]
    now: float
    to: str | None = None
    webhook: str = ""


def turn(case: Case, moment: Moment, *, keys: codes.KeyRing, policy: Policy) -> Decision[Said]:
    """The next document of a call, and what the trail tells of it. Raises NotFound for a call that is not this one's.

    A call that has ended, or whose verification has, never hears a code: a replayed webhook finds nothing to say. The
    same webhook again, because its answer was lost, is answered the same and moves and counts nothing.
    """
    decided = _turn(case, moment, keys=keys, policy=policy)
    told = _told(case, decided.deliveries, moment)
    return replace(decided, events=(*told, *decided.events)) if told else decided


def _told(case: Case, changed: tuple[Delivery, ...], moment: Moment) -> tuple[Event, ...]:
    """A try at the gate that failed, or the code said for the first time in this call."""
    before, after = case.delivery(moment.delivery), next((d for d in changed if d.sid == moment.delivery), None)
    if before is None or after is None:
        return ()
    event = Event(kind=EventKind.CODE_SAID, at=moment.now, verification=after.verification, delivery=after.sid)
    if after.tries > before.tries:
        detail = "wrong keys" if moment.heard is Heard.KEYS else "no keys"
        return (replace(event, kind=EventKind.GATE_FAILED, detail=detail),)
    return (event,) if before.progress < Progress.READING <= after.progress else ()


def _turn(case: Case, moment: Moment, *, keys: codes.KeyRing, policy: Policy) -> Decision[Said]:
    verification, delivery = case.verification, case.delivery(moment.delivery)
    if verification is None or delivery is None or delivery.channel is not Channel.CALL:
        raise NotFound
    if not belongs(case, delivery, moment.carrier_sid, moment.to):
        raise NotFound
    repeated = moment.webhook != "" and moment.webhook == delivery.webhook
    if repeated and delivery.stage is Stage.OVER:
        texted = case.deliveries[-1].channel is Channel.SMS
        ending = repeating.ending(verification, delivery, moment.heard, moment.digits, texted=texted)
        return Decision(verdict=Said(End(ending), verification))
    over = verification.status.final or verification.silent or moment.now >= verification.expires_at
    if over or delivery.status.final:
        return Decision(verdict=Said(End(Ending.NOT_NEEDED), verification))
    if delivery.machine:
        silent = replace(delivery, stage=Stage.OVER)
        return Decision(verdict=Said(End(Ending.MACHINE), verification), deliveries=_changed(delivery, silent, moment))
    if verification.style is CallStyle.KEY:
        if repeated:
            return Decision(verdict=Said(repeating.asked(verification, moment.heard, moment.digits), verification))
        return _keyed(case, verification, delivery, moment, keys=keys, policy=policy)
    talk = _talk(case, verification, delivery, moment, keys=keys, policy=policy)
    if repeated:
        return Decision(verdict=Said(repeating.said(talk, delivery, moment.heard, moment.digits), verification))
    taken = talk.take(delivery, moment.heard, moment.digits)
    return _effect(case, verification, taken, _changed(delivery, taken.delivery, moment), moment, policy=policy)


def _changed(before: Delivery, after: Delivery, moment: Moment, *, counted: bool = False) -> tuple[Delivery, ...]:
    """The delivery to write, if the webhook moved it or counted something; with the webhook's name, if it has one."""
    if before.carrier_sid is None:
        after = replace(after, carrier_sid=moment.carrier_sid, status=DeliveryStatus.ANSWERED)
    if after == before and not (counted and moment.webhook):
        return ()
    return (replace(after, webhook=moment.webhook, updated_at=moment.now),)


def _keyed(
    case: Case, verification: Verification, delivery: Delivery, moment: Moment, *, keys: codes.KeyRing, policy: Policy
) -> Decision[Said]:
    taken = keying.take(
        case,
        verification,
        delivery,
        moment.heard,
        moment.digits,
        keys=keys,
        now=moment.now,
        policy=policy,
    )
    counted = taken.verification != verification
    changed = _changed(delivery, taken.delivery, moment, counted=counted)
    if taken.reported:
        return _reported(verification, taken.line, changed, moment, policy=policy)
    return Decision(
        verdict=Said(taken.line, taken.verification),
        verifications=(taken.verification,) if counted else (),
        deliveries=changed,
        counted=taken.counted,
        refusals=taken.refusals,
        events=taken.events,
    )


def _reported(
    verification: Verification, line: Line, changed: tuple[Delivery, ...], moment: Moment, *, policy: Policy
) -> Decision[Said]:
    """Whoever was called did not ask for it: the code is dead, and nothing more is sent there for a while."""
    ended = end_by_phone(verification, now=moment.now)
    event = Event(kind=EventKind.REPORTED, at=moment.now, verification=ended.sid, delivery=moment.delivery, actor=PHONE)
    pause = Pause(number=ended.number, until=moment.now + policy.report_pause)
    return Decision(
        verdict=Said(line, verification), verifications=(ended,), deliveries=changed, pauses=(pause,), events=(event,)
    )


def _effect(
    case: Case,
    verification: Verification,
    taken: Turn,
    changed: tuple[Delivery, ...],
    moment: Moment,
    *,
    policy: Policy,
) -> Decision[Said]:
    said = Said(taken.line, verification)
    if taken.effect is Effect.NONE:
        return Decision(verdict=said, deliveries=changed)
    if taken.effect is Effect.REPORT:
        return _reported(verification, taken.line, changed, moment, policy=policy)
    if taken.effect is Effect.TEXT:
        text = replace(moment.spare(), verification=verification.sid)
        allowed = _text_permit(case, verification, moment, policy=policy)
        return Decision(
            verdict=replace(said, dispatch=text.sid),
            deliveries=(*changed, text),
            counted=allowed.counted,
            refusals=allowed.refusals,
            events=(*allowed.events, event_of(text, moment.now)),
        )
    ended = end_by_phone(verification, now=moment.now)
    event = Event(
        kind=EventKind.SUPPRESSED, at=moment.now, verification=ended.sid, delivery=taken.delivery.sid, actor=PHONE
    )
    return Decision(
        verdict=said, verifications=(ended,), deliveries=changed, suppress=(verification.number,), events=(event,)
    )


def _text_permit(case: Case, verification: Verification, moment: Moment, *, policy: Policy) -> Permit:
    pause = spacing(case, now=moment.now, policy=policy)
    return permit(case, verification, moment.spare(), now=moment.now, policy=policy, pause=pause)


def _talk(
    case: Case, verification: Verification, delivery: Delivery, moment: Moment, *, keys: codes.KeyRing, policy: Policy
) -> Talk:
    secret = keys.secret(verification.key_id)
    return Talk(
        keypress=verification.keypress or policy.keypress,
        tries=policy.keypress_tries,
        text=lambda: _may_text(case, verification, moment, policy=policy),
        pair=lambda attempt: codes.draw_pair(secret, seed=verification.seed or b"", sid=delivery.sid, attempt=attempt),
        code=lambda: code_of(verification, keys),
    )


def _may_text(case: Case, verification: Verification, moment: Moment, *, policy: Policy) -> bool:
    if case.suppressed or verification.number.extension:  # a text would go to the switchboard, not to the extension
        return False
    allowed = policy.allows(verification.action, Channel.SMS, verification.style)
    if not allowed or len(case.deliveries) >= policy.max_deliveries:
        return False
    return _text_permit(case, verification, moment, policy=policy).refusal is None
