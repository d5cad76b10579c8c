"""The control API for everything but phones: clock, numbers, account, faults, request log, debugger, events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from starlette.responses import JSONResponse, Response, StreamingResponse

from ..core.account import (
    AccountKind,
    AccountStatus,
    Application,
    IncomingPhoneNumber,
    MessagingService,
    new_shared_key,
)
from ..core.faults import Fault, FaultKind
from ..http.callbacks import CallbackFaults
from ..http.signing import SigningMode
from ..network.opt_outs import Keyword
from .endpoint import ControlContext, InvalidControlRequest, Json, JsonFields, choice


async def read_clock(ctx: ControlContext) -> Json:
    """`told`: whether the clock is manual. `speed`: relative to real time, null for a manual clock."""
    clock = ctx.twilio.clock
    real = clock.real_seconds(1.0)
    return {"now": clock.now(), "told": real is None, "speed": None if real is None else 1.0 / real}


async def advance(ctx: ControlContext) -> Json:
    fields = ctx.fields
    seconds = fields.number("seconds")
    fields.end()
    await ctx.twilio.clock.advance(seconds)
    return {"now": ctx.twilio.clock.now()}


async def run(ctx: ControlContext) -> Json:
    await ctx.twilio.clock.run()
    return {"now": ctx.twilio.clock.now()}


async def put_number(ctx: ControlContext) -> Json:
    """Add a number to the account, and set its fields: `voice_url`, `sms_url`, `voice_fallback_url`, `sms`, …"""
    number = ctx.path["number"]
    owned = ctx.twilio.numbers.get(number) or ctx.twilio.add_number(number)
    for name, value in ctx.body.items():
        if name not in IncomingPhoneNumber.__slots__ or name in ("phone_number", "sid", "created", "updated"):
            raise InvalidControlRequest(f"unknown field: {name}")
        if type(value) is not type(getattr(owned, name)):
            raise InvalidControlRequest(f"{name} has the wrong type")
    for name, value in ctx.body.items():
        setattr(owned, name, value)
    return _number_json(owned)


async def list_numbers(ctx: ControlContext) -> Json:
    return {"numbers": [_number_json(number) for number in ctx.twilio.numbers.values()]}


def _number_json(number: IncomingPhoneNumber) -> Json:
    return {name: getattr(number, name) for name in IncomingPhoneNumber.__slots__}


async def delete_number(ctx: ControlContext) -> Response:
    ctx.twilio.numbers.pop(ctx.path["number"], None)
    return Response(status_code=204)


async def put_service(ctx: ControlContext) -> Json:
    fields, sid = ctx.fields, ctx.path["sid"]
    service = MessagingService(
        sid,
        fields.texts("senders"),
        inbound_url=fields.text("inbound_url", ""),
        status_callback=fields.text("status_callback", ""),
        advanced_opt_out=fields.boolean("advanced_opt_out"),
    )
    words, replies = fields.object("keywords"), fields.object("replies")
    fields.end()
    if (words or replies) and not service.advanced_opt_out:
        raise InvalidControlRequest("keywords and replies need advanced_opt_out")
    service.keywords = {kind: frozenset(word.strip().upper() for word in words.texts(kind)) for kind in _kinds(words)}
    service.replies = {kind: replies.text(kind) for kind in _kinds(replies)}
    words.end()
    replies.end()
    ctx.twilio.account.services[sid] = service
    return {"sid": sid, "senders": service.senders}


def _kinds(fields: JsonFields) -> list[str]:
    return [keyword.value for keyword in Keyword if fields.has(keyword.value)]


async def put_application(ctx: ControlContext) -> Json:
    sid = ctx.path["sid"]
    app = Application(sid)
    for name, value in ctx.body.items():
        if name not in Application.__slots__ or name == "sid" or not isinstance(value, str):
            raise InvalidControlRequest(f"unknown field, or not a string: {name}")
        setattr(app, name, value)
    ctx.twilio.account.applications[sid] = app
    return {name: getattr(app, name) for name in Application.__slots__}


async def put_account(ctx: ControlContext) -> Json:
    """`kind`, `status`, `balance`, `strict_numbers`, `calls_per_second` (null: no queue), `verified` (numbers), …"""
    fields, account = ctx.fields, ctx.twilio.account
    if fields.has("kind"):
        account.kind = choice(AccountKind, fields.text("kind"))
    if fields.has("status"):
        account.status = choice(AccountStatus, fields.text("status"))
    if fields.has("balance"):
        account.balance = fields.text("balance")
    if fields.has("strict_numbers"):
        account.strict_numbers = fields.boolean("strict_numbers")
    if fields.has("verified"):
        account.caller_ids = set(fields.texts("verified"))
    for name in ("calls_per_second", "segments_per_second", "concurrent_calls", "concurrent_requests"):
        if fields.has(name):
            value = fields.optional_number(name)
            if value is not None and value <= 0:
                raise InvalidControlRequest(f"{name} must be above 0")
            setattr(account, name, value)
    fields.end()
    return {
        "sid": account.sid,
        "kind": account.kind.value,
        "status": account.status.value,
        "balance": account.balance,
        "strict_numbers": account.strict_numbers,
        "calls_per_second": account.calls_per_second,
        "segments_per_second": account.segments_per_second,
        "concurrent_calls": account.concurrent_calls,
        "concurrent_requests": account.concurrent_requests,
        "verified": sorted(account.caller_ids),
    }


async def create_key(ctx: ControlContext) -> Json:
    fields = ctx.fields
    sid, secret = fields.text("sid", ""), fields.text("secret", "")
    fields.end()
    sid, secret = ctx.twilio.account.add_key(sid or None, secret or None)
    return {"sid": sid, "secret": secret}


async def add_fault(ctx: ControlContext) -> Json:
    """`kind`, and its parameters: `status`, `code`, `retry_after`, `times`, `path`, `method`, `hang`, `html`."""
    fields = ctx.fields
    code, retry_after = fields.optional_number("code"), fields.optional_number("retry_after")
    fault = Fault(
        choice(FaultKind, fields.text("kind", "status")),
        status=int(fields.number("status", 500)),
        code=None if code is None else int(code),
        retry_after=None if retry_after is None else int(retry_after),
        times=int(fields.number("times", 1)),
        path=fields.text("path", ""),
        method=fields.text("method", ""),
        hang=fields.number("hang", 30.0),
        html=fields.boolean("html"),
    )
    fields.end()
    ctx.twilio.faults.add(fault)
    return {"waiting": len(ctx.twilio.faults.waiting)}


async def read_faults(ctx: ControlContext) -> Json:
    """All active faults, apart from the behavior of single phones."""
    twilio = ctx.twilio
    return {
        "waiting": sum(fault.times for fault in twilio.faults.waiting),
        "callbacks": _callbacks_json(twilio.callbacks),
        "webhooks": {"signing": twilio.signing.value, "latency": twilio.webhooks.latency},
        "carrier": {"down": twilio.carrier_down},
        "voices": {"failing": sorted(twilio.failing_voices)},
    }


async def clear_faults(ctx: ControlContext) -> Response:
    """Remove all faults: REST, signatures, callbacks, webhooks, carrier, voices."""
    ctx.twilio.carrier_down, ctx.twilio.failing_voices = False, frozenset()
    ctx.twilio.faults.clear()
    ctx.twilio.signing, ctx.twilio.callbacks, ctx.twilio.webhooks.latency = SigningMode.RIGHT, CallbackFaults(), 0.0
    return Response(status_code=204)


async def put_callbacks(ctx: ControlContext) -> Json:
    fields = ctx.fields
    faults = CallbackFaults(
        lose=frozenset(fields.texts("lose")),
        delay=fields.number("delay", 0.0),
        double=fields.boolean("double"),
        reorder=fields.boolean("reorder"),
    )
    fields.end()
    ctx.twilio.callbacks = faults
    return _callbacks_json(faults)


def _callbacks_json(faults: CallbackFaults) -> Json:
    return {
        "lose": sorted(faults.lose),
        "delay": faults.delay,
        "double": faults.double,
        "reorder": faults.reorder,
    }


async def put_webhooks(ctx: ControlContext) -> Json:
    """`signing`, `secret` of the shared key, and `latency`: the seconds that every response takes."""
    fields, account = ctx.fields, ctx.twilio.account
    signing = choice(SigningMode, fields.text("signing", ctx.twilio.signing.value))
    latency = fields.number("latency", ctx.twilio.webhooks.latency)
    secret = fields.text("secret", account.shared_key[1])
    fields.end()
    ctx.twilio.signing, ctx.twilio.webhooks.latency = signing, latency
    if secret != account.shared_key[1]:
        account.shared_key = new_shared_key(secret)
    key, secret = account.shared_key
    return {"signing": signing.value, "latency": latency, "key": key, "secret": secret}


async def put_carrier(ctx: ControlContext) -> Json:
    """`down`: calls fail and texts stay in the queue."""
    down = ctx.fields.boolean("down")
    ctx.fields.end()
    ctx.twilio.carrier_down = down
    return {"down": down}


async def put_voices(ctx: ControlContext) -> Json:
    """`failing`: a document fails with 13511 where one of these voices should speak."""
    failing = frozenset(ctx.fields.texts("failing"))
    ctx.fields.end()
    ctx.twilio.failing_voices = failing
    return {"failing": sorted(failing)}


async def read_requests(ctx: ControlContext) -> Json:
    request_log = ctx.twilio.request_log
    return {
        "requests": [request.to_json() for request in request_log.requests],
        "webhooks": [webhook.to_json() for webhook in request_log.webhooks],
    }


async def clear_requests(ctx: ControlContext) -> Response:
    ctx.twilio.request_log.clear()
    return Response(status_code=204)


async def read_debugger(ctx: ControlContext) -> Json:
    return {"entries": [entry.to_json() for entry in ctx.twilio.debugger]}


async def clear_debugger(ctx: ControlContext) -> Response:
    ctx.twilio.debugger.clear()
    return Response(status_code=204)


async def read_opt_outs(ctx: ControlContext) -> Json:
    return {"opt_outs": ctx.twilio.exchange.opt_outs.to_json()}


async def follow_events(ctx: ControlContext) -> Response:
    """Server-sent events, resumed by `Last-Event-ID` or `?after=`. With `?follow=no`, the kept events as JSON."""
    last = ctx.request.query_params.get("after") or ctx.request.headers.get("Last-Event-ID") or "0"
    if not last.isdigit():
        raise InvalidControlRequest("after must be a number")
    if ctx.request.query_params.get("follow") == "no":
        return JSONResponse({"events": [published.to_json() for published in ctx.twilio.events.since(int(last))]})

    async def lines() -> AsyncIterator[str]:
        yield ": the simulator\n\n"
        async for published in ctx.twilio.events.follow(int(last)):
            yield f"id: {published.id}\nevent: {published.event.kind()}\ndata: {json.dumps(published.to_json())}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})
