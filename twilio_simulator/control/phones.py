"""The control API for phones, `/simulator/phones/{number}/…`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import Any

from ..network.handset import LineType, OnCall, OnText, OnWhatsApp
from ..phone import Phone
from .endpoint import ControlContext, InvalidControlRequest, Json, choice

MAX_WAIT_SECONDS = 60.0


class AnsweredBy(StrEnum):
    """Twilio's values of `AnsweredBy`."""

    HUMAN = "human"
    FAX = "fax"
    UNKNOWN = "unknown"
    MACHINE_START = "machine_start"
    MACHINE_END_BEEP = "machine_end_beep"
    MACHINE_END_SILENCE = "machine_end_silence"
    MACHINE_END_OTHER = "machine_end_other"


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
    `whatsapp` with `whatsapp_code`; `line_type`, `pumping_risk`, `sim_swapped` and `forwarded` (null: no data).
    """
    phone, fields = phone_of(ctx), ctx.fields
    changes: dict[str, Any] = {}
    if fields.has("behaviour"):
        changes["on_call"] = choice(OnCall, _synonym(fields.text("behaviour")))
    if fields.has("texts"):
        changes["on_text"] = choice(OnText, fields.text("texts"))
    if fields.has("whatsapp"):
        changes["on_whatsapp"] = choice(OnWhatsApp, fields.text("whatsapp"))
    for name in ("after", "text_after"):
        if fields.has(name):
            changes[name] = fields.seconds(name)
    if fields.has("drop_after"):
        changes["drop_after"] = fields.optional_seconds("drop_after")
    if fields.has("sip_code"):
        changes["sip_code"] = fields.optional_whole("sip_code", low=100, high=699)
    for name in ("text_code", "whatsapp_code"):
        if fields.has(name):
            changes[name] = fields.optional_whole(name, low=1, high=99_999)
    if fields.has("answered_by"):
        changes["answered_by"] = choice(AnsweredBy, fields.text("answered_by")).value
    line_type = choice(LineType, fields.text("line_type", phone.handset.line_type.value))
    risk = fields.whole("pumping_risk", phone.handset.pumping_risk, low=0, high=100)
    flags = {name: fields.optional_boolean(name) for name in ("sim_swapped", "forwarded") if fields.has(name)}
    fields.end()
    for name, flag in flags.items():
        setattr(phone.handset, name, flag)
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
    limit = fields.seconds("seconds", 86_400.0)
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
    after, timeout = query.get("after", "0"), query.get("timeout", "5")
    if not re.fullmatch(r"[0-9]{1,9}", after):
        raise InvalidControlRequest("after must be a whole number from 0 on")
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", timeout):
        raise InvalidControlRequest("timeout must be a number of seconds from 0 on")
    seconds = min(float(timeout), MAX_WAIT_SECONDS)
    state = query.get("state", "")
    condition = _CONDITIONS.get(state)
    if condition is None:
        raise InvalidControlRequest(f"state must be one of: {', '.join(_CONDITIONS)}")
    reached = await ctx.twilio.clock.watch(lambda: condition(phone, int(after)), real_seconds=seconds)
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
