"""What the simulator's tests share: a customer's web application, and a simulator beside it.

`AsgiTransport` connects them without sockets, so that a whole call takes milliseconds.
"""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from twilio_simulator.core.clock import Clock, ManualClock
from twilio_simulator.engine import Twilio
from twilio_simulator.http.transport import HttpRequest, HttpResponse, TransportError
from twilio_simulator.network.call import Call, CallPlan, FetchStep
from twilio_simulator.network.handset import Behaviour, OnCall
from twilio_simulator.phone import Phone
from twilio_simulator.testing import Server

ACCOUNT = "AC" + "0" * 32
TOKEN = "12345"
TEST_PAIR = ("AC" + "7" * 32, "67890")
PHONE = "+14155550100"
OTHER_PHONE = "+14155550101"
TWILIO_NUMBER = "+14155550199"
BASE = "http://customer.example"


@dataclass(slots=True)
class ReceivedRequest:
    """A request that the customer received."""

    method: str
    url: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]


Answer = str | Response | Callable[[ReceivedRequest], "str | Response"]


def twiml(*verbs: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(verbs)}</Response>'


HELLO = twiml("<Say>Hello.</Say>")
UNTIL_HUNG_UP = twiml('<Pause length="600"/>')


def respond(
    body: str | bytes = "", status: int = 200, content_type: str | None = "text/xml", **headers: str
) -> Response:
    """A response with exactly this content type; None for a response without one."""
    response = Response(body, status, headers={name.replace("_", "-"): value for name, value in headers.items()})
    if content_type is not None:
        response.headers["Content-Type"] = content_type
    return response


@dataclass
class CustomerApp:
    """A web application with an answer for each path, and 204 for all others.

    An answer is TwiML, a response, or a function of the request. `requests` has everything received.
    """

    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[ReceivedRequest] = field(default_factory=list)

    @property
    def app(self) -> Starlette:
        return Starlette(routes=[Route("/{rest:path}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> Response:
        form = {str(name): str(value) for name, value in (await request.form()).multi_items()}
        received = ReceivedRequest(
            request.method,
            str(request.url),
            request.url.path,
            dict(request.query_params),
            form,
            dict(request.headers),
        )
        self.requests.append(received)
        answer = self.answers.get(received.path, Response(status_code=204))
        if callable(answer) and not isinstance(answer, Response):
            answer = answer(received)
        return respond(answer) if isinstance(answer, str) else answer

    def requests_to(self, path: str) -> list[ReceivedRequest]:
        return [request for request in self.requests if request.path == path]

    def statuses(self, path: str = "/status") -> list[str]:
        """The statuses that a callback URL received, in order."""
        return [request.form.get("CallStatus") or request.form["MessageStatus"] for request in self.requests_to(path)]


class AsgiTransport:
    """A transport into an ASGI application. Hosts in `broken` raise their error; paths in `hang` never respond."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.broken: dict[str, TransportError] = {}
        self.hang: set[str] = set()
        self.sent: list[HttpRequest] = []

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, request: HttpRequest, *, connect_timeout: float) -> HttpResponse:
        self.sent.append(request)
        parts = urlsplit(request.url)
        if parts.path in self.hang:
            await asyncio.Event().wait()
        if fault := self.broken.get(parts.hostname or ""):
            raise fault
        return await self._call(request)

    async def _call(self, request: HttpRequest) -> HttpResponse:
        parts = urlsplit(request.url)
        sent: list[Message] = []
        headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in request.headers]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": parts.scheme,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": [(b"host", parts.netloc.encode()), *headers],
            "server": (parts.hostname, parts.port or 80),
            "client": ("127.0.0.1", 1),
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        received = tuple((name.decode(), value.decode("latin-1")) for name, value in sent[0]["headers"])
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return HttpResponse(sent[0]["status"], received, body, ("transfer-encoding", "chunked") in received)


@dataclass
class Simulator:
    """A simulator and a customer, without sockets, in the test's event loop."""

    twilio: Twilio
    customer: CustomerApp
    transport: AsgiTransport

    @property
    def phone(self) -> Phone:
        return self.twilio.phone(PHONE)

    @property
    def codes(self) -> list[int | None]:
        """The codes in the debugger."""
        return self.twilio.debugger.codes

    @property
    def last_status(self) -> dict[str, str]:
        """The fields of the last status callback."""
        return self.customer.requests_to("/status")[-1].form

    async def answered(self, path: str = "/voice", **plan: Any) -> Call:
        """A call that the phone has just picked up."""
        self.call(path, **plan)
        return await self.phone.answer()

    async def run(self, document: str, **plan: Any) -> Call:
        """Run a call with this document to its end."""
        self.customer.answers["/voice"] = document
        call = await self.answered(**plan)
        await self.twilio.clock.run()
        return call

    async def transcript(self, **plan: Any) -> str:
        """Run a call to its end. Returns what the phone heard."""
        await self.answered(**plan)
        await self.twilio.clock.run()
        return self.phone.transcript

    def call(self, path: str = "/voice", *, to: str = PHONE, sender: str = TWILIO_NUMBER, **plan: Any) -> Call:
        """Place a call with the document at `path`, with all status callbacks to `/status`."""
        plan.setdefault("first", FetchStep(BASE + path))
        plan.setdefault("status_callback", BASE + "/status")
        plan.setdefault("status_callback_events", frozenset({"initiated", "ringing", "answered", "completed"}))
        return self.twilio.create_call(to=to, sender=sender, url="", plan=CallPlan(**plan))


def make_simulator(clock: Clock | None = None, /, **answers: Answer) -> Simulator:
    """`answers`: by path, so that `voice=…` is the answer of `/voice`."""
    customer = CustomerApp({f"/{name}": answer for name, answer in answers.items()})
    transport = AsgiTransport(customer.app)
    twilio = Twilio(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        clock=clock or ManualClock(stall_timeout=0.05),
        transport=transport,
        test_credentials=TEST_PAIR,
        calls_per_second=None,
    )
    return Simulator(twilio, customer, transport)


def simulator_with_phone(on_call: OnCall, **behaviour: float) -> Simulator:
    """A simulator whose customer says hello, and whose phone reacts like this."""
    sim = make_simulator(voice=HELLO)
    sim.phone.set_behaviour(replace(Behaviour(on_call), **behaviour))  # type: ignore[arg-type]  # all its numbers are floats
    return sim


def tone(seconds: float) -> bytes:
    """A WAV file of this length."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * int(8000 * seconds))
    return buffer.getvalue()


class SwitchableApp:
    """An application that forwards to `app`, so that many tests can share one server."""

    def __init__(self) -> None:
        self.app: ASGIApp = Starlette()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await Starlette()(scope, receive, send)
        else:
            await self.app(scope, receive, send)


@contextmanager
def served(app: ASGIApp) -> Iterator[Server]:
    """Serve an application over a real socket."""
    server = Server(app)
    server.start()
    try:
        yield server
    finally:
        server.stop()
