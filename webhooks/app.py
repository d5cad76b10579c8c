"""The table of doors, and how each kind of failure is answered."""

import logging
import secrets
from collections.abc import Mapping

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Lifespan

from twiml.words import fill
from verification.errors import Unavailable

from . import monitoring, requests
from .api import accounts, errors, openapi, receipts, services, verifications
from .api import attempts as api_attempts
from .api import receipts as api_receipts
from .api.auth import endpoint
from .context import AppContext, InvalidSignature, NotOurs, app_context, request_words
from .middleware import RequestLimits, SecurityHeaders
from .page import forms, handlers, live
from .page.live import PageNotifier
from .page.rendering import render_error
from .page.session import CrossSiteRequest
from .routes import PATHS
from .signature import proxy_headers
from .twilio import diagnostics, messaging, statuses, voice

log = logging.getLogger("saycode.http")
RETRY_AFTER = {"Retry-After": "5"}

GET, POST = ["GET"], ["POST"]
# Who has no key learns nothing of an address, not even what it takes.
ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
# Twilio's doors first: they are asked most, and routes are tried in this order.
ROUTES = [
    Route(PATHS["answered"], voice.apologize_on_error(voice.answered), name="answered", methods=POST),
    Route(PATHS["keys"], voice.apologize_on_error(voice.keys), name="keys", methods=POST),
    Route(PATHS["silence"], voice.apologize_on_error(voice.silence), name="silence", methods=POST),
    Route(PATHS["machine"], voice.machine, name="machine", methods=POST),
    Route(PATHS["call_status"], statuses.call_status, name="call_status", methods=POST),
    Route(PATHS["message_status"], statuses.message_status, name="message_status", methods=POST),
    Route(PATHS["called"], voice.apologize_on_error(voice.inbound_call), name="called", methods=POST),
    Route(PATHS["called_keys"], voice.apologize_on_error(voice.inbound_keys), name="called_keys", methods=POST),
    Route(
        PATHS["called_silence"], voice.apologize_on_error(voice.inbound_silence), name="called_silence", methods=POST
    ),
    Route(PATHS["texted"], messaging.inbound_message, name="texted", methods=POST),
    Route(PATHS["probed"], diagnostics.probe, name="probed", methods=POST),
    Route(PATHS["page"], handlers.show, name="page", methods=GET),
    Route(PATHS["start"], handlers.start, name="start", methods=POST),
    Route(PATHS["code"], handlers.code, name="code", methods=POST),
    Route(PATHS["next"], handlers.next_step, name="next", methods=POST),
    Route(PATHS["typed"], forms.format_number, name="typed", methods=POST),
    Route(PATHS["progress"], live.stream, name="progress", methods=GET),
    Route(PATHS["brand"], handlers.brand, name="brand", methods=GET),
    Route(PATHS["receipt_keys"], receipts.public_keys, name="receipt_keys", methods=GET),
    Route(PATHS["live"], monitoring.live, name="live", methods=GET),
    Route(PATHS["ready"], monitoring.ready, name="ready", methods=GET),
    Route(PATHS["metrics"], monitoring.metrics, name="metrics", methods=GET),
    Route(PATHS["openapi"], openapi.openapi, name="openapi", methods=GET),
    Route(
        PATHS["api_verifications"], endpoint(POST=verifications.create), name="api_verifications", methods=ALL_METHODS
    ),
    Route(PATHS["api_check"], endpoint(POST=verifications.check), name="api_check", methods=ALL_METHODS),
    Route(
        PATHS["api_verification"],
        endpoint(GET=verifications.fetch, POST=verifications.update),
        name="api_verification",
        methods=ALL_METHODS,
    ),
    Route(PATHS["api_changes"], endpoint(POST=accounts.create), name="api_changes", methods=ALL_METHODS),
    Route(PATHS["api_receipt"], endpoint(POST=api_receipts.redeem), name="api_receipt", methods=ALL_METHODS),
    Route(
        PATHS["api_services"],
        endpoint(GET=services.list_all, POST=services.create),
        name="api_services",
        methods=ALL_METHODS,
    ),
    Route(
        PATHS["api_service"],
        endpoint(GET=services.fetch, POST=services.update, DELETE=services.delete),
        name="api_service",
        methods=ALL_METHODS,
    ),
    Route(PATHS["api_attempts"], endpoint(GET=api_attempts.list_all), name="api_attempts", methods=ALL_METHODS),
    Route(PATHS["api_summary"], endpoint(GET=api_attempts.summary), name="api_summary", methods=ALL_METHODS),
    Route(PATHS["api_attempt"], endpoint(GET=api_attempts.fetch), name="api_attempt", methods=ALL_METHODS),
    Mount(PATHS["static"], StaticFiles(packages=[("webhooks.page", "static")]), name="static"),
]


