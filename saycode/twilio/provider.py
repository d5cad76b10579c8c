"""The provider port over one Twilio account: what each call and text asks Twilio for.

Starts go through the circuit breaker of their channel.

A circuit breaker for each channel, for when Twilio is half down:

    closed -- FAILURE_THRESHOLD failures in a row --> open
    open   -- its pause is over --> half-open: one start goes out as a probe
    half-open -- accepted or refused for good --> closed
              -- failed --> open, for twice as long

While a circuit is open a start fails at once, as if Twilio had refused it for certain: the page offers the other
channel without a wait of ten seconds, and no allowance is used up. The state belongs to one process; each worker learns
it for itself.
"""

import logging
from collections.abc import Awaitable, Callable, Collection
from time import monotonic
from typing import Any
from urllib.parse import urlencode

from msgspec.structs import replace

from twiml.words import Words, language_of_country
from verification.models import Delivery, Notice
from verification.policy import BUILT_IN_ACTIONS, Action, action_phrase
from verification.ports import DeliveryReport, Outcome, Rejected, TextMessage, Unclear
from verification.types import Channel, CountrySender, Record
from verification.values.phone_numbers import PhoneNumber
from webhooks.context import PublicUrls

from .client import TwilioClient
from .config import MachineDetection, TwilioConfig

log = logging.getLogger("saycode.twilio.client")

RING_SECONDS = 25
CALL_SECONDS = 300
CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
#: A comma before an extension. Twilio's pauses are whole seconds, and all digits must fit into 32 characters.
TWO_SECOND_PAUSE = "WW"
_AS_EVERYWHERE = CountrySender()
CIRCUIT_OPEN = Rejected(permanent=False, code=None)
#: A message was planned before its channel was switched off. The code is Twilio's for a sender that it does not have.
NOT_SET_UP = Rejected(permanent=True, code=63007)
#: A Twilio that fails every third time has five failures in a row once in some 200 starts.
FAILURE_THRESHOLD = 5
#: Seconds: the first pause, the longest pause, and how long a probe may take until another one may go out.
FIRST_PAUSE, MAX_PAUSE, PROBE_TIMEOUT = 10.0, 60.0, 15.0


class CircuitBreaker(Record, frozen=True, kw_only=True):
    """The state of one channel. `retry_at`: when the next probe may go out; `probing`: a probe is under way."""

    failures: int = 0
    pause: float = 0
    retry_at: float = 0
    probing: bool = False

    @property
    def is_open(self) -> bool:
        """Whether all starts but probes are turned away."""
        return self.failures >= FAILURE_THRESHOLD

    def admit(self, *, now: float) -> "CircuitBreaker | None":
        """The breaker once a start has gone out; None when the start is turned away."""
        if not self.is_open:
            return self
        return replace(self, retry_at=now + PROBE_TIMEOUT, probing=True) if now >= self.retry_at else None

    def after(self, outcome: Outcome, *, now: float) -> "CircuitBreaker":
        """The breaker after Twilio's answer."""
        if not is_failure(outcome):
            return CircuitBreaker()
        if not self.is_open:
            failed = replace(self, failures=self.failures + 1)
            return replace(failed, pause=FIRST_PAUSE, retry_at=now + FIRST_PAUSE) if failed.is_open else failed
        if not self.probing:
            return self  # it began before the circuit opened, and says nothing new
        pause = min(2 * self.pause, MAX_PAUSE)
        return replace(self, pause=pause, retry_at=now + pause, probing=False)


def is_failure(outcome: Outcome) -> bool:
    """Whether the outcome shows that Twilio is in trouble. A permanent refusal does not."""
    return isinstance(outcome, Unclear) or (isinstance(outcome, Rejected) and not outcome.permanent)


