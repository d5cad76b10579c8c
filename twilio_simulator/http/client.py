"""Sending webhooks as Twilio does: signed, with timeouts, redirects and retries.

Timeouts run on the simulator's clock. Two differences from Twilio: a webhook always has at least one real second, so
that a fast clock on a busy machine does not look like a broken application, and private hosts are allowed.
"""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from ..core.account import Account
from ..core.clock import Clock, Signal
from ..core.events import EventStream, WebhookAnswered, WebhookSent
from ..core.request_log import Pairs, RequestLog, Webhook
from ..core.urls import is_fetchable, normalize_url, resolve, with_fields, without_user
from .cookies import CookieJar
from .debugger import Debugger
from .overrides import Overrides, split_overrides
from .signing import Product, SigningMode, signature_headers
from .transport import HttpRequest, HttpResponse, TransportError, WebhookTransport

MAX_REDIRECTS = 10
MAX_LOGGED_BODY = 65_536


class FetchFailed(Exception):
    """No usable response. `code`: the debugger's. `condition`: its name in the retry rules, like `ct` or `5xx`."""

    def __init__(self, code: int, detail: str, condition: str = "") -> None:
        self.code = code
        self.detail = detail
        self.condition = condition
        super().__init__(f"{code}: {detail}")


class FetchCanceled(Exception):
    """The response is no longer needed: the call has ended or runs another document."""


@dataclass(frozen=True, slots=True)
class WebhookContext:
    """The call or message that a webhook is for. `is_canceled`: whether its response is no longer needed."""

    sid: str
    product: Product
    jar: CookieJar = field(default_factory=CookieJar)
    signal: Signal | None = None
    is_canceled: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class WebhookResponse:
    """`url`: the final URL after redirects, the base of relative URLs in the body."""

    status: int
    content_type: str | None
    body: bytes
    chunked: bool
    url: str

    @property
    def media_type(self) -> str | None:
        return None if self.content_type is None else self.content_type.partition(";")[0].strip().lower()


class WebhookClient:
    """`signing` and `latency` (seconds that every response takes) may change at any time."""

    def __init__(
        self,
        *,
        account: Account,
        clock: Clock,
        transport: WebhookTransport,
        request_log: RequestLog,
        debugger: Debugger,
        stream: EventStream,
    ) -> None:
        self.signing = SigningMode.RIGHT
        self.latency = 0.0
        self._account = account
        self._clock = clock
        self._transport = transport
        self._request_log = request_log
        self._debugger = debugger
        self._stream = stream

    async def fetch(
        self, url: str, *, method: str, fields: Pairs, context: WebhookContext, purpose: str, token: str | None = None
    ) -> WebhookResponse:
        """Send with retries and redirects. Raises `FetchFailed`, also for 4xx and 5xx, and `FetchCanceled`."""
        address, overrides, invalid_overrides = split_overrides(url)
        for invalid_override in invalid_overrides:
            self._debugger.record(invalid_override.code, invalid_override.detail, sid=context.sid, url=url)
        if not is_fetchable(address):
            raise FetchFailed(11100, url)
        chain = _RedirectChain(
            self,
            context,
            purpose,
            overrides,
            token or str(uuid.uuid4()),
            self._clock.now() + self.stretch_timeout(overrides.total),
        )
        attempt, fields = 0, self._account.dialect.sent_fields(fields)
        while True:
            try:
                return await chain.run(method, address, fields)
            except FetchFailed as failure:
                if attempt >= overrides.retries or not overrides.retries_after(failure.condition):
                    raise
            attempt += 1

    def stretch_timeout(self, seconds: float) -> float:
        """The timeout on the simulator's clock, stretched to at least one real second."""
        real = self._clock.real_seconds(seconds)
        return seconds if real is None else seconds * max(1.0, min(seconds, 1.0) / real)

    async def send(
        self,
        request: HttpRequest,
        fields: Pairs,
        *,
        context: WebhookContext,
        purpose: str,
        overrides: Overrides,
        deadline: float,
    ) -> HttpResponse:
        """Send one request, and record it with its response in the request log and the event stream."""
        signature_name = self._account.dialect.signature_header
        signature = next((value for name, value in request.headers if name == signature_name), None)
        self._stream.publish(WebhookSent(context.sid, purpose, request.method, request.url, fields, signature))
        began = self._clock.now()
        response: HttpResponse | None = None
        fault = "abandoned"
        try:
            response = await self._send_in_time(request, context=context, overrides=overrides, deadline=deadline)
        except FetchFailed as failure:
            fault = str(failure)
            raise
        finally:
            self._record(request, fields, context=context, purpose=purpose, began=began, response=response, fault=fault)
        return response

    async def _send_in_time(
        self, request: HttpRequest, *, context: WebhookContext, overrides: Overrides, deadline: float
    ) -> HttpResponse:
        clock = self._clock
        connect = clock.real_seconds(self.stretch_timeout(overrides.connect)) or overrides.connect
        end = min(clock.now() + self.stretch_timeout(overrides.read), deadline)
        ready = clock.now() + self.latency
        task = asyncio.get_running_loop().create_task(self._transport.send(request, connect_timeout=connect))
        task.add_done_callback(_consume_exception)
        try:
            while not (task.done() and clock.reached(ready)):
                if context.is_canceled():
                    raise FetchCanceled
                if clock.reached(end):
                    code = 11203 if end == deadline and overrides.total < overrides.read else 11200
                    raise FetchFailed(code, f"no response from {request.url}", "rt")
                until = min(end, ready) if task.done() else end
                await clock.wait(until - clock.now(), signal=context.signal, task=None if task.done() else task)
            return task.result()
        except TransportError as error:
            condition = "ct" if error.failure.while_connecting else "rt"
            raise FetchFailed(error.failure.value, f"{request.url}: {error}", condition) from error
        finally:
            task.cancel()

    def notice(self, message: str, context: WebhookContext, url: str) -> None:
        self._debugger.notice(message, sid=context.sid, url=url)

    def headers(self, address: str, fields: Pairs, context: WebhookContext, token: str) -> list[tuple[str, str]]:
        account = self._account
        headers = [
            *account.dialect.webhook_headers(token),
            *signature_headers(
                self.signing,
                account=account,
                url=address,
                fields=fields,
                product=context.product,
            ),
        ]
        if cookie := context.jar.header(address):
            headers.append(("Cookie", cookie))
        return headers

    def _record(
        self,
        request: HttpRequest,
        fields: Pairs,
        *,
        context: WebhookContext,
        purpose: str,
        began: float,
        response: HttpResponse | None,
        fault: str,
    ) -> None:
        webhook = Webhook(
            at=began,
            sid=context.sid,
            purpose=purpose,
            method=request.method,
            url=request.url,
            parameters=fields,
            headers=request.headers,
            status=response.status if response else None,
            content_type=response.header("Content-Type") if response else None,
            body=response.body[:MAX_LOGGED_BODY].decode("utf-8", "replace") if response else "",
            fault=None if response else fault,
        )
        self._request_log.webhooks.append(webhook)
        self._stream.publish(
            WebhookAnswered(
                context.sid, purpose, webhook.url, webhook.status, webhook.content_type, webhook.body, webhook.fault
            )
        )


