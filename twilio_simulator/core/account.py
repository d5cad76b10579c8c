"""What an account owns and may do: credentials, numbers, messaging services, applications, its kind and balance.

Sids are drawn at random; nothing here keeps secrets, it is a stand-in.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from enum import StrEnum


def new_sid(prefix: str) -> str:
    """Two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


class AccountKind(StrEnum):
    """`CLASSIC_TRIAL` and `TRIAL` are both of type `Trial` for Twilio; a sign-up since 2026 gets the second."""

    FULL = "full"
    CLASSIC_TRIAL = "classic-trial"
    TRIAL = "trial"


class AccountStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(slots=True)
class IncomingPhoneNumber:
    """A number that the account owns (Twilio: IncomingPhoneNumber). Unset addresses are empty."""

    phone_number: str
    sid: str
    created: float
    updated: float
    friendly_name: str = ""
    voice: bool = True
    sms: bool = True
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    voice_application_sid: str = ""
    voice_caller_id_lookup: bool = False
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    sms_application_sid: str = ""
    status_callback: str = ""
    status_callback_method: str = "POST"
    trunk_sid: str = ""


@dataclass(slots=True)
class MessagingService:
    sid: str
    senders: list[str] = field(default_factory=list)
    inbound_url: str = ""
    """When set, it is asked instead of the number's own `sms_url`."""
    status_callback: str = ""
    advanced_opt_out: bool = False


@dataclass(slots=True)
class Application:
    """A TwiML app (`AP…`); its addresses replace those of the request or of the number."""

    sid: str
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"
    sms_url: str = ""
    sms_method: str = "POST"
    message_status_callback: str = ""


@dataclass(slots=True)
class Account:
    """One account. `strict_numbers`: only registered numbers may send; otherwise any well-formed `From` may."""

    sid: str
    auth_token: str
    created: float
    previous_token: str = ""
    """The token that was primary before the last rotation."""
    test_sid: str | None = None
    test_token: str | None = None
    friendly_name: str = "Simulated account"
    kind: AccountKind = AccountKind.FULL
    status: AccountStatus = AccountStatus.ACTIVE
    balance: str = "100.00"
    strict_numbers: bool = False
    calls_per_second: float | None = 1.0
    """None: no queue. Twilio's default is 1."""
    segments_per_second: float | None = None
    """Of each sender. None: texts do not queue."""
    concurrent_calls: int | None = None
    concurrent_requests: int | None = None
    keys: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, IncomingPhoneNumber] = field(default_factory=dict)
    caller_ids: set[str] = field(default_factory=set)
    """Verified numbers: callers that are not owned, and the only recipients of a trial account."""
    services: dict[str, MessagingService] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)

    def add_key(self, sid: str | None = None, secret: str | None = None) -> tuple[str, str]:
        """Register an API key; returns its sid and secret."""
        sid, secret = sid or new_sid("SK"), secret or secrets.token_urlsafe(24)
        self.keys[sid] = secret
        return sid, secret

    def accepts(self, user: str, password: str) -> bool:
        """Whether this is the account's pair or one of its API keys."""
        expected = self.auth_token if user == self.sid else self.keys.get(user)
        return expected is not None and hmac.compare_digest(expected.encode(), password.encode())

    def accepts_test(self, user: str, password: str) -> bool:
        """Whether this is the pair of test credentials."""
        if user != self.test_sid or self.test_token is None:
            return False
        return hmac.compare_digest(self.test_token.encode(), password.encode())

    def add_number(
        self, phone_number: str, *, now: float, voice_url: str = "", sms_url: str = ""
    ) -> IncomingPhoneNumber:
        """Buy a number, or change the addresses of one that is owned already."""
        number = self.numbers.get(phone_number)
        if number is None:
            number = IncomingPhoneNumber(
                phone_number, new_sid("PN"), created=now, updated=now, friendly_name=phone_number
            )
            self.numbers[phone_number] = number
        number.voice_url, number.sms_url, number.updated = voice_url, sms_url, now
        return number

    def may_call_from(self, number: str) -> bool:
        owned = self.numbers.get(number)
        if owned is not None:
            return owned.voice
        return number in self.caller_ids or not self.strict_numbers

    def may_text_from(self, number: str) -> bool:
        owned = self.numbers.get(number)
        return owned.sms if owned is not None else not self.strict_numbers
