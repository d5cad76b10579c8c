"""Twilio asks what the phone should do next."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import twiml.call as words_of
from twiml.words import of_country
from verification.call import Heard
from verification.errors import NotFound, NumberInvalid, Unavailable
from verification.keywords import Keyword
from verification.numbers import parse

from . import claims
from .documents import document
from .doorway import Doorway, Foreign, Unsigned, doorway, signed_form
from .forms import Fields, FormMalformed
from .purposes import approval, purpose

Handler = Callable[[Request], Awaitable[Response]]
log = logging.getLogger("saycode.doors")


def spoken(handler: Handler) -> Handler:
    """When our own side fails the person hears an apology and the call ends; Twilio gets its 200."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except (Unsigned, Foreign, FormMalformed, HTTPException):
            raise
        except Exception:
            log.exception("apologised on the phone", extra={"fields": {"path": request.url.path}})
            here = doorway(request)
            return xml(words_of.end(here.words(None), words_of.Ending.SORRY, brand=here.brand))

    return answer


def xml(text: str, *, task: BackgroundTask | None = None) -> Response:
    """A document for Twilio; the task runs once Twilio has it."""
    return Response(text, media_type="text/xml", background=task)


async def answered(request: Request) -> Response:
    """The call was answered: who is calling and why."""
    return await _hear(request, Heard.ANSWERED)


async def keys(request: Request) -> Response:
    """Keys were pressed."""
    return await _hear(request, Heard.KEYS)


async def silence(request: Request) -> Response:
    """Nothing was pressed."""
    return await _hear(request, Heard.SILENCE)


async def _hear(request: Request, heard: Heard) -> Response:
    form = await signed_form(request)
    here = doorway(request)
    delivery = request.path_params["delivery"]
    claim = claims.about_call(request, form)
    digits = claims.keys(form) if heard is Heard.KEYS else ""
    if heard is Heard.KEYS and not digits:
        heard = Heard.SILENCE
    try:
        if _is_machine(form):
            await here.service.machine_said(delivery, **claim)
        said = await here.service.hear(delivery, **claim, heard=heard, digits=digits, webhook=claims.name(request))
    except NotFound as problem:
        raise Foreign from problem
    verification, words = said.verification, here.words(said.verification.language)
    text = document(
        said.line,
        words.tag,
        brand=verification.brand or here.brand,
        purpose=purpose(words, verification.action, here.service.policy.actions),
        approves=approval(words, verification.payment),
    )
    return xml(text, task=sending(here, said.dispatch))


async def machine(request: Request) -> Response:
    """Twilio has listened to who answered. A person changes nothing; a machine only makes things stricter."""
    form = await signed_form(request)
    here = doorway(request)
    delivery = request.path_params["delivery"]
    claim = claims.about_machine(request, form)
    if not _is_machine(form):
        return Response(status_code=204)
    if not await here.service.machine_said(delivery, **claim):
        raise Foreign
    return Response(status_code=204, background=BackgroundTask(here.service.hang_up_on_machine, delivery))


def _is_machine(form: Fields) -> bool:
    return form.text("AnsweredBy").startswith(("machine", "fax"))


async def called(request: Request) -> Response:
    """Somebody calls us. Everybody hears the same: a caller id proves nothing."""
    form = await signed_form(request)
    here = doorway(request)
    text = words_of.greet(
        here.words(_language(claims.from_outside(form))),
        brand=here.brand,
        on_keys=here.addresses.of("called_keys"),
        on_silence=here.addresses.of("called_silence"),
    )
    return xml(text)


async def called_keys(request: Request) -> Response:
    """Somebody who called us pressed a key."""
    form = await signed_form(request)
    here = doorway(request)
    number, digits = claims.from_outside(form), claims.keys(form)
    ending, dispatch = words_of.Ending.GOODBYE, None
    try:
        heeded = await here.service.pressed(parse(number), digits)
    except NumberInvalid:
        # A withheld number: 1 sounds as it does for everybody, 9 has nothing to remember.
        heeded = None
    if heeded is not None and heeded.keyword is Keyword.STOP:
        ending = words_of.Ending.SUPPRESSED
    elif digits == words_of.GreetingKey.CALL_BACK:
        ending = words_of.Ending.CALL_BACK
    if heeded is not None:
        dispatch = heeded.dispatch
    text = words_of.end(here.words(_language(number)), ending, brand=here.brand)
    return xml(text, task=sending(here, dispatch, after=here.call_back_after))


async def called_silence(request: Request) -> Response:
    """Somebody who called us pressed nothing."""
    form = await signed_form(request)
    here = doorway(request)
    spoken = here.words(_language(claims.from_outside(form)))
    return xml(words_of.end(spoken, words_of.Ending.GOODBYE, brand=here.brand))


def _language(number: str) -> str | None:
    try:
        return of_country(parse(number).region)
    except NumberInvalid:
        return None


def sending(here: Doorway, delivery: str | None, *, after: float = 0) -> BackgroundTask | None:
    """Twilio waits for the document, so nothing is asked of Twilio before it has it, and `after` seconds more."""
    return BackgroundTask(_send, here, delivery, after) if delivery else None


async def _send(here: Doorway, delivery: str, after: float) -> None:
    await asyncio.sleep(after)
    try:
        await here.service.dispatch(delivery)
    except Unavailable:
        log.exception("not sent after the answer", extra={"fields": {"delivery": delivery}})
