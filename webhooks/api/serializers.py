"""Bodies of answers, in Verify v2's shape. Dates are UTC in ISO 8601; fields that do not apply are null."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse

from verification.attempts import Attempt
from verification.models import Account, Delivery, State, Verification
from verification.policy import Keypress, Policy
from verification.services import Service
from verification.types import CallStyle, Channel, VerificationStatus

from ..context import AppContext

Body = dict[str, Any]
_encode = msgspec.json.Encoder().encode
_JSON = (b"content-type", b"application/json")


class FastJsonResponse(JSONResponse):
    """The same bytes and headers, for a tenth of the time."""

    def __init__(self, content: object, status_code: int = 200, background: BackgroundTask | None = None) -> None:
        self.status_code, self.background, self.body = status_code, background, _encode(content)
        self.raw_headers = [(b"content-length", b"%d" % len(self.body)), _JSON]


def date(seconds: float) -> str:
    return _date(int(seconds))


@lru_cache(maxsize=1024)
def _date(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def verification(state: State, ctx: AppContext) -> Body:
    verification = state.verification
    assert verification is not None
    return {
        **_common(verification, state.deliveries, ctx),
        "lookup": {},
        "send_code_attempts": [
            {"time": date(delivery.created_at), "channel": delivery.channel.value.upper(), "attempt_sid": delivery.sid}
            for delivery in state.deliveries
        ],
        "sna": None,
        "url": ctx.urls.of("api_verification", service=verification.service, verification=verification.sid),
        "username": verification.username or None,
        "action": verification.action,
        "call_style": verification.style.value,
        "channels": _channels(
            ctx.verifier.policy, verification.action, verification.style, verification.payment is not None
        ),
        "date_expires": date(verification.expires_at),
        "code": ctx.verifier.shown_code(verification),
        "receipt": _receipt(state, ctx) if verification.style is CallStyle.KEY else None,
    }


@lru_cache(maxsize=64)
def _channels(policy: Policy, action: str, style: CallStyle, payment: bool) -> tuple[str, ...]:
    """The channels that the code may be sent on."""
    return tuple(
        channel.value
        for channel in Channel
        if policy.allows(action, channel, style, payment=payment) and (style is not CallStyle.KEY or channel.spoken)
    )


def check(state: State, ctx: AppContext) -> Body:
    verification = state.verification
    assert verification is not None
    common = _common(verification, state.deliveries, ctx)
    return {**common, "sna_attempts_error_codes": [], "action": verification.action, "receipt": _receipt(state, ctx)}


def receipt(verification: Verification) -> Body:
    """A receipt that was just redeemed."""
    return {
        "jti": verification.sid,
        "service_sid": verification.service,
        "action": verification.action,
        "status": "redeemed",
        "date_redeemed": date(verification.redeemed_at or 0),
    }


def number_change(account: Account, *, at: float) -> Body:
    """An account whose number was just changed, with the last two digits of its numbers."""
    return {
        "service_sid": account.service,
        "username": account.username,
        "numbers": [enrolled.number.masked for enrolled in account.numbers],
        "date_changed": date(at),
    }


def _receipt(state: State, ctx: AppContext) -> str | None:
    return ctx.receipts.receipt(state, now=ctx.verifier.clock.now())


def _common(verification: Verification, deliveries: tuple[Delivery, ...], ctx: AppContext) -> Body:
    paid = verification.payment
    latest = max(
        [verification.created_at, verification.ended_at or 0, *(delivery.updated_at for delivery in deliveries)]
    )
    return {
        "sid": verification.sid,
        "service_sid": verification.service,
        "account_sid": ctx.account_sid,
        "to": verification.number.e164,
        "channel": (deliveries[-1].channel if deliveries else Channel.CALL).value,
        "status": verification.status.value,
        "valid": verification.status is VerificationStatus.APPROVED,
        "amount": f"{paid.amount} {paid.currency}" if paid else None,
        "payee": paid.payee if paid else None,
        "date_created": date(verification.created_at),
        "date_updated": date(latest),
        "test_number": ctx.verifier.policy.fixed_code(verification.number) is not None,
    }


def service(service: Service, ctx: AppContext) -> Body:
    """A service. Settings of Verify that we do not support are off."""
    policy, own = ctx.verifier.policy, {"service": service.sid}
    return {
        "sid": service.sid,
        "account_sid": ctx.account_sid,
        "friendly_name": service.name or ctx.brand,
        "code_length": service.code_length or policy.code_length,
        "lookup_enabled": False,
        "psd2_enabled": True,
        "skip_sms_to_landlines": False,
        "dtmf_input_required": (service.keypress or policy.keypress) is not Keypress.OFF,
        "tts_name": None,
        "do_not_share_warning_enabled": True,
        "custom_code_enabled": service.custom_codes,
        "push": {"include_date": False, "apn_credential_sid": None, "fcm_credential_sid": None},
        "totp": {"issuer": None, "time_step": None, "code_length": None, "skew": None},
        "whatsapp": {"msg_service_sid": None, "from": _whatsapp_sender(ctx)},
        "passkeys": {
            "relying_party": {"id": None, "name": None, "origins": None},
            "authenticator_attachment": None,
            "discoverable_credentials": None,
            "user_verification": None,
        },
        "default_template_sid": None,
        "verify_event_subscription_enabled": False,
        "date_created": date(service.created_at),
        "date_updated": date(service.updated_at),
        "url": ctx.urls.of("api_service", **own),
        "links": {
            "verifications": ctx.urls.of("api_verifications", **own),
            "verification_checks": ctx.urls.of("api_verification_check", **own),
        },
    }


def _whatsapp_sender(ctx: AppContext) -> str | None:
    return Channel.WHATSAPP.address(ctx.whatsapp_sender) if ctx.whatsapp_sender else None


def attempt(attempt: Attempt, ctx: AppContext) -> Body:
    """A delivery as an attempt. Twilio's price and the carrier are unknown."""
    delivery, verification = attempt.delivery, attempt.verification
    return {
        "sid": delivery.sid,
        "account_sid": ctx.account_sid,
        "service_sid": verification.service,
        "verification_sid": verification.sid,
        "date_created": date(delivery.created_at),
        "date_updated": date(delivery.updated_at),
        "conversion_status": "converted" if attempt.converted else "unconverted",
        "channel": delivery.channel.value,
        "price": None,
        "channel_data": {
            "verification_sid": verification.sid,
            "to": verification.number.e164,
            "status": "confirmed" if attempt.converted else "unconfirmed",
            "message_status": None if delivery.channel.spoken else delivery.status.value,
            "call_status": delivery.status.value if delivery.channel.spoken else None,
            "error_code": str(delivery.error) if delivery.error else None,
            "country": verification.number.region,
            "code_length": verification.code_length,
            "locale": verification.language,
            "mcc": None,
            "mnc": None,
            "carrier": None,
            "tags": dict(verification.tags),
        },
        "url": ctx.urls.of("api_attempt", attempt=delivery.sid),
    }
