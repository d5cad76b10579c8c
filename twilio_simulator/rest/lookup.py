"""Lookup v2: validity, country, line type, pumping risk, SIM swap and call forwarding of a number.

Validity and country come from `core.phone_numbers`, the rest from the settings of the phone.
"""

from __future__ import annotations

import re
from typing import Any

from ..core.errors import RestError
from ..core.phone_numbers import country_of, national_format, validation_errors
from ..core.wordlist import word_list
from ..network.exchange import Exchange
from .endpoint import ApiResponse, RestContext

PACKAGES = word_list(
    "caller_name sim_swap call_forwarding line_type_intelligence line_status identity_match reassigned_number "
    "sms_pumping_risk phone_number_quality_score pre_fill"
)
SUPPORTED_PACKAGES = frozenset({"line_type_intelligence", "sms_pumping_risk", "sim_swap", "call_forwarding"})
NO_DATA_CODE = 60600


def fetch(request: RestContext) -> ApiResponse:
    """Responds 200 for an invalid number too. Packages that `Fields` does not name are null."""
    fields = set(filter(None, (request.parameters.get("Fields") or "").split(",")))
    for name in fields - {"validation"}:
        if name not in PACKAGES:
            raise RestError(20422, f"Fields={name}")
        if name not in SUPPORTED_PACKAGES:
            raise RestError(60606, name)
    number = _normalize(request.path["number"], request.parameters.get("CountryCode"))
    errors = validation_errors(number)
    country = None if errors else country_of(number)
    exchange = request.twilio.exchange
    body: dict[str, Any] = {
        "calling_country_code": country.calling_code if country else None,
        "country_code": country.iso if country else None,
        "phone_number": number,
        "national_format": national_format(number) if country else None,
        "valid": not errors,
        "validation_errors": errors,
        "url": f"https://lookups.twilio.com/v2/PhoneNumbers/{number}",
        **dict.fromkeys(PACKAGES),
    }
    if "line_type_intelligence" in fields:
        body["line_type_intelligence"] = _line_type(exchange, number) if not errors else _no_data()
    if "sms_pumping_risk" in fields and not errors:
        body["sms_pumping_risk"] = _risk(exchange, number)
    if "sim_swap" in fields and not errors:
        body["sim_swap"] = _sim_swap(exchange, number, country.iso if country else "")
    if "call_forwarding" in fields and not errors:
        body["call_forwarding"] = _forwarding(exchange, number)
    return ApiResponse(body)


def _normalize(number: str, country_code: str | None) -> str:
    """The number in E.164. National numbers need `CountryCode=US` or `CA`."""
    bare = re.sub(r"[\s().-]", "", number)
    return f"+1{bare}" if country_code in ("US", "CA") and re.fullmatch(r"\d{10}", bare) else bare


def _line_type(exchange: Exchange, number: str) -> dict[str, object]:
    return {
        "type": exchange.handset(number).line_type.value,
        "carrier_name": "Simulated Carrier",
        "mobile_country_code": "001",
        "mobile_network_code": "01",
        "error_code": None,
    }


def _no_data() -> dict[str, object]:
    empty = ("type", "carrier_name", "mobile_country_code", "mobile_network_code")
    return {**dict.fromkeys(empty), "error_code": NO_DATA_CODE}


def _sim_swap(exchange: Exchange, number: str, country: str) -> dict[str, object]:
    """As for carriers that report the time of the change: that time, and whether it is within the period."""
    swapped = exchange.handset(number).sim_swapped
    known = swapped is not None
    last = {"last_sim_swap_date": "2026-11-01T10:18:50Z" if swapped else None, "swapped_period": "PT48H"}
    hidden = country == "CA"  # Twilio does not name Canadian carriers
    return {
        "last_sim_swap": last | {"swapped_in_period": swapped} if known else None,
        "carrier_name": None if hidden else "Simulated Carrier",
        "mobile_country_code": None if hidden else "001",
        "mobile_network_code": None if hidden else "01",
        "error_code": None if known else NO_DATA_CODE,
    }


def _forwarding(exchange: Exchange, number: str) -> dict[str, object]:
    forwarded = exchange.handset(number).forwarded
    return {
        "call_forwarding_status": None if forwarded is None else str(forwarded).lower(),
        "carrier_name": "Simulated Carrier",
        "mobile_country_code": "001",
        "mobile_network_code": "01",
        "error_code": NO_DATA_CODE if forwarded is None else None,
    }


def _risk(exchange: Exchange, number: str) -> dict[str, object]:
    score = exchange.handset(number).pumping_risk
    return {
        "carrier_risk_category": "high" if score >= 75 else "moderate" if score >= 40 else "low",
        "number_blocked": False,
        "number_blocked_date": None,
        "number_blocked_last_3_months": False,
        "sms_pumping_risk_score": score,
        "error_code": None,
    }
