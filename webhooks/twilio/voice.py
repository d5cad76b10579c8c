"""Twilio asks what the phone should do next."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import twiml.call as words_of
from twiml.words import language_of_country
from verification.errors import NotFound, NumberInvalid, Unavailable
from verification.flow.inbound import Keyword
from verification.ivr.dialogue import CallInput
from verification.values.phone_numbers import parse

from ..context import AppContext, InvalidSignature, NotOurs, app_context, signed_form
from ..requests import Fields, FormMalformed
from . import payloads
from .prompts import payment_sentence, purpose_phrase, render_prompt

Handler = Callable[[Request], Awaitable[Response]]
log = logging.getLogger("saycode.http")


def apologize_on_error(handler: Handler) -> Handler:
    """When our own side fails the person hears an apology and the call ends; Twilio gets its 200."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except (InvalidSignature, NotOurs, FormMalformed, HTTPException):
            raise
        except Exception:
            log.exception("voice webhook failed", extra={"fields": {"path": request.url.path}})
            ctx = app_context(request)
            return twiml_response(words_of.end(ctx.words(None), words_of.Ending.SORRY, brand=ctx.brand))

    return answer


def twiml_response(text: str, *, task: BackgroundTask | None = None) -> Response:
    """A document for Twilio; the task runs once Twilio has it."""
    return Response(text, media_type="text/xml", background=task)


async def answered(request: Request) -> Response:
    """The call was answered: who is calling and why."""
    return await _respond(request, CallInput.ANSWERED)


async def keys(request: Request) -> Response:
    """Keys were pressed."""
    return await _respond(request, CallInput.KEYS)


async def silence(request: Request) -> Response:
    """Nothing was pressed."""
    return await _respond(request, CallInput.SILENCE)


async def _respond(request: Request, heard: CallInput) -> Response:
    form = await signed_form(request)
    ctx = app_context(request)
    delivery = request.path_params["delivery"]
    claim = payloads.own_call(request, form)
    digits = payloads.pressed_keys(form) if heard is CallInput.KEYS else ""
    if heard is CallInput.KEYS and not digits:
        heard = CallInput.SILENCE
    try:
        if _is_machine(form):
            await ctx.verifier.on_machine_detected(delivery, **claim)
        said = await ctx.verifier.handle_call_event(
            delivery, **claim, heard=heard, digits=digits, webhook=payloads.idempotency_token(request)
        )
    except NotFound as problem:
        raise NotOurs from problem
    verification, words = said.verification, ctx.words(said.verification.language)
    text = render_prompt(
        said.line,
        words.tag,
        brand=verification.brand or ctx.brand,
        purpose=purpose_phrase(words, verification.action, ctx.verifier.policy.actions),
        payment_sentence=payment_sentence(words, verification.payment),
    )
    return twiml_response(text, task=dispatch_task(ctx, said.dispatch))


async def machine(request: Request) -> Response:
    """Twilio has listened to who answered. A person changes nothing; a machine only makes things stricter."""
    form = await signed_form(request)
    ctx = app_context(request)
    delivery = request.path_params["delivery"]
    claim = payloads.own_call_detection(request, form)
    if not _is_machine(form):
        return Response(status_code=204)
    if not await ctx.verifier.on_machine_detected(delivery, **claim):
        raise NotOurs
    return Response(status_code=204, background=BackgroundTask(ctx.verifier.hang_up_on_machine, delivery))


def _is_machine(form: Fields) -> bool:
    return form.text("AnsweredBy").startswith(("machine", "fax"))


async def inbound_call(request: Request) -> Response:
    """Somebody calls us. Everybody hears the same: a caller id proves nothing."""
    form = await signed_form(request)
    ctx = app_context(request)
    text = words_of.greet(
        ctx.words(_language(payloads.inbound_sender(form))),
        brand=ctx.brand,
        on_keys=ctx.addresses.of("called_keys"),
        on_silence=ctx.addresses.of("called_silence"),
    )
    return twiml_response(text)


async def inbound_keys(request: Request) -> Response:
    """Somebody who called us pressed a key."""
    form = await signed_form(request)
    ctx = app_context(request)
    number, digits = payloads.inbound_sender(form), payloads.pressed_keys(form)
    ending, dispatch = words_of.Ending.GOODBYE, None
    try:
        heeded = await ctx.verifier.handle_inbound_keys(parse(number), digits)
    except NumberInvalid:
        # A withheld number: 1 sounds as it does for everybody, 9 has nothing to remember.
        heeded = None
    if heeded is not None and heeded.keyword is Keyword.STOP:
        ending = words_of.Ending.SUPPRESSED
    elif digits == words_of.GreetingKey.CALL_BACK:
        ending = words_of.Ending.CALL_BACK
    if heeded is not None:
        dispatch = heeded.dispatch
    text = words_of.end(ctx.words(_language(number)), ending, brand=ctx.brand)
    return twiml_response(text, task=dispatch_task(ctx, dispatch, after=ctx.callback_delay))


async def inbound_silence(request: Request) -> Response:
    """Somebody who called us pressed nothing."""
    form = await signed_form(request)
    ctx = app_context(request)
    spoken = ctx.words(_language(payloads.inbound_sender(form)))
    return twiml_response(words_of.end(spoken, words_of.Ending.GOODBYE, brand=ctx.brand))


def _language(number: str) -> str | None:
    try:
        return language_of_country(parse(number).region)
    except NumberInvalid:
        return None


def dispatch_task(ctx: AppContext, delivery: str | None, *, after: float = 0) -> BackgroundTask | None:
    """Twilio waits for the document, so nothing is asked of Twilio before it has it, and `after` seconds more."""
    return BackgroundTask(_send, ctx, delivery, after) if delivery else None


async def _send(ctx: AppContext, delivery: str, after: float) -> None:
    await asyncio.sleep(after)
    try:
        await ctx.verifier.dispatch(delivery)
    except Unavailable:
        log.exception("delivery not sent after the webhook", extra={"fields": {"delivery": delivery}})
