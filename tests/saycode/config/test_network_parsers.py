"""Networks in settings: whose headers are trusted, and who may read the metrics."""

from collections.abc import Callable
from ipaddress import ip_network

import pytest

from saycode.config.network_parsers import parse_metrics_readers, parse_proxies
from saycode.config.parsers import InvalidValue, Secret
from tests.support.keys import KEY


def test_proxies_are_addresses_and_networks() -> None:
    assert parse_proxies("10.0.0.7, 2001:db8::/32") == (ip_network("10.0.0.7"), ip_network("2001:db8::/32"))


@pytest.mark.parametrize("parse", [parse_proxies, parse_metrics_readers])
@pytest.mark.parametrize(
    ("text", "network", "address"),
    [
        ("10.0.0.1/8", "10.0.0.0/8", "10.0.0.1"),
        ("192.168.1.7/255.255.255.0", "192.168.1.0/24", "192.168.1.7"),
        ("2001:db8::1/32", "2001:db8::/32", "2001:db8::1"),
    ],
)
def test_an_address_within_a_network_is_refused_with_both_that_it_may_mean(
    parse: Callable[[str], object], text: str, network: str, address: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        parse(f"127.0.0.1, {text}")
    assert f"entry 2 is {text}: write {network} for the network, or {address} for the one address" in str(caught.value)
    parse(f"{network},{address}")


@pytest.mark.parametrize("text", ["10.0.0.7,proxy.example.com", "10.0.0.7,10.0.0.300", "10.0.0.7,10.0.0.0/33", "::1,"])
def test_an_entry_that_is_no_network_is_named(text: str) -> None:
    for parse in (parse_proxies, parse_metrics_readers):
        with pytest.raises(InvalidValue, match=r"entry 2 is n"):
            parse(text)


def test_metrics_are_read_from_networks_and_with_keys() -> None:
    readers = parse_metrics_readers(f"10.0.0.0/8, {KEY}")
    assert (readers.networks, readers.keys) == ((ip_network("10.0.0.0/8"),), (Secret(KEY),))
