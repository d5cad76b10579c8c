"""Twilio behind the carrier port.

What an answer means is decided here, once; everyone above sees three cases. Refused for certain: an error that Twilio
explains, or no connection at all. Taken: a sid. Anything else is unclear, and an unclear start is never repeated,
because the phone may be ringing. Only a 429 is: Twilio has then not looked at the request.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar, cast

import aiohttp
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from twiml.call import number_changed
from twiml.text import number_changed as number_changed_text
from twiml.text import shortest_message
from twiml.words import Words, language_of_country
from verification.models import Delivery, Notice
from verification.policy import BUILT_IN_ACTIONS, Action
from verification.ports import Accepted, DeliveryReport, Outcome, Rejected, TextMessage, Unclear
from verification.types import Channel, DeliveryStatus
from verification.values.phone_numbers import PhoneNumber
from webhooks.routes import PublicUrls
from webhooks.twilio import statuses
from webhooks.twilio.prompts import message_purpose

T = TypeVar("T")
log = logging.getLogger("saycode.twilio.client")

RING_SECONDS = 25
CALL_SECONDS = 120
CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
#: Seconds: our clock and Twilio's may be so far apart, a start takes so long at most, and what is further away from it
#: than the last one is another start for sure.
_MAX_CLOCK_SKEW, _MAX_START_SECONDS, _MATCH_WINDOW = 5, 15, 300
#: Trying the same again later can work: limits of rate, queues and faults of Twilio's own.
RETRYABLE_CODES = frozenset({10004, 20429, 20500, 20503, 21611, 30001})
OPTED_OUT_CODE = 21610
TOO_MANY_REQUESTS = 429
NO_CONTENT, NOT_FOUND = 204, 404


#: A comma in front of an extension waits so long. In Twilio's whole seconds: all of it must fit into 32 characters.
TWO_SECOND_PAUSE = "WW"


class MachineDetection(Enum):
    """Whether Twilio listens for machines. It takes some four seconds, so a person is only kept waiting for the verdict
    where no key press keeps the code from a machine.
    """

    OFF = "off"
    WHILE_TALKING = "while talking"
    BEFORE_TALKING = "before talking"


@dataclass(frozen=True, slots=True, kw_only=True)
class TwilioConfig:
    """The operator's account and sender. `key` is an API key and its secret, or the account and its token."""

    account_sid: str
    key: tuple[str, str]
    sender: str
    messaging_service: str | None
    base_url: str | None
    brand: str
    detection: MachineDetection = MachineDetection.OFF

    def __repr__(self) -> str:
        return f"Line({self.account_sid[:6]}…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long Twilio may take, in seconds: to be reached, to answer, and with all repeats of a 429.

    `first_pause` lies before the first repeat; each further one waits twice as long.
    """

    connect: float = 3
    total: float = 10
    first_retry_delay: float = 0.5


class TwilioHttpClient(AsyncTwilioHttpClient):
    """The library's client with time limits; by itself it passes `timeout=None` on, which means: wait for ever."""

    def __init__(self, patience: Timeouts) -> None:
        super().__init__()
        self._patience = patience

    async def request(  # type: ignore[override]  # the library's own client is a coroutine under a plain signature too
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request. Raises TimeoutError, and aiohttp.ClientError, also for a success that is neither a record of
        Twilio's nor a list of them.
        """
        limits = aiohttp.ClientTimeout(total=timeout or self._patience.total, sock_connect=self._patience.connect)
        assert self.session is not None
        async with self.session.request(
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
        return Response(response.status, text, response.headers)


def _is_resource(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    # A look-up is a record without a sid of its own.
    return isinstance(found, dict) and bool(found.get("sid") or "page_size" in found or "calling_country_code" in found)


class TwilioProvider:
    """Calls and texts through one Twilio account. Make it inside a running event loop, and close it."""

    def __init__(
        self,
        line: TwilioConfig,
        *,
        addresses: PublicUrls,
        words: Callable[[str], Words],
        jitter: Callable[[], float],
        actions: tuple[Action, ...] = BUILT_IN_ACTIONS,
        patience: Timeouts = Timeouts(),
        http: TwilioHttpClient | None = None,
    ) -> None:
        self._line = line
        self._patience = patience
        self._addresses = addresses
        self._words = words
        self._jitter = jitter
        self._actions = actions
        self._http = http or TwilioHttpClient(patience)
        # Not the process's environment: TWILIO_REGION there would rewrite the host of a configured base address.
        self._client = Client(
            *line.key, account_sid=line.account_sid, http_client=self._http, environment={"TWILIO_REGION": ""}
        )
        if line.base_url:
            self._client.api.base_url = line.base_url

    async def close(self) -> None:
        """Close the connections to Twilio."""
        await self._http.close()  # type: ignore[no-untyped-call]  # the library has none here

    async def call(self, delivery: str, to: PhoneNumber) -> Outcome:
        """Place a call whose webhooks carry the delivery's sid."""
        where = self._addresses

        async def create() -> Any:
            return await self._client.calls.create_async(
                to=to.e164,
                from_=self._line.sender,
                url=where.of("answered", delivery=delivery),
                status_callback=where.of("call_status", delivery=delivery),
                status_callback_event=CALL_EVENTS,
                timeout=RING_SECONDS,
                time_limit=CALL_SECONDS,
                **self._answer_options(delivery, to),
            )

        return await self._start(create, delivery, statuses.CALL_STATUSES)

    def _answer_options(self, delivery: str, to: PhoneNumber) -> dict[str, Any]:
        """Digits for a switchboard, or else an ear for machines: Twilio does only one of them in a call."""
        if to.extension:
            return {"send_digits": to.extension.replace(",", TWO_SECOND_PAUSE)}
        if self._line.detection is MachineDetection.WHILE_TALKING:
            callback = self._addresses.of("machine", delivery=delivery)
            return {"machine_detection": "Enable", "async_amd": "true", "async_amd_status_callback": callback}
        if self._line.detection is MachineDetection.BEFORE_TALKING:
            return {"machine_detection": "Enable"}
        return {}

    async def text(self, order: TextMessage) -> Outcome:
        """Send the code as one text."""
        body = self._body(order)

        async def create() -> Any:
            return await self._client.messages.create_async(
                to=order.to.e164,
                body=body,
                status_callback=self._addresses.of("message_status", delivery=order.delivery),
                validity_period=max(order.lifetime, 6),
                message_intent="otp",
                **self._sender,
            )

        return await self._start(create, order.delivery, statuses.MESSAGE_STATUSES)

    @property
    def _sender(self) -> dict[str, str]:
        if self._line.messaging_service:
            return {"messaging_service_sid": self._line.messaging_service}
        return {"from_": self._line.sender}

    async def tell(self, notice: Notice) -> Outcome:
        """Call or text that a number was changed. The document goes along with the call, so no webhook follows."""
        words = self._words(notice.language or language_of_country(notice.number.region) or "")
        brand = notice.brand or self._line.brand

        async def call() -> Any:
            return await self._client.calls.create_async(
                to=notice.number.e164,
                from_=self._line.sender,
                twiml=number_changed(words, brand=brand),
                timeout=RING_SECONDS,
                time_limit=CALL_SECONDS,
            )

        async def text() -> Any:
            body = number_changed_text(words, brand=brand)
            return await self._client.messages.create_async(to=notice.number.e164, body=body, **self._sender)

        if notice.channel is Channel.CALL:
            return await self._start(call, notice.sid, statuses.CALL_STATUSES)
        return await self._start(text, notice.sid, statuses.MESSAGE_STATUSES)

    def _body(self, order: TextMessage) -> str:
        words, minutes = self._words(order.language), order.lifetime // 60
        return shortest_message(
            words,
            brand=order.brand or self._line.brand,
            code=order.code,
            minutes=minutes,
            host=self._addresses.host,
            purpose=message_purpose(words, order.action, order.payment, self._actions),
        )

    async def hang_up(self, provider_sid: str) -> None:
        """End a call. One that has ended already is no problem, and nothing else can be done about the others."""
        try:
            await self._client.calls(provider_sid).update_async(status="completed")
        except (TwilioException, aiohttp.ClientError, TimeoutError) as problem:
            log.warning(
                "call could not be ended",
                extra={"fields": {"carrier_sid": provider_sid, "why": _describe_error(problem)}},
            )

    async def remove(self, provider_sid: str, channel: Channel, *, whole: bool) -> str | None:
        """Remove Twilio's record of a call or text, or only the body of a text. Why it could not be, if so."""
        try:
            if channel is Channel.CALL:
                await self._client.calls(provider_sid).delete_async()
            elif whole:
                await self._client.messages(provider_sid).delete_async()
            else:
                await self._client.messages(provider_sid).update_async(body="")
        except TwilioRestException as problem:
            return None if problem.status == NOT_FOUND else _describe_error(problem)
        except (TwilioException, aiohttp.ClientError, TimeoutError) as problem:
            return _describe_error(problem)
        return None

    async def fetch_status(self, delivery: Delivery, to: PhoneNumber) -> DeliveryReport | Rejected | None:
        """What Twilio says became of a delivery; None when it cannot be asked, or its answer fits several."""
        try:
            if delivery.provider_sid is None:
                return _match_delivery(await self._sent_to(delivery.channel, to), delivery)
            if delivery.channel is Channel.CALL:
                return _parse_report(
                    await self._client.calls(delivery.provider_sid).fetch_async(), statuses.CALL_STATUSES
                )
            return _parse_report(
                await self._client.messages(delivery.provider_sid).fetch_async(), statuses.MESSAGE_STATUSES
            )
        except (TwilioException, aiohttp.ClientError, TimeoutError) as problem:
            log.warning(
                "delivery status lookup failed",
                extra={"fields": {"delivery": delivery.sid, "why": _describe_error(problem)}},
            )
            return None

    async def _sent_to(self, channel: Channel, to: PhoneNumber) -> list[Any]:
        """The latest calls or texts to a number, as Twilio lists them."""
        listed = self._client.calls if channel is Channel.CALL else self._client.messages
        return list(await listed.list_async(to=to.e164, limit=20))

    async def _start(
        self, create: Callable[[], Awaitable[Any]], delivery: str, words: dict[str, DeliveryStatus]
    ) -> Outcome:
        try:
            started = await self._retry_on_429(create, until=asyncio.get_running_loop().time() + self._patience.total)
        except TwilioRestException as problem:
            outcome = _classify_error(problem.status, problem.code)
        except TwilioException as problem:
            # Newer APIs answer with a problem document, which the library raises as another class.
            outcome = _classify_error(getattr(problem, "status", 500), getattr(problem, "code", None))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            outcome = Rejected(permanent=False, code=None)
        except (aiohttp.ClientError, TimeoutError) as problem:
            outcome = Unclear(_describe_error(problem))
        else:
            # The one line that joins our sid to Twilio's.
            log.info("delivery accepted", extra={"fields": {"delivery": delivery, "carrier_sid": started.sid}})
            return Accepted(started.sid, words.get(str(started.status), DeliveryStatus.QUEUED))
        log.warning("delivery not accepted", extra={"fields": {"delivery": delivery, "outcome": repr(outcome)}})
        return outcome

    async def _retry_on_429(self, create: Callable[[], Awaitable[T]], *, until: float) -> T:
        pause = self._patience.first_retry_delay
        while True:
            try:
                async with asyncio.timeout_at(until):
                    return await create()
            except TwilioRestException as problem:
                longer = pause * (1 + self._jitter())
                if problem.status != TOO_MANY_REQUESTS or asyncio.get_running_loop().time() + longer >= until:
                    raise
            await asyncio.sleep(longer)
            pause *= 2


def _match_delivery(listed: list[Any], delivery: Delivery) -> DeliveryReport | Rejected | None:
    """The one that a start without a clear answer led to. Several, or none but others near it, leave it unclear."""
    ages = [(one, one.date_created.timestamp() - delivery.created_at) for one in listed if one.date_created]
    near = [one for one, age in ages if abs(age) <= _MATCH_WINDOW]
    its_own = [
        one
        for one in near
        if -_MAX_CLOCK_SKEW <= one.date_created.timestamp() - delivery.created_at <= _MAX_START_SECONDS
    ]
    if len(near) == len(its_own) == 1:
        return _parse_report(
            its_own[0], statuses.CALL_STATUSES if delivery.channel is Channel.CALL else statuses.MESSAGE_STATUSES
        )
    return None if near else Rejected(permanent=False, code=None)


def _parse_report(found: Any, words: dict[str, DeliveryStatus]) -> DeliveryReport | None:
    status = words.get(str(found.status))
    return DeliveryReport(found.sid, status, getattr(found, "error_code", None)) if status else None


def _classify_error(status: int, code: int | None) -> Outcome:
    if status >= 500:
        return Unclear(f"HTTP {status}")
    if code == status:
        code = None  # the library fills in the status where Twilio, or a proxy before it, gave no code
    temporary = status == TOO_MANY_REQUESTS or code in RETRYABLE_CODES
    return Rejected(permanent=not temporary, code=code, opted_out=code == OPTED_OUT_CODE)


def _describe_error(problem: Exception) -> str:
    if isinstance(problem, TwilioRestException):
        return f"HTTP {problem.status}, code {problem.code}"
    return type(problem).__name__
