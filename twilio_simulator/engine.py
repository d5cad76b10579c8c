"""The engine of the simulator, for Python code in the same event loop.

    async with Twilio(account_sid="AC…", auth_token="…", clock=ManualClock()) as twilio:
        call = twilio.create_call(to="+14155550100", sender="+14155550199", url="http://localhost:8000/voice")
        phone = twilio.phone("+14155550100")
        await phone.answer()
        await phone.press("47")
        print(phone.transcript)

`twilio_simulator.app` serves it over HTTP.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from .calls.calling import place_call
from .core.account import Account, ContentTemplate, IncomingPhoneNumber
from .core.clock import Clock, RealClock
from .core.dialect import TWILIO, Dialect
from .core.events import EventStream
from .core.faults import Fault, FaultKind, FaultQueue
from .core.phone_numbers import WHATSAPP, validation_errors
from .core.request_log import RequestLog
from .http.callbacks import CallbackFaults
from .http.client import WebhookClient
from .http.debugger import Debugger
from .http.signing import SigningMode
from .http.transport import AiohttpTransport, WebhookTransport
from .network.call import Call, CallPlan, FetchStep
from .network.exchange import Exchange
from .network.message import Message
from .phone import Phone


class Twilio:
    """One simulated Twilio with one live account."""

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        clock: Clock | None = None,
        transport: WebhookTransport | None = None,
        test_credentials: tuple[str, str] | None = None,
        strict_numbers: bool = True,
        calls_per_second: float | None = 1.0,
        dialect: Dialect = TWILIO,
    ) -> None:
        self.clock = clock or RealClock()
        now = self.clock.now
        self.events = EventStream(now=now, changed=self.clock.notify)
        self.debugger = Debugger(stream=self.events, now=now)
        self.request_log = RequestLog()
        self.faults = FaultQueue()
        self.requests_in_flight = 0
        self.account = Account(account_sid, auth_token, now(), strict_numbers=strict_numbers, dialect=dialect)
        self.account.test_sid, self.account.test_token = test_credentials or (None, None)
        self.account.calls_per_second = calls_per_second
        transport = transport or AiohttpTransport()
        self.webhooks = WebhookClient(
            account=self.account,
            clock=self.clock,
            transport=transport,
            request_log=self.request_log,
            debugger=self.debugger,
            stream=self.events,
        )
        self.exchange = Exchange(
            account=self.account,
            clock=self.clock,
            stream=self.events,
            debugger=self.debugger,
            request_log=self.request_log,
            transport=transport,
            webhooks=self.webhooks,
        )

    async def open(self) -> None:
        await self.exchange.transport.open()

    async def close(self) -> None:
        """Cancel all calls and messages that are in progress."""
        await self.clock.close()
        await self.exchange.transport.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def numbers(self) -> dict[str, IncomingPhoneNumber]:
        """The numbers that the account owns."""
        return self.account.numbers

    @property
    def calls(self) -> dict[str, Call]:
        return self.exchange.calls

    @property
    def messages(self) -> dict[str, Message]:
        return self.exchange.messages

    @property
    def url(self) -> str:
        """Where it is served, for the URLs of media and recordings. Without a server, Twilio's own address."""
        return self.exchange.url

    @url.setter
    def url(self, url: str) -> None:
        self.exchange.url = url

    @property
    def strict_numbers(self) -> bool:
        return self.account.strict_numbers

    @strict_numbers.setter
    def strict_numbers(self, strict: bool) -> None:
        self.account.strict_numbers = strict

    @property
    def callbacks(self) -> CallbackFaults:
        """The faults injected into status callbacks."""
        return self.exchange.callback_faults

    @callbacks.setter
    def callbacks(self, faults: CallbackFaults) -> None:
        self.exchange.callback_faults = faults

    @property
    def signing(self) -> SigningMode:
        return self.webhooks.signing

    @signing.setter
    def signing(self, signing: SigningMode) -> None:
        self.webhooks.signing = signing

    @property
    def carrier_down(self) -> bool:
        """Whether the phone network is down: calls fail and texts stay in the queue."""
        return self.exchange.carrier_down

    @carrier_down.setter
    def carrier_down(self, down: bool) -> None:
        self.exchange.carrier_down = down

    @property
    def failing_voices(self) -> frozenset[str]:
        """Voices that cannot speak: a document fails where one of them should."""
        return self.exchange.failing_voices

    @failing_voices.setter
    def failing_voices(self, voices: frozenset[str]) -> None:
        self.exchange.failing_voices = voices

    def phone(self, number: str) -> Phone:
        """The phone with this E.164 number. Raises `ValueError` for an invalid number."""
        if errors := validation_errors(number):
            raise ValueError(f"{number!r} is not a phone number: {', '.join(errors)}")
        return Phone(self.exchange, self.exchange.handset(number))

    def add_number(self, number: str, *, voice_url: str = "", sms_url: str = "") -> IncomingPhoneNumber:
        """Add a number, or change the webhooks of an owned one. Raises `ValueError` for an invalid number."""
        if errors := validation_errors(number):
            raise ValueError(f"{number!r} is not a phone number: {', '.join(errors)}")
        return self.account.add_number(number, now=self.clock.now(), voice_url=voice_url, sms_url=sms_url)

    def add_whatsapp_sender(self, number: str, *, sms_url: str = "") -> IncomingPhoneNumber:
        """Add a sender of WhatsApp messages, or change its webhook. Raises `ValueError` for an invalid number."""
        if errors := validation_errors(number):
            raise ValueError(f"{number!r} is not a phone number: {', '.join(errors)}")
        return self.account.add_whatsapp_sender(WHATSAPP + number, now=self.clock.now(), sms_url=sms_url)

    def add_template(self, sid: str, **fields: str) -> ContentTemplate:
        """Add a content template, or replace one: `language`, `body`, `content_type`, `approval`."""
        template = ContentTemplate(sid, self.clock.now(), **fields)
        self.account.templates[sid] = template
        return template

    def create_call(self, *, to: str, sender: str, url: str, plan: CallPlan | None = None) -> Call:
        """Place a call without the REST API and its checks. A `plan` replaces `url`."""
        return place_call(self.exchange, to=to, sender=sender, plan=plan or CallPlan(first=FetchStep(url)))

    def fail_next(
        self,
        status: int = 500,
        *,
        retry_after: int | None = None,
        times: int = 1,
        path: str = "",
        code: int | None = None,
    ) -> None:
        """Answer the next REST requests with this HTTP status."""
        self.faults.add(
            Fault(FaultKind.STATUS, status=status, retry_after=retry_after, times=times, path=path, code=code)
        )
