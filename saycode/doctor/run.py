"""One visit of the doctor: what is asked, in which order, and what is left out when there is no use in asking."""

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

from webhooks.routes import PublicUrls

from ..config.settings import Settings, SettingsError, load, read_environment
from . import account, address, local, number
from .findings import Check, Finding, finding_lines, is_well, note, ok, problem, summary, to_json
from .http import Answer, HttpTransport, Reply, Transport

EXIT_OK, EXIT_PROBLEMS = 0, 1


def run(*, json_wanted: bool, fix: bool, directory: Path, environ: Mapping[str, str] = os.environ) -> int:
    """Examine the settings of a directory and an environment, and print what was found; the exit code."""
    found: list[Finding] = []

    async def listen() -> None:
        async with HttpTransport() as wire:
            nonce = partial(secrets.token_hex, 16)
            async for finding in examine(directory, environ, wire=wire, now=time.time, nonce=nonce, fix=fix):
                found.append(finding)
                if not json_wanted:
                    _print(finding)

    asyncio.run(listen())
    click.echo(json.dumps(to_json(found), indent=2) if json_wanted else f"\n{summary(found)}")
    return EXIT_OK if is_well(found) else EXIT_PROBLEMS


def _print(finding: Finding) -> None:
    width = min(shutil.get_terminal_size((100, 24)).columns, 110)
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for line in finding_lines(finding, width=width, colour=colour):
        click.echo(line)


async def examine(
    directory: Path,
    environ: Mapping[str, str],
    *,
    wire: Transport,
    now: Callable[[], float],
    nonce: Callable[[], str],
    fix: bool = False,
) -> AsyncIterator[Finding]:
    """Everything that there is to find with the settings of a directory and an environment.

    `now`: seconds since 1970; `nonce`: 32 random hexadecimal digits; `fix`: let the number lead to our doors.
    """
    try:
        settings = load(read_environment(directory, environ))
    except SettingsError as unread:
        for line in unread.problems:
            yield problem(Check.SETTINGS, f"{line}.", "Put it right in .env or in the environment (docs/settings.md).")
        return
    yield ok(Check.SETTINGS, "Every setting can be read.")
    async for finding in Examination(settings=settings, wire=wire, now=now, nonce=nonce).all(fix=fix):
        yield finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """Settings, and the means to examine them."""

    settings: Settings
    wire: Transport
    now: Callable[[], float]
    nonce: Callable[[], str]

    async def all(self, *, fix: bool = False) -> AsyncIterator[Finding]:
        """Every finding, in the order of the visit. With `fix` the number's webhooks are set first."""
        for check in (local.check_language, local.check_countries, local.check_limits, local.check_database):
            for finding in check(self.settings):
                yield finding
        async for finding in self._twilio(fix=fix):
            yield finding
        async for finding in self._here():
            yield finding

    async def _twilio(self, *, fix: bool) -> AsyncIterator[Finding]:
        settings = self.settings
        answer = await self._ask(f"{self._account}.json")
        entry = [*account.check_credentials(settings, answer)]
        for finding in entry:
            yield finding
        if isinstance(answer, Reply):
            for finding in account.check_clock(answer, self.now()):
                yield finding
        if settings.api_key and settings.api_secret:
            login = (settings.api_key, settings.api_secret.reveal())
            listed = await self._ask(f"{self._account}/IncomingPhoneNumbers.json?PageSize=1", login=login)
            for finding in account.check_api_key(settings, listed):
                yield finding
        if not is_well(entry) or not isinstance(answer, Reply):
            yield note(Check.NUMBER, "Not looked at, because Twilio did not let us in.")
            return
        for finding in account.check_account_status(answer):
            yield finding
        async for finding in self._number(fix=fix):
            yield finding

    async def _number(self, *, fix: bool) -> AsyncIterator[Finding]:
        settings = self.settings
        wanted = urlencode({"PhoneNumber": settings.from_number.e164})
        answer = await self._ask(f"{self._account}/IncomingPhoneNumbers.json?{wanted}")
        for finding in number.check_number(settings, answer):
            yield finding
        if record := number.find_number(settings, answer):
            fields = number.webhook_changes(settings, record) if fix and address.reachable(settings) else {}
            for finding in await self._mend(record, fields) if fields else number.check_webhooks(settings, record):
                yield finding
        messaging = None
        if settings.messaging_service_sid:
            place = f"{_messaging_url(settings.api_base_url)}/v1/Services/{settings.messaging_service_sid}"
            messaging = await self.wire.send("GET", place, login=self._login)
            for finding in number.check_messaging_service(settings, messaging):
                yield finding
        for finding in number.check_sender(settings, messaging):
            yield finding

    async def _mend(self, record: number.Record, fields: Mapping[str, str]) -> list[Finding]:
        place = f"{self._account}/IncomingPhoneNumbers/{record.get('sid')}.json"
        answer = await self._ask(place, fields=fields)
        if isinstance(answer, Reply) and answer.status == 200 and answer.record:
            return [*number.check_webhooks(self.settings, answer.record), *number.previous_webhooks(record, fields)]
        refused = problem(Check.NUMBER, "Twilio did not change the number.", "Try again, or change it at the console.")
        return [refused, *number.check_webhooks(self.settings, record)]

    async def _here(self) -> AsyncIterator[Finding]:
        settings, here = self.settings, PublicUrls(self.settings.public_url)
        for finding in address.check_exposure(settings):
            yield finding
        reached = [*address.check_reachable(settings, await self.wire.send("GET", here.of("live")))]
        for finding in reached:
            yield finding
        if not is_well(reached):
            return
        for finding in address.check_database(await self.wire.send("GET", here.of("ready"))):
            yield finding
        nonce = self.nonce()
        answer = await self._post("probed", nonce=nonce)
        met = [*address.check_identity(settings, nonce, answer), *address.check_signed_request(settings, nonce, answer)]
        for finding in met:
            yield finding
        if not is_well(met):
            return
        for door in ("called", "texted"):
            right = await self._post(door, nonce=self.nonce())
            forged = await self._post(door, nonce=self.nonce(), forged=True)
            for finding in address.check_webhook(settings, door, right=right, forged=forged):
                yield finding

    async def _post(self, door: str, *, nonce: str, forged: bool = False) -> Answer:
        posted = address.signed_request(self.settings, door, nonce=nonce, forged=forged)
        return await self.wire.send("POST", posted.url, fields=posted.fields, headers=posted.headers)

    async def _ask(
        self, path: str, *, fields: Mapping[str, str] | None = None, login: tuple[str, str] | None = None
    ) -> Answer:
        method = "GET" if fields is None else "POST"
        url = self.settings.api_base_url + path
        return await self.wire.send(method, url, fields=fields, login=login or self._login)

    @property
    def _account(self) -> str:
        return f"/2010-04-01/Accounts/{self.settings.account_sid}"

    @property
    def _login(self) -> tuple[str, str]:
        return (self.settings.account_sid, self.settings.auth_token.reveal())


def _messaging_url(api_base_url: str) -> str:
    """Twilio has messaging services at a host of their own; a stand-in has everything in one place."""
    scheme, _, host = api_base_url.partition("://")
    return f"{scheme}://messaging.{host.removeprefix('api.')}" if host.startswith("api.") else api_base_url
