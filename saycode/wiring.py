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

from twiml.words import Words, match, words
from verification.codes import KeyRing
from verification.enrolment import Enrolment
from verification.errors import Unavailable
from verification.keeping import Keep
from verification.limits import Ceiling, Guesses, Limits, Scope
from verification.policy import Keypress, Policy
from verification.ports import Clock
from verification.records import Event, EventKind
from verification.service import Service
from verification.signals import Answers
from webhooks.app import create_app
from webhooks.condition import Metrics
from webhooks.doors import Addresses
from webhooks.doorway import Doorway
from webhooks.signature import signatures

from .answers import SqliteAnswers
from .attempts import SqliteAttempts
from .clock import SteadyClock, randomness
from .forgetting import Forgetting
from .guarding import GuardedCarrier
from .health import Health
from .late import LateCarrier, LatePosting
from .lookups import Access, TwilioSignals
from .metrics import Scrape, Tally
from .outbox import Outbox
from .receipts import SignedReceipts
from .setting_types import LimitMode, Phones, is_loopback
from .settings import Settings, load, read_environment
from .table import SqliteTable
from .tenants import SqliteTenants
from .tracing import traced
from .twilio_records import TwilioRecordsJob

if TYPE_CHECKING:
    from .carrier import TwilioCarrier

log = logging.getLogger("saycode.events")
CHORE_SECONDS = 5
DAY = 86400


def key_ring(settings: Settings) -> KeyRing:
    """The keys of SAYCODE_SECRET_KEY."""
    return KeyRing(tuple(key.reveal().encode() for key in settings.secret_keys))


def policy(settings: Settings) -> Policy:
    """What the operator allows."""
    return Policy(
        countries=settings.countries,
        code_length=settings.code_length,
        code_lifetime=settings.code_lifetime,
        max_checks=settings.max_checks,
        keypress=settings.keypress,
        fallback=settings.fallback,
        repeat_spacing=settings.repeat_spacing,
        number_rest=settings.number_rest,
        actions=settings.actions,
        approval_lifetime=settings.approval_lifetime,
        enforce=settings.limits is LimitMode.ENFORCE,
        limits=limits(settings),
        prices=settings.prices,
        guesses=(
            (Scope.ACCOUNT, settings.failures_account),
            (Scope.NUMBER, settings.failures_number),
            (Scope.SOURCE, Guesses(pause_from=settings.failures_account.pause_from, stop_at=None)),
        ),
        alarm=next(iter(settings.failure_alarm), None),
        reserve=settings.reserve,
    )


def limits(settings: Settings) -> Limits:
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


def home(settings: Settings) -> str | None:
    """The country whose numbers may be typed without its code: the only one, or the sender's, if it may be called."""
    if len(settings.countries) == 1:
        return next(iter(settings.countries))
    return settings.from_number.region if settings.from_number.region in settings.countries else None


def open_table(settings: Settings) -> SqliteTable:
    """The code table. Raises DatabaseProblem."""
    return SqliteTable.open(
        settings.database,
        secrets=key_ring(settings).secrets,
        create=settings.database_create,
        on_events=tell,
    )


def tell(events: Sequence[Event]) -> None:
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


