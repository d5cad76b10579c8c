"""The parameters of a new message, from the REST request to a `MessageDraft`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from ..core.account import Account, AccountKind, AccountStatus, ContentTemplate, MessagingService
from ..core.errors import RestError
from ..core.phone_numbers import (
    ALPHANUMERIC,
    CHANNEL,
    SHORT_CODE,
    WHATSAPP,
    is_e164,
    is_toll_free,
    line_of,
    masked,
    validation_errors,
)
from ..engine import Twilio
from ..network.encoding import smart_encode
from ..network.handset import LineType
from ..twiml.messaging import MAX_BODY_LENGTH, MAX_MEDIA
from . import magic_numbers
from .endpoint import RestContext
from .parameters import Parameters

TRIAL_PREFIX = "Sent from your Twilio trial account - "


@dataclass(frozen=True, slots=True)
class MessageDraft:
    to: str
    sender: str | None
    service: MessagingService | None
    body: str
    media: tuple[str, ...]
    template: str | None = None


def read_draft(request: RestContext) -> MessageDraft:
    """Read and check the parameters in Twilio's order. Raises `RestError`."""
    twilio, parameters = request.twilio, request.parameters
    to, sender, service_sid = (parameters.get(name) for name in ("To", "From", "MessagingServiceSid"))
    if to is None:
        raise RestError(21604)
    if sender is None and service_sid is None:
        raise RestError(21603)
    service = None if service_sid is None or request.is_test else _service(twilio, service_sid, sender)
    _check_ends(request, to, sender)
    account = twilio.account
    template = _template(account, parameters)
    body, media = _content(parameters) if template is None else (_rendered(template, parameters), ())
    if account.kind is AccountKind.TRIAL and not request.is_test:
        _reject_on_trial(account, to, sender)
    if account.kind is AccountKind.CLASSIC_TRIAL:
        body = TRIAL_PREFIX + body
    elif parameters.boolean("SmartEncoded", code=20422):
        body = smart_encode(body)
    if len(body.encode("utf-16-le")) // 2 > MAX_BODY_LENGTH:
        raise RestError(21617, str(len(body)))
    _check_recipient(request, to, sender, service)
    return MessageDraft(to, sender, service, body, media, template.sid if template else None)


def _reject_on_trial(account: Account, to: str, sender: str | None) -> NoReturn:
    """A new trial account sends only predefined templates, so it rejects every body."""
    if to not in account.caller_ids:
        raise RestError(572005, masked(to))
    if sender is not None and sender not in account.numbers:
        raise RestError(572002, masked(sender))
    raise RestError(572006)


def _check_ends(request: RestContext, to: str, sender: str | None) -> None:
    _reject_channels(request, to, sender)
    if sender is not None and not sender.startswith(WHATSAPP):
        is_number = is_e164(sender) and not validation_errors(sender)
        if not is_number and not SHORT_CODE.fullmatch(sender) and not ALPHANUMERIC.fullmatch(sender):
            raise RestError(21212, masked(sender))
    magic_numbers.check_message(to=to, sender=sender, is_test=request.is_test)
    if SHORT_CODE.fullmatch(to):
        raise RestError(21265, to)
    if validation_errors(line_of(to)):
        raise RestError(21211, masked(to))
    if to == sender:
        raise RestError(21266, masked(to))


def _reject_channels(request: RestContext, to: str, sender: str | None) -> None:
    """The account has no sender for Messenger or RCS, so Twilio rejects every such address; it may for WhatsApp."""
    known = sender in request.twilio.account.whatsapp_senders
    if sender is not None and CHANNEL.fullmatch(sender) and (request.is_test or not known):
        raise RestError(63007, sender)
    if CHANNEL.fullmatch(to) and sender is None:
        raise RestError(21703, request.parameters.get("MessagingServiceSid") or "")
    if (sender or to).startswith(WHATSAPP) != to.startswith(WHATSAPP) or (CHANNEL.match(to) and not known):
        raise RestError(21910, to)


