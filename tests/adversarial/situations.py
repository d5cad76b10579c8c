"""Attacks by number: the protection against each, and its tests.

`python -m tests.adversarial` writes the tables of docs/security.md from here; a test compares the two, and checks that
each test exists. `mutants` shows for many of them that the test fails when the protection is removed.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One case. `tests` are `folder/file::function` below tests/, without the ending."""

    number: str
    title: str
    holds: str
    tests: tuple[str, ...]


SECTIONS = {
    "1": "The code and what it is bound to",
    "2": "Guessing, limits and lockouts",
    "3": "The phone call",
    "4": "Texts and inbound messages",
    "5": "Webhooks from Twilio",
    "6": "Pages and API",
    "7": "Numbers, names, languages, bytes",
    "8": "Records and keys",
    "10": "OpenID Connect and test numbers",
    "11": "Hooks",
    "12": "The console",
}
#: How many cases each section has.
COUNTS = {"1": 10, "2": 10, "3": 17, "4": 9, "5": 9, "6": 17, "7": 4, "8": 2, "10": 16, "11": 8, "12": 5}

ENTRIES = (
    Entry(
        "1.1",
        "Even, unguessable codes",
        "derived without bias from HMAC-SHA-256 over a random seed of 16 bytes; lint refuses `random` outside"
        " the tests",
        (
            "verification/values/test_codes::test_codes_are_uniform",
            "verification/values/test_codes::test_the_last_digits_are_uniform_too",
            "test_architecture::test_lint_refuses_chance_that_can_be_guessed_outside_the_tests",
        ),
    ),
    Entry(
        "1.2",
        "Leading zeros survive",
        "a code is a string everywhere",
        (
            "verification/test_verifier::test_leading_zeros_live_from_the_drawing_to_the_call_the_text_and_the_check",
            "verification/values/test_codes::test_codes_are_equal_as_text_not_as_numbers",
            "verification/values/test_codes::test_a_code_has_all_its_digits_also_the_leading_zeros",
        ),
    ),
    Entry(
        "1.3",
        "Expiry is exact and server-side",
        "the deadline is written at the start and compared in the transaction of the check; 600 seconds at most",
        (
            "verification/flow/test_check::test_the_life_of_a_code_ends_at_its_deadline",
            "verification/test_policy::test_the_bounds_are_allowed_and_one_beyond_is_not",
            "saycode/cli/test_main::test_a_setting_out_of_bounds_stops_the_start_and_is_named",
        ),
    ),
    Entry(
        "1.4",
        "One code per verification, one live verification",
        "every delivery has the same code from the same seed; a start ends the older verification of the same"
        " account and action (in accounts mode: of the same browser, too)",
        (
            "verification/test_verifier::test_again_and_by_another_channel_it_is_the_same_code_until_the_same_deadline",
            "verification/test_verifier::test_the_code_of_an_older_verification_is_a_wrong_code_for_the_newer",
            "verification/flow/test_start::test_a_newer_verification_ends_the_older_with_its_seed_and_its_calls",
        ),
    ),
    Entry(
        "1.5",
        "Single use",
        "the approval deletes the seed in the same transaction",
        (
            "verification/flow/test_check::test_the_right_code_approves_once_and_takes_the_seed",
            "verification/test_verifier_checks::test_thirty_right_checks_on_two_workers_approve_once",
            "end_to_end/test_api_clients::test_of_many_right_checks_at_once_exactly_one_is_valid_on_four_workers",
        ),
    ),
    Entry(
        "1.6",
        "Payment details are inside the code",
        "amount, currency and payee are in the HMAC; call and text say them first; the check must present them",
        (
            "verification/flow/test_code_binding::test_amount_currency_and_payee_are_inside_the_code",
            "verification/flow/test_code_binding::test_a_changed_payment_is_refused_and_the_code_is_dead_from_then_on",
            "verification/flow/test_code_binding::test_a_changed_payment_looks_the_same_with_the_right_code_and_with_a_wrong_one",
        ),
    ),
    Entry(
        "1.7",
        "One open verification per action",
        "a newer start ends the open verification of the same account and action",
        (
            "verification/test_verifier::test_a_newer_start_from_another_browser_ends_the_older_its_call_and_its_code",
            "webhooks/page/test_session::test_another_browser_with_the_same_details_ends_the_older",
        ),
    ),
    Entry(
        "1.8",
        "Canceled codes do not work",
        "the seed is deleted, and a live call is hung up after the commit",
        (
            "verification/flow/test_start::test_a_cancelled_verification_is_dead_and_its_calls_are_to_be_hung_up",
            "verification/test_verifier_checks::test_cancel_kills_the_code_and_the_call",
            "verification/flow/test_delivery::test_no_answer_changes_a_final_status",
        ),
    ),
    Entry(
        "1.9",
        "A code of one thing presented for another",
        "whatever a request gives has to fit, also beside a sid; a check has to give the action and the payment that"
        " its code is for",
        (
            "webhooks/api/test_binding::test_the_sid_of_a_sign_in_approves_nothing_else",
            "webhooks/api/test_binding::test_what_does_not_fit_finds_ends_and_approves_nothing",
            "webhooks/api/test_binding::test_a_check_that_says_less_than_its_code_proves_is_refused_and_not_counted",
            "webhooks/api/test_binding::test_another_payment_ends_the_code_and_hangs_up_whatever_names_it",
        ),
    ),
    Entry(
        "1.10",
        "Codes of applications",
        "only where the operator allows them; kept under a one-time pad of drawn digits until the verification ends,"
        " and never compared here",
        (
            "webhooks/api/test_custom_codes::test_it_is_off_until_the_operator_enables_it_for_a_service",
            "webhooks/api/test_custom_codes::test_what_is_not_four_to_ten_digits_is_refused_and_not_repeated",
            "webhooks/api/test_custom_codes::test_a_check_is_refused_and_changes_nothing_whatever_the_code",
            "webhooks/api/test_custom_codes::test_another_code_takes_the_place_of_the_earlier_one",
            "webhooks/api/test_custom_codes::test_a_code_that_a_person_has_heard_is_not_counted_as_never_typed",
            "webhooks/api/test_custom_codes::test_no_row_no_event_no_answer_and_no_log_has_it",
            "webhooks/api/test_custom_codes::test_what_it_can_be_computed_from_goes_when_the_verification_ends",
            "verification/values/test_codes::test_every_code_can_be_behind_a_sealed_one",
        ),
    ),
    Entry(
        "2.1",
        "The limit of checks is exact",
        "counted and compared in one transaction; the last wrong code ends the verification",
        (
            "verification/flow/test_check::test_the_limit_of_checks_is_the_limit",
            "verification/test_verifier_checks::test_two_hundred_wrong_checks_at_once_compare_exactly_the_limit",
            "webhooks/page/test_code_entry::test_a_wrong_code_ends_it_and_the_right_one_comes_too_late",
        ),
    ),
    Entry(
        "2.2",
        "A new code does not reset the count",
        "failures in a row count on account, number and source, across codes and browsers; only an approval "
        "or the operator ends the row",
        (
            "verification/flow/test_lockout::test_a_new_code_does_not_reset_the_failures",
            "verification/flow/test_lockout::test_pauses_begin_at_ten_double_to_an_hour_and_end_in_a_stop",
        ),
    ),
    Entry(
        "2.3",
        "A failed request still counts",
        "the result is reported after the commit that counted it",
        ("verification/test_verifier_checks::test_a_check_that_fails_after_it_was_compared_has_counted",),
    ),
    Entry(
        "2.4",
        "The end of a pause allows one check",
        "pauses double to an hour, then comes a lockout; never more than a hundred guesses",
        (
            "verification/flow/test_lockout::test_guessing_at_every_allowed_time_ends_at_the_stop",
            "verification/flow/test_lockout::test_no_policy_goes_beyond_a_hundred_guesses",
        ),
    ),
    Entry(
        "2.5",
        "Guessing spread over many accounts",
        "failures count on the source too; an alarm counts the wrong codes of the service, alerts the "
        "operator once, and starts pauses sooner for every account",
        (
            "adversarial/test_distributed_guessing::test_guesses_over_many_accounts_raise_one_alarm_and_let_every_account_wait_sooner",
            "adversarial/test_distributed_guessing::test_people_who_mistype_now_and_then_raise_none",
            "verification/flow/test_lockout::test_a_failure_counts_on_the_account_the_number_and_the_source",
        ),
    ),
    Entry(
        "2.6",
        "An attacker does not lock out the victim",
        "the public sees the limits of its own source only; a browser that was verified for the number keeps "
        "a small allowance; an approval ends the row",
        (
            "verification/flow/test_trusted_browsers::test_the_victim_still_gets_a_code_and_verifies",
            "verification/flow/test_trusted_browsers::test_the_allowance_of_a_trusted_browser_is_small",
            "webhooks/page/test_accounts_mode::test_only_the_limit_of_the_source_is_shown",
            "verification/flow/test_lockout::test_a_success_ends_the_row",
        ),
    ),
    Entry(
        "2.7",
        "IPv6 by prefix",
        "a /64 is one source",
        (
            "webhooks/test_client_ip::test_a_hundred_addresses_of_one_line_are_one_source",
            "end_to_end/test_proxies::test_a_hundred_addresses_of_one_line_behind_a_trusted_proxy_are_one_source",
            "webhooks/test_client_ip::test_only_trusted_proxies_are_believed_and_a_line_is_one_source",
        ),
    ),
    Entry(
        "2.8",
        "Timing reveals nothing",
        "every check derives, compares and waits for a commit; a failure is answered at the next full step of time",
        (
            "webhooks/test_timing::test_every_check_draws_a_code_to_compare_with",
            "webhooks/test_timing::test_every_check_waits_for_a_commit",
            "webhooks/test_timing::test_a_failure_is_answered_at_a_full_step",
        ),
    ),
    Entry(
        "2.9",
        "Waiting times are shown",
        "429 with `Retry-After`; the page counts down, and the button works when it says so",
        (
            "webhooks/page/test_resend::test_before_the_pause_is_over_the_page_says_how_long_it_lasts",
            "webhooks/page/test_resend::test_a_pause_of_checks_is_shown_in_words_and_the_button_stays",
            "end_to_end/test_page_browser::test_the_page_counts_down_and_the_button_works_when_it_says_so",
            "end_to_end/test_page_browser::test_the_page_counts_a_pause_of_checks_down_and_the_button_works_when_it_says_so",
            "end_to_end/test_whole_flow::test_a_number_is_not_called_without_end_and_the_page_says_how_long_to_wait",
        ),
    ),
    Entry(
        "2.10",
        "Refused requests fill no disk",
        "a refusal is decided on a read; one is recorded a minute for each source and reason, twenty a "
        "minute and two thousand a day of all; the rest are counted; starts in accounts mode have a "
        "ceiling that depends on no name",
        (
            "saycode/storage/test_refusals::test_three_thousand_refused_starts_grow_a_backup_by_less_than_100_kb",
            "saycode/storage/test_refusals::test_a_repeated_refusal_costs_no_commit_and_is_recorded_once_a_minute",
            "saycode/storage/test_refusals::test_another_source_and_another_reason_are_recorded_too_until_the_cap_of_all",
            "saycode/storage/test_refusals::test_refused_checks_write_once_a_minute_too",
            "saycode/storage/test_refusals::test_what_is_not_recorded_is_still_counted",
            "saycode/storage/test_refusals::test_in_accounts_mode_three_thousand_refused_starts_grow_a_backup_by_less_than_100_kb",
            "saycode/storage/test_refusals::test_silent_starts_have_a_ceiling_that_shows_no_name",
        ),
    ),
    Entry(
        "3.1",
        "Streams of tones are refused",
        "exactly the keys that the call asked for; a mailbox that sends tones guesses 0.4 % of calls, 0.8 % of days",
        (
            "verification/ivr/test_dialogue::test_anything_but_exactly_the_keys_is_refused_and_others_are_asked_for",
            "verification/ivr/test_gate::test_a_mailbox_with_tones_gets_the_code_in_at_most_one_of_200_calls",
            "verification/ivr/test_gate::test_over_a_day_of_ten_calls_it_gets_the_code_on_at_most_one_of_100_days",
            "end_to_end/calls/test_keypress_gate::test_a_longer_stream_of_tones_with_the_right_keys_in_it_is_refused",
        ),
    ),
    Entry(
        "3.2",
        "Purpose before digits",
        "the call says who is calling and why, then how to report it, then asks for the key press, then says the code",
        (
            "verification/ivr/test_dialogue::test_the_first_prompt_says_who_is_calling_and_no_code",
            "twiml/test_call::test_how_to_report_is_said_before_the_code",
            "end_to_end/calls/test_call_reach::test_the_first_digit_is_said_within_twenty_seconds_of_the_answer_in_every_language",
        ),
    ),
    Entry(
        "3.3",
        "Report key",
        "0, confirmed by the star key, ends the code, is recorded once, and pauses the number",
        (
            "verification/ivr/test_turn::test_a_confirmed_zero_cancels_the_verification_and_is_reported_once",
            "verification/ivr/test_dialogue::test_no_sequence_of_keys_without_the_confirmation_reports_or_stops_anything",
            "end_to_end/calls/test_call_records::test_a_report_ends_the_code_is_recorded_once_and_pauses_the_number",
            "verification/test_verifier_calls::test_after_zero_the_right_code_is_refused",
        ),
    ),
    Entry(
        "3.4",
        "No reports by outsiders",
        "only a signed webhook of the live call, about our own numbers, counts as a key press",
        (
            "webhooks/twilio/test_payloads::test_another_number_or_call_is_404_without_effect",
            "webhooks/test_signature::test_every_webhook_route_answers_403_without_a_signature_and_writes_nothing",
            "verification/ivr/test_turn::test_a_webhook_of_another_call_is_not_found",
        ),
    ),
    Entry(
        "3.5",
        "Stop key",
        "9, confirmed by the star key, suppresses the number; START, a call back or the operator lifts it",
        (
            "verification/ivr/test_turn::test_a_confirmed_nine_cancels_the_verification_and_suppresses_the_number",
            "verification/test_verifier_calls::test_an_inbound_call_alone_stops_nothing",
            "verification/test_verifier_calls::test_a_landline_finds_its_way_back_from_never_again_by_phone",
            "verification/test_verifier_calls::test_after_nine_nothing_reaches_the_number_until_its_holder_texts_start",
        ),
    ),
    Entry(
        "3.6",
        "No bombing",
        "one live call per number, spacing, and sends per number over all services and accounts",
        (
            "verification/counters/test_rules::test_two_hundred_starts_at_the_same_instant_are_counted_exactly",
            "end_to_end/test_whole_flow::test_two_hundred_starts_and_checks_at_once_over_two_workers_are_counted_exactly",
            "verification/flow/test_channel_switch::test_the_switch_is_one_of_five_deliveries_and_the_only_switch",
            "verification/flow/test_channel_switch::test_no_call_is_made_by_the_switch_while_another_one_is_up_for_the_number",
            "verification/flow/test_start::test_no_second_call_while_one_may_be_up",
            "saycode/storage/test_waves::test_starts_of_one_account_and_of_one_number_see_each_other",
            "verification/flow/test_start::test_each_repeat_has_to_wait_longer_than_the_one_before_on_either_channel",
        ),
    ),
    Entry(
        "3.7",
        "Spending has a ceiling",
        "sends, minutes and money per day, per service, country and prefix and in all, in the transaction that sends",
        (
            "adversarial/test_line_types::test_the_other_countries_under_plus_one_are_not_the_united_states",
            "adversarial/test_line_types::test_nothing_about_such_a_number_reaches_twilio_or_the_table",
            "verification/counters/test_rules::test_each_scope_counts_its_own",
            "verification/flow/test_channel_switch::test_a_limit_that_is_spent_keeps_the_channel_from_being_switched",
            "verification/flow/test_channel_switch::test_the_switch_is_counted_as_a_send",
            "verification/counters/test_rules::test_the_next_send_is_allowed_to_the_second",
            "verification/flow/test_budgets::test_minutes_have_a_ceiling_and_unused_minutes_are_refunded",
            "verification/flow/test_budgets::test_money_has_a_ceiling_and_what_has_no_price_costs_none",
        ),
    ),
    Entry(
        "3.8",
        "Unconfirmed sends raise an alarm",
        "budgets of ended, unconfirmed codes per source, hundred, block and country; one source or service adds little"
        " to what others share; a simulation shows what passes; a number that Twilio refuses counts against its source",
        (
            "webhooks/api/test_twilio_refusals::test_a_refused_number_counts_against_its_source_and_against_no_other_limit",
            "verification/flow/test_budgets::test_unconfirmed_numbers_are_bounded",
            "verification/flow/test_budgets::test_a_code_in_progress_is_not_unconfirmed",
            "verification/flow/test_budgets::test_as_many_may_be_in_progress_as_may_be_unconfirmed",
            "verification/flow/test_budgets::test_half_of_those_who_confirm_are_enough_for_ever",
            "verification/flow/test_budgets::test_one_source_adds_three_numbers_to_what_others_share",
            "verification/flow/test_budgets::test_one_service_closes_its_own_budget_and_not_that_of_others",
            "verification/flow/test_budgets::test_strangers_wait_then_only_good_standing_passes_then_none_does",
            "verification/flow/test_budgets::test_what_twilio_refuses_is_the_sources_to_pay_and_ends",
            "verification/flow/test_channel_switch::test_a_budget_of_unconfirmed_sends_that_others_have_spent_holds_for_the_switch",
            "simulation/test_limits::test_honest_traffic_is_refused_less_than_once_in_a_thousand",
            "simulation/test_limits::test_pumping_stops",
        ),
    ),
    Entry(
        "3.9",
        "Calls end by themselves",
        "25 s of ringing, 300 s in all; every path of the dialogue ends in a hang-up",
        (
            "end_to_end/calls/test_call_reach::test_ringing_and_the_call_have_time_limits",
            "end_to_end/calls/test_every_key::test_every_path_ends_in_a_hang_up",
            "verification/ivr/test_dialogue::test_every_path_ends_when_nothing_more_is_pressed",
        ),
    ),
    Entry(
        "3.10",
        "Busy, no answer, failed, canceled",
        "the page says so as it happens and offers the next step; the code stays valid until its deadline",
        (
            "webhooks/twilio/test_statuses::test_the_page_tells_how_the_call_is_going",
            "webhooks/page/test_live::test_a_call_is_shown_step_by_step",
            "webhooks/page/test_view::test_the_most_promising_step_comes_first_and_none_is_offered_that_would_do_nothing",
        ),
    ),
    Entry(
        "3.11",
        "Nothing about a call can be cached",
        "POST only, `Cache-Control: no-store`; nothing with digits is a file",
        (
            "webhooks/test_routes::test_twilio_comes_by_post_only",
            "adversarial/test_crawl::test_headers_guard_every_answer_that_a_crawl_finds",
        ),
    ),
    Entry(
        "3.12",
        "Risk signals, if switched on",
        "a look-up before the send; a pure rule, an answer per signal, one for Lookup being down",
        (
            "verification/flow/test_lookup::test_every_finding_has_the_action_that_the_operator_chose",
            "verification/flow/test_lookup::test_a_refused_number_is_never_sent_to_and_an_event_says_why",
            "verification/flow/test_lookup::test_a_failed_look_up_is_a_finding_and_is_not_cached",
            "verification/flow/test_lookup::test_when_lookup_is_down_the_operator_has_said_what_follows",
        ),
    ),
    Entry(
        "3.13",
        "People who cannot use voice",
        "the form offers both channels before the first call, and every later state offers the other one",
        (
            "webhooks/page/test_handlers::test_the_form_is_announced_with_labels_and_filled_by_browsers",
            "webhooks/page/test_view::test_the_most_promising_step_comes_first_and_none_is_offered_that_would_do_nothing",
        ),
    ),
    Entry(
        "3.14",
        "Kinds of numbers",
        "premium, toll-free, personal and similar numbers are never called or texted; the error names the kind",
        (
            "verification/values/test_phone_numbers::test_a_refused_kind_is_named",
            "webhooks/api/test_verifications::test_a_refused_kind_of_number_is_named",
            "adversarial/test_line_types::test_no_country_has_such_lines_called",
        ),
    ),
    Entry(
        "3.15",
        "A stranger's phone",
        "what can be read as two numbers, or has a letter or a decimal point in it, is refused",
        (
            "verification/values/test_phone_numbers::test_what_may_be_another_number_is_refused",
            "verification/values/test_phone_numbers::test_letters_are_not_taken_for_the_keys_they_share",
            "saycode/cli/test_accounts::test_an_invalid_row_is_named_with_its_line_and_stops_the_import",
        ),
    ),
    Entry(
        "3.16",
        "One phone in two forms",
        "all forms of a number are one line for STOP, limits, accounts and webhooks",
        (
            "webhooks/twilio/test_answers::test_stop_start_and_call_are_about_the_phone_in_any_form",
            "webhooks/twilio/test_answers::test_limits_count_the_phone_in_any_form",
            "webhooks/api/test_verifications::test_a_phone_is_checked_and_found_in_any_form",
            "verification/test_accounts::test_an_account_has_the_phone_in_any_form",
        ),
    ),
    Entry(
        "3.17",
        "Extensions",
        "no text goes to one; from the page it has six digits, no pause and no outside line",
        (
            "verification/values/test_phone_numbers::test_the_public_cannot_dial_out_of_a_switchboard",
            "webhooks/page/test_handlers::test_errors_are_beside_their_fields_and_values_are_kept",
            "webhooks/api/test_verifications::test_no_text_goes_to_an_extension",
            "verification/test_dispatcher::test_no_text_goes_to_an_extension_whatever_planned_it",
        ),
    ),
    Entry(
        "4.1",
        "One GSM-7 segment",
        "brand and sentence are spelled in GSM-7; a text that does not fit into one segment is not built",
        (
            "twiml/test_text::test_a_text_is_one_segment_in_every_language",
            "twiml/test_text::test_a_brand_never_costs_a_second_segment",
            "twiml/test_text::test_a_brand_cannot_forge_the_last_line",
        ),
    ),
    Entry(
        "4.2",
        "Stop words",
        "any spelling and wording of stop suppresses at once; one answer at most, none where Twilio answers",
        (
            "webhooks/twilio/test_messaging::test_words_that_twilio_acts_on_suppress_and_are_answered_by_twilio",
            "webhooks/twilio/test_messaging::test_other_wishes_to_stop_suppress_and_are_confirmed_once",
            "verification/flow/test_inbound::test_a_report_kills_the_newest_code_once_ends_its_call_and_pauses_the_number",
        ),
    ),
    Entry(
        "4.3",
        "A suppressed number gets nothing",
        "looked up in the transaction of the start; Twilio's 21610 suppresses too",
        (
            "webhooks/twilio/test_messaging::test_a_stop_asks_nothing_of_twilio_by_either_channel",
            "verification/test_verifier::test_a_number_that_opted_out_at_the_provider_is_not_tried_again",
            "verification/flow/test_start::test_nothing_is_sent_to_a_suppressed_number_or_for_no_verification",
        ),
    ),
    Entry(
        "4.4",
        "Strange texts",
        "fields are bounded and decoded once; a body is read for its keyword and not stored",
        (
            "webhooks/twilio/test_messaging::test_any_other_text_is_answered_with_what_this_number_is",
            "webhooks/test_routes::test_odd_values_never_break_a_webhook",
            "webhooks/twilio/test_messaging::test_texts_and_numbers_stay_out_of_the_logs",
        ),
    ),
    Entry(
        "4.5",
        "Forged STOP",
        "obeyed; the page says how START lifts it, and the history records it",
        ("webhooks/twilio/test_messaging::test_a_forged_stop_is_obeyed_shown_on_the_page_and_lifted_by_start",),
    ),
    Entry(
        "4.6",
        "Undelivered texts",
        "the page says that the text did not arrive, offers a call, and tells nothing about the kind of line",
        (
            "webhooks/page/test_view::test_the_page_says_the_same_whatever_twilio_says_about_the_line",
            "webhooks/twilio/test_statuses::test_the_code_of_an_error_is_kept_when_it_is_one",
        ),
    ),
    Entry(
        "4.7",
        "Loops with machines",
        "one answer to a number in a day, five with HELP and START, none to the suppressed or to what is never texted",
        (
            "webhooks/twilio/test_answers::test_an_autoresponder_gets_one_answer_in_a_day",
            "webhooks/twilio/test_answers::test_a_suppressed_number_gets_no_answer_but_that_to_start",
            "webhooks/twilio/test_answers::test_a_number_that_we_would_not_text_gets_no_answer",
            "webhooks/twilio/test_answers::test_answers_and_codes_share_the_ceilings",
            "webhooks/twilio/test_answers::test_no_conversation_goes_beyond_five_answers_and_one_passive_one",
        ),
    ),
    Entry(
        "4.8",
        "Old texts again",
        "a text or call to us is remembered by its sid for 31 days: its repetition changes nothing",
        (
            "webhooks/twilio/test_answers::test_an_old_stop_that_is_repeated_after_a_start_changes_nothing",
            "webhooks/twilio/test_answers::test_an_old_start_that_is_repeated_after_a_stop_changes_nothing",
            "webhooks/twilio/test_answers::test_a_repeated_key_in_a_call_to_us_is_called_back_once",
            "webhooks/twilio/test_answers::test_repetitions_leave_the_number_as_the_newest_text_did",
        ),
    ),
    Entry(
        "4.9",
        "Twilio's own opt-out",
        "OptOutType decides over the words, and Twilio has answered",
        (
            "webhooks/twilio/test_answers::test_what_twilio_has_stopped_is_suppressed_and_not_answered_again",
            "webhooks/twilio/test_answers::test_what_twilio_has_lifted_is_lifted_and_not_answered_again",
            "webhooks/twilio/test_answers::test_what_twilio_has_helped_with_changes_nothing",
        ),
    ),
    Entry(
        "5.1",
        "Missing callbacks",
        "Twilio is asked after a while, less and less often; a delivery that Twilio cannot explain becomes unknown",
        (
            "verification/test_dispatcher::test_reconciling_asks_about_a_quiet_call_once_a_minute",
            "verification/test_dispatcher::test_a_call_without_a_record_at_twilio_becomes_unknown_and_allows_a_resend",
        ),
    ),
    Entry(
        "5.2",
        "Unknown or foreign sids",
        "account, call or text, both numbers and the delivery are compared with our own records; a re-split "
        "form is refused; a repeated webhook counts once",
        (
            "webhooks/test_routes::test_another_account_of_twilios_is_404_without_effect",
            "webhooks/test_routes::test_an_unknown_delivery_is_404_without_effect",
            "saycode/storage/test_store::test_a_name_that_no_row_can_have_finds_nothing_and_disturbs_no_other",
            "webhooks/twilio/test_payloads::test_another_number_or_call_is_404_without_effect",
            "webhooks/twilio/test_payloads::test_a_form_that_is_cut_anew_under_its_own_signature_has_no_effect",
            "verification/ivr/test_repeated_webhooks::test_every_webhook_that_comes_twice_is_answered_the_same_and_has_one_effect",
        ),
    ),
    Entry(
        "5.3",
        "Fast answers",
        "a webhook waits for the store only; Twilio is asked after the answer",
        ("adversarial/test_crawl::test_no_webhook_waits_for_twilio",),
    ),
    Entry(
        "5.4",
        "Errors in a call",
        "after any failure on our side the phone hears an apology, and the call ends",
        (
            "webhooks/twilio/test_voice::test_an_internal_error_ends_the_call_with_an_apology",
            "adversarial/test_crawl::test_a_failure_on_the_phone_is_an_apology_and_a_hang_up",
            "end_to_end/calls/test_late_webhooks::test_a_locked_database_is_an_apology_and_the_call_ends",
        ),
    ),
    Entry(
        "5.5",
        "Right method only",
        "405 with `Allow`",
        ("webhooks/test_routes::test_twilio_comes_by_post_only",),
    ),
    Entry(
        "5.6",
        "No start without secrets",
        "exit 2 and a line for each; an empty token makes no signature checker",
        (
            "saycode/cli/test_main::test_an_empty_setting_stops_the_start_and_is_named",
            "webhooks/test_signature::test_an_empty_token_makes_no_checker",
            "webhooks/test_signature::test_a_signature_under_the_empty_key_is_refused",
        ),
    ),
    Entry(
        "5.7",
        "Token rotation",
        "two tokens and any number of keys are valid at once; a code knows the key that made it",
        (
            "webhooks/test_signature::test_webhooks_of_the_old_token_are_accepted_during_a_rotation",
            "webhooks/test_signature::test_both_algorithms_are_accepted_during_a_move_and_each_only_as_the_header_names_it",
            "verification/flow/test_check::test_a_code_made_with_an_older_key_is_right_until_its_end",
            "verification/test_verifier_calls::test_a_key_that_is_rotated_in_the_middle_changes_nothing",
        ),
    ),
    Entry(
        "5.8",
        "A webhook that another company, or another key of ours, has signed",
        "each company has its header, its keys and its algorithms; one that has a signing key has no other key; of two "
        "accounts the one that is named has the keys",
        (
            "webhooks/twilio/test_dialects::test_the_signature_is_in_signalwires_header_and_no_other",
            "webhooks/twilio/test_dialects::test_no_second_header_names_another_algorithm",
            "saycode/config/test_carriers::test_the_signing_key_checks_webhooks_and_the_token_does_not",
            "webhooks/twilio/test_dialects::test_a_notice_with_another_brand_than_was_signed_is_refused",
            "webhooks/twilio/test_standby::test_a_webhook_is_checked_with_the_keys_of_the_account_that_it_names",
            "webhooks/twilio/test_standby::test_a_call_is_from_the_number_of_its_account",
            "saycode/server/test_standby::test_webhooks_of_each_account_are_signed_with_its_own_keys",
        ),
    ),
    Entry(
        "5.9",
        "An answer for another request",
        "a connection to Twilio carries one request at a time; what comes without a request, or after one given up, "
        "closes it, and no request is sent twice",
        (
            "saycode/twilio/test_http_client::test_an_answer_to_no_request_does_not_become_that_of_the_next",
            "saycode/twilio/test_http_client::test_after_a_request_that_was_canceled_its_connection_is_closed",
            "saycode/twilio/test_http_client::test_what_is_no_answer_fails_and_is_not_asked_again",
            "saycode/twilio/test_http_client::test_no_line_can_be_added_to_a_request",
        ),
    ),
    Entry(
        "6.1",
        "Codes travel only in POST bodies",
        "no route reads a code from an address; a POST is followed by a redirect to the page",
        (
            "adversarial/test_crawl::test_no_link_form_or_header_holds_a_code_in_any_state_of_the_page",
            "adversarial/test_crawl::test_a_code_in_an_address_has_no_effect_on_any_route",
            "webhooks/api/test_verifications::test_a_code_in_the_address_does_nothing",
        ),
    ),
    Entry(
        "6.2",
        "The browser does not carry the result",
        "the application asks for a signed receipt, which is redeemed once and by its own service only",
        (
            "verification/flow/test_code_binding::test_a_receipt_is_redeemed_once_on_two_workers",
            "verification/flow/test_code_binding::test_another_services_receipt_looks_like_one_that_does_not_exist",
        ),
    ),
    Entry(
        "6.3",
        "Page headers",
        "set around the whole application, failures included; pages have no inline script or style",
        (
            "adversarial/test_crawl::test_headers_guard_every_answer_that_a_crawl_finds",
            "adversarial/test_crawl::test_cookies_are_out_of_reach_wherever_they_are_given",
            "webhooks/test_routes::test_headers_guard_the_answer_to_a_failure_of_our_own",
            "webhooks/page/test_session::test_a_form_from_elsewhere_is_refused_and_changes_nothing",
        ),
    ),
    Entry(
        "6.4",
        "Signed events",
        "signed with time and id, the same id for a day of attempts, never to an address that is not public",
        (
            "saycode/events/test_sender::test_the_example_of_the_docs_verifies_a_message_and_refuses_a_changed_one",
            "saycode/events/test_outbox::test_a_receiver_that_fails_three_times_gets_the_same_id_four_times",
            "saycode/events/test_outbox::test_a_message_is_tried_for_a_day_and_then_dropped",
            "saycode/events/test_sender::test_no_message_goes_to_an_address_that_is_not_public",
        ),
    ),
    Entry(
        "6.5",
        "API keys",
        "digests only, looked up again after every commit, and on a server for every request; a key in an address does "
        "not authenticate",
        (
            "saycode/storage/test_postgresql_store::test_a_request_that_comes_after_a_revocation_does_not_get_what_was_read_before",
            "saycode/storage/test_services::test_a_revoked_key_finds_nothing_from_the_next_query_on",
            "webhooks/api/test_auth::test_every_route_requires_a_key_and_answers_the_same_without_one",
            "webhooks/api/test_auth::test_a_key_in_the_address_opens_nothing",
            "webhooks/api/test_auth::test_a_key_opens_until_it_is_revoked",
            "saycode/storage/test_services::test_a_secret_is_nowhere_in_the_file",
        ),
    ),
    Entry(
        "6.6",
        "Random ids",
        "128 random bits of the operating system",
        (
            "verification/test_verifier::test_every_sid_and_every_seed_is_new_and_sids_have_twilios_shape",
            "saycode/storage/test_services::test_ten_thousand_ids_have_nothing_in_common",
        ),
    ),
    Entry(
        "6.7",
        "Double click, reload, back button",
        "the same browser asking for the same thing gets the running verification",
        (
            "webhooks/page/test_session::test_a_double_click_on_the_form_rings_once",
            "verification/flow/test_start::test_the_same_request_of_the_same_browser_gets_the_pending_verification",
        ),
    ),
    Entry(
        "6.8",
        "Strict input",
        "addresses, headers, bodies, fields and names are bounded before they are parsed; one parser for all routes",
        (
            "webhooks/test_middleware::test_headers_may_be_so_many_and_so_large_and_no_more",
            "webhooks/test_middleware::test_a_head_without_an_end_is_cut_off",
            "webhooks/test_smuggling::test_a_hidden_request_is_never_answered_as_one",
            "end_to_end/deployment_rehearsal::test_no_request_passes_the_proxy_inside_of_another_one",
            "webhooks/test_requests::test_a_name_or_a_value_may_be_so_long_and_no_longer",
            "webhooks/test_routes::test_a_body_of_a_megabyte_is_413_and_no_server_error",
            "webhooks/api/test_auth::test_json_that_is_not_what_it_must_be_is_refused_in_one_shape",
        ),
    ),
    Entry(
        "6.9",
        "Stored text is shown as text",
        "the template escapes by itself; a value is never read as a template or a sentence",
        (
            "webhooks/page/test_rendering::test_a_hostile_user_name_is_shown_as_text",
            "twiml/test_words::test_placeholders_in_values_are_not_filled",
            "twiml/test_documents::test_documents_are_well_formed_and_hold_their_values_as_they_were",
            "end_to_end/calls/test_call_reach::test_text_from_outside_never_becomes_markup",
        ),
    ),
    Entry(
        "6.10",
        "Changing the phone number",
        "both numbers proven just before, a notice to the old one that is tried for a day until Twilio takes it,"
        " a cooldown of a day for risky actions, "
        "open codes ended",
        (
            "verification/test_accounts::test_a_number_is_changed_with_both_proofs_and_a_notice_to_the_old_one",
            "verification/test_accounts::test_a_number_is_not_changed_on_less_than_both_proofs",
            "verification/test_accounts::test_a_new_number_may_not_approve_risky_things_for_a_day",
            "verification/test_accounts::test_an_open_code_dies_with_the_number_it_was_sent_to",
            "verification/test_notices::test_a_notice_that_is_refused_for_now_is_tried_again_until_it_is_taken",
            "verification/test_notices::test_after_an_unclear_answer_it_is_sent_again_only_when_twilio_has_no_record_of_it",
            "verification/test_notices::test_a_crash_while_it_is_sent_does_not_send_it_twice",
        ),
    ),
    Entry(
        "6.11",
        "Accessible code page",
        "one labeled field, announced errors, time left in words, no scripts needed; axe-core finds nothing",
        (
            "end_to_end/test_page_states::test_every_state_of_the_page_is_accessible_in_light_and_dark",
            "end_to_end/test_page_browser::test_everything_works_by_keyboard_alone",
            "webhooks/page/test_handlers::test_the_code_field_takes_a_pasted_code_and_offers_the_one_from_the_text",
            "webhooks/page/test_code_entry::test_the_time_left_is_shown_in_words_with_a_warning_before_the_end",
        ),
    ),
    Entry(
        "6.12",
        "Errors reveal nothing",
        "one sentence and an id; the log has the details under it",
        (
            "adversarial/test_crawl::test_a_failure_on_any_route_shows_nothing_but_an_id",
            "webhooks/test_routes::test_an_error_id_leads_from_the_page_to_the_log",
        ),
    ),
    Entry(
        "6.13",
        "No hidden endpoints",
        "one table of routes; no API explorer, no debugging; CORS, without cookies, for what an application of"
        " OpenID Connect fetches",
        (
            "adversarial/test_crawl::test_only_the_methods_of_a_route_are_answered_and_no_other_site_is_allowed",
            "adversarial/test_crawl::test_what_is_not_there_is_404_with_every_method",
            "webhooks/test_routes::test_no_two_routes_share_a_name_or_a_path",
        ),
    ),
    Entry(
        "6.14",
        "Fields of any length",
        "every form takes every field of any length and content with 4xx at worst; the forms are fuzzed",
        (
            "webhooks/page/test_fuzzed_forms::test_no_field_of_any_length_is_a_failure_of_our_own",
            "webhooks/page/test_fuzzed_forms::test_a_position_that_is_none_is_400",
        ),
    ),
    Entry(
        "6.15",
        "The state of the service as an oracle",
        "the public health answer is `ok` or `failing`; parts and times, which tell that a phone rang, are for the"
        " operator's key and loopback",
        (
            "saycode/server/test_health::test_the_public_learns_whether_it_is_ready_and_nothing_else",
            "saycode/server/test_health::test_a_start_for_an_account_changes_nothing_in_the_public_answer",
            "saycode/server/test_health::test_loopback_sees_the_parts_unless_a_proxy_sent_the_request_on",
        ),
    ),
    Entry(
        "6.16",
        "A stranger who knows a user name",
        "in accounts mode each browser has a verification of its own: no start of a stranger ends the owner's, and no"
        " page of a stranger changes when the owner signs in",
        (
            "webhooks/page/test_strangers::test_a_start_of_a_stranger_leaves_the_persons_own_code_alone",
            "webhooks/page/test_strangers::test_a_start_of_a_stranger_does_not_cut_the_persons_call_short",
            "webhooks/page/test_strangers::test_a_strangers_page_does_not_change_when_the_person_signs_in",
            "webhooks/page/test_strangers::test_a_call_that_a_stranger_began_only_delays_the_persons_own",
            "webhooks/page/test_strangers::test_all_browsers_count_in_the_same_limits",
            "webhooks/page/test_strangers::test_wrong_codes_of_all_browsers_count_for_the_account",
        ),
    ),
    Entry(
        "6.17",
        "Alerts tell no secret",
        "the addresses of targets are in the settings only: the database has a keyed hash, the log a place and a "
        "scheme, and what Apprise writes is dropped; messages name limits, countries and services, never a person",
        (
            "saycode/alerts/test_job::test_no_part_of_an_address_is_logged",
            "saycode/alerts/test_job::test_an_address_is_nowhere_in_the_database",
            "saycode/alerts/test_job::test_a_limit_that_closes_is_told_in_words_without_the_number",
            "saycode/config/test_alert_urls::test_what_is_wrong_is_said_without_the_address",
            "saycode/cli/test_alerts::test_each_target_gets_one_message_and_what_happened_is_said",
        ),
    ),
    Entry(
        "7.1",
        "Misleading names",
        "brands, payees and services are names of one alphabet without numbers in a row, in letters either; a payee is"
        " no sentence, no link with a path, and texted in quotation marks; amounts are of ISO 4217; refused, never"
        " changed",
        (
            "verification/values/test_number_words::test_no_brand_says_a_code",
            "verification/values/test_number_words::test_more_than_two_numbers_in_a_row_are_noticed_in_letters_too",
            "verification/values/test_number_words::test_six_numbers_anywhere_are_noticed",
            "verification/values/test_payments::test_a_payee_is_not_a_sentence",
            "verification/values/test_payments::test_a_link_or_a_code_with_dots_and_slashes_is_no_payee",
            "twiml/test_text::test_a_text_has_the_payee_in_quotation_marks",
            "verification/values/test_payments::test_an_amount_that_is_not_clear_is_refused",
            "verification/values/test_spoken_names::test_a_brand_that_could_mislead_is_refused",
            "verification/values/test_payments::test_a_payee_that_could_mislead_is_refused_and_never_cut",
            "saycode/storage/test_services::test_a_name_that_could_mislead_makes_no_service",
            "end_to_end/calls/test_call_reach::test_an_undeclared_action_is_never_read_out",
        ),
    ),
    Entry(
        "7.2",
        "Look-alike names",
        "composed, folded and compared in one form; invisible letters and mixed alphabets are refused; so is a"
        " service's name with the skeleton (UTS 39) of another one's",
        (
            "verification/values/test_look_alikes::test_names_that_look_the_same_are_look_alikes_both_ways",
            "webhooks/api/test_names::test_a_name_that_looks_like_another_one_is_refused",
            "verification/values/test_usernames::test_characters_that_cannot_be_seen_are_refused",
            "verification/values/test_usernames::test_a_name_that_can_look_like_another_one_is_refused",
            "verification/values/test_usernames::test_spellings_that_look_alike_in_width_and_case_mean_one_account",
        ),
    ),
    Entry(
        "7.3",
        "Truncated text",
        "nothing is cut: text that is too long is refused where it is set, names and payees alike",
        (
            "verification/values/test_usernames::test_a_long_name_is_refused_not_cut",
            "verification/values/test_payments::test_a_payee_that_could_mislead_is_refused_and_never_cut",
            "twiml/test_text::test_a_text_is_one_segment_or_refused",
        ),
    ),
    Entry(
        "7.4",
        "Language choice",
        "a known list with a fallback; every language has every sentence and a voice",
        (
            "twiml/test_language_choice::test_a_malformed_tag_finds_no_language",
            "twiml/test_language_choice::test_a_huge_header_is_read_only_at_its_beginning",
            "twiml/test_words::test_a_sentence_has_the_placeholders_of_the_english_one",
            "end_to_end/calls/test_call_reach::test_an_unknown_language_falls_back_and_never_breaks_a_call",
        ),
    ),
    Entry(
        "8.1",
        "Laundering the audit log",
        "ends and links are verified before anything is added or pruned, and all of it a part at a time; a broken log"
        " goes on in a new segment whose first entry says so",
        (
            "saycode/storage/test_broken_audit_log::test_no_attack_is_sealed_or_removed_by_what_the_service_does_next",
            "saycode/storage/test_broken_audit_log::test_entries_whose_time_was_changed_are_not_pruned",
            "saycode/storage/test_broken_audit_log::test_the_break_stays_when_the_broken_segment_is_put_right_again",
            "saycode/maintenance/test_audit_check::test_a_change_anywhere_is_found_in_a_round_and_recorded_once_by_two_workers",
            "saycode/server/test_health::test_a_broken_audit_log_is_named_and_does_not_take_the_service_away",
        ),
    ),
    Entry(
        "8.2",
        "Keys after a theft",
        "a command renews the data key: everything is encrypted anew, with new keys for receipts and audit log; hashes"
        " stay, and deploy.md says what cannot be undone. The documented rotation fails no check",
        (
            "saycode/maintenance/test_renewal::test_everything_is_encrypted_anew_and_the_service_goes_on",
            "saycode/maintenance/test_renewal::test_a_thief_cannot_write_lines_that_verify",
            "saycode/maintenance/test_renewal::test_it_is_refused_while_the_service_runs",
            "saycode/maintenance/test_renewal::test_every_column_of_bytes_is_encrypted_anew_or_need_not_be",
            "verification/test_rotation::test_every_code_can_be_checked_by_every_worker_in_every_step",
        ),
    ),
    Entry(
        "10.1",
        "Code injection",
        "a code is bound to its application, its redirect URI and its PKCE verifier",
        (
            "webhooks/openid/test_attacks::test_a_code_of_another_login_is_refused",
            "webhooks/openid/test_attacks::test_a_code_of_another_application_is_refused",
            "webhooks/openid/test_attacks::test_a_code_is_refused_for_another_redirect_uri",
        ),
    ),
    Entry(
        "10.2",
        "Code reuse",
        "the store exchanges a code once, over all workers; shown again, it revokes its access token, and the"
        " audit log has a line",
        (
            "webhooks/openid/test_attacks::test_a_code_that_is_shown_again_revokes_its_token",
            "webhooks/openid/test_attacks::test_of_parallel_exchanges_one_succeeds_and_its_token_is_revoked",
            "webhooks/openid/test_attacks::test_codes_pushed_requests_and_tokens_expire",
            "end_to_end/test_openid_workers::test_what_works_once_works_once_over_all_workers",
        ),
    ),
    Entry(
        "10.3",
        "PKCE downgrade",
        "S256 is required of every application; a request without it gets no page, a code without its"
        " verifier no token",
        (
            "webhooks/openid/test_attacks::test_a_request_without_pkce_is_refused",
            "webhooks/openid/test_attacks::test_a_code_is_refused_without_its_verifier",
        ),
    ),
    Entry(
        "10.4",
        "Mix-up",
        "every answer names its issuer (RFC 9207), errors too",
        ("webhooks/openid/test_attacks::test_every_answer_names_its_issuer",),
    ),
    Entry(
        "10.5",
        "Open redirect",
        "redirect URIs are compared exactly, before any answer goes there; other errors stay on our page",
        (
            "webhooks/openid/test_attacks::test_no_answer_goes_to_an_address_that_is_not_registered",
            "webhooks/openid/test_attacks::test_an_unknown_or_removed_application_gets_no_answer",
        ),
    ),
    Entry(
        "10.6",
        "Replayed nonce",
        "an application gets one code for a nonce; a unique column decides between two at once",
        (
            "webhooks/openid/test_attacks::test_a_nonce_is_not_used_twice",
            "webhooks/openid/test_attacks::test_a_nonce_that_two_browsers_began_with_is_used_once",
        ),
    ),
    Entry(
        "10.7",
        "Foreign request_uri",
        "a pushed request serves its own application, once, for a minute, and cannot be changed in the"
        " address; nothing is fetched",
        (
            "webhooks/openid/test_attacks::test_a_pushed_request_serves_its_own_application_once",
            "webhooks/openid/test_attacks::test_a_pushed_request_cannot_be_changed_in_the_address",
            "webhooks/openid/test_attacks::test_an_application_pushes_as_itself_only",
            "webhooks/openid/test_attacks::test_other_request_objects_are_not_fetched",
        ),
    ),
    Entry(
        "10.8",
        "Claims set by a request",
        "claims come from the verification alone; no parameter is copied",
        (
            "webhooks/openid/test_attacks::test_no_parameter_sets_a_claim",
            "webhooks/openid/test_attacks::test_another_persons_proof_is_refused_where_one_is_asked_for",
            "webhooks/openid/test_demands::test_a_claim_that_cannot_be_read_is_refused_and_not_left_out",
            "webhooks/openid/test_demands::test_an_id_token_as_a_hint_asks_for_the_proof_of_its_person",
            "webhooks/openid/test_demands::test_a_hint_that_is_no_id_token_of_this_application_is_refused",
        ),
    ),
    Entry(
        "10.9",
        "Finished in another browser",
        "what was asked is found by a cookie of the browser that began and an id of its tab; of several answers to it,"
        " one can be exchanged",
        (
            "webhooks/openid/test_attacks::test_a_login_that_one_browser_began_is_not_finished_in_another",
            "webhooks/openid/test_attacks::test_of_parallel_finishes_each_gets_a_code_and_one_can_be_exchanged",
            "webhooks/openid/test_tabs::test_two_tabs_of_two_applications_each_lead_back_to_their_own",
            "webhooks/openid/test_tabs::test_another_browser_cannot_cancel",
            "webhooks/openid/test_tabs::test_an_id_that_is_none_of_ours_is_ignored_and_not_repeated",
        ),
    ),
    Entry(
        "10.10",
        "An old proof for a risky action",
        "a risky action or a payment needs a verification that began after the request, and it serves one request",
        (
            "webhooks/openid/test_attacks::test_a_proof_that_is_older_than_the_request_does_not_serve_a_risky_action",
            "webhooks/openid/test_attacks::test_a_risky_proof_serves_one_of_two_requests_of_one_browser",
        ),
    ),
    Entry(
        "10.11",
        "Guessed secrets of applications",
        "256 random bits, of which a digest is stored and compared in constant time",
        (
            "webhooks/openid/test_attacks::test_a_wrong_secret_is_refused",
            "webhooks/openid/test_attacks::test_basic_credentials_that_cannot_be_read_are_refused",
        ),
    ),
    Entry(
        "10.12",
        "Secrets in logs and database",
        "keyed digests of codes, tokens, cookies and request_uris; requests encrypted; what the library"
        " writes at DEBUG is kept out",
        (
            "webhooks/openid/test_attacks::test_no_secret_code_or_token_is_in_the_database_or_the_log",
            "webhooks/openid/test_attacks::test_a_number_that_an_application_named_is_erased_with_its_number",
        ),
    ),
    Entry(
        "10.13",
        "A flood of requests",
        "a request costs a row and no call; a bound for all and for each source, and rows go soon after they are"
        " answered, or expire",
        (
            "webhooks/openid/test_attacks::test_one_source_cannot_open_requests_without_end",
            "webhooks/openid/test_attacks::test_one_source_cannot_push_requests_of_a_public_application_without_end",
            "webhooks/openid/test_attacks::"
            "test_requests_are_removed_soon_after_their_answer_and_all_of_them_with_the_codes_after_a_day",
        ),
    ),
    Entry(
        "10.14",
        "Around a guarded path",
        "a proof is a signed ID token for this site, this action and a limited age, in a cookie of the guarded host;"
        " the way back is a path there; the proxies set what the site reads",
        (
            "webhooks/openid/test_guard::test_a_guarded_page_opens_after_a_proof_and_for_as_long_as_the_proxy_says",
            "webhooks/openid/test_guard::test_a_proof_of_another_action_does_not_open_it",
            "webhooks/openid/test_guard::test_a_proof_for_another_site_does_not_open_it",
            "webhooks/openid/test_guard::test_a_changed_proof_does_not_open_it",
            "webhooks/openid/test_guard::test_the_way_back_stays_at_the_guarded_host",
            "webhooks/openid/test_guard::test_a_login_that_another_browser_began_is_not_finished",
            "webhooks/openid/test_guard::test_a_login_that_a_sibling_host_has_written_is_not_finished",
        ),
    ),
    Entry(
        "10.15",
        "Fixed codes of test numbers",
        "for fictional numbers only unless the operator says `real`, until a day, never called or texted; log, doctor,"
        " API, receipts and ID tokens name them",
        (
            "saycode/config/test_fixed_codes::test_a_number_that_a_person_may_have_is_refused_without_the_operators_word",
            "saycode/twilio/test_unsent::test_nothing_is_sent_to_a_test_number",
            "saycode/server/test_fixed_codes::test_another_number_and_another_code_are_wrong",
            "saycode/server/test_fixed_codes::test_after_its_last_day_no_code_is_right",
            "saycode/server/test_fixed_codes::test_the_api_and_receipts_say_that_it_is_a_test",
        ),
    ),
    Entry(
        "10.16",
        "A login that outlives its account",
        "every code and token is for an account that is enrolled, with the number that was proven, under one spelling",
        (
            "webhooks/openid/test_accounts::test_a_login_ends_with_its_account_or_number",
            "webhooks/openid/test_accounts::test_the_subject_is_one_however_the_user_name_is_typed",
        ),
    ),
    Entry(
        "11.1",
        "Forged messages",
        "HMAC-SHA-256 over id, time and body, compared in constant time with the hook's own secrets",
        (
            "webhooks/hooks/test_attacks::test_a_wrong_secret_is_refused",
            "webhooks/hooks/test_attacks::test_a_body_that_differs_from_what_was_signed_is_refused",
            "webhooks/hooks/test_attacks::test_a_signature_counts_for_its_id_and_its_time_only",
            "webhooks/hooks/test_attacks::test_an_id_has_no_dot",
            "webhooks/hooks/test_attacks::test_the_example_of_the_convention_is_believed",
        ),
    ),
    Entry(
        "11.2",
        "Messages without a valid signature",
        "401 for headers that are missing, malformed or there twice",
        (
            "webhooks/hooks/test_attacks::test_a_header_that_is_missing_or_malformed_is_refused",
            "webhooks/hooks/test_attacks::test_a_header_that_is_there_twice_is_refused",
            "webhooks/hooks/test_attacks::test_a_long_list_of_signatures_is_not_read_to_its_end",
        ),
    ),
    Entry(
        "11.3",
        "Old messages",
        "five minutes, in both directions",
        (
            "webhooks/hooks/test_attacks::test_an_older_message_and_one_from_the_future_are_refused",
            "webhooks/hooks/test_attacks::test_a_message_may_be_five_minutes_old_or_ahead",
        ),
    ),
    Entry(
        "11.4",
        "Replays",
        "a `webhook-id` counts once, exactly over all workers: repeated, it gets the same answer and sends nothing;"
        " with another body it is refused",
        (
            "webhooks/hooks/test_attacks::test_a_replay_gets_the_same_answer_and_sends_nothing",
            "webhooks/hooks/test_attacks::test_a_replay_sends_nothing_after_the_code_was_used",
            "webhooks/hooks/test_attacks::test_of_many_replays_at_once_one_sends",
            "webhooks/hooks/test_attacks::test_an_id_does_not_count_for_another_message",
            "end_to_end/test_own_codes::test_a_message_that_comes_many_times_at_once_to_four_workers_is_sent_once",
        ),
    ),
    Entry(
        "11.5",
        "Another hook's secret, another service's key",
        "a hook has its own secrets; a key opens hooks without one, and of its own service only",
        (
            "webhooks/hooks/test_attacks::test_a_wrong_secret_is_refused",
            "webhooks/hooks/test_attacks::test_an_id_of_one_hook_says_nothing_at_another",
            "webhooks/hooks/test_hooks::test_a_hook_without_a_secret_needs_a_key_of_its_service",
            "webhooks/hooks/test_hooks::test_a_key_does_not_open_a_hook_with_a_secret",
        ),
    ),
    Entry(
        "11.6",
        "Codes and numbers that are none",
        "four to ten digits, a number that may be called, and nothing else of the message",
        (
            "webhooks/hooks/test_attacks::test_a_code_is_four_to_ten_digits",
            "webhooks/hooks/test_attacks::test_a_number_is_one_that_may_be_called",
            "webhooks/hooks/test_attacks::test_a_suppressed_number_stays_so",
            "webhooks/hooks/test_attacks::test_what_is_no_message_is_refused",
            "webhooks/hooks/test_attacks::test_what_a_message_says_beside_number_and_code_changes_nothing",
        ),
    ),
    Entry(
        "11.7",
        "A flood of messages",
        "the limits of the API, and its bounds on bodies",
        (
            "webhooks/hooks/test_attacks::test_a_flood_meets_the_limits_of_the_number",
            "webhooks/hooks/test_attacks::test_a_body_without_end_is_refused",
            "webhooks/hooks/test_attacks::test_an_address_counts_unless_it_is_a_proxys",
        ),
    ),
    Entry(
        "11.8",
        "Codes and secrets in logs and database",
        "none: the code as any application's own, the secrets in the operator's file",
        (
            "webhooks/hooks/test_attacks::test_no_row_answer_or_log_has_the_code_or_a_secret",
            "saycode/config/test_hooks_file::test_what_is_wrong_is_named_without_a_secret",
        ),
    ),
    Entry(
        "12.1",
        "A page of the console without signing in",
        "every route asks for a session and a role; a key has 256 random bits, is kept as a digest and compared in"
        " constant time; ten wrong ones of a source in a minute close the sign-in",
        (
            "saycode/console/test_app::test_every_route_wants_a_session_and_its_role",
            "saycode/console/test_app::test_the_key_of_another_operator_with_ones_own_sid_opens_nothing",
            "saycode/console/test_app::test_a_wrong_key_opens_nothing",
            "saycode/console/test_app::test_the_key_cannot_be_guessed_by_trying",
        ),
    ),
    Entry(
        "12.2",
        "A browser that is left signed in, or a cookie that is copied",
        "half an hour without a request, and twelve hours in all; signing out ends the session at the server, and so"
        " does what opened it: removing the operator, the end of a run, another setting of the company's provider",
        (
            "saycode/console/test_app::test_a_session_of_a_runs_key_ends_with_the_run",
            "saycode/console/test_company_sign_in::test_another_setting_ends_the_sessions",
            "saycode/console/test_app::test_a_removed_operator_is_signed_out_at_once",
            "saycode/console/test_app::test_a_session_ends_when_nothing_is_done_and_at_its_longest",
            "saycode/console/test_app::test_the_key_opens_the_console_and_signing_out_closes_it",
        ),
    ),
    Entry(
        "12.3",
        "Another site, or another name for this machine",
        "forms by Sec-Fetch-Site, a SameSite=Strict cookie and a token; on the loopback address Host is checked against"
        " DNS rebinding",
        (
            "saycode/console/test_app::test_forms_of_another_site_are_refused",
            "saycode/console/test_app::test_another_name_for_this_machine_is_refused",
            "saycode/console/test_app::test_every_answer_forbids_what_is_not_ours",
        ),
    ),
    Entry(
        "12.4",
        "Personal data in addresses, totals and pages",
        "what was searched for is encrypted in an address, for one session; totals have countries, services and our own"
        " words; a number is shown by its last two digits; each look-up is in the audit log",
        (
            "saycode/console/test_app::test_an_address_of_another_session_opens_nothing",
            "end_to_end/test_console_browser::test_what_an_operator_looks_at_and_does_is_in_the_audit_log",
            "saycode/storage/test_hourly_totals::test_no_total_names_a_person",
            "saycode/storage/test_hourly_totals::test_a_refusal_that_is_only_counted_has_its_country",
            "saycode/console/test_app::test_now_shows_calls_as_they_are_with_masked_numbers",
            "saycode/console/test_app::test_a_search_that_leads_to_no_page_is_in_the_audit_log",
        ),
    ),
    Entry(
        "12.5",
        "A forged or stolen answer of the company's provider",
        "state, nonce and PKCE from a secret in the browser's cookie; issuer, audience, times and an asymmetric"
        " signature of the ID token; the user info by its subject; addresses only when verified, and groups apart from"
        " them; no redirect is followed, and none leads to an address of the request; ten failed tries of a source in a"
        " minute close it",
        (
            "saycode/console/test_company_sign_in::test_an_answer_that_is_not_for_this_login_signs_no_one_in",
            "saycode/console/test_company_sign_in::test_an_answer_counts_in_the_browser_that_began_and_only_once",
            "saycode/console/test_company_sign_in::test_a_stolen_code_is_worth_nothing",
            "saycode/console/test_company_sign_in::test_a_person_without_a_role_is_told_so",
            "saycode/console/test_company_sign_in::test_failed_tries_are_limited",
            "saycode/console/test_company_tokens::test_an_id_token_that_is_not_for_this_login_signs_no_one_in",
            "saycode/console/test_company_tokens::test_an_id_token_that_the_provider_did_not_sign_signs_no_one_in",
            "saycode/console/test_company_tokens::test_user_info_of_another_person_is_refused",
            "saycode/console/test_company_tokens::test_an_address_is_verified_where_it_comes_from",
            "saycode/console/test_company_tokens::test_a_description_that_cannot_be_trusted_leads_no_one_there",
        ),
    ),
)

#: Cases without a protection yet; the table says so.
OPEN: frozenset[str] = frozenset()
