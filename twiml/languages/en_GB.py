"""English as in the United Kingdom, Ireland and Australia: where it differs from American English."""

from dataclasses import replace
from types import MappingProxyType

from ..words import SIGN_IN
from .en_US import WORDS as AMERICAN

_CALL = replace(
    AMERICAN.call,
    no_keys="You did not press any key. Please press {keys}",
    no_key="You did not press any key. To hear the code, please press any key.",
    nobody_will_ask="No one will ever ask you for this code.",
    once_more="Once again: {code}",
    type_code="Please key in the code that you see on the screen.",
    type_incomplete="That was not the whole code. Please key in the code that you see on the screen.",
    type_wrong="That was not the code. Please key in the code that you see on the screen.",
    greeting="Hello. This is the automated phone line of {brand}. It only gives codes to people who ask for them.",
    endings=replace(
        AMERICAN.call.endings,
        nothing_pressed="You did not press any key, so we are ending this call. Goodbye.",
        reported="Thank you. The code has been cancelled. We have noted that you did not ask for it. Goodbye.",
        typed_approved="Thank you, that was right. Please continue on the screen. Goodbye.",
        typed_wrong="That was not the code. It cannot be used again. You can start again on the screen. Goodbye.",
    ),
)

_PAGE = replace(
    AMERICAN.page,
    form=replace(AMERICAN.page.form, typed_choice="Show the code here, and I'll key it in on my phone"),
    code=replace(
        AMERICAN.page.code,
        typed_label="Your code, to key in on your phone",
        typed_hint="Answer our call and key in this code.",
        checks_left="That code isn't right. Attempts left: {checks}",
    ),
    progress=replace(
        AMERICAN.page.progress,
        call_busy="The line was engaged.",
        call_no_answer="There was no answer.",
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
