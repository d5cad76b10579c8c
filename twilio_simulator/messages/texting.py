"""Outbound texts: statuses, callbacks, delivery receipts, and failures after Twilio has accepted the text.

| the phone's `texts` | statuses after the first | `ErrorCode` |
|---|---|---|
| delivered | sent, delivered | |
| undelivered | sent, undelivered | `text_code`, by default 30003 |
| failed | failed | `text_code`, by default 30008 |
| sent | sent | |
| silent | none is reported; the text arrives | |
| stuck | failed at the end of the validity period | 30036 |

| the phone's `whatsapp` | statuses after the first | `ErrorCode` |
|---|---|---|
| delivered | sent, delivered | |
| read | sent, delivered, read | |
| sent | sent | |
| undelivered | sent, undelivered | `whatsapp_code`, by default 63024 |
| absent | failed | `whatsapp_code`, by default 63024 |
"""

from __future__ import annotations

from time import gmtime, strftime

from ..core.account import MessagingService
from ..core.clock import DAY
from ..core.events import MessageStatusChanged, TextArrived
from ..core.formats import API_VERSION
from ..core.phone_numbers import WHATSAPP, is_toll_free, line_of
from ..http.callbacks import Callback
from ..http.client import WebhookContext
from ..http.signing import Product
from ..network.encoding import measure
from ..network.exchange import Exchange
from ..network.handset import Handset, LineType, OnText, OnWhatsApp, ReceivedText
from ..network.message import MAX_VALIDITY_SECONDS, Message, MessageDirection, MessageStatus

LANDLINE_CODE, BLOCKED_CODE, EXPIRED_CODE, OPTED_OUT_CODE = 30006, 30004, 30036, 21610
OUTSIDE_WINDOW_CODE, NO_WHATSAPP_CODE = 63016, 63024
DEFAULT_ERROR_CODES = {OnText.UNDELIVERED: 30003, OnText.FAILED: 30008}


def register_message(
    exchange: Exchange,
    *,
    to: str,
    sender: str | None,
    body: str,
    direction: MessageDirection,
    status: MessageStatus,
    service: MessagingService | None = None,
    media: tuple[str, ...] = (),
    status_callback: str | None = None,
    validity: int = MAX_VALIDITY_SECONDS,
) -> Message:
    """Register a new message without sending it. With a messaging service, Twilio counts segments only later."""
    sid, now = exchange.account.new_sid("MM" if media else "SM"), exchange.now()
    message = Message(
        sid=sid,
        account_sid=exchange.account.sid,
        to=to,
        from_=sender,
        body=body,
        direction=direction,
        status=status,
        created=now,
        updated=now,
        callback_queue=exchange.callback_queue(WebhookContext(sid, Product.MESSAGING)),
        segments=0 if service and direction is not MessageDirection.INBOUND else measure(body).segments,
        media=media,
        service_sid=service.sid if service else None,
        status_callback=status_callback or (service.status_callback if service else None) or None,
        validity=validity,
    )
    message.history.append(status)
    exchange.messages[sid] = message
    exchange.stream.publish(MessageStatusChanged(sid, line_of(to), status.value, None))
    return message


def change_status(
    exchange: Exchange, message: Message, status: MessageStatus, *, code: int | None = None, silent: bool = False
) -> None:
    """Change the status and report it. The first status is never reported: the REST response carries it."""
    now = exchange.now()
    message.status, message.updated, message.error_code = status, now, code
    message.history.append(status)
    exchange.stream.publish(MessageStatusChanged(message.sid, line_of(message.to), status.value, code))
    if message.status_callback and not silent:
        fields = status_fields(message, now)
        message.callback_queue.add(
            Callback(message.status_callback, "POST", tuple(fields), status.value, status.is_final)
        )


def status_fields(message: Message, now: float) -> list[tuple[str, str]]:
    fields = [
        ("AccountSid", message.account_sid),
        ("ApiVersion", API_VERSION),
        ("From", message.from_ or ""),
        ("To", message.to),
        ("MessageSid", message.sid),
        ("SmsSid", message.sid),
        ("MessageStatus", message.status.value),
        ("SmsStatus", message.status.value),
    ]
    if message.service_sid:
        fields.append(("MessagingServiceSid", message.service_sid))
    if message.error_code is not None:
        fields.append(("ErrorCode", str(message.error_code)))
    if message.to.startswith(WHATSAPP):
        fields += [("ChannelPrefix", "whatsapp"), ("ChannelToAddress", message.to)]
    elif message.status in (MessageStatus.DELIVERED, MessageStatus.UNDELIVERED):
        fields.append(("RawDlrDoneDate", strftime("%y%m%d%H%M", gmtime(now))))
    return fields


