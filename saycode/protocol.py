"""uvicorn's protocol for HTTP, with an end to what may come before a request is understood.

The parser under it keeps the first line and the headers in memory for as long as somebody sends them. What is complete
but too large is refused by `webhooks.bounds`; this is for what never ends, in bytes or in time. By itself uvicorn cuts
only what is idle after an answer.
"""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: More than complete headers may have, so that they are refused there, in a better way.
LARGEST_HEAD = 96 * 1024
REFUSAL = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """Lets go of a connection whose headers grow without an end, or whose request does not come to one.

    `arrival`: seconds from a new connection, or from the first byte of a request, to the last byte of it.
    """

    arrival = 20.0
    _head = 0
    _reading_head = True
    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody has come, and may say something now."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """They have gone."""
        self._expect_nothing()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head, self._reading_head = 0, True
        self._expect()

    def on_message_complete(self) -> None:
        """All of it is here; from now on it is ours to be quick."""
        self._expect_nothing()
        super().on_message_complete()

    def _expect(self) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(self.arrival, self.transport.close)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()

    def on_headers_complete(self) -> None:
        """Its headers are there; what follows is its body, which has a limit of its own."""
        self._reading_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """More bytes of whatever it is."""
        super().data_received(data)
        if not self._reading_head:
            return
        self._head += len(data)
        if self._head > LARGEST_HEAD and not self.transport.is_closing():
            self.transport.write(REFUSAL)
            self.transport.close()
