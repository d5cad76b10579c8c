"""The application context: what every endpoint needs, put together once.

Answers are padded: failed checks, and everything that the public may ask about accounts, take the same time. The domain
does the same work for a wrong, an expired, an ended and an unknown verification. What remains, a row more or less, is a
tenth of a millisecond, which five hundred samples reveal. So an answer that is not a success waits for the next full
step of time, plus a random moment that hides the last microseconds.
"""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping
from ipaddress import ip_address
from typing import ClassVar, TypeVar, cast
from urllib.parse import urlsplit

from msgspec import field
from starlette.requests import Request

from twiml.words import GOOGLE_VOICES, Words, match_language, renamed, words, words_in_voice
from verification.attempts import AttemptStore
from verification.authorizations import OpenId
from verification.errors import VerificationError
from verification.flow.check import CheckResult
from verification.idempotency import AnswerStore
from verification.ports import Randomness, ReceiptSigner
from verification.public import PublicVerifier
from verification.services import Services
from verification.types import CallStyle, CountrySender, PartlyCompared, Record
from verification.verifier import Verifier

from . import requests
from .requests import ClientSources, Network, unforwarded_ip
from .senders import Hook
from .signature import SignatureProblem, SignatureValidator

#: Seconds between two moments at which padded answers are sent: longer than a check takes on an ordinary disk, too
#: short for a person to notice.
STEP = 0.025
JITTER = 0.001
#: An event loop's timer counts whole milliseconds from when it is set, which would reveal when that was.
TIMER_RESOLUTION = 0.0015

T = TypeVar("T")
#: Where a request's scope has the context of the account that its form names.
OF_ACCOUNT = "saycode.account"


class Logo(Record, frozen=True):
    """The operator's logo, as browsers get it."""

    hidden: ClassVar = frozenset({"content"})

    media_type: str
    content: bytes


class PublicUrls(PartlyCompared, frozen=True):
    """The addresses that Twilio and browsers get: below the configured public address, never guessed from a request.

    `paths` are those of the routes by name. `webhooks.routes.public_urls` makes one.
    """

    hidden: ClassVar = frozenset({"paths"})
    uncompared: ClassVar = hidden

    public_url: str
    paths: Mapping[str, str]

    def of(self, route: str, **parameters: str) -> str:
        """The absolute address of a route. `parameters` fill its path, such as the delivery's sid."""
        return self.public_url + self.paths[route].format(**parameters)

    @property
    def host(self) -> str:
        """The public host without its port. The last line of a text names it."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def https(self) -> bool:
        return self.public_url.startswith("https://")


class HealthComponent(Record, frozen=True):
    """The health of one component. Without a `required` one the service cannot answer. `detail` holds no secrets."""

    name: str
    ok: bool
    detail: str = "ok"
    required: bool = True


HealthCheck = Callable[[], Awaitable[tuple[HealthComponent, ...]]]


async def no_components() -> tuple[HealthComponent, ...]:
    return ()


def ignore_rejection(_: str) -> None:
    """Do not count a rejected webhook."""


class MetricsAccess(Record, frozen=True, kw_only=True):
    """The metrics, and who may read them: certain networks, or bearers of a key."""

    hidden: ClassVar = frozenset({"keys"})

    scrape: Callable[[], Awaitable[str]]
    networks: tuple[Network, ...] = ()
    keys: tuple[bytes, ...] = ()

    def is_authorized(self, request: Request, trusted_proxies: tuple[Network, ...]) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and [
            key for key in self.keys if hmac.compare_digest(key, token.strip().encode())
        ]:
            return True
        address = unforwarded_ip(request, trusted_proxies)
        return address != "" and any(ip_address(address) in network for network in self.networks)


class RefreshIntervals(Record, frozen=True, kw_only=True):
    """How an open page is kept up to date, in seconds.

    `poll`: between two reads of the store's changes; a callback reaches the page within one of them. `heartbeat`:
    silence after which a comment keeps proxies from closing the connection. `longest`: the page then connects anew, so
    that no session is watched forever.
    """

    poll: float = 0.1
    heartbeat: float = 15
    longest: float = 600


class AppContext(Record, frozen=True, kw_only=True):
    """The application context shared by all endpoints: the verifier, the stores beside it, and the operator's settings.

    `region` is the country of numbers in national form. `sender` is the number that calls and texts come from;
    `messaging_service`, if set, sends the texts instead; `country_senders` are others, by country; `whatsapp_sender`,
    if set, is that of WhatsApp messages.
    `callback_delay`: seconds until an inbound caller is called back. Our goodbye takes that long, and a line that is
    still in use would be busy. `accounts_mode`: the page takes the number from the account instead of the form.
    `call_style` is what the form offers and proposes for calls; `voices` are the operator's by language,
    `fallback_voices` those for calls whose voice fails, `google_voices` how Google's are called; `color` (`#rrggbb`)
    is that of buttons and links, `logo` is shown in place of the brand, `welcome_url` is where the welcome leads to.
    `timing_step`: seconds between the moments at which padded answers are sent. `on_rejected_webhook` counts rejected
    webhooks by reason. `database_id` is the database's. `sources` knows where requests come from; `hooks` are by name.
    `standby` is the same for the webhooks of a second account, with its keys, number and voices.
    """

    verifier: Verifier
    receipts: ReceiptSigner
    openid: OpenId
    services: Services
    attempts: AttemptStore
    answers: AnswerStore
    urls: PublicUrls
    signatures: SignatureValidator
    account_sid: str
    brand: str
    language: str
    region: str | None
    sender: str
    messaging_service: str | None = None
    country_senders: Mapping[str, CountrySender] = field(default_factory=dict)
    whatsapp_sender: str = ""
    callback_delay: float = 8.0
    accounts_mode: bool = False
    timing_step: float = STEP
    call_style: CallStyle = CallStyle.SAY
    voices: Mapping[str, str] = field(default_factory=dict)
    fallback_voices: Mapping[str, str] = field(default_factory=dict)
    google_voices: str = GOOGLE_VOICES
    color: str = "#1f5f5b"
    logo: Logo | None = None
    welcome_url: str = ""
    refresh: RefreshIntervals = RefreshIntervals()
    trusted_proxies: tuple[Network, ...] = ()
    health_check: HealthCheck = no_components
    metrics: MetricsAccess | None = None
    on_rejected_webhook: Callable[[str], None] = ignore_rejection
    database_id: str = ""
    sources: ClientSources = field(default_factory=ClientSources)
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    standby: "AppContext | None" = None

    def client_source(self, request: Request) -> str:
        """The source that rate limits count a request for; empty without one."""
        return self.sources.source(request, self.trusted_proxies)

    @property
    def public_verifier(self) -> PublicVerifier:
        """The verifier of accounts mode, which reveals nothing about accounts."""
        return PublicVerifier(self.verifier)

    async def time_padded(self, work: Awaitable[T], *, since: float) -> T:
        """The result of the work, at a time that reveals nothing. `since`: when the request was received."""
        return await time_padded(work, self.verifier.randomness, since=since, step=self.timing_step)

    async def time_padded_check(self, check: Awaitable[CheckResult]) -> CheckResult:
        """The result of a check; a failed one at a time that reveals nothing."""
        return await time_padded_check(check, self.verifier.randomness, step=self.timing_step)

    def brand_in(self, region: str) -> str:
        """The operator's brand in a country."""
        return (self.country_senders.get(region) or CountrySender()).brand or self.brand

    def sender_to(self, region: str) -> str:
        """The number that calls a country."""
        return (self.country_senders.get(region) or CountrySender()).number or self.sender

    def words(self, language: str | None) -> Words:
        """The words of a language, else of the operator's: an unknown language never breaks a call."""
        tag = match_language(language) or match_language(self.language) or "en-US"
        return renamed(words_in_voice(tag, self.voices[tag]) if tag in self.voices else words(tag), self.google_voices)

    def fallback_words(self, language: str | None) -> Words:
        """The same, once the voice has failed: in the operator's fallback voice, else in the built-in one, else in
        what Twilio takes by itself.
        """
        tag = self.words(language).tag
        built_in = words(tag).voice if tag in self.voices else ""
        return renamed(words_in_voice(tag, self.fallback_voices.get(tag, built_in)), self.google_voices)


