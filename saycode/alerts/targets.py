"""Where alerts are sent: the addresses of SAYCODE_ALERT_URLS, through Apprise, which is loaded for the first message.

Those addresses hold passwords and tokens, and Apprise and the HTTP client below it write parts of them to their logs.
So their logs are silenced, a target is named by its place and scheme (`2 (mailto)`: the host of some services is a
token), and of a failure only what is in a fixed vocabulary is passed on.

Apprise blocks, so each message is sent on a thread of its own, which ends with the process: a mail server that hangs
delays neither requests, nor other targets, nor the end of the service.
"""

import asyncio
import logging
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from verification.types import Record

from ..config.parsers import Secret
from ..config.url_parsers import scheme_of
from .states import Letter

#: Loggers below Apprise that may write addresses.
_TELLTALES = ("urllib3", "requests", "requests_oauthlib", "oauthlib")
_STATUS = re.compile(r"\berror[= ](\d{3})\b")
#: Nothing is sent for longer.
SEND_SECONDS = 120.0
UNKNOWN = "not an address that Apprise knows: check its spelling"


class AlertTarget(Record, frozen=True):
    """One address. `name` can be logged."""

    hidden: ClassVar = frozenset({"url"})

    name: str
    url: str


def alert_targets(urls: Sequence[Secret]) -> list[AlertTarget]:
    revealed = [url.reveal() for url in urls]
    return [AlertTarget(f"{place} ({scheme_of(url)})", url) for place, url in enumerate(revealed, start=1)]


async def send(target: AlertTarget, letter: Letter, *, timeout: float = SEND_SECONDS) -> str | None:
    """One attempt. Returns why it failed, without anything of the address, or None."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[str | None] = loop.create_future()

    def report(why: str | None) -> None:
        if not outcome.done():
            outcome.set_result(why)

    def work() -> None:
        try:
            why = send_blocking(target.url, letter)
        except Exception as problem:  # a plugin's own: its text may hold the address
            why = type(problem).__name__
        try:
            loop.call_soon_threadsafe(report, why)
        except RuntimeError:  # the service has ended
            return

    threading.Thread(target=work, name="saycode-alert", daemon=True).start()
    try:
        return await asyncio.wait_for(outcome, timeout)
    except TimeoutError:
        return f"no answer within {timeout:g} seconds"


def send_blocking(url: str, letter: Letter) -> str | None:
    """Send, and wait for it."""
    service = _service(url)
    if service is None:
        return UNKNOWN
    from apprise import NotifyFormat, NotifyType

    service.notify_format = NotifyFormat.TEXT
    kind = NotifyType.SUCCESS if letter.resolved else NotifyType.WARNING
    with _SWALLOWED.overheard() as said:
        # Through the service itself: Apprise's list of them sends on threads that the end of a process waits for.
        done = service.notify(body=letter.body, title=letter.title, notify_type=kind)
    return None if done else _why(said)


def is_understood(url: str) -> bool:
    """Whether Apprise knows such an address. Sends nothing."""
    return _service(url) is not None


def _service(url: str) -> Any:
    """What sends to this address; None when Apprise does not know it."""
    silence()
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(app_id="Saycode", app_desc="Saycode", app_url="", async_mode=False, secure_logging=True)
    return Apprise.instantiate(url, asset=asset)


def silence() -> None:
    """Keep what may hold an address out of the log, whatever its level and handlers."""
    for name in _TELLTALES:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    logging.getLogger("apprise").addFilter(_SWALLOWED)


class _Swallowed(logging.Filter):
    """Lets nothing through. A thread that listens gets what was said on it."""

    def __init__(self) -> None:
        super().__init__()
        self._listening = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        lines: list[str] | None = getattr(self._listening, "lines", None)
        if lines is not None and record.levelno >= logging.WARNING:
            lines.append(record.getMessage())
        return False

    @contextmanager
    def overheard(self) -> Iterator[list[str]]:
        """What Apprise says on this thread; for `_why` alone."""
        self._listening.lines = lines = list[str]()
        try:
            yield lines
        finally:
            self._listening.lines = None


_SWALLOWED = _Swallowed()


def _why(said: Sequence[str]) -> str:
    for line in said:
        if found := _STATUS.search(line):
            return f"refused with status {found.group(1)}"
    return "no connection, or refused"
