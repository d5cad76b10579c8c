"""Where a request comes from, as limits count it: an IPv4 address, or an IPv6 /64, which is one customer's line.

Forwarded headers count only when a proxy that the operator trusts handed them over, and then from the right: what
stands left of the last address that is not trusted could be anybody's invention.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

Network = IPv4Network | IPv6Network
#: Bits of an IPv6 address that make one source.
LINE = 64


def source(request: Request, trusted: tuple[Network, ...]) -> str:
    """The source of a request; empty when the connection has no address, as over a Unix socket."""
    return line(address(request, trusted))


def address(request: Request, trusted: tuple[Network, ...]) -> str:
    """The address itself that a request comes from; empty when there is none."""
    peer = request.client.host if request.client else ""
    hops = [hop.strip() for value in request.headers.getlist("x-forwarded-for") for hop in value.split(",")]
    for hop in (peer, *reversed(hops)):
        try:
            found = _plain(ip_address(hop))
        except ValueError:
            break  # a header that makes no sense says nothing
        if not any(found in network for network in trusted):
            return str(found)
    return _exact(peer)


def line(address: str) -> str:
    """The source that an address is; nothing when it is no address."""
    try:
        found = _plain(ip_address(address))
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found) >> LINE << LINE, LINE)))
    return str(found)


def _exact(address: str) -> str:
    try:
        return str(_plain(ip_address(address)))
    except ValueError:
        return ""


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """An IPv4 address as itself, also where a socket for both kinds writes `::ffff:192.0.2.1`."""
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
