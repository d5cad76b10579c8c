"""Inbound texts: opt-out keywords, the webhook, and the replies in its response."""

from __future__ import annotations

from ..calls.webhook_response import MAX_DOCUMENT_BYTES, XML_TYPES
from ..core.account import IncomingPhoneNumber, MessagingService
from ..core.events import TextWritten
from ..core.formats import API_VERSION
from ..core.phone_numbers import SHORT_CODE, WHATSAPP, line_of
from ..core.request_log import Pairs
from ..http.client import FetchFailed, WebhookContext, WebhookResponse
from ..http.cookies import CookieJar
from ..http.signing import Product
from ..network.exchange import Conversation, Exchange, location_fields
from ..network.message import Message, MessageDirection, MessageStatus, media_type_of
from ..network.opt_outs import Keyword, keyword_of, reply_to
from ..twiml.messaging import MAX_BODY_LENGTH, read_messaging
from ..twiml.parser import InvalidDocument, absolute
from ..twiml.verbs import Message as MessageVerb
from ..twiml.verbs import MessagingDocument, Redirect
from .texting import deliver, register_message, status_fields

MAX_DOCUMENTS = 50
MAX_REPLIES = 10
MAX_REPLIES_IN_30_S = 15
COOKIE_LIFETIME = 4 * 3600.0


def receive_message(
    exchange: Exchange, number: IncomingPhoneNumber, *, sender: str, body: str, media: tuple[str, ...] = ()
) -> Message:
    """Receive a text: apply its keyword, call the webhook and send the replies."""
    service = exchange.account.service_of(number.phone_number)
    message = register_message(
        exchange,
        to=number.phone_number,
        sender=sender,
        body=body,
        direction=MessageDirection.INBOUND,
        status=MessageStatus.RECEIVED,
        service=service,
        media=media,
    )
    exchange.stream.publish(TextWritten(line_of(sender), message.sid, number.phone_number, body, media))
    keyword = _handle_keyword(exchange, number, service, sender=sender, body=body)
    exchange.clock.spawn(_Session(exchange, number, service, message, keyword).run())
    return message


def _handle_keyword(
    exchange: Exchange, number: IncomingPhoneNumber, service: MessagingService | None, *, sender: str, body: str
) -> Keyword | None:
    """Block or unblock the sender, and send Twilio's own reply. A short code needs a messaging service for that, and a
    WhatsApp sender one with advanced opt-out.
    """
    own = number.phone_number
    if SHORT_CODE.fullmatch(own) and service is None:
        return None
    if own.startswith(WHATSAPP) and not (service is not None and service.advanced_opt_out):
        return None
    keyword = keyword_of(body, own, service)
    if keyword is None:
        return None
    exchange.opt_outs.apply_keyword(keyword, scope=service.sid if service else own, number=sender)
    reply = register_message(
        exchange,
        to=sender,
        sender=own,
        body=reply_to(keyword, own, service),
        direction=MessageDirection.OUTBOUND_REPLY,
        status=MessageStatus.QUEUED,
    )
    reply.is_automatic = True
    exchange.clock.spawn(deliver(exchange, reply))
    return keyword