def create_app(ctx: AppContext, *, lifespan: Lifespan[Starlette] | None = None) -> Starlette:
    """The service as an ASGI application."""
    app = Starlette(
        routes=ROUTES,
        exception_handlers={
            InvalidSignature: _invalid_signature,
            NotOurs: _not_ours,
            CrossSiteRequest: _cross_site,
            requests.FormMalformed: _malformed,
            Unavailable: _unavailable,
            HTTPException: _http_error,
            Exception: _unexpected,
        },
        lifespan=lifespan,
        max_body_size=requests.LARGEST_BODY,
    )
    app.router.redirect_slashes = False  # a redirect would lose Twilio's fields, and its signature
    app.state.doorway = ctx
    app.state.notifier = PageNotifier(ctx)
    # Around all of it: Starlette answers oversized bodies and unexpected failures outside of its `middleware`.
    app.middleware_stack = SecurityHeaders(RequestLimits(app.build_middleware_stack()), https=ctx.addresses.https)
    return app


def _invalid_signature(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, InvalidSignature)
    ctx = app_context(request)
    told = "".join(
        f"; {name} says {value}" for name, value in proxy_headers(request.headers, ctx.addresses.public_url).items()
    )
    ctx.on_rejected_webhook("unsigned")
    log.warning(
        "webhook without a valid signature (%s), checked for %s%s",
        problem.signature_problem,
        ctx.signatures.address(request),
        told,
        extra={"fields": {"path": request.url.path}},
    )
    return Response(status_code=403)


def _not_ours(request: Request, _: Exception) -> Response:
    app_context(request).on_rejected_webhook("foreign")
    log.warning("webhook for an unknown resource", extra={"fields": {"path": request.url.path}})
    return Response(status_code=404)


def _cross_site(request: Request, _: Exception) -> Response:
    return render_error(request, request_words(request).page.errors.form_expired, status=403)


def _malformed(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, requests.FormMalformed)
    return _error_response(request, problem.message, status=problem.status)


def _unavailable(request: Request, problem: Exception) -> Response:
    return _server_error(request, problem, status=503, headers=RETRY_AFTER)


def _http_error(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    said = request_words(request).page.errors
    sentence = said.not_found if problem.status_code == 404 else problem.detail
    return _error_response(request, sentence, status=problem.status_code, headers=problem.headers)


def _unexpected(request: Request, problem: Exception) -> Response:
    return _server_error(request, problem, status=500)


def _server_error(
    request: Request, problem: Exception, *, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """One sentence with an id; the log has the story under it."""
    error_id = secrets.token_hex(4)
    log.error("request failed", exc_info=problem, extra={"fields": {"path": request.url.path, "error_id": error_id}})
    if _is_api(request):
        return errors.status_response(status, headers, error_id=error_id)
    said = request_words(request).page.errors
    return _error_response(request, fill(said.went_wrong, error_id=error_id), status=status, headers=headers)


def _error_response(
    request: Request, sentence: str, *, status: int, headers: Mapping[str, str] | None = None
) -> Response:
    """The sentence on a page. Twilio gets the bare status: it would read a text out, or send it on."""
    if _is_api(request):
        return errors.status_response(status, headers)
    if request.url.path.startswith("/webhooks/"):
        return Response(status_code=status, headers=headers)
    return render_error(request, sentence, status=status, headers=headers)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/v2/")
