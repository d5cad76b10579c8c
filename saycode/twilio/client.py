"""Requests to Twilio's REST API, and what its answers mean.

The outcome of a start is decided here, once. Rejected: an error that Twilio explains, or no connection at all.
Accepted: a sid. Anything else is unclear, and an unclear start is never repeated, because the phone may be ringing.
Only a 429 is repeated: Twilio has then not looked at the request.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast
from urllib.parse import quote_plus

from twilio.base.exceptions import TwilioException, TwilioRestException

from verification.models import Delivery
from verification.ports import Accepted, DeliveryReport, Outcome, Rejected, Unclear
from verification.types import Channel, DeliveryStatus
from verification.values.phone_numbers import PhoneNumber
from verification.values.twilio_errors import twilio_error

from ..config.twilio_settings import TWILIO_API_URL
from .config import DEFAULT_TIMEOUTS, Timeouts, TwilioAccount, error_code, product_url
from .http_client import NotConnected, RequestFailed, TwilioHttpClient, basic_auth, json_object

if TYPE_CHECKING:
    from twilio.rest import Client

T = TypeVar("T")
log = logging.getLogger("saycode.twilio.client")

TOO_MANY_REQUESTS = 429
NOT_FOUND = 404
_REQUEST_ERRORS = (TwilioException, RequestFailed, TimeoutError)


def _form(parameters: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The fields of parameters that are named as in Twilio's library: `StatusCallback` for `status_callback`."""
    fields: list[tuple[str, Any]] = []
    for parameter, value in parameters.items():
        name = _field_name(parameter)
        fields += [(name, each) for each in value] if isinstance(value, list) else [(name, value)]
    return fields


#: Of each character in ASCII how a form has it.
_QUOTED = str.maketrans({chr(n): quote_plus(chr(n)) for n in range(128)})


def _quoted(value: Any) -> str:
    text = str(value)
    return text.translate(_QUOTED) if text.isascii() else quote_plus(text)  # the latter takes ten times as long


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
            "Authorization": basic_auth(account.key),
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
            created = await self._retry_on_429(lambda left: self._post(path, body, left))
        except TwilioRestException as problem:
            outcome = _classify_error(problem.status, problem.code)
        except NotConnected:
            outcome = Rejected(permanent=False, code=None)
        except (RequestFailed, TimeoutError) as problem:
            outcome = Unclear(_describe_error(problem))
        else:
            # The one line that joins our sid to Twilio's.
            sid, status = created["sid"], str(created.get("status"))
            log.info("delivery accepted", extra={"fields": {**facts, "carrier_sid": sid}})
            return Accepted(sid, channel.statuses.get(status, DeliveryStatus.QUEUED))
        log.warning("delivery not accepted", extra={"fields": {**facts, "outcome": repr(outcome)}})
        return outcome

    async def _post(self, path: str, body: str, timeout: float | None = None) -> dict[str, Any]:
        """Create or change a record of the account's. Twilio's library takes as long for it as the request itself.

        `timeout`: seconds. Raises TwilioRestException, RequestFailed and TimeoutError.
        """
        base = self._account.base_url or TWILIO_API_URL
        address = f"{base}/2010-04-01/Accounts/{self._account.account_sid}/{path}.json"
        response = await self._http.send("POST", address, headers=self._headers, body=body, timeout=timeout)
        answer = json_object(response.text)
        if response.status_code >= 400:
            raise TwilioRestException(response.status_code, address, code=error_code(answer.get("code")))
        if not isinstance(answer.get("sid"), str):
            raise RequestFailed("a success without a sid")
        return answer

    async def _retry_on_429(self, create: Callable[[float], Awaitable[T]]) -> T:
        """`create` gets the seconds that are left."""
        clock, pause = asyncio.get_running_loop().time, self._timeouts.first_retry_delay
        until = clock() + self._timeouts.total
        while True:
            try:
                return await create(until - clock())
            except TwilioRestException as problem:
                delay = pause * (1 + self._jitter())
                if problem.status != TOO_MANY_REQUESTS or clock() + delay >= until:
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
    return str(problem) if isinstance(problem, RequestFailed) else type(problem).__name__
