"""English as in the United Kingdom and Ireland: where it differs from American English."""

from types import MappingProxyType

from msgspec.structs import replace

from ..words import SIGN_IN
from .en_US import WORDS as AMERICAN

_CALL = replace(
    AMERICAN.call,
    once_more="Once again: {code}",
    type_code="Please key in the code shown on your screen.",
    type_incomplete="Some digits were missing. Please key in the code shown on your screen.",
    type_wrong="That code wasn't right. Please key in the code shown on your screen.",
    endings=replace(
        AMERICAN.call.endings,
        reported="Thank you. We've cancelled that code and noted that you didn't ask for it. Goodbye.",
    ),
)

_PAGE = replace(
    AMERICAN.page,
    form=replace(AMERICAN.page.form, typed_choice="Call me, and I'll key in a code on my phone"),
    code=replace(
        AMERICAN.page.code,
        typed_label="Key in this code on your phone",
        typed_hint="Answer our call and key in this code.",
        checks_left="That code isn't right. Attempts left: {checks}",
        tries_left="Attempts left: {checks}",
    ),
    progress=replace(
        AMERICAN.page.progress,
        call_busy="The line was engaged.",
        call_no_answer="There was no answer.",
        call_answered_typed="You answered. Press the keys you hear, then key in the code below.",
        call_not_typed="The call ended before a code was keyed in. Was it voicemail?",
    ),
)

_TEXT = replace(
    AMERICAN.text,
    help=(
        "{brand} sends codes when you ask for one. Help: {contact}. "
        "Reply STOP to stop, START to resume, CALL to get a call."
    ),
)

WORDS = replace(
    AMERICAN,
    tag="en-GB",
    native_name="English (UK)",
    html_language="en-GB",
    voice="Polly.Amy-Neural",
    language="en-GB",
    purposes=MappingProxyType(
        {
            **AMERICAN.purposes,
            SIGN_IN: "to log in",
            "change-shipping-address": "to change your delivery address",
        }
    ),
    call=_CALL,
    text=_TEXT,
    page=_PAGE,
)
