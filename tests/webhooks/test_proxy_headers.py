"""Which headers tell of another address than the public one."""

import pytest
from starlette.datastructures import Headers

from webhooks.signature import LONGEST_PRINTED, printable, proxy_headers


def differing(public_url: str, **headers: str) -> dict[str, str]:
    return proxy_headers(Headers({name.replace("_", "-"): value for name, value in headers.items()}), public_url)


@pytest.mark.parametrize(
    ("public_url", "host", "port"),
    [
        ("https://verify.example", "verify.example", "443"),
        ("https://verify.example", "Verify.Example:443", "443"),
        ("https://verify.example:8443", "verify.example:8443", "8443"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "8000"),
        ("http://[::1]:8000", "[::1]:8000", "8000"),
    ],
)
def test_headers_that_agree_with_the_public_address_are_left_out(public_url: str, host: str, port: str) -> None:
    proto = public_url.partition(":")[0]
    agreeing = {"x_forwarded_proto": proto, "x_forwarded_host": host, "x_forwarded_port": port}
    assert differing(public_url, host=host, **agreeing) == {}


def test_headers_that_are_not_there_are_left_out() -> None:
    assert differing("https://verify.example") == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Host", "localhost:8000"),
        ("Host", "verify.example:8443"),
        ("X-Forwarded-Proto", "http"),
        ("X-Forwarded-Host", "other.example"),
        ("X-Forwarded-Port", "80"),
    ],
)
def test_headers_that_differ_are_reported_with_their_values(name: str, value: str) -> None:
    assert differing("https://verify.example", **{name.lower().replace("-", "_"): value}) == {name: value}


def test_of_several_proxies_the_first_one_counts() -> None:
    assert differing("https://verify.example", x_forwarded_proto="https, http") == {}
    assert differing("https://verify.example", x_forwarded_proto="http, https") == {"X-Forwarded-Proto": "http"}


def test_what_is_shown_is_one_short_line_of_visible_ascii() -> None:
    assert printable("a\r\nb\x1b[2J \u202e") == "a??b?[2J??"
    assert printable("x" * 500) == "x" * LONGEST_PRINTED + "…"
