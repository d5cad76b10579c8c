"""`IncomingPhoneNumbers`: the account's numbers and their webhooks."""

from __future__ import annotations

import re
import secrets
from typing import Any

from ..core.account import Account, IncomingPhoneNumber
from ..core.errors import RestError
from ..core.formats import API_VERSION, rfc2822
from ..core.phone_numbers import formatted, masked, validation_errors
from ..core.wordlist import word_set
from . import magic_numbers
from .endpoint import ApiResponse, RestContext
from .paging import page_of
from .parameters import Parameters

_URLS = {
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "SmsUrl": "sms_url",
    "SmsFallbackUrl": "sms_fallback_url",
    "StatusCallback": "status_callback",
}
_METHODS = {
    "VoiceMethod": "voice_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "SmsMethod": "sms_method",
    "SmsFallbackMethod": "sms_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
}
_KNOWN = (
    word_set(
        """
    PhoneNumber AreaCode FriendlyName VoiceApplicationSid SmsApplicationSid TrunkSid VoiceCallerIdLookup
    VoiceReceiveMode AddressSid BundleSid EmergencyAddressSid EmergencyStatus IdentitySid AccountSid ApiVersion
    """
    )
    | _URLS.keys()
    | _METHODS.keys()
)


def list_numbers(request: RestContext) -> ApiResponse:
    """Filters: `PhoneNumber`, with `*` for any digits, and `FriendlyName`."""
    account, parameters = request.twilio.account, request.parameters
    digits, name = parameters.get("PhoneNumber"), parameters.get("FriendlyName")
    pattern = None if digits is None else re.compile(".*".join(re.escape(piece) for piece in digits.split("*")))
    matching = [
        number
        for number in reversed(account.numbers.values())
        if (pattern is None or pattern.search(number.phone_number)) and name in (None, number.friendly_name)
    ]
    path = f"/{API_VERSION}/Accounts/{account.sid}/IncomingPhoneNumbers.json"
    page = page_of(
        matching,
        parameters,
        name="incoming_phone_numbers",
        path=path,
        render=lambda item: number_body(item, account.sid),
    )
    return ApiResponse(page)


def buy(request: RestContext) -> ApiResponse:
    """Buy a number. Every valid number that the account does not own is available."""
    parameters, account = request.parameters, request.twilio.account
    phone_number, area_code = parameters.get("PhoneNumber"), parameters.get("AreaCode")
    magic_numbers.check_purchase(phone_number=phone_number, area_code=area_code, is_test=request.is_test)
    if phone_number is None:
        if area_code is None or not re.fullmatch(r"[2-9]\d\d", area_code):
            raise RestError(21421, "PhoneNumber or AreaCode")
        phone_number = f"+1{area_code}55501{secrets.randbelow(100):02d}"
    if validation_errors(phone_number):
        raise RestError(21421, masked(phone_number))
    if phone_number in account.numbers:
        raise RestError(21422, masked(phone_number))
    now = request.twilio.clock.now()
    number = IncomingPhoneNumber(
        phone_number, account.new_sid("PN"), created=now, updated=now, friendly_name=formatted(phone_number)
    )
    _change(number, parameters, account)
    if not request.is_test:
        account.numbers[phone_number] = number
    return ApiResponse(number_body(number, request.path["account"]), 201, number.sid)


def fetch(request: RestContext) -> ApiResponse:
    number = _find(request)
    return ApiResponse(number_body(number, request.twilio.account.sid), sid=number.sid)


def update(request: RestContext) -> ApiResponse:
    number, twilio = _find(request), request.twilio
    for name in request.parameters.unknown(_KNOWN):
        twilio.debugger.record(20001, name)
    _change(number, request.parameters, twilio.account)
    number.updated = twilio.clock.now()
    return ApiResponse(number_body(number, twilio.account.sid), sid=number.sid)


def delete(request: RestContext) -> ApiResponse:
    number = _find(request)
    del request.twilio.account.numbers[number.phone_number]
    return ApiResponse(None, 204, number.sid)