def _check_recipient(request: RestContext, to: str, sender: str | None, service: MessagingService | None) -> None:
    if request.is_test:
        return
    twilio = request.twilio
    account, exchange = twilio.account, twilio.exchange
    if account.status is not AccountStatus.ACTIVE:
        raise RestError(10001)
    if account.kind is AccountKind.CLASSIC_TRIAL and to not in account.caller_ids:
        raise RestError(21608, masked(to))
    if sender is not None and not account.may_text_from(sender) and not ALPHANUMERIC.fullmatch(sender):
        raise RestError(21606, masked(sender))
    if sender is not None and ALPHANUMERIC.fullmatch(sender) and to.startswith("+1"):
        raise RestError(21612, masked(to))  # networks of North America take no names as senders
    if to.startswith(WHATSAPP):
        if exchange.is_opted_out(to, sender=sender or ""):
            raise RestError(21610, to)
        return
    handset = exchange.handset(to)
    forced = request.parameters.boolean("ForceDelivery", code=20422)
    # In North America a landline fails later, with 30006.
    if handset.line_type is LineType.LANDLINE and not to.startswith("+1") and not forced:
        raise RestError(21635, masked(to))
    blocked = exchange.is_opted_out(to, sender=sender or "", service_sid=service.sid if service else None)
    if blocked and not is_toll_free(sender or ""):
        raise RestError(21610, masked(to))


def _service(twilio: Twilio, sid: str, sender: str | None) -> MessagingService:
    if not sid.startswith("MG") or len(sid) != 34:
        raise RestError(21705, sid)
    service = twilio.account.services.get(sid)
    if service is None:
        if twilio.account.strict_numbers:
            raise RestError(21701, sid)
        service = twilio.account.services[sid] = MessagingService(sid, [sender or magic_numbers.VALID_FROM])
    if not service.senders:
        raise RestError(21704, sid)
    if sender is not None and sender not in service.senders:
        raise RestError(21660, masked(sender))
    return service


def _template(account: Account, parameters: Parameters) -> ContentTemplate | None:
    """The content template that is named. Raises `RestError` where the account has none of this sid."""
    if (sid := parameters.get("ContentSid")) is None:
        return None
    if (template := account.templates.get(sid)) is None:
        raise RestError(21655, sid)
    return template


def _rendered(template: ContentTemplate, parameters: Parameters) -> str:
    """The body of a template with its variables, a JSON object of texts. Raises `RestError`."""
    try:
        values = json.loads(parameters.raw("ContentVariables") or "{}")
    except ValueError as error:
        raise RestError(21656, "not JSON") from error
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise RestError(21656, "not an object of texts")
    wanted = set(re.findall(r"\{\{(\w+)\}\}", template.body))
    if wanted != set(values):
        raise RestError(21656, f"the template has the variables {', '.join(sorted(wanted))}")
    return re.sub(r"\{\{(\w+)\}\}", lambda variable: values[variable[1]], template.body)


def _content(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    body, media = parameters.raw("Body"), parameters.all("MediaUrl")
    if len(media) > MAX_MEDIA:
        raise RestError(21623, str(len(media)))
    for url in media:
        Parameters((("MediaUrl", url),)).url("MediaUrl", code=21620)
    if body is None and not media:
        raise RestError(21619)
    if not (body or "").strip() and not media:
        raise RestError(21602)
    return body or "", media


def read_send_at(request: RestContext, draft: MessageDraft) -> float | None:
    """`SendAt`, which needs a messaging service and lies 5 minutes to 35 days ahead."""
    parameters = request.parameters
    kind, value = parameters.one_of("ScheduleType", ("fixed",), code=20422), parameters.get("SendAt")
    if kind is None and value is None:
        return None
    if kind is None or value is None or draft.service is None:
        raise RestError(20422, "ScheduleType, SendAt and MessagingServiceSid belong together")
    try:
        moment = datetime.fromisoformat(value).timestamp()
    except ValueError as error:
        raise RestError(20422, f"SendAt={value}") from error
    if not 300 <= moment - request.twilio.clock.now() <= 35 * 86_400:
        raise RestError(20422, f"SendAt={value}")
    return moment
