"""The route table: every route once, with its path, endpoint, methods and name.

Starlette's routes, the addresses in callbacks and pages (`PublicUrls`) and the paths of the OpenAPI description come
from it.
"""

from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from . import monitoring
from .api import auth
from .api.auth import endpoint
from .context import PublicUrls
from .middleware import LateModule

# The service answers before it has loaded its endpoints.
voice, statuses = LateModule("twilio.voice"), LateModule("twilio.statuses")
messaging, diagnostics = LateModule("twilio.messaging"), LateModule("twilio.diagnostics")
handlers, resend, forms = LateModule("page.handlers"), LateModule("page.resend"), LateModule("page.forms")
language, live, theme = LateModule("page.language"), LateModule("page.live"), LateModule("page.theme")
verifications, checks = LateModule("api.verifications"), LateModule("api.checks")
accounts, attempts, services = LateModule("api.accounts"), LateModule("api.attempts"), LateModule("api.services")
receipts, openapi = LateModule("api.receipts"), LateModule("api.openapi")
discovery, endpoints = LateModule("openid.discovery"), LateModule("openid.endpoints")
guard, hooks = LateModule("openid.guard"), LateModule("hooks.endpoint")

GET, POST = ["GET"], ["POST"]
#: The API answers every method itself: a caller without a key must not learn which methods a path allows.
ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]

