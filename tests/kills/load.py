"""The load: people who ask for codes, read them on their phones, and type them; and what each was told by the page."""

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
class Person:
    """One browser and one phone. `typed` is the last code that was sent off; `welcome`: the page said it was right."""

    number: str
    channel: str
    started: bool = False
    typed: str = ""
    right: str = ""
    welcome: bool = False
    refused: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Crowd:
    """People at the page of `service`, with phones at `simulator`."""

    service: str
    simulator: str
    random: Random
    people: list[Person] = field(default_factory=list)
    answers: int = 0

    async def rush(self, count: int) -> None:
        """So many people at once, one after the other as they finish, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(self._queue())

    async def _queue(self) -> None:
        while True:
            number = f"+1415{2_000_000 + len(self.people):07}"
            person = Person(number, self.random.choice(("sms", "sms", "call")))
            self.people.append(person)
            jar = aiohttp.CookieJar(unsafe=True)
            try:
                async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(10)) as browser:
                    await self._live(browser, person)
            except FAILURES:
                await asyncio.sleep(0.005)  # the service is gone

    async def _live(self, browser: aiohttp.ClientSession, person: Person) -> None:
        details = {"username": f"user {person.number}", "phone": person.number, "channel": person.channel}
        status = await self._post(browser, "/start", details)
        person.started = status == 303
        if not person.started:
            person.refused.append(status)
            await asyncio.sleep(0.02)
            return
        person.right = await (self._read(browser, person) if person.channel == "sms" else self._answer(browser, person))
        if not person.right:
            return
        person.typed = person.right if self.random.random() < 0.8 else "000000"
        if await self._post(browser, "/code", {"code": person.typed}) == 303:
            async with browser.get(self.service) as page:
                person.welcome = 'data-state="welcome"' in await page.text()

    async def _post(self, browser: aiohttp.ClientSession, path: str, fields: dict[str, str]) -> int:
        async with browser.post(self.service + path, data=fields, headers=_SAME_SITE, allow_redirects=False) as answer:
            self.answers += 1
            return answer.status

    async def _read(self, browser: aiohttp.ClientSession, person: Person) -> str:
        """The code of a text, as soon as it is there."""
        phone = await self._phone(browser, person, "GET", "/wait-for?state=text&timeout=0.2")
        found = [re.search(r"#(\d{6})$", text["body"]) for text in phone.get("texts", [])]
        return found[-1][1] if found and found[-1] else ""

    async def _answer(self, browser: aiohttp.ClientSession, person: Person) -> str:
        """Pick up and press the first keys that come to mind. Nobody listens: that would move the simulator's time."""
        await self._phone(browser, person, "POST", "/answer")
        await self._phone(browser, person, "POST", "/press", digits=self.random.choice(("4", "12", "9")))
        return ""

    async def _phone(
        self, browser: aiohttp.ClientSession, person: Person, method: str, what: str, **body: str
    ) -> dict[str, Any]:
        address = f"{self.simulator}/simulator/phones/{quote(person.number)}{what}"
        async with browser.request(method, address, json=body if method == "POST" else None) as answer:
            found: dict[str, Any] = await answer.json()
            return found
