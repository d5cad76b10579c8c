"""What the API answers, as Verify v2 spells it. Dates are UTC in ISO 8601; what does not apply is null."""

from datetime import UTC, datetime
from typing import Any

from verification.models import Account, Delivery, State, Verification
from verification.policy import Keypress
from verification.ports import Attempt
from verification.services import Service
from verification.types import CallStyle, Channel, VerificationStatus

from ..context import AppContext

Body = dict[str, Any]


def date(seconds: float) -> str:
    """A moment, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def verification(state: State, ctx: AppContext) -> Body:
    """A verification with its deliveries."""
    found = state.verification
    assert found is not None
    return {
        **_common(found, state.deliveries, ctx),
        "lookup": {},
        "send_code_attempts": [
            {"time": date(sent.created_at), "channel": sent.channel.value.upper(), "attempt_sid": sent.sid}
            for sent in state.deliveries
        ],
        "sna": None,
        "url": url_for(ctx, "api_verification", service=found.service, verification=found.sid),
        "username": found.username or None,
        "action": found.action,
        "call_style": found.style.value,
        "channels": [channel.value for channel in Channel if _channel_allowed(found, channel, ctx)],
        "date_expires": date(found.expires_at),
        "code": ctx.verifier.shown_code(found),
        "receipt": _receipt(state, ctx) if found.style is CallStyle.KEY else None,
    }


def _channel_allowed(found: Verification, channel: Channel, ctx: AppContext) -> bool:
    if found.style is CallStyle.KEY and channel is Channel.SMS:
        return False
    return ctx.verifier.policy.allows(found.action, channel, found.style)


def check(state: State, ctx: AppContext) -> Body:
    """What a check came to."""
    found = state.verification
    assert found is not None
    common = _common(found, state.deliveries, ctx)
    return {**common, "sna_attempts_error_codes": [], "action": found.action, "receipt": _receipt(state, ctx)}


def receipt(found: Verification) -> Body:
    """A receipt that was used up just now."""
    return {
        "jti": found.sid,
        "service_sid": found.service,
        "action": found.action,
        "status": "redeemed",
        "date_redeemed": date(found.redeemed_at or 0),
    }


def number_change(account: Account, *, at: float) -> Body:
    """An account whose number was changed just now; of its numbers the last two digits."""
    return {
        "service_sid": account.service,
        "username": account.username,
        "numbers": [one.number.masked for one in account.numbers],
        "date_changed": date(at),
    }


def _receipt(state: State, ctx: AppContext) -> str | None:
    return ctx.receipts.receipt(state, now=ctx.verifier.clock.now())


def _common(found: Verification, deliveries: tuple[Delivery, ...], ctx: AppContext) -> Body:
    paid = found.payment
    latest = max([found.created_at, found.ended_at or 0, *(sent.updated_at for sent in deliveries)])
    return {
        "sid": found.sid,
        "service_sid": found.service,
        "account_sid": ctx.account_sid,
        "to": found.number.e164,
        "channel": (deliveries[-1].channel if deliveries else Channel.CALL).value,
        "status": found.status.value,
        "valid": found.status is VerificationStatus.APPROVED,
        "amount": f"{paid.amount} {paid.currency}" if paid else None,
        "payee": paid.payee if paid else None,
        "date_created": date(found.created_at),
        "date_updated": date(latest),
    }


def service(service: Service, ctx: AppContext) -> Body:
    """A service. Of what Verify can and we cannot, every setting is off."""
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
        "custom_code_enabled": False,
        "push": {"include_date": False, "apn_credential_sid": None, "fcm_credential_sid": None},
        "totp": {"issuer": None, "time_step": None, "code_length": None, "skew": None},
        "whatsapp": {"msg_service_sid": None, "from": None},
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
        "url": url_for(ctx, "api_service", **own),
        "links": {
            "verifications": url_for(ctx, "api_verifications", **own),
            "verification_checks": url_for(ctx, "api_check", **own),
        },
    }


def attempt(found: Attempt, ctx: AppContext) -> Body:
    """A delivery, looked back at. Twilio's price and the carrier's names are not known here."""
    sent, of = found.delivery, found.verification
    return {
        "sid": sent.sid,
        "account_sid": ctx.account_sid,
        "service_sid": of.service,
        "verification_sid": of.sid,
        "date_created": date(sent.created_at),
        "date_updated": date(sent.updated_at),
        "conversion_status": "converted" if found.converted else "unconverted",
        "channel": sent.channel.value,
        "price": None,
        "channel_data": {
            "verification_sid": of.sid,
            "to": of.number.e164,
            "status": "confirmed" if found.converted else "unconfirmed",
            "message_status": sent.status.value if sent.channel is Channel.SMS else None,
            "call_status": sent.status.value if sent.channel is Channel.CALL else None,
            "error_code": str(sent.error) if sent.error else None,
            "country": of.number.region,
            "code_length": of.code_length,
            "locale": of.language,
            "mcc": None,
            "mnc": None,
            "carrier": None,
        },
        "url": url_for(ctx, "api_attempt", attempt=sent.sid),
    }


def url_for(ctx: AppContext, endpoint: str, **parts: str) -> str:
    """The absolute address of a door of the API."""
    return ctx.addresses.of(endpoint, **parts)
