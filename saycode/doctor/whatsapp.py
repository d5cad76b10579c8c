"""WhatsApp: whether the account has the sender and the templates, and where what people write to the sender goes.

Twilio's Senders API (messaging.twilio.com/v2/Channels/Senders) and Content API (content.twilio.com/v1/Content).
"""

from collections.abc import Iterator
from typing import Any

from twiml.words import match_language
from verification.types import Channel
from webhooks.routes import public_urls

from ..config.settings import Settings
from .account import api_problem
from .findings import CONSOLE, Check, Finding, note, ok, problem
from .http import Answer, Reply, is_no_such_api
from .number import leads_to, without_secrets

AUTHENTICATION = "whatsapp/authentication"
#: WhatsApp still decides about a template in one of these states; with any other but `approved` it is not sent.
UNDECIDED = ("received", "pending")


def check_sender(settings: Settings, answer: Answer) -> Iterator[Finding]:
    """Whether the account has the sender, and what is written to it comes here. `answer`: the list of its senders."""
    if is_no_such_api(answer):
        yield note(Check.WHATSAPP, "The sender was not checked: this API has no list of senders.")
        return
    if api_finding := api_problem(Check.WHATSAPP, settings, answer):
        yield api_finding
        return
    assert isinstance(answer, Reply)
    assert settings.whatsapp_sender is not None
    senders = (answer.record or {}).get("senders")
    address = Channel.WHATSAPP.address(settings.whatsapp_sender.e164)
    found = [row for row in senders if row.get("sender_id") == address] if isinstance(senders, list) else []
    if answer.status != 200 or not found:
        yield problem(
            Check.WHATSAPP,
            f"The account has no sender {address}.",
            f"Set SAYCODE_WHATSAPP_SENDER to a WhatsApp sender of the account, or register one at {CONSOLE}.",
        )
        return
    yield from _state_of(settings, found[0], address)


def _state_of(settings: Settings, sender: dict[str, Any], address: str) -> Iterator[Finding]:
    status, expected = str(sender.get("status")), public_urls(settings.public_url).of("inbound_message")
    if not status.startswith("ONLINE"):
        yield problem(
            Check.WHATSAPP, f"The sender {address} is not online, but {status}.", f"See its state at {CONSOLE}."
        )
    actual = (sender.get("webhook") or {}).get("callback_url")
    if leads_to(actual, expected):
        yield ok(Check.WHATSAPP, f"The sender {address} belongs to the account, and what is written to it comes here.")
        return
    where = f"goes to {without_secrets(str(actual))}" if actual else "goes nowhere"
    yield problem(
        Check.WHATSAPP,
        f"What people write to {address} {where}, so STOP on WhatsApp stops nothing.",
        f"Set the sender's address for incoming messages at Twilio to {expected}.",
    )


def check_template(settings: Settings, language: str, sid: str, content: Answer, approval: Answer) -> Iterator[Finding]:
    """Whether WhatsApp sends the template, and it is one for codes in its language."""
    if is_no_such_api(content):
        yield note(Check.WHATSAPP, "The templates were not checked: this API has no templates.")
        return
    if api_finding := api_problem(Check.WHATSAPP, settings, content):
        yield api_finding
        return
    assert isinstance(content, Reply)
    record = content.record or {}
    if content.status != 200:
        yield problem(
            Check.WHATSAPP,
            f"The account has no template {sid} (HTTP {content.status}).",
            "Copy the sid of an existing one into SAYCODE_WHATSAPP_TEMPLATES.",
        )
        return
    if AUTHENTICATION not in (record.get("types") or {}):
        yield problem(
            Check.WHATSAPP,
            f"The template {sid} is not of the type {AUTHENTICATION}, and WhatsApp takes codes in no other.",
            "Make an authentication template with Twilio's Content API, and use its sid.",
        )
        return
    if match_language(str(record.get("language"))) != language:
        written = record.get("language")
        yield note(Check.WHATSAPP, f"The template {sid} is set for {language}, and its language is {written}.")
    yield _approval_of(sid, language, approval)


def _approval_of(sid: str, language: str, approval: Answer) -> Finding:
    record = (approval.record if isinstance(approval, Reply) else None) or {}
    status = str((record.get("whatsapp") or {}).get("status") or "unknown")
    if status == "approved":
        return ok(Check.WHATSAPP, f"WhatsApp has approved the template for {language}.")
    if status in UNDECIDED:
        return note(Check.WHATSAPP, f"WhatsApp has not decided yet about the template {sid} for {language}.")
    return problem(
        Check.WHATSAPP,
        f"WhatsApp does not send the template {sid} for {language}: its state is {status}.",
        f"Submit it at {CONSOLE} under Content Template Builder, or use another template.",
    )
