"""What a request says, and an answer of Authlib's as one of Starlette's."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from .. import requests
from ..context import app_context
from ..page.rendering import render_error

if TYPE_CHECKING:
    from .records import Reply

NO_STORE = {"Cache-Control": "no-store"}


def respond(request: Request, reply: "Reply") -> Response:
    """A redirect to the client; JSON for the client itself; a page where an error has no address to go to."""
    if reply.location:
        return RedirectResponse(reply.location, status_code=303, headers=NO_STORE)
    if request.url.path in (app_context(request).urls.paths[name] for name in ("openid_authorize", "openid_proceed")):
        sentence = reply.body.get("error_description") or reply.body["error"]
        return render_error(request, sentence, status=400)
    return JSONResponse(reply.body, status_code=reply.status, headers=reply.headers)


def invalid(error: requests.FormMalformed) -> Response:
    body = {"error": "invalid_request", "error_description": error.message}
    return JSONResponse(body, status_code=400, headers=NO_STORE)


async def read_parameters(request: Request) -> dict[str, str]:
    """The parameters of an authorization request, by GET or POST. Raises FormMalformed, also for a repeated one."""
    if request.method == "POST":
        return await read_form(request)
    try:
        fields = requests.parse_form(request.scope["query_string"].decode("ascii"))
    except UnicodeDecodeError as error:
        raise requests.FormMalformed(400, "This address cannot be read.") from error
    return {name: fields.text(name) for name in fields}


async def read_form(request: Request) -> dict[str, str]:
    fields = await requests.read_form(request)
    return {name: fields.text(name) for name in fields}


def client_id_of(request: Request, parameters: Mapping[str, str]) -> str:
    """Which client a request says that it is from; it has not authenticated itself yet."""
    from . import provider

    return provider.basic_client(request.headers) or parameters.get("client_id", "")
