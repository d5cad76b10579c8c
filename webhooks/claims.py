"""What a signed webhook says about itself, held against our own records.

A right signature means that Twilio sent these bytes once; it does not mean that they are about us, or about this call.
So the account, the call or text, both numbers and the delivery have to fit. Where they do not, it is Foreign: 404, and
nothing touched.
"""

import re
from hashlib import sha256
from typing import TypedDict

from starlette.requests import Request

from .doorway import Foreign, doorway
from .forms import Fields, FormMalformed

TOKEN = "i-twilio-idempotency-token"
LONGEST_TOKEN = 64
_KEYS = re.compile(r"[0-9*#A-D]*")


class Claim(TypedDict):
    """Which call or text, and to whom; `to` is None where Twilio does not say it."""

    carrier_sid: str
    to: str | None


def about_call(request: Request, form: Fields) -> Claim:
    """The call of ours that a webhook is about. Raises Foreign unless our own number placed it."""
    if form.text("From") != doorway(request).sender or not form.agrees("From", "Caller"):
        raise Foreign
    if not form.agrees("To", "Called"):
        raise Foreign
    return {"carrier_sid": form.text("CallSid"), "to": form.text("To")}


def about_machine(request: Request, form: Fields) -> Claim:
    """The same for the verdict about machines, in which Twilio names no numbers."""
    if "From" in form or "To" in form:
        return about_call(request, form)
    return {"carrier_sid": form.text("CallSid"), "to": None}


def about_text(request: Request, form: Fields) -> Claim:
    """The text of ours that a webhook is about. Raises Foreign unless our own number sent it, or our messaging service,
    which takes one of its numbers.
    """
    here = doorway(request)
    by_number = here.messaging_service is None and form.text("From") == here.sender
    by_service = here.messaging_service is not None and form.text("MessagingServiceSid") == here.messaging_service
    if not (by_number or by_service) or not form.agrees("MessageSid", "SmsSid"):
        raise Foreign
    return {"carrier_sid": form.text("MessageSid"), "to": form.text("To")}


def from_outside(form: Fields) -> str:
    """Who calls or texts us, in E.164; nothing for a withheld number, or a name of another channel (`whatsapp:+1…`).

    Raises Foreign when the two fields for it do not agree.
    """
    if not form.agrees("From", "Caller"):
        raise Foreign
    sender = form.text("From")
    return sender if sender.startswith("+") else ""


def keys(form: Fields) -> str:
    """The keys that were pressed. Raises FormMalformed when the field is missing, or holds what no phone has."""
    if "Digits" not in form or not _KEYS.fullmatch(form.text("Digits")):
        raise FormMalformed(400, "No phone has such keys.")
    return form.text("Digits")


def name(request: Request) -> str:
    """Twilio's name for this request, the same for the same one again; nothing where there is none.

    It is not signed: it may keep something from happening twice, and nothing else.
    """
    token = request.headers.get(TOKEN, "")
    return sha256(token.encode()).hexdigest()[:16] if 0 < len(token) <= LONGEST_TOKEN else ""