async def deliver(exchange: Exchange, message: Message, service: MessagingService | None = None) -> None:
    """Deliver one text, from the queue to the receipt."""
    if message.send_at is not None:
        await exchange.clock.sleep(message.send_at - exchange.now())
        if message.status is MessageStatus.CANCELED:
            return
    if service is not None:
        message.from_ = message.from_ or service.senders[0]
        message.segments = measure(message.body).segments
        change_status(exchange, message, MessageStatus.QUEUED)
    handset = exchange.handset(message.to)
    if message.to.startswith(WHATSAPP):
        await _deliver_on_whatsapp(exchange, message, handset)
        return
    on_text = handset.behaviour.on_text
    if not await _queue(exchange, message, stuck=on_text is OnText.STUCK or exchange.carrier_down):
        change_status(exchange, message, MessageStatus.FAILED, code=EXPIRED_CODE)
        return
    if _is_blocked(exchange, message) and not is_toll_free(message.from_ or ""):
        change_status(exchange, message, MessageStatus.FAILED, code=OPTED_OUT_CODE)
    elif on_text is OnText.FAILED:
        change_status(exchange, message, MessageStatus.FAILED, code=_code(handset))
    else:
        await _deliver_to_handset(exchange, message, handset)


async def _queue(exchange: Exchange, message: Message, *, stuck: bool) -> bool:
    """Wait for the sender's turn. Returns whether the text is then still valid."""
    rate = exchange.account.segments_per_second
    turn = exchange.now()
    if rate is not None:
        sender = message.from_ or ""
        turn = max(turn, exchange.sender_free_at.get(sender, 0.0))
        exchange.sender_free_at[sender] = turn + message.segments / rate
    expiry = message.created + message.validity
    await exchange.clock.sleep(min(expiry if stuck else turn, expiry) - exchange.now())
    return not stuck and turn < expiry


def _is_blocked(exchange: Exchange, message: Message) -> bool:
    if message.is_automatic:
        return False
    return exchange.is_opted_out(message.to, sender=message.from_ or "", service_sid=message.service_sid)


async def _deliver_to_handset(exchange: Exchange, message: Message, handset: Handset) -> None:
    on_text, code = handset.behaviour.on_text, _code(handset)
    if on_text is OnText.DELIVERED and handset.line_type is LineType.LANDLINE:
        on_text, code = OnText.UNDELIVERED, LANDLINE_CODE
    if _is_blocked(exchange, message):
        on_text, code = OnText.UNDELIVERED, BLOCKED_CODE  # only for toll-free senders, whose network blocks the text
    message.sent = exchange.now()
    if on_text is not OnText.UNDELIVERED:
        add_to_inbox(exchange, message, handset)
    change_status(exchange, message, MessageStatus.SENT, silent=on_text is OnText.SILENT)
    if on_text in (OnText.SENT, OnText.SILENT):
        message.callback_queue.flush()
        return
    await exchange.clock.sleep(handset.behaviour.text_after)
    final = MessageStatus.UNDELIVERED if on_text is OnText.UNDELIVERED else MessageStatus.DELIVERED
    change_status(exchange, message, final, code=code if final is MessageStatus.UNDELIVERED else None)


async def _deliver_on_whatsapp(exchange: Exchange, message: Message, handset: Handset) -> None:
    """To the messenger. Beside templates it takes what is written within a day of the last message of the phone."""
    behaviour = handset.behaviour
    spoken = exchange.conversations.get((message.from_ or "", message.to))
    if message.template is None and (spoken is None or exchange.now() - spoken.last > DAY):
        change_status(exchange, message, MessageStatus.FAILED, code=OUTSIDE_WINDOW_CODE)
        return
    if behaviour.on_whatsapp is OnWhatsApp.ABSENT:
        change_status(exchange, message, MessageStatus.FAILED, code=behaviour.whatsapp_code or NO_WHATSAPP_CODE)
        return
    message.sent = exchange.now()
    change_status(exchange, message, MessageStatus.SENT)
    if behaviour.on_whatsapp is OnWhatsApp.SENT:
        return
    await exchange.clock.sleep(behaviour.text_after)
    if behaviour.on_whatsapp is OnWhatsApp.UNDELIVERED:
        change_status(exchange, message, MessageStatus.UNDELIVERED, code=behaviour.whatsapp_code or NO_WHATSAPP_CODE)
        return
    add_to_inbox(exchange, message, handset)
    change_status(exchange, message, MessageStatus.DELIVERED)
    if behaviour.on_whatsapp is OnWhatsApp.READ:
        change_status(exchange, message, MessageStatus.READ)


def add_to_inbox(exchange: Exchange, message: Message, handset: Handset) -> None:
    sender = message.from_ or ""
    handset.texts.append(ReceivedText(message.sid, sender, message.body, exchange.now(), message.media))
    exchange.stream.publish(TextArrived(handset.number, message.sid, sender, message.body, message.media))


def _code(handset: Handset) -> int:
    return handset.behaviour.text_code or DEFAULT_ERROR_CODES.get(handset.behaviour.on_text, 30008)
