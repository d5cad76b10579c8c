"""Inbound text messages."""

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from twiml import text
from twiml.words import language_of_country
from verification.errors import NumberInvalid
from verification.flow.inbound import InboundResult
from verification.values.keywords import Keyword
from verification.values.phone_numbers import parse

from ..context import AppContext, app_context
from . import payloads
from .voice import dispatch_task, twiml_response


async def inbound_message(request: Request) -> Response:
    """STOP, START, HELP, CALL, REPORT and the rest. At most one reply, and none where Twilio replies itself."""
    form = await payloads.signed_form(request)
    payloads.require_text(form)
    ctx = app_context(request)
    try:
        number = parse(payloads.inbound_sender(form))
    except NumberInvalid:
        return twiml_response(text.reply_document(None))  # a short code or a name cannot be answered
    result = await ctx.verifier.handle_text(
        number,
        form.text("Body"),
        sid=form.text("MessageSid"),
        opt_out=payloads.opt_out(form),
        filtered=payloads.is_filtered(form),
    )
    reply = text.reply_document(_reply(ctx, result, number.region))
    if result.hang_up:
        return twiml_response(reply, task=BackgroundTask(ctx.verifier.hang_up, result.hang_up))
    return twiml_response(reply, task=dispatch_task(ctx, result.dispatch))


def _reply(ctx: AppContext, result: InboundResult, region: str) -> str | None:
    words, brand = ctx.words(language_of_country(region)), ctx.brand_in(region)
    if result.provider_replies or result.silent:
        return None
    if result.keyword is Keyword.STOP:
        return text.stopped_reply(words, brand=brand)
    if result.keyword is Keyword.START:
        return text.started_reply(words, brand=brand)
    if result.keyword is Keyword.HELP:
        return text.help_reply(words, brand=brand, contact=ctx.urls.host)
    if result.keyword is Keyword.REPORT:
        return text.reported_reply(words, brand=brand)
    if result.keyword is Keyword.CALL:
        return text.call_back_reply(words, brand=brand)
    return text.other_reply(words, brand=brand)
