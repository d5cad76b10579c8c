"""The wire over real sockets: what is sent is what was asked, and how it breaks is told."""

from __future__ import annotations

import pytest

from simulator.wire import AiohttpWire, Break, Outgoing, WireBroken
from tests.simulator_support import make_world, served


async def test_the_real_wire_sends_the_address_as_it_is() -> None:
    world = make_world()
    wire = AiohttpWire()
    with served(world.customer.app) as server:
        await wire.open()
        try:
            path = "/a%2Fb%20c/it's?x=%27+1&y=ä".replace("ä", "%C3%A4")
            answer = await wire.send(Outgoing("POST", server.url + path, (), b"a=1"), connect_timeout=2)
        finally:
            await wire.close()
    assert answer.status == 204
    assert world.customer.got[0].url == server.url + "/a/b c/it's?x=%27+1&y=%C3%A4"


@pytest.mark.parametrize(
    ("url", "how"),
    [("http://127.0.0.1:9/", Break.REFUSED), ("http://nobody.invalid/", Break.NO_SUCH_HOST)],
)
async def test_the_real_wire_says_how_it_broke(url: str, how: Break) -> None:
    wire = AiohttpWire()
    await wire.open()
    try:
        with pytest.raises(WireBroken) as broken:
            await wire.send(Outgoing("GET", url, ()), connect_timeout=2)
    finally:
        await wire.close()
    assert broken.value.how is how


async def test_http_on_a_tls_port_and_the_other_way_round_are_told_apart() -> None:
    wire = AiohttpWire()
    with served(make_world().customer.app) as server:
        await wire.open()
        try:
            with pytest.raises(WireBroken) as broken:
                await wire.send(Outgoing("GET", server.url.replace("http:", "https:"), ()), connect_timeout=2)
        finally:
            await wire.close()
    assert broken.value.how is Break.TLS
