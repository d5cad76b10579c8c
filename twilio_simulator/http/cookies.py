"""The cookies of one call, or of one conversation between two numbers, by host and path."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit


class CookieJar:
    def __init__(self) -> None:
        self._cookies: dict[tuple[str, str, str], str] = {}

    def store(self, url: str, set_cookie_headers: list[str]) -> None:
        """Store the cookies of a response. An invalid header is ignored, as browsers do."""
        host = urlsplit(url).hostname or ""
        for header in set_cookie_headers:
            try:
                morsels = SimpleCookie(header).values()
            except CookieError:
                continue
            for morsel in morsels:
                key = (host, morsel["path"] or "/", morsel.key)
                if morsel["max-age"] in ("0", "-1"):
                    self._cookies.pop(key, None)
                else:
                    self._cookies[key] = morsel.coded_value

    def header(self, url: str) -> str | None:
        """The `Cookie` header for a request to this URL."""
        parts = urlsplit(url)
        path = parts.path or "/"
        pairs = [
            f"{name}={value}"
            for (host, prefix, name), value in self._cookies.items()
            if host == parts.hostname and (path == prefix or path.startswith(prefix.rstrip("/") + "/"))
        ]
        return "; ".join(pairs) or None
