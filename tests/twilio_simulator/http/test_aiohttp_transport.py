"""The wire over real sockets: what is sent is what was asked, and how it breaks is told."""

from __future__ import annotations

import pytest

from tests.support.simulator import make_simulator, served
from twilio_simulator.http.transport import AiohttpTransport, ConnectionFailure, HttpRequest, TransportError


async def test_the_real_wire_sends_the_address_as_it_is() -> None:
    sim = make_simulator()
    transport = AiohttpTransport()
    with served(sim.customer.app) as server:
        await transport.open()
        try:
            path = "/a%2Fb%20c/it's?x=%27+1&y=ä".replace("ä", "%C3%A4")
            answer = await transport.send(HttpRequest("POST", server.url + path, (), b"a=1"), connect_timeout=2)
        finally:
            await transport.close()
    assert answer.status == 204
    assert sim.customer.got[0].url == server.url + "/a/b c/it's?x=%27+1&y=%C3%A4"


@pytest.mark.parametrize(
    ("url", "how"),
    [("http://127.0.0.1:9/", ConnectionFailure.REFUSED), ("http://nobody.invalid/", ConnectionFailure.NO_SUCH_HOST)],
)
async def test_the_real_wire_says_how_it_broke(url: str, how: ConnectionFailure) -> None:
    transport = AiohttpTransport()
    await transport.open()
    try:
        with pytest.raises(TransportError) as broken:
            await transport.send(HttpRequest("GET", url, ()), connect_timeout=2)
    finally:
        await transport.close()
    assert broken.value.how is how


async def test_http_on_a_tls_port_and_the_other_way_round_are_told_apart() -> None:
    transport = AiohttpTransport()
    with served(make_simulator().customer.app) as server:
        await transport.open()
        try:
            with pytest.raises(TransportError) as broken:
                await transport.send(HttpRequest("GET", server.url.replace("http:", "https:"), ()), connect_timeout=2)
        finally:
            await transport.close()
    assert broken.value.how is ConnectionFailure.TLS
