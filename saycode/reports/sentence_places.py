"""Where each sentence of a language is heard or seen, and how long it may be.

A row is the name of the sentence, its limit and its place. Limits: seconds of speech (`7 s`), segments of a text
(`1`: one everywhere; `1-2`: one in GSM-7, two in UCS-2), characters on the page (`40`; a wide one counts as two). A
limit is for the sentence with the sample values of `language_check`. docs/languages.md shows this table.
"""

from dataclasses import dataclass

_ROWS = """
call.announcement | 9 s | first of the call: who and why; phones that screen calls show it
call.announcement_again | 7 s | before each further try, for a person who heard nothing yet
call.press_keys | 7 s | the keys that open the call; the first key pressed ends the sentence
call.press_again | 5 s | the same after `announcement_again`
call.press_any_key | 7 s | in the place of `press_keys` when any key opens the call
call.wrong_keys | 4 s | before `announcement_again`, when other keys were pressed
call.did_not_ask | 7 s | before the code: the zeros that report the call
call.tell_no_one | 6 s | after the code
call.payment | 7 s | right before the code of a payment
call.code | 7 s | the code, digit by digit; the sentence ends with it
call.once_more | 6 s | the code again, and the keys again
call.reference | 7 s | after the apology: the first half of a reference; the other half follows, and both once more
call.slowly | 3 s | key 2: before a slow reading
call.character | 4 s | one digit at a time: which one; the digit follows as a sentence of its own
call.next_character | 6 s | after a digit, until a key is pressed
call.last_character | 3 s | after the last digit
call.enter_on_screen | 4 s | when the code was typed on the phone while it was read
call.menu.again | 6 s | menu, key 1
call.menu.slower | 6 s | menu, key 2
call.menu.one_at_a_time | 6 s | menu, key 3, in the place of key 2 once that was used
call.menu.text | 7 s | menu, key 4
call.menu.report | 6 s | menu, key 0
call.menu.never | 8 s | key 9, said after key 0
call.text_refused | 8 s | key 4, when no text can be sent
call.confirm_report | 8 s | after key 0: only the star key reports
call.confirm_never | 10 s | after key 9: only the star key stops calls and texts
call.confirm_allow | 11 s | the call back to a number that gets no calls: the star key allows them
call.typed_announcement | 9 s | first of a call in which the person types what the page shows
call.press_keys_first | 7 s | the keys before that, and in the call about permission
call.type_code | 6 s | asks for the code of the page
call.type_incomplete | 9 s | too few digits were typed
call.type_wrong | 9 s | another code was typed
call.did_not_ask_star | 7 s | after each of the three: the star key reports
call.greeting | 12 s | first of a call to us
call.greeting_call_back | 8 s | a call to us, key 1
call.greeting_permission | 8 s | a call to us, key 9
call.permission_announcement | 10 s | first of the call back about permission
call.endings.goodbye | 5 s | last of a call
call.endings.nothing_pressed | 6 s | last of a call: no key
call.endings.wrong_keys | 8 s | last of a call: wrong keys
call.endings.no_longer_needed | 10 s | the whole call when the code is no longer needed, so it says who called
call.endings.reported | 11 s | last of a call: reported
call.endings.suppressed | 19 s | last of a call: no more calls and texts, and the way back
call.endings.lifted | 11 s | last of a call: allowed again
call.endings.text_sent | 7 s | last of a call: key 4
call.endings.machine | 9 s | said to a machine; a voicemail may record it
call.endings.sorry | 13 s | an error of ours, perhaps the whole call; `goodbye` follows
call.endings.typed_approved | 11 s | last of a call: the typed code is right
call.endings.typed_wrong | 12 s | last of a call: the typed code is wrong and void
call.endings.call_back | 10 s | last of a call to us, key 1; the same whether a code is waiting or not
call.endings.call_back_permission | 9 s | last of a call to us, key 9; the same for every number
text.code | 1 | the text of a sign-in
text.code_under_a_minute | 1 | the same in the last minute
text.code_for | 1-2 | the text of any other action
text.code_for_under_a_minute | 1-2 | the same in the last minute
text.payment | 1-2 | in the place of a purpose in the two above
text.help | 1-2 | the answer to HELP
text.stopped | 1-2 | the answer to STOP
text.started | 1-2 | the answer to START
text.call_back | 1-2 | the answer to CALL; the same whether a code is waiting or not
text.reported | 1-2 | the answer to REPORT; the same whether a code was waiting or not
text.number_changed | 1-2 | to the earlier numbers of an account; also said in a call
text.other | 1-2 | the answer to any other text
page.form.title | 45 | title and heading of the form
page.form.skip | 40 | link for keyboards and screen readers
page.form.username_label | 30 | label
page.form.phone_label | 30 | label
page.form.phone_hint | 70 | under the label
page.form.number_ending | 45 | accounts: a number to choose
page.form.channel_label | 50 | legend of the choice
page.form.channel_call | 30 | first choice
page.form.channel_sms | 30 | second choice
page.form.channel_whatsapp | 30 | third choice, where WhatsApp is set up
page.form.typed_choice | 70 | last choice: the code is shown, and typed on the phone
page.form.language_label | 20 | label
page.form.submit | 30 | button
page.form.cancel | 20 | link back to the application that asks for the proof
page.code.heading_call | 30 | heading: a call begins or rings
page.code.heading_text | 35 | heading: a text was sent
page.code.heading_code | 50 | heading: the code is to be entered
page.code.heading_failed | 45 | heading: the call or text brought no code
page.code.label | 30 | label of the code field
page.code.hint | 60 | under the label
page.code.submit | 30 | button
page.code.typed_label | 55 | heading over a code that is to be typed on the phone
page.code.typed_hint | 100 | under it
page.code.works_until | 50 | under the code field, where the browser tells the time
page.code.minutes_left | 60 | under the code field, two minutes or more
page.code.one_minute_left | 60 | the same
page.code.under_a_minute_left | 65 | the same
page.code.warning | 90 | in the last minute
page.code.wrong | 35 | heading: the last try was wrong
page.code.wrong_next | 90 | under it
page.code.checks_left | 60 | error: wrong, with tries left
page.code.tries_left | 40 | afterwards, behind the hint
page.code.latest_counts | 50 | under `canceled`
page.code.expired | 40 | heading
page.code.canceled | 45 | heading
page.code.begin_again | 35 | button
page.code.change | 40 | link back to the form
page.code.change_number | 15 | the same, beside the number
page.code.change_username | 50 | accounts: link back to the form
page.code.no_code | 40 | opens the other ways to get the code
page.code.have_code | 25 | opens the code field after a failure
page.code.call_again | 35 | button
page.code.text_again | 45 | button
page.code.text_instead | 45 | button
page.code.call_instead | 45 | button
page.code.whatsapp_again | 45 | button
page.code.whatsapp_instead | 45 | button
page.code.resend_seconds | 75 | above the buttons that wait
page.code.resend_minutes | 75 | the same
page.code.wait_seconds | 75 | why the code is not checked, or the form not taken
page.code.wait_minutes | 75 | the same
page.code.refresh | 35 | link without JavaScript
page.code.reference | 45 | small, at the end: what to tell a help desk
page.code.welcome | 45 | heading after the right code
page.code.welcome_next | 50 | under it
page.code.welcome_onward | 20 | link to the operator's page
page.code.welcome_close | 45 | where the operator has no such page
page.code.another | 40 | link to a new form
page.progress.calling_if_known | 120 | accounts: the same whether the user name exists or not
page.progress.texting_if_known | 120 | the same
page.progress.whatsapp_if_known | 140 | the same
page.progress.call_queued | 50 | status
page.progress.call_ringing | 40 | status
page.progress.call_answered | 85 | status
page.progress.call_answered_typed | 125 | the same, where the code is typed on the phone
page.progress.call_reading | 40 | status
page.progress.call_heard | 70 | status
page.progress.call_completed | 40 | status
page.progress.call_busy | 40 | status
page.progress.call_no_answer | 45 | status
page.progress.call_failed | 50 | status
page.progress.call_machine | 110 | status
page.progress.call_no_keys | 130 | status: answered, and over before the code
page.progress.call_wrong_keys | 110 | the same
page.progress.call_not_typed | 100 | the same, where the code is typed on the phone
page.progress.text_queued | 50 | status
page.progress.text_sent | 45 | status
page.progress.text_delivered | 45 | status
page.progress.text_undelivered | 55 | status
page.progress.text_landline | 65 | status
page.progress.whatsapp_queued | 55 | status
page.progress.whatsapp_sent | 50 | status
page.progress.whatsapp_delivered | 50 | status, also once it was read
page.progress.whatsapp_undelivered | 60 | status
page.progress.maybe_ringing | 95 | status: Twilio's answer is not clear
page.progress.not_reached | 70 | heading
page.progress.try_text | 65 | after a call or WhatsApp message that failed
page.progress.try_call | 65 | after a message that failed
page.progress.try_whatsapp | 65 | after a call or text that failed
page.progress.opted_out | 260 | the number wants no calls and texts, and how it gets them again
page.errors.title | 20 | title of the page when it reports errors
page.errors.heading | 45 | over the errors of a form
page.errors.username_missing | 60 | error
page.errors.username_too_long | 70 | error
page.errors.username_characters | 85 | error
page.errors.phone_missing | 60 | error
page.errors.phone_invalid | 100 | error
page.errors.phone_country | 65 | error, when many countries are allowed
page.errors.phone_countries | 90 | error, when few are
page.errors.phone_kind | 65 | error
page.errors.channel_missing | 65 | error
page.errors.code_missing | 45 | error
page.errors.code_characters | 50 | error
page.errors.code_length | 75 | error
page.errors.form_expired | 95 | error
page.errors.too_many | 80 | error
page.errors.not_found | 40 | title and heading
page.errors.start_again | 30 | link to the form
page.errors.went_wrong | 100 | error of ours
page.outcome.reported_heading | 45 | heading: the person on the phone said that they had not asked
page.outcome.reported | 210 | under it
page.outcome.suppressed_heading | 50 | heading: the number wants no calls and texts
"""


@dataclass(frozen=True, slots=True)
class Place:
    """`seconds`, `segments` (in GSM-7, in UCS-2) or `characters`: one of them is the limit of the sentence."""

    where: str
    limit: str
    seconds: float = 0
    segments: tuple[int, int] = (0, 0)
    characters: int = 0


def _place(limit: str, where: str, name: str) -> Place:
    if limit.endswith(" s"):
        return Place(where, f"{limit} of speech", seconds=float(limit.removesuffix(" s")))
    if name.startswith("text."):
        in_gsm, _, in_ucs = limit.partition("-")
        words = "1 segment" if not in_ucs else f"1 segment, or {in_ucs} in UCS-2"
        return Place(where, words, segments=(int(in_gsm), int(in_ucs or in_gsm)))
    return Place(where, f"{limit} characters", characters=int(limit))


PLACES: dict[str, Place] = {
    name: _place(limit, where, name) for name, limit, where in (row.split(" | ") for row in _ROWS.strip().splitlines())
}
