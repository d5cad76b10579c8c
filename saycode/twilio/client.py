"""Requests to Twilio's REST API, and what its answers mean.

The outcome of a start is decided here, once. Rejected: an error that Twilio explains, or no connection at all.
Accepted: a sid. Anything else is unclear, and an unclear start is never repeated, because the phone may be ringing.
Only a 429 is repeated: Twilio has then not looked at the request.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, cast
from urllib.parse import quote_plus

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException

from verification.models import Delivery
from verification.ports import Accepted, DeliveryReport, Outcome, Rejected, Unclear
from verification.types import Channel, DeliveryStatus
from verification.values.phone_numbers import PhoneNumber
from verification.values.twilio_errors import twilio_error

from ..config.twilio_settings import TWILIO_API_URL
from .config import DEFAULT_TIMEOUTS, Timeouts, TwilioAccount, error_code, is_traced, product_url

if TYPE_CHECKING:
    from twilio.rest import Client

T = TypeVar("T")
log = logging.getLogger("saycode.twilio.client")

TOO_MANY_REQUESTS = 429
NO_CONTENT, NOT_FOUND = 204, 404
_REQUEST_ERRORS = (TwilioException, aiohttp.ClientError, TimeoutError)


class Answer(NamedTuple):
    """With the names that Twilio's library reads."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    @property
    def content(self) -> str:
        return self.text


class TwilioHttpClient:
    """With time limits; the one of Twilio's library has none, and brings seven megabytes of `requests` along."""

    is_async = True

    def __init__(self, timeouts: Timeouts = DEFAULT_TIMEOUTS) -> None:
        self._timeouts = timeouts
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), trace_configs=_traces())

    async def close(self) -> None:
        await self._session.close()

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | str | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Answer:
        """One request. Raises TimeoutError and aiohttp.ClientError, the latter also for a success that is neither a
        record of Twilio's nor a list of records.
        """
        limits = aiohttp.ClientTimeout(total=timeout or self._timeouts.total, sock_connect=self._timeouts.connect)
        async with self._session.request(
            method.upper(),
            url,
            params=cast("dict[str, str] | None", params),
            data=data,
            headers=(headers or {}) | ({"Authorization": aiohttp.encode_basic_auth(*auth)} if auth else {}),
            timeout=limits,
            allow_redirects=allow_redirects,
        ) as response:
            text = await response.text(errors="replace")
        if response.status < 400 and response.status != NO_CONTENT and not _is_resource(text):
            raise aiohttp.ClientPayloadError("a success without a sid, and no list")
        return Answer(response.status, text, response.headers)


def _traces() -> list[aiohttp.TraceConfig]:
    """Spans for requests, where something receives them."""
    if not is_traced():
        return []
    from .spans import traces

    return traces()


def _is_resource(text: str) -> bool:
    body = _object(text)
    # A number lookup is a record without a sid.
    return bool(body.get("sid") or "page_size" in body or "calling_country_code" in body)


