"""The simulator as an ASGI application: all its routes.

`/2010-04-01/…` and `/v2/…` are Twilio's REST API, with credentials and Twilio's errors. `/simulator/…` is the control
API. `/` is the page of phones, a client of the control API. Every other path is Twilio's 404.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from .control import environment, phones, resources
from .control.endpoint import ControlEndpoint, ControlHandler, no_control_endpoint
from .control.page import PAGE_ROUTES
from .core.clock import Clock
from .core.dialect import TWILIO, Dialect
from .engine import Twilio
from .http.transport import WebhookTransport
from .rest import account, calls, lookup, messages, numbers, recordings, services, whatsapp
from .rest.endpoint import NOT_FOUND, Endpoint

ACCOUNT = "/2010-04-01/Accounts/{account}"
PHONE = "/simulator/phones/{number}"
ANY = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def _rest_route(path: str, endpoint: Endpoint) -> Route:
    return Route(path, endpoint.handle, methods=ANY)


def _control_route(method: str, path: str, handler: ControlHandler) -> Route:
    return Route(path, ControlEndpoint(handler).handle, methods=[method])


REST_ENDPOINTS = {
    f"{ACCOUNT}/Calls": Endpoint({"POST": calls.create, "GET": calls.list_calls}, "Call", for_tests=True),
    f"{ACCOUNT}/Calls/{{sid}}": Endpoint({"GET": calls.fetch, "POST": calls.update, "DELETE": calls.delete}, "Call"),
    f"{ACCOUNT}/Calls/{{sid}}/Recordings": Endpoint({"GET": recordings.list_recordings}, "Recording"),
    f"{ACCOUNT}/Calls/{{sid}}/Recordings/{{recording}}": Endpoint(
        {"GET": recordings.fetch, "DELETE": recordings.delete}, "Recording"
    ),
    f"{ACCOUNT}/Calls/{{sid}}/Notifications": Endpoint({"GET": account.list_notifications}, "Notification"),
    f"{ACCOUNT}/Calls/{{sid}}/Notifications/{{notification}}": Endpoint(
        {"GET": account.fetch_notification}, "Notification"
    ),
    f"{ACCOUNT}/Messages": Endpoint(
        {"POST": messages.create, "GET": messages.list_messages}, "Message", for_tests=True
    ),
    f"{ACCOUNT}/Messages/{{sid}}": Endpoint(
        {"GET": messages.fetch, "POST": messages.update, "DELETE": messages.delete}, "Message"
    ),
    f"{ACCOUNT}/Messages/{{sid}}/Media": Endpoint({"GET": messages.list_media}, "Media"),
    f"{ACCOUNT}/Messages/{{sid}}/Media/{{media}}": Endpoint({"GET": messages.fetch_media}, "Media"),
    f"{ACCOUNT}/Messages/{{sid}}/Feedback": Endpoint({"POST": messages.feedback}, "Feedback"),
    f"{ACCOUNT}/IncomingPhoneNumbers": Endpoint(
        {"POST": numbers.buy, "GET": numbers.list_numbers}, "IncomingPhoneNumber", for_tests=True
    ),
    f"{ACCOUNT}/IncomingPhoneNumbers/{{sid}}": Endpoint(
        {"GET": numbers.fetch, "POST": numbers.update, "DELETE": numbers.delete}, "IncomingPhoneNumber"
    ),
    f"{ACCOUNT}/Recordings": Endpoint({"GET": recordings.list_recordings}, "Recording"),
    f"{ACCOUNT}/Balance": Endpoint({"GET": account.fetch_balance}, "Balance"),
    f"{ACCOUNT}/Notifications": Endpoint({"GET": account.list_notifications}, "Notification"),
    f"{ACCOUNT}/Notifications/{{notification}}": Endpoint({"GET": account.fetch_notification}, "Notification"),
    ACCOUNT: Endpoint({"GET": account.fetch_account}, "Account", account_only=True),
}
"""The resources of the 2010 API. Each path also ends in `.json`, for JSON instead of XML."""

_RECORDING = f"{ACCOUNT}/Recordings/{{recording}}"

API_ROUTES = [
    *(_rest_route(path + suffix, endpoint) for path, endpoint in REST_ENDPOINTS.items() for suffix in (".json", "")),
    _rest_route(f"{_RECORDING}.json", Endpoint({"GET": recordings.fetch, "DELETE": recordings.delete}, "Recording")),
    *(Route(_RECORDING + suffix, recordings.send_sound) for suffix in (".wav", "")),
]

REST_ROUTES = [
    *API_ROUTES,
    _rest_route("/v1/Services/{sid}", Endpoint({"GET": services.fetch})),
    *(
        _rest_route(f"/v1/Services/{{sid}}/{pool}", Endpoint({"GET": services.list_senders(pool)}))
        for pool in services.POOLS
    ),
    _rest_route("/v2/PhoneNumbers/{number}", Endpoint({"GET": lookup.fetch})),
    _rest_route("/v2/Channels/Senders", Endpoint({"GET": whatsapp.list_senders})),
    _rest_route("/v1/Content/{sid}", Endpoint({"GET": whatsapp.fetch_template})),
    _rest_route("/v1/Content/{sid}/ApprovalRequests", Endpoint({"GET": whatsapp.fetch_approval})),
]

CONTROL_ROUTES = [
    _control_route("GET", "/simulator/phones", phones.list_phones),
    _control_route("GET", PHONE, phones.read),
    _control_route("PUT", PHONE, phones.put),
    _control_route("POST", f"{PHONE}/answer", phones.answer),
    _control_route("POST", f"{PHONE}/decline", phones.decline),
    _control_route("POST", f"{PHONE}/press", phones.press),
    _control_route("POST", f"{PHONE}/speak", phones.speak),
    _control_route("POST", f"{PHONE}/hang-up", phones.hang_up),
    _control_route("POST", f"{PHONE}/listen", phones.listen),
    _control_route("POST", f"{PHONE}/call", phones.call),
    _control_route("POST", f"{PHONE}/text", phones.text),
    _control_route("GET", f"{PHONE}/wait-for", phones.wait_for),
    _control_route("GET", "/simulator/clock", environment.read_clock),
    _control_route("POST", "/simulator/clock/advance", environment.advance),
    _control_route("POST", "/simulator/clock/run", environment.run),
    _control_route("GET", "/simulator/numbers", resources.list_numbers),
    _control_route("PUT", "/simulator/numbers/{number}", resources.put_number),
    _control_route("DELETE", "/simulator/numbers/{number}", resources.delete_number),
    _control_route("PUT", "/simulator/messaging-services/{sid}", resources.put_service),
    _control_route("PUT", "/simulator/whatsapp-senders/{number}", resources.put_whatsapp_sender),
    _control_route("PUT", "/simulator/content-templates/{sid}", resources.put_template),
    _control_route("PUT", "/simulator/applications/{sid}", resources.put_application),
    _control_route("PUT", "/simulator/account", resources.put_account),
    _control_route("POST", "/simulator/keys", resources.create_key),
    _control_route("POST", "/simulator/faults", environment.add_fault),
    _control_route("GET", "/simulator/faults", environment.read_faults),
    _control_route("DELETE", "/simulator/faults", environment.clear_faults),
    _control_route("PUT", "/simulator/callbacks", environment.put_callbacks),
    _control_route("PUT", "/simulator/webhooks", environment.put_webhooks),
    _control_route("PUT", "/simulator/carrier", environment.put_carrier),
    _control_route("PUT", "/simulator/voices", environment.put_voices),
    _control_route("GET", "/simulator/requests", environment.read_requests),
    _control_route("DELETE", "/simulator/requests", environment.clear_requests),
    _control_route("GET", "/simulator/debugger", environment.read_debugger),
    _control_route("DELETE", "/simulator/debugger", environment.clear_debugger),
    _control_route("GET", "/simulator/opt-outs", environment.read_opt_outs),
    _control_route("GET", "/simulator/events", environment.follow_events),
]


OTHER_ROUTES = [
    Route("/simulator/{rest:path}", no_control_endpoint, methods=ANY),
    _rest_route("/{rest:path}", NOT_FOUND),
]
"""Twilio's 404 for its other APIs, such as `/v1/…`."""


