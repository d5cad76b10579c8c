"""Status callbacks: the webhooks that report progress and whose responses are ignored.

Each call and each message sends its callbacks one after the other, so that runs are reproducible. Twilio guarantees no
order; `CallbackFaults` can reorder, lose, delay and double them.
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

from ..core.clock import Clock
from ..core.request_log import Pairs
from .client import FetchCanceled, FetchFailed, WebhookClient, WebhookContext, WebhookResponse
from .debugger import Debugger
from .signing import Product


@dataclass(frozen=True, slots=True)
class CallbackFaults:
    """Faults injected into status callbacks.

    `lose`: statuses whose callback is not sent (`"*"` for all). `delay`: seconds before each. `double`: each is sent
    twice with one idempotency token. `reorder`: consecutive callbacks change places.
    """

    lose: frozenset[str] = frozenset()
    delay: float = 0.0
    double: bool = False
    reorder: bool = False

    def loses(self, status: str) -> bool:
        return "*" in self.lose or status in self.lose


@dataclass(frozen=True, slots=True)
class Callback:
    """`final`: the last callback of its call or message."""

    url: str
    method: str
    fields: Pairs
    status: str
    final: bool
    purpose: str = "status-callback"


class CallbackQueue:
    def __init__(
        self,
        *,
        context: WebhookContext,
        webhooks: WebhookClient,
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
        """Send a callback after those added before it."""
        faults = self._faults()
        if faults.loses(callback.status):
            return
        if faults.reorder and self._held is None and not callback.final:
            self._held = callback
            return
        self._waiting.append(callback)
        self.flush()

    def flush(self) -> None:
        """Send everything, including a callback held back for reordering."""
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
            response = await self._webhooks.fetch(
                callback.url,
                method=callback.method,
                fields=callback.fields,
                context=self._context,
                purpose=callback.purpose,
                token=token,
            )
        except FetchFailed as failure:
            is_voice_error = failure.condition in ("4xx", "5xx") and self._context.product is Product.VOICE
            code = 15003 if is_voice_error else failure.code
            self._debugger.record(code, failure.detail, sid=self._context.sid, url=callback.url, method=callback.method)
        except FetchCanceled:
            self._debugger.notice("A status callback was canceled", sid=self._context.sid, url=callback.url)
        else:
            self._check_response(response, callback)

    def _check_response(self, response: WebhookResponse, callback: Callback) -> None:
        if callback.purpose != "status-callback":
            return
        if self._context.product is Product.VOICE:
            if not _is_expected(response):
                detail = f"{response.status} {response.content_type} is neither 204 nor an empty Response as text/xml"
                self._debugger.record(15003, detail, sid=self._context.sid, url=callback.url, method=callback.method)
        elif response.body.strip() and not _is_expected(response):
            message = "The body of the response to a message status callback is ignored"
            self._debugger.notice(message, sid=self._context.sid, url=callback.url)


def _is_expected(response: WebhookResponse) -> bool:
    """204, or 200 with an empty `<Response/>` as XML."""
    if response.status == 204:
        return True
    if response.media_type not in ("text/xml", "application/xml"):
        return False
    try:
        root = ElementTree.fromstring(response.body)
    except ElementTree.ParseError:
        return False
    return root.tag == "Response" and not len(root)
