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
from twiml.text import shortest
from twiml.words import Words, of_country
from verification.actions import BUILT_IN, Action
from verification.numbers import Number
from verification.ports import Accepted, Outcome, Rejected, Report, TextOrder, Unclear
from verification.records import Delivery, Notice
from verification.states import Channel, DeliveryStatus
from webhooks import statuses
from webhooks.doors import Addresses
from webhooks.purposes import texted

T = TypeVar("T")
log = logging.getLogger("saycode.carrier")

RING_SECONDS = 25
CALL_SECONDS = 120
CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
#: Seconds: our clock and Twilio's may be so far apart, a start takes so long at most, and what is further away from it
#: than the last one is another start for sure.
_CLOCKS_APART, _STARTING, _NEAR = 5, 15, 300
#: Trying the same again later can work: limits of rate, queues and faults of Twilio's own.
TEMPORARY = frozenset({10004, 20429, 20500, 20503, 21611, 30001})
OPTED_OUT = 21610
TOO_MANY_REQUESTS = 429
NO_CONTENT, NOT_FOUND = 204, 404


#: A comma in front of an extension waits so long. In Twilio's whole seconds: all of it must fit into 32 characters.
TWO_SECONDS = "WW"


class Detection(Enum):
    """Whether Twilio listens for machines. It takes some four seconds, so a person is only kept waiting for the verdict
    where no key press keeps the code from a machine.
    """

    OFF = "off"
    WHILE_TALKING = "while talking"
    BEFORE_TALKING = "before talking"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The operator's account and sender. `key` is an API key and its secret, or the account and its token."""

    account_sid: str
    key: tuple[str, str]
    sender: str
    messaging_service: str | None
    base_url: str | None
    brand: str
    detection: Detection = Detection.OFF

    def __repr__(self) -> str:
        return f"Line({self.account_sid[:6]}…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long Twilio may take, in seconds: to be reached, to answer, and with all repeats of a 429.

    `first_pause` lies before the first repeat; each further one waits twice as long.
    """

    connect: float = 3
    total: float = 10
    first_pause: float = 0.5


class TimedHttpClient(AsyncTwilioHttpClient):
    """The library's client with time limits; by itself it passes `timeout=None` on, which means: wait for ever."""

    def __init__(self, patience: Patience) -> None:
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
        if response.status < 400 and response.status != NO_CONTENT and not _is_record(text):
            raise aiohttp.ClientPayloadError("a success without a sid, and no list")
        return Response(response.status, text, response.headers)


def _is_record(text: str) -> bool:
    try:
        found = json.loads(text)
    except ValueError:
        return False
    # A look-up is a record without a sid of its own.
    return isinstance(found, dict) and bool(found.get("sid") or "page_size" in found or "calling_country_code" in found)


