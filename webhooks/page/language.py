"""The language that was chosen at the foot of the page. The call and the text follow it."""

from starlette.requests import Request
from starlette.responses import Response

from twiml.words import LANGUAGES

from .. import requests
from ..context import app_context
from . import session
from .session import redirect_to_page, same_site

#: Seconds.
_REMEMBERED = 365 * 86400


@same_site
async def choose(request: Request) -> Response:
    """Remember the language in this browser, and let its verification go on in it."""
    ctx = app_context(request)
    language = (await requests.read_form(request)).text("language")
    if language not in LANGUAGES:
        raise requests.FormMalformed(400, "Unknown language.")
    cookie = session.session_cookie(request)
    if cookie is not None:
        await ctx.public_verifier.set_language(session.session_id(cookie), language)
    response = redirect_to_page(request, *(name for name in ("edit",) if name in request.query_params))
    session.set_language_cookie(request, response, language, seconds=_REMEMBERED)
    return response
