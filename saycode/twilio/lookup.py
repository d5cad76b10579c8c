"""Twilio's Lookup v2 behind the port for signals.

It is asked for every send, so what it said is kept for some minutes, under a keyed hash of the number. It has a time
limit of its own, because a person waits for the phone meanwhile; what goes wrong is itself a signal.
"""

import asyncio
import hmac
import logging
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from importlib import import_module
from typing import Any

from verification.flow.lookup import LineType, LookupResult
from verification.ports import Clock
from verification.values.phone_numbers import PhoneNumber

from ..config.parsers import LookupPackage

log = logging.getLogger("saycode.twilio.lookup")
TIMEOUT_SECONDS = 2.0
CACHE_SECONDS = 300
CACHE_SIZE = 10_000
TWILIO_API_URL = "https://api.twilio.com"
LOOKUP_FIELDS = {
    LookupPackage.LINE: "line_type_intelligence",
    LookupPackage.SIM: "sim_swap",
    LookupPackage.FORWARDING: "call_forwarding",
}
_LINES = {line.value: line for line in LineType}


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupConfig:
    """Whose account is asked, and where. The base address is the REST API's; a simulator answers both under one."""

    account_sid: str
    key: tuple[str, str]
    base_url: str

    def __repr__(self) -> str:
        return f"Access({self.account_sid[:6]}…)"


class TwilioLookup:
    """Looks numbers up. The client is made at the first time, so that the service starts without waiting for it."""

    def __init__(
        self,
        access: LookupConfig,
        packages: tuple[LookupPackage, ...],
        *,
        clock: Clock,
        seconds: float = TIMEOUT_SECONDS,
        http: Any = None,
    ) -> None:
        self._access = access
        self._fields = ",".join(LOOKUP_FIELDS[package] for package in packages)
        self._clock = clock
        self._seconds = seconds
        self._http = http
        self._client: Any = None
        self._salt = secrets.token_bytes(16)
        self._kept: OrderedDict[bytes, tuple[float, LookupResult]] = OrderedDict()

    async def close(self) -> None:
        """Close the connections to Twilio."""
        if self._client is not None:
            await self._http.close()

    async def find(self, number: PhoneNumber) -> LookupResult:
        """What Twilio knows of a number. Never raises; what went wrong is in the answer, and not kept."""
        name, now = hmac.digest(self._salt, number.e164.encode(), sha256), self._clock.now()
        known = self._kept.get(name)
        if known is not None and now < known[0]:
            return known[1]
        found = await self._ask(number)
        if not found.down:
            self._kept[name] = (now + CACHE_SECONDS, found)
            while len(self._kept) > CACHE_SIZE:
                self._kept.popitem(last=False)
        return found

    async def _ask(self, number: PhoneNumber) -> LookupResult:
        try:
            async with asyncio.timeout(self._seconds):
                client = await self._made()
                answer = await client.lookups.v2.phone_numbers(number.e164).fetch_async(fields=self._fields)
        except Exception as problem:  # whatever it is: somebody waits, and the operator has said what follows
            why = _describe_error(problem)
            log.warning("number lookup failed", extra={"fields": {"why": why}})
            return LookupResult(down=why)
        return parse_packages(answer.line_type_intelligence, answer.sim_swap, answer.call_forwarding)

    async def _made(self) -> Any:
        if self._client is None:
            provider = await asyncio.to_thread(import_module, "saycode.twilio.client")
            self._http = self._http or provider.TimedHttpClient(provider.Patience(total=self._seconds))
            self._client = provider.Client(
                *self._access.key,
                account_sid=self._access.account_sid,
                http_client=self._http,
                environment={"TWILIO_REGION": ""},
            )
            if self._access.base_url != TWILIO_API_URL:
                self._client.lookups.base_url = self._access.base_url
        return self._client


def parse_packages(line: object, sim: object, forwarding: object) -> LookupResult:
    """Twilio's three packages; what it has no data for is None, and so is what nobody can read."""
    kind = _as_dict(line).get("type")
    changed = _as_dict(_as_dict(sim).get("last_sim_swap")).get("swapped_in_period")
    return LookupResult(
        line=_LINES.get(kind) if isinstance(kind, str) else None,
        sim_changed=_parse_bool(changed),
        forwarded=_parse_bool(_as_dict(forwarding).get("call_forwarding_status")),
    )


def _as_dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _parse_bool(value: object) -> bool | None:
    return {"true": True, "false": False}.get(str(value).lower())


def _describe_error(problem: Exception) -> str:
    status = getattr(problem, "status", None)
    if isinstance(problem, TimeoutError):
        return "time-out"
    return f"HTTP {status}" if isinstance(status, int) else type(problem).__name__
