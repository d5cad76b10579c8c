"""The control API for phones, `/simulator/phones/{number}/…`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..network.handset import LineType, OnCall, OnText
from ..phone import Phone
from .endpoint import ControlContext, InvalidControlRequest, Json, choice

MAX_WAIT_SECONDS = 60.0


def phone_of(ctx: ControlContext) -> Phone:
    return ctx.twilio.phone(ctx.path["number"])


async def list_phones(ctx: ControlContext) -> Json:
    """All phones, and `last_event`, the number from which a client can follow the events."""
    phones = [ctx.twilio.phone(number).to_json() for number in ctx.twilio.exchange.handsets]
    return {"phones": phones, "last_event": ctx.twilio.events.last}


async def read(ctx: ControlContext) -> Json:
    return phone_of(ctx).to_json()


async def put(ctx: ControlContext) -> Json:
    """`behaviour` with `after`, `drop_after`, `sip_code`, `answered_by`; `texts` with `text_code`, `text_after`;
    `line_type`, `pumping_risk`, `sim_swapped` and `forwarded` (null: no data).
    """
    phone, fields = phone_of(ctx), ctx.fields
    changes: dict[str, Any] = {}
    if fields.has("behaviour"):
        changes["on_call"] = choice(OnCall, _synonym(fields.text("behaviour")))
    if fields.has("texts"):
        changes["on_text"] = choice(OnText, fields.text("texts"))
    for name in ("after", "text_after"):
        if fields.has(name):
            changes[name] = fields.number(name)
    if fields.has("drop_after"):
        changes["drop_after"] = fields.optional_number("drop_after")
    for name in ("sip_code", "text_code"):
        if fields.has(name):
            value = fields.optional_number(name)
            changes[name] = None if value is None else int(value)
    if fields.has("answered_by"):
        changes["answered_by"] = fields.text("answered_by")
    line_type = choice(LineType, fields.text("line_type", phone.handset.line_type.value))
    risk = int(fields.number("pumping_risk", phone.handset.pumping_risk))
    for name in ("sim_swapped", "forwarded"):
        if fields.has(name):
            setattr(phone.handset, name, fields.optional_boolean(name))
    fields.end()
    phone.handset.behaviour = replace(phone.handset.behaviour, **changes)
    phone.handset.line_type, phone.handset.pumping_risk = line_type, risk
    return phone.to_json()


def _synonym(behaviour: str) -> str:
    return "voicemail" if behaviour == "machine" else behaviour


async def answer(ctx: ControlContext) -> Json:
    ctx.fields.end()
    await phone_of(ctx).answer()
    return phone_of(ctx).to_json()


async def decline(ctx: ControlContext) -> Json:
    ctx.fields.end()
    await phone_of(ctx).decline()
    return phone_of(ctx).to_json()


async def hang_up(ctx: ControlContext) -> Json:
    ctx.fields.end()
    await phone_of(ctx).hang_up()
    return phone_of(ctx).to_json()


async def press(ctx: ControlContext) -> Json:
    fields = ctx.fields
    digits = fields.text("digits")
    fields.end()
    await phone_of(ctx).press(digits)
    return phone_of(ctx).to_json()


async def speak(ctx: ControlContext) -> Json:
    fields = ctx.fields
    words = fields.text("words")
    fields.end()
    await phone_of(ctx).speak(words)
    return phone_of(ctx).to_json()


async def listen(ctx: ControlContext) -> Json:
    fields = ctx.fields
    limit = fields.number("seconds", 86_400.0)
    fields.end()
    await phone_of(ctx).listen(limit=limit)
    return phone_of(ctx).to_json()


async def call(ctx: ControlContext) -> Json:
    fields = ctx.fields
    to = fields.text("to")
    fields.end()
    await phone_of(ctx).call(to)
    return phone_of(ctx).to_json()


async def text(ctx: ControlContext) -> Json:
    fields = ctx.fields
    to, words, media = fields.text("to"), fields.text("body", ""), fields.texts("media")
    fields.end()
    message = await phone_of(ctx).text(to, words, media=tuple(media))
    return {"message_sid": message.sid, **phone_of(ctx).to_json()}


async def wait_for(ctx: ControlContext) -> Json:
    """Wait for `state`: `ringing`, `talking`, `quiet`, `ended` or `text`. `timeout` is in real seconds.

    `after`: the number of calls or texts before; only another one counts. `reached`: whether it happened in time.
    """
    phone, query = phone_of(ctx), ctx.request.query_params
    after = int(query.get("after", "0"))
    seconds = min(float(query.get("timeout", "5")), MAX_WAIT_SECONDS)
    state = query.get("state", "")
    condition = _CONDITIONS.get(state)
    if condition is None:
        raise InvalidControlRequest(f"state must be one of: {', '.join(_CONDITIONS)}")
    reached = await ctx.twilio.clock.watch(lambda: condition(phone, after), real_seconds=seconds)
    if reached:
        await ctx.twilio.clock.settle()
    return {"reached": reached, **phone.to_json()}


_CONDITIONS: dict[str, Callable[[Phone, int], bool]] = {
    "ringing": lambda phone, _: phone.current_call is not None and phone.current_call.answered is None,
    "talking": lambda phone, _: phone.current_call is not None and phone.current_call.answered is not None,
    "quiet": lambda phone, _: phone.current_call is not None and phone.current_call.quiet,
    "ended": lambda phone, after: phone.current_call is None and len(phone.calls) > after,
    "text": lambda phone, after: len(phone.texts) > after,
}
