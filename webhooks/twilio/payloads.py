"""Validation of webhook payloads against our own records.

A valid signature means that Twilio sent these bytes once, not that they are about us or about this call. So the
account, the call or text, both numbers and the delivery must match. Otherwise NotOurs is raised: 404, without effect.
"""

import re
from hashlib import sha256
from typing import TypedDict

from starlette.requests import Request

from verification.ivr.prompts import CallInput
from verification.types import Channel, Record
from verification.values.keywords import Keyword
from verification.values.phone_numbers import line_of

from ..context import OF_ACCOUNT, AppContext, InvalidSignature, Misplaced, NotOurs, app_context
from ..requests import LARGEST_BODY, Fields, FormMalformed, read_form
from ..signature import SignatureProblem

TOKEN_HEADER = "i-twilio-idempotency-token"
LONGEST_TOKEN = 64
_WHATSAPP = Channel.WHATSAPP.address("")
_OPT_OUTS = {"STOP": Keyword.STOP, "START": Keyword.START, "HELP": Keyword.HELP}
#: What Twilio reports about a `<Say>` that it cannot speak: its voice, its language, its speed, its text. It documents
#: them as warnings after which the Say may fail, not when they fail the document and it asks the fallback address.
_VOICE_ERRORS = frozenset({"13321", "13511", "13512", "13513", "13520"})
_KEYPAD = re.compile(r"[0-9*#A-D]*")


#: The sids of calls and of texts.
CALL_SIDS, TEXT_SIDS = frozenset({"CallSid"}), frozenset({"MessageSid", "SmsSid"})


async def signed_form(request: Request) -> Fields:
    """The fields of a webhook.

    Raises InvalidSignature, NotOurs for another Twilio account, and FormMalformed for a form whose fields could be
    split in another way under the same signature.
    """
    try:
        form = await read_form(request, longest_value=LARGEST_BODY)
    except FormMalformed as error:
        raise InvalidSignature(SignatureProblem.NO_FORM) from error
    ctx = account_context(request, form)
    if signature_problem := ctx.signatures.signature_problem(request, form):
        raise InvalidSignature(signature_problem)
    if form.get("AccountSid") != [ctx.account_sid]:
        raise NotOurs
    form.require_unambiguous()
    return form


def account_context(request: Request, form: Fields) -> AppContext:
    """The context for the account that a form names: its keys alone check the form. From here on it is the request's.

    An unknown account gets the first one's, whose keys or sid refuse it.
    """
    standby = app_context(request).standby
    if standby is not None and form.get("AccountSid") == [standby.account_sid]:
        request.scope[OF_ACCOUNT] = standby
    return app_context(request)


def require_call(form: Fields) -> None:
    """Raises Misplaced for a webhook about a text."""
    if form.keys() & TEXT_SIDS and not form.keys() & CALL_SIDS:
        raise Misplaced


def require_text(form: Fields) -> None:
    """Raises Misplaced for a webhook about a call."""
    if form.keys() & CALL_SIDS and not form.keys() & TEXT_SIDS:
        raise Misplaced


class ProviderReference(TypedDict):
    """The call or text, and its recipient; `to` is None where Twilio does not send it."""

    provider_sid: str
    to: str | None


def own_call(request: Request, form: Fields) -> ProviderReference:
    """The call that a webhook is about. Raises NotOurs unless our number placed it."""
    if not _is_sender(request, form.text("From")) or not form.matches("From", "Caller"):
        raise NotOurs
    if not form.matches("To", "Called"):
        raise NotOurs
    return {"provider_sid": form.text("CallSid"), "to": form.text("To")}


def _is_sender(request: Request, number: str) -> bool:
    """Whether this is a number of ours, in any of its forms."""
    ctx = app_context(request)
    own = (ctx.sender, *(sender.number for sender in ctx.country_senders.values() if sender.number))
    return line_of(number) in map(line_of, own)


