"""`/v1/Services/{Sid}` of messaging.twilio.com: a messaging service, to read."""

from __future__ import annotations

from ..core.errors import RestError
from .endpoint import ApiResponse, RestContext


def fetch(request: RestContext) -> ApiResponse:
    sid, account = request.path["sid"], request.twilio.account
    service = account.services.get(sid)
    if service is None:
        raise RestError(20404, f"/Services/{sid}")
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
