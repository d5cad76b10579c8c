"""Parsers of IP networks, and of who may read the metrics. They follow the rules of `parsers`."""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from .key_parsers import HOW_TO_MAKE, MIN_KEY_LENGTH
from .parsers import InvalidValue, Secret, parse_secret

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class MetricsReaders:
    """Who may read the metrics: clients in one of the networks, or with one of the keys."""

    networks: tuple[Network, ...]
    keys: tuple[Secret, ...]


def parse_proxies(text: str) -> tuple[Network, ...]:
    networks = []
    for position, part in enumerate(text.split(","), start=1):
        network = _parse_network(part.strip(), position)
        if network is None:
            raise InvalidValue(
                f"must be IP addresses or networks such as 10.0.0.7,192.168.0.0/24; entry {position} is neither"
            )
        if network.prefixlen == 0:
            raise InvalidValue("must not trust the whole internet: any client could then choose its source address")
        networks.append(network)
    return tuple(networks)


def parse_metrics_readers(text: str) -> MetricsReaders:
    networks, keys = [], []
    for position, part in enumerate((part.strip() for part in text.split(",")), start=1):
        network = _parse_network(part, position)
        if network is None:
            if len(part) < MIN_KEY_LENGTH:
                raise InvalidValue(
                    f"must be IP addresses, networks, or a key of {MIN_KEY_LENGTH} characters or more "
                    f"({HOW_TO_MAKE}); entry {position} is none of them"
                )
            keys.append(parse_secret(part))
            continue
        if network.prefixlen == 0:
            raise InvalidValue("must not show the metrics to the whole internet")
        networks.append(network)
    return MetricsReaders(tuple(networks), tuple(keys))


def _parse_network(text: str, position: int) -> Network | None:
    """The network, or None for any other text. Raises InvalidValue for an address within a network, as in 10.0.0.1/8:
    it may mean the one address or the whole network.
    """
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        meant = ip_network(text, strict=False)
    except ValueError:
        return None
    address = text.partition("/")[0]
    raise InvalidValue(
        f"must name a network by its first address; entry {position} is {text}: write {meant} for the network, "
        f"or {address} for the one address"
    )
