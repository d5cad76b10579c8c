"""The test face of everything but the telephones: clock, numbers, account, faults, ledger, debugger, events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from starlette.responses import JSONResponse, Response, StreamingResponse

from simulator.account import Application, Kind, MessagingService, Number, Status
from simulator.callbacks import CallbackPlan
from simulator.face import Ask, BadAsk, Json, choice
from simulator.faults import Fault, FaultKind
from simulator.signing import Signing


async def read_clock(ask: Ask) -> Json:
    """`speed`: so many times as fast as the machine's time; null when time is told."""
    clock = ask.twilio.clock
    real = clock.real_seconds(1.0)
    return {"now": clock.now(), "told": real is None, "speed": None if real is None else 1.0 / real}


async def advance(ask: Ask) -> Json:
    wanted = ask.wanted
    seconds = wanted.number("seconds")
    wanted.end()
    await ask.twilio.clock.advance(seconds)
    return {"now": ask.twilio.clock.now()}


async def run(ask: Ask) -> Json:
    await ask.twilio.clock.run()
    return {"now": ask.twilio.clock.now()}


async def put_number(ask: Ask) -> Json:
    """Own a number, and set some of its fields: `voice_url`, `sms_url`, `voice_fallback_url`, `sms`, …"""
    number = ask.path["number"]
    owned = ask.twilio.numbers.get(number) or ask.twilio.add_number(number)
    for name, value in ask.body.items():
        if name not in Number.__slots__ or name in ("phone_number", "sid", "created", "updated"):
            raise BadAsk(f"unknown: {name}")
        if type(value) is not type(getattr(owned, name)):
            raise BadAsk(f"{name} has the wrong type")
    for name, value in ask.body.items():
        setattr(owned, name, value)
    return {name: getattr(owned, name) for name in Number.__slots__}


async def list_numbers(ask: Ask) -> Json:
    return {"numbers": [{name: getattr(one, name) for name in Number.__slots__} for one in ask.twilio.numbers.values()]}


async def delete_number(ask: Ask) -> Response:
    ask.twilio.numbers.pop(ask.path["number"], None)
    return Response(status_code=204)


async def put_service(ask: Ask) -> Json:
    wanted, sid = ask.wanted, ask.path["sid"]
    service = MessagingService(
        sid,
        wanted.texts("senders"),
        inbound_url=wanted.text("inbound_url", ""),
        status_callback=wanted.text("status_callback", ""),
        advanced_opt_out=wanted.truth("advanced_opt_out"),
    )
    wanted.end()
    ask.twilio.account.services[sid] = service
    return {"sid": sid, "senders": service.senders}


async def put_application(ask: Ask) -> Json:
    sid = ask.path["sid"]
    app = Application(sid)
    for name, value in ask.body.items():
        if name not in Application.__slots__ or name == "sid" or not isinstance(value, str):
            raise BadAsk(f"unknown, or no text: {name}")
        setattr(app, name, value)
    ask.twilio.account.applications[sid] = app
    return {name: getattr(app, name) for name in Application.__slots__}


async def put_account(ask: Ask) -> Json:
    """`kind`, `status`, `balance`, `strict_numbers`, `calls_per_second` (null: no queue), `verified` (numbers), …"""
    wanted, account = ask.wanted, ask.twilio.account
    if wanted.has("kind"):
        account.kind = choice(Kind, wanted.text("kind"))
    if wanted.has("status"):
        account.status = choice(Status, wanted.text("status"))
    if wanted.has("balance"):
        account.balance = wanted.text("balance")
    if wanted.has("strict_numbers"):
        account.strict_numbers = wanted.truth("strict_numbers")
    if wanted.has("verified"):
        account.caller_ids = set(wanted.texts("verified"))
    for name in ("calls_per_second", "segments_per_second", "concurrent_calls", "concurrent_requests"):
        if wanted.has(name):
            value = wanted.maybe_number(name)
            if value is not None and value <= 0:
                raise BadAsk(f"{name} must be above 0")
            setattr(account, name, value)
    wanted.end()
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


async def create_key(ask: Ask) -> Json:
    wanted = ask.wanted
    sid, secret = wanted.text("sid", ""), wanted.text("secret", "")
    wanted.end()
    sid, secret = ask.twilio.account.add_key(sid or None, secret or None)
    return {"sid": sid, "secret": secret}


