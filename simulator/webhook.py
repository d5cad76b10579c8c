"""Fetching from the customer's web server, as Twilio does it: signed, timed, redirected, retried (facts 8.1).

The times run on the simulator's clock. Two mercies that Twilio does not have: a fast clock never gives a webhook less
than one real second, so that a busy machine does not look like a broken application; and private hosts are allowed,
because everything runs on one machine here.
"""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from simulator.account import Account
from simulator.addresses import is_fetchable, requested, resolve, with_fields, without_user
from simulator.clock import Clock, Signal
from simulator.cookies import CookieJar
from simulator.debugger import Debugger
from simulator.events import Stream, WebhookAnswered, WebhookSent
from simulator.ledger import Ledger, Pairs, Webhook
from simulator.overrides import Overrides, split_overrides
from simulator.signing import Product, Signing, signature_headers
from simulator.wire import Incoming, Outgoing, Wire, WireBroken

MOST_REDIRECTS = 10
KEPT_BODY = 65_536


class Unfetched(Exception):
    """No usable answer; `code` is the debugger's. `condition` is what retry rules call it (`ct`, `rt` or nothing)."""

    def __init__(self, code: int, detail: str, condition: str = "") -> None:
        self.code = code
        self.detail = detail
        self.condition = condition
        super().__init__(f"{code}: {detail}")


class Abandoned(Exception):
    """Whoever asked no longer wants the answer: the call is over or runs another document."""


@dataclass(frozen=True, slots=True)
class Patron:
    """On whose behalf a webhook is fetched: cookies, and how to notice that nobody waits any more."""

    sid: str
    product: Product
    jar: CookieJar = field(default_factory=CookieJar)
    signal: Signal | None = None
    gone: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `url` is where it came from in the end, which is what relative addresses in it refer to."""

    status: int
    content_type: str | None
    body: bytes
    chunked: bool
    url: str

    @property
    def media_type(self) -> str | None:
        return None if self.content_type is None else self.content_type.partition(";")[0].strip().lower()


class Webhooks:
    """`signing` and `latency` (seconds that every answer takes) can be changed at any time."""

    def __init__(
        self, *, account: Account, clock: Clock, wire: Wire, ledger: Ledger, debugger: Debugger, stream: Stream
    ) -> None:
        self.signing = Signing.RIGHT
        self.latency = 0.0
        self._account = account
        self._clock = clock
        self._wire = wire
        self._ledger = ledger
        self._debugger = debugger
        self._stream = stream

    async def fetch(
        self, url: str, *, method: str, fields: Pairs, patron: Patron, purpose: str, token: str | None = None
    ) -> Fetched:
        """Fetch with retries and redirects. Raises `Unfetched`, also for 4xx and 5xx, and `Abandoned`."""
        address, overrides, flaws = split_overrides(url)
        for flaw in flaws:
            self._debugger.record(flaw.code, flaw.detail, sid=patron.sid, url=url)
        if not is_fetchable(address):
            raise Unfetched(11100, url)
        journey = _Journey(
            self,
            patron,
            purpose,
            overrides,
            token or str(uuid.uuid4()),
            self._clock.now() + self.lenient(overrides.total),
        )
        attempt = 0
        while True:
            try:
                return await journey.go(method, address, fields)
            except Unfetched as failure:
                if attempt >= overrides.retries or not overrides.retries_after(failure.condition):
                    raise
            attempt += 1

    def lenient(self, seconds: float) -> float:
        """The limit on the simulator's clock, stretched so that it is never under one real second."""
        real = self._clock.real_seconds(seconds)
        return seconds if real is None else seconds * max(1.0, min(seconds, 1.0) / real)

    async def exchange(
        self, request: Outgoing, fields: Pairs, *, patron: Patron, purpose: str, overrides: Overrides, deadline: float
    ) -> Incoming:
        """One request and its answer, noted in ledger and stream."""
        signature = next((value for name, value in request.headers if name == "X-Twilio-Signature"), None)
        self._stream.publish(WebhookSent(patron.sid, purpose, request.method, request.url, fields, signature))
        began = self._clock.now()
        answer: Incoming | None = None
        fault = "abandoned"
        try:
            answer = await self._timed(request, patron=patron, overrides=overrides, deadline=deadline)
        except Unfetched as failure:
            fault = str(failure)
            raise
        finally:
            self._note(request, fields, patron=patron, purpose=purpose, began=began, answer=answer, fault=fault)
        return answer

    async def _timed(self, request: Outgoing, *, patron: Patron, overrides: Overrides, deadline: float) -> Incoming:
        clock = self._clock
        connect = clock.real_seconds(self.lenient(overrides.connect)) or overrides.connect
        end = min(clock.now() + self.lenient(overrides.read), deadline)
        ready = clock.now() + self.latency
        task = asyncio.get_running_loop().create_task(self._wire.send(request, connect_timeout=connect))
        task.add_done_callback(_forget)
        try:
            while not (task.done() and clock.reached(ready)):
                if patron.gone():
                    raise Abandoned
                if clock.reached(end):
                    code = 11203 if end == deadline and overrides.total < overrides.read else 11200
                    raise Unfetched(code, f"no answer from {request.url}", "rt")
                until = min(end, ready) if task.done() else end
                await clock.wait(until - clock.now(), signal=patron.signal, task=None if task.done() else task)
            return task.result()
        except WireBroken as broken:
            condition = "ct" if broken.how.while_connecting else "rt"
            raise Unfetched(broken.how.value, f"{request.url}: {broken}", condition) from broken
        finally:
            task.cancel()

    def notice(self, message: str, patron: Patron, url: str) -> None:
        self._debugger.notice(message, sid=patron.sid, url=url)

    def headers(self, address: str, fields: Pairs, patron: Patron, token: str) -> list[tuple[str, str]]:
        """The headers of facts 8.1, cookies included."""
        account = self._account
        headers = [
            ("User-Agent", "TwilioProxy/1.1"),
            ("Accept", "*/*"),
            ("Accept-Encoding", "gzip"),
            ("I-Twilio-Idempotency-Token", token),
            *signature_headers(
                self.signing,
                token=account.auth_token,
                old_token=account.previous_token,
                url=address,
                fields=fields,
                product=patron.product,
            ),
        ]
        if cookie := patron.jar.header(address):
            headers.append(("Cookie", cookie))
        return headers

    def _note(
        self,
        request: Outgoing,
        fields: Pairs,
        *,
        patron: Patron,
        purpose: str,
        began: float,
        answer: Incoming | None,
        fault: str,
    ) -> None:
        webhook = Webhook(
            at=began,
            sid=patron.sid,
            purpose=purpose,
            method=request.method,
            url=request.url,
            parameters=fields,
            headers=request.headers,
            status=answer.status if answer else None,
            content_type=answer.header("Content-Type") if answer else None,
            body=answer.body[:KEPT_BODY].decode("utf-8", "replace") if answer else "",
            fault=None if answer else fault,
        )
        self._ledger.webhooks.append(webhook)
        self._stream.publish(
            WebhookAnswered(
                patron.sid, purpose, webhook.url, webhook.status, webhook.content_type, webhook.body, webhook.fault
            )
        )


