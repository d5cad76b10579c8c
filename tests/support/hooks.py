"""Systems that post to hooks, and sign their messages after the Standard Webhooks convention."""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.support.api_client import Client, basic
from tests.support.app import RunningApp
from tests.support.asgi_client import Answer, send_request
from verification.counters.rules import Limit
from verification.policy import Policy
from verification.types import Channel, Scope
from webhooks.senders import KNOWN_FIELDS, Fields, Hook, Sender

SECRET, OLDER, OTHER = (bytes([n]) * 32 for n in (1, 2, 3))
CODE = "0047110815"
NUMBER = "+14155550100"
POLICY = Policy(limits=((Scope.NUMBER, (Limit(count=5, seconds=600),)),), countries=frozenset({"US", "GB"}))
IDS = count()


@dataclass(frozen=True, slots=True)
class System:
    """A system that posts to a hook. `client` has a key of the hook's service."""

    running: RunningApp
    client: Client

    async def post(
        self, hook: str, message: Any, *, headers: Mapping[str, str] | Sequence[tuple[str, str]] = ()
    ) -> Answer:
        """Post a message; bytes are sent unchanged."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        listed = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
        listed.append(("Content-Type", "application/json"))
        return await send_request(self.running.app, "POST", f"/hooks/{hook}", headers=listed, body=body)

    async def signed(self, message: Any, *, hook: str = "supabase", secret: bytes = SECRET, age: int = 0) -> Answer:
        """Post a message that was signed so many seconds ago."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        return await self.post(hook, body, headers=self.signature(body, secret=secret, age=age))

    def signature(self, body: bytes, *, secret: bytes = SECRET, id: str = "", age: int = 0) -> dict[str, str]:
        return sign(body, secret=secret, id=id or f"msg_{next(IDS)}", at=int(self.running.clock.now()) - age)

    async def with_key(self, hook: str, message: Any, **headers: str) -> Answer:
        """Post a message with the key of the service."""
        return await self.post(hook, message, headers={"Authorization": self.authorization, **headers})

    @property
    def authorization(self) -> str:
        return basic(self.client.key, self.client.secret)

    @property
    def asked(self) -> int:
        """How often the provider was asked for a call or a text."""
        return self.running.provider.asked


def sign(body: bytes, *, secret: bytes, id: str, at: int) -> dict[str, str]:
    content = f"{id}.{at}.".encode() + body
    signature = "v1," + b64encode(hmac.digest(secret, content, "sha256")).decode()
    return {"webhook-id": id, "webhook-timestamp": str(at), "webhook-signature": signature}


def supabase(code: str = CODE, phone: str = NUMBER) -> dict[str, Any]:
    """A message of Supabase's Send SMS hook, as its documents have it."""
    return {
        "metadata": {"uuid": "8f1d3c1e", "name": "send-sms", "ip_address": "203.0.113.7"},
        "user": {
            "id": "6481a5c1-3d37-4a56-9f6a-bee08c554965",
            "aud": "authenticated",
            "role": "authenticated",
            "email": "",
            "phone": phone,
            "app_metadata": {"provider": "phone", "providers": ["phone"]},
            "user_metadata": {"lang": "de"},
            "identities": [],
            "is_anonymous": False,
        },
        "sms": {"otp": code},
    }


def kratos(code: str = CODE, *, kind: str = "login") -> dict[str, Any]:
    """A message of Kratos' courier, with its whole data model."""
    return {
        "recipient": NUMBER,
        "subject": "",
        "body": f"Your {kind} code is: {code}",
        "template_type": f"{kind}_code_valid",
        "template_data": {"to": NUMBER, f"{kind}_code": code, "identity": {"traits": {}}, "expires_in_minutes": 60},
        "message_type": "sms",
    }


def hooks_of(service: str) -> dict[str, Hook]:
    def hook(name: str, sender: Sender, **fields: Any) -> Hook:
        defaults = {"fields": KNOWN_FIELDS[sender], "channel": Channel.SMS, "action": "sign-in"}
        return Hook(name=name, sender=sender, service=service, **{**defaults, **fields})

    fields = Fields(number=("phone.number",), code=("code",), language=("locale",))
    declared = (
        hook("supabase", Sender.SUPABASE, secrets=(SECRET, OLDER)),
        hook("calling", Sender.SUPABASE, secrets=(SECRET,), channel=Channel.CALL),
        hook("kratos", Sender.KRATOS),
        hook("logto", Sender.LOGTO),
        hook("signed", Sender.OTHER, fields=fields, secrets=(OTHER,), action="change-billing"),
    )
    return {each.name: each for each in declared}
