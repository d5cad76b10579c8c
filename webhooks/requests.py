"""Form bodies, and the client's address.

Forms are bounded before they are parsed. The limits are our own, so they hold whatever the libraries below allow.
A field of Twilio's webhooks may be as long as the largest body: one that is new and long must not lose a STOP.

Rate limits count an IPv4 address, or an IPv6 /64, which is one customer's line. Forwarded headers count only when a
trusted proxy sent them, and are read from the right: any entry left of the last untrusted address may be forged.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

LARGEST_BODY = 64 * 1024
MOST_FIELDS = 200
LONGEST_NAME = 128
#: Characters as they are sent: percent-encoded, a Cyrillic letter takes six.
LONGEST_VALUE = 20_000
FORM_TYPE = "application/x-www-form-urlencoded"
_TWILIO_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


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
        for name, values in self.items():
            if len(values) > 1:
                raise FormMalformed(400, "A field of this form is repeated.")
            if not _TWILIO_NAME.fullmatch(name):
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
    if body.count("&") >= MOST_FIELDS:
        raise FormMalformed(400, "This form has too many fields.")
    for pair in body.split("&") if body else ():
        if not pair:
            continue
        name, _, value = pair.partition("=")
        if len(name) > LONGEST_NAME or len(value) > longest_value:
            raise FormMalformed(400, "This form has a field that is too long.")
        if "%" in pair or "+" in pair:
            try:
                name, value = _decode(name), _decode(value)
            except UnicodeDecodeError as error:
                raise FormMalformed(400, "This form cannot be read.") from error
        fields.setdefault(name, []).append(value)
    return fields


def _decode(text: str) -> str:
    # unquote_plus() would look for non-ASCII characters first; there are none.
    return unquote_to_bytes(text.replace("+", " ")).decode()


Network = IPv4Network | IPv6Network
#: Prefix of an IPv6 address that counts as one source, in bits.
IPV6_PREFIX_BITS = 64


def client_source(request: Request, trusted: tuple[Network, ...]) -> str:
    """The source that rate limits count a request for; empty when the connection has no address (a Unix socket)."""
    return source_of(client_ip(request, trusted))


def client_ip(request: Request, trusted: tuple[Network, ...]) -> str:
    """The IP address of the client; empty when there is none."""
    peer = request.client.host if request.client else ""
    hops = [hop.strip() for value in request.headers.getlist("x-forwarded-for") for hop in value.split(",")]
    for hop in (peer, *reversed(hops)):
        try:
            parsed = _unmapped(ip_address(hop))
        except ValueError:
            break  # an invalid entry ends what can be trusted
        if not any(parsed in network for network in trusted):
            return str(parsed)
    return _ip_or_empty(peer)


def source_of(address: str) -> str:
    """The source of an address: the address itself, or its IPv6 /64. Empty for an invalid address."""
    try:
        parsed = _unmapped(ip_address(address))
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        return str(ip_network((int(parsed) >> IPV6_PREFIX_BITS << IPV6_PREFIX_BITS, IPV6_PREFIX_BITS)))
    return str(parsed)


def _ip_or_empty(address: str) -> str:
    try:
        return str(_unmapped(ip_address(address)))
    except ValueError:
        return ""


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """A dual-stack socket writes an IPv4 address as `::ffff:192.0.2.1`."""
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
