"""The simulated account: credentials, numbers, messaging services, applications, kind and balance."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

from .dialect import TWILIO, Dialect


def new_sid(prefix: str) -> str:
    """Two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


def new_shared_key(secret: str | None = None) -> tuple[str, str]:
    """The id and the secret of a shared key for webhooks."""
    return "webhooks_sharedkey_" + secrets.token_hex(13), secret or secrets.token_urlsafe(32)


class AccountKind(StrEnum):
    """Twilio's type of both trials is `Trial`. Accounts created since 2026 are of kind `TRIAL`."""

    FULL = "full"
    CLASSIC_TRIAL = "classic-trial"
    TRIAL = "trial"


class AccountStatus(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSED = "closed"


@dataclass(slots=True)
class IncomingPhoneNumber:
    """A number that the account owns. Unset URLs are empty."""

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
    """Overrides the `sms_url` of the senders."""
    status_callback: str = ""
    advanced_opt_out: bool = False
    keywords: dict[str, frozenset[str]] = field(default_factory=dict)
    """With Advanced Opt-Out: the words of STOP, START and HELP, in capitals, instead of the usual ones."""
    replies: dict[str, str] = field(default_factory=dict)
    """With Advanced Opt-Out: Twilio's reply to STOP, START and HELP, instead of the usual one."""


@dataclass(slots=True)
class ContentTemplate:
    """A content template (`HX…`). `body` has its variables as `{{1}}`."""

    sid: str
    created: float
    language: str = "en"
    body: str = "{{1}} is your verification code."
    content_type: str = "whatsapp/authentication"
    approval: str = "approved"
    """WhatsApp's: approved, pending, rejected, paused, disabled or unsubmitted."""


@dataclass(slots=True)
class Application:
    """A TwiML app (`AP…`). Its URLs override those of the request or the number."""

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
    """`strict_numbers`: only the account's own numbers may be `From`; otherwise every valid number may."""

    sid: str
    auth_token: str
    created: float
    previous_token: str = ""
    """The token that was primary before the last rotation."""
    shared_key: tuple[str, str] = field(default_factory=new_shared_key)
    """The id and the secret of the key for webhooks that are signed with HMAC-SHA-256."""
    test_sid: str | None = None
    test_token: str | None = None
    friendly_name: str = "Simulated account"
    owner_sid: str = ""
    """The main account of a subaccount."""
    dialect: Dialect = TWILIO
    """Of the company that is played."""
    region: str = "us1"
    """The Region of the account's credentials: requests to the address of another one are refused."""
    kind: AccountKind = AccountKind.FULL
    status: AccountStatus = AccountStatus.ACTIVE
    balance: str = "100.00"
    strict_numbers: bool = True
    calls_per_second: float | None = 1.0
    """None: no queue. Twilio's default is 1."""
    segments_per_second: float | None = None
    """For each sender. None: texts do not queue."""
    concurrent_calls: int | None = None
    concurrent_requests: int | None = None
    keys: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, IncomingPhoneNumber] = field(default_factory=dict)
    caller_ids: set[str] = field(default_factory=set)
    """Verified numbers: allowed as `From` of calls, and the only recipients of a trial account."""
    services: dict[str, MessagingService] = field(default_factory=dict)
    applications: dict[str, Application] = field(default_factory=dict)
    whatsapp_senders: dict[str, IncomingPhoneNumber] = field(default_factory=dict)
    """By their address, `whatsapp:+1…`."""
    templates: dict[str, ContentTemplate] = field(default_factory=dict)

    def add_key(self, sid: str | None = None, secret: str | None = None) -> tuple[str, str]:
        """Register an API key. Returns its sid and secret."""
        sid, secret = sid or new_sid("SK"), secret or secrets.token_urlsafe(24)
        self.keys[sid] = secret
        return sid, secret

    def new_sid(self, prefix: str) -> str:
        """A sid of a call, a text or a number."""
        return (self.dialect.new_sid or new_sid)(prefix)

    @property
    def signing_token(self) -> str:
        """The key that signs webhooks, unless the signing mode says otherwise."""
        return self.shared_key[1] if self.dialect.signs_with_key else self.auth_token

    def accepts(self, user: str, password: str) -> bool:
        """Whether these are the account's credentials or one of its API keys."""
        expected = self.auth_token if user == self.sid else self.keys.get(user)
        return expected is not None and hmac.compare_digest(expected.encode(), password.encode())

    def accepts_test(self, user: str, password: str) -> bool:
        """Whether these are the test credentials."""
        if user != self.test_sid or self.test_token is None:
            return False
        return hmac.compare_digest(self.test_token.encode(), password.encode())

    def add_number(
        self, phone_number: str, *, now: float, voice_url: str = "", sms_url: str = ""
    ) -> IncomingPhoneNumber:
        """Add a number, or change the webhooks of one that the account owns."""
        number = self.numbers.get(phone_number)
        if number is None:
            number = self._new_number(phone_number, "PN", now)
            self.numbers[phone_number] = number
        number.voice_url, number.sms_url, number.updated = voice_url, sms_url, now
        return number

    def add_whatsapp_sender(self, address: str, *, now: float, sms_url: str = "") -> IncomingPhoneNumber:
        """Add a sender of WhatsApp messages, or change the webhook of one."""
        sender = self.whatsapp_senders.get(address) or self._new_number(address, "XE", now)
        sender.voice, sender.sms_url, sender.updated = False, sms_url, now
        self.whatsapp_senders[address] = sender
        return sender

    def _new_number(self, phone_number: str, prefix: str, now: float) -> IncomingPhoneNumber:
        sid = self.new_sid(prefix)
        return IncomingPhoneNumber(phone_number, sid, created=now, updated=now, friendly_name=phone_number)

    def service_of(self, number: str) -> MessagingService | None:
        """The messaging service with this sender."""
        return next((service for service in self.services.values() if number in service.senders), None)

    def may_call_from(self, number: str) -> bool:
        owned = self.numbers.get(number)
        if owned is not None:
            return owned.voice
        return number in self.caller_ids or not self.strict_numbers

    def may_text_from(self, number: str) -> bool:
        owned = self.numbers.get(number) or self.whatsapp_senders.get(number)
        return owned.sms if owned is not None else not self.strict_numbers
