"""Form bodies, bounded before they are parsed.

The limits are our own, so they hold whatever the libraries below allow. Twilio's longest field is a text's body with
1600 characters, but for tokens of a few kilobytes that networks hand on.

Where a request comes from, as limits count it: an IPv4 address, or an IPv6 /64, which is one customer's line.

Forwarded headers count only when a proxy that the operator trusts handed them over, and then from the right: what
stands left of the last address that is not trusted could be anybody's invention.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

LARGEST_BODY = 64 * 1024
MOST_FIELDS = 200
LONGEST_NAME = 128
#: Characters as they are sent: a letter of another alphabet takes six.
LONGEST_VALUE = 20_000
FORM_TYPE = "application/x-www-form-urlencoded"
_TWILIO_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")


class FormMalformed(Exception):
    """The body is no form. `status` is the answer: 400, or 415 for another type of content."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Fields(dict[str, list[str]]):
    """All fields of a form in the order they came, blank ones too."""

    def text(self, name: str) -> str:
        """The one value of a field, or nothing. Raises FormMalformed when it is doubled: none of them counts."""
        values = self.get(name, [])
        if len(values) > 1:
            raise FormMalformed(400, "A field of this form is repeated.")
        return values[0] if values else ""

    def matches(self, name: str, alias: str) -> bool:
        """Whether a field and its other name hold the same; the other name may be missing."""
        return alias not in self or self.text(alias) == self.text(name)

    def require_unambiguous(self) -> None:
        """Raises FormMalformed unless each name looks like one of Twilio's and comes once.

        Twilio signs names and values with nothing between them: `Digits=12` is signed like `Digits1=2`, and a text that
        says `From+1415…` like one with that field. Cutting such a form anew makes a name that is odd, or there twice.
        """
        for name, values in self.items():
            if len(values) > 1:
                raise FormMalformed(400, "A field of this form is repeated.")
            if not _TWILIO_NAME.fullmatch(name):
                raise FormMalformed(400, "A field of this form has an invalid name.")


async def read_form(request: Request) -> Fields:
    """The fields of a form body. Raises FormMalformed."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise FormMalformed(415, "Please send a form.")
    try:
        return parse_form((await request.body()).decode("ascii"))
    except UnicodeDecodeError as problem:
        raise FormMalformed(400, "This form cannot be read.") from problem


def parse_form(body: str) -> Fields:
    """The fields of `a=1&b=2`, decoded once. Raises FormMalformed for bytes that are no UTF-8, for too many fields, and
    for a field that is too long.

    As urllib's parse_qsl does it, which takes six times as long: most of what Twilio sends has nothing to decode.
    """
    fields = Fields()
    if body.count("&") >= MOST_FIELDS:
        raise FormMalformed(400, "This form has too many fields.")
    for pair in body.split("&") if body else ():
        if not pair:
            continue
        name, _, value = pair.partition("=")
        if len(name) > LONGEST_NAME or len(value) > LONGEST_VALUE:
            raise FormMalformed(400, "This form has a field that is too long.")
        if "%" in pair or "+" in pair:
            try:
                name, value = _decode(name), _decode(value)
            except UnicodeDecodeError as problem:
                raise FormMalformed(400, "This form cannot be read.") from problem
        fields.setdefault(name, []).append(value)
    return fields


def _decode(text: str) -> str:
    # unquote_plus() would look for letters that are not ASCII first; there are none here.
    return unquote_to_bytes(text.replace("+", " ")).decode()


Network = IPv4Network | IPv6Network
#: Bits of an IPv6 address that make one source.
IPV6_PREFIX_BITS = 64


def client_source(request: Request, trusted: tuple[Network, ...]) -> str:
    """The source of a request; empty when the connection has no address, as over a Unix socket."""
    return source_of(client_ip(request, trusted))


def client_ip(request: Request, trusted: tuple[Network, ...]) -> str:
    """The address itself that a request comes from; empty when there is none."""
    peer = request.client.host if request.client else ""
    hops = [hop.strip() for value in request.headers.getlist("x-forwarded-for") for hop in value.split(",")]
    for hop in (peer, *reversed(hops)):
        try:
            found = _unmapped(ip_address(hop))
        except ValueError:
            break  # a header that makes no sense says nothing
        if not any(found in network for network in trusted):
            return str(found)
    return _ip_or_empty(peer)


def source_of(address: str) -> str:
    """The source that an address is; nothing when it is no address."""
    try:
        found = _unmapped(ip_address(address))
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found) >> IPV6_PREFIX_BITS << IPV6_PREFIX_BITS, IPV6_PREFIX_BITS)))
    return str(found)


def _ip_or_empty(address: str) -> str:
    try:
        return str(_unmapped(ip_address(address)))
    except ValueError:
        return ""


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address as itself, also where a socket for both kinds writes `::ffff:192.0.2.1`."""
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