async def add_fault(ask: Ask) -> Json:
    """`kind`, and what belongs to it: `status`, `code`, `retry_after`, `times`, `path`, `method`, `hang`, `html`."""
    wanted = ask.wanted
    code, retry_after = wanted.maybe_number("code"), wanted.maybe_number("retry_after")
    fault = Fault(
        choice(FaultKind, wanted.text("kind", "status")),
        status=int(wanted.number("status", 500)),
        code=None if code is None else int(code),
        retry_after=None if retry_after is None else int(retry_after),
        times=int(wanted.number("times", 1)),
        path=wanted.text("path", ""),
        method=wanted.text("method", ""),
        hang=wanted.number("hang", 30.0),
        html=wanted.truth("html"),
    )
    wanted.end()
    ask.twilio.faults.add(fault)
    return {"waiting": len(ask.twilio.faults.waiting)}


async def read_faults(ask: Ask) -> Json:
    """Everything that goes wrong on purpose, apart from how single phones behave."""
    twilio, plan = ask.twilio, ask.twilio.callbacks
    return {
        "waiting": sum(fault.times for fault in twilio.faults.waiting),
        "callbacks": {"lose": sorted(plan.lose), "delay": plan.delay, "double": plan.double, "reorder": plan.reorder},
        "webhooks": {"signing": twilio.signing.value, "latency": twilio.webhooks.latency},
        "carrier": {"down": twilio.carrier_down},
    }


async def clear_faults(ask: Ask) -> Response:
    """Everything works again: REST, signatures, callbacks, webhooks, carrier."""
    ask.twilio.carrier_down = False
    ask.twilio.faults.clear()
    ask.twilio.signing, ask.twilio.callbacks, ask.twilio.webhooks.latency = Signing.RIGHT, CallbackPlan(), 0.0
    return Response(status_code=204)


async def put_callbacks(ask: Ask) -> Json:
    wanted = ask.wanted
    plan = CallbackPlan(
        lose=frozenset(wanted.texts("lose")),
        delay=wanted.number("delay", 0.0),
        double=wanted.truth("double"),
        reorder=wanted.truth("reorder"),
    )
    wanted.end()
    ask.twilio.callbacks = plan
    return {"lose": sorted(plan.lose), "delay": plan.delay, "double": plan.double, "reorder": plan.reorder}


async def put_webhooks(ask: Ask) -> Json:
    """How webhooks travel: `signing`, and `latency` in seconds that each answer takes."""
    wanted = ask.wanted
    signing = choice(Signing, wanted.text("signing", ask.twilio.signing.value))
    latency = wanted.number("latency", ask.twilio.webhooks.latency)
    wanted.end()
    ask.twilio.signing, ask.twilio.webhooks.latency = signing, latency
    return {"signing": signing.value, "latency": latency}


async def put_carrier(ask: Ask) -> Json:
    """`down`: no call gets through and no text leaves the queue."""
    down = ask.wanted.truth("down")
    ask.wanted.end()
    ask.twilio.carrier_down = down
    return {"down": down}


async def read_requests(ask: Ask) -> Json:
    ledger = ask.twilio.ledger
    return {
        "requests": [one.to_json() for one in ledger.requests],
        "webhooks": [one.to_json() for one in ledger.webhooks],
    }


async def clear_requests(ask: Ask) -> Response:
    ask.twilio.ledger.clear()
    return Response(status_code=204)


async def read_debugger(ask: Ask) -> Json:
    return {"entries": [entry.to_json() for entry in ask.twilio.debugger]}


async def clear_debugger(ask: Ask) -> Response:
    ask.twilio.debugger.clear()
    return Response(status_code=204)


async def read_opt_outs(ask: Ask) -> Json:
    return {"opt_outs": ask.twilio.exchange.opt_outs.to_json()}


async def follow_events(ask: Ask) -> Response:
    """Server-sent events; `Last-Event-ID` or `?after=` resumes. With `?follow=no`: the kept ones as JSON."""
    last = ask.request.query_params.get("after") or ask.request.headers.get("Last-Event-ID") or "0"
    if not last.isdigit():
        raise BadAsk("after must be a number")
    if ask.request.query_params.get("follow") == "no":
        return JSONResponse({"events": [noted.to_json() for noted in ask.twilio.events.since(int(last))]})

    async def lines() -> AsyncIterator[str]:
        yield ": the simulator\n\n"
        async for noted in ask.twilio.events.follow(int(last)):
            yield f"id: {noted.id}\nevent: {noted.event.kind()}\ndata: {json.dumps(noted.to_json())}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})
