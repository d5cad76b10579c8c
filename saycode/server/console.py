"""The operator's console, put together: beside the service, or alone on this machine."""

import secrets
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import fields
from typing import TYPE_CHECKING

import uvicorn
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from verification.ports import Clock
from verification.types import Channel
from verification.verifier import Verifier

from ..config.parsers import Secret, TwilioRecordPolicy
from ..config.policy import home_region
from ..config.setting import Setting
from ..config.settings import Settings
from ..console.app import build_console, mounted
from ..console.charts.over_time import Ceilings
from ..console.operators import Operators
from ..console.traffic_pages import TrafficPages
from ..console.visit import Console, ShownSettings
from ..storage.store import SqlStore
from .clock import SteadyClock, randomness
from .metrics import BufferedCounter

if TYPE_CHECKING:
    from ..console.company import Provider

PATH = "/console"
HOST = "127.0.0.1"
LOOPBACK = (HOST, "localhost", "[::1]")
LONGEST_VALUE = 300


def with_console(
    service: ASGIApp,
    settings: Settings,
    verifier: Verifier,
    store: SqlStore,
    open_channels: Callable[[], frozenset[Channel]],
) -> ASGIApp:
    """The service, with the console at /console."""
    https = settings.public_url.startswith("https:")
    console = _console(
        settings,
        verifier,
        store,
        root=PATH,
        https=https,
        open_channels=open_channels,
        provider=_provider(settings, verifier.clock) if settings.console_issuer else None,
    )
    return mounted(service, build_console(console), PATH)


class Alone(uvicorn.Server):
    """The console on the loopback address. `address`, and the `key` of an administrator while it runs."""

    def __init__(self, app: ASGIApp, bound: socket.socket, key: str) -> None:
        from .serve import UVICORN_OPTIONS

        super().__init__(uvicorn.Config(app, **UVICORN_OPTIONS | {"lifespan": "off", "timeout_graceful_shutdown": 1}))
        self.address, self.key = f"http://{HOST}:{bound.getsockname()[1]}/", key
        self._bound = bound

    async def run_until_stopped(self) -> None:
        await self.serve(sockets=[self._bound])

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are for what it runs in."""
        yield


@asynccontextmanager
async def alone(
    settings: Settings, store: SqlStore, bound: socket.socket, *, clock: Clock | None = None
) -> AsyncIterator[Alone]:
    """The console without the service, whose key is new each time. The store stays open."""
    from .app import build_verifier

    counted = BufferedCounter(store)
    verifier, provider, lookup = build_verifier(settings, store, clock=clock or SteadyClock(), counted=counted)
    key = secrets.token_urlsafe(32)
    console = _console(settings, verifier, store, root="", https=False, open_channels=None, run_key=key)
    try:
        yield Alone(on_loopback(build_console(console)), bound, key)
    finally:
        await provider.close()
        if lookup is not None:
            await lookup.close()


def on_loopback(app: ASGIApp) -> ASGIApp:
    """Refuses, by its Host, a page of another name that leads here (DNS rebinding)."""
    return TrustedHostMiddleware(app, allowed_hosts=[*LOOPBACK], www_redirect=False)


def _console(
    settings: Settings,
    verifier: Verifier,
    store: SqlStore,
    *,
    root: str,
    https: bool,
    open_channels: Callable[[], frozenset[Channel]] | None,
    run_key: str = "",
    provider: "Provider | None" = None,
) -> Console:
    company = provider.company.origin if provider else ""
    return Console(
        store=store,
        verifier=verifier,
        operators=Operators(store=store, randomness=randomness, run_key=run_key, company=company),
        traffic=TrafficPages(
            store=store,
            ceilings=Ceilings(minutes=settings.minutes_per_day, money=settings.money_per_day),
            now=verifier.clock.now,
            enforced=verifier.policy.enforce,
            open_channels=open_channels,
            standby=settings.standby_company,
        ),
        settings=shown_settings(settings),
        root=root,
        https=https,
        region=home_region(settings),
        twilio_records=settings.twilio_records is not TwilioRecordPolicy.KEEP,
        trusted_proxies=settings.trusted_proxies if root else (),
        provider=provider,
    )


def _provider(settings: Settings, clock: Clock) -> "Provider":
    """The company's provider of the settings, which `load` has found to be complete."""
    from ..console.company import Company, Provider  # with its libraries
    from ..console.company_sign_in import CALLBACK

    secret = settings.console_client_secret
    assert settings.console_issuer is not None
    assert settings.console_client_id is not None
    assert secret is not None
    company = Company(
        issuer=settings.console_issuer,
        client_id=settings.console_client_id,
        client_secret=secret.reveal(),
        redirect_uri=f"{settings.public_url}{PATH}{CALLBACK}",
        help_desk=settings.console_help_desk,
        administrators=settings.console_administrators,
    )
    return Provider(company, clock.now)


def shown_settings(settings: Settings) -> ShownSettings:
    """Every setting as a text, secrets only as set or not."""
    shown = []
    for row in fields(settings):
        setting: Setting = row.metadata["setting"]
        value = getattr(settings, row.name)
        is_secret = setting.secret or isinstance(value, Secret)
        shown.append((setting.name, ("set" if value else "not set") if is_secret else _text(value)))
    return tuple(shown)


def _text(value: object) -> str:
    if value is None or value in ((), {}, ""):
        return "not set"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Mapping):
        text = ", ".join(f"{key}: {_text(part)}" for key, part in value.items())
    elif isinstance(value, tuple | list | frozenset | set):
        text = ", ".join(_text(part) for part in value)
    else:
        text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
