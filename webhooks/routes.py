"""Every door of the service by name, and the addresses that lead to them.

A path is written here once. Whoever needs an address asks for it by name; the addresses given to Twilio carry the
delivery's own sid and nothing else.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

PATHS = {
    "page": "/",
    "start": "/start",
    "code": "/code",
    "next": "/next",
    "typed": "/typed",
    "progress": "/progress",
    "static": "/static",
    "brand": "/brand.css",
    "live": "/health/live",
    "ready": "/health/ready",
    "receipt_keys": "/.well-known/jwks.json",
    "metrics": "/metrics",
    "called": "/webhooks/voice",
    "called_keys": "/webhooks/voice/keys",
    "called_silence": "/webhooks/voice/silence",
    "texted": "/webhooks/sms",
    "probed": "/webhooks/probe",
    "answered": "/webhooks/calls/{delivery}/answered",
    "keys": "/webhooks/calls/{delivery}/keys",
    "silence": "/webhooks/calls/{delivery}/silence",
    "machine": "/webhooks/calls/{delivery}/machine",
    "call_status": "/webhooks/calls/{delivery}/status",
    "message_status": "/webhooks/messages/{delivery}/status",
    "openapi": "/openapi.json",
    "api_services": "/v2/Services",
    "api_service": "/v2/Services/{service}",
    "api_verifications": "/v2/Services/{service}/Verifications",
    "api_verification": "/v2/Services/{service}/Verifications/{verification}",
    "api_check": "/v2/Services/{service}/VerificationCheck",
    "api_receipt": "/v2/Services/{service}/Receipts/{receipt}/Redeem",
    "api_changes": "/v2/Services/{service}/NumberChanges",
    "api_attempts": "/v2/Attempts",
    "api_summary": "/v2/Attempts/Summary",
    "api_attempt": "/v2/Attempts/{attempt}",
}


@dataclass(frozen=True, slots=True)
class PublicUrls:
    """Where Twilio and browsers reach us: always below the configured public address, never guessed from a request."""

    public_url: str

    def of(self, endpoint: str, **parts: str) -> str:
        """The absolute address of a door; `parts` are what its path leaves open."""
        return self.public_url + PATHS[endpoint].format(**parts)

    @property
    def host(self) -> str:
        """The host that people see, without its port: the last line of a text names it."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def https(self) -> bool:
        """Whether browsers reach us over TLS."""
        return self.public_url.startswith("https://")
