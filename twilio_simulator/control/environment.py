"""The control API for the clock, faults, the request log, the debugger and events."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator

from starlette.responses import JSONResponse, Response, StreamingResponse

from ..core.account import new_shared_key
from ..core.faults import Fault, FaultKind
from ..http.callbacks import CallbackFaults
from ..http.signing import SigningMode
from ..network.call import CallStatus
from ..network.message import MessageStatus
from .endpoint import MOST_AT_ONCE, ControlContext, InvalidControlRequest, Json, choice

#: The statuses of callbacks; `*` is all of them.
STATUSES = {"*", "initiated", "answered", "absent", *CallStatus, *MessageStatus}


async def read_clock(ctx: ControlContext) -> Json:
    """`told`: whether the clock is manual. `speed`: relative to real time, null for a manual clock."""
    clock = ctx.twilio.clock
    real = clock.real_seconds(1.0)
    return {"now": clock.now(), "told": real is None, "speed": None if real is None else 1.0 / real}


async def advance(ctx: ControlContext) -> Json:
    fields = ctx.fields
    seconds = fields.seconds("seconds")
    fields.end()
    await ctx.twilio.clock.advance(seconds)
    return {"now": ctx.twilio.clock.now()}


async def run(ctx: ControlContext) -> Json:
    ctx.fields.end()
    await ctx.twilio.clock.run()
    return {"now": ctx.twilio.clock.now()}


async def add_fault(ctx: ControlContext) -> Json:
    """`kind`, and its parameters: `status`, `code`, `retry_after`, `times`, `path`, `method`, `hang`, `html`."""
    fields = ctx.fields
    fault = Fault(
        choice(FaultKind, fields.text("kind", "status")),
        status=fields.whole("status", 500, low=400, high=599),
        code=fields.optional_whole("code", low=1, high=99_999),
        retry_after=fields.optional_whole("retry_after", low=0, high=86_400),
        times=fields.whole("times", 1, low=1, high=MOST_AT_ONCE),
        path=fields.text("path", ""),
        method=fields.text("method", ""),
        hang=fields.seconds("hang", 30.0),
        html=fields.boolean("html"),
    )
    if fault.method not in ("", "GET", "POST", "DELETE"):
        raise InvalidControlRequest("method must be GET, POST or DELETE")
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
        delay=fields.seconds("delay", 0.0),
        double=fields.boolean("double"),
        reorder=fields.boolean("reorder"),
    )
    fields.end()
    if unknown := faults.lose - STATUSES:
        raise InvalidControlRequest(f"lose has no status of a callback: {', '.join(sorted(unknown))}")
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
    latency = fields.seconds("latency", ctx.twilio.webhooks.latency)
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
    if not re.fullmatch(r"[0-9]{1,15}", last):
        raise InvalidControlRequest("after must be a number")
    if ctx.request.query_params.get("follow") == "no":
        return JSONResponse({"events": [published.to_json() for published in ctx.twilio.events.since(int(last))]})

    async def lines() -> AsyncIterator[str]:
        yield ": the simulator\n\n"
        async for published in ctx.twilio.events.follow(int(last)):
            yield f"id: {published.id}\nevent: {published.event.kind()}\ndata: {json.dumps(published.to_json())}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})
