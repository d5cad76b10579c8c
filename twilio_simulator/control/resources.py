"""The control API for what the account has: numbers, messaging services, applications, keys, its kind and limits."""

from __future__ import annotations

import re

from starlette.responses import Response

from ..core.account import (
    AccountKind,
    AccountStatus,
    Application,
    IncomingPhoneNumber,
    MessagingService,
)
from ..core.phone_numbers import validation_errors
from ..network.opt_outs import Keyword
from .endpoint import MOST_AT_ONCE, ControlContext, InvalidControlRequest, Json, JsonFields, choice, require_url

TEMPLATE_FIELDS = ("language", "body", "content_type", "approval")


async def put_number(ctx: ControlContext) -> Json:
    """Add a number to the account, and set its fields: `voice_url`, `sms_url`, `voice_fallback_url`, `sms`, …"""
    number = ctx.path["number"]
    is_new = number not in ctx.twilio.numbers
    owned = ctx.twilio.numbers.get(number) or ctx.twilio.add_number(number)
    try:
        _require_number_fields(ctx.body, owned)
    except InvalidControlRequest:
        if is_new:
            del ctx.twilio.numbers[number]
        raise
    for name, value in ctx.body.items():
        setattr(owned, name, value)
    return _number_json(owned)


def _require_number_fields(body: Json, owned: IncomingPhoneNumber) -> None:
    for name, value in body.items():
        if name not in IncomingPhoneNumber.__slots__ or name in ("phone_number", "sid", "created", "updated"):
            raise InvalidControlRequest(f"unknown field: {name}")
        if type(value) is not type(getattr(owned, name)):
            raise InvalidControlRequest(f"{name} has the wrong type")
        _require_webhook(name, value)


def _require_webhook(name: str, value: object) -> None:
    """Raise for a URL that is none, or a method that webhooks do not have."""
    if name.endswith(("_url", "status_callback")):
        require_url(name, str(value))
    if name.endswith("_method") and value not in ("GET", "POST"):
        raise InvalidControlRequest(f"{name} must be GET or POST")


async def list_numbers(ctx: ControlContext) -> Json:
    """`whatsapp_senders` are addresses."""
    numbers = [_number_json(number) for number in ctx.twilio.numbers.values()]
    return {"numbers": numbers, "whatsapp_senders": [*ctx.twilio.account.whatsapp_senders]}


def _number_json(number: IncomingPhoneNumber) -> Json:
    return {name: getattr(number, name) for name in IncomingPhoneNumber.__slots__}


async def delete_number(ctx: ControlContext) -> Response:
    ctx.twilio.numbers.pop(ctx.path["number"], None)
    return Response(status_code=204)


async def put_whatsapp_sender(ctx: ControlContext) -> Json:
    """Add a sender of WhatsApp messages; `sms_url` gets what is written to it."""
    url = ctx.fields.url("sms_url")
    ctx.fields.end()
    sender = ctx.twilio.add_whatsapp_sender(ctx.path["number"], sms_url=url)
    return {"address": sender.phone_number, "sms_url": sender.sms_url}


async def put_template(ctx: ControlContext) -> Json:
    """Add a content template: `language`, `body` with `{{1}}`, `content_type` and WhatsApp's `approval`."""
    fields, sid = ctx.fields, ctx.path["sid"]
    given = {name: fields.text(name) for name in TEMPLATE_FIELDS if fields.has(name)}
    fields.end()
    if not re.fullmatch("HX[0-9a-f]{32}", sid):
        raise InvalidControlRequest("the sid of a content template has HX and 32 hexadecimal digits")
    template = ctx.twilio.add_template(sid, **given)
    return {"sid": sid, **{name: getattr(template, name) for name in TEMPLATE_FIELDS}}


async def put_service(ctx: ControlContext) -> Json:
    fields, sid = ctx.fields, ctx.path["sid"]
    service = MessagingService(
        sid,
        fields.texts("senders"),
        inbound_url=fields.url("inbound_url"),
        status_callback=fields.url("status_callback"),
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
        _require_webhook(name, value)
        setattr(app, name, value)
    ctx.twilio.account.applications[sid] = app
    return {name: getattr(app, name) for name in Application.__slots__}


async def put_account(ctx: ControlContext) -> Json:
    """`kind`, `status`, `balance`, `strict_numbers`, `calls_per_second` (null: no queue), `verified` (numbers), …"""
    fields, account = ctx.fields, ctx.twilio.account
    changes: Json = {}
    if fields.has("kind"):
        changes["kind"] = choice(AccountKind, fields.text("kind"))
    if fields.has("status"):
        changes["status"] = choice(AccountStatus, fields.text("status"))
    if fields.has("balance"):
        changes["balance"] = fields.text("balance")
        if not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,10})?", changes["balance"]):
            raise InvalidControlRequest("balance must be an amount in a string, such as 100.00")
    if fields.has("owner"):
        changes["owner_sid"] = fields.text("owner")
        if not re.fullmatch(r"(AC[0-9a-f]{32})?", changes["owner_sid"]):
            raise InvalidControlRequest("owner must be the sid of a main account, or empty")
    if fields.has("region"):
        changes["region"] = fields.text("region")
        if not re.fullmatch(r"[a-z]{2}[0-9]", changes["region"]):
            raise InvalidControlRequest("region must be a Region such as us1, ie1 or au1")
    if fields.has("strict_numbers"):
        changes["strict_numbers"] = fields.boolean("strict_numbers")
    if fields.has("verified"):
        changes["caller_ids"] = {_require_number(number) for number in fields.texts("verified")}
    for name in ("calls_per_second", "segments_per_second"):
        if fields.has(name):
            changes[name] = fields.optional_seconds(name)
            if changes[name] == 0:
                raise InvalidControlRequest(f"{name} must be above 0, or null")
    for name in ("concurrent_calls", "concurrent_requests"):
        if fields.has(name):
            changes[name] = fields.optional_whole(name, low=1, high=MOST_AT_ONCE)
    fields.end()
    for name, value in changes.items():
        setattr(account, name, value)
    return {
        "sid": account.sid,
        "kind": account.kind.value,
        "status": account.status.value,
        "balance": account.balance,
        "owner": account.owner_sid,
        "region": account.region,
        "strict_numbers": account.strict_numbers,
        "calls_per_second": account.calls_per_second,
        "segments_per_second": account.segments_per_second,
        "concurrent_calls": account.concurrent_calls,
        "concurrent_requests": account.concurrent_requests,
        "verified": sorted(account.caller_ids),
    }


def _require_number(number: str) -> str:
    if errors := validation_errors(number):
        raise InvalidControlRequest(f"{number!r} is not a phone number: {', '.join(errors)}")
    return number


async def create_key(ctx: ControlContext) -> Json:
    fields = ctx.fields
    sid, secret = fields.text("sid", ""), fields.text("secret", "")
    fields.end()
    sid, secret = ctx.twilio.account.add_key(sid or None, secret or None)
    return {"sid": sid, "secret": secret}
