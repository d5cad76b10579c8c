"""`/v1/Services/{Sid}` of messaging.twilio.com: a messaging service and the senders in its pool, to read."""

from __future__ import annotations

import hashlib
import re

from ..core.account import MessagingService
from ..core.errors import RestError
from .endpoint import ApiResponse, Handler, RestContext

#: The lists of a pool: the key and the kind of sid of each, the field of the sender, and what a sender looks like.
POOLS = {
    "PhoneNumbers": ("phone_numbers", "PN", "phone_number", re.compile(r"\+[0-9]{7,}")),
    "ShortCodes": ("short_codes", "SC", "short_code", re.compile("[0-9]+")),
    "AlphaSenders": ("alpha_senders", "AI", "alpha_sender", re.compile("[^+0-9].*")),
}


def list_senders(pool: str) -> Handler:
    """The handler of one list of a pool, with all senders on one page."""
    key, prefix, field, shape = POOLS[pool]

    def handle(request: RestContext) -> ApiResponse:
        service = _service(request)
        url = f"https://messaging.twilio.com/v1/Services/{service.sid}/{pool}"
        senders = [
            {"sid": _sid(prefix, sender), "service_sid": service.sid, field: sender}
            for sender in service.senders
            if shape.fullmatch(sender)
        ]
        paging = {"page": 0, "page_size": 50, "first_page_url": url, "next_page_url": None, "url": url, "key": key}
        return ApiResponse({key: senders, "meta": {**paging, "previous_page_url": None}})

    return handle


def _sid(prefix: str, sender: str) -> str:
    return prefix + hashlib.sha256(sender.encode()).hexdigest()[:32]


def _service(request: RestContext) -> MessagingService:
    sid = request.path["sid"]
    service = request.twilio.account.services.get(sid)
    if service is None:
        raise RestError(20404, f"/Services/{sid}")
    return service


def fetch(request: RestContext) -> ApiResponse:
    service, account = _service(request), request.twilio.account
    sid = service.sid
    body = {
        "sid": sid,
        "account_sid": account.sid,
        "friendly_name": sid,
        "inbound_request_url": service.inbound_url or None,
        "inbound_method": "POST",
        "use_inbound_webhook_on_number": not service.inbound_url,
        "status_callback": service.status_callback or None,
        "us_app_to_person_registered": True,
        "url": f"https://messaging.twilio.com/v1/Services/{sid}",
    }
    return ApiResponse(body, sid=sid)
