"""The application of the settings: verifier, context and background tasks put together.

`build_context` is the one place where an application context is made; `saycode.testing` calls it too.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from starlette.types import ASGIApp

from verification.accounts import Accounts
from verification.authorizations import OpenId
from verification.policy import Policy, Retention
from verification.ports import Clock, Provider
from verification.verifier import Verifier
from webhooks.app import create_app
from webhooks.context import AppContext, Logo, MetricsAccess
from webhooks.routes import public_urls
from webhooks.signature import TWILIO_SIGNATURES, SignatureScheme, signature_validator

from ..config.databases import PostgresqlUrl
from ..config.loader import load, read_environment
from ..config.parsers import PhoneSource
from ..config.policy import build_policy, home_region, key_ring, lookup_rules
from ..config.settings import Settings
from ..config.url_parsers import is_loopback
from ..events.outbox import LazyEventSender, Outbox
from ..maintenance.audit_check import AuditCheckJob
from ..maintenance.retention import RetentionJob
from ..maintenance.twilio_records import TwilioRecordsJob
from ..storage.api.attempts import SqliteAttempts
from ..storage.api.authorizations import SqliteAuthorizations
from ..storage.api.idempotency import SqliteIdempotencyStore
from ..storage.api.services import SqliteServices
from ..storage.audit_chain import log_events
from ..storage.connection import DatabaseAway
from ..storage.sqlite.store import SqliteStore
from ..storage.store import SqlStore
from ..twilio.accounts import Carriers, build_provider, twilio_account
from ..twilio.lookup import TwilioLookup
from ..twilio.unsent import UnsentTests
from . import logging as json_logs
from .clock import SteadyClock, randomness
from .file_limit import FileLimitWatch
from .health import Health
from .lifespan import WARM_UP_DELAY, Task, build_lifespan
from .log_repeats import write_repeats
from .metrics import BufferedCounter, PrometheusExporter
from .receipts import JwtReceiptSigner
from .tracing import with_tracing

log = logging.getLogger(__name__)
#: Seconds after which a start that waits says again what it waits for.
_TELL_AGAIN = 30.0


def open_store(settings: Settings) -> SqlStore:
    """The store of the settings. Raises DatabaseUnusable."""
    secrets, create = key_ring(settings).secrets, settings.database_create
    if isinstance(settings.database, PostgresqlUrl):
        from ..storage.postgresql.store import PostgresqlStore  # with its driver

        address = settings.database.reveal()
        return PostgresqlStore.open(address, secrets=secrets, create=create, on_events=log_events, clock=time.time)
    return SqliteStore.open(settings.database, secrets=secrets, create=create, on_events=log_events, clock=time.time)


def await_store(
    settings: Settings, open_store: Callable[[Settings], SqlStore] = open_store, *, pause: float = 1.0
) -> SqlStore:
    """The store, as soon as its database answers: a node that starts without it comes back as one that loses it does.

    Raises DatabaseUnusable for what waiting does not end. `pause`: seconds between two tries.
    """
    told_at = float("-inf")
    while True:
        try:
            return open_store(settings)
        except DatabaseAway as problem:
            if time.monotonic() - told_at >= _TELL_AGAIN:
                told_at = time.monotonic()
                log.warning("nothing is served until the database answers: %s", problem)
            time.sleep(pause)


def build_app(settings: Settings, store: SqlStore, *, clock: Clock | None = None, root: int | None = None) -> ASGIApp:
    """The application. It closes the store when it ends. `clock`: another one than the machine's.

    `root`: the process that keeps the workers, where this is not the only one.
    """
    wall_clock, counted = SteadyClock(), BufferedCounter(store)
    clock = clock or wall_clock
    verifier, provider, lookup = build_verifier(settings, store, clock=clock, counted=counted)
    open_channels = provider.breakers.open_channels
    health = Health(store, clock.now, open_channels, wall_clock.wall_clock_lag)
    exporter = PrometheusExporter(
        store=store, open_channels=open_channels, policy=verifier.policy, now=clock.now, root=root or os.getpid()
    )
    ctx = build_context(
        verifier,
        store,
        public_url=settings.public_url,
        auth_tokens=settings.webhook_keys,
        signature_scheme=settings.dialect.signatures,
        account_sid=settings.account_sid,
        brand=settings.brand,
        language=settings.language,
        region=home_region(settings),
        sender=settings.from_number.e164,
        messaging_service=settings.messaging_service_sid,
        country_senders=settings.senders,
        whatsapp_sender=settings.whatsapp_sender.e164 if settings.whatsapp_sender else "",
        accounts_mode=settings.phones is PhoneSource.ACCOUNTS,
        call_style=settings.call_style,
        voices=settings.voices or {},
        fallback_voices=settings.fallback_voices or {},
        google_voices=settings.dialect.google_voices,
        color=settings.color,
        logo=Logo(settings.logo.media_type, settings.logo.content) if settings.logo else None,
        welcome_url=settings.welcome_url or "",
        trusted_proxies=settings.trusted_proxies,
        hooks=settings.hooks,
        health_check=health.examine,
        metrics=_metrics(settings, exporter),
        on_rejected_webhook=counted.increment,
    )
    ctx = _with_standby(ctx, settings)
    lifespan = build_lifespan(
        [
            *_background_tasks(settings, verifier, store, provider),
            counted.flush,
            write_repeats,
            FileLimitWatch().check_open_files,
            _alerts(settings, verifier, store, health),
        ],
        provider=provider,
        lookup=lookup,
        store=store,
    )
    service = create_app(ctx, lifespan=lifespan)
    if settings.console:
        from .console import with_console  # the pages of operators, who are few

        service = with_console(service, settings, verifier, store, open_channels)
    return with_tracing(service)


def build_verifier(
    settings: Settings, store: SqlStore, *, clock: Clock, counted: BufferedCounter
) -> tuple[Verifier, Carriers, TwilioLookup | None]:
    """The verifier of the settings, and what has to be closed after it."""
    provider = build_provider(settings)
    policy = build_policy(settings)
    lookup = TwilioLookup(twilio_account(settings), settings.lookup, clock=clock) if settings.lookup else None
    verifier = Verifier(
        store=store,
        provider=_without_tests(provider, policy),
        clock=clock,
        randomness=randomness,
        policy=policy,
        keys=key_ring(settings),
        lookup=lookup,
        lookup_rules=lookup_rules(settings),
        on_refused=counted.count_refused,
    )
    return verifier, provider, lookup


def build_context(
    verifier: Verifier,
    store: SqlStore,
    *,
    public_url: str,
    auth_tokens: Sequence[str],
    signature_scheme: SignatureScheme = TWILIO_SIGNATURES,
    **fields: Any,
) -> AppContext:
    """The context of the endpoints over a store. `fields`: the other fields of AppContext."""
    signer = JwtReceiptSigner(store.cipher, issuer=public_url, policy=verifier.policy)
    return AppContext(
        verifier=verifier,
        receipts=signer,
        openid=OpenId(SqliteAuthorizations(store), signer),
        services=SqliteServices(store),
        attempts=SqliteAttempts(store),
        answers=SqliteIdempotencyStore(store),
        database_id=store.cipher.database_id,
        urls=public_urls(public_url),
        signatures=signature_validator(public_url, tuple(auth_tokens), signature_scheme),
        **fields,
    )


def _with_standby(ctx: AppContext, settings: Settings) -> AppContext:
    """The context, which knows that of the standby account's webhooks."""
    if (standby := settings.standby) is None:
        return ctx
    own = replace(
        ctx,
        signatures=signature_validator(settings.public_url, standby.webhook_keys, standby.dialect.signatures),
        account_sid=standby.account_sid,
        sender=standby.from_number.e164,
        messaging_service=None,
        country_senders=standby.senders,
        google_voices=standby.dialect.google_voices,
    )
    return replace(ctx, standby=own)