def own_call_detection(request: Request, form: Fields) -> ProviderReference:
    """The same for machine detection callbacks, in which Twilio sends no numbers."""
    if "From" in form or "To" in form:
        return own_call(request, form)
    return {"provider_sid": form.text("CallSid"), "to": None}


def own_message(request: Request, form: Fields) -> ProviderReference:
    """The message that a webhook is about. Raises NotOurs unless our number sent it, or our messaging service, which
    picks one of its own numbers.
    """
    to = form.text("To")
    ours = _is_own_whatsapp(request, form) if to.startswith(_WHATSAPP) else _is_own_text(request, form)
    if not ours or not form.matches("MessageSid", "SmsSid"):
        raise NotOurs
    return {"provider_sid": form.text("MessageSid"), "to": to.removeprefix(_WHATSAPP)}


def _is_own_text(request: Request, form: Fields) -> bool:
    ctx = app_context(request)
    services = {ctx.messaging_service, *(sender.messaging_service for sender in ctx.country_senders.values())}
    if form.text("MessagingServiceSid") in services - {None, ""}:
        return True
    by_number = ctx.messaging_service is None or bool(ctx.country_senders)
    return by_number and _is_sender(request, form.text("From"))


def _is_own_whatsapp(request: Request, form: Fields) -> bool:
    """Where WhatsApp is switched off, a message of before may still be reported: then its sender is not known here."""
    known, sender = app_context(request).whatsapp_sender, form.text("From")
    return sender.startswith(_WHATSAPP) and (not known or line_of(sender.removeprefix(_WHATSAPP)) == line_of(known))


def inbound_sender(form: Fields) -> str:
    """The sender's number in E.164, also of a WhatsApp message; empty for a withheld number or another address.

    Raises NotOurs when `From` and `Caller` differ.
    """
    if not form.matches("From", "Caller"):
        raise NotOurs
    sender = form.text("From").removeprefix(_WHATSAPP)
    return sender if sender.startswith("+") else ""


def is_filtered(form: Fields) -> bool:
    """Whether Twilio acts on STOP by itself without saying so: in texts, not on WhatsApp."""
    return not form.text("From").startswith(_WHATSAPP)


def opt_out(form: Fields) -> Keyword | None:
    """What Twilio has done about the text itself (`OptOutType` of its advanced opt-out), in whatever words it was; None
    where it has done nothing.

    https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out
    """
    return _OPT_OUTS.get(form.text("OptOutType").upper())


def pressed_keys(form: Fields) -> str:
    """The keys that were pressed. Raises FormMalformed when the field is missing or has a character of no keypad."""
    if "Digits" not in form or not _KEYPAD.fullmatch(form.text("Digits")):
        raise FormMalformed(400, "Digits has characters that no keypad has.")
    return form.text("Digits")


class DocumentFailure(Record, frozen=True):
    """A document that Twilio could not fetch or run: the input that it answered, as far as Twilio says."""

    input: CallInput
    digits: str
    error: str
    voice: bool

    def log_fields(self) -> dict[str, str]:
        return {"error": self.error, "answered": self.input.value}


def document_failure(form: Fields) -> DocumentFailure:
    """What a request to a fallback URL is about. Twilio documents `ErrorCode` and `ErrorUrl`, not whether `Digits`
    comes again.
    """
    last = form.text("ErrorUrl").partition("?")[0].rpartition("/")[2]
    call_input = next((known for known in CallInput if known == last), CallInput.ANSWERED)
    digits = pressed_keys(form) if call_input is CallInput.KEYS and "Digits" in form else ""
    error = form.text("ErrorCode") if form.text("ErrorCode").isdigit() else ""
    return DocumentFailure(call_input, digits, error[:5], voice=error in _VOICE_ERRORS)


def idempotency_token(request: Request) -> str:
    """Twilio's token of this request, the same when it is repeated; empty where there is none.

    It is not signed, so it may only prevent a second effect.
    """
    token = request.headers.get(TOKEN_HEADER, "")
    return sha256(token.encode()).hexdigest()[:16] if 0 < len(token) <= LONGEST_TOKEN else ""
