"""What every door needs to know, put together once."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeVar, cast

from starlette.requests import Request

from twiml.words import Words, from_accept_language, match, words
from verification.answers import Answers
from verification.attempts import Attempts
from verification.desk import Desk
from verification.ports import Receipts
from verification.records import CallStyle
from verification.service import Service
from verification.tenants import Tenants

from . import forms
from .condition import Examine, Metrics, nothing_to_examine, uncounted
from .doors import Addresses
from .even import STEP, always_evenly
from .signature import Flaw, Signatures
from .source import Network

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How an open page is kept up to date, in seconds.

    `look`: between two looks at the code table; a callback reaches the page within one of them. `heartbeat`: silence
    after which a comment keeps proxies from cutting the line. `longest`: the page then connects anew, so that nobody
    is watched for ever.
    """

    look: float = 0.1
    heartbeat: float = 15
    longest: float = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorway:
    """The service, what the API looks up beside it, and the operator's choices, as the doors see them.

    `region` reads national numbers, `sender` is the number that calls and texts come from, but for texts that
    `messaging_service` sends. `call_back_after`: seconds until somebody who called us is rung back. Our goodbye takes
    so long, and a line that is still up would be busy.
    `style` is what the form proposes for calls, `color` that of the page's buttons and links, `#rrggbb`. `onward` is
    the address that the welcome leads to, if there is one.
    `step`: seconds between the times at which answers come that must tell nothing by theirs.
    `accounts`: the page takes the number from the account instead of asking for it.
    `examine` says how each part is, `metrics` what it has done, if anybody may see that; `turned_away` counts webhooks
    that are not ours, by why.
    `leaving` is set when the service is told to stop: pages that are open let go of their line.
    """

    service: Service
    receipts: Receipts
    tenants: Tenants
    attempts: Attempts
    answers: Answers
    addresses: Addresses
    signatures: Signatures
    account_sid: str
    brand: str
    language: str
    region: str | None
    sender: str
    messaging_service: str | None = None
    call_back_after: float = 8.0
    accounts: bool = False
    step: float = STEP
    style: CallStyle = CallStyle.SAY
    color: str = "#1f5f5b"
    onward: str = ""
    pace: Pace = Pace()
    trusted_proxies: tuple[Network, ...] = ()
    leaving: Event = field(default_factory=Event)
    examine: Examine = nothing_to_examine
    metrics: Metrics | None = None
    turned_away: Callable[[str], None] = uncounted

    @property
    def desk(self) -> Desk:
        """What the public may ask where the number is the account's."""
        return Desk(self.service)

    async def evenly(self, work: Awaitable[T], *, since: float) -> T:
        """What the work comes to, at a time that tells nothing; the request came at `since`."""
        return await always_evenly(work, self.service.randomness, since=since, step=self.step)

    def words(self, language: str | None) -> Words:
        """The words of a language, or of the operator's own: an unknown one never breaks a call."""
        return words(match(language) or match(self.language) or "en-US")


def doorway(request: Request) -> Doorway:
    """The doorway of the application that serves this request."""
    state: Any = request.app.state
    return cast(Doorway, state.doorway)


def asked_words(request: Request) -> Words:
    """The words of the language that the browser asks for, or of the operator's own."""
    return doorway(request).words(from_accept_language(request.headers.get("accept-language", "")))


class Unsigned(Exception):
    """Not from Twilio, as far as anybody can tell: 403 and nothing touched."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


class Foreign(Exception):
    """From Twilio, but about nothing of ours: 404 and nothing touched."""


async def signed_form(request: Request) -> forms.Fields:
    """The fields of a webhook. Raises Unsigned, Foreign for another account than ours, or FormMalformed for a form that
    was cut anew.
    """
    here = doorway(request)
    try:
        form = await forms.read(request)
    except forms.FormMalformed as problem:
        raise Unsigned(Flaw.NO_FORM) from problem
    if flaw := here.signatures.flaw(request, form):
        raise Unsigned(flaw)
    if form.get("AccountSid") != [here.account_sid]:
        raise Foreign
    form.require_uncut()
    return form
