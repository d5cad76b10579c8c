"""English as in India: where it differs from British English.

A one-time code is an OTP there, in every bank's texts and in the campaigns against fraud, and a text message an SMS.
Operators register the texts word by word, so a change of them is one of docs/india.md and of the changelog.
"""

from msgspec.structs import replace

from .en_GB import WORDS as BRITISH

_CALL = replace(
    BRITISH.call,
    announcement="This is an automated call from {brand}, with the OTP {purpose}.",
    announcement_again="This is {brand} again, with the OTP {purpose}.",
    press_any_key="To hear the OTP, press any key.",
    tell_no_one="Never tell this OTP to anyone, not even to us.",
    code="Your OTP is: {code}",
    enter_on_screen="Enter the OTP on your screen.",
    menu=replace(
        BRITISH.call.menu,
        again="To hear the OTP again, press {key}",
        text="To get it by SMS, press {key}",
        never="To stop all our calls and SMS, press {key}",
    ),
    text_refused="Sorry, we can't send an SMS right now.",
    confirm_never="To stop all our calls and SMS to this number, press the star key.",
    confirm_allow="We do not call this number or send it any SMS. To allow it again, press the star key.",
    typed_announcement="This is an automated call from {brand}, about the OTP {purpose}.",
    type_code="Please key in the OTP shown on your screen.",
    type_incomplete="Some digits were missing. Please key in the OTP shown on your screen.",
    type_wrong="That OTP wasn't right. Please key in the OTP shown on your screen.",
    greeting="Hello, you've reached the automated line of {brand}. We only call people who ask us for an OTP.",
    greeting_call_back="If you're waiting for an OTP and would like a call back, press {key}",
    endings=replace(
        BRITISH.call.endings,
        no_longer_needed="This is an automated call from {brand}. The OTP is no longer needed. Goodbye.",
        reported="Thank you. We've cancelled that OTP and noted that you didn't ask for it. Goodbye.",
        suppressed=(
            "We won't call this number or send it any SMS again. If you change your mind, SMS the word START to the "
            "number that called you, or call it. Goodbye."
        ),
        lifted="Thank you. We may call this number and send it SMS again. Goodbye.",
        text_sent="We are sending the OTP by SMS. Goodbye.",
        typed_wrong=(
            "That wasn't the right OTP. The OTP on your screen no longer works. You can start again there. Goodbye."
        ),
        call_back="If there's an OTP waiting for this number, we'll call you now. Goodbye.",
    ),
)

_TEXT = replace(
    BRITISH.text,
    code="{brand}: your OTP is {code}. It expires in {minutes} min. Do not share it with anyone.",
    code_under_a_minute="{brand}: your OTP is {code}. It expires in less than a minute. Do not share it.",
    code_for="{brand}: the OTP {purpose} is {code}. It expires in {minutes} min. Do not share it.",
    code_for_under_a_minute=(
        "{brand}: the OTP {purpose} is {code}. It expires in less than a minute. Do not share it."
    ),
    help=(
        "{brand} sends OTPs when you ask for one. Help: {contact}. "
        "Reply STOP to stop, START to resume, CALL to get a call."
    ),
    stopped="{brand}: you won't get any more calls or SMS from us. Reply START to get them again.",
    started="{brand}: you'll get our calls and SMS again when you ask for an OTP. Reply STOP to stop.",
    call_back="If there's an OTP waiting for this number, we'll call you now.",
    reported="Thank you. If an OTP was waiting for this number, it no longer works.",
    other="{brand}: nobody reads SMS to this number. Reply HELP for help or STOP to stop.",
)

_PAGE = replace(
    BRITISH.page,
    form=replace(
        BRITISH.page.form,
        channel_label="How should we send your OTP?",
        channel_sms="Send me an SMS",
        typed_choice="Call me, and I'll key in an OTP on my phone",
        submit="Send me an OTP",
    ),
    code=replace(
        BRITISH.page.code,
        heading_code="Enter the {length}-digit OTP",
        label="{length}-digit OTP",
        typed_label="Key in this OTP on your phone",
        typed_hint="Answer our call and key in this OTP.",
        works_until="This OTP works until {time}",
        minutes_left="This OTP works for {minutes} more minutes",
        one_minute_left="This OTP works for one more minute",
        under_a_minute_left="This OTP works for less than a minute",
        warning="This OTP expires soon. You can ask for a new one at any time.",
        wrong="That OTP isn't right",
        checks_left="That OTP isn't right. Attempts left: {checks}",
        latest_counts="Only the most recent OTP works.",
        expired="The OTP has expired",
        canceled="This OTP is no longer valid",
        begin_again="Send me a new OTP",
        no_code="Didn't get the OTP?",
        have_code="I have an OTP",
        text_again="Send the SMS again",
        text_instead="Send an SMS instead",
    ),
    progress=replace(
        BRITISH.page.progress,
        texting_if_known=("If this username is registered, we are sending an SMS to the number ending in {digits}."),
        call_answered_typed="You answered. Press the keys you hear, then key in the OTP below.",
        call_reading="We are reading out the OTP.",
        call_heard="You have heard the OTP. Please enter it here.",
        call_busy="The line was busy.",
        call_machine="Voicemail or a machine answered, so we didn't say the OTP.",
        call_no_keys="The call ended before we said the OTP: no keys were pressed. Was it voicemail?",
        call_wrong_keys="The call ended before we said the OTP: those weren't the right keys.",
        call_not_typed="The call ended before an OTP was keyed in. Was it voicemail?",
        text_queued="The SMS is about to be sent.",
        text_sent="The SMS has been sent.",
        text_delivered="The SMS has arrived.",
        text_undelivered="The SMS could not be delivered.",
        text_landline="This phone cannot receive SMS.",
        try_text="You can try an SMS instead.",
        opted_out=(
            "This number has opted out of calls and SMS from us. To opt back in, SMS START to {sender} from that "
            "phone, or call us at that number."
        ),
    ),
    errors=replace(
        BRITISH.page.errors,
        phone_country="We do not send OTPs to numbers in this country.",
        phone_kind="We do not send OTPs to numbers of this kind.",
        channel_missing="Choose how we should send your OTP.",
        code_missing="Enter the OTP.",
        code_characters="The OTP has only numbers.",
        code_length="The OTP has {length} digits. Check it and try again.",
    ),
    outcome=replace(
        BRITISH.page.outcome,
        reported_heading="We stopped this OTP",
        reported=(
            "The person who answered the phone told us that they had not asked for this OTP. For your safety, we will "
            "not contact this number for {minutes} minutes."
        ),
    ),
)

WORDS = replace(
    BRITISH,
    tag="en-IN",
    native_name="English (India)",
    html_language="en-IN",
    voice="Polly.Kajal-Neural",
    language="en-IN",
    call=_CALL,
    text=_TEXT,
    page=_PAGE,
)
