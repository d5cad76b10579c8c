"""Parsers of addresses. They follow the rules of `parsers`."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from .parsers import InvalidValue

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")


def parse_base_url(text: str) -> str:
    """An address's scheme, host and port, without the default port.

    No path: Twilio signs the whole address, and a proxy that strips a prefix would break every signature.
    No underscore in the host: Twilio refuses it (error 21609).
    """
    parts, host = _split_url(text, "https://verify.example.com")
    if parts.path not in ("", "/") or "?" in text or "#" in text:
        raise InvalidValue("must end after the host and port: no path, no query")
    usual = {"http": 80, "https": 443}[parts.scheme]
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + ("" if parts.port in (None, usual) else f":{parts.port}")


def parse_url(text: str) -> str:
    """An address that a page may link to, unchanged."""
    _split_url(text, "https://example.com/account")
    return text


def _split_url(text: str, example: str) -> tuple[SplitResult, str]:
    """The parts of an address, and its host. Requires https, except on loopback."""
    if not re.fullmatch(r"[\x21-\x7e]+", text):
        raise InvalidValue("must be an address of plain ASCII characters without spaces")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidValue(f"must be an address such as {example}") from None
    is_ip, loopback = _classify_host(host)
    if parts.scheme not in ("http", "https") or not (is_ip or _HOST.fullmatch(host)) or port == 0:
        raise InvalidValue(f"must be an address such as {example} (no underscore in the name)")
    if "@" in parts.netloc:
        raise InvalidValue("must have no user name")
    if parts.scheme == "http" and not loopback:
        raise InvalidValue("must begin with https:// (http:// only on loopback, such as http://127.0.0.1:8000)")
    return parts, host


def is_loopback(address: str) -> bool:
    """Whether an address is on the loopback interface."""
    return _classify_host(urlsplit(address).hostname or "")[1]


def _classify_host(host: str) -> tuple[bool, bool]:
    """Whether the host is an IP address, and whether it is loopback."""
    try:
        return True, ip_address(host).is_loopback
    except ValueError:
        return False, host == "localhost" or host.endswith(".localhost")