def create_app(
    *,
    account_sid: str,
    auth_token: str,
    clock: Clock | None = None,
    transport: WebhookTransport | None = None,
    test_credentials: tuple[str, str] | None = None,
    strict_numbers: bool = True,
    calls_per_second: float | None = 1.0,
    dialect: Dialect = TWILIO,
) -> Starlette:
    """The simulator with one live account. `app.state.twilio` is the engine.

    `clock`: real time by default. `test_credentials`: the sid and token of the account's test credentials.
    `calls_per_second`: None for no queue. `dialect`: of the company that is played.
    """
    twilio = Twilio(
        account_sid=account_sid,
        auth_token=auth_token,
        clock=clock,
        transport=transport,
        test_credentials=test_credentials,
        strict_numbers=strict_numbers,
        calls_per_second=calls_per_second,
        dialect=dialect,
    )
    rest_routes: list[BaseRoute] = [*REST_ROUTES]
    if dialect.api_path:  # without the products that have a host of their own at Twilio
        rest_routes = [Mount(dialect.api_path, routes=[*API_ROUTES, _rest_route("/{rest:path}", NOT_FOUND)])]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with twilio:
            yield

    app = Starlette(routes=[*rest_routes, *CONTROL_ROUTES, *PAGE_ROUTES, *OTHER_ROUTES], lifespan=lifespan)
    app.state.twilio = twilio
    return app
