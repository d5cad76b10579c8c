"""Cookies of one call, or of one pair of numbers: kept by host and path, sent back, forgotten with their owner."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit


class CookieJar:
    def __init__(self) -> None:
        self._kept: dict[tuple[str, str, str], str] = {}

    def store(self, url: str, set_cookie_headers: list[str]) -> None:
        """Keep what an answer set. A header that cannot be read is ignored, as browsers do."""
        host = urlsplit(url).hostname or ""
        for header in set_cookie_headers:
            try:
                morsels = SimpleCookie(header).values()
            except CookieError:
                continue
            for morsel in morsels:
                place = (host, morsel["path"] or "/", morsel.key)
                if morsel["max-age"] in ("0", "-1"):
                    self._kept.pop(place, None)
                else:
                    self._kept[place] = morsel.coded_value

    def header(self, url: str) -> str | None:
        """The `Cookie` header for a request to this address."""
        parts = urlsplit(url)
        path = parts.path or "/"
        pairs = [
            f"{name}={value}"
            for (host, prefix, name), value in self._kept.items()
            if host == parts.hostname and (path == prefix or path.startswith(prefix.rstrip("/") + "/"))
        ]
        return "; ".join(pairs) or None
