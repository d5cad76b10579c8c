"""One examination: which checks run, in which order, and which are skipped after a problem."""

import asyncio
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import click

from webhooks.routes import public_urls

from ..config.loader import load, read_environment
from ..config.setting import SettingsError
from ..config.settings import Settings
from ..twilio.config import product_url
from . import account, address, local, number
from .findings import Check, Finding, finding_lines, is_well, note, ok, problem, summary, to_json
from .http import Answer, HttpTransport, Reply, Transport

EXIT_OK, EXIT_PROBLEMS = 0, 1


def run(*, as_json: bool, fix: bool, directory: Path, environ: Mapping[str, str] = os.environ) -> int:
    """Examine the settings of a directory and an environment, and print the findings; the exit code."""
    findings: list[Finding] = []

    async def collect() -> None:
        async with HttpTransport() as transport:
            new_nonce = partial(secrets.token_hex, 16)
            async for finding in examine(
                directory, environ, transport=transport, now=time.time, new_nonce=new_nonce, fix=fix
            ):
                findings.append(finding)
                if not as_json:
                    _print(finding)

    asyncio.run(collect())
    click.echo(json.dumps(to_json(findings), indent=2) if as_json else f"\n{summary(findings)}")
    return EXIT_OK if is_well(findings) else EXIT_PROBLEMS


def _print(finding: Finding) -> None:
    width = min(shutil.get_terminal_size((100, 24)).columns, 110)
    color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in finding_lines(finding, width=width, color=color):
        click.echo(line)


async def examine(
    directory: Path,
    environ: Mapping[str, str],
    *,
    transport: Transport,
    now: Callable[[], float],
    new_nonce: Callable[[], str],
    fix: bool = False,
) -> AsyncIterator[Finding]:
    """All findings for the settings of a directory and an environment.

    `now`: seconds since 1970; `new_nonce`: 32 random hexadecimal digits; `fix`: point the number's webhooks here.
    """
    try:
        settings = load(read_environment(directory, environ))
    except SettingsError as error:
        for line in error.problems:
            yield problem(Check.SETTINGS, f"{line}.", "Correct it in .env or in the environment (docs/settings.md).")
        return
    yield ok(Check.SETTINGS, "All settings are valid.")
    async for finding in Examination(settings=settings, transport=transport, now=now, new_nonce=new_nonce).run(fix=fix):
        yield finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The checks of one set of settings."""

    settings: Settings
    transport: Transport
    now: Callable[[], float]
    new_nonce: Callable[[], str]

    async def run(self, *, fix: bool = False) -> AsyncIterator[Finding]:
        """All findings, in order. With `fix` the number's webhooks are set first."""
        for check in (local.check_language, local.check_countries, local.check_limits, local.check_database):
            for finding in check(self.settings):
                yield finding
        async for finding in self._twilio(fix=fix):
            yield finding
        async for finding in self._public_address():
            yield finding

    async def _twilio(self, *, fix: bool) -> AsyncIterator[Finding]:
        settings = self.settings
        answer = await self._ask(f"{self._account}.json")
        credentials = [*account.check_credentials(settings, answer)]
        for finding in credentials:
            yield finding
        if isinstance(answer, Reply):
            for finding in account.check_clock(answer, self.now()):
                yield finding
        if settings.api_key and settings.api_secret:
            login = (settings.api_key, settings.api_secret.reveal())
            listing = await self._ask(f"{self._account}/IncomingPhoneNumbers.json?PageSize=1", login=login)
            for finding in account.check_api_key(settings, listing):
                yield finding
        if not is_well(credentials) or not isinstance(answer, Reply):
            yield note(Check.NUMBER, "Not checked, because Twilio did not accept the credentials.")
            return
        for finding in account.check_account_status(answer):
            yield finding
        async for finding in self._number(fix=fix):
            yield finding

    async def _number(self, *, fix: bool) -> AsyncIterator[Finding]:
        settings = self.settings
        query = urlencode({"PhoneNumber": settings.from_number.e164})
        answer = await self._ask(f"{self._account}/IncomingPhoneNumbers.json?{query}")
        for finding in number.check_number(settings, answer):
            yield finding
        if record := number.find_number(settings, answer):
            fields = number.webhook_changes(settings, record) if fix and address.reachable(settings) else {}
            for finding in await self._fix(record, fields) if fields else number.check_webhooks(settings, record):
                yield finding
        messaging = None
        if settings.messaging_service_sid:
            url = f"{product_url(settings.api_base_url, 'messaging')}/v1/Services/{settings.messaging_service_sid}"
            messaging = await self.transport.send("GET", url, login=self._login)
            for finding in number.check_messaging_service(settings, messaging):
                yield finding
        for finding in number.check_sender(settings, messaging):
            yield finding

    async def _fix(self, record: number.Record, fields: Mapping[str, str]) -> list[Finding]:
        path = f"{self._account}/IncomingPhoneNumbers/{record.get('sid')}.json"
        answer = await self._ask(path, fields=fields)
        if isinstance(answer, Reply) and answer.status == 200 and answer.record:
            return [*number.check_webhooks(self.settings, answer.record), *number.previous_webhooks(record, fields)]
        failed = problem(Check.NUMBER, "Twilio did not change the number.", "Try again, or change it in the console.")
        return [failed, *number.check_webhooks(self.settings, record)]

    async def _public_address(self) -> AsyncIterator[Finding]:
        settings, urls = self.settings, public_urls(self.settings.public_url)
        for finding in address.check_exposure(settings):
            yield finding
        reachable = [*address.check_reachable(settings, await self.transport.send("GET", urls.of("health_live")))]
        for finding in reachable:
            yield finding
        if not is_well(reachable):
            return
        for finding in address.check_database(await self.transport.send("GET", urls.of("health_ready"))):
            yield finding
        nonce = self.new_nonce()
        answer = await self._post("probe", nonce=nonce)
        checks = (address.check_identity, address.check_signed_request, address.check_clients)
        identity = [finding for check in checks for finding in check(settings, nonce, answer)]
        for finding in identity:
            yield finding
        if not is_well(identity):
            return
        for route in ("inbound_call", "inbound_message"):
            valid = await self._post(route, nonce=self.new_nonce())
            forged = await self._post(route, nonce=self.new_nonce(), forged=True)
            for finding in address.check_webhook(settings, route, valid=valid, forged=forged):
                yield finding

    async def _post(self, route: str, *, nonce: str, forged: bool = False) -> Answer:
        request = address.signed_request(self.settings, route, nonce=nonce, forged=forged)
        return await self.transport.send("POST", request.url, fields=request.fields, headers=request.headers)

    async def _ask(
        self, path: str, *, fields: Mapping[str, str] | None = None, login: tuple[str, str] | None = None
    ) -> Answer:
        method = "GET" if fields is None else "POST"
        url = self.settings.api_base_url + path
        return await self.transport.send(method, url, fields=fields, login=login or self._login)

    @property
    def _account(self) -> str:
        return f"/2010-04-01/Accounts/{self.settings.account_sid}"

    @property
    def _login(self) -> tuple[str, str]:
        return (self.settings.account_sid, self.settings.auth_token.reveal())
