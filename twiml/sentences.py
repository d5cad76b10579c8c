"""The sentences of a language. One field is one sentence; a comment after it lists its placeholders.

A language file without one of them cannot be imported, and mypy reports which. A sentence may be shorter than the
English one, but it has exactly the same placeholders (a test compares them).

Rules for every spoken sentence:

* Keys and codes are filled in as `4, 7, 1` (ASCII digits, comma and space, in every language): voices read them one by
  one with a pause between them, and a program that reads documents finds one pattern in all languages.
* No full stop after a placeholder that ends in a digit, or can (the name of a payee): some voices then say an ordinal
  ("der siebte"). Such a sentence ends with the placeholder, and the next one begins.
* No digit is written into a sentence. Keys are placeholders, so no language can mix them up.
"""

from msgspec import Struct


class MenuWords(Struct, frozen=True, kw_only=True):
    """What each key does, as whole sentences. Each takes {key}. The menu says four of them, in this order."""

    again: str
    slower: str
    one_at_a_time: str  # in the place of `slower`, once that was used
    text: str
    report: str
    never: str  # not in the menu: said after the key of `report`


class EndingWords(Struct, frozen=True, kw_only=True):
    """The last sentence of a call, by `Ending`; `goodbye` follows `sorry`. None contains anything secret."""

    goodbye: str
    nothing_pressed: str
    wrong_keys: str
    no_longer_needed: str  # {brand}; answered after approval, expiry or cancellation, so it says who called
    reported: str
    suppressed: str
    lifted: str
    text_sent: str
    machine: str  # {brand}; may be recorded by a voicemail
    sorry: str  # {brand}; an error of ours, perhaps before anything else was said
    typed_approved: str
    typed_wrong: str
    call_back: str  # the same whether a code is waiting or not
    call_back_permission: str  # the same for every number


class CallWords(Struct, frozen=True, kw_only=True):
    """What is said on the phone."""

    announcement: str  # {brand} {purpose}; one short sentence: phones that screen calls show the first one
    announcement_again: str  # {brand} {purpose}; before every further try, for who heard nothing yet
    press_keys: str  # {keys}; says that they are three: the first key pressed ends the sentence
    press_again: str  # {keys}; after `announcement_again`
    press_any_key: str
    wrong_keys: str
    did_not_ask: str  # {keys}
    tell_no_one: str  # after the code
    payment: str  # {amount} {payee}; what the code approves, said right before the code
    code: str  # {code}
    once_more: str  # {code}
    reference: str  # {reference}; after `endings.sorry`
    slowly: str
    character: str  # {position} {total}; the character follows as its own sentence
    next_character: str
    last_character: str
    enter_on_screen: str  # after keys that may be the code
    menu: MenuWords
    text_refused: str
    confirm_report: str
    confirm_never: str
    confirm_allow: str  # to a number that gets no calls and texts
    # The page shows the code, and the person types it on the phone.
    typed_announcement: str  # {brand} {purpose}
    press_keys_first: str  # {keys}; two, and three in the call about permission
    type_code: str
    type_incomplete: str
    type_wrong: str
    did_not_ask_star: str
    # An inbound call.
    greeting: str  # {brand}
    greeting_call_back: str  # {key}
    greeting_permission: str  # {key}
    # The call back to who wants to stop our calls, or to allow them again.
    permission_announcement: str  # {brand}
    endings: EndingWords


class TextWords(Struct, frozen=True, kw_only=True):
    """Text messages, in the language's own spelling; `text.transliterate` removes accents that GSM-7 lacks.

    `code` is short, so that brand, host and code fit into one segment, and its minutes are followed by their unit, so
    that no phone offers them as the code. The keywords STOP, START, HELP and CALL are not translated.
    """

    code: str  # {brand} {code} {minutes}
    code_under_a_minute: str  # {brand} {code}
    code_for: str  # {brand} {purpose} {code} {minutes}; for all but signing in
    code_for_under_a_minute: str  # {brand} {purpose} {code}
    payment: str  # {amount} {payee}; in the place of a purpose
    help: str  # {brand} {contact}
    stopped: str  # {brand}
    started: str  # {brand}
    call_back: str  # the answer to CALL; the same whether a code is waiting or not
    reported: str  # the answer to REPORT; the same whether a code was waiting or not
    number_changed: str  # {brand}; to every earlier number of the account, also said in a call
    other: str  # {brand}; the answer to anything else


