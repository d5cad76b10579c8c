"""The ASGI application, and how each kind of failure is answered."""

import logging
import secrets
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from twiml.words import fill
from verification.errors import Unavailable

from . import requests
from .api import errors
from .context import AppContext, InvalidSignature, Misplaced, NotOurs, app_context, request_words
from .middleware import CrossOrigin, DirectRoutes, RequestLimits, SecurityHeaders, SignedGets
from .page.session import CrossSiteRequest
from .routes import CROSS_ORIGIN_PATHS, DIRECT_ROUTES, ROUTES
from .signature import proxy_headers
from .twilio.diagnostics import misplaced_webhook

log = logging.getLogger("saycode.http")
RETRY_AFTER = {"Retry-After": "5"}


def create_app(ctx: AppContext, *, lifespan: Lifespan[Starlette] | None = None) -> ASGIApp:
    """The service as an ASGI application inside its middleware."""
    app = Starlette(
        routes=ROUTES,
        exception_handlers={
            InvalidSignature: _invalid_signature,
            NotOurs: _not_ours,
            CrossSiteRequest: _cross_site,
            Misplaced: _perhaps_misplaced,
            errors.ApiError: _perhaps_misplaced,
            requests.FormMalformed: _malformed,
            ClientDisconnect: _hung_up,
            Unavailable: _unavailable,
            HTTPException: _http_error,
            Exception: _unexpected,
        },
        middleware=[Middleware(SignedGets, refuse=_signed_get), Middleware(CrossOrigin, paths=CROSS_ORIGIN_PATHS)],
        lifespan=lifespan,
        max_body_size=requests.LARGEST_BODY,
    )
    app.router.redirect_slashes = False  # a redirect would lose Twilio's fields and its signature
    app.state.context = ctx
    # Around the whole application: Starlette answers oversized bodies and unexpected failures outside of its own
    # `middleware`, and those answers need the headers too.
    https, largest = ctx.urls.https, requests.LARGEST_BODY

    async def refuse_body(scope: Scope, receive: Receive, send: Send) -> None:
        response = await _http_error(Request({**scope, "app": app}), HTTPException(413))
        await response(scope, receive, send)

    limited = RequestLimits(app, largest_body=largest, refuse_body=refuse_body)
    layers = SecurityHeaders(limited, https=https)
    return DirectRoutes(layers, app, DIRECT_ROUTES, largest_body=largest, https=https)


def _invalid_signature(request: Request, error: Exception) -> Response:
    assert isinstance(error, InvalidSignature)
    ctx = app_context(request)
    headers = "".join(
        f"; {name} says {value}" for name, value in proxy_headers(request.headers, ctx.urls.public_url).items()
    )
    ctx.on_rejected_webhook("unsigned")
    log.warning(
        "webhook signature invalid (%s), checked for %s%s",
        error.signature_problem,
        ctx.signatures.address(request),
        headers,
        extra={"fields": {"path": request.url.path}, "source": _source(request)},
    )
    return Response(status_code=403)


def _not_ours(request: Request, _: Exception) -> Response:
    app_context(request).on_rejected_webhook("foreign")
    log.warning(
        "webhook for an unknown delivery",
        extra={"fields": {"path": request.url.path}, "source": _source(request)},
    )
    return Response(status_code=404)


def _source(request: Request) -> str:
    """Whose repeats the log leaves out."""
    return requests.client_source(request, app_context(request).trusted_proxies)


def _hung_up(_: Request, __: Exception) -> Response:
    """The client has closed its connection: nothing failed, and nothing is read of this answer."""
    return Response(status_code=400)


def _cross_site(request: Request, _: Exception) -> Response:
    return _error_page(request, request_words(request).page.errors.form_expired, status=403)


async def _signed_get(request: Request) -> Response | None:
    warning = await misplaced_webhook(request)
    return _misplaced(request, warning, status=404) if warning else None


def _misplaced(request: Request, warning: str, *, status: int, headers: Mapping[str, str] | None = None) -> Response:
    app_context(request).on_rejected_webhook("misplaced")
    # It is Twilio that repeats it, so the source is always the same.
    log.warning(warning, extra={"fields": {"path": request.url.path}, "source": "twilio"})
    return Response(status_code=status, headers=headers)


async def _perhaps_misplaced(request: Request, error: Exception) -> Response:
    """A webhook at an endpoint for something else; or a request that only looks like one."""
    status = error.status if isinstance(error, errors.ApiError) else 404
    if warning := await misplaced_webhook(request):
        return _misplaced(request, warning, status=status)
    return errors.to_response(error) if isinstance(error, errors.ApiError) else Response(status_code=status)


def _malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, requests.FormMalformed)
    return _error_response(request, error.message, status=error.status)


def _unavailable(request: Request, error: Exception) -> Response:
    return _server_error(request, error, status=503, headers=RETRY_AFTER)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code in (404, 405) and (warning := await misplaced_webhook(request)):
        return _misplaced(request, warning, status=error.status_code, headers=error.headers)
    sentence = request_words(request).page.errors.not_found if error.status_code == 404 else error.detail
    return _error_response(request, sentence, status=error.status_code, headers=error.headers)


def _unexpected(request: Request, error: Exception) -> Response:
    return _server_error(request, error, status=500)


def _server_error(
    request: Request, error: Exception, *, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """One sentence with an error id. The log has the traceback under the same id."""
    error_id = secrets.token_hex(4)
    log.error(
        "request failed",
        exc_info=error,
        # While the store is unavailable every request fails alike. Any other failure is written, for its id.
        extra={
            "fields": {"path": request.url.path, "error_id": error_id},
            "source": _source(request) if status == 503 else None,
        },
    )
    if _is_api(request):
        return errors.status_response(status, headers, error_id=error_id)
    sentence = fill(request_words(request).page.errors.went_wrong, error_id=error_id)
    return _error_response(request, sentence, status=status, headers=headers)


def _error_response(
    request: Request, sentence: str, *, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """The sentence on a page. A webhook gets the bare status: Twilio would read a text out or forward it."""
    if _is_api(request):
        return errors.status_response(status, headers)
    if request.url.path.startswith("/webhooks/"):
        return Response(status_code=status, headers=headers)
    return _error_page(request, sentence, status=status, headers=headers)


def _error_page(request: Request, sentence: str, *, status: int, headers: Mapping[str, str] | None = None) -> Response:
    from .page.rendering import render_error  # loaded after the first answers, as the pages are

    return render_error(request, sentence, status=status, headers=headers)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith(("/v2/", "/hooks/"))
