"""The load: users who request codes, read them on their phones and type them; and what the page showed to each."""

import asyncio
import re
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote

import aiohttp

FAILURES = (aiohttp.ClientError, TimeoutError, OSError)
_SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@dataclass(slots=True)
class User:
    """One browser and one phone. `code` is the right one, `typed` the last one that was sent."""

    number: str
    channel: str
    started: bool = False
    typed: str = ""
    code: str = ""
    approved: bool = False
    refused: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Load:
    """Users of the page at `service`, with phones at `simulator`."""

    service: str
    simulator: str
    random: Random
    users: list[User] = field(default_factory=list)
    responses: int = 0

    async def run(self, count: int) -> None:
        """This many concurrent users, each followed by the next, until canceled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(self._run_users())

    async def _run_users(self) -> None:
        while True:
            number = f"+1415{2_000_000 + len(self.users):07}"
            user = User(number, self.random.choice(("sms", "sms", "call")))
            self.users.append(user)
            jar = aiohttp.CookieJar(unsafe=True)
            try:
                async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(10)) as browser:
                    await self._verify(browser, user)
            except FAILURES:
                await asyncio.sleep(0.005)  # the service was killed

    async def _verify(self, browser: aiohttp.ClientSession, user: User) -> None:
        details = {"username": f"user {user.number}", "phone": user.number, "channel": user.channel}
        status = await self._post(browser, "/start", details)
        user.started = status == 303
        if not user.started:
            user.refused.append(status)
            await asyncio.sleep(0.02)
            return
        user.code = await (self._read(browser, user) if user.channel == "sms" else self._answer(browser, user))
        if not user.code:
            return
        user.typed = user.code if self.random.random() < 0.8 else "000000"
        if await self._post(browser, "/code", {"code": user.typed}) == 303:
            async with browser.get(self.service) as page:
                user.approved = 'data-state="welcome"' in await page.text()

    async def _post(self, browser: aiohttp.ClientSession, path: str, fields: dict[str, str]) -> int:
        async with browser.post(self.service + path, data=fields, headers=_SAME_SITE, allow_redirects=False) as answer:
            self.responses += 1
            return answer.status

    async def _read(self, browser: aiohttp.ClientSession, user: User) -> str:
        """The code of a text, as soon as it arrives."""
        phone = await self._phone(browser, user, "GET", "/wait-for?state=text&timeout=0.2")
        codes = [re.search(r"#(\d{6})$", text["body"]) for text in phone.get("texts", [])]
        return codes[-1][1] if codes and codes[-1] else ""

    async def _answer(self, browser: aiohttp.ClientSession, user: User) -> str:
        """Answer and press random keys. Listening would advance the simulator's time."""
        await self._phone(browser, user, "POST", "/answer")
        await self._phone(browser, user, "POST", "/press", digits=self.random.choice(("4", "12", "9")))
        return ""

    async def _phone(
        self, browser: aiohttp.ClientSession, user: User, method: str, what: str, **body: str
    ) -> dict[str, Any]:
        address = f"{self.simulator}/simulator/phones/{quote(user.number)}{what}"
        async with browser.request(method, address, json=body if method == "POST" else None) as answer:
            result: dict[str, Any] = await answer.json()
            return result
