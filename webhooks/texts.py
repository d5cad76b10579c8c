"""Somebody texts us."""

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

import twiml.text as words_of
from twiml.words import of_country
from verification.errors import NumberInvalid
from verification.keywords import Keyword
from verification.numbers import parse
from verification.texting import Heeded

from . import claims
from .doorway import Doorway, doorway, signed_form
from .voice import sending, xml


async def texted(request: Request) -> Response:
    """STOP, START, HELP, CALL, REPORT and the rest. At most one answer, and none where Twilio answers by itself."""
    form = await signed_form(request)
    here = doorway(request)
    try:
        number = parse(claims.from_outside(form))
    except NumberInvalid:
        return xml(words_of.reply(None))  # a short code or a name: nobody to remember, nobody to answer
    heeded = await here.service.texted(number, form.text("Body"))
    reply = words_of.reply(_reply(here, heeded, of_country(number.region)))
    if heeded.hang_up:
        return xml(reply, task=BackgroundTask(here.service.hang_up, heeded.hang_up))
    return xml(reply, task=sending(here, heeded.dispatch))


def _reply(here: Doorway, heeded: Heeded, language: str | None) -> str | None:
    words = here.words(language)
    if heeded.carrier_answers:
        return None
    if heeded.keyword is Keyword.STOP:
        return words_of.stopped_reply(words, brand=here.brand)
    if heeded.keyword is Keyword.START:
        return words_of.started_reply(words, brand=here.brand)
    if heeded.keyword is Keyword.HELP:
        return words_of.help_reply(words, brand=here.brand, contact=here.addresses.host)
    if heeded.keyword is Keyword.REPORT:
        return words_of.reported_reply(words, brand=here.brand)
    if heeded.keyword is Keyword.CALL:
        return words_of.call_back_reply(words, brand=here.brand)
    return words_of.other_reply(words, brand=here.brand)
