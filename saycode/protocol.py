"""uvicorn's protocol for HTTP, with an end to what may come before a request is understood.

The parser under it keeps the first line and the headers in memory for as long as somebody sends them. What is complete
but too large is refused by `webhooks.bounds`; this is for what never ends.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: More than complete headers may have, so that they are refused there, in a better way.
LARGEST_HEAD = 96 * 1024
REFUSAL = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class BoundedProtocol(HttpToolsProtocol):
    """Lets go of a connection whose headers grow without an end."""

    _head = 0
    _reading_head = True

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head, self._reading_head = 0, True

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
