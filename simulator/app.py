"""The simulator as an HTTP server: one table of doors.

`/2010-04-01/…` and `/v2/…` are Twilio's, with credentials and Twilio's errors. `/simulator/…` is the test face. `/` is
the page, which stands on the test face.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Route

from simulator import account_api, calls_api, face_phones, face_world, lookup, messages_api, numbers_api
from simulator.clock import Clock
from simulator.face import Act, Face
from simulator.page import PAGE
from simulator.rest import NOWHERE, Door
from simulator.twilio import Twilio
from simulator.wire import Wire

ACCOUNT = "/2010-04-01/Accounts/{account}"
PHONE = "/simulator/phones/{number}"
ANY = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def _door(path: str, door: Door) -> Route:
    return Route(path, door.answer, methods=ANY)


def _face(method: str, path: str, act: Act) -> Route:
    return Route(path, Face(act).answer, methods=[method])


REST = [
    _door(f"{ACCOUNT}/Calls.json", Door({"POST": calls_api.create, "GET": calls_api.listing}, for_tests=True)),
    _door(
        f"{ACCOUNT}/Calls/{{sid}}.json",
        Door({"GET": calls_api.fetch, "POST": calls_api.update, "DELETE": calls_api.delete}),
    ),
    _door(f"{ACCOUNT}/Calls/{{sid}}/Notifications.json", Door({"GET": account_api.notifications})),
    _door(f"{ACCOUNT}/Calls/{{sid}}/Notifications/{{notification}}.json", Door({"GET": account_api.notification})),
    _door(f"{ACCOUNT}/Messages.json", Door({"POST": messages_api.create, "GET": messages_api.listing}, for_tests=True)),
    _door(
        f"{ACCOUNT}/Messages/{{sid}}.json",
        Door({"GET": messages_api.fetch, "POST": messages_api.update, "DELETE": messages_api.delete}),
    ),
    _door(f"{ACCOUNT}/Messages/{{sid}}/Feedback.json", Door({"POST": messages_api.feedback})),
    _door(
        f"{ACCOUNT}/IncomingPhoneNumbers.json",
        Door({"POST": numbers_api.buy, "GET": numbers_api.listing}, for_tests=True),
    ),
    _door(
        f"{ACCOUNT}/IncomingPhoneNumbers/{{sid}}.json",
        Door({"GET": numbers_api.fetch, "POST": numbers_api.update, "DELETE": numbers_api.delete}),
    ),
    _door(f"{ACCOUNT}/Balance.json", Door({"GET": account_api.balance})),
    _door(f"{ACCOUNT}/Notifications.json", Door({"GET": account_api.notifications})),
    _door(f"{ACCOUNT}/Notifications/{{notification}}.json", Door({"GET": account_api.notification})),
    _door(f"{ACCOUNT}.json", Door({"GET": account_api.fetch}, account_only=True)),
    _door("/v2/PhoneNumbers/{number}", Door({"GET": lookup.fetch})),
    _door("/2010-04-01/{rest:path}", NOWHERE),
    _door("/v2/{rest:path}", NOWHERE),
]

FACE = [
    _face("GET", "/simulator/phones", face_phones.list_phones),
    _face("GET", PHONE, face_phones.read),
    _face("PUT", PHONE, face_phones.put),
    _face("POST", f"{PHONE}/answer", face_phones.answer),
    _face("POST", f"{PHONE}/decline", face_phones.decline),
    _face("POST", f"{PHONE}/press", face_phones.press),
    _face("POST", f"{PHONE}/speak", face_phones.speak),
    _face("POST", f"{PHONE}/hang-up", face_phones.hang_up),
    _face("POST", f"{PHONE}/listen", face_phones.listen),
    _face("POST", f"{PHONE}/call", face_phones.call),
    _face("POST", f"{PHONE}/text", face_phones.text),
    _face("GET", f"{PHONE}/wait-for", face_phones.wait_for),
    _face("GET", "/simulator/clock", face_world.read_clock),
    _face("POST", "/simulator/clock/advance", face_world.advance),
    _face("POST", "/simulator/clock/run", face_world.run),
    _face("GET", "/simulator/numbers", face_world.list_numbers),
    _face("PUT", "/simulator/numbers/{number}", face_world.put_number),
    _face("DELETE", "/simulator/numbers/{number}", face_world.delete_number),
    _face("PUT", "/simulator/messaging-services/{sid}", face_world.put_service),
    _face("PUT", "/simulator/applications/{sid}", face_world.put_application),
    _face("PUT", "/simulator/account", face_world.put_account),
    _face("POST", "/simulator/keys", face_world.create_key),
    _face("POST", "/simulator/faults", face_world.add_fault),
    _face("GET", "/simulator/faults", face_world.read_faults),
    _face("DELETE", "/simulator/faults", face_world.clear_faults),
    _face("PUT", "/simulator/callbacks", face_world.put_callbacks),
    _face("PUT", "/simulator/webhooks", face_world.put_webhooks),
    _face("PUT", "/simulator/carrier", face_world.put_carrier),
    _face("GET", "/simulator/requests", face_world.read_requests),
    _face("DELETE", "/simulator/requests", face_world.clear_requests),
    _face("GET", "/simulator/debugger", face_world.read_debugger),
    _face("DELETE", "/simulator/debugger", face_world.clear_debugger),
    _face("GET", "/simulator/opt-outs", face_world.read_opt_outs),
    _face("GET", "/simulator/events", face_world.follow_events),
]


def create_app(
    *,
    account_sid: str,
    auth_token: str,
    clock: Clock | None = None,
    wire: Wire | None = None,
    test_credentials: tuple[str, str] | None = None,
    strict_numbers: bool = False,
    calls_per_second: float | None = 1.0,
) -> Starlette:
    """The simulator with one live account, in real time unless `clock` says otherwise. `app.state.twilio` is the
    engine.

    `test_credentials`: sid and token of the account's test pair. `calls_per_second` None: calls do not queue.
    """
    twilio = Twilio(
        account_sid=account_sid,
        auth_token=auth_token,
        clock=clock,
        wire=wire,
        test_credentials=test_credentials,
        strict_numbers=strict_numbers,
        calls_per_second=calls_per_second,
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with twilio:
            yield

    app = Starlette(routes=[*REST, *FACE, *PAGE], lifespan=lifespan)
    app.state.twilio = twilio
    return app