# Starlette tries routes in order, so Twilio's come first: they get the most requests.
TWILIO_ROUTES = [
    Route("/webhooks/calls/{delivery}/answered", voice.answered, methods=POST, name="call_answered"),
    Route("/webhooks/calls/{delivery}/keys", voice.keys, methods=POST, name="call_keys"),
    Route("/webhooks/calls/{delivery}/silence", voice.silence, methods=POST, name="call_silence"),
    Route("/webhooks/calls/{delivery}/fallback", voice.fallback, methods=POST, name="call_fallback"),
    Route("/webhooks/calls/{delivery}/fallback/keys", voice.keys, methods=POST, name="call_fallback_keys"),
    Route("/webhooks/calls/{delivery}/fallback/silence", voice.silence, methods=POST, name="call_fallback_silence"),
    Route("/webhooks/calls/{delivery}/machine", voice.machine_detected, methods=POST, name="machine_detected"),
    Route("/webhooks/calls/{delivery}/status", statuses.call_status, methods=POST, name="call_status"),
    Route("/webhooks/messages/{delivery}/status", statuses.message_status, methods=POST, name="message_status"),
    Route("/webhooks/voice", voice.inbound_call, methods=POST, name="inbound_call"),
    Route("/webhooks/voice/keys", voice.inbound_keys, methods=POST, name="inbound_keys"),
    Route("/webhooks/voice/silence", voice.inbound_silence, methods=POST, name="inbound_silence"),
    Route("/webhooks/voice/notice", voice.notice, methods=POST, name="call_notice"),
    Route("/webhooks/sms", messaging.inbound_message, methods=POST, name="inbound_message"),
    Route("/webhooks/probe", diagnostics.probe, methods=POST, name="probe"),
]
PAGE_ROUTES: list[Route | Mount] = [
    Route("/", handlers.show, methods=GET, name="page"),
    Route("/start", handlers.start, methods=POST, name="start"),
    Route("/code", handlers.check_code, methods=POST, name="check_code"),
    Route("/next", resend.next_step, methods=POST, name="next_step"),
    Route("/language", language.choose, methods=POST, name="choose_language"),
    Route("/typed", forms.format_number, methods=POST, name="format_number"),
    Route("/progress", live.stream, methods=GET, name="live_updates"),
    Route("/brand.css", theme.brand_stylesheet, methods=GET, name="theme"),
    Route("/logo", theme.logo, methods=GET, name="logo"),
    Mount("/static", StaticFiles(packages=[("webhooks.page", "static")]), name="static"),
]
OPENID_ROUTES = [
    Route("/.well-known/openid-configuration", discovery.configuration, methods=GET, name="openid_configuration"),
    Route("/authorize", endpoints.authorize, methods=[*GET, *POST], name="openid_authorize"),
    Route("/authorize/proceed", endpoints.proceed, methods=GET, name="openid_proceed"),
    Route("/authorize/push", endpoints.push, methods=POST, name="openid_push"),
    Route("/token", endpoints.token, methods=POST, name="openid_token"),
    Route("/.saycode/check", guard.check, methods=GET, name="guard_check"),
    Route("/.saycode/callback", guard.callback, methods=GET, name="guard_callback"),
    Route("/userinfo", endpoints.userinfo, methods=[*GET, *POST], name="openid_userinfo"),
]
MONITORING_ROUTES = [
    Route("/health/live", monitoring.live, methods=GET, name="health_live"),
    Route("/health/ready", monitoring.ready(auth.is_operator), methods=GET, name="health_ready"),
    Route("/metrics", monitoring.metrics, methods=GET, name="metrics"),
]
API_ROUTES = [
    Route("/openapi.json", openapi.openapi, methods=GET, name="openapi"),
    Route("/.well-known/jwks.json", receipts.public_keys, methods=GET, name="receipt_keys"),
    Route(
        "/v2/Services/{service}/Verifications",
        endpoint(POST=verifications.create),
        methods=ALL_METHODS,
        name="api_verifications",
    ),
    Route(
        "/v2/Services/{service}/VerificationCheck",
        endpoint(POST=checks.check),
        methods=ALL_METHODS,
        name="api_verification_check",
    ),
    Route(
        "/v2/Services/{service}/Verifications/{verification}",
        endpoint(GET=verifications.fetch, POST=verifications.update),
        methods=ALL_METHODS,
        name="api_verification",
    ),
    Route(
        "/v2/Services/{service}/NumberChanges",
        endpoint(POST=accounts.change_number),
        methods=ALL_METHODS,
        name="api_number_changes",
    ),
    Route(
        "/v2/Services/{service}/Receipts/{receipt}/Redeem",
        endpoint(POST=receipts.redeem),
        methods=ALL_METHODS,
        name="api_receipt",
    ),
    Route(
        "/v2/Services",
        endpoint(GET=services.list_all, POST=services.create),
        methods=ALL_METHODS,
        name="api_services",
    ),
    Route(
        "/v2/Services/{service}",
        endpoint(GET=services.fetch, POST=services.update, DELETE=services.delete),
        methods=ALL_METHODS,
        name="api_service",
    ),
    Route("/v2/Attempts", endpoint(GET=attempts.list_all), methods=ALL_METHODS, name="api_attempts"),
    Route("/v2/Attempts/Summary", endpoint(GET=attempts.summary), methods=ALL_METHODS, name="api_attempts_summary"),
    Route("/v2/Attempts/{attempt}", endpoint(GET=attempts.fetch), methods=ALL_METHODS, name="api_attempt"),
    Route("/hooks/{hook}", hooks.deliver, methods=POST, name="hook"),
]
ROUTES = [*TWILIO_ROUTES, *PAGE_ROUTES, *OPENID_ROUTES, *MONITORING_ROUTES, *API_ROUTES]
_FREQUENT = ("api_verifications", "api_verification_check")
#: The routes that get most of the requests; see `middleware.DirectRoutes`.
DIRECT_ROUTES = [*TWILIO_ROUTES, *(route for route in API_ROUTES if route.name in _FREQUENT)]
PATHS = {str(route.name): route.path for route in ROUTES}
_CROSS_ORIGIN = ("openid_configuration", "receipt_keys", "openid_push", "openid_token", "openid_userinfo")
#: What an application in a browser fetches. Not the authorization endpoint (RFC 9700, 2.6).
CROSS_ORIGIN_PATHS = frozenset(PATHS[name] for name in _CROSS_ORIGIN)


def public_urls(public_url: str) -> PublicUrls:
    """The addresses of all routes below this public address."""
    return PublicUrls(public_url, PATHS)