def _find(request: RestContext) -> IncomingPhoneNumber:
    sid = request.path["sid"]
    number = next((number for number in request.twilio.account.numbers.values() if number.sid == sid), None)
    if number is None:
        raise RestError(20404, f"/{API_VERSION}/Accounts/{request.twilio.account.sid}/IncomingPhoneNumbers/{sid}.json")
    return number


def _change(number: IncomingPhoneNumber, parameters: Parameters, account: Account) -> None:
    """Apply an update. Everything is checked first, so that a rejected update changes nothing."""
    changes: dict[str, object] = {}
    for name, field in _URLS.items():
        if parameters.raw(name) is not None:
            changes[field] = parameters.url(name, code=21402) or ""
    for name, field in _METHODS.items():
        if parameters.raw(name) is not None:
            changes[field] = parameters.method(name, code=21403)
    for name, field in (("VoiceApplicationSid", "voice_application_sid"), ("SmsApplicationSid", "sms_application_sid")):
        if (sid := parameters.raw(name)) is not None:
            if sid and sid not in account.applications:
                raise RestError(20404, sid)
            changes[field] = sid
    if (trunk := parameters.raw("TrunkSid")) is not None:
        changes["trunk_sid"] = trunk
    if (friendly := parameters.get("FriendlyName")) is not None:
        if len(friendly) > 64:
            raise RestError(20422, "FriendlyName")
        changes["friendly_name"] = friendly
    if parameters.get("VoiceCallerIdLookup") is not None:
        changes["voice_caller_id_lookup"] = parameters.boolean("VoiceCallerIdLookup", code=20422)

    def after(field: str) -> object:
        return changes.get(field, getattr(number, field))

    if after("voice_fallback_url") and not after("voice_url"):
        raise RestError(21405)
    if after("sms_fallback_url") and not after("sms_url"):
        raise RestError(21406)
    if changes.get("sms_url") and not number.sms:
        raise RestError(21407, masked(number.phone_number))
    if after("voice_application_sid") and after("trunk_sid"):
        raise RestError(20422, "VoiceApplicationSid and TrunkSid exclude each other")
    for field, value in changes.items():
        setattr(number, field, value)


def number_body(number: IncomingPhoneNumber, account_sid: str) -> dict[str, Any]:
    base = f"/{API_VERSION}/Accounts/{account_sid}/IncomingPhoneNumbers/{number.sid}"
    return {
        "sid": number.sid,
        "account_sid": account_sid,
        "phone_number": number.phone_number,
        "friendly_name": number.friendly_name,
        "capabilities": {"voice": number.voice, "sms": number.sms, "mms": number.sms, "fax": False},
        "voice_url": number.voice_url,
        "voice_method": number.voice_method,
        "voice_fallback_url": number.voice_fallback_url,
        "voice_fallback_method": number.voice_fallback_method,
        "voice_application_sid": number.voice_application_sid,
        "voice_caller_id_lookup": number.voice_caller_id_lookup,
        "voice_receive_mode": "voice",
        "sms_url": number.sms_url,
        "sms_method": number.sms_method,
        "sms_fallback_url": number.sms_fallback_url,
        "sms_fallback_method": number.sms_fallback_method,
        "sms_application_sid": number.sms_application_sid,
        "status_callback": number.status_callback,
        "status_callback_method": number.status_callback_method,
        "trunk_sid": number.trunk_sid or None,
        "address_sid": None,
        "address_requirements": "none",
        "bundle_sid": None,
        "identity_sid": None,
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "origin": "twilio",
        "beta": False,
        "status": "in-use",
        "type": "local",
        "api_version": API_VERSION,
        "date_created": rfc2822(number.created),
        "date_updated": rfc2822(number.updated),
        "uri": f"{base}.json",
        "subresource_uris": {"assigned_add_ons": f"{base}/AssignedAddOns.json"},
    }
