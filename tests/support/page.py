"""The page without scripts: its forms are sent, and its buttons pressed."""

import re

from tests.support.app import RunningApp, open_page, path_of
from tests.support.asgi_client import Answer, Browser
from tests.support.html import Page

DETAILS = {"username": "ada", "phone": "(415) 555-0100", "channel": "sms"}


async def send(browser: Browser, route: str, **fields: str) -> Answer:
    return await browser.post(path_of(route), fields)


async def press(browser: Browser, value: str) -> Page:
    """Press one of the buttons named `next`; the page after it."""
    assert value in (await open_page(browser)).next
    answer = await send(browser, "next_step", next=value)
    assert (answer.status, answer.header("location")) == (303, "/")
    return await open_page(browser)


async def text_arrives(running: RunningApp) -> None:
    """The last text is on the phone."""
    sent = {"MessageSid": f"SM{running.provider.asked}", "MessageStatus": "delivered"}
    await running.twilio.post(path_of("message_status", delivery=running.provider.texts[-1].delivery), sent)


def wrong(code: str) -> str:
    """Another code of the same length."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)


class References:
    """The references on the pages of one browser, in the order in which they appeared."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def hide(self, text: str) -> str:
        """The text with the place of each reference in that order instead: what two browsers must have in common."""
        return re.sub(r'(class="reference">Reference: )(\d{4}\u00a0\d{4})<', self._numbered, text)

    def _numbered(self, found: re.Match[str]) -> str:
        if found[2] not in self.seen:
            self.seen.append(found[2])
        return f"{found[1]}number {self.seen.index(found[2])}<"
