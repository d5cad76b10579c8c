"""Hostile requests of many kinds, for `benchmarks.hostile`. Each attack makes one attempt and counts what came back."""

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp

from tests.support.smuggling import doubtful
from webhooks.routes import PATHS

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JUNK = ("9" * 4301, "\x00", "%00%ff", "<script>", "{}" * 2000, "\u202e\u200b", "one two three", "-1", "é" * 300)
FIELDS = ("username", "phone", "channel", "code", "next", "language", "style")
SMUGGLED = tuple(doubtful(b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n").values())
FAILURES = (aiohttp.ClientError, OSError, TimeoutError)


@dataclass(slots=True)
class Attackers:
    """Who attack the service at `port`, from many addresses behind its proxy. `answers`: by attack and status."""

    http: aiohttp.ClientSession
    port: int
    random: secrets.SystemRandom = field(default_factory=secrets.SystemRandom)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def source(self) -> str:
        """One of five thousand addresses, or one that asks much more often than the others."""
        if self.random.random() < 0.3:
            return "203.0.113.66"
        return f"198.18.{self.random.randrange(20)}.{self.random.randrange(250)}"

    async def ask(self, kind: str, path: str, data: object = None, method: str = "POST", **headers: str) -> None:
        """One request whose answer is read to its end."""
        sent = {"X-Forwarded-For": self.source(), **SAME_SITE, **headers}
        async with self.http.request(
            method, self.address + path, data=data, headers=sent, allow_redirects=False
        ) as answer:
            await answer.read()
            self.answers[kind if answer.status < 500 else f"{kind}, {path[:20]}", answer.status] += 1

    async def raw(self, kind: str, data: bytes, *, wait: float = 2) -> None:
        """Bytes that no client library would send."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            async with asyncio.timeout(wait):
                answer = await reader.read(65536)
            self.answers[kind, int(answer[9:12]) if answer.startswith(b"HTTP/1.") else 0] += 1
        finally:
            writer.close()


async def pump_a_block(who: Attackers) -> None:
    """Starts at neighboring numbers whose codes are never typed."""
    phone = f"+4474001{who.random.randrange(100_000):05}"
    await who.ask("starts", PATHS["start"], {"username": f"eve {phone}", "phone": phone, "channel": "sms"})


async def pump_one_name(who: Attackers) -> None:
    """One user name from everywhere."""
    phone = f"+1212{who.random.randrange(2_000_000, 9_990_000)}"
    await who.ask("starts of one name", PATHS["start"], {"username": "victim", "phone": phone, "channel": "call"})


async def guess(who: Attackers) -> None:
    """Codes for sessions that do not exist."""
    cookie = f"saycode={secrets.token_hex(32)}"
    await who.ask("guesses", PATHS["check_code"], {"code": f"{who.random.randrange(10**6):06}"}, Cookie=cookie)


async def fuzz_the_page(who: Attackers) -> None:
    """Fields of any length and content."""
    path = who.random.choice(("start", "check_code", "next_step", "format_number"))
    fields = [(who.random.choice(FIELDS), who.random.choice(JUNK)) for _ in range(who.random.randrange(12))]
    await who.ask("fuzzed forms", PATHS[path], urlencode(fields).encode(), **FORM)


async def forge_a_webhook(who: Attackers) -> None:
    """Twilio's fields with no signature or a made up one."""
    name = who.random.choice(("inbound_call", "inbound_message", "call_answered", "call_keys", "message_status"))
    path = PATHS[name].replace("{delivery}", "VL" + secrets.token_hex(16))
    fields = {"From": "+14155550100", "Body": "STOP", "CallSid": "CA" + secrets.token_hex(16), "Digits": "1"}
    forged = {"X-Twilio-Signature": secrets.token_urlsafe(20)} if who.random.random() < 0.7 else {}
    await who.ask("forged webhooks", path, fields, **forged)


async def try_the_api(who: Attackers) -> None:
    """Wrong keys, wrong types, wrong methods."""
    path = f"/v2/Services/VA{secrets.token_hex(16)}/{who.random.choice(('Verifications', 'VerificationCheck', 'x'))}"
    key = aiohttp.BasicAuth("SK" + secrets.token_hex(16), secrets.token_hex(16)).encode()
    body = json.dumps({"To": [[]] * 500, "Code": 1}) if who.random.random() < 0.5 else "{" * 3000
    method = who.random.choice(("GET", "POST", "PUT", "DELETE", "TRACE"))
    headers = {"Authorization": key, "Content-Type": "application/json"}
    await who.ask("api without a key", path, body.encode(), method, **headers)


async def look_around(who: Attackers) -> None:
    """Paths that may be there."""
    path = who.random.choice(("/metrics", "/health/ready", "/.env", "/admin?x=%00", "/v2/", "/static/../../x", "//a"))
    await who.ask("scans", path, None, "GET")


async def send_too_much(who: Attackers) -> None:
    """A body or headers beyond the limits."""
    if who.random.random() < 0.5:
        await who.ask("large requests", PATHS["start"], b"x" * 200_000, **FORM)
    else:
        await who.ask("large requests", "/", None, "GET", **{f"X-{n}": "x" * 7000 for n in range(8)})


async def confuse_the_parser(who: Attackers) -> None:
    """Requests that two parsers could split in two ways, and others that are none."""
    head = b"POST /code HTTP/1.1\r\nHost: a\r\n"
    kinds = (*(head + rest for rest in SMUGGLED), b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\n")
    await who.raw("malformed requests", who.random.choice(kinds))


async def hang_up(who: Attackers) -> None:
    """Leave in the middle of a body, or before the answer."""
    head = b"POST /start HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    _, writer = await asyncio.open_connection("127.0.0.1", who.port)
    writer.write(head + b"Content-Length: %d\r\n\r\nusername=eve" % who.random.choice((12, 500)))
    await writer.drain()
    writer.transport.abort()
    who.answers["hung up", 0] += 1


ATTACKS: tuple[Callable[[Attackers], Awaitable[None]], ...] = (
    *(pump_a_block, pump_one_name, guess, fuzz_the_page, forge_a_webhook, try_the_api),
    *(look_around, send_too_much, confuse_the_parser, hang_up),
)


async def attack(who: Attackers, rate: float) -> None:
    """All kinds in turn, so many a second, until canceled."""
    running: set[asyncio.Task[None]] = set()
    loop = asyncio.get_running_loop()
    begin, count = loop.time(), 0
    while True:
        count += 1
        await asyncio.sleep(max(0.0, begin + count / rate - loop.time()))
        if len(running) < rate:  # what is not answered within a second holds the rest back
            task = asyncio.create_task(_once(ATTACKS[count % len(ATTACKS)], who))
            running.add(task)
            task.add_done_callback(running.discard)


async def _once(kind: Callable[[Attackers], Awaitable[None]], who: Attackers) -> None:
    try:
        await kind(who)
    except FAILURES as problem:
        who.answers[f"{kind.__name__}, {type(problem).__name__}", 0] += 1


async def hold_streams(who: Attackers, count: int) -> None:
    """Open pages of a session that exists, more than it may have; each is opened again when it is closed."""
    fields = {"username": "mallory", "phone": "+447400200123", "channel": "sms"}
    async with who.http.post(
        who.address + PATHS["start"], data=fields, headers=SAME_SITE, allow_redirects=False
    ) as begun:
        cookie = begun.headers.get("Set-Cookie", "").partition(";")[0]

    async def hold() -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", who.port)
                head = f"GET {PATHS['live_updates']} HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n"
                writer.write(f"{head}X-Forwarded-For: {who.source()}\r\n\r\n".encode())
                status = await reader.readline()
                who.answers["event streams", int(status[9:12] or 0)] += 1
                while await reader.read(65536):
                    pass
                writer.close()
            except OSError:
                who.answers["event streams", 0] += 1
            await asyncio.sleep(5)

    await asyncio.gather(*(hold() for _ in range(count)))


async def send_slowly(who: Attackers, count: int) -> None:
    """Connections that send a byte a second."""

    async def drip() -> None:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", who.port)
                writer.write(b"POST /start HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
                while not writer.is_closing():
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(1)
            except OSError:
                pass
            who.answers["slow clients cut", 0] += 1
            await asyncio.sleep(1)

    await asyncio.gather(*(drip() for _ in range(count)))
