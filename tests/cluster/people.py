"""People of a cluster: of the page and of an application, with phones that they answer, and faults that they make.

Each does what a person or a careful application does when an answer is lost: the form is not sent again by itself; a
code is, and so is a request with an Idempotency-Key.
"""

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.kills.load import FAILURES, Load, User
from tests.support.api_client import basic
from verification.idempotency import MAX_REQUEST_SECONDS

KEYS, CODE = r"press(?: these three keys:)? (\d, \d, \d)$", r"code is: (\d(?:, \d)+)$"
#: Seconds that a person waits for a phone, and an application for an answer that is not "try again".
#: The latter may see three nodes die with its request.
LISTENS, INSISTS = 25.0, 3.5 * MAX_REQUEST_SECONDS
_AGAIN = (409, 502, 503)


@dataclass(frozen=True, slots=True)
class Key:
    """A key of the API and its service."""

    service: str
    name: str
    secret: str

    @property
    def header(self) -> dict[str, str]:
        return {"Authorization": basic(self.name, self.secret)}


@dataclass(slots=True)
class Answer:
    """What the API said in the end; `wait`: its `Retry-After`; `lost`: whether earlier answers of this request were."""

    status: int
    body: dict[str, Any]
    wait: str = ""
    lost: bool = False


@dataclass(slots=True)
class Api:
    """A careful client: it repeats a request until the answer is neither lost nor "try again"."""

    service: str
    key: Key
    session: aiohttp.ClientSession
    answers: Counter[str] = field(default_factory=Counter)

    async def start(self, to: str, channel: str, *, key: str, **more: str) -> Answer:
        fields = {"To": to, "Channel": channel, **more}
        return await self.insist("POST", "Verifications", fields, {"Idempotency-Key": key})

    async def check(self, sid: str, code: str) -> Answer:
        return await self.insist("POST", "VerificationCheck", {"VerificationSid": sid, "Code": code})

    async def status(self, sid: str) -> str:
        return str((await self.insist("GET", f"Verifications/{sid}")).body.get("status"))

    async def insist(
        self, method: str, path: str, fields: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Raises TimeoutError when there is no answer for `INSISTS` seconds."""
        lost = False
        async with asyncio.timeout(INSISTS):
            while True:
                try:
                    answer = await self.once(method, path, fields, headers)
                except FAILURES:
                    answer = Answer(0, {})
                self.answers[f"api {answer.status}"] += 1
                if answer.status and answer.status not in _AGAIN:
                    answer.lost = lost
                    return answer
                lost = True
                await asyncio.sleep(0.2)

    async def once(
        self, method: str, path: str, fields: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        address = f"{self.service}/v2/Services/{self.key.service}/{path}"
        timeout = aiohttp.ClientTimeout(20)
        shown = self.key.header | (headers or {})
        async with self.session.request(method, address, data=fields, headers=shown, timeout=timeout) as answer:
            known = answer.content_type == "application/json"
            return Answer(answer.status, await answer.json() if known else {}, answer.headers.get("Retry-After", ""))


@dataclass(slots=True)
class People(Load):
    """Users of the page and of an application, until `ending`. `hot`: numbers that many applications start for."""

    api: Api | None = None
    hot: tuple[str, ...] = ()
    ending: bool = False
    #: What the service has confirmed: verifications by sid, by number of a text to STOP; and what it owes.
    started: dict[str, str] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    sent_once: set[str] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    unanswered: list[str] = field(default_factory=list)

    async def _run_users(self) -> None:
        while not self.ending:
            number = f"+1{self.random.choice(('415', '212', '312', '617'))}{2_000_000 + len(self.users):07}"
            user = User(number, self.random.choice(("sms", "sms", "call")))
            self.users.append(user)
            kind = self.random.choices(("page", "api", "hot", "report", "stop"), (45, 35, 8, 6, 6))[0]
            self.kinds[f"{kind} {user.channel}"] += 1
            jar = aiohttp.CookieJar(unsafe=True)
            try:
                async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(10)) as browser:
                    await getattr(self, f"_{kind}")(browser, user)
            except FAILURES:
                await asyncio.sleep(0.05)  # a node was killed

    async def _page(self, browser: aiohttp.ClientSession, user: User) -> None:
        details = {"username": f"user {user.number}", "phone": user.number, "channel": user.channel}
        status = await self._post(browser, "/start", details)
        user.started = status == 303
        if not user.started:
            user.refused.append(status)
            return
        user.code = await self._code(browser, user)
        for typed in self._typed(user.code):
            user.typed = typed
            await self._type(browser, user)

    async def _type(self, browser: aiohttp.ClientSession, user: User) -> None:
        """Send the code until the answer comes: a repetition by the same browser is the same check."""
        for _ in range(20):
            try:
                if await self._post(browser, "/code", {"code": user.typed}) not in _AGAIN:
                    async with browser.get(self.service) as page:
                        user.approved = 'data-state="welcome"' in await page.text()
                    return
            except FAILURES:
                pass
            await asyncio.sleep(0.3)

    async def _api(self, browser: aiohttp.ClientSession, user: User) -> None:
        assert self.api
        answer = await self._started(user, user.number, user.channel)
        if answer.status != 201:
            user.refused.append(answer.status)
            return
        sid = answer.body["sid"]
        user.code = await self._code(browser, user)
        for typed in self._typed(user.code):
            user.typed = typed
            checked = await self.api.check(sid, typed)
            lost = checked.lost and checked.status == 404  # it may be approved, and a second check is not found
            user.approved = bool(checked.body.get("valid")) or (lost and await self.api.status(sid) == "approved")

    async def _hot(self, browser: aiohttp.ClientSession, user: User) -> None:
        """Another start for a number that is already called a lot."""
        answer = await self._started(user, self.random.choice(self.hot), "sms")
        if answer.status != 201:
            user.refused.append(answer.status)

    async def _report(self, browser: aiohttp.ClientSession, user: User) -> None:
        """A person who did not ask: three times 0, then the star key."""
        user.channel = "call"
        answer = await self._started(user, user.number, "call")
        if answer.status == 201 and await self._pick_up(browser, user):
            for keys in ("000", "*"):
                await self._phone(browser, user, "POST", "/press", digits=keys)
                await self._phone(browser, user, "GET", f"/wait-for?state=quiet&timeout={LISTENS}")

    async def _stop(self, browser: aiohttp.ClientSession, user: User) -> None:
        """A person who wants no texts any more. Whether the service heard it stands in the simulator's log."""
        user.channel = "sms"
        answer = await self._started(user, user.number, "sms")
        if answer.status == 201 and await self._read(browser, user):
            sender = re.escape("+14155550199")
            await self._phone(browser, user, "POST", "/text", to=sender.replace("\\", ""), body="STOP")
            self.stopped.add(user.number)

    async def _started(self, user: User, number: str, channel: str) -> Answer:
        """Start with a key of its own until the answer is clear: then exactly one delivery was made."""
        assert self.api
        key = f"order-{len(self.users)}-{user.number}"
        try:
            answer = await self.api.start(number, channel, key=key)
        except TimeoutError:
            self.unanswered.append(f"the start for {user.number}")
            raise
        self.responses += 1
        user.started = answer.status == 201
        if user.started:
            self.started[answer.body["sid"]] = number
            if number == user.number and channel == "sms":
                self.sent_once.add(number)
        return answer

    def _typed(self, code: str) -> list[str]:
        """What is typed: sometimes a wrong code before the right one, or alone."""
        wrong = f"{(int(code or 0) + 1) % 10**6:06}"
        first = [wrong] if self.random.random() < 0.25 else []
        return [*first, code] if code and self.random.random() < 0.9 else first

    async def _code(self, browser: aiohttp.ClientSession, user: User) -> str:
        return await (self._read(browser, user) if user.channel == "sms" else self._listen(browser, user))

    async def _read(self, browser: aiohttp.ClientSession, user: User) -> str:
        phone = await self._phone(browser, user, "GET", "/wait-for?state=text&timeout=5")
        codes = [re.search(r"#(\d{6})$", text["body"]) for text in phone.get("texts", [])]
        return codes[-1][1] if codes and codes[-1] else ""

    async def _listen(self, browser: aiohttp.ClientSession, user: User) -> str:
        """Answer, press the keys that are said, and take the code from what is said then."""
        if not await self._pick_up(browser, user):
            return ""
        keys = await self._heard(browser, user, KEYS)
        if not keys:
            return ""
        await self._phone(browser, user, "POST", "/press", digits=keys)
        code = await self._heard(browser, user, CODE)
        await self._phone(browser, user, "POST", "/hang-up")
        return code

    async def _pick_up(self, browser: aiohttp.ClientSession, user: User) -> bool:
        reached = await self._phone(browser, user, "GET", "/wait-for?state=ringing&timeout=5")
        if not reached.get("reached"):
            return False
        await self._phone(browser, user, "POST", "/answer")
        return bool((await self._phone(browser, user, "GET", f"/wait-for?state=quiet&timeout={LISTENS}"))["reached"])

    async def _heard(self, browser: aiohttp.ClientSession, user: User, pattern: str) -> str:
        until = asyncio.get_running_loop().time() + LISTENS
        while asyncio.get_running_loop().time() < until:
            phone = await self._phone(browser, user, "GET", "")
            sentences = [heard["text"] for heard in phone.get("heard", []) if heard["kind"] == "say"]
            if found := [hit[1] for sentence in sentences if (hit := re.search(pattern, sentence))]:
                return found[-1].replace(", ", "")
            await asyncio.sleep(0.2)
        return ""