class CircuitBreakers:
    """The circuit breakers of one process."""

    def __init__(self, *, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._breakers = {channel: CircuitBreaker() for channel in Channel}

    def open_channels(self) -> frozenset[Channel]:
        """The channels on which only probes go out; for health and metrics."""
        return frozenset(channel for channel, breaker in self._breakers.items() if breaker.is_open)

    async def run(self, channel: Channel, start: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """The outcome of `start`, or CIRCUIT_OPEN without calling it."""
        admitted = self._breakers[channel].admit(now=self._now())
        if admitted is None:
            return CIRCUIT_OPEN
        self._breakers[channel] = admitted
        outcome = await start()
        before = self._breakers[channel]
        after = self._breakers[channel] = before.after(outcome, now=self._now())
        if after.is_open and after != before:
            log.error("circuit opened", extra={"fields": {"channel": channel.value, "seconds": round(after.pause)}})
        elif before.is_open and not after.is_open:
            log.warning("circuit closed", extra={"fields": {"channel": channel.value}})
        return outcome


def _extension_digits(to: PhoneNumber) -> dict[str, str]:
    return {"send_digits": to.extension.replace(",", TWO_SECOND_PAUSE)} if to.extension else {}


class TwilioProvider:
    """Calls and texts through one Twilio account. `connect` makes the client, once. Close it at the end."""

    def __init__(
        self,
        config: TwilioConfig,
        *,
        urls: PublicUrls,
        words: Callable[[str], Words],
        actions: tuple[Action, ...] = BUILT_IN_ACTIONS,
        connect: Callable[[TwilioConfig], TwilioClient] = TwilioClient,
        breakers: CircuitBreakers | None = None,
    ) -> None:
        self._config = config
        self._urls = urls
        self._words = words
        self._actions = actions
        self._connect = connect
        self._connected: TwilioClient | None = None
        self.breakers = breakers or CircuitBreakers()

    def _client(self) -> TwilioClient:
        """The client, which is made in the event loop that it is used in."""
        if self._connected is None:
            self._connected = self._connect(self._config)
        return self._connected

    async def close(self) -> None:
        """Close the connections to Twilio."""
        if self._connected is not None:
            await self._connected.close()

    async def call(self, delivery: str, to: PhoneNumber) -> Outcome:
        """Place a call whose webhooks carry the delivery's sid."""
        return await self._start(
            Channel.CALL,
            delivery,
            to=to.e164,
            from_=self._number_for(to),
            url=self._urls.of("call_answered", delivery=delivery),
            fallback_url=self._urls.of("call_fallback", delivery=delivery),
            status_callback=self._urls.of("call_status", delivery=delivery),
            status_callback_event=CALL_EVENTS,
            timeout=RING_SECONDS,
            time_limit=CALL_SECONDS,
            **self._answer_options(delivery, to),
        )

    def _answer_options(self, delivery: str, to: PhoneNumber) -> dict[str, Any]:
        """Digits for a switchboard, or else machine detection: Twilio does only one of them in a call."""
        if to.extension:
            return _extension_digits(to)
        if self._config.detection is MachineDetection.WHILE_TALKING:
            callback = self._urls.of("machine_detected", delivery=delivery)
            return {"machine_detection": "Enable", "async_amd": "true", "async_amd_status_callback": callback}
        if self._config.detection is MachineDetection.BEFORE_TALKING:
            return {"machine_detection": "Enable"}
        return {}

    async def text(self, order: TextMessage) -> Outcome:
        """Send the code as one text, or in the template of a messenger."""
        channel, messenger = order.channel, self._config.whatsapp
        if not channel.templated:
            content = self._text(order)
        elif messenger is None:
            return NOT_SET_UP
        else:
            content = messenger.content(order.language, order.code)
        return await self._start(
            channel,
            order.delivery,
            to=channel.address(order.to.e164),
            status_callback=self._urls.of("message_status", delivery=order.delivery),
            validity_period=max(order.lifetime, 6),
            **content,
        )

    def _text(self, order: TextMessage) -> dict[str, str]:
        return {"body": self._body(order), "message_intent": "otp", **self._text_sender(order.to)}

    def _sender(self, to: PhoneNumber) -> CountrySender:
        return self._config.senders.get(to.region, _AS_EVERYWHERE)

    def _number_for(self, to: PhoneNumber) -> str:
        return self._sender(to).number or self._config.sender

    def _brand(self, to: PhoneNumber) -> str:
        return self._sender(to).brand or self._config.brand

    def _text_sender(self, to: PhoneNumber) -> dict[str, str]:
        """A messaging service, or else a number. A country's number is used for its texts, too, unless the country has
        a messaging service of its own.
        """
        sender = self._sender(to)
        service = sender.messaging_service or ("" if sender.number else self._config.messaging_service)
        return {"messaging_service_sid": service} if service else {"from_": self._number_for(to)}

    def _body(self, order: TextMessage) -> str:
        from twiml.text import message_purpose, shortest_message

        words = self._words(order.language)
        phrase = action_phrase(self._actions, order.action, words.tag)
        return shortest_message(
            words,
            brand=order.brand or self._brand(order.to),
            code=order.code,
            minutes=order.lifetime // 60,
            host=self._urls.host,
            purpose=message_purpose(words, order.action, order.payment, phrase),
            app_hash=order.app_hash,
        )

    async def notify(self, notice: Notice) -> Outcome:
        """Call or text that a number was changed. A call gets its TwiML with the request, if it can: then no webhook
        follows.
        """
        from twiml.call import number_changed
        from twiml.text import number_changed as number_changed_text

        words = self._words(notice.language or language_of_country(notice.number.region) or "")
        brand, to = notice.brand or self._brand(notice.number), notice.number.e164
        if not notice.channel.spoken:
            body = number_changed_text(words, brand=brand)
            return await self._start(notice.channel, notice.sid, to=to, body=body, **self._text_sender(notice.number))
        address = f"{self._urls.of('call_notice')}?{urlencode({'language': words.tag, 'brand': brand})}"
        inline = self._config.inline_documents
        document = {"twiml": number_changed(words, brand=brand)} if inline else {"url": address}
        return await self._start(
            Channel.CALL,
            notice.sid,
            to=to,
            from_=self._number_for(notice.number),
            **document,
            timeout=RING_SECONDS,
            time_limit=CALL_SECONDS,
            **_extension_digits(notice.number),
        )

    async def _start(self, channel: Channel, delivery: str, **parameters: Any) -> Outcome:
        parameters = {name: value for name, value in parameters.items() if name not in self._config.left_out}

        return await self.breakers.run(channel, lambda: self._client().create(channel, delivery, **parameters))

    async def hang_up(self, provider_sid: str) -> None:
        """End a call, also while the circuit is open."""
        await self._client().hang_up(provider_sid)

    async def fetch_status(
        self, delivery: Delivery, to: PhoneNumber, others: Collection[str] = ()
    ) -> DeliveryReport | Rejected | None:
        """What Twilio says became of a delivery; None when its answer is not known, or the circuit is open."""
        if delivery.channel in self.breakers.open_channels():
            return None
        return await self._client().fetch_status(delivery, to, others)

    async def remove(self, provider_sid: str, channel: Channel, *, whole: bool) -> str | None:
        """Remove Twilio's record of a call or text, or only the body of a text. The reason when that failed."""
        return await self._client().remove(provider_sid, channel, whole=whole)
