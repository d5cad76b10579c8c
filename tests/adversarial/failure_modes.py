"""Privacy and faults by number, as `entries` has the rest: the table of docs/failure-modes.md."""

from tests.adversarial.situations import Entry

SECTIONS = {"8": "Privacy, storage, logs", "9": "Faults"}
#: How many situations each section has.
COUNTS = {"8": 7, "9": 14}

ENTRIES = (
    Entry(
        "8.1",
        "A stolen database is not enough",
        "the table keeps a random seed; the code comes from it under a key outside the database; numbers and names are "
        "sealed",
        (
            "adversarial/test_privacy::test_whoever_has_the_database_alone_finds_no_code_in_it",
            "saycode/storage/test_encryption::test_no_number_no_name_and_no_key_is_readable_in_any_file",
            "saycode/storage/test_encryption::test_what_is_sealed_does_not_open_in_another_place",
            "verification/values/test_codes::test_key_seed_verification_and_action_all_make_another_code",
        ),
    ),
    Entry(
        "8.2",
        "Numbers shown in part",
        "all but the last two digits are masked outside of the send path; counters know keyed hashes",
        (
            "saycode/server/test_logging::test_a_number_keeps_only_its_last_two_digits_wherever_it_stands",
            "webhooks/page/test_handlers::test_the_page_shows_the_number_masked_and_never_whole",
            "saycode/storage/test_audited_flows::test_no_line_has_a_code_a_number_or_an_address",
        ),
    ),
    Entry(
        "8.3",
        "Kept no longer than needed",
        "the seed goes at the end, details after 30 days, audit lines after 12 months; a job that forgets at Twilio",
        (
            "saycode/storage/test_encryption::test_the_seed_of_an_ended_verification_is_overwritten",
            "saycode/maintenance/test_retention::test_details_go_when_their_time_is_over_and_not_before",
            "saycode/maintenance/test_retention::test_what_was_forgotten_is_in_no_byte_of_the_file",
        ),
    ),
    Entry(
        "8.4",
        "Erase on request",
        "`saycode numbers erase` removes a person everywhere but the hash of a STOP, and says what it did",
        (
            "saycode/cli/test_numbers::test_erasing_removes_a_person_everywhere_and_nobody_else_and_says_so",
            "saycode/cli/test_numbers::test_every_column_that_names_a_person_is_thought_of_when_one_is_erased",
        ),
    ),
    Entry(
        "8.5",
        "Metrics without people",
        "labels are words of ours; off unless there is a key or an address that may ask",
        (
            "saycode/server/test_metrics::test_nobody_is_in_the_metrics_and_nothing_of_theirs",
            "saycode/server/test_metrics::test_without_the_setting_there_is_no_such_door",
        ),
    ),
    Entry(
        "8.6",
        "Restore does not revive",
        "a mark beside the database tells an older copy: its open codes are void, and the operator is told the gap",
        (
            "saycode/storage/test_restore_marker::test_a_code_that_was_used_after_a_backup_is_refused_after_its_restore",
            "saycode/storage/test_restore_marker::test_the_operator_is_told_what_a_restored_backup_lacks",
            "saycode/storage/test_restore_marker::test_a_restart_a_crash_and_a_mark_that_is_behind_void_nothing",
        ),
    ),
    Entry(
        "8.7",
        "Audit trail",
        "one line for each security event, chained under a key outside the database",
        (
            "saycode/storage/test_audited_flows::test_start_send_fail_and_limit",
            "saycode/storage/test_audited_flows::test_report_stop_and_what_they_forbid",
            "saycode/storage/test_audit_log::test_any_other_state_is_seen_at_its_first_place",
        ),
    ),
    Entry(
        "9.1",
        "Write transactions start as write transactions",
        "BEGIN IMMEDIATE, WAL with full synchronisation; one transaction loads, decides and saves",
        (
            "saycode/storage/test_sqlite_store::test_every_transaction_that_may_write_begins_as_one",
            "saycode/storage/test_migrations::test_the_log_is_written_ahead_and_every_commit_waits_for_the_disk",
            "verification/test_verifier_checks::test_thirty_right_checks_on_two_workers_approve_once",
        ),
    ),
    Entry(
        "9.2",
        "Disk full",
        "the group is refused with 503 and an apology on the phone; ready turns red; it goes on by itself",
        (
            "end_to_end/test_failures::test_a_full_disk_verifies_nobody_says_so_and_is_over_when_there_is_room",
            "saycode/storage/test_writer::test_a_full_disk_refuses_the_group_and_heals_by_itself",
        ),
    ),
    Entry(
        "9.3",
        "The clock jumps",
        "the service's clock never goes back while it runs; forward, codes end early",
        (
            "end_to_end/slow_failures::test_no_code_lives_longer_when_the_clock_is_set_back",
            "end_to_end/slow_failures::test_codes_end_early_and_nothing_else_breaks_when_the_clock_is_set_forward",
            "end_to_end/slow_failures::test_no_limit_opens_and_no_wait_is_negative_when_the_clock_is_set_back",
            "saycode/server/test_app::test_a_clock_that_is_set_back_does_not_lengthen_anything",
        ),
    ),
    Entry(
        "9.4",
        "Restart in the middle of a call",
        "all state of a call is in its row; a call that was up during an upgrade goes on as well",
        (
            "end_to_end/test_failures::test_a_restart_between_the_answer_and_the_key_goes_on_where_it_was",
            "end_to_end/calls/test_late_webhooks::test_after_a_restart_the_next_key_goes_on_with_the_same_code",
            "saycode/storage/test_upgrade::test_a_call_that_was_up_during_the_upgrade_goes_on_with_the_next_key",
        ),
    ),
    Entry(
        "9.5",
        "The browser hangs up on its own success",
        "the same browser with the same code within a minute is welcomed again; nothing is approved twice",
        (
            "webhooks/page/test_handlers::test_a_lost_answer_is_given_again_within_a_minute_and_approves_once",
            "webhooks/page/test_handlers::test_a_lost_answer_is_not_given_for_another_code_or_later",
            "verification/test_verifier_checks::test_thirty_right_checks_of_one_browser_welcome_it_and_approve_once",
        ),
    ),
    Entry(
        "9.6",
        "Slow and silent clients",
        "a request has 20 seconds to arrive, then the connection is cut; the proxies that we ship cut sooner",
        (
            "end_to_end/test_slow_clients::test_whoever_does_not_come_to_an_end_is_cut_off",
            "end_to_end/test_slow_clients::test_three_hundred_slow_clients_keep_nobody_else_waiting",
            "end_to_end/test_deployment::test_both_proxies_cut_slow_clients_and_large_requests_and_write_the_forwarded_header_anew",
        ),
    ),
    Entry(
        "9.7",
        "Soft stop",
        "no new work, running requests finish, open pages let go, gone within ten seconds",
        ("kills/test_kills::test_told_to_stop_under_load_it_ends_within_ten_seconds_and_leaves_nothing_undone",),
    ),
    Entry(
        "9.8",
        "Damaged or missing database",
        "the start is refused with one sentence; nothing is made, repaired or emptied",
        (
            "saycode/storage/test_migrations::test_what_is_no_sound_code_table_is_refused_and_left_as_it_was",
            "saycode/storage/test_migrations::test_an_absent_file_is_refused_when_none_may_be_made",
            "saycode/storage/test_migrations::test_a_file_that_may_not_be_written_is_refused",
            "saycode/storage/test_sqlite_store::test_a_verification_whose_details_do_not_open_keeps_nobody_from_being_served",
        ),
    ),
    Entry(
        "9.9",
        "Upgrade with open verifications",
        "migrations are one transaction; a database of every released version is tried",
        (
            "saycode/storage/test_upgrade::test_a_code_that_was_texted_before_the_upgrade_is_right_after_it",
            "saycode/storage/test_upgrade::test_a_number_that_said_stop_before_the_upgrade_is_left_alone_after_it",
            "saycode/storage/test_upgrade::test_an_upgrade_that_fails_leaves_the_old_database",
        ),
    ),
    Entry(
        "9.10",
        "Health that means something",
        "ready looks at each part and names what is broken",
        (
            "saycode/server/test_health::test_a_part_that_is_needed_turns_ready_red_by_name",
            "saycode/server/test_health::test_a_database_that_hangs_is_named_within_five_seconds",
            "saycode/server/test_health::test_many_probes_write_once",
        ),
    ),
    Entry(
        "9.11",
        "Twilio is half down",
        "after five failures in a row a channel rests; starts fail at once and offer the other; probes find out",
        (
            "saycode/twilio/test_circuit_breaker::test_a_twilio_that_is_down_is_asked_a_few_times_and_then_left_alone",
            "saycode/twilio/test_circuit_breaker::test_a_start_while_calls_rest_fails_at_once_offers_a_text_and_uses_up_no_allowance",
            "saycode/twilio/test_circuit_breaker::test_a_twilio_that_works_again_is_used_again_with_the_first_probe",
        ),
    ),
    Entry(
        "9.12",
        "Proxies take headers away",
        "what matters is in configuration, path and body; limits fall back to the peer",
        (
            "end_to_end/test_proxies::test_a_start_and_a_webhook_arrive_through_every_proxy",
            "end_to_end/test_proxies::test_limits_count_the_peer_whatever_a_proxy_says_that_nobody_trusts",
        ),
    ),
    Entry(
        "9.13",
        "Seeds, not luck",
        "10,000 seeded lives of the rules with every build, and bugs that they have to find",
        (
            "simulation/test_simulation::test_nothing_that_must_never_be_comes_about_in_any_of_these_seeds",
            "simulation/test_simulation::test_a_bug_is_found_and_its_seed_repeats_it",
        ),
    ),
    Entry(
        "9.14",
        "Known-bad versions stay out",
        "lower bounds, lock files with hashes, an audit of advisories; our own bounds hold whatever the version",
        (
            "test_docs::test_lock_files_pin_and_hash_everything_and_name_no_index",
            "test_docs::test_every_dependency_is_pinned_and_has_its_reason",
            "webhooks/test_requests::test_too_many_fields_are_refused",
            "webhooks/test_routes::test_a_body_of_a_megabyte_is_413_and_no_failure_of_ours",
        ),
    ),
)
