"""Parsers of addresses. They follow the rules of `parsers`."""

import re
from importlib.util import find_spec
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from .parsers import InvalidValue, Secret

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
#: Addresses may have commas: a new one begins where a scheme does.
_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}://[\x21-\x7e]+")
MOST_TARGETS = 20


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


def parse_alert_urls(text: str) -> tuple[Secret, ...]:
    """Addresses of Apprise, with commas between them. Whether Apprise knows them is not asked here: it loads slowly.

    What is wrong is said without the address: it holds passwords and tokens.
    """
    urls = _BETWEEN.split(text.strip().strip(","))
    for place, url in enumerate(urls, start=1):
        if not _ADDRESS.fullmatch(url):
            raise InvalidValue(
                f"must be addresses such as mailtos://user:password@example.com, separated by commas; number {place}"
                " is not one"
            )
    if len(urls) > MOST_TARGETS:
        raise InvalidValue(f"must be {MOST_TARGETS} addresses at most")
    if len(set(urls)) < len(urls):
        raise InvalidValue("must not have the same address twice")
    if find_spec("apprise") is None:
        raise InvalidValue("needs a package that is not installed: pip install 'saycode[alerts]'")
    return tuple(map(Secret, urls))


def scheme_of(url: str) -> str:
    """What can be said of an address: which kind of service it is."""
    return url.partition("://")[0].lower()


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
