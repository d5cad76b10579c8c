"""JSON Schemas of the answers. The tests validate every answer against them."""

from typing import Any

from verification.types import CallStyle, Channel, DeliveryStatus, VerificationStatus

JsonSchema = dict[str, Any]

STRING: JsonSchema = {"type": "string"}
INTEGER: JsonSchema = {"type": "integer"}
BOOLEAN: JsonSchema = {"type": "boolean"}
DATE_TIME: JsonSchema = {"type": "string", "format": "date-time"}
URI: JsonSchema = {"type": "string", "format": "uri"}
NULL: JsonSchema = {"type": "null"}


def sid(prefix: str) -> JsonSchema:
    return {"type": "string", "pattern": f"^{prefix}[0-9a-f]{{32}}$"}


def enum_of(*values: str) -> JsonSchema:
    return {"type": "string", "enum": list(values)}


def nullable(schema: JsonSchema) -> JsonSchema:
    if "enum" in schema:
        return {"enum": [*schema["enum"], None]}
    return {**schema, "type": [schema["type"], "null"]}


def object_of(**fields: JsonSchema) -> JsonSchema:
    """An object with exactly these fields."""
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def array_of(schema: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": schema}


E164: JsonSchema = {"type": "string", "pattern": r"^\+[1-9][0-9]{6,14}$"}
#: The account that calls and texts: a sid, or the UUID of a project at SignalWire.
ACCOUNT_SID: JsonSchema = {
    "type": "string",
    "pattern": "^(AC[0-9a-fA-F]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$",
}
CHANNEL = enum_of(*Channel)
_COMMON: dict[str, JsonSchema] = {
    "sid": sid("VE"),
    "service_sid": sid("VA"),
    "account_sid": ACCOUNT_SID,
    "to": E164,
    "channel": CHANNEL,
    "status": enum_of(*VerificationStatus),
    "valid": BOOLEAN,
    "amount": nullable(STRING),
    "payee": nullable(STRING),
    "date_created": DATE_TIME,
    "date_updated": DATE_TIME,
    "action": STRING,
    "test_number": BOOLEAN,
}
VERIFICATION = object_of(
    **_COMMON,
    lookup=object_of(),
    send_code_attempts=array_of(
        object_of(time=DATE_TIME, channel=enum_of(*(channel.upper() for channel in Channel)), attempt_sid=sid("VL"))
    ),
    sna=NULL,
    url=URI,
    username=nullable(STRING),
    call_style=enum_of(*CallStyle),
    channels=array_of(CHANNEL),
    date_expires=DATE_TIME,
    code=nullable({"type": "string", "pattern": "^[0-9]{6,10}$"}),
    receipt=nullable(STRING),
)
CHECK = object_of(**_COMMON, sna_attempts_error_codes=array_of(STRING), receipt=nullable(STRING))
RECEIPT = object_of(
    jti=sid("VE"), service_sid=sid("VA"), action=STRING, status=enum_of("redeemed"), date_redeemed=DATE_TIME
)
SERVICE = object_of(
    sid=sid("VA"),
    account_sid=ACCOUNT_SID,
    friendly_name=STRING,
    code_length={"type": "integer", "minimum": 6, "maximum": 10},
    lookup_enabled=BOOLEAN,
    psd2_enabled=BOOLEAN,
    skip_sms_to_landlines=BOOLEAN,
    dtmf_input_required=BOOLEAN,
    tts_name=NULL,
    do_not_share_warning_enabled=BOOLEAN,
    custom_code_enabled=BOOLEAN,
    push=object_of(include_date=BOOLEAN, apn_credential_sid=NULL, fcm_credential_sid=NULL),
    totp=object_of(issuer=NULL, time_step=NULL, code_length=NULL, skew=NULL),
    whatsapp=object_of(**{"msg_service_sid": NULL, "from": NULL}),
    passkeys=object_of(
        relying_party=object_of(id=NULL, name=NULL, origins=NULL),
        authenticator_attachment=NULL,
        discoverable_credentials=NULL,
        user_verification=NULL,
    ),
    default_template_sid=NULL,
    verify_event_subscription_enabled=BOOLEAN,
    date_created=DATE_TIME,
    date_updated=DATE_TIME,
    url=URI,
    links=object_of(verifications=URI, verification_checks=URI),
)
_CONVERSION = enum_of("converted", "unconverted")
ATTEMPT = object_of(
    sid=sid("VL"),
    account_sid=ACCOUNT_SID,
    service_sid=sid("VA"),
    verification_sid=sid("VE"),
    date_created=DATE_TIME,
    date_updated=DATE_TIME,
    conversion_status=_CONVERSION,
    channel=CHANNEL,
    price=NULL,
    channel_data=object_of(
        verification_sid=sid("VE"),
        to=E164,
        status=enum_of("confirmed", "unconfirmed"),
        message_status=nullable(enum_of(*DeliveryStatus)),
        call_status=nullable(enum_of(*DeliveryStatus)),
        error_code=nullable(STRING),
        country=STRING,
        code_length=INTEGER,
        locale=STRING,
        mcc=NULL,
        mnc=NULL,
        carrier=NULL,
        tags={"type": "object", "additionalProperties": STRING},
    ),
    url=URI,
)
SUMMARY = object_of(
    total_attempts=INTEGER,
    total_converted=INTEGER,
    total_unconverted=INTEGER,
    conversion_rate_percentage=STRING,
    url=URI,
)
ERROR = object_of(code=INTEGER, message=STRING, more_info=URI, status=INTEGER)


def page_of(key: str, schema: JsonSchema) -> JsonSchema:
    meta = object_of(
        key=enum_of(key),
        page=INTEGER,
        page_size=INTEGER,
        first_page_url=URI,
        previous_page_url=NULL,
        next_page_url=nullable(URI),
        url=URI,
    )
    return object_of(**{"meta": meta, key: array_of(schema)})


NUMBER_CHANGE = object_of(service_sid=sid("VA"), username=STRING, numbers=array_of(STRING), date_changed=DATE_TIME)
SCHEMAS: dict[str, JsonSchema] = {
    "Verification": VERIFICATION,
    "VerificationCheck": CHECK,
    "Receipt": RECEIPT,
    "NumberChange": NUMBER_CHANGE,
    "Service": SERVICE,
    "Services": page_of("services", {"$ref": "#/components/schemas/Service"}),
    "Attempt": ATTEMPT,
    "Attempts": page_of("attempts", {"$ref": "#/components/schemas/Attempt"}),
    "Summary": SUMMARY,
    "Error": ERROR,
}
