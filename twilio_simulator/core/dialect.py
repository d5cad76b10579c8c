"""What differs between the companies that speak Twilio's protocol, as the simulator plays them.

SignalWire: its pages "Compatibility API" and "Webhook security", and its package @signalwire/compatibility-api. What it
does not document is missing here: the stricter reading.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .formats import API_VERSION
from .request_log import Pairs
from .wordlist import word_set


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """`new_sid`: makes the sid of a call, a text or a number from its two letters. `api_path` precedes the version in
    paths of the API. `signs_with_key`: webhooks are signed with a key of its own instead of the account's token.
    `google_voices`: how names of Google's voices begin. `text_codes`: error codes are text. `own_headers`: those of
    Twilio alone are sent. `no_parameters` are ignored, and noted in the debugger; `no_fields` are not sent in webhooks.
    """

    name: str
    account: re.Pattern[str] = re.compile("AC[0-9a-fA-F]{32}")
    new_sid: Callable[[str], str] | None = None
    api_path: str = ""
    signature_header: str = "X-Twilio-Signature"
    signs_with_key: bool = False
    google_voices: str = "Google."
    text_codes: bool = False
    own_headers: bool = True
    no_parameters: frozenset[str] = frozenset()
    no_fields: re.Pattern[str] = re.compile("(?!)")

    def has_voice(self, name: str) -> bool:
        """Whether a voice has its name at this company."""
        return not name.startswith(("Google.", "gcloud.")) or name.startswith(self.google_voices)

    def sent_fields(self, fields: Pairs) -> Pairs:
        """The fields of a webhook that this company sends."""
        return tuple((name, value) for name, value in fields if not self.no_fields.fullmatch(name))

    def webhook_headers(self, token: str) -> list[tuple[str, str]]:
        """The headers of every webhook but the signature. `token`: the same for every attempt of one request."""
        if not self.own_headers:
            return [("User-Agent", self.name), ("Accept", "*/*"), ("Accept-Encoding", "gzip")]
        return [
            ("User-Agent", "TwilioProxy/1.1"),
            ("Accept", "*/*"),
            ("Accept-Encoding", "gzip"),
            ("I-Twilio-Idempotency-Token", token),
        ]

    def body(self, value: Any) -> Any:
        """The body of an answer, with this company's paths and codes."""
        if isinstance(value, dict):
            body = {name: self.body(each) for name, each in value.items()}
            if self.text_codes and isinstance(body.get("code"), int):
                body["code"] = str(body["code"])
            return body
        if isinstance(value, list):
            return [self.body(each) for each in value]
        return self.api_path + value if isinstance(value, str) and value.startswith(f"/{API_VERSION}/") else value


TWILIO = Dialect(name="twilio")
SIGNALWIRE = Dialect(
    name="signalwire",
    account=re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    new_sid=lambda _: str(uuid.uuid4()),
    api_path="/api/laml",
    signature_header="X-SignalWire-Signature",
    signs_with_key=True,
    google_voices="gcloud.",
    text_codes=True,
    own_headers=False,
    no_parameters=word_set(
        """
        Twiml CallReason CallToken Byoc Passports ClientNotificationUrl RecordingConfigurationId
        MessagingServiceSid MessageIntent ContentSid ContentVariables SmartEncoded ShortenUrls ScheduleType SendAt
        RiskCheck ForceDelivery ProvideFeedback
        """
    ),
    no_fields=re.compile(
        r"(From|To|Caller|Called)(City|State|Zip|Country)|Caller|Called|CallToken|StirVerstat|StirStatus|CallbackSource"
        r"|SequenceNumber|SipResponseCode|MessagingServiceSid|OptOutType|RawDlrDoneDate|SmsMessageSid"
    ),
)
DIALECTS = {dialect.name: dialect for dialect in (TWILIO, SIGNALWIRE)}
