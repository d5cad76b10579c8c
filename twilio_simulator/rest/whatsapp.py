"""The senders of WhatsApp messages and the content templates, to read.

`/v2/Channels/Senders` of messaging.twilio.com, and `/v1/Content/{Sid}` of content.twilio.com with its approval.
"""

from __future__ import annotations

from ..core.account import ContentTemplate
from ..core.errors import RestError
from .endpoint import ApiResponse, RestContext

SENDERS = "https://messaging.twilio.com/v2/Channels/Senders"


def list_senders(request: RestContext) -> ApiResponse:
    """All senders on one page."""
    senders = [
        {
            "sid": sender.sid,
            "sender_id": address,
            "status": "ONLINE",
            "configuration": {},
            "webhook": {"callback_url": sender.sms_url or None, "callback_method": sender.sms_method},
            "profile": {"name": request.twilio.account.friendly_name},
            "url": f"{SENDERS}/{sender.sid}",
        }
        for address, sender in request.twilio.account.whatsapp_senders.items()
    ]
    meta = {"key": "senders", "page": 0, "page_size": max(50, len(senders)), "next_page_url": None}
    return ApiResponse({"senders": senders, "meta": meta})


def fetch_template(request: RestContext) -> ApiResponse:
    template, account = _template(request), request.twilio.account
    url = f"https://content.twilio.com/v1/Content/{template.sid}"
    body = {
        "sid": template.sid,
        "account_sid": account.sid,
        "friendly_name": template.sid,
        "language": template.language,
        "variables": {"1": "123456"},
        "types": {template.content_type: {"body": template.body}},
        "url": url,
        "links": {"approval_fetch": f"{url}/ApprovalRequests"},
    }
    return ApiResponse(body, sid=template.sid)


def fetch_approval(request: RestContext) -> ApiResponse:
    template, account = _template(request), request.twilio.account
    whatsapp = {
        "type": "whatsapp",
        "name": template.sid.lower(),
        "category": "AUTHENTICATION",
        "content_type": template.content_type,
        "status": template.approval,
        "rejection_reason": "",
    }
    url = f"https://content.twilio.com/v1/Content/{template.sid}/ApprovalRequests"
    body = {"sid": template.sid, "account_sid": account.sid, "whatsapp": whatsapp, "url": url}
    return ApiResponse(body, sid=template.sid)


def _template(request: RestContext) -> ContentTemplate:
    sid = request.path["sid"]
    template = request.twilio.account.templates.get(sid)
    if template is None:
        raise RestError(20404, f"/Content/{sid}")
    return template