def _without_tests(provider: Carriers, policy: Policy) -> Provider:
    """The provider, which is never asked about test numbers. Each is named in the log."""
    for fixed in policy.fixed_codes:
        last_day = time.strftime("%Y-%m-%d", time.gmtime(fixed.until - 1))
        kind = "which a person may have" if fixed.real else "kept for fiction"
        log.warning("test number %s, %s, has a fixed code until the end of %s", fixed.number.masked, kind, last_day)
    if not policy.fixed_codes:
        return provider
    return UnsentTests(provider, lambda number: policy.fixed_code(number) is not None)


def _background_tasks(settings: Settings, verifier: Verifier, store: SqlStore, provider: Carriers) -> Sequence[Task]:
    now = verifier.clock.now
    retention = Retention(details=settings.retention_days, audit=settings.audit_retention_days)
    return (
        # Past the circuit breaker: Twilio may take its time here, and no user waits for it.
        TwilioRecordsJob(store, provider, settings.twilio_records, now).run,
        verifier.expire_overdue,
        verifier.reconcile,
        Accounts(verifier).send_notices,
        RetentionJob(store, retention, now).run,
        AuditCheckJob(store, now).run,
        LazyEventSender(Outbox(store), now, loopback=is_loopback(settings.public_url)).run_forever,
    )


def _alerts(settings: Settings, verifier: Verifier, store: SqlStore, health: Health) -> Task:
    async def send_alerts() -> None:
        await asyncio.sleep(WARM_UP_DELAY)  # the first answers come first
        from ..alerts.job import alert_job

        job = alert_job(settings, verifier, store, examine=health.examine, open_channels=health.open_channels)
        await job.run_forever()

    return send_alerts


def _metrics(settings: Settings, exporter: PrometheusExporter) -> MetricsAccess | None:
    if settings.metrics_access is None:
        return None
    keys = tuple(key.reveal().encode() for key in settings.metrics_access.keys)
    return MetricsAccess(scrape=exporter.render, networks=settings.metrics_access.networks, keys=keys)


def worker() -> ASGIApp:
    """The application of one of several worker processes, which read the settings anew."""
    json_logs.configure()
    settings = load(read_environment(Path.cwd()))
    return build_app(settings, await_store(settings), root=os.getppid())