@dataclass(frozen=True, slots=True)
class _RedirectChain:
    """One logical request. Its hops share the idempotency token and the total timeout."""

    webhooks: WebhookClient
    context: WebhookContext
    purpose: str
    overrides: Overrides
    token: str
    deadline: float

    async def run(self, method: str, address: str, fields: Pairs) -> WebhookResponse:
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._hop(method, address, fields)
            location = response.header("Location")
            if response.status not in (301, 302, 303, 307, 308) or not location:
                return _checked(response, address)
            # Twilio drops the fields of a redirected POST. It does not document 307 and 308: the stricter reading.
            if method == "POST" and fields:
                self.webhooks.notice("A redirect drops the fields of a POST", self.context, address)
            method, address, fields = "GET", resolve(location, address).partition("#")[0], ()
            if not is_fetchable(address):
                raise FetchFailed(11100, address)
        raise FetchFailed(11215, address)

    async def _hop(self, method: str, address: str, fields: Pairs) -> HttpResponse:
        response = await self._send(method, address, fields, None)
        _, user = without_user(address)
        if response.status == 401 and user is not None and _wants_basic(response):
            secret = base64.b64encode(f"{user[0]}:{user[1]}".encode()).decode()
            response = await self._send(method, address, fields, f"Basic {secret}")
        return response

    async def _send(self, method: str, address: str, fields: Pairs, authorization: str | None) -> HttpResponse:
        bare, _ = without_user(normalize_url(address))
        if method == "GET":
            bare = with_fields(bare, fields)
        signed_fields = fields if method == "POST" else ()
        headers = self.webhooks.headers(bare, signed_fields, self.context, self.token)
        if authorization:
            headers.append(("Authorization", authorization))
        body = b""
        if method == "POST":
            headers.append(("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"))
            body = urlencode(fields).encode()
        response = await self.webhooks.send(
            HttpRequest(method, bare, tuple(headers), body),
            fields,
            context=self.context,
            purpose=self.purpose,
            overrides=self.overrides,
            deadline=self.deadline,
        )
        self.context.jar.store(bare, [value for name, value in response.headers if name.lower() == "set-cookie"])
        return response


def _consume_exception(task: asyncio.Task[HttpResponse]) -> None:
    """Retrieve the exception of a late response, or asyncio would log it."""
    if not task.cancelled():
        task.exception()


def _wants_basic(response: HttpResponse) -> bool:
    """Twilio also supports Digest; the simulator does not."""
    return (response.header("WWW-Authenticate") or "").lower().startswith("basic")


def _checked(response: HttpResponse, address: str) -> WebhookResponse:
    if response.status >= 300:
        raise FetchFailed(11200, f"{address} answered {response.status}", f"{response.status // 100}xx")
    return WebhookResponse(response.status, response.header("Content-Type"), response.body, response.chunked, address)