class _Session:
    """The documents and replies that follow one inbound text."""

    def __init__(
        self,
        exchange: Exchange,
        number: IncomingPhoneNumber,
        service: MessagingService | None,
        message: Message,
        keyword: Keyword | None,
    ) -> None:
        self._exchange = exchange
        self._number = number
        self._service = service
        self._message = message
        self._keyword = keyword
        self._replies = 0
        pair = (number.phone_number, message.from_ or "")
        self._conversation = exchange.conversations.setdefault(pair, Conversation())
        if exchange.now() - self._conversation.last > COOKIE_LIFETIME:
            self._conversation.jar = CookieJar()
        self._conversation.last = exchange.now()

    async def run(self) -> None:
        number, debugger = self._number, self._exchange.debugger
        app = self._exchange.account.applications.get(number.sms_application_sid)
        url, method = (app.sms_url, app.sms_method) if app else (number.sms_url, number.sms_method)
        if self._service is not None and self._service.inbound_url:
            url, method = self._service.inbound_url, "POST"
        if not url:
            debugger.notice(f"{number.phone_number} has no sms_url: the message gets no reply", sid=self._message.sid)
            return
        fault = await self._try(url, method, self._fields())
        if fault is not None and number.sms_fallback_url:
            extra = (("ErrorCode", str(fault.code)), ("ErrorUrl", url))
            await self._try(number.sms_fallback_url, number.sms_fallback_method, self._fields() + extra)

    async def _try(self, url: str, method: str, fields: Pairs) -> FetchFailed | InvalidDocument | None:
        """Run the document at a URL. Returns the error that prevented it, which is then in the debugger."""
        try:
            await self._run(url, method, fields)
        except (FetchFailed, InvalidDocument) as fault:
            self._exchange.debugger.record(fault.code, fault.detail, sid=self._message.sid, url=url)
            return fault
        return None

    async def _run(self, url: str, method: str, fields: Pairs) -> None:
        step: tuple[str, str, Pairs] | None = (url, method, fields)
        documents = 0
        while step is not None:
            documents += 1
            if documents > MAX_DOCUMENTS:
                raise InvalidDocument(14106, url)
            document, base = await self._load(*step)
            step = await self._run_document(document, base)

    async def _load(self, url: str, method: str, fields: Pairs) -> tuple[MessagingDocument, str]:
        context = WebhookContext(self._message.sid, Product.MESSAGING, self._conversation.jar)
        response = await self._exchange.webhooks.fetch(
            url, method=method, fields=fields, context=context, purpose="twiml"
        )
        document = _document_of(response)
        self._exchange.debugger.record_problems(document.problems, sid=self._message.sid, url=response.url)
        return document, response.url

    async def _run_document(self, document: MessagingDocument, base: str) -> tuple[str, str, Pairs] | None:
        for verb in document.verbs:
            if isinstance(verb, Redirect):
                return absolute(verb.url, base), verb.method.value, self._fields()
            reply = self._reply(verb, base)
            if reply is not None and verb.action is not None:
                fields = tuple(status_fields(reply, self._exchange.now()))
                action = absolute(verb.action, base)
                document, base = await self._load(action, verb.method.value, fields)
                if document.verbs:
                    return await self._run_document(document, base)
        return None

    def _reply(self, verb: MessageVerb, base: str) -> Message | None:
        """Send one reply, unless a limit or a block of Twilio's prevents it."""
        exchange, debugger, sid = self._exchange, self._exchange.debugger, self._message.sid
        to, sender = verb.to or self._message.from_ or "", verb.sender or self._number.phone_number
        self._replies += 1
        if self._replies > MAX_REPLIES:
            debugger.record(14109, f"reply {self._replies}", sid=sid, url=base)
            return None
        now, recent = exchange.now(), self._conversation.replies
        while recent and now - recent[0] > 30:
            recent.popleft()
        if len(recent) >= MAX_REPLIES_IN_30_S:
            debugger.record(14107, f"between {sender} and {to}", sid=sid, url=base)
            return None
        recent.append(now)
        if not exchange.account.may_text_from(sender):
            debugger.record(14108, sender, sid=sid, url=base)
            return None
        if exchange.is_opted_out(to, sender=sender):
            debugger.record(21610, to, sid=sid, url=base)
            return None
        reply = register_message(
            exchange,
            to=to,
            sender=sender,
            body=verb.body,
            direction=MessageDirection.OUTBOUND_REPLY,
            status=MessageStatus.QUEUED,
            media=verb.media,
            status_callback=absolute(verb.status_callback, base) if verb.status_callback else None,
        )
        exchange.clock.spawn(deliver(exchange, reply))
        return reply

    def _fields(self) -> Pairs:
        message, own = self._message, self._number.phone_number
        sender = message.from_ or ""
        fields = [
            ("MessageSid", message.sid),
            ("SmsSid", message.sid),
            ("SmsMessageSid", message.sid),
            ("AccountSid", message.account_sid),
            ("ApiVersion", API_VERSION),
            ("SmsStatus", "received"),
            ("From", sender),
            ("To", own),
            ("Body", message.body),
            ("NumMedia", str(len(message.media))),
            ("NumSegments", str(message.segments)),
            *location_fields(sender, "From"),
            *location_fields(own, "To"),
        ]
        if sender.startswith(WHATSAPP):
            fields += [("WaId", sender.removeprefix(WHATSAPP + "+")), ("ProfileName", ""), ("MessageType", "text")]
        for index, url in enumerate(message.media):
            fields += [(f"MediaUrl{index}", url), (f"MediaContentType{index}", media_type_of(url))]
        if self._service is not None:
            fields.append(("MessagingServiceSid", self._service.sid))
            if self._service.advanced_opt_out and self._keyword is not None:
                fields.append(("OptOutType", self._keyword.value))
        return tuple(fields)


def _document_of(response: WebhookResponse) -> MessagingDocument:
    """The response as a document; plain text is itself the reply. Raises `InvalidDocument`."""
    if len(response.body) > MAX_DOCUMENT_BYTES:
        raise InvalidDocument(11750, f"{response.url} answered {len(response.body)} bytes or more")
    if response.status == 204 or not response.body.strip():
        if response.chunked:
            raise InvalidDocument(11770, response.url)
        return MessagingDocument(())
    if response.media_type in XML_TYPES:
        return read_messaging(response.body)
    if response.media_type == "text/plain":
        text = response.body.decode("utf-8", "replace").strip()
        if len(text) > MAX_BODY_LENGTH:
            raise InvalidDocument(14103, f"a plain text of {len(text)} characters")
        return MessagingDocument((MessageVerb(text),))
    raise InvalidDocument(12300, f"{response.url} answered {response.media_type or 'no content type'}")
