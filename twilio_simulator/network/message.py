"""One text or WhatsApp message, and its status.

accepted -> queued -> sent -> delivered, undelivered        delivered -> read (WhatsApp)
               |-> failed
scheduled -> canceled            received (inbound)
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from ..http.callbacks import CallbackQueue

MAX_VALIDITY_SECONDS = 36_000


def media_type_of(url: str) -> str:
    """The content type that the name of a media file suggests; the simulator does not fetch the file."""
    return mimetypes.guess_type(urlsplit(url).path)[0] or "image/jpeg"


class MessageStatus(StrEnum):
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    RECEIVED = "received"

    @property
    def is_final(self) -> bool:
        return self in (
            MessageStatus.DELIVERED,
            MessageStatus.READ,
            MessageStatus.UNDELIVERED,
            MessageStatus.FAILED,
            MessageStatus.CANCELED,
            MessageStatus.RECEIVED,
        )


class MessageDirection(StrEnum):
    INBOUND = "inbound"
    OUTBOUND_API = "outbound-api"
    OUTBOUND_REPLY = "outbound-reply"


@dataclass(slots=True, eq=False)
class Message:
    """`from_` is None until a messaging service has chosen a sender. `validity` in seconds."""

    sid: str
    account_sid: str
    to: str
    from_: str | None
    body: str
    direction: MessageDirection
    status: MessageStatus
    created: float
    updated: float
    callback_queue: CallbackQueue
    segments: int = 1
    media: tuple[str, ...] = ()
    service_sid: str | None = None
    status_callback: str | None = None
    validity: int = MAX_VALIDITY_SECONDS
    provide_feedback: bool = False
    send_at: float | None = None
    sent: float | None = None
    error_code: int | None = None
    feedback: str | None = None
    """`confirmed` or `unconfirmed`, once the application has reported it."""
    template: str | None = None
    """The sid of the content template that it was made of."""
    is_automatic: bool = False
    """Twilio's own reply to a keyword, which an opt-out does not block."""
    history: list[MessageStatus] = field(default_factory=list)
