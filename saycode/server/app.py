"""From settings to an application that can be served."""

import asyncio
import logging
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from threading import Event as Flag
from threading import current_thread, main_thread
from types import FrameType
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.types import Lifespan

from twiml.words import Words, match_language, words
from verification.accounts import Accounts
from verification.counters.rules import Ceiling, Limits, LockoutPolicy
from verification.errors import Unavailable
from verification.flow.lookup import LookupRules
from verification.models import Event, EventKind
from verification.policy import Keypress, Policy, Retention
from verification.ports import Clock
from verification.types import Scope
from verification.values.codes import KeyRing
from verification.verifier import Verifier
from webhooks.app import create_app
from webhooks.context import AppContext, MetricsAccess
from webhooks.routes import PublicUrls
from webhooks.signature import signature_validator

from ..config.parsers import LimitMode, PhoneSource, is_loopback
from ..config.settings import Settings, load, read_environment
from ..events.outbox import LazyEventSender, Outbox
from ..maintenance.retention import RetentionJob
from ..maintenance.twilio_records import TwilioRecordsJob
from ..storage.attempts import SqliteAttempts
from ..storage.idempotency import SqliteIdempotencyStore
from ..storage.services import SqliteServices
from ..storage.store import SqliteStore
from ..twilio.circuit_breaker import CircuitBreakerProvider
from ..twilio.lazy import LazyProvider
from ..twilio.lookup import LookupConfig, TwilioLookup
from .clock import SteadyClock, randomness
from .health import Health
from .metrics import BufferedCounter, PrometheusExporter
from .receipts import JwtReceiptSigner
from .tracing import with_tracing

if TYPE_CHECKING:
    from ..twilio.client import TwilioProvider

log = logging.getLogger("saycode.events")
TASK_INTERVAL = 5
DAY = 86400


def key_ring(settings: Settings) -> KeyRing:
    """The keys of SAYCODE_SECRET_KEY."""
    return KeyRing(tuple(key.reveal().encode() for key in settings.secret_keys))


def build_policy(settings: Settings) -> Policy:
    """What the operator allows."""
    return Policy(
        countries=settings.countries,
        code_length=settings.code_length,
        code_lifetime=settings.code_lifetime,
        max_checks=settings.max_checks,
        keypress=settings.keypress,
        fallback=settings.fallback,
        repeat_spacing=settings.repeat_spacing,
        new_number_cooldown=settings.new_number_cooldown,
        actions=settings.actions,
        approval_lifetime=settings.approval_lifetime,
        enforce=settings.limits is LimitMode.ENFORCE,
        limits=build_limits(settings),
        prices=settings.prices,
        guesses=(
            (Scope.ACCOUNT, settings.failures_account),
            (Scope.NUMBER, settings.failures_number),
            (Scope.SOURCE, LockoutPolicy(pause_from=settings.failures_account.pause_from, stop_at=None)),
        ),
        alarm=next(iter(settings.failure_alarm), None),
        reserve=settings.reserve,
    )


def build_limits(settings: Settings) -> Limits:
    """Everything that a call or a text is counted for."""
    money = (Ceiling(amount=settings.money_per_day, seconds=DAY),) if settings.money_per_day is not None else ()
    return (
        (Scope.NUMBER, settings.limit_number),
        (Scope.ACCOUNT, settings.limit_account),
        (Scope.SOURCE, (*settings.limit_source, *settings.unconfirmed_source)),
        (Scope.COUNTRIES, settings.limit_source_countries),
        (Scope.PREFIX, (*settings.limit_prefix, *settings.unconfirmed_prefix)),
        (Scope.NEIGHBOURS, settings.limit_neighbours),
        (Scope.COUNTRY, (*settings.limit_country, *settings.unconfirmed_country)),
        (Scope.SERVICE, settings.limit_service),
        (Scope.TOTAL, settings.limit_total),
        (Scope.MINUTES, (Ceiling(amount=settings.minutes_per_day, seconds=DAY),)),
        (Scope.MONEY, money),
    )


