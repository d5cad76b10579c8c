"""Sending messages: they are signed, and go to public addresses only."""

import re
from dataclasses import replace
from ipaddress import ip_address
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from saycode.config.parsers import InvalidValue
from saycode.events.outbox import Outbox, new_event_target
from saycode.events.sender import NotPublicAddress, PublicAddressResolver, is_public, parse_target_url
from saycode.storage.outbox import RETRY_DELAYS
from tests.support.processes import ROOT
from tests.support.verifier import VerifierSetup
from tests.support.webhook_receiver import Receiver, add_target, approve, sender_of, store_of
from verification.models import BUILT_IN_SERVICE


def example() -> Any:
    """The function that docs/events.md shows."""
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    (code,) = [block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "def verified" in block]
    space: dict[str, Any] = {}
    exec(code, space)  # noqa: S102  # our own page
    return SimpleNamespace(**space)


async def test_the_example_of_the_docs_verifies_a_message_and_refuses_a_changed_one(
    setup: VerifierSetup, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = await add_target(setup, receiver)
    await approve(setup)
    await sender_of(setup).send_due()
    headers, body = receiver.requests[0]
    shown = example()
    monkeypatch.setattr(shown.time, "time", setup.clock.now)
    assert shown.verified(target.secret, headers, body) == headers["webhook-id"]
    other = new_event_target(BUILT_IN_SERVICE, receiver.url, now=0).secret
    for secret, sent_headers, sent_body in (
        (other, headers, body),
        (target.secret, headers, body + b" "),
        (target.secret, headers | {"webhook-id": "msg_other"}, body),
        (target.secret, headers | {"webhook-timestamp": str(int(setup.clock.now()) + 1)}, body),
        (target.secret, headers | {"webhook-timestamp": "1"}, body),
    ):
        with pytest.raises(ValueError, match=r"not signed|too old"):
            shown.verified(secret, sent_headers, sent_body)


PUBLIC = ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"]
PRIVATE = [
    *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *("255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "2001:db8::1", "192.0.2.1", "198.18.0.1"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(ip_address(address))
    shown = f"[{address}]" if ":" in address else address
    assert parse_target_url(f"https://{shown}/events", loopback=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_message_goes_to_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))
    shown = f"[{address}]" if ":" in address else address
    with pytest.raises(InvalidValue, match="private network"):
        parse_target_url(f"https://{shown}/events", loopback=False)


@pytest.mark.parametrize(
    "url",
    [
        *("", "shop.example", "http://shop.example/events", "ftp://shop.example", "https://", "https://shop.example:0"),
        *("https://user@shop.example/", "https://u:p@shop.example/", "https://shop.example/#x", "https://a b/"),
        *("https://localhost/", "https://x.localhost/", "https://shop.example:99999/", "https://shöp.example/"),
        *("https://shop.example/\n", "https://shop.example/" + "x" * 1000, "https://[::1/", "http://127.0.0.1/"),
    ],
)
def test_an_invalid_url_is_refused_when_it_is_added(url: str) -> None:
    with pytest.raises(InvalidValue):
        parse_target_url(url, loopback=False)


def test_loopback_is_for_development() -> None:
    assert parse_target_url("http://127.0.0.1:8002/events", loopback=True)
    assert parse_target_url("http://localhost:8002/events", loopback=True)
    for url in ("http://10.0.0.1/", "http://shop.example/", "https://10.0.0.1/"):
        with pytest.raises(InvalidValue):
            parse_target_url(url, loopback=True)


class Names(AbstractResolver):
    """A resolver with the addresses of the test."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=2, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None:
        return None


@pytest.mark.parametrize("addresses", [(), ("10.0.0.1",), ("8.8.8.8", "127.0.0.1"), ("fe80::1%eth0",)])
async def test_a_name_that_resolves_to_a_private_address_is_refused(addresses: tuple[str, ...]) -> None:
    with pytest.raises(NotPublicAddress):
        await PublicAddressResolver(loopback=False, inner=Names(*addresses)).resolve("shop.example")
    resolver = PublicAddressResolver(loopback=False, inner=Names("8.8.8.8"))
    assert [result["host"] for result in await resolver.resolve("shop.example")] == ["8.8.8.8"]


async def test_a_name_that_starts_to_resolve_to_a_private_address_gets_no_message(
    setup: VerifierSetup, receiver: Receiver
) -> None:
    port = receiver.url.split(":")[2].split("/")[0]
    target = new_event_target(BUILT_IN_SERVICE, f"https://shop.example:{port}/events", now=0)
    await Outbox(store_of(setup)).add(target)
    await approve(setup)
    inside = replace(sender_of(setup, loopback=False), resolver=Names("127.0.0.1"))
    assert await inside.send_due() == 1
    assert receiver.requests == []
    assert await Outbox(store_of(setup)).has_due(now=setup.clock.now() + RETRY_DELAYS[0])


async def test_a_loopback_url_gets_nothing_once_the_service_is_public(setup: VerifierSetup, receiver: Receiver) -> None:
    await add_target(setup, receiver)
    await approve(setup)
    assert await sender_of(setup, loopback=False).send_due() == 1
    assert receiver.requests == []
