"""The telephone exchange: the state that all calls and messages share. Each simulator has one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ..core.account import Account, IncomingPhoneNumber
from ..core.clock import Clock
from ..core.events import EventStream
from ..core.phone_numbers import country_of, line_of
from ..core.request_log import RequestLog
from ..http.callbacks import CallbackFaults, CallbackQueue
from ..http.client import WebhookClient, WebhookContext
from ..http.cookies import CookieJar
from ..http.debugger import Debugger
from ..http.transport import WebhookTransport
from .call import Call
from .handset import Handset
from .message import Message
from .opt_outs import OptOuts
from .recording import Recording


@dataclass(slots=True)
class Conversation:
    """The state between one of the account's numbers and one phone."""

    jar: CookieJar = field(default_factory=CookieJar)
    last: float = 0.0
    replies: deque[float] = field(default_factory=deque)


@dataclass(slots=True)
class CallQueue:
    """The calls that wait in a queue, first come first."""

    sid: str
    calls: list[Call] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Exchange:
    account: Account
    clock: Clock
    stream: EventStream
    debugger: Debugger
    request_log: RequestLog
    transport: WebhookTransport
    webhooks: WebhookClient
    callback_faults: CallbackFaults = field(default_factory=CallbackFaults)
    handsets: dict[str, Handset] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    queues: dict[str, CallQueue] = field(default_factory=dict)
    conversations: dict[tuple[str, str], Conversation] = field(default_factory=dict)
    opt_outs: OptOuts = field(default_factory=OptOuts)
    sender_free_at: dict[str, float] = field(default_factory=dict)
    next_call_at: float = 0.0
    url: str = "https://api.twilio.com"
    carrier_down: bool = False
    """Calls fail and texts stay in the queue."""
    failing_voices: frozenset[str] = frozenset()
    """A document fails with 13511 where one of them should speak."""

    def handset(self, number: str) -> Handset:
        """The phone with this number or address, created on first use: every E.164 number has one."""
        number = line_of(number)
        if number not in self.handsets:
            self.handsets[number] = Handset(number)
        return self.handsets[number]

    def callback_queue(self, context: WebhookContext) -> CallbackQueue:
        return CallbackQueue(
            context=context,
            webhooks=self.webhooks,
            clock=self.clock,
            debugger=self.debugger,
            faults=lambda: self.callback_faults,
        )

    def own_number(self, number: str) -> IncomingPhoneNumber | None:
        """The number of the account, or its sender of WhatsApp messages at this address."""
        return self.account.numbers.get(number) or self.account.whatsapp_senders.get(number)

    def is_opted_out(self, number: str, *, sender: str, service_sid: str | None = None) -> bool:
        """Whether this number has opted out of this sender, or of a messaging service with this sender."""
        scopes = {sender, service_sid or sender}
        scopes.update(service.sid for service in self.account.services.values() if sender in service.senders)
        return any(self.opt_outs.blocks(scope=scope, number=number) for scope in scopes)

    def now(self) -> float:
        return self.clock.now()


def location_fields(number: str, prefix: str) -> list[tuple[str, str]]:
    """`FromCity`, `FromState`, `FromZip`, `FromCountry` and the like. All but the country are empty."""
    country = country_of(number) if number.startswith("+") else None
    return [
        (f"{prefix}City", ""),
        (f"{prefix}State", ""),
        (f"{prefix}Zip", ""),
        (f"{prefix}Country", country.iso if country else ""),
    ]