def home_region(settings: Settings) -> str | None:
    """The country whose numbers may be typed without its code: the only one, or the sender's, if it may be called."""
    if len(settings.countries) == 1:
        return next(iter(settings.countries))
    return settings.from_number.region if settings.from_number.region in settings.countries else None


def open_store(settings: Settings) -> SqliteStore:
    """The code table. Raises DatabaseProblem."""
    return SqliteStore.open(
        settings.database,
        secrets=key_ring(settings).secrets,
        create=settings.database_create,
        on_events=log_events,
    )


def log_events(events: Sequence[Event]) -> None:
    """One line of the log for each event that was committed; what the operator should look at is a warning."""
    for event in events:
        facts = {
            "verification": event.verification,
            "delivery": event.delivery,
            "detail": event.detail,
            "actor": event.actor,
        }
        level = logging.WARNING if event.kind is EventKind.ALERT else logging.INFO
        log.log(level, event.kind.value, extra={"fields": {name: fact for name, fact in facts.items() if fact}})


def build_app(settings: Settings, store: SqliteStore, *, clock: Clock | None = None) -> Starlette:
    """The application, by the machine's time or another one. It closes the table when it ends."""
    addresses = PublicUrls(settings.public_url)
    provider = LazyProvider(lambda: _twilio_provider(settings, addresses))
    guarded, steady, tally = CircuitBreakerProvider(provider), SteadyClock(), BufferedCounter(store)
    clock = clock or steady
    signals = _twilio_lookup(settings, clock)
    verifier = Verifier(
        store=store,
        provider=guarded,
        clock=clock,
        randomness=randomness,
        policy=build_policy(settings),
        keys=key_ring(settings),
        signals=signals,
        answers=LookupRules(
            lines=settings.lookup_lines,
            line=settings.lookup_line,
            sim=settings.lookup_sim,
            forwarding=settings.lookup_forwarding,
            down=settings.lookup_down,
        ),
    )
    tokens = [settings.auth_token, *([settings.auth_token_previous] if settings.auth_token_previous else [])]
    here = AppContext(
        verifier=verifier,
        receipts=JwtReceiptSigner(store.cipher, issuer=settings.public_url, policy=verifier.policy),
        services=SqliteServices(store),
        attempts=SqliteAttempts(store),
        answers=SqliteIdempotencyStore(store),
        addresses=addresses,
        signatures=signature_validator(settings.public_url, tuple(token.reveal() for token in tokens)),
        account_sid=settings.account_sid,
        brand=settings.brand,
        language=settings.language,
        region=home_region(settings),
        sender=settings.from_number.e164,
        messaging_service=settings.messaging_service_sid,
        accounts=settings.phones is PhoneSource.ACCOUNTS,
        style=settings.call_style,
        color=settings.color,
        onward=settings.welcome_url or "",
        trusted_proxies=settings.trusted_proxies,
        examine=Health(store, clock.now, lambda: guarded.resting, steady.behind).examine,
        metrics=_metrics(settings, PrometheusExporter(store, lambda: guarded.resting)),
        on_rejected_webhook=tally.count,
    )
    forgetting = RetentionJob(store, Retention(details=settings.keep_details, audit=settings.keep_audit), clock.now)
    # Twilio may take its time with a look-up, and no deadline waits for that.
    posting = LazyEventSender(Outbox(store), clock.now, loopback=is_loopback(settings.public_url))
    records = TwilioRecordsJob(store, provider, settings.twilio_records, clock.now)
    chores = (
        records.remove_records,
        *(verifier.sweep, verifier.settle, Accounts(verifier).tell, forgetting.forget, tally.flush),
        posting.run_forever,
    )
    app = create_app(here, lifespan=_lifespan(chores, (provider, *([signals] if signals else [])), store, here.leaving))
    return with_tracing(app)


