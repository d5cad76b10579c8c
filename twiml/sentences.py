"""Which sentences a language has. One field, one sentence; its placeholders stand behind it.

A language file that lacks one does not build, and mypy says which. A sentence may say the same in fewer words than the
English one, but it has exactly its placeholders (a test compares them).

Rules for every spoken sentence:

* Keys and codes come in as `4, 7, 1` (ASCII digits, comma and space, in every language): voices then read them one by
  one and pause between them, and whoever reads along finds the same pattern in every language.
* No full stop after a placeholder that ends in a digit, or may, as a payee's name does: some voices then say an
  ordinal ("der siebte"). Such a sentence ends with the digit, and what follows is a sentence of its own.
* No digit is written into a sentence; keys are placeholders, so that no language can mix them up.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuWords:
    """What a key does, said in this order; each takes {key}."""

    again: str
    slower: str
    one_at_a_time: str
    text: str
    report: str
    never: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingWords:
    """The last sentence of a call; a hang-up follows. None of them holds anything secret."""

    goodbye: str
    nothing_pressed: str
    wrong_keys: str
    no_longer_needed: str  # {brand}; answered after approval, expiry or cancellation, so it says who is calling
    reported: str
    suppressed: str
    text_sent: str
    machine: str  # {brand}; may be kept on a voicemail
    sorry: str  # {brand}; our side failed, perhaps before anything else was said
    typed_approved: str
    typed_wrong: str
    call_back: str  # the same whether a code is waiting or not


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWords:
    """What is said on the phone."""

    announcement: str  # {brand} {purpose}; who and why, in one short sentence: phones screen and show the first one
    press_keys: str  # {keys}
    press_any_key: str
    wrong_keys: str  # {keys}; the second try after other keys
    no_keys: str  # {keys}; the second try after silence
    no_key: str  # the second try after silence, any key will do
    did_not_ask: str  # {keys}
    nobody_will_ask: str
    payment: str  # {amount} {payee}; what the code approves, right before it
    code: str  # {code}
    once_more: str  # {code}
    slowly: str
    character: str  # {position} {total}; the character follows as a sentence of its own
    next_character: str
    last_character: str
    menu: MenuWords
    text_refused: str
    # Turned round: the page shows the code and the person types it on the phone.
    typed_announcement: str  # {brand} {purpose}
    type_code: str
    type_incomplete: str
    type_wrong: str
    did_not_ask_star: str
    # Somebody calls us.
    greeting: str  # {brand}
    greeting_call_back: str  # {key}
    greeting_never: str  # {key}
    endings: EndingWords


@dataclass(frozen=True, slots=True, kw_only=True)
class TextWords:
    """Text messages. Write them as they are spelled; `text.transliterate` takes off what GSM-7 does not have.

    `code` is short, so that brand, host and code still fit into one segment, and names the minutes with their unit
    right behind the number: no phone then offers them as the code. STOP, START, HELP and CALL stay as they are.
    """

    code: str  # {brand} {code} {minutes}
    code_under_a_minute: str  # {brand} {code}
    code_for: str  # {brand} {purpose} {code} {minutes}; for all but signing in
    code_for_under_a_minute: str  # {brand} {purpose} {code}
    payment: str  # {amount} {payee}; stands where a purpose does
    help: str  # {brand} {contact}
    stopped: str  # {brand}
    started: str  # {brand}
    call_back: str  # the answer to CALL; the same whether a code is waiting or not
    reported: str  # the answer to REPORT; the same whether a code was waiting or not
    number_changed: str  # {brand}; to every number that the account had before, and said in a call as well
    other: str  # {brand}; the answer to anything else


@dataclass(frozen=True, slots=True, kw_only=True)
class FormWords:
    """The first step of the page: who, which phone, how to reach it."""

    title: str  # {brand}
    skip: str
    username_label: str
    phone_label: str
    phone_hint: str  # {example}
    channel_label: str
    channel_call: str
    channel_sms: str
    typed_choice: str
    language_label: str
    submit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeWords:
    """The second step: the code, the time left, what else can be done, and the welcome."""

    label: str
    hint: str
    submit: str
    typed_label: str
    typed_hint: str
    minutes_left: str  # {minutes}; two or more
    one_minute_left: str
    under_a_minute_left: str
    warning: str
    wrong: str
    checks_left: str  # {checks}
    latest_counts: str
    expired: str
    canceled: str
    begin_again: str
    change: str
    call_again: str
    text_again: str
    text_instead: str
    call_instead: str
    wait_seconds: str  # {seconds}
    wait_minutes: str  # {minutes}
    refresh: str
    welcome: str  # {username}
    welcome_next: str
    welcome_onward: str  # the link to where the operator wants people to go on
    welcome_close: str  # instead of it, where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressWords:
    """How a call or a text is going. `calling` and `texting` may be said while nothing is known yet."""

    calling: str  # {number}
    texting: str  # {number}
    calling_if_known: str  # the same for every user name, known or not
    texting_if_known: str
    call_queued: str
    call_ringing: str
    call_answered: str
    call_reading: str
    call_heard: str
    call_completed: str
    call_busy: str
    call_no_answer: str
    call_failed: str
    call_machine: str
    text_queued: str
    text_sent: str
    text_delivered: str
    text_undelivered: str
    text_landline: str
    text_blocked: str
    text_unknown: str
    text_sender: str
    maybe_ringing: str
    not_reached: str
    try_text: str
    try_call: str
    opted_out: str  # {sender}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorWords:
    """What was wrong with a form, or with us."""

    heading: str
    username_missing: str
    username_too_long: str  # {limit}
    username_characters: str
    phone_missing: str
    phone_invalid: str
    phone_country: str
    channel_missing: str
    code_missing: str
    code_characters: str
    code_length: str  # {length}
    form_expired: str
    too_many: str
    not_found: str
    went_wrong: str  # {error_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """What is written on the page."""

    form: FormWords
    code: CodeWords
    progress: ProgressWords
    errors: ErrorWords