def build(settings: Settings, table: SqliteTable, *, clock: Clock | None = None) -> Starlette:
    """The application, by the machine's time or another one. It closes the table when it ends."""
    addresses = Addresses(settings.public_url)
    carrier = LateCarrier(lambda: _carrier(settings, addresses))
    guarded, steady, tally = GuardedCarrier(carrier), SteadyClock(), Tally(table)
    clock = clock or steady
    signals = _signals(settings, clock)
    service = Service(
        table=table,
        carrier=guarded,
        clock=clock,
        randomness=randomness,
        policy=policy(settings),
        keys=key_ring(settings),
        signals=signals,
        answers=Answers(
            lines=settings.lookup_lines,
            line=settings.lookup_line,
            sim=settings.lookup_sim,
            forwarding=settings.lookup_forwarding,
            down=settings.lookup_down,
        ),
    )
    tokens = [settings.auth_token, *([settings.auth_token_previous] if settings.auth_token_previous else [])]
    here = Doorway(
        service=service,
        receipts=SignedReceipts(table.sealer, issuer=settings.public_url, policy=service.policy),
        tenants=SqliteTenants(table),
        attempts=SqliteAttempts(table),
        answers=SqliteAnswers(table),
        addresses=addresses,
        signatures=signatures(settings.public_url, tuple(token.reveal() for token in tokens)),
        account_sid=settings.account_sid,
        brand=settings.brand,
        language=settings.language,
        region=home(settings),
        sender=settings.from_number.e164,
        messaging_service=settings.messaging_service_sid,
        accounts=settings.phones is Phones.ACCOUNTS,
        style=settings.call_style,
        color=settings.color,
        onward=settings.welcome_url or "",
        trusted_proxies=settings.trusted_proxies,
        examine=Health(table, clock.now, lambda: guarded.resting, steady.behind).examine,
        metrics=_metrics(settings, Scrape(table, lambda: guarded.resting)),
        turned_away=tally.count,
    )
    forgetting = Forgetting(table, Keep(details=settings.keep_details, audit=settings.keep_audit), clock.now)
    # Twilio may take its time with a look-up, and no deadline waits for that.
    posting = LatePosting(Outbox(table), clock.now, loopback=is_loopback(settings.public_url))
    records = TwilioRecordsJob(table, carrier, settings.twilio_records, clock.now)
    chores = (
        records.remove_records,
        *(service.sweep, service.settle, Enrolment(service).tell, forgetting.forget, tally.write_down),
        posting.keep_posting,
    )
    app = create_app(here, lifespan=_life(chores, (carrier, *([signals] if signals else [])), table, here.leaving))
    return traced(app)


def _metrics(settings: Settings, scrape: Scrape) -> Metrics | None:
    if settings.metrics is None:
        return None
    keys = tuple(key.reveal().encode() for key in settings.metrics.keys)
    return Metrics(scrape=scrape.text, networks=settings.metrics.networks, keys=keys)


def _life(
    chores: Sequence[Callable[[], Awaitable[object]]],
    twilio: tuple[LateCarrier, *tuple[TwilioSignals, ...]],
    table: SqliteTable,
    leaving: Flag,
) -> Lifespan[Starlette]:
    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        twilio[0].begin()
        running = [asyncio.create_task(keep_at(chore, pause=CHORE_SECONDS)) for chore in chores]
        try:
            with _told_to_stop(leaving):
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
                await table.close()

    return life


@contextmanager
def _told_to_stop(leaving: Flag) -> Iterator[None]:
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


async def keep_at(chore: Callable[[], Awaitable[object]], *, pause: float) -> None:
    """Do a chore at once and then every `pause` seconds, until cancelled. A failure of one round does not end it."""
    facts = {"chore": getattr(chore, "__name__", "")}
    while True:
        try:
            await chore()
        except Unavailable as problem:
            log.warning("chore not done", extra={"fields": facts | {"why": str(problem)}})
        except Exception:
            log.exception("chore not done", extra={"fields": facts})
        await asyncio.sleep(pause)


def _signals(settings: Settings, clock: Clock) -> TwilioSignals | None:
    if not settings.lookup:
        return None
    access = Access(account_sid=settings.account_sid, key=_key(settings), base_url=settings.api_base_url)
    return TwilioSignals(access, settings.lookup, clock=clock)


def _key(settings: Settings) -> tuple[str, str]:
    if settings.api_key and settings.api_secret:
        return settings.api_key, settings.api_secret.reveal()
    return settings.account_sid, settings.auth_token.reveal()


def _carrier(settings: Settings, addresses: Addresses) -> "TwilioCarrier":
    from .carrier import Detection, Line, TwilioCarrier

    detection = Detection.OFF
    if settings.machine_detection:
        gated = settings.keypress is not Keypress.OFF
        detection = Detection.WHILE_TALKING if gated else Detection.BEFORE_TALKING
    line = Line(
        account_sid=settings.account_sid,
        key=_key(settings),
        sender=settings.from_number.e164,
        messaging_service=settings.messaging_service_sid,
        base_url=settings.api_base_url,
        brand=settings.brand,
        detection=detection,
    )
    return TwilioCarrier(
        line,
        addresses=addresses,
        words=lambda tag: _words(tag, settings),
        jitter=lambda: secrets.randbelow(1000) / 1000,
        actions=settings.actions,
    )


def _words(tag: str, settings: Settings) -> Words:
    return words(match(tag) or match(settings.language) or "en-US")


def worker() -> Starlette:
    """The application of one of several worker processes, which read the settings anew."""
    from . import logs

    logs.configure()
    settings = load(read_environment(Path.cwd()))
    return build(settings, open_table(settings))
