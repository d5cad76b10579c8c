"""Voice webhooks: what a call says next, calls that were answered by a machine, and inbound calls."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from twiml.call import KEYS_PATH, SILENCE_PATH, number_changed, render
from twiml.words import language_of_country
from verification.errors import NotFound, NumberInvalid, Unavailable
from verification.ivr.prompts import CallInput, End, Ending, Greet, GreetingKey
from verification.policy import action_phrase
from verification.values.phone_numbers import parse
from verification.values.references import reference

from ..context import AppContext, InvalidSignature, NotOurs, app_context
from ..requests import Fields, FormMalformed
from . import payloads

Handler = Callable[[Request], Awaitable[Response]]
log = logging.getLogger("saycode.http")
#: The part of an address that remembers that the voice of a call has failed.
FALLBACK = "fallback"


def apologize_on_error(handler: Handler) -> Handler:
    """When we fail, the call says an apology with its reference and ends, and Twilio gets 200: it would read an error
    out or retry.
    """

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except (InvalidSignature, NotOurs, FormMalformed, HTTPException, ClientDisconnect):
            raise
        except Exception:
            log.exception("voice webhook failed", extra={"fields": {"path": request.url.path}})
            ctx = app_context(request)
            sorry = End(Ending.SORRY, _reference(request))
            return twiml_response(render(sorry, ctx.words(None), brand=ctx.brand))

    return answer


def _reference(request: Request) -> str:
    """That of the delivery in the address, as the database may not answer; empty for a call to us."""
    with suppress(ValueError):
        return reference(request.path_params.get("delivery", ""))
    return ""


def twiml_response(text: str, *, task: BackgroundTask | None = None) -> Response:
    """A TwiML document. The task runs once Twilio has it."""
    return Response(text, media_type="text/xml", background=task)


@apologize_on_error
async def answered(request: Request) -> Response:
    """A call was answered. It says who is calling and why."""
    return await _respond(request, await payloads.signed_form(request), CallInput.ANSWERED)


@apologize_on_error
async def keys(request: Request) -> Response:
    """Keys were pressed in a call."""
    form = await payloads.signed_form(request)
    return await _respond(request, form, CallInput.KEYS, digits=payloads.pressed_keys(form))


@apologize_on_error
async def silence(request: Request) -> Response:
    """No key was pressed in a call."""
    return await _respond(request, await payloads.signed_form(request), CallInput.SILENCE)


@apologize_on_error
async def fallback(request: Request) -> Response:
    """Twilio could not fetch or speak a document: the same prompt again. If the voice failed, the rest of the call is
    in another one: the addresses in the document lie below this one.

    https://www.twilio.com/docs/usage/security/availability-reliability
    """
    form = await payloads.signed_form(request)
    failure = payloads.document_failure(form)
    log.warning("Twilio could not play a document of a call", extra={"fields": failure.log_fields()})
    below = f"{FALLBACK}/" if failure.voice else ""
    return await _respond(request, form, failure.input, digits=failure.digits, again=True, below=below)


async def _respond(
    request: Request, form: Fields, call_input: CallInput, *, digits: str = "", again: bool = False, below: str = ""
) -> Response:
    """The answer to what happened on the line. `again`: to what was answered before. `below`: the start of the
    addresses where Twilio goes on, relative to this one.
    """
    ctx = app_context(request)
    delivery = request.path_params["delivery"]
    own_call = payloads.own_call(request, form)
    if call_input is CallInput.KEYS and not digits:
        call_input = CallInput.SILENCE
    try:
        if _is_machine(form):
            await ctx.verifier.on_machine_detected(delivery, **own_call)
        next_prompt = await ctx.verifier.handle_call_event(
            delivery,
            **own_call,
            call_input=call_input,
            digits=digits,
            webhook=payloads.idempotency_token(request),
            again=again,
        )
    except NotFound as error:
        raise NotOurs from error
    verification = next_prompt.verification
    in_fallback = below != "" or f"/{FALLBACK}/" in request.scope["path"]
    words = ctx.fallback_words(verification.language) if in_fallback else ctx.words(verification.language)
    phrase = action_phrase(ctx.verifier.policy.actions, verification.action, words.tag)
    text = render(
        next_prompt.prompt,
        words,
        brand=verification.brand or ctx.brand_in(verification.number.region),
        purpose=words.purpose(verification.action, phrase),
        payment=verification.payment,
        on_keys=below + KEYS_PATH,
        on_silence=below + SILENCE_PATH,
    )
    return twiml_response(text, task=dispatch_task(ctx, next_prompt.dispatch))


async def machine_detected(request: Request) -> Response:
    """The result of answering machine detection. A human changes nothing; a machine only makes the call stricter."""
    form = await payloads.signed_form(request)
    ctx = app_context(request)
    delivery = request.path_params["delivery"]
    own_call = payloads.own_call_detection(request, form)
    if not _is_machine(form):
        return Response(status_code=204)
    if not await ctx.verifier.on_machine_detected(delivery, **own_call):
        raise NotOurs
    return Response(status_code=204, background=BackgroundTask(ctx.verifier.hang_up_on_machine, delivery))


def _is_machine(form: Fields) -> bool:
    return form.text("AnsweredBy").startswith(("machine", "fax"))


@apologize_on_error
async def inbound_call(request: Request) -> Response:
    """An inbound call. Every caller of a country hears the same greeting, because a caller ID proves nothing."""
    form = await payloads.signed_form(request)
    payloads.require_call(form)
    ctx, caller = app_context(request), payloads.inbound_sender(form)
    text = render(
        Greet(),
        ctx.words(_language(caller)),
        brand=ctx.brand_in(_region(caller)),
        on_keys=ctx.urls.of("inbound_keys"),
        on_silence=ctx.urls.of("inbound_silence"),
    )
    return twiml_response(text)


@apologize_on_error
async def inbound_keys(request: Request) -> Response:
    """A key was pressed in an inbound call: 1 for a call back about a code, 9 for one about our calls.

    The answer is the same for every number, called back or not; a withheld one is promised no call for key 9.
    """
    form = await payloads.signed_form(request)
    ctx = app_context(request)
    number, digits = payloads.inbound_sender(form), payloads.pressed_keys(form)
    ending = Ending.CALL_BACK if digits == GreetingKey.CALL_BACK else Ending.GOODBYE
    dispatch = None
    with suppress(NumberInvalid):
        caller, language = parse(number), ctx.words(_language(number)).tag
        ending = Ending.CALL_BACK_PERMISSION if digits == GreetingKey.PERMISSION else ending
        sid = form.text("CallSid")
        dispatch = (await ctx.verifier.handle_inbound_keys(caller, digits, sid=sid, language=language)).dispatch
    text = render(End(ending), ctx.words(_language(number)), brand=ctx.brand_in(_region(number)))
    return twiml_response(text, task=dispatch_task(ctx, dispatch, after=ctx.callback_delay))


@apologize_on_error
async def inbound_silence(request: Request) -> Response:
    """No key was pressed in an inbound call."""
    form = await payloads.signed_form(request)
    ctx, caller = app_context(request), payloads.inbound_sender(form)
    return twiml_response(
        render(End(Ending.GOODBYE), ctx.words(_language(caller)), brand=ctx.brand_in(_region(caller)))
    )


@apologize_on_error
async def notice(request: Request) -> Response:
    """A call that tells that a number was changed, of a company whose calls bring no document along. The brand and the
    language are in the address, which is signed too.
    """
    payloads.own_call(request, await payloads.signed_form(request))
    ctx, query = app_context(request), request.query_params
    return twiml_response(number_changed(ctx.words(query.get("language")), brand=query.get("brand") or ctx.brand))


def _language(number: str) -> str | None:
    return language_of_country(_region(number))


def _region(number: str) -> str:
    """The country of a caller; empty for a withheld number."""
    try:
        return parse(number).region
    except NumberInvalid:
        return ""


def dispatch_task(ctx: AppContext, delivery: str | None, *, after: float = 0) -> BackgroundTask | None:
    """Dispatch a delivery once Twilio has our answer, which it is waiting for, and after `after` more seconds."""
    return BackgroundTask(_send, ctx, delivery, after) if delivery else None


async def _send(ctx: AppContext, delivery: str, after: float) -> None:
    await asyncio.sleep(after)
    try:
        await ctx.verifier.dispatch(delivery)
    except Unavailable:
        log.exception("delivery not sent after the webhook", extra={"fields": {"delivery": delivery}})
