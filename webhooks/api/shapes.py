"""The shapes of the answers, as JSON Schema. The tests hold every answer that they get to them."""

from typing import Any

from verification.records import CallStyle
from verification.states import Channel, DeliveryStatus, VerificationStatus

Shape = dict[str, Any]

TEXT: Shape = {"type": "string"}
WHOLE: Shape = {"type": "integer"}
YES_OR_NO: Shape = {"type": "boolean"}
DATE: Shape = {"type": "string", "format": "date-time"}
ADDRESS: Shape = {"type": "string", "format": "uri"}
NOTHING: Shape = {"type": "null"}


def sid(prefix: str) -> Shape:
    """Two letters and 32 hex digits."""
    return {"type": "string", "pattern": f"^{prefix}[0-9a-f]{{32}}$"}


def words(*values: str) -> Shape:
    """One of these."""
    return {"type": "string", "enum": list(values)}


def maybe(shape: Shape) -> Shape:
    """The same, or null."""
    if "enum" in shape:
        return {"enum": [*shape["enum"], None]}
    return {**shape, "type": [shape["type"], "null"]}


def record(**fields: Shape) -> Shape:
    """An object with exactly these fields."""
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def listed(shape: Shape) -> Shape:
    """Any number of them."""
    return {"type": "array", "items": shape}


NUMBER: Shape = {"type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$"}
ACCOUNT: Shape = {"type": "string", "pattern": "^AC[0-9a-fA-F]{32}$"}
CHANNEL = words(*Channel)
_COMMON: dict[str, Shape] = {
    "sid": sid("VE"),
    "service_sid": sid("VA"),
    "account_sid": ACCOUNT,
    "to": NUMBER,
    "channel": CHANNEL,
    "status": words(*VerificationStatus),
    "valid": YES_OR_NO,
    "amount": maybe(TEXT),
    "payee": maybe(TEXT),
    "date_created": DATE,
    "date_updated": DATE,
    "action": TEXT,
}
VERIFICATION = record(
    **_COMMON,
    lookup=record(),
    send_code_attempts=listed(record(time=DATE, channel=words("CALL", "SMS"), attempt_sid=sid("VL"))),
    sna=NOTHING,
    url=ADDRESS,
    username=maybe(TEXT),
    call_style=words(*CallStyle),
    channels=listed(CHANNEL),
    date_expires=DATE,
    code=maybe({"type": "string", "pattern": "^[0-9]{6,10}$"}),
    receipt=maybe(TEXT),
)
CHECK = record(**_COMMON, sna_attempts_error_codes=listed(TEXT), receipt=maybe(TEXT))
REDEEMED = record(jti=sid("VE"), service_sid=sid("VA"), action=TEXT, status=words("redeemed"), date_redeemed=DATE)
SERVICE = record(
    sid=sid("VA"),
    account_sid=ACCOUNT,
    friendly_name=TEXT,
    code_length={"type": "integer", "minimum": 6, "maximum": 10},
    lookup_enabled=YES_OR_NO,
    psd2_enabled=YES_OR_NO,
    skip_sms_to_landlines=YES_OR_NO,
    dtmf_input_required=YES_OR_NO,
    tts_name=NOTHING,
    do_not_share_warning_enabled=YES_OR_NO,
    custom_code_enabled=YES_OR_NO,
    push=record(include_date=YES_OR_NO, apn_credential_sid=NOTHING, fcm_credential_sid=NOTHING),
    totp=record(issuer=NOTHING, time_step=NOTHING, code_length=NOTHING, skew=NOTHING),
    whatsapp=record(**{"msg_service_sid": NOTHING, "from": NOTHING}),
    passkeys=record(
        relying_party=record(id=NOTHING, name=NOTHING, origins=NOTHING),
        authenticator_attachment=NOTHING,
        discoverable_credentials=NOTHING,
        user_verification=NOTHING,
    ),
    default_template_sid=NOTHING,
    verify_event_subscription_enabled=YES_OR_NO,
    date_created=DATE,
    date_updated=DATE,
    url=ADDRESS,
    links=record(verifications=ADDRESS, verification_checks=ADDRESS),
)
_CONVERTED = words("converted", "unconverted")
ATTEMPT = record(
    sid=sid("VL"),
    account_sid=ACCOUNT,
    service_sid=sid("VA"),
    verification_sid=sid("VE"),
    date_created=DATE,
    date_updated=DATE,
    conversion_status=_CONVERTED,
    channel=CHANNEL,
    price=NOTHING,
    channel_data=record(
        verification_sid=sid("VE"),
        to=NUMBER,
        status=words("confirmed", "unconfirmed"),
        message_status=maybe(words(*DeliveryStatus)),
        call_status=maybe(words(*DeliveryStatus)),
        error_code=maybe(TEXT),
        country=TEXT,
        code_length=WHOLE,
        locale=TEXT,
        mcc=NOTHING,
        mnc=NOTHING,
        carrier=NOTHING,
    ),
    url=ADDRESS,
)
SUMMARY = record(
    total_attempts=WHOLE,
    total_converted=WHOLE,
    total_unconverted=WHOLE,
    conversion_rate_percentage=TEXT,
    url=ADDRESS,
)
ERROR = record(code=WHOLE, message=TEXT, more_info=ADDRESS, status=WHOLE)


def page(key: str, shape: Shape) -> Shape:
    """A page of a list."""
    meta = record(
        key=words(key),
        page=WHOLE,
        page_size=WHOLE,
        first_page_url=ADDRESS,
        previous_page_url=NOTHING,
        next_page_url=maybe(ADDRESS),
        url=ADDRESS,
    )
    return record(**{"meta": meta, key: listed(shape)})


#: By the names that the description gives them.
CHANGED = record(service_sid=sid("VA"), username=TEXT, numbers=listed(TEXT), date_changed=DATE)
SHAPES: dict[str, Shape] = {
    "Verification": VERIFICATION,
    "VerificationCheck": CHECK,
    "Receipt": REDEEMED,
    "NumberChange": CHANGED,
    "Service": SERVICE,
    "Services": page("services", {"$ref": "#/components/schemas/Service"}),
    "Attempt": ATTEMPT,
    "Attempts": page("attempts", {"$ref": "#/components/schemas/Attempt"}),
    "Summary": SUMMARY,
    "Error": ERROR,
}
