"""Where a request comes from, as limits count it."""

from ipaddress import ip_network

import pytest
from starlette.requests import Request

from webhooks.requests import ClientSources, client_source

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


def request_from(peer: str | None, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    return Request({"type": "http", "client": (peer, 1) if peer is not None else None, "headers": headers})


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::/64"),
        ("fd00::1", ["2001:db8:1:2:ffff::1"], "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", [], "192.0.2.1"),
        ("::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["::ffff:198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7, ::ffff:10.0.0.2"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7, ,"], "198.51.100.7"),
        ("10.0.0.1", ["", " , 198.51.100.7 ,, 10.0.0.2 ", ""], "198.51.100.7"),
        ("10.0.0.1", [" , "], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7:41123"], "198.51.100.7"),
        ("10.0.0.1", ["198.51.100.7:41123, 10.0.0.2:80"], "198.51.100.7"),
        ("10.0.0.1", ["[2001:db8:1:2:ffff::1]"], "2001:db8:1:2::/64"),
        ("10.0.0.1", ["[2001:db8:1:2:ffff::1]:41123, [fd00::2]:80"], "2001:db8:1:2::/64"),
        ("10.0.0.1", ["[::ffff:198.51.100.7]:443"], "198.51.100.7"),
        ("10.0.0.1", ['"[2001:db8:1:2::1]:443"'], "2001:db8:1:2::/64"),
        ("10.0.0.1", ["198.51.100.7, nonsense, 10.0.0.2"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7:x"], "10.0.0.1"),
        ("10.0.0.1", ["[198.51.100.7"], "10.0.0.1"),
        ("testclient", [], ""),
        (None, [], ""),
    ],
)
def test_only_trusted_proxies_are_believed_and_a_line_is_one_source(
    peer: str | None, forwarded: list[str], counted: str
) -> None:
    assert client_source(request_from(peer, *forwarded), TRUSTED) == counted


def test_a_forwarded_header_that_cannot_be_read_is_told_once_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    sources = ClientSources()
    for forwarded in ("198.51.100.7", "evil, 198.51.100.7", "198.51.100.7, unknown", "secret-client", "_hidden"):
        sources.source(request_from("10.0.0.1", forwarded), TRUSTED)
    sources.source(request_from("8.8.8.8", "nonsense of an untrusted client"), TRUSTED)
    (line,) = [record.getMessage() for record in caplog.records]
    assert "X-Forwarded-For of the proxy 10.0.0.1 cannot be read" in line
    assert not any(text in line for text in ("198.51.100.7", "secret-client"))


def test_the_sources_know_whether_all_requests_have_one_address() -> None:
    sources = ClientSources()
    assert (sources.requests, sources.only) == (0, "")
    for _ in range(2):
        sources.source(request_from("10.0.0.1"), ())
    assert (sources.requests, sources.only) == (2, "10.0.0.1")
    sources.source(request_from("10.0.0.2"), ())
    sources.source(request_from("10.0.0.1"), ())
    assert (sources.requests, sources.only) == (4, None)


def test_a_hundred_addresses_of_one_line_are_one_source() -> None:
    assert len({client_source(request_from(f"2001:db8::{n:x}"), TRUSTED) for n in range(1, 100)}) == 1
    assert client_source(request_from("2001:db8:0:1::1"), TRUSTED) != client_source(
        request_from("2001:db8:0:2::1"), TRUSTED
    )


@pytest.mark.parametrize(
    ("peer", "forwarded", "told"),
    [
        ("192.168.1.7", ["198.51.100.7"], True),
        ("127.0.0.1", ["198.51.100.7"], True),
        ("10.0.0.1", ["198.51.100.7"], False),  # trusted
        ("8.8.8.8", ["198.51.100.7"], False),  # a client that claims something
        ("192.168.1.7", [], False),
        (None, ["198.51.100.7"], False),
    ],
)
def test_a_proxy_that_is_not_trusted_is_told_once(
    peer: str | None, forwarded: list[str], told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    sources = ClientSources()
    for _ in range(3):
        sources.source(request_from(peer, *forwarded), TRUSTED)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == told
    assert all(f"the proxy {peer} is not trusted" in line and "SAYCODE_TRUSTED_PROXIES" in line for line in lines)
