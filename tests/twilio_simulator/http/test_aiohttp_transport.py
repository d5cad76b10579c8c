"""The transport over real sockets: unchanged URLs, and the kinds of failures."""

from __future__ import annotations

import pytest

from tests.support.simulator import Simulator, make_simulator, served
from twilio_simulator.http.transport import AiohttpTransport, ConnectionFailure, HttpRequest, TransportError


async def test_the_aiohttp_transport_sends_the_url_unchanged(sim: Simulator) -> None:
    transport = AiohttpTransport()
    with served(sim.customer.app) as server:
        await transport.open()
        try:
            path = "/a%2Fb%20c/it's?x=%27+1&y=ä".replace("ä", "%C3%A4")
            answer = await transport.send(HttpRequest("POST", server.url + path, (), b"a=1"), connect_timeout=2)
        finally:
            await transport.close()
    assert answer.status == 204
    assert sim.customer.requests[0].url == server.url + "/a/b c/it's?x=%27+1&y=%C3%A4"


@pytest.mark.parametrize(
    ("url", "how"),
    [("http://127.0.0.1:9/", ConnectionFailure.REFUSED), ("http://nobody.invalid/", ConnectionFailure.NO_SUCH_HOST)],
)
async def test_the_aiohttp_transport_reports_how_a_connection_failed(url: str, how: ConnectionFailure) -> None:
    transport = AiohttpTransport()
    await transport.open()
    try:
        with pytest.raises(TransportError) as broken:
            await transport.send(HttpRequest("GET", url, ()), connect_timeout=2)
    finally:
        await transport.close()
    assert broken.value.failure is how


async def test_https_on_an_http_port_is_a_tls_failure() -> None:
    transport = AiohttpTransport()
    with served(make_simulator().customer.app) as server:
        await transport.open()
        try:
            with pytest.raises(TransportError) as broken:
                await transport.send(HttpRequest("GET", server.url.replace("http:", "https:"), ()), connect_timeout=2)
        finally:
            await transport.close()
    assert broken.value.failure is ConnectionFailure.TLS