def app_context(request: Request) -> AppContext:
    """The context; that of the standby account in its webhooks."""
    return cast(AppContext, request.scope.get(OF_ACCOUNT) or request.app.state.context)


def looks_signed(request: Request) -> bool:
    """Whether a request has the header of a webhook's signature, which browsers and applications do not send."""
    ctx = app_context(request)
    return any(each.signatures.scheme.header in request.headers for each in (ctx, ctx.standby) if each is not None)


def request_words(request: Request) -> Words:
    """The words of the language that the browser wants, else of the operator's."""
    return app_context(request).words(requests.wanted_language(request))


async def time_padded_check(
    check: Awaitable[CheckResult], randomness: Randomness, *, step: float = STEP
) -> CheckResult:
    """The result of a check. A failed check, or an error, is returned at a full step after the start."""
    started_at = loop_time()
    try:
        result = await check
    except VerificationError:
        await _pad(started_at, randomness, step)
        raise
    if not result.valid:
        await _pad(started_at, randomness, step)
    return result


async def time_padded(work: Awaitable[T], randomness: Randomness, *, since: float, step: float = STEP) -> T:
    """The result of the work, or its error, at a full step after `since`."""
    try:
        return await work
    finally:
        await _pad(since, randomness, step)


def loop_time() -> float:
    """The event loop's time, in seconds: the clock that steps are counted on."""
    return asyncio.get_running_loop().time()


async def _pad(since: float, randomness: Randomness, step: float) -> None:
    loop = asyncio.get_running_loop()
    jitter = JITTER * int.from_bytes(randomness(2), "big") / 2**16
    now = loop.time()
    until = now + (since - now) % step + jitter
    await asyncio.sleep(until - now - TIMER_RESOLUTION)
    while loop.time() < until:
        await asyncio.sleep(0)  # lets other tasks run


class InvalidSignature(Exception):
    """A webhook without a valid signature of Twilio's: 403, without effect."""

    def __init__(self, signature_problem: SignatureProblem) -> None:
        super().__init__(signature_problem)
        self.signature_problem = signature_problem


class NotOurs(Exception):
    """A signed webhook about an account, call, text or delivery that is not ours: 404, without effect."""


class Misplaced(NotOurs):
    """A request that looks like a webhook of Twilio's, at an endpoint that is not for it."""