def _metrics(settings: Settings, scrape: PrometheusExporter) -> MetricsAccess | None:
    if settings.metrics is None:
        return None
    keys = tuple(key.reveal().encode() for key in settings.metrics.keys)
    return MetricsAccess(scrape=scrape.text, networks=settings.metrics.networks, keys=keys)


def _lifespan(
    chores: Sequence[Callable[[], Awaitable[object]]],
    twilio: tuple[LazyProvider, *tuple[TwilioLookup, ...]],
    store: SqliteStore,
    leaving: Flag,
) -> Lifespan[Starlette]:
    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        twilio[0].begin()
        running = [asyncio.create_task(run_periodically(chore, pause=TASK_INTERVAL)) for chore in chores]
        try:
            with _shutdown_signals(leaving):
                yield
        finally:
            for chore in running:
                chore.cancel()
                with suppress(asyncio.CancelledError):
                    await chore
            try:
                for line in twilio:
                    await line.close()
            finally:
                await store.close()

    return life


@contextmanager
def _shutdown_signals(leaving: Flag) -> Iterator[None]:
    """Set `leaving` on the signals that stop the server, and let the server have them too.

    A server that is stopping waits for answers that are under way, and a page's line of events has no end of its own.
    """
    if current_thread() is not main_thread():
        yield  # signals are the main thread's alone
        return
    theirs = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}

    def stop(name: int, frame: FrameType | None) -> None:
        leaving.set()
        handler = theirs[signal.Signals(name)]
        if callable(handler):
            handler(name, frame)

    for name, handler in theirs.items():
        if callable(handler):
            signal.signal(name, stop)
    try:
        yield
    finally:
        leaving.set()
        for name, handler in theirs.items():
            if callable(handler):
                signal.signal(name, handler)


async def run_periodically(chore: Callable[[], Awaitable[object]], *, pause: float) -> None:
    """Do a chore at once and then every `pause` seconds, until cancelled. A failure of one round does not end it."""
    facts = {"task": getattr(chore, "__name__", "")}
    while True:
        try:
            await chore()
        except Unavailable as problem:
            log.warning("background task failed", extra={"fields": facts | {"why": str(problem)}})
        except Exception:
            log.exception("background task failed", extra={"fields": facts})
        await asyncio.sleep(pause)


def _twilio_lookup(settings: Settings, clock: Clock) -> TwilioLookup | None:
    if not settings.lookup:
        return None
    access = LookupConfig(
        account_sid=settings.account_sid, key=_api_credentials(settings), base_url=settings.api_base_url
    )
    return TwilioLookup(access, settings.lookup, clock=clock)


def _api_credentials(settings: Settings) -> tuple[str, str]:
    if settings.api_key and settings.api_secret:
        return settings.api_key, settings.api_secret.reveal()
    return settings.account_sid, settings.auth_token.reveal()


def _twilio_provider(settings: Settings, addresses: PublicUrls) -> "TwilioProvider":
    from ..twilio.client import MachineDetection, TwilioConfig, TwilioProvider

    detection = MachineDetection.OFF
    if settings.machine_detection:
        gated = settings.keypress is not Keypress.OFF
        detection = MachineDetection.WHILE_TALKING if gated else MachineDetection.BEFORE_TALKING
    line = TwilioConfig(
        account_sid=settings.account_sid,
        key=_api_credentials(settings),
        sender=settings.from_number.e164,
        messaging_service=settings.messaging_service_sid,
        base_url=settings.api_base_url,
        brand=settings.brand,
        detection=detection,
    )
    return TwilioProvider(
        line,
        addresses=addresses,
        words=lambda tag: _words(tag, settings),
        jitter=lambda: secrets.randbelow(1000) / 1000,
        actions=settings.actions,
    )


def _words(tag: str, settings: Settings) -> Words:
    return words(match_language(tag) or match_language(settings.language) or "en-US")


def worker() -> Starlette:
    """The application of one of several worker processes, which read the settings anew."""
    from . import logging

    logging.configure()
    settings = load(read_environment(Path.cwd()))
    return build_app(settings, open_store(settings))
