"""One examination: which checks run, in which order, and which are skipped after a problem."""

import asyncio
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import click

from webhooks.routes import public_urls

from ..config.loader import load, read_environment
from ..config.setting import SettingsError
from ..config.settings import Settings
from ..twilio.config import product_url
from . import account, address, local, messaging, number, whatsapp
from .findings import (
    Check,
    Finding,
    finding_lines,
    in_words_of,
    is_well,
    note,
    of_standby,
    ok,
    problem,
    summary,
    to_json,
)
from .http import Answer, HttpTransport, Reply, Transport

EXIT_OK, EXIT_PROBLEMS = 0, 1
LOCAL_CHECKS = (
    local.check_keys,
    local.check_language,
    local.check_countries,
    local.check_test_numbers,
    local.check_limits,
    local.check_alerts,
    local.check_database,
)
#: What has to be well before a number's webhooks are pointed here.
OF_THE_ADDRESS = (Check.ADDRESS, Check.DATABASE, Check.IDENTITY, Check.SIGNATURE)
PROBE_CHECKS = (address.check_identity, address.check_signed_request, address.check_clients)


#: Gets the changes that --fix would make at Twilio, a sentence each; whether to make them.
Confirm = Callable[[Sequence[str]], bool]


def run(*, as_json: bool, fix: Confirm | None, directory: Path, environ: Mapping[str, str] = os.environ) -> int:
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
    fix: Confirm | None = None,
) -> AsyncIterator[Finding]:
    """All findings for the settings of a directory and an environment.

    `now`: seconds since 1970; `new_nonce`: 32 random hexadecimal digits; `fix`: point the number's webhooks here, once
    everything else about the address is right and it says yes.
    """
    try:
        settings = load(read_environment(directory, environ))
    except SettingsError as error:
        for line in error.problems:
            yield problem(Check.SETTINGS, f"{line}.", "Correct it in .env or in the environment (docs/settings.md).")
        return
    yield ok(Check.SETTINGS, "All settings are valid.")
    examination, ready = Examination(settings=settings, transport=transport, now=now, new_nonce=new_nonce), True
    async for finding in examination.run(fix=fix):
        ready = ready and (finding.check not in OF_THE_ADDRESS or is_well([finding]))
        yield in_words_of(settings.dialect, finding)
    if (standby := settings.standby) is not None:
        async for finding in replace(examination, settings=standby).run_standby(fix=fix, ready=ready):
            yield of_standby(in_words_of(standby.dialect, finding))


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The checks of one set of settings."""

    settings: Settings
    transport: Transport
    now: Callable[[], float]
    new_nonce: Callable[[], str]

    async def run(self, *, fix: Confirm | None = None) -> AsyncIterator[Finding]:
        """All findings, in order. With `fix` the number's webhooks are set last."""
        here = [finding for check in LOCAL_CHECKS for finding in check(self.settings)]
        for finding in here:
            yield finding
        async for finding in self._twilio(webhooks=fix is None):
            yield finding
        ready = True
        async for finding in self._public_address(compare_databases=is_well(here)):
            ready = ready and is_well([finding])
            yield finding
        if fix is not None:
            for finding in await self._fix(fix, ready=ready):
                yield finding

    async def run_standby(self, *, fix: Confirm | None, ready: bool) -> AsyncIterator[Finding]:
        """The findings about a standby account, whose settings these are. `ready`: the public address is."""
        async for finding in self._twilio(webhooks=fix is None):
            yield finding
        if fix is not None:
            for finding in await self._fix(fix, ready=ready):
                yield finding

    async def _twilio(self, *, webhooks: bool) -> AsyncIterator[Finding]:
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
        if not isinstance(answer, Reply):
            yield note(Check.NUMBER, "Not checked, because Twilio could not be reached.")
            return
        if not is_well(credentials):
            yield note(Check.NUMBER, "Not checked, because Twilio did not accept the credentials.")
            return
        for finding in (*account.check_account_status(answer), *account.check_region(settings)):
            yield finding
        async for finding in self._numbers(webhooks=webhooks):
            yield finding

    async def _numbers(self, *, webhooks: bool) -> AsyncIterator[Finding]:
        settings = self.settings
        for own in number.own_numbers(settings):
            answer = await self._find_number(own)
            for finding in number.check_number(settings, own, answer):
                yield finding
            record = number.find_number(own, answer)
            if record and webhooks:
                for finding in number.check_webhooks(settings, own, record):
                    yield finding
        services: dict[str, Answer] = {}
        for service in messaging.own_services(settings):
            services[service.sid] = answer = await self._ask_messaging(service.sid)
            findings = [*messaging.check_messaging_service(settings, service, answer)]
            if is_well(findings):
                pools = [await self._ask_messaging(f"{service.sid}/{pool}") for pool in messaging.POOLS]
                findings = [*messaging.check_pool(service, pools)] or findings
            for finding in findings:
                yield finding
        for finding in messaging.check_sender(settings, services):
            yield finding
        if settings.whatsapp_sender is not None:
            for finding in await self._whatsapp():
                yield finding

    async def _whatsapp(self) -> list[Finding]:
        settings = self.settings
        senders = f"{product_url(settings.api_base_url, 'messaging')}/v2/Channels/Senders?Channel=whatsapp&PageSize=100"
        found = [*whatsapp.check_sender(settings, await self.transport.send("GET", senders, login=self._login))]
        for language, sid in (settings.whatsapp_templates or {}).items():
            url = f"{product_url(settings.api_base_url, 'content')}/v1/Content/{sid}"
            content = await self.transport.send("GET", url, login=self._login)
            approval = await self.transport.send("GET", f"{url}/ApprovalRequests", login=self._login)
            found += whatsapp.check_template(settings, language, sid, content, approval)
        return found

    async def _find_number(self, own: number.OwnNumber) -> Answer:
        return await self._ask(
            f"{self._account}/IncomingPhoneNumbers.json?{urlencode({'PhoneNumber': own.number.e164})}"
        )

    async def _ask_messaging(self, path: str) -> Answer:
        url = f"{product_url(self.settings.api_base_url, 'messaging')}/v1/Services/{path}"
        return await self.transport.send("GET", url, login=self._login)

    async def _fix(self, confirm: Confirm, *, ready: bool) -> list[Finding]:
        """Point the numbers' webhooks here. Changes nothing unless the address is `ready` and the operator confirms."""
        settings, found = self.settings, list[Finding]()
        wrong: list[tuple[number.OwnNumber, number.Record, dict[str, str]]] = []
        for own in number.own_numbers(settings):
            record = number.find_number(own, await self._find_number(own))
            if record is None:
                continue  # it is a problem already
            if fields := number.webhook_changes(settings, record):
                wrong.append((own, record, fields))
            else:
                found += number.check_webhooks(settings, own, record)
        if not wrong:
            return found
        why = "the public address is not ready" if not ready else ""
        if ready and not confirm([line for row in wrong for line in number.planned_changes(*row)]):
            why = "it was not confirmed"
        if why:
            found += [finding for own, record, _ in wrong for finding in number.check_webhooks(settings, own, record)]
            return [*found, note(Check.NUMBER, f"--fix changed nothing, because {why}.")]
        for own, record, fields in wrong:
            found += await self._change_number(own, record, fields)
        return found

    async def _change_number(
        self, own: number.OwnNumber, record: number.Record, fields: Mapping[str, str]
    ) -> list[Finding]:
        settings = self.settings
        changed = await self._ask(f"{self._account}/IncomingPhoneNumbers/{record.get('sid')}.json", fields=fields)
        if isinstance(changed, Reply) and changed.status == 200 and changed.record:
            return [*number.check_webhooks(settings, own, changed.record), *number.previous_webhooks(record, fields)]
        failed = problem(Check.NUMBER, "Twilio did not change the number.", "Try again, or change it in the console.")
        return [failed, *number.check_webhooks(settings, own, record)]

    async def _public_address(self, *, compare_databases: bool) -> AsyncIterator[Finding]:
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
        identity = [finding for check in PROBE_CHECKS for finding in check(settings, nonce, answer)]
        for finding in identity:
            yield finding
        if not is_well(identity):
            return
        if compare_databases:
            for finding in address.check_same_database(settings, nonce, answer, local.database_id(settings)):
                yield finding
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
        return self.settings.account_path

    @property
    def _login(self) -> tuple[str, str]:
        return (self.settings.account_sid, self.settings.auth_token.reveal())
