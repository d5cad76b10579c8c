"""Who is signed in to a console that one process serves: one key for all, and browsers that have shown it.

Nothing is stored: the end of the process signs everyone out. A cookie holds random bytes; here is a digest of them.
"""

import hmac
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

#: Seconds until a browser that does nothing is signed out, and until every browser is.
IDLE_SECONDS, LONGEST_SECONDS = 1800, 8 * 3600
#: Wrong keys in so many seconds, of all browsers together.
MOST_WRONG, WRONG_SECONDS = 10, 60


@dataclass(slots=True)
class Sessions:
    """`now`: seconds of a clock that never goes back."""

    key: str
    now: Callable[[], float]
    _open: dict[bytes, tuple[float, float]] = field(default_factory=dict)
    _wrong: deque[float] = field(default_factory=deque)

    def sign_in(self, key: str) -> str | None:
        """The cookie of a new session; None for a wrong key, or after too many of them."""
        now = self.now()
        while self._wrong and self._wrong[0] <= now - WRONG_SECONDS:
            self._wrong.popleft()
        if len(self._wrong) >= MOST_WRONG:
            return None
        if not hmac.compare_digest(key.encode(), self.key.encode()):
            self._wrong.append(now)
            return None
        self._open = {digest: session for digest, session in self._open.items() if _is_open(session, now)}
        cookie = secrets.token_urlsafe(32)
        self._open[_digest(cookie)] = (now, now)
        return cookie

    def recognizes(self, cookie: str) -> bool:
        """Whether this browser is signed in. It is used now, so its idle time begins anew."""
        now, digest = self.now(), _digest(cookie)
        session = self._open.get(digest)
        if session is None or not _is_open(session, now):
            return False
        self._open[digest] = (session[0], now)
        return True

    def sign_out(self, cookie: str) -> None:
        self._open.pop(_digest(cookie), None)


def _is_open(session: tuple[float, float], now: float) -> bool:
    began, used = session
    return now - began < LONGEST_SECONDS and now - used < IDLE_SECONDS


def _digest(cookie: str) -> bytes:
    return sha256(cookie.encode()).digest()
