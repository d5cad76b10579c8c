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

from . import forms, health, metrics, page, probe, progress, receipts, statuses, texts, typed, voice
from .api import attempts as api_attempts
from .api import changes, description, faults, services, verifications
from .api import receipts as api_receipts
from .api.entrance import door
from .bounds import Bounds
from .doors import PATHS
from .doorway import Doorway, Foreign, Unsigned, asked_words, doorway
from .headers import SecurityHeaders
from .hearsay import hearsay
from .lookout import Lookout
from .render import render_error
from .same_site import CrossSite

log = logging.getLogger("saycode.doors")
RETRY_AFTER = {"Retry-After": "5"}

GET, POST = ["GET"], ["POST"]
# Who has no key learns nothing of an address, not even what it takes.
ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
# Twilio's doors first: they are asked most, and routes are tried in this order.
ROUTES = [
    Route(PATHS["answered"], voice.spoken(voice.answered), name="answered", methods=POST),
    Route(PATHS["keys"], voice.spoken(voice.keys), name="keys", methods=POST),
    Route(PATHS["silence"], voice.spoken(voice.silence), name="silence", methods=POST),
    Route(PATHS["machine"], voice.machine, name="machine", methods=POST),
    Route(PATHS["call_status"], statuses.call_status, name="call_status", methods=POST),
    Route(PATHS["message_status"], statuses.message_status, name="message_status", methods=POST),
    Route(PATHS["called"], voice.spoken(voice.called), name="called", methods=POST),
    Route(PATHS["called_keys"], voice.spoken(voice.called_keys), name="called_keys", methods=POST),
    Route(PATHS["called_silence"], voice.spoken(voice.called_silence), name="called_silence", methods=POST),
    Route(PATHS["texted"], texts.texted, name="texted", methods=POST),
    Route(PATHS["probed"], probe.probed, name="probed", methods=POST),
    Route(PATHS["page"], page.show, name="page", methods=GET),
    Route(PATHS["start"], page.start, name="start", methods=POST),
    Route(PATHS["code"], page.code, name="code", methods=POST),
    Route(PATHS["next"], page.next_step, name="next", methods=POST),
    Route(PATHS["typed"], typed.typed, name="typed", methods=POST),
    Route(PATHS["progress"], progress.follow, name="progress", methods=GET),
    Route(PATHS["brand"], page.brand, name="brand", methods=GET),
    Route(PATHS["receipt_keys"], receipts.keys, name="receipt_keys", methods=GET),
    Route(PATHS["live"], health.live, name="live", methods=GET),
    Route(PATHS["ready"], health.ready, name="ready", methods=GET),
    Route(PATHS["metrics"], metrics.metrics, name="metrics", methods=GET),
    Route(PATHS["openapi"], description.openapi, name="openapi", methods=GET),
    Route(PATHS["api_verifications"], door(POST=verifications.create), name="api_verifications", methods=ANY),
    Route(PATHS["api_check"], door(POST=verifications.check), name="api_check", methods=ANY),
    Route(
        PATHS["api_verification"],
        door(GET=verifications.fetch, POST=verifications.update),
        name="api_verification",
        methods=ANY,
    ),
    Route(PATHS["api_changes"], door(POST=changes.create), name="api_changes", methods=ANY),
    Route(PATHS["api_receipt"], door(POST=api_receipts.redeem), name="api_receipt", methods=ANY),
    Route(PATHS["api_services"], door(GET=services.list_all, POST=services.create), name="api_services", methods=ANY),
    Route(
        PATHS["api_service"],
        door(GET=services.fetch, POST=services.update, DELETE=services.delete),
        name="api_service",
        methods=ANY,
    ),
    Route(PATHS["api_attempts"], door(GET=api_attempts.list_all), name="api_attempts", methods=ANY),
    Route(PATHS["api_summary"], door(GET=api_attempts.summary), name="api_summary", methods=ANY),
    Route(PATHS["api_attempt"], door(GET=api_attempts.fetch), name="api_attempt", methods=ANY),
    Mount(PATHS["static"], StaticFiles(packages=[("webhooks", "static")]), name="static"),
]


def create_app(here: Doorway, *, lifespan: Lifespan[Starlette] | None = None) -> Starlette:
    """The service as an ASGI application."""
    app = Starlette(
        routes=ROUTES,
        exception_handlers={
            Unsigned: _unsigned,
            Foreign: _foreign,
            CrossSite: _cross_site,
            forms.FormMalformed: _malformed,
            Unavailable: _unavailable,
            HTTPException: _http,
            Exception: _unexpected,
        },
        lifespan=lifespan,
        max_body_size=forms.LARGEST_BODY,
    )
    app.router.redirect_slashes = False  # a redirect would lose Twilio's fields, and its signature
    app.state.doorway = here
    app.state.lookout = Lookout(here)
    # Around all of it: Starlette answers oversized bodies and unexpected failures outside of its `middleware`.
    app.middleware_stack = SecurityHeaders(Bounds(app.build_middleware_stack()), https=here.addresses.https)
    return app


def _unsigned(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Unsigned)
    here = doorway(request)
    told = "".join(
        f"; {name} says {value}" for name, value in hearsay(request.headers, here.addresses.public_url).items()
    )
    here.turned_away("unsigned")
    log.warning(
        "webhook without a valid signature (%s), checked for %s%s",
        problem.flaw,
        here.signatures.address(request),
        told,
        extra={"fields": {"path": request.url.path}},
    )
    return Response(status_code=403)


def _foreign(request: Request, _: Exception) -> Response:
    doorway(request).turned_away("foreign")
    log.warning("webhook about nothing of ours", extra={"fields": {"path": request.url.path}})
    return Response(status_code=404)


def _cross_site(request: Request, _: Exception) -> Response:
    return render_error(request, asked_words(request).page.errors.form_expired, status=403)


def _malformed(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, forms.FormMalformed)
    return _say(request, problem.message, status=problem.status)


def _unavailable(request: Request, problem: Exception) -> Response:
    return _sorry(request, problem, status=503, headers=RETRY_AFTER)


def _http(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    said = asked_words(request).page.errors
    sentence = said.not_found if problem.status_code == 404 else problem.detail
    return _say(request, sentence, status=problem.status_code, headers=problem.headers)


def _unexpected(request: Request, problem: Exception) -> Response:
    return _sorry(request, problem, status=500)


def _sorry(request: Request, problem: Exception, *, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """One sentence with an id; the log has the story under it."""
    error_id = secrets.token_hex(4)
    log.error("failed", exc_info=problem, extra={"fields": {"path": request.url.path, "error_id": error_id}})
    if _is_api(request):
        return faults.plain(status, headers, error_id=error_id)
    said = asked_words(request).page.errors
    return _say(request, fill(said.went_wrong, error_id=error_id), status=status, headers=headers)


def _say(request: Request, sentence: str, *, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """The sentence on a page. Twilio gets the bare status: it would read a text out, or send it on."""
    if _is_api(request):
        return faults.plain(status, headers)
    if request.url.path.startswith("/webhooks/"):
        return Response(status_code=status, headers=headers)
    return render_error(request, sentence, status=status, headers=headers)


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/v2/")