class TwilioCarrier:
    """Calls and texts through one Twilio account. Make it inside a running event loop, and close it."""

    def __init__(
        self,
        line: Line,
        *,
        addresses: Addresses,
        words: Callable[[str], Words],
        jitter: Callable[[], float],
        actions: tuple[Action, ...] = BUILT_IN,
        patience: Patience = Patience(),
        http: TimedHttpClient | None = None,
    ) -> None:
        self._line = line
        self._patience = patience
        self._addresses = addresses
        self._words = words
        self._jitter = jitter
        self._actions = actions
        self._http = http or TimedHttpClient(patience)
        # Not the process's environment: TWILIO_REGION there would rewrite the host of a configured base address.
        self._client = Client(
            *line.key, account_sid=line.account_sid, http_client=self._http, environment={"TWILIO_REGION": ""}
        )
        if line.base_url:
            self._client.api.base_url = line.base_url

    async def close(self) -> None:
        """Close the connections to Twilio."""
        await self._http.close()  # type: ignore[no-untyped-call]  # the library has none here

    async def call(self, delivery: str, to: Number) -> Outcome:
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
                **self._after_answer(delivery, to),
            )

        return await self._start(create, delivery, statuses.CALL)

    def _after_answer(self, delivery: str, to: Number) -> dict[str, Any]:
        """Digits for a switchboard, or else an ear for machines: Twilio does only one of them in a call."""
        if to.extension:
            return {"send_digits": to.extension.replace(",", TWO_SECONDS)}
        if self._line.detection is Detection.WHILE_TALKING:
            callback = self._addresses.of("machine", delivery=delivery)
            return {"machine_detection": "Enable", "async_amd": "true", "async_amd_status_callback": callback}
        if self._line.detection is Detection.BEFORE_TALKING:
            return {"machine_detection": "Enable"}
        return {}

    async def text(self, order: TextOrder) -> Outcome:
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

        return await self._start(create, order.delivery, statuses.MESSAGE)

    @property
    def _sender(self) -> dict[str, str]:
        if self._line.messaging_service:
            return {"messaging_service_sid": self._line.messaging_service}
        return {"from_": self._line.sender}

    async def tell(self, notice: Notice) -> Outcome:
        """Call or text that a number was changed. The document goes along with the call, so no webhook follows."""
        words = self._words(notice.language or of_country(notice.number.region) or "")
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
            return await self._start(call, notice.sid, statuses.CALL)
        return await self._start(text, notice.sid, statuses.MESSAGE)

    def _body(self, order: TextOrder) -> str:
        words, minutes = self._words(order.language), order.lifetime // 60
        return shortest(
            words,
            brand=order.brand or self._line.brand,
            code=order.code,
            minutes=minutes,
            host=self._addresses.host,
            purpose=texted(words, order.action, order.payment, self._actions),
        )

    async def hang_up(self, carrier_sid: str) -> None:
        """End a call. One that has ended already is no problem, and nothing else can be done about the others."""
        try:
            await self._client.calls(carrier_sid).update_async(status="completed")
        except (TwilioException, aiohttp.ClientError, TimeoutError) as problem:
            log.warning("call not ended", extra={"fields": {"carrier_sid": carrier_sid, "why": _why(problem)}})

    async def remove(self, carrier_sid: str, channel: Channel, *, whole: bool) -> str | None:
        """Remove Twilio's record of a call or text, or only the body of a text. Why it could not be, if so."""
        try:
            if channel is Channel.CALL:
                await self._client.calls(carrier_sid).delete_async()
            elif whole:
                await self._client.messages(carrier_sid).delete_async()
            else:
                await self._client.messages(carrier_sid).update_async(body="")
        except TwilioRestException as problem:
            return None if problem.status == NOT_FOUND else _why(problem)
        except (TwilioException, aiohttp.ClientError, TimeoutError) as problem:
            return _why(problem)
        return None

    async def look_up(self, delivery: Delivery, to: Number) -> Report | Rejected | None:
        """What Twilio says became of a delivery; None when it cannot be asked, or its answer fits several."""
        try:
            if delivery.carrier_sid is None:
                return _pick(await self._sent_to(delivery.channel, to), delivery)
            if delivery.channel is Channel.CALL:
                return _report(await self._client.calls(delivery.carrier_sid).fetch_async(), statuses.CALL)
            return _report(await self._client.messages(delivery.carrier_sid).fetch_async(), statuses.MESSAGE)
        except (TwilioException, aiohttp.ClientError, TimeoutError) as problem:
            log.warning("not looked up", extra={"fields": {"delivery": delivery.sid, "why": _why(problem)}})
            return None

    async def _sent_to(self, channel: Channel, to: Number) -> list[Any]:
        """The latest calls or texts to a number, as Twilio lists them."""
        listed = self._client.calls if channel is Channel.CALL else self._client.messages
        return list(await listed.list_async(to=to.e164, limit=20))

    async def _start(
        self, create: Callable[[], Awaitable[Any]], delivery: str, words: dict[str, DeliveryStatus]
    ) -> Outcome:
        try:
            started = await self._past_429(create, until=asyncio.get_running_loop().time() + self._patience.total)
        except TwilioRestException as problem:
            outcome = _judge(problem.status, problem.code)
        except TwilioException as problem:
            # Newer APIs answer with a problem document, which the library raises as another class.
            outcome = _judge(getattr(problem, "status", 500), getattr(problem, "code", None))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            outcome = Rejected(permanent=False, code=None)
        except (aiohttp.ClientError, TimeoutError) as problem:
            outcome = Unclear(_why(problem))
        else:
            # The one line that joins our sid to Twilio's.
            log.info("delivery taken", extra={"fields": {"delivery": delivery, "carrier_sid": started.sid}})
            return Accepted(started.sid, words.get(str(started.status), DeliveryStatus.QUEUED))
        log.warning("delivery not taken", extra={"fields": {"delivery": delivery, "outcome": repr(outcome)}})
        return outcome

    async def _past_429(self, create: Callable[[], Awaitable[T]], *, until: float) -> T:
        pause = self._patience.first_pause
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


def _pick(listed: list[Any], delivery: Delivery) -> Report | Rejected | None:
    """The one that a start without a clear answer led to. Several, or none but others near it, leave it unclear."""
    ages = [(one, one.date_created.timestamp() - delivery.created_at) for one in listed if one.date_created]
    near = [one for one, age in ages if abs(age) <= _NEAR]
    its_own = [one for one in near if -_CLOCKS_APART <= one.date_created.timestamp() - delivery.created_at <= _STARTING]
    if len(near) == len(its_own) == 1:
        return _report(its_own[0], statuses.CALL if delivery.channel is Channel.CALL else statuses.MESSAGE)
    return None if near else Rejected(permanent=False, code=None)


def _report(found: Any, words: dict[str, DeliveryStatus]) -> Report | None:
    status = words.get(str(found.status))
    return Report(found.sid, status, getattr(found, "error_code", None)) if status else None


def _judge(status: int, code: int | None) -> Outcome:
    if status >= 500:
        return Unclear(f"HTTP {status}")
    if code == status:
        code = None  # the library fills in the status where Twilio, or a proxy before it, gave no code
    temporary = status == TOO_MANY_REQUESTS or code in TEMPORARY
    return Rejected(permanent=not temporary, code=code, opted_out=code == OPTED_OUT)


def _why(problem: Exception) -> str:
    if isinstance(problem, TwilioRestException):
        return f"HTTP {problem.status}, code {problem.code}"
    return type(problem).__name__
