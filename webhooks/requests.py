"""Form bodies, and the client's address.

Forms are bounded before they are parsed. The limits are our own, so they hold whatever the libraries below allow.
A field of Twilio's webhooks may be as long as the largest body: one that is new and long must not lose a STOP.

Rate limits count an IPv4 address, or an IPv6 /64, which is one customer's line. Forwarded headers count only when a
trusted proxy sent them, and are read from the right: any entry left of the last untrusted address may be forged.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from twiml.words import LANGUAGES, from_accept_language

log = logging.getLogger("saycode.http")
LARGEST_BODY = 64 * 1024
MOST_FIELDS = 200
LONGEST_NAME = 128
#: Characters as they are sent: percent-encoded, a Cyrillic letter takes six.
LONGEST_VALUE = 20_000
#: The cookie with the language that was chosen on the page: a tag of LANGUAGES.
LANGUAGE_COOKIE = "saycode-language"
FORM_TYPE = "application/x-www-form-urlencoded"
#: Headers that a proxy adds. Behind a proxy that is not trusted, the peer's address says nothing about the client.
FORWARDED_HEADERS = ("forwarded", "x-forwarded-for", "via")
#: The names in webhooks of calls, which come most often. Any other is looked at.
_FREQUENT_NAMES = frozenset(
    {
        *("AccountSid", "ApiVersion", "CallSid", "CallStatus", "CallToken", "Called", "CalledCity"),
        *("CalledCountry", "CalledState", "CalledZip", "Caller", "CallerCity", "CallerCountry"),
        *("CallerState", "CallerZip", "Digits", "Direction", "FinishedOnKey", "From", "FromCity"),
        *("FromCountry", "FromState", "FromZip", "StirVerstat", "To", "ToCity", "ToCountry", "ToState"),
        *("ToZip", "AnsweredBy", "msg", "CallDuration", "CallbackSource", "Duration", "SequenceNumber"),
        *("SipResponseCode", "Timestamp"),
    }
)
#: Names, one a line.
_TWILIO_NAMES = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*\n)*[A-Za-z][A-Za-z0-9_.-]*")


class FormMalformed(Exception):
    """The body is not a valid form. `status` is that of the answer: 400, or 415 for another content type."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Fields(dict[str, list[str]]):
    """All fields of a form in order, empty ones included."""

    def text(self, name: str) -> str:
        """The value of a field, or an empty string. Raises FormMalformed when the field is repeated."""
        values = self.get(name, [])
        if len(values) > 1:
            raise FormMalformed(400, "A field of this form is repeated.")
        return values[0] if values else ""

    def matches(self, name: str, alias: str) -> bool:
        """Whether a field and its alias have the same value. The alias may be missing."""
        return alias not in self or self.text(alias) == self.text(name)

    def require_unambiguous(self) -> None:
        """Raises FormMalformed unless each name has the form of Twilio's names and is not repeated.

        Twilio signs names and values with no separator: `Digits=12` is signed like `Digits1=2`, and a text with the
        body `From+1415…` like one with that field. A form that is split in another way has an odd or a repeated name.
        """
        if sum(map(len, self.values())) != len(self):
            raise FormMalformed(400, "A field of this form is repeated.")
        if self.keys() <= _FREQUENT_NAMES:
            return
        names = "\n".join(self)
        if self and (names.count("\n") >= len(self) or not _TWILIO_NAMES.fullmatch(names)):
            raise FormMalformed(400, "A field of this form has an invalid name.")


async def read_form(request: Request, *, longest_value: int = LONGEST_VALUE) -> Fields:
    """The fields of a form body. Raises FormMalformed."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise FormMalformed(415, "Please send a form.")
    try:
        return parse_form((await request.body()).decode("ascii"), longest_value=longest_value)
    except UnicodeDecodeError as error:
        raise FormMalformed(400, "This form cannot be read.") from error


def parse_form(body: str, *, longest_value: int = LONGEST_VALUE) -> Fields:
    """The fields of `a=1&b=2`, decoded once. Raises FormMalformed for invalid UTF-8, too many fields, and a field that
    is too long.

    Equal to urllib's parse_qsl, which takes six times as long: most of Twilio's fields need no decoding.
    """
    fields = Fields()
    pairs = body.split("&") if body else []
    if len(pairs) > MOST_FIELDS:
        raise FormMalformed(400, "This form has too many fields.")
    for pair in pairs:
        if not pair:
            continue
        name, _, value = pair.partition("=")
        if len(name) > LONGEST_NAME or len(value) > longest_value:
            raise FormMalformed(400, "This form has a field that is too long.")
        if "%" in pair or "+" in pair:
            name, value = _decode(name), _decode(value)
        if name in fields:
            fields[name].append(value)
        else:
            fields[name] = [value]
    return fields


def _decode(text: str) -> str:
    if "%" not in text:
        return text.replace("+", " ")
    if text.startswith("%2B") and text[3:].isalnum():  # a phone number
        return "+" + text[3:]
    try:
        # unquote_plus() would look for non-ASCII characters first; there are none.
        return unquote_to_bytes(text.replace("+", " ")).decode()
    except UnicodeDecodeError as error:
        raise FormMalformed(400, "This form cannot be read.") from error


def wanted_language(request: Request) -> str | None:
    """The language that was chosen on the page, else the browser's (Accept-Language)."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen if chosen in LANGUAGES else from_accept_language(request.headers.get("accept-language", ""))


