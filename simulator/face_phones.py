"""The test face of the telephones, `/simulator/phones/{number}/…`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from simulator.face import Ask, BadAsk, Json, choice
from simulator.handset import LineType, OnCall, OnText
from simulator.phone import Phone

LONGEST_WAIT = 60.0


def phone_of(ask: Ask) -> Phone:
    return ask.twilio.phone(ask.path["number"])


async def list_phones(ask: Ask) -> Json:
    """All of them, as they are after the event `last_event`: whoever follows the events goes on from there."""
    phones = [ask.twilio.phone(number).to_json() for number in ask.twilio.exchange.handsets]
    return {"phones": phones, "last_event": ask.twilio.events.last}


async def read(ask: Ask) -> Json:
    return phone_of(ask).to_json()


async def put(ask: Ask) -> Json:
    """`behaviour` with `after`, `drop_after`, `sip_code`, `answered_by`; `texts` with `text_code`, `text_after`;
    `line_type`, `pumping_risk`, `sim_swapped` and `forwarded` (null: no data).
    """
    phone, wanted = phone_of(ask), ask.wanted
    changes: dict[str, Any] = {}
    if wanted.has("behaviour"):
        changes["on_call"] = choice(OnCall, _synonym(wanted.text("behaviour")))
    if wanted.has("texts"):
        changes["on_text"] = choice(OnText, wanted.text("texts"))
    for name in ("after", "text_after"):
        if wanted.has(name):
            changes[name] = wanted.number(name)
    if wanted.has("drop_after"):
        changes["drop_after"] = wanted.maybe_number("drop_after")
    for name in ("sip_code", "text_code"):
        if wanted.has(name):
            value = wanted.maybe_number(name)
            changes[name] = None if value is None else int(value)
    if wanted.has("answered_by"):
        changes["answered_by"] = wanted.text("answered_by")
    line_type = choice(LineType, wanted.text("line_type", phone.handset.line_type.value))
    risk = int(wanted.number("pumping_risk", phone.handset.pumping_risk))
    for name in ("sim_swapped", "forwarded"):
        if wanted.has(name):
            setattr(phone.handset, name, wanted.maybe_truth(name))
    wanted.end()
    phone.handset.behaviour = replace(phone.handset.behaviour, **changes)
    phone.handset.line_type, phone.handset.pumping_risk = line_type, risk
    return phone.to_json()


def _synonym(behaviour: str) -> str:
    return "voicemail" if behaviour == "machine" else behaviour


async def answer(ask: Ask) -> Json:
    ask.wanted.end()
    await phone_of(ask).answer()
    return phone_of(ask).to_json()


async def decline(ask: Ask) -> Json:
    ask.wanted.end()
    await phone_of(ask).decline()
    return phone_of(ask).to_json()


async def hang_up(ask: Ask) -> Json:
    ask.wanted.end()
    await phone_of(ask).hang_up()
    return phone_of(ask).to_json()


async def press(ask: Ask) -> Json:
    wanted = ask.wanted
    digits = wanted.text("digits")
    wanted.end()
    await phone_of(ask).press(digits)
    return phone_of(ask).to_json()


async def speak(ask: Ask) -> Json:
    wanted = ask.wanted
    words = wanted.text("words")
    wanted.end()
    await phone_of(ask).speak(words)
    return phone_of(ask).to_json()


async def listen(ask: Ask) -> Json:
    wanted = ask.wanted
    limit = wanted.number("seconds", 86_400.0)
    wanted.end()
    await phone_of(ask).listen(limit=limit)
    return phone_of(ask).to_json()


async def call(ask: Ask) -> Json:
    wanted = ask.wanted
    to = wanted.text("to")
    wanted.end()
    await phone_of(ask).call(to)
    return phone_of(ask).to_json()


async def text(ask: Ask) -> Json:
    wanted = ask.wanted
    to, words, media = wanted.text("to"), wanted.text("body", ""), wanted.texts("media")
    wanted.end()
    message = await phone_of(ask).text(to, words, media=tuple(media))
    return {"message_sid": message.sid, **phone_of(ask).to_json()}


async def wait_for(ask: Ask) -> Json:
    """Wait, in real seconds, until `state` is there: `ringing`, `talking`, `quiet`, `ended` or `text`.

    `after` is how many ended calls or texts there were before: more than that must be there. `reached` says whether it
    happened.
    """
    phone, query = phone_of(ask), ask.request.query_params
    after = int(query.get("after", "0"))
    seconds = min(float(query.get("timeout", "5")), LONGEST_WAIT)
    state = query.get("state", "")
    condition = _CONDITIONS.get(state)
    if condition is None:
        raise BadAsk(f"state must be one of: {', '.join(_CONDITIONS)}")
    reached = await ask.twilio.clock.watch(lambda: condition(phone, after), real_seconds=seconds)
    if reached:
        await ask.twilio.clock.settle()
    return {"reached": reached, **phone.to_json()}


_CONDITIONS: dict[str, Callable[[Phone, int], bool]] = {
    "ringing": lambda phone, _: phone.call_now is not None and phone.call_now.answered is None,
    "talking": lambda phone, _: phone.call_now is not None and phone.call_now.answered is not None,
    "quiet": lambda phone, _: phone.call_now is not None and phone.call_now.quiet,
    "ended": lambda phone, after: phone.call_now is None and len(phone.calls) > after,
    "text": lambda phone, after: len(phone.texts) > after,
}
