"""What every door needs to know, put together once.

What operators and their programs may see: how each part is, and the metrics for those whom they named.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Event
from typing import Any, TypeVar, cast

from starlette.requests import Request

from twiml.words import Words, from_accept_language, match_language, words
from verification.idempotency import AnswerStore
from verification.ports import AttemptStore, ReceiptSigner
from verification.public import PublicVerifier
from verification.services import Services
from verification.types import CallStyle
from verification.verifier import Verifier

from . import requests
from .requests import Network, client_ip
from .routes import PublicUrls
from .signature import SignatureProblem, SignatureValidator
from .timing import STEP, always_time_padded

#: What a proxy adds. From one that nobody trusts, its own address says nothing about who asks.
_FORWARDED = ("forwarded", "x-forwarded-for", "via")


@dataclass(frozen=True, slots=True)
class HealthComponent:
    """One part. `needed`: without it the service cannot answer anybody. `says`: one plain sentence, no secrets."""

    name: str
    well: bool
    says: str = "ok"
    needed: bool = True


HealthCheck = Callable[[], Awaitable[tuple[HealthComponent, ...]]]


async def no_components() -> tuple[HealthComponent, ...]:
    """No parts; for a service without a machine room."""
    return ()


def ignore_rejection(_: str) -> None:
    """What is turned away is not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsAccess:
    """What is shown, and to whom: by their address, or by a key in the bearer header."""

    scrape: Callable[[], Awaitable[str]]
    networks: tuple[Network, ...] = ()
    keys: tuple[bytes, ...] = field(default=(), repr=False)

    def is_authorized(self, request: Request, trusted: tuple[Network, ...]) -> bool:
        """Whether this request comes from one of the addresses, or has one of the keys."""
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and [key for key in self.keys if hmac.compare_digest(key, given.strip().encode())]:
            return True
        if not trusted and any(name in request.headers for name in _FORWARDED):
            return False
        found = client_ip(request, trusted)
        return found != "" and any(ip_address(found) in network for network in self.networks)


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshIntervals:
    """How an open page is kept up to date, in seconds.

    `look`: between two looks at the code table; a callback reaches the page within one of them. `heartbeat`: silence
    after which a comment keeps proxies from cutting the line. `longest`: the page then connects anew, so that nobody
    is watched for ever.
    """

    look: float = 0.1
    heartbeat: float = 15
    longest: float = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
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

    verifier: Verifier
    receipts: ReceiptSigner
    services: Services
    attempts: AttemptStore
    answers: AnswerStore
    addresses: PublicUrls
    signatures: SignatureValidator
    account_sid: str
    brand: str
    language: str
    region: str | None
    sender: str
    messaging_service: str | None = None
    callback_delay: float = 8.0
    accounts: bool = False
    step: float = STEP
    style: CallStyle = CallStyle.SAY
    color: str = "#1f5f5b"
    onward: str = ""
    pace: RefreshIntervals = RefreshIntervals()
    trusted_proxies: tuple[Network, ...] = ()
    leaving: Event = field(default_factory=Event)
    examine: HealthCheck = no_components
    metrics: MetricsAccess | None = None
    on_rejected_webhook: Callable[[str], None] = ignore_rejection

    @property
    def desk(self) -> PublicVerifier:
        """What the public may ask where the number is the account's."""
        return PublicVerifier(self.verifier)

    async def time_padded(self, work: Awaitable[T], *, since: float) -> T:
        """What the work comes to, at a time that tells nothing; the request came at `since`."""
        return await always_time_padded(work, self.verifier.randomness, since=since, step=self.step)

    def words(self, language: str | None) -> Words:
        """The words of a language, or of the operator's own: an unknown one never breaks a call."""
        return words(match_language(language) or match_language(self.language) or "en-US")


def app_context(request: Request) -> AppContext:
    """The doorway of the application that serves this request."""
    state: Any = request.app.state
    return cast(AppContext, state.doorway)


def request_words(request: Request) -> Words:
    """The words of the language that the browser asks for, or of the operator's own."""
    return app_context(request).words(from_accept_language(request.headers.get("accept-language", "")))


class InvalidSignature(Exception):
    """Not from Twilio, as far as anybody can tell: 403 and nothing touched."""

    def __init__(self, signature_problem: SignatureProblem) -> None:
        super().__init__(signature_problem)
        self.signature_problem = signature_problem


class NotOurs(Exception):
    """From Twilio, but about nothing of ours: 404 and nothing touched."""


async def signed_form(request: Request) -> requests.Fields:
    """The fields of a webhook. Raises Unsigned, Foreign for another account than ours, or FormMalformed for a form that
    was cut anew.
    """
    ctx = app_context(request)
    try:
        form = await requests.read_form(request)
    except requests.FormMalformed as problem:
        raise InvalidSignature(SignatureProblem.NO_FORM) from problem
    if signature_problem := ctx.signatures.signature_problem(request, form):
        raise InvalidSignature(signature_problem)
    if form.get("AccountSid") != [ctx.account_sid]:
        raise NotOurs
    form.require_unambiguous()
    return form
