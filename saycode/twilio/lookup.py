"""Twilio's Lookup v2 behind the port for number lookups.

A number is looked up before every send, so a result is cached for some minutes, under a keyed hash of the number. The
time limit is short, because the user waits for the phone meanwhile; a failure is itself a result.
"""

import asyncio
import hmac
import logging
import secrets
from collections import OrderedDict
from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING, Any

from verification.flow.lookup import LineType, LookupResult
from verification.ports import Clock
from verification.values.phone_numbers import PhoneNumber

from ..config.parsers import LookupPackage
from .config import Timeouts, TwilioAccount

if TYPE_CHECKING:
    from .http_client import TwilioHttpClient

log = logging.getLogger("saycode.twilio.lookup")
TIMEOUT_SECONDS = 2.0
CACHE_SECONDS = 300
CACHE_SIZE = 10_000
LOOKUP_FIELDS = {
    LookupPackage.LINE: "line_type_intelligence",
    LookupPackage.SIM: "sim_swap",
    LookupPackage.FORWARDING: "call_forwarding",
}
_LINES = {line.value: line for line in LineType}
#: The names that Twilio has used for the status in its package on forwarded calls.
FORWARDING_NAMES = ("call_forwarding_status", "call_forwarding_enabled", "call_forwarding")


class TwilioLookup:
    """Looks numbers up. The client is made with the first lookup, so that the service starts without waiting for it."""

    def __init__(
        self,
        account: TwilioAccount,
        packages: tuple[LookupPackage, ...],
        *,
        clock: Clock,
        timeout: float = TIMEOUT_SECONDS,
        http: "TwilioHttpClient | None" = None,
    ) -> None:
        self._account = account
        self._fields = ",".join(LOOKUP_FIELDS[package] for package in packages)
        self._clock = clock
        self._timeout = timeout
        self._http = http
        self._client: Any = None
        self._salt = secrets.token_bytes(16)
        self._cache: OrderedDict[bytes, tuple[float, LookupResult]] = OrderedDict()

    async def close(self) -> None:
        """Close the connections to Twilio."""
        if self._http is not None:
            await self._http.close()

    async def find(self, number: PhoneNumber) -> LookupResult:
        """What Twilio knows of a number. Never raises: a failure is part of the result, and is not cached."""
        key, now = hmac.digest(self._salt, number.e164.encode(), sha256), self._clock.now()
        cached = self._cache.get(key)
        if cached is not None and now < cached[0]:
            return cached[1]
        result = await self._fetch(number)
        if not result.down:
            self._cache[key] = (now + CACHE_SECONDS, result)
            while len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)
        return result

    async def _fetch(self, number: PhoneNumber) -> LookupResult:
        try:
            async with asyncio.timeout(self._timeout):
                client = await self._get_client()
                answer = await client.lookups.v2.phone_numbers(number.e164).fetch_async(fields=self._fields)
        except Exception as problem:  # of any kind: the user waits, and the operator has set what follows
            why = _describe_error(problem)
            log.warning("number lookup failed", extra={"fields": {"why": why}})
            return LookupResult(down=why)
        return parse_packages(answer.line_type_intelligence, answer.sim_swap, answer.call_forwarding)

    async def _get_client(self) -> Any:
        if self._client is None:
            module = await asyncio.to_thread(import_module, "saycode.twilio.client")
            self._http = self._http or module.TwilioHttpClient(Timeouts(total=self._timeout))
            self._client = module.rest_client(self._account, self._http, api="lookups")
        return self._client


def parse_packages(line: object, sim: object, forwarding: object) -> LookupResult:
    """The result from Twilio's three packages; None where Twilio has no data, or none that can be read."""
    line_type = _as_dict(line).get("type")
    changed = _as_dict(_as_dict(sim).get("last_sim_swap")).get("swapped_in_period")
    return LookupResult(
        line=_LINES.get(line_type) if isinstance(line_type, str) else None,
        sim_changed=_parse_bool(changed),
        forwarded=_parse_forwarding(forwarding),
    )


def _parse_forwarding(package: object) -> bool | None:
    """The status in the package; calls are forwarded when any of its names says so."""
    fields = _as_dict(package)
    known = [status for name in FORWARDING_NAMES if (status := _parse_bool(fields.get(name))) is not None]
    return any(known) if known else _parse_bool(package)


def _as_dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _parse_bool(value: object) -> bool | None:
    return {"true": True, "false": False}.get(str(value).lower())


def _describe_error(problem: Exception) -> str:
    status = getattr(problem, "status", None)
    if isinstance(problem, TimeoutError):
        return "time-out"
    return f"HTTP {status}" if isinstance(status, int) else type(problem).__name__
