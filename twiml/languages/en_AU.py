"""English as in Australia and New Zealand: where it differs from British English."""

from msgspec.structs import replace

from .en_GB import WORDS as BRITISH

_CALL = replace(
    BRITISH.call,
    type_code="Please enter the code shown on your screen.",
    type_incomplete="Some digits were missing. Please enter the code shown on your screen.",
    type_wrong="That code wasn't right. Please enter the code shown on your screen.",
)

_PAGE = replace(
    BRITISH.page,
    form=replace(BRITISH.page.form, typed_choice="Call me, and I'll enter a code on my phone"),
    code=replace(
        BRITISH.page.code,
        typed_label="Enter this code on your phone",
        typed_hint="Answer our call and enter this code on your keypad.",
    ),
    progress=replace(
        BRITISH.page.progress,
        call_answered_typed="You answered. Press the keys you hear, then enter the code below.",
        call_busy="The line was busy.",
        call_not_typed="The call ended before a code was entered. Was it voicemail?",
    ),
)

WORDS = replace(
    BRITISH,
    tag="en-AU",
    native_name="English (Australia)",
    html_language="en-AU",
    voice="Polly.Olivia-Neural",
    language="en-AU",
    call=_CALL,
    page=_PAGE,
)
