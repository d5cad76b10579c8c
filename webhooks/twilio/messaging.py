"""Somebody texts us."""

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

import twiml.text as words_of
from twiml.words import language_of_country
from verification.errors import NumberInvalid
from verification.flow.inbound import InboundResult, Keyword
from verification.values.phone_numbers import parse

from ..context import AppContext, app_context, signed_form
from . import payloads
from .voice import dispatch_task, twiml_response


async def inbound_message(request: Request) -> Response:
    """STOP, START, HELP, CALL, REPORT and the rest. At most one answer, and none where Twilio answers by itself."""
    form = await signed_form(request)
    ctx = app_context(request)
    try:
        number = parse(payloads.inbound_sender(form))
    except NumberInvalid:
        return twiml_response(
            words_of.reply_document(None)
        )  # a short code or a name: nobody to remember, nobody to answer
    heeded = await ctx.verifier.handle_text(number, form.text("Body"))
    reply = words_of.reply_document(_reply(ctx, heeded, language_of_country(number.region)))
    if heeded.hang_up:
        return twiml_response(reply, task=BackgroundTask(ctx.verifier.hang_up, heeded.hang_up))
    return twiml_response(reply, task=dispatch_task(ctx, heeded.dispatch))


def _reply(ctx: AppContext, heeded: InboundResult, language: str | None) -> str | None:
    words = ctx.words(language)
    if heeded.provider_replies:
        return None
    if heeded.keyword is Keyword.STOP:
        return words_of.stopped_reply(words, brand=ctx.brand)
    if heeded.keyword is Keyword.START:
        return words_of.started_reply(words, brand=ctx.brand)
    if heeded.keyword is Keyword.HELP:
        return words_of.help_reply(words, brand=ctx.brand, contact=ctx.addresses.host)
    if heeded.keyword is Keyword.REPORT:
        return words_of.reported_reply(words, brand=ctx.brand)
    if heeded.keyword is Keyword.CALL:
        return words_of.call_back_reply(words, brand=ctx.brand)
    return words_of.other_reply(words, brand=ctx.brand)
