"""The engine of the simulator, to be used in Python inside its own event loop.

    async with Twilio(account_sid="AC…", auth_token="…", clock=ToldClock()) as twilio:
        call = twilio.create_call(to="+14155550100", sender="+14155550199", url="http://localhost:8000/voice")
        phone = twilio.phone("+14155550100")
        await phone.answer()
        await phone.press("47")
        print(phone.transcript)

`twilio_simulator.app` puts Twilio's HTTP interface around it.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from .calls.calling import place_call
from .core.account import Account, IncomingPhoneNumber
from .core.clock import Clock, RealClock
from .core.events import EventStream
from .core.faults import Fault, FaultKind, FaultQueue
from .core.phone_numbers import validation_errors
from .core.request_log import RequestLog
from .http.callbacks import CallbackFaults
from .http.client import Webhooks
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
        strict_numbers: bool = False,
        calls_per_second: float | None = 1.0,
    ) -> None:
        self.clock = clock or RealClock()
        now = self.clock.now
        self.events = EventStream(now=now, changed=self.clock.notify)
        self.debugger = Debugger(stream=self.events, now=now)
        self.request_log = RequestLog()
        self.faults = FaultQueue()
        self.requests_in_flight = 0
        test_sid, test_token = test_credentials or (None, None)
        self.account = Account(
            account_sid, auth_token, now(), test_sid=test_sid, test_token=test_token, strict_numbers=strict_numbers
        )
        self.account.calls_per_second = calls_per_second
        transport = transport or AiohttpTransport()
        self.webhooks = Webhooks(
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
        """End all calls and messages where they are."""
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
    def strict_numbers(self) -> bool:
        return self.account.strict_numbers

    @strict_numbers.setter
    def strict_numbers(self, strict: bool) -> None:
        self.account.strict_numbers = strict

    @property
    def callbacks(self) -> CallbackFaults:
        """What happens to status callbacks on their way."""
        return self.exchange.callback_faults

    @callbacks.setter
    def callbacks(self, plan: CallbackFaults) -> None:
        self.exchange.callback_faults = plan

    @property
    def signing(self) -> SigningMode:
        return self.webhooks.signing

    @signing.setter
    def signing(self, signing: SigningMode) -> None:
        self.webhooks.signing = signing

    @property
    def carrier_down(self) -> bool:
        """Whether the telephone network is out of order: calls fail, texts stay in the queue."""
        return self.exchange.carrier_down

    @carrier_down.setter
    def carrier_down(self, down: bool) -> None:
        self.exchange.carrier_down = down

    def phone(self, number: str) -> Phone:
        """The phone of any E.164 number. Raises `ValueError` for what is no number."""
        if faults := validation_errors(number):
            raise ValueError(f"{number!r} is not a phone number: {', '.join(faults)}")
        return Phone(self.exchange, self.exchange.handset(number))

    def add_number(self, number: str, *, voice_url: str = "", sms_url: str = "") -> IncomingPhoneNumber:
        """Give the account a number, or change the addresses of one that it has."""
        if faults := validation_errors(number):
            raise ValueError(f"{number!r} is not a phone number: {', '.join(faults)}")
        return self.account.add_number(number, now=self.clock.now(), voice_url=voice_url, sms_url=sms_url)

    def create_call(self, *, to: str, sender: str, url: str, plan: CallPlan | None = None) -> Call:
        """Make a call without REST and its checks; `plan` may hold everything but the address."""
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
        """Refuse the next REST requests with this status."""
        self.faults.add(
            Fault(FaultKind.STATUS, status=status, retry_after=retry_after, times=times, path=path, code=code)
        )
