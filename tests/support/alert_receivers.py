"""A real mail server, and the addresses of Apprise for it and for an HTTP receiver."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.webhook_receiver import Receiver


@dataclass(slots=True)
class MailServer:
    """Takes every mail. `answers`: the first ones, instead of "250 OK"."""

    port: int
    answers: list[str] = field(default_factory=list)
    mails: list[Message] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=saycode@example.com&to=ops@example.com"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    @property
    def subjects(self) -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        server = MailServer(free.getsockname()[1])
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[str]:
    """The address of a server that takes connections and does not answer until it ends; Apprise waits for a minute."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield f"json://127.0.0.1:{listening.getsockname()[1]}?rto=60"


def json_url(receiver: Receiver, path: str = "events") -> str:
    return f"json://{receiver.url.removeprefix('http://').removesuffix('/events')}/{path}"
