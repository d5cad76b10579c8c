"""The engine of the simulator, to be used in Python inside its own event loop.

    async with Twilio(account_sid="AC…", auth_token="…", clock=ToldClock()) as twilio:
        call = twilio.create_call(to="+14155550100", sender="+14155550199", url="http://localhost:8000/voice")
        phone = twilio.phone("+14155550100")
        await phone.answer()
        await phone.press("47")
        print(phone.transcript)

`simulator.app` puts Twilio's HTTP interface around it.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from simulator.account import Account, Number
from simulator.call import Call, CallPlan, FetchStep
from simulator.callbacks import CallbackPlan
from simulator.calling import place_call
from simulator.clock import Clock, RealClock
from simulator.debugger import Debugger
from simulator.events import Stream
from simulator.exchange import Exchange
from simulator.faults import Fault, FaultKind, Faults
from simulator.ledger import Ledger
from simulator.message import Message
from simulator.numbering import faults_of
from simulator.phone import Phone
from simulator.signing import Signing
from simulator.webhook import Webhooks
from simulator.wire import AiohttpWire, Wire


class Twilio:
    """One simulated Twilio with one live account."""

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        clock: Clock | None = None,
        wire: Wire | None = None,
        test_credentials: tuple[str, str] | None = None,
        strict_numbers: bool = False,
        calls_per_second: float | None = 1.0,
    ) -> None:
        self.clock = clock or RealClock()
        now = self.clock.now
        self.events = Stream(now=now, changed=self.clock.stir)
        self.debugger = Debugger(stream=self.events, now=now)
        self.ledger = Ledger()
        self.faults = Faults()
        self.requests_in_flight = 0
        test_sid, test_token = test_credentials or (None, None)
        self.account = Account(
            account_sid, auth_token, now(), test_sid=test_sid, test_token=test_token, strict_numbers=strict_numbers
        )
        self.account.calls_per_second = calls_per_second
        wire = wire or AiohttpWire()
        self.webhooks = Webhooks(
            account=self.account,
            clock=self.clock,
            wire=wire,
            ledger=self.ledger,
            debugger=self.debugger,
            stream=self.events,
        )
        self.exchange = Exchange(
            account=self.account,
            clock=self.clock,
            stream=self.events,
            debugger=self.debugger,
            ledger=self.ledger,
            wire=wire,
            webhooks=self.webhooks,
        )

    async def open(self) -> None:
        await self.exchange.wire.open()

    async def close(self) -> None:
        """End all calls and messages where they are."""
        await self.clock.close()
        await self.exchange.wire.close()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def numbers(self) -> dict[str, Number]:
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
    def callbacks(self) -> CallbackPlan:
        """What happens to status callbacks on their way."""
        return self.exchange.callback_plan

    @callbacks.setter
    def callbacks(self, plan: CallbackPlan) -> None:
        self.exchange.callback_plan = plan

    @property
    def signing(self) -> Signing:
        return self.webhooks.signing

    @signing.setter
    def signing(self, signing: Signing) -> None:
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
        if faults := faults_of(number):
            raise ValueError(f"{number!r} is no phone number: {', '.join(faults)}")
        return Phone(self.exchange, self.exchange.handset(number))

    def add_number(self, number: str, *, voice_url: str = "", sms_url: str = "") -> Number:
        """Give the account a number, or change the addresses of one that it has."""
        if faults := faults_of(number):
            raise ValueError(f"{number!r} is no phone number: {', '.join(faults)}")
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