Network = IPv4Network | IPv6Network
_HOP_WITH_PORT = re.compile(r"\[([^][]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}")
#: Prefix of an IPv6 address that counts as one source, in bits.
IPV6_PREFIX_BITS = 64


@dataclass(slots=True)
class ClientSources:
    """The sources of the requests that limits count, in one process since its start.

    `only`: their address while they all have the same one; empty before the first request, None for several.
    """

    requests: int = 0
    only: str | None = ""
    _warned: bool = False
    _warned_of_proxy: bool = False

    def source(self, request: Request, trusted: tuple[Network, ...]) -> str:
        """The source of a request. Logs the first forwarded header that cannot be read, and the first proxy that is not
        trusted.
        """
        self._check_proxy(request, trusted)
        address = client_ip(request, trusted, on_unreadable=self._warn)
        self.requests += 1
        self.only = address if self.only in ("", address) else None
        return source_of(address)

    def _check_proxy(self, request: Request, trusted: tuple[Network, ...]) -> None:
        """Only a private address is a proxy's: a client could send the header too."""
        if self._warned_of_proxy or not any(name in request.headers for name in ("x-forwarded-for", "forwarded")):
            return
        peer = peer_ip(request)
        if peer is not None and peer.is_private and not is_in(peer, trusted):
            self._warned_of_proxy = True
            log.warning(
                "the proxy %s is not trusted, so all its clients share one limit: set SAYCODE_TRUSTED_PROXIES; this is "
                "logged once",
                peer,
            )

    def _warn(self, proxy: str) -> None:
        if not self._warned:
            self._warned = True
            log.warning(
                "X-Forwarded-For of the proxy %s cannot be read, so its clients share one limit: it must list "
                "IP addresses; this is logged once",
                proxy,
            )


def client_source(request: Request, trusted: tuple[Network, ...]) -> str:
    """The source that rate limits count a request for; empty when the connection has no address (a Unix socket)."""
    return source_of(client_ip(request, trusted))


def _ignore(_: str) -> None:
    pass


def unforwarded_ip(request: Request, trusted_proxies: tuple[Network, ...]) -> str:
    """The address of the client; empty where a proxy that is not trusted has sent the request on."""
    if not trusted_proxies and any(name in request.headers for name in FORWARDED_HEADERS):
        return ""
    return client_ip(request, trusted_proxies)


def client_ip(request: Request, trusted: tuple[Network, ...], *, on_unreadable: Callable[[str], None] = _ignore) -> str:
    """The IP address of the client; empty when there is none.

    `on_unreadable` gets the address of a trusted proxy whose header has an entry that is no IP address.
    """
    peer = peer_ip(request)
    if peer is None:
        return ""
    address = peer
    hops = [hop for value in request.headers.getlist("x-forwarded-for") for hop in value.split(",") if hop.strip()]
    for hop in reversed(hops):
        if not is_in(address, trusted):
            break
        parsed = _parse_hop(hop)
        if parsed is None:
            on_unreadable(str(peer))
            return str(peer)  # an invalid entry ends what can be trusted
        address = parsed
    return str(peer if is_in(address, trusted) else address)


def peer_ip(request: Request) -> IPv4Address | IPv6Address | None:
    """The IP address that the connection comes from, a proxy's or the client's."""
    return _parse_ip(request.client.host) if request.client else None


def is_in(address: IPv4Address | IPv6Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)


def is_private(address: str) -> bool:
    """Whether this is the address of a machine in a private network, or of this one."""
    parsed = _parse_ip(address)
    return parsed is not None and parsed.is_private


def _parse_hop(hop: str) -> IPv4Address | IPv6Address | None:
    """An entry of X-Forwarded-For: an address, for some proxies with a port or in brackets."""
    text = hop.strip().strip('"')
    match = _HOP_WITH_PORT.fullmatch(text)
    return _parse_ip(next(filter(None, match.groups())) if match else text)


def source_of(address: str) -> str:
    """The source of an address: the address itself, or its IPv6 /64. Empty for an invalid address."""
    parsed = _parse_ip(address)
    if parsed is None:
        return ""
    if isinstance(parsed, IPv6Address):
        return str(ip_network((int(parsed) >> IPV6_PREFIX_BITS << IPV6_PREFIX_BITS, IPV6_PREFIX_BITS)))
    return str(parsed)


def _parse_ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return _unmapped(ip_address(text))
    except ValueError:
        return None


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """A dual-stack socket writes an IPv4 address as `::ffff:192.0.2.1`."""
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
