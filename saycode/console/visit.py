"""One request to the console, and everything that its page needs."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from verification.models import Event, EventKind
from verification.types import Record
from verification.verifier import Verifier
from webhooks import requests

from ..storage.store import SqlStore
from .operators import Operators, Role, Session
from .rendering import render
from .traffic_pages import TrafficPages

if TYPE_CHECKING:
    from .company import Provider

#: A setting's name, and its value in words.
ShownSettings = tuple[tuple[str, str], ...]
COOKIE = "saycode-console"


class Console(Record, frozen=True, kw_only=True):
    """What the pages work on. `root`: the path of the console; `https`: whether browsers reach it so.

    `region`: the country whose numbers may be typed in national form. `twilio_records`: whether erasing a number
    removes Twilio's records as well.
    """

    store: SqlStore
    verifier: Verifier
    operators: Operators
    traffic: TrafficPages
    settings: ShownSettings
    root: str
    https: bool
    region: str | None
    twilio_records: bool
    trusted_proxies: tuple[requests.Network, ...] = ()
    #: Where operators of the company sign in; None for keys only.
    provider: "Provider | None" = None

    @property
    def cookie(self) -> str:
        return f"__Host-{COOKIE}" if self.https else COOKIE

    def now(self) -> float:
        return self.verifier.clock.now()


class Visit(Record, frozen=True, kw_only=True):
    """A request of a signed-in operator; `fields`: those of its form."""

    request: Request
    console: Console
    session: Session
    fields: Mapping[str, str]

    @property
    def verifier(self) -> Verifier:
        """The verifier, with the operator's name in the audit log."""
        return replace(self.console.verifier, actor=self.session.actor)

    def page(self, template: str, *, status: int = 200, **values: object) -> Response:
        html = render(
            template,
            root=self.console.root,
            session=self.session,
            token=form_token(self.session),
            path=self.request.url.path,
            **values,
        )
        return HTMLResponse(html, status_code=status)

    def to(self, path: str) -> Response:
        return RedirectResponse(self.console.root + path, status_code=303)

    async def record(self, detail: str, *, verification: str = "") -> None:
        """Write to the audit log that the operator looked a person up. `detail` has no full number."""
        event = Event(
            kind=EventKind.PERSON_LOOKED_UP,
            at=self.console.now(),
            verification=verification,
            detail=detail,
            actor=self.session.actor,
        )
        await self.console.store.write(lambda _: None, events=lambda _: (event,))


Page = Callable[[Visit], Awaitable[Response]]


class Route(Record, frozen=True):
    """A path below the console's, its method, the least role, and its page."""

    path: str
    method: str
    role: Role
    page: Page


def form_token(session: Session) -> str:
    """The hidden field of every form of a session: another site cannot know it."""
    return sha256(f"form {session.id}".encode()).hexdigest()


def is_own_form(visit: Visit) -> bool:
    return hmac.compare_digest(visit.fields.get("token", "").encode(), form_token(visit.session).encode())


def is_from_own_site(request: Request) -> bool:
    """Whether the browser says that a page of the same origin sent this form, or says nothing (Fetch Metadata; else
    Origin, RFC 6454, which is null because our pages send no referrer).
    """
    if (site := request.headers.get("sec-fetch-site")) is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "null")
    return origin == "null" or urlsplit(origin).netloc == request.headers.get("host")
