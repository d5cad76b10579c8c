"""`<Enqueue>`: the waiting document, again and again, until `<Leave>` or the end of the call.

The simulator has no agents: nothing takes a call out of a queue but `<Leave>`, a REST update, or hanging up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..core.account import new_sid
from ..core.events import PhoneQuiet
from ..core.request_log import Pairs
from ..network.call import Call, FetchStep
from ..network.exchange import CallQueue, Exchange
from ..twiml.parser import absolute
from ..twiml.verbs import Enqueue


class QueueLeft(Exception):
    """`<Leave>` in a waiting document."""


class EnqueueRun:
    """One execution of an `<Enqueue>` verb. `run_document` runs a waiting document to its end."""

    def __init__(
        self, exchange: Exchange, call: Call, base: str | None, run_document: Callable[[FetchStep], Awaitable[None]]
    ) -> None:
        self._exchange = exchange
        self._call = call
        self._base = base
        self._run_document = run_document
        self._queue: CallQueue | None = None
        self._began = exchange.now()

    async def run(self, verb: Enqueue) -> Pairs | None:
        """Wait in the queue. Returns the fields for `action`."""
        self._queue = queue = self._exchange.queues.setdefault(verb.name, CallQueue(new_sid("QU")))
        queue.calls.append(self._call)
        try:
            await self._wait(verb, queue)
        except QueueLeft:
            return self._fields("leave")
        finally:
            queue.calls.remove(self._call)
        return None

    def fields_at_end(self) -> Pairs | None:
        """The fields for `action` after the caller hung up."""
        return self._fields("hangup")

    async def _wait(self, verb: Enqueue, queue: CallQueue) -> None:
        call = self._call
        if verb.wait_url is None:
            self._exchange.debugger.notice("The simulator plays no music to a call that waits in a queue", sid=call.sid)
            call.quiet = True
            self._exchange.stream.publish(PhoneQuiet(call.phone_number, call.sid, "its turn in the queue"))
            await call.until(lambda: False, seconds=None)
            return
        url = absolute(verb.wait_url, self._base)
        while True:
            fields = (
                ("QueueSid", queue.sid),
                ("QueuePosition", str(queue.calls.index(call) + 1)),
                ("QueueTime", self._seconds()),
                ("AvgQueueTime", self._seconds()),
                ("CurrentQueueSize", str(len(queue.calls))),
            )
            await self._run_document(FetchStep(url, verb.wait_method.value, fields))

    def _fields(self, result: str) -> Pairs:
        sid = self._queue.sid if self._queue else ""
        return (("QueueResult", result), ("QueueSid", sid), ("QueueTime", self._seconds()))

    def _seconds(self) -> str:
        return str(round(self._exchange.now() - self._began))
