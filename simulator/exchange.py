"""The telephone exchange: everything that calls and messages share. One for each simulator."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from simulator.account import Account, Number
from simulator.call import Call
from simulator.callbacks import CallbackPlan, CallbackRow
from simulator.clock import Clock
from simulator.cookies import CookieJar
from simulator.debugger import Debugger
from simulator.events import Stream
from simulator.handset import Handset
from simulator.ledger import Ledger
from simulator.message import Message
from simulator.numbering import country_of
from simulator.optout import OptOuts
from simulator.webhook import Patron, Webhooks
from simulator.wire import Wire


@dataclass(slots=True)
class Conversation:
    """What is remembered about one of our numbers and one phone."""

    jar: CookieJar = field(default_factory=CookieJar)
    last: float = 0.0
    replies: deque[float] = field(default_factory=deque)


@dataclass(slots=True, eq=False)
class Exchange:
    account: Account
    clock: Clock
    stream: Stream
    debugger: Debugger
    ledger: Ledger
    wire: Wire
    webhooks: Webhooks
    callback_plan: CallbackPlan = field(default_factory=CallbackPlan)
    handsets: dict[str, Handset] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    conversations: dict[tuple[str, str], Conversation] = field(default_factory=dict)
    opt_outs: OptOuts = field(default_factory=OptOuts)
    sender_free_at: dict[str, float] = field(default_factory=dict)
    next_call_at: float = 0.0
    carrier_down: bool = False
    """No call gets through and no text leaves the queue."""

    def handset(self, number: str) -> Handset:
        """The phone of this number; any E.164 number has one as soon as it is asked for."""
        if number not in self.handsets:
            self.handsets[number] = Handset(number)
        return self.handsets[number]

    def row(self, patron: Patron) -> CallbackRow:
        return CallbackRow(
            patron=patron,
            webhooks=self.webhooks,
            clock=self.clock,
            debugger=self.debugger,
            plan=lambda: self.callback_plan,
        )

    def own_number(self, number: str) -> Number | None:
        return self.account.numbers.get(number)

    def is_opted_out(self, number: str, *, sender: str, service_sid: str | None = None) -> bool:
        """Whether this number has stopped texts from this sender, or from a messaging service that the sender is in."""
        scopes = {sender, service_sid or sender}
        scopes.update(service.sid for service in self.account.services.values() if sender in service.senders)
        return any(self.opt_outs.blocks(scope=scope, number=number) for scope in scopes)

    def now(self) -> float:
        return self.clock.now()


def places(number: str, prefix: str) -> list[tuple[str, str]]:
    """`FromCity`, `FromState`, `FromZip`, `FromCountry` and the like: sent, but empty apart from the country."""
    country = country_of(number) if number.startswith("+") else None
    return [
        (f"{prefix}City", ""),
        (f"{prefix}State", ""),
        (f"{prefix}Zip", ""),
        (f"{prefix}Country", country.iso if country else ""),
    ]