def _object(text: str) -> dict[str, Any]:
    """The JSON object of an answer; empty when it is none."""
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _form(parameters: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The fields of parameters that are named as in Twilio's library: `StatusCallback` for `status_callback`."""
    fields: list[tuple[str, Any]] = []
    for parameter, value in parameters.items():
        name = _field_name(parameter)
        fields += [(name, each) for each in value] if isinstance(value, list) else [(name, value)]
    return fields


def _quoted(value: Any) -> str:
    text = str(value)
    return text if text.isascii() and text.isalnum() else quote_plus(text)  # the latter takes two microseconds


@cache
def _field_name(parameter: str) -> str:
    return "".join(word.capitalize() for word in parameter.split("_"))


def rest_client(account: TwilioAccount, http: TwilioHttpClient, *, api: Literal["api", "lookups"] = "api") -> "Client":
    """Twilio's own client for this account and one of Twilio's APIs. It is large, so it is loaded when it is needed."""
    from twilio.rest import Client

    # Not the process's environment: TWILIO_REGION there would rewrite the host of a configured base address.
    sid, like_its_own = account.account_sid, cast(Any, http)
    client = Client(*account.key, account_sid=sid, http_client=like_its_own, environment={"TWILIO_REGION": ""})
    if account.base_url and account.base_url != TWILIO_API_URL:
        getattr(client, api).base_url = product_url(account.base_url, api)
    return client


class TwilioClient:
    """Calls and messages of one account. Make it in a running event loop, and close it."""

    def __init__(
        self,
        account: TwilioAccount,
        *,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        jitter: Callable[[], float] = lambda: secrets.randbelow(1000) / 1000,
        http: TwilioHttpClient | None = None,
    ) -> None:
        self._timeouts = timeouts
        self._jitter = jitter
        self._http = http or TwilioHttpClient(timeouts)
        self._account = account
        self._headers = {
            "Authorization": aiohttp.encode_basic_auth(*account.key),
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "saycode",
        }

    async def _load_library(self) -> None:
        """Import Twilio's library, which calls and texts do not need, on a thread."""
        if "_client" not in self.__dict__:
            await asyncio.to_thread(import_module, "twilio.rest")

    @cached_property
    def _client(self) -> "Client":
        return rest_client(self._account, self._http)

    async def close(self) -> None:
        """Close the connections to Twilio."""
        await self._http.close()

    async def create(self, channel: Channel, delivery: str, **parameters: Any) -> Outcome:
        """Start a call or a message with these parameters of Twilio's. `delivery` is only logged."""
        facts = {"delivery": delivery, "carrier": self._account.carrier}
        path, body = channel.resource, "&".join([f"{name}={_quoted(value)}" for name, value in _form(parameters)])
        try:
            created = await self._retry_on_429(lambda: self._post(path, body))
        except TwilioRestException as problem:
            outcome = _classify_error(problem.status, problem.code)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            outcome = Rejected(permanent=False, code=None)
        except (aiohttp.ClientError, TimeoutError) as problem:
            outcome = Unclear(_describe_error(problem))
        else:
            # The one line that joins our sid to Twilio's.
            sid, status = created["sid"], str(created.get("status"))
            log.info("delivery accepted", extra={"fields": {**facts, "carrier_sid": sid}})
            return Accepted(sid, channel.statuses.get(status, DeliveryStatus.QUEUED))
        log.warning("delivery not accepted", extra={"fields": {**facts, "outcome": repr(outcome)}})
        return outcome

    async def _post(self, path: str, body: str) -> dict[str, Any]:
        """Create or change a record of the account's. Twilio's library takes as long for it as the request itself.

        Raises TwilioRestException, aiohttp.ClientError and TimeoutError.
        """
        base = self._account.base_url or TWILIO_API_URL
        address = f"{base}/2010-04-01/Accounts/{self._account.account_sid}/{path}.json"
        response = await self._http.request("POST", address, data=body, headers=self._headers)
        answer = _object(response.text)
        if response.status_code >= 400:
            raise TwilioRestException(response.status_code, address, code=error_code(answer.get("code")))
        if not isinstance(answer.get("sid"), str):
            raise aiohttp.ClientPayloadError("a success without a sid")
        return answer

    async def _retry_on_429(self, create: Callable[[], Awaitable[T]]) -> T:
        pause = self._timeouts.first_retry_delay
        until = asyncio.get_running_loop().time() + self._timeouts.total
        while True:
            try:
                async with asyncio.timeout_at(until):
                    return await create()
            except TwilioRestException as problem:
                delay = pause * (1 + self._jitter())
                if problem.status != TOO_MANY_REQUESTS or asyncio.get_running_loop().time() + delay >= until:
                    raise
            await asyncio.sleep(delay)
            pause *= 2

    async def hang_up(self, provider_sid: str) -> None:
        """End a call. A failure is only logged: the call has ended already, or nothing else can be done about it."""
        try:
            await self._post(f"Calls/{provider_sid}", "Status=completed")
        except _REQUEST_ERRORS as problem:
            facts = {"carrier_sid": provider_sid, "why": _describe_error(problem)}
            log.warning("call could not be ended", extra={"fields": facts})

    async def remove(self, provider_sid: str, channel: Channel, *, whole: bool) -> str | None:
        """Remove Twilio's record of a call or text, or only the body of a text. The reason when that failed."""
        await self._load_library()
        try:
            if channel.spoken or whole:
                await self._resource(channel)(provider_sid).delete_async()
            else:
                await self._client.messages(provider_sid).update_async(body="")
        except TwilioRestException as problem:
            return None if problem.status == NOT_FOUND else _describe_error(problem)
        except _REQUEST_ERRORS as problem:
            return _describe_error(problem)
        return None

    async def fetch_status(
        self, delivery: Delivery, to: PhoneNumber, others: Collection[str] = ()
    ) -> DeliveryReport | Rejected | None:
        """What became of a delivery; None when Twilio does not answer, or its answer fits several deliveries.

        `others`: the sids of other deliveries, which its record cannot have.
        """
        await self._load_library()
        from .matching import match_delivery, parse_report  # few requests need it

        resource = self._resource(delivery.channel)
        try:
            if delivery.provider_sid is None:
                records = await resource.list_async(to=delivery.channel.address(to.e164), limit=20)
                return match_delivery([record for record in records if record.sid not in others], delivery)
            return parse_report(await resource(delivery.provider_sid).fetch_async(), delivery.channel)
        except _REQUEST_ERRORS as problem:
            facts = {"delivery": delivery.sid, "why": _describe_error(problem)}
            log.warning("delivery status lookup failed", extra={"fields": facts})
            return None

    def _resource(self, channel: Channel) -> Any:
        return getattr(self._client, channel.resource.lower())


def _classify_error(status: int, code: int | None) -> Outcome:
    if status >= 500:
        return Unclear(f"HTTP {status}")
    if code == status:
        code = None  # the library fills in the status where Twilio, or a proxy before it, gave no code
    error = twilio_error(code)
    temporary = status == TOO_MANY_REQUESTS or error.temporary
    return Rejected(permanent=not temporary, code=code, opted_out=error.opted_out)


def _describe_error(problem: Exception) -> str:
    if isinstance(problem, TwilioRestException):
        return f"HTTP {problem.status}, code {problem.code}"
    return type(problem).__name__