@dataclass(frozen=True, slots=True)
class _Journey:
    """One logical request: its hops share the idempotency token and the total time."""

    webhooks: Webhooks
    patron: Patron
    purpose: str
    overrides: Overrides
    token: str
    deadline: float

    async def go(self, method: str, address: str, fields: Pairs) -> Fetched:
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._hop(method, address, fields)
            place = answer.header("Location")
            if answer.status not in (301, 302, 303, 307, 308) or not place:
                return _checked(answer, address)
            # Twilio loses the fields of a redirected POST; for 307 and 308 too, to be on the strict side.
            if method == "POST" and fields:
                self.webhooks.notice("A redirect loses the fields of a POST", self.patron, address)
            method, address, fields = "GET", resolve(place, address).partition("#")[0], ()
            if not is_fetchable(address):
                raise Unfetched(11100, address)
        raise Unfetched(11215, address)

    async def _hop(self, method: str, address: str, fields: Pairs) -> Incoming:
        answer = await self._send(method, address, fields, None)
        _, user = without_user(address)
        if answer.status == 401 and user is not None and _wants_basic(answer):
            secret = base64.b64encode(f"{user[0]}:{user[1]}".encode()).decode()
            answer = await self._send(method, address, fields, f"Basic {secret}")
        return answer

    async def _send(self, method: str, address: str, fields: Pairs, authorization: str | None) -> Incoming:
        bare, _ = without_user(requested(address))
        if method == "GET":
            bare = with_fields(bare, fields)
        signed_fields = fields if method == "POST" else ()
        headers = self.webhooks.headers(bare, signed_fields, self.patron, self.token)
        if authorization:
            headers.append(("Authorization", authorization))
        body = b""
        if method == "POST":
            headers.append(("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"))
            body = urlencode(fields).encode()
        answer = await self.webhooks.exchange(
            Outgoing(method, bare, tuple(headers), body),
            fields,
            patron=self.patron,
            purpose=self.purpose,
            overrides=self.overrides,
            deadline=self.deadline,
        )
        self.patron.jar.store(bare, [value for name, value in answer.headers if name.lower() == "set-cookie"])
        return answer


def _forget(task: asyncio.Task[Incoming]) -> None:
    """An answer that comes too late fails without anybody to tell."""
    if not task.cancelled():
        task.exception()


def _wants_basic(answer: Incoming) -> bool:
    """Twilio also knows Digest, which the simulator does not."""
    return (answer.header("WWW-Authenticate") or "").lower().startswith("basic")


def _checked(answer: Incoming, address: str) -> Fetched:
    if answer.status >= 300:
        raise Unfetched(11200, f"{address} answered {answer.status}", f"{answer.status // 100}xx")
    return Fetched(answer.status, answer.header("Content-Type"), answer.body, answer.chunked, address)
