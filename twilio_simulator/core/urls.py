"""Web addresses, taken apart and joined without changing a byte that is signed."""

from __future__ import annotations

from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

from .request_log import Pairs


def parse(url: str) -> SplitResult | None:
    """The parts of an absolute http or https address, or None when it is none."""
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname else None


def is_absolute(url: str) -> bool:
    return parse(url) is not None


def has_underscore(url: str) -> bool:
    """Twilio refuses host names with an underscore."""
    parts = parse(url)
    return parts is not None and "_" in (parts.hostname or "")


def is_fetchable(url: str) -> bool:
    return is_absolute(url) and not has_underscore(url)


def resolve(reference: str, base: str) -> str:
    """A reference inside the document that came from `base` (RFC 3986); the fragment of `base` plays no part."""
    return urljoin(base.partition("#")[0], reference)


def without_user(url: str) -> tuple[str, tuple[str, str] | None]:
    """The address without its user information, and that information."""
    scheme, mark, rest = url.partition("://")
    place, slash, path = _split_authority(rest)
    user, at, host = place.rpartition("@")
    if not at:
        return url, None
    name, _, password = user.partition(":")
    return f"{scheme}{mark}{host}{slash}{path}", (name, password)


def without_port(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    place, slash, path = _split_authority(rest)
    host, colon, port = place.rpartition(":")
    return f"{scheme}{mark}{host}{slash}{path}" if colon and port.isdigit() else url


def normalize_url(url: str) -> str:
    """The address as it goes over the wire: no fragment, a path, no lonely question mark."""
    url = url.partition("#")[0]
    path, mark, query = url.partition("?")
    scheme, colon, rest = path.partition("://")
    if "/" not in rest:
        path = f"{scheme}{colon}{rest}/"
    return f"{path}{mark}{query}" if query else path


def with_fields(url: str, fields: Pairs) -> str:
    """The address of a GET that carries these fields."""
    if not fields:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}"


def _split_authority(rest: str) -> tuple[str, str, str]:
    """Host part, the mark that ends it, and what follows."""
    ends = [index for index in (rest.find(mark) for mark in "/?#") if index >= 0]
    end = min(ends, default=len(rest))
    return rest[:end], rest[end : end + 1], rest[end + 1 :]
