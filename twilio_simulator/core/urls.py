"""Parsing and joining URLs without changing a byte that is signed."""

from __future__ import annotations

from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

from .request_log import Pairs


def parse(url: str) -> SplitResult | None:
    """The parts of an absolute http or https URL, else None."""
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


def is_fetchable(url: str) -> bool:
    """Whether Twilio fetches this URL: absolute, and without an underscore in its host name."""
    parts = parse(url)
    return parts is not None and "_" not in (parts.hostname or "")


def resolve(reference: str, base: str) -> str:
    """Resolve a reference in the document at `base` (RFC 3986), ignoring the fragment of `base`."""
    return urljoin(base.partition("#")[0], reference)


def without_user(url: str) -> tuple[str, tuple[str, str] | None]:
    """The URL without its user information, and that user and password."""
    scheme, separator, rest = url.partition("://")
    authority, slash, path = _split_authority(rest)
    user, at, host = authority.rpartition("@")
    if not at:
        return url, None
    name, _, password = user.partition(":")
    return f"{scheme}{separator}{host}{slash}{path}", (name, password)


def without_port(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    authority, slash, path = _split_authority(rest)
    host, colon, port = authority.rpartition(":")
    return f"{scheme}{separator}{host}{slash}{path}" if colon and port.isdigit() else url


def region_of(host: str) -> str | None:
    """The Region that a host of Twilio's leads to: that of `{product}.{edge}.{region}.twilio.com`, or `us1`. None for
    any other host, such as loopback.
    """
    labels = host.partition(":")[0].lower().split(".")
    if labels[-2:] != ["twilio", "com"] or not 3 <= len(labels) <= 5:
        return None
    return labels[-3] if len(labels) > 3 else "us1"


def normalize_url(url: str) -> str:
    """The URL as it is sent: without fragment, with a path, without an empty query."""
    url = url.partition("#")[0]
    path, question_mark, query = url.partition("?")
    scheme, colon, rest = path.partition("://")
    if "/" not in rest:
        path = f"{scheme}{colon}{rest}/"
    return f"{path}{question_mark}{query}" if query else path


def with_fields(url: str, fields: Pairs) -> str:
    """The URL of a GET with these fields."""
    if not fields:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(fields)}"


def _split_authority(rest: str) -> tuple[str, str, str]:
    """The authority, the character that ends it, and the rest."""
    ends = [index for index in (rest.find(delimiter) for delimiter in "/?#") if index >= 0]
    end = min(ends, default=len(rest))
    return rest[:end], rest[end : end + 1], rest[end + 1 :]
