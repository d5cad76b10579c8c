"""Ends and content of a new message, from the REST request (facts, section 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from simulator import magic
from simulator.account import Account, Kind, MessagingService, Status
from simulator.encoding import smart_encode
from simulator.errors import Refusal
from simulator.handset import LineType
from simulator.numbering import ALPHANUMERIC, SHORT_CODE, faults_of, is_e164, is_toll_free, masked
from simulator.parameters import Parameters
from simulator.rest import Asked
from simulator.twilio import Twilio

LONGEST_BODY = 1600
MOST_MEDIA = 10
TRIAL_PREFIX = "Sent from your Twilio trial account - "


@dataclass(frozen=True, slots=True)
class Draft:
    to: str
    sender: str | None
    service: MessagingService | None
    body: str
    media: tuple[str, ...]


def read_draft(asked: Asked) -> Draft:
    """Ends and content of a new message, checked in Twilio's order. Raises `Refusal`."""
    twilio, parameters = asked.twilio, asked.parameters
    to, sender, service_sid = (parameters.get(name) for name in ("To", "From", "MessagingServiceSid"))
    if to is None:
        raise Refusal(21604)
    if sender is None and service_sid is None:
        raise Refusal(21603)
    service = None if service_sid is None or asked.is_test else _service(twilio, service_sid, sender)
    _check_ends(asked, to, sender)
    body, media = _content(parameters)
    account = twilio.account
    if account.kind is Kind.TRIAL and not asked.is_test:
        _refuse_on_trial(account, to, sender)
    if account.kind is Kind.CLASSIC_TRIAL:
        body = TRIAL_PREFIX + body
    elif parameters.truth("SmartEncoded", code=20422):
        body = smart_encode(body)
    if len(body.encode("utf-16-le")) // 2 > LONGEST_BODY:
        raise Refusal(21617, str(len(body)))
    _check_recipient(asked, to, sender, service)
    return Draft(to, sender, service, body, media)


def _refuse_on_trial(account: Account, to: str, sender: str | None) -> NoReturn:
    """A new trial sends predefined templates only, so a body of one's own never gets through."""
    if to not in account.caller_ids:
        raise Refusal(572005, masked(to))
    if sender is not None and sender not in account.numbers:
        raise Refusal(572002, masked(sender))
    raise Refusal(572006)


def _check_ends(asked: Asked, to: str, sender: str | None) -> None:
    if sender is not None:
        is_number = is_e164(sender) and not faults_of(sender)
        if not is_number and not SHORT_CODE.fullmatch(sender) and not ALPHANUMERIC.fullmatch(sender):
            raise Refusal(21212, masked(sender))
    magic.check_message(to=to, sender=sender, is_test=asked.is_test)
    if SHORT_CODE.fullmatch(to):
        raise Refusal(21265, to)
    if faults_of(to):
        raise Refusal(21211, masked(to))
    if to == sender:
        raise Refusal(21266, masked(to))


def _check_recipient(asked: Asked, to: str, sender: str | None, service: MessagingService | None) -> None:
    if asked.is_test:
        return
    twilio = asked.twilio
    account, exchange = twilio.account, twilio.exchange
    if account.status is not Status.ACTIVE:
        raise Refusal(10001)
    if account.kind is Kind.CLASSIC_TRIAL and to not in account.caller_ids:
        raise Refusal(21608, masked(to))
    if sender is not None and not account.may_text_from(sender) and not ALPHANUMERIC.fullmatch(sender):
        raise Refusal(21606, masked(sender))
    handset = exchange.handset(to)
    forced = asked.parameters.truth("ForceDelivery", code=20422)
    # In North America a landline only shows later, as 30006.
    if handset.line_type is LineType.LANDLINE and not to.startswith("+1") and not forced:
        raise Refusal(21635, masked(to))
    blocked = exchange.is_opted_out(to, sender=sender or "", service_sid=service.sid if service else None)
    if blocked and not is_toll_free(sender or ""):
        raise Refusal(21610, masked(to))


def _service(twilio: Twilio, sid: str, sender: str | None) -> MessagingService:
    if not sid.startswith("MG") or len(sid) != 34:
        raise Refusal(21705, sid)
    service = twilio.account.services.get(sid)
    if service is None:
        if twilio.account.strict_numbers:
            raise Refusal(21701, sid)
        service = twilio.account.services[sid] = MessagingService(sid, [sender or magic.VALID_FROM])
    if not service.senders:
        raise Refusal(21704, sid)
    if sender is not None and sender not in service.senders:
        raise Refusal(21660, masked(sender))
    return service


def _content(parameters: Parameters) -> tuple[str, tuple[str, ...]]:
    body, media = parameters.raw("Body"), parameters.all("MediaUrl")
    if parameters.get("ContentSid") is not None:
        raise Refusal(20422, "ContentSid: the simulator has no content templates")
    if len(media) > MOST_MEDIA:
        raise Refusal(21623, str(len(media)))
    for url in media:
        Parameters((("MediaUrl", url),)).url("MediaUrl", code=21620)
    if body is None and not media:
        raise Refusal(21619)
    if not (body or "").strip() and not media:
        raise Refusal(21602)
    return body or "", media


def read_send_at(asked: Asked, draft: Draft) -> float | None:
    """Scheduling needs a messaging service, and a moment from 5 minutes to 35 days ahead."""
    parameters = asked.parameters
    kind, value = parameters.one_of("ScheduleType", ("fixed",), code=20422), parameters.get("SendAt")
    if kind is None and value is None:
        return None
    if kind is None or value is None or draft.service is None:
        raise Refusal(20422, "ScheduleType, SendAt and MessagingServiceSid belong together")
    try:
        moment = datetime.fromisoformat(value).timestamp()
    except ValueError as error:
        raise Refusal(20422, f"SendAt={value}") from error
    if not 300 <= moment - asked.twilio.clock.now() <= 35 * 86_400:
        raise Refusal(20422, f"SendAt={value}")
    return moment