class FormWords(Struct, frozen=True, kw_only=True):
    """The form of the page: user name, phone number, and how the code is sent."""

    title: str
    skip: str
    username_label: str
    phone_label: str
    phone_hint: str  # {example}
    number_ending: str  # {digits}
    channel_label: str
    channel_call: str
    channel_sms: str
    channel_whatsapp: str
    typed_choice: str  # a further way beside the channels: the call takes a code that the page shows
    language_label: str
    submit: str
    cancel: str  # back to the application that asks for the proof, without it


class CodeWords(Struct, frozen=True, kw_only=True):
    """The code entry: what to do, the code, how long it works, the other actions, and the welcome.

    Headings and labels have no full stop.
    """

    heading_call: str  # while the phone rings
    heading_text: str
    heading_code: str  # {length}
    heading_failed: str  # above another way to get the code
    label: str  # {length}
    hint: str
    submit: str
    typed_label: str  # above a code that the person types on the phone
    typed_hint: str
    works_until: str  # {time}: the time of day, as the browser writes it
    minutes_left: str  # {minutes}; two or more
    one_minute_left: str
    under_a_minute_left: str
    warning: str
    wrong: str
    wrong_next: str
    checks_left: str  # {checks}
    tries_left: str  # {checks}
    latest_counts: str
    expired: str
    canceled: str
    begin_again: str
    change: str
    change_number: str  # a short button beside the number
    change_username: str
    no_code: str
    have_code: str
    call_again: str
    text_again: str
    text_instead: str
    call_instead: str
    whatsapp_again: str
    whatsapp_instead: str
    resend_seconds: str  # {seconds}; above the buttons that have to wait
    resend_minutes: str  # {minutes}
    wait_seconds: str  # {seconds}
    wait_minutes: str  # {minutes}
    refresh: str
    reference: str  # {reference}; what a person tells a help desk
    welcome: str  # {username}
    welcome_next: str
    welcome_onward: str  # the link to the operator's own page
    welcome_close: str  # where the operator has no such page
    another: str


class ProgressWords(Struct, frozen=True, kw_only=True):
    """The status of a call or a message. The number is shown above it."""

    calling_if_known: str  # {digits}; the same for every user name, known or not
    texting_if_known: str  # {digits}
    whatsapp_if_known: str  # {digits}
    call_queued: str
    call_ringing: str
    call_answered: str
    call_answered_typed: str  # where the code is typed on the phone
    call_reading: str
    call_heard: str
    call_completed: str
    call_busy: str
    call_no_answer: str
    call_failed: str
    call_machine: str
    call_no_keys: str  # answered, and over before the code was said
    call_wrong_keys: str
    call_not_typed: str  # where the code is typed on the phone
    text_queued: str
    text_sent: str
    text_delivered: str
    text_undelivered: str
    text_landline: str
    whatsapp_queued: str
    whatsapp_sent: str
    whatsapp_delivered: str  # also once it was read: who asks must not learn that
    whatsapp_undelivered: str
    maybe_ringing: str
    not_reached: str  # a heading
    try_text: str
    try_call: str
    try_whatsapp: str
    opted_out: str  # {sender}; how to allow calls and texts again


class ErrorWords(Struct, frozen=True, kw_only=True):
    """Errors in a form, and errors of ours."""

    title: str  # {title}: the title of a page that reports errors
    heading: str
    username_missing: str
    username_too_long: str  # {limit}
    username_characters: str
    phone_missing: str
    phone_invalid: str  # {example}
    phone_country: str
    phone_countries: str  # {countries}: such as "US (+1), DE (+49)"
    phone_kind: str
    channel_missing: str
    code_missing: str
    code_characters: str
    code_length: str  # {length}
    form_expired: str
    too_many: str
    not_found: str
    start_again: str  # a link to the form
    went_wrong: str  # {error_id}


class OutcomeWords(Struct, frozen=True, kw_only=True):
    """What the person on the phone decided about a code or a number."""

    reported_heading: str
    reported: str  # {minutes}
    suppressed_heading: str


class PageWords(Struct, frozen=True, kw_only=True):
    """What is written on the page."""

    form: FormWords
    code: CodeWords
    progress: ProgressWords
    errors: ErrorWords
    outcome: OutcomeWords
