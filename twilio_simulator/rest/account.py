"""The account, its balance, and `Notifications`: the debugger's entries over REST."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from ..core.account import AccountKind
from ..core.errors import MORE_INFO, RestError
from ..core.formats import API_VERSION, rfc2822
from ..core.wordlist import word_list
from ..http.debugger import DebuggerEntry, Level
from .endpoint import ApiResponse, RestContext
from .paging import page_of

_SUBRESOURCES = word_list(
    """
    addresses available_phone_numbers authorized_connect_apps balance calls conferences connect_apps
    incoming_phone_numbers keys messages notifications outgoing_caller_ids queues recordings short_codes
    signing_keys sip transcriptions usage
    """
)


def fetch_account(request: RestContext) -> ApiResponse:
    """The account, with its auth token in clear, as at Twilio. Never log this response."""
    account = request.twilio.account
    base = f"/{API_VERSION}/Accounts/{account.sid}"
    names = {name: "".join(word.capitalize() for word in name.split("_")) for name in _SUBRESOURCES}
    body = {
        "sid": account.sid,
        "friendly_name": account.friendly_name,
        "status": account.status.value,
        "type": "Full" if account.kind is AccountKind.FULL else "Trial",
        "owner_account_sid": account.owner_sid or account.sid,
        "auth_token": account.auth_token,
        "date_created": rfc2822(account.created),
        "date_updated": rfc2822(account.created),
        "uri": f"{base}.json",
        "subresource_uris": {name: f"{base}/{path}.json" for name, path in names.items()},
    }
    return ApiResponse(body, sid=account.sid)


def fetch_balance(request: RestContext) -> ApiResponse:
    account = request.twilio.account
    if account.owner_sid:
        raise RestError(20404, "Balance.json")  # a subaccount has none of its own
    return ApiResponse({"account_sid": account.sid, "balance": account.balance, "currency": "USD"})


@dataclass(frozen=True, slots=True)
class _Notification:
    sid: str
    entry: DebuggerEntry


def list_notifications(request: RestContext) -> ApiResponse:
    """The notifications of the account or of one call, without the simulator's own notices.

    `Log=0` filters errors, `Log=1` warnings.
    """
    call_sid, log = request.path.get("sid"), request.parameters.get("Log")
    if call_sid is not None and call_sid not in request.twilio.calls:
        raise RestError(20404, f"Calls/{call_sid}/Notifications.json")
    matching = [
        notification
        for notification in reversed(_all(request))
        if call_sid in (None, notification.entry.call_sid) and log in (None, _log(notification.entry))
    ]
    sid = request.twilio.account.sid
    middle = f"Calls/{call_sid}/" if call_sid else ""
    path = f"/{API_VERSION}/Accounts/{sid}/{middle}Notifications.json"
    return ApiResponse(
        page_of(matching, request.parameters, name="notifications", path=path, render=lambda item: _body(item, sid))
    )


def fetch_notification(request: RestContext) -> ApiResponse:
    sid = request.path["notification"]
    notification = next((notification for notification in _all(request) if notification.sid == sid), None)
    if notification is None or request.path.get("sid") not in (None, notification.entry.call_sid):
        raise RestError(20404, f"Notifications/{sid}.json")
    return ApiResponse(_body(notification, request.twilio.account.sid), sid=sid)


def _all(request: RestContext) -> list[_Notification]:
    """Derives each sid from the entry's position, so that sids are stable between requests."""
    return [
        _Notification("NO" + hashlib.sha256(f"{index} {entry.at}".encode()).hexdigest()[:32], entry)
        for index, entry in enumerate(request.twilio.debugger)
        if entry.code is not None
    ]


def _log(entry: DebuggerEntry) -> str:
    return "0" if entry.level is Level.ERROR else "1"


def _body(notification: _Notification, account_sid: str) -> dict[str, Any]:
    entry, date = notification.entry, rfc2822(notification.entry.at)
    return {
        "sid": notification.sid,
        "account_sid": account_sid,
        "call_sid": entry.call_sid,
        "api_version": API_VERSION,
        "log": _log(entry),
        "error_code": str(entry.code),
        "more_info": MORE_INFO.format(entry.code),
        "message_text": entry.message,
        "message_date": date,
        "request_url": entry.url or "",
        "request_method": entry.method or "",
        "request_variables": "",
        "response_headers": "",
        "response_body": "",
        "date_created": date,
        "date_updated": date,
        "uri": f"/{API_VERSION}/Accounts/{account_sid}/Notifications/{notification.sid}.json",
    }
