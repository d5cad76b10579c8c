"""Status callbacks: the requests that report, whose answers mean nothing.

Each call and each message has its own row of them. They leave one after the other, so that runs are alike; Twilio
promises no order, and `CallbackPlan` can break it, lose callbacks, delay and double them.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

from ..core.clock import Clock
from ..core.request_log import Pairs
from .client import FetchAbandoned, FetchFailed, WebhookContext, WebhookResponse, Webhooks
from .debugger import Debugger
from .signing import Product


@dataclass(frozen=True, slots=True)
class CallbackFaults:
    """What happens to callbacks on their way.

    `lose`: statuses whose callback never leaves (`"*"`: all). `delay`: seconds before each. `double`: each is sent
    twice under one idempotency token. `reorder`: neighbours change places.
    """

    lose: frozenset[str] = frozenset()
    delay: float = 0.0
    double: bool = False
    reorder: bool = False

    def loses(self, status: str) -> bool:
        return "*" in self.lose or status in self.lose


@dataclass(frozen=True, slots=True)
class Callback:
    """`final` is the last that this call or message will send."""

    url: str
    method: str
    fields: Pairs
    status: str
    final: bool


class CallbackQueue:
    def __init__(
        self,
        *,
        context: WebhookContext,
        webhooks: Webhooks,
        clock: Clock,
        debugger: Debugger,
        faults: Callable[[], CallbackFaults],
    ) -> None:
        self._context = context
        self._webhooks = webhooks
        self._clock = clock
        self._debugger = debugger
        self._faults = faults
        self._waiting: deque[Callback] = deque()
        self._held: Callback | None = None
        self._sending = False

    def add(self, callback: Callback) -> None:
        """Send a callback after those that were added before."""
        faults = self._faults()
        if faults.loses(callback.status):
            return
        if faults.reorder and self._held is None and not callback.final:
            self._held = callback
            return
        self._waiting.append(callback)
        self.flush()

    def flush(self) -> None:
        """Nothing more may come: a callback that is held back for its neighbour goes out."""
        if self._held is not None:
            self._waiting.append(self._held)
            self._held = None
        if self._waiting and not self._sending:
            self._sending = True
            self._clock.spawn(self._send_all())

    async def _send_all(self) -> None:
        try:
            while self._waiting:
                callback = self._waiting.popleft()
                faults = self._faults()
                await self._clock.sleep(faults.delay)
                token = str(uuid.uuid4())
                for _ in range(2 if faults.double else 1):
                    await self._send(callback, token)
        finally:
            self._sending = False

    async def _send(self, callback: Callback, token: str) -> None:
        try:
            answer = await self._webhooks.fetch(
                callback.url,
                method=callback.method,
                fields=callback.fields,
                context=self._context,
                purpose="status-callback",
                token=token,
            )
        except FetchFailed as failure:
            code = (
                15003
                if failure.condition in ("4xx", "5xx") and self._context.product is Product.VOICE
                else failure.code
            )
            self._debugger.record(code, failure.detail, sid=self._context.sid, url=callback.url, method=callback.method)
        except FetchAbandoned:
            self._debugger.notice("A status callback was abandoned", sid=self._context.sid, url=callback.url)
        else:
            self._check_answer(answer, callback)

    def _check_answer(self, answer: WebhookResponse, callback: Callback) -> None:
        if self._context.product is Product.VOICE:
            if not _is_expected(answer):
                detail = f"{answer.status} {answer.content_type} is neither 204 nor an empty Response as text/xml"
                self._debugger.record(15003, detail, sid=self._context.sid, url=callback.url, method=callback.method)
        elif answer.body.strip() and not _is_expected(answer):
            message = "The body of the response to a message status callback is ignored"
            self._debugger.notice(message, sid=self._context.sid, url=callback.url)


def _is_expected(answer: WebhookResponse) -> bool:
    """204, or 200 with an empty `<Response/>` as XML."""
    if answer.status == 204:
        return True
    if answer.media_type not in ("text/xml", "application/xml"):
        return False
    try:
        root = ElementTree.fromstring(answer.body)
    except ElementTree.ParseError:
        return False
    return root.tag == "Response" and not len(root)
