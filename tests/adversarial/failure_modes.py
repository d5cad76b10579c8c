"""Privacy and faults by number, like `situations`: the tables of docs/failure-modes.md."""

from tests.adversarial.situations import Entry

SECTIONS = {"8": "Privacy, storage, logs", "9": "Faults"}
#: How many cases each section has.
COUNTS = {"8": 8, "9": 20}

ENTRIES = (
    Entry(
        "8.1",
        "A stolen database has no codes",
        "the store keeps a random seed; the code comes from it under a key outside the database; numbers and "
        "names are encrypted",
        (
            "adversarial/test_privacy::test_the_database_alone_holds_no_code",
            "saycode/storage/test_encryption::test_no_number_no_name_and_no_key_is_readable_in_any_file",
            "saycode/storage/test_encryption::test_an_encrypted_value_cannot_be_decrypted_in_another_place",
            "verification/values/test_codes::test_key_seed_verification_and_action_all_make_another_code",
        ),
    ),
    Entry(
        "8.2",
        "Masked numbers",
        "all but the last two digits are masked outside of the send path; the page shows a number to the browser that "
        "typed it, until it is proven; counters have keyed hashes",
        (
            "saycode/server/test_logging::test_a_number_keeps_only_its_last_two_digits_wherever_it_stands",
            "webhooks/page/test_handlers::test_the_number_is_on_the_page_of_the_browser_that_typed_it_until_it_is_proven",
            "saycode/storage/test_audited_flows::test_no_entry_has_a_code_a_number_or_an_address",
        ),
    ),
    Entry(
        "8.3",
        "Kept no longer than needed",
        "the seed is deleted at the end, details after 30 days, audit lines after 12 months; a task deletes "
        "Twilio's records",
        (
            "saycode/storage/test_encryption::test_the_seed_of_an_ended_verification_is_overwritten",
            "saycode/maintenance/test_retention::test_details_are_deleted_when_their_time_is_over_and_not_before",
            "saycode/maintenance/test_retention::test_deleted_data_is_in_no_byte_of_the_file",
        ),
    ),
    Entry(
        "8.4",
        "Erase on request",
        "`saycode numbers erase` removes a person everywhere but the hash of a STOP, and reports what it removed",
        (
            "saycode/cli/test_numbers::test_erasure_removes_one_person_everywhere_and_reports_it",
            "saycode/cli/test_numbers::test_every_column_with_personal_data_is_covered_by_erasure",
        ),
    ),
    Entry(
        "8.5",
        "Metrics and traces without personal data",
        "labels are fixed words; off unless a key or an address is configured; of paths, spans have neither numbers "
        "nor codes, and of requests to Twilio no sids",
        (
            "saycode/server/test_metrics::test_the_metrics_contain_no_personal_data",
            "saycode/server/test_metrics::test_without_the_setting_there_is_no_endpoint",
            "saycode/server/test_tracing::test_a_number_or_code_in_a_path_is_hidden",
            "saycode/server/test_traces::test_no_span_has_a_number_a_sid_or_a_code",
        ),
    ),
    Entry(
        "8.6",
        "A restore revives no code",
        "a restore marker beside the database reveals an older copy: its open codes are void, and the log "
        "gives the gap",
        (
            "saycode/storage/test_restore_marker::test_a_code_that_was_used_after_a_backup_is_refused_after_its_restore",
            "saycode/storage/test_restore_marker::test_the_log_names_what_a_restored_backup_lacks",
            "saycode/storage/test_restore_marker::test_a_restart_a_crash_and_a_marker_that_is_behind_expire_no_codes",
            "saycode/storage/test_restore_marker::test_a_worker_that_waits_for_the_one_that_makes_the_file_sees_no_restored_backup",
            "saycode/storage/test_restore_marker::test_a_lost_marker_is_told_by_the_first_of_the_workers_and_made_again",
        ),
    ),
    Entry(
        "8.7",
        "Audit log",
        "one line for each security event, chained under a key outside the database",
        (
            "saycode/storage/test_audited_flows::test_start_send_fail_and_limit",
            "saycode/storage/test_audited_flows::test_a_report_a_stop_and_the_starts_that_they_forbid",
            "saycode/storage/test_audit_log::test_every_attack_is_detected_at_its_first_entry",
        ),
    ),
    Entry(
        "8.8",
        "Logs are not flooded",
        "values are cut at 100 characters; of one source and reason one line a minute is written, of one "
        "reason twenty, and the rest are counted; a client that hangs up is no error",
        (
            "saycode/server/test_logging::test_no_value_is_longer_than_a_hundred_characters",
            "saycode/server/test_logging::test_of_one_source_and_reason_one_line_a_minute_is_written_and_the_next_says_how_many_were_not",
            "saycode/server/test_logging::test_what_the_server_says_of_malformed_requests_is_written_once_a_minute",
            "saycode/server/test_logging::test_many_sources_write_a_few_lines_a_minute_and_others_are_not_washed_away",
            "webhooks/test_routes::test_repeats_of_a_forged_webhook_are_one_line_for_the_source",
            "webhooks/test_routes::test_a_client_that_hangs_up_is_no_error",
        ),
    ),
    Entry(
        "9.1",
        "Write transactions start as write transactions",
        "BEGIN IMMEDIATE, WAL with full synchronization; one transaction loads, decides and saves",
        (
            "saycode/storage/test_sqlite_store::test_every_transaction_that_may_write_begins_with_the_write_lock",
            "saycode/storage/test_database::test_the_database_uses_a_wal_and_every_commit_waits_for_the_disk",
            "verification/test_verifier_checks::test_thirty_right_checks_on_two_workers_approve_once",
        ),
    ),
    Entry(
        "9.2",
        "Disk full",
        "the group is refused with 503 and an apology on the phone; ready turns red; the service recovers by itself",
        (
            "end_to_end/test_failures::test_a_full_disk_approves_no_code_is_reported_and_ends_when_there_is_room",
            "saycode/storage/test_writer::test_a_full_disk_fails_the_group_and_the_writer_recovers",
            "saycode/storage/test_fsync_errors::test_a_failed_fsync_reports_nothing_as_done_and_what_was_reported_is_kept",
        ),
    ),
    Entry(
        "9.3",
        "The clock jumps",
        "the service's clock never goes back while it runs; set forward, codes expire early",
        (
            "end_to_end/slow_failures::test_no_code_lives_longer_when_the_clock_is_set_back",
            "end_to_end/slow_failures::test_codes_end_early_and_nothing_else_breaks_when_the_clock_is_set_forward",
            "end_to_end/slow_failures::test_no_limit_opens_and_no_wait_is_negative_when_the_clock_is_set_back",
            "saycode/server/test_clock::test_a_clock_that_is_set_back_does_not_lengthen_anything",
            "saycode/storage/test_future_times::test_a_process_that_starts_ends_no_code_of_one_that_runs_and_whose_clock_is_a_little_ahead",
        ),
    ),
    Entry(
        "9.4",
        "Restart in the middle of a call",
        "the whole state of a call is in its row; a live call also survives an upgrade",
        (
            "end_to_end/test_failures::test_a_restart_between_the_answer_and_the_key_goes_on_where_it_was",
            "end_to_end/calls/test_late_webhooks::test_after_a_restart_the_next_key_goes_on_with_the_same_code",
            "saycode/storage/test_upgrade::test_a_call_in_progress_during_the_upgrade_continues_with_the_next_key",
        ),
    ),
    Entry(
        "9.5",
        "The answer to a right code is lost",
        "the same browser with the same code within a minute sees the welcome again; nothing is approved twice",
        (
            "webhooks/page/test_session::test_a_lost_answer_is_given_again_within_a_minute_and_approves_once",
            "webhooks/page/test_session::test_a_lost_answer_is_not_given_for_another_code_or_later",
            "verification/test_verifier_checks::test_thirty_right_checks_of_one_browser_welcome_it_and_approve_once",
        ),
    ),
    Entry(
        "9.6",
        "Slow and silent clients",
        "a request has 20 seconds to arrive, then the connection is cut; the included proxies cut sooner",
        (
            "end_to_end/test_slow_clients::test_a_client_that_never_finishes_is_disconnected",
            "end_to_end/test_slow_clients::test_three_hundred_slow_clients_delay_no_other_request",
            "end_to_end/test_deployment::test_both_proxies_cut_slow_clients_and_large_requests_and_write_the_forwarded_header_anew",
        ),
    ),
    Entry(
        "9.7",
        "Graceful shutdown",
        "no new work, running requests finish, open pages are released, ended within ten seconds",
        (
            "kills/test_kills::test_sigterm_under_load_ends_within_ten_seconds_and_leaves_no_delivery_unclear",
            "saycode/server/test_streams::test_a_server_that_stops_ends_its_streams",
        ),
    ),
    Entry(
        "9.8",
        "Damaged or missing database",
        "the start is refused with one sentence; nothing is created, repaired or emptied; a server that does not "
        "answer is waited for",
        (
            "saycode/storage/test_database::test_an_unusable_file_is_refused_and_left_unchanged",
            "saycode/storage/test_database::test_an_absent_file_is_refused_when_none_may_be_created",
            "saycode/storage/test_database::test_a_file_that_may_not_be_written_is_refused",
            "saycode/storage/test_sqlite_store::test_a_verification_that_cannot_be_decrypted_does_not_stop_other_requests",
            "saycode/server/test_serve::test_a_node_that_starts_before_its_database_waits_and_serves_once_it_answers",
            "saycode/storage/test_postgresql_database::test_only_a_server_that_may_come_back_is_away",
        ),
    ),
    Entry(
        "9.9",
        "Upgrade with open verifications",
        "migrations are one transaction; a database of every released version is tried",
        (
            "saycode/storage/test_upgrade::test_a_code_that_was_texted_before_the_upgrade_is_right_after_it",
            "saycode/storage/test_upgrade::test_a_number_that_texted_stop_before_the_upgrade_is_suppressed_after_it",
            "saycode/storage/test_upgrade::test_an_upgrade_that_fails_leaves_the_old_database",
        ),
    ),
    Entry(
        "9.10",
        "Meaningful health checks",
        "ready checks each part and names what is broken",
        (
            "saycode/server/test_health::test_a_failing_required_component_makes_the_service_unready_and_is_named",
            "saycode/server/test_health::test_a_hanging_database_is_named_within_five_seconds",
            "saycode/server/test_health::test_a_full_disk_is_named_at_once_although_small_writes_still_succeed",
            "saycode/server/test_health::test_many_probes_write_once",
        ),
    ),
    Entry(
        "9.11",
        "Twilio is partly down",
        "after five failures in a row the breaker of a channel opens; starts fail at once and offer the "
        "other, or go to the standby account where one is set, and never to both; probes close it",
        (
            "saycode/twilio/test_circuit_breaker::test_a_twilio_that_is_down_gets_a_few_requests_and_then_only_probes",
            "saycode/twilio/test_circuit_breaker::test_a_start_with_an_open_circuit_fails_at_once_offers_a_text_and_uses_up_no_allowance",
            "saycode/twilio/test_circuit_breaker::test_a_twilio_that_works_again_is_used_again_with_the_first_probe",
            "end_to_end/test_standby::test_a_call_and_a_text_come_through_the_standby_until_the_first_carrier_works_again",
            "saycode/twilio/test_standby::test_no_start_reaches_both_accounts",
        ),
    ),
    Entry(
        "9.12",
        "Proxies remove headers",
        "required data is in configuration, path and body; limits fall back to the peer",
        (
            "end_to_end/test_proxies::test_a_start_and_a_webhook_arrive_through_every_proxy",
            "end_to_end/test_proxies::test_limits_count_the_peer_when_the_proxy_is_not_trusted",
            "webhooks/test_client_ip::test_a_proxy_that_is_not_trusted_is_told_once",
        ),
    ),
    Entry(
        "9.13",
        "Seeded simulation",
        "10,000 seeded simulations of the rules with every build, and bugs that they must find",
        (
            "simulation/test_simulation::test_no_invariant_breaks_in_any_of_these_seeds",
            "simulation/test_simulation::test_a_bug_is_found_and_its_seed_repeats_it",
        ),
    ),
    Entry(
        "9.14",
        "Vulnerable versions are excluded",
        "lower bounds, lock files with hashes, an audit of advisories; our own size limits hold whatever the version",
        (
            "test_docs::test_lock_files_pin_and_hash_everything_and_name_no_index",
            "test_docs::test_every_dependency_is_pinned_and_has_its_reason",
            "webhooks/test_requests::test_too_many_fields_are_refused",
            "webhooks/test_routes::test_a_body_of_a_megabyte_is_413_and_no_server_error",
        ),
    ),
    Entry(
        "9.15",
        "The sweeps keep up",
        "expired and quiet verifications are ended in batches until none is left; what cannot be ended "
        "is tried once in a sweep",
        (
            "verification/test_dispatcher::test_the_sweeps_go_on_in_batches_until_none_is_left",
            "verification/test_dispatcher::test_what_cannot_be_ended_is_tried_once_in_a_sweep",
        ),
    ),
    Entry(
        "9.16",
        "A receiver of events hangs",
        "a few messages of each target are posted at once, and a target waits for its own only",
        ("saycode/events/test_outbox::test_a_receiver_that_hangs_delays_the_messages_of_no_other",),
    ),
    Entry(
        "9.17",
        "Many open pages",
        "a stream is for a session that exists: three a session, fifty a source, two thousand a process; "
        "beyond, 503, and the page asks for single events",
        (
            "webhooks/page/test_live::test_a_session_has_three_streams_and_a_page_beyond_asks_for_single_events",
            "webhooks/page/test_live::test_a_source_and_the_process_have_a_bound",
            "webhooks/page/test_live::test_a_session_that_does_not_exist_gets_one_event_and_no_stream",
            "webhooks/page/test_live::test_a_heartbeat_reads_nothing",
            "webhooks/page/test_live::test_an_open_page_keeps_no_task",
            "webhooks/page/test_live::test_a_connection_that_is_closed_before_it_is_taken_over_keeps_no_place",
            "saycode/server/test_streams::test_the_server_keeps_no_task_for_it",
            "saycode/server/test_streams::test_a_client_that_does_not_read_is_cut_off",
        ),
    ),
    Entry(
        "9.18",
        "No file or memory is left",
        "units and containers bound memory, files, tasks and connections to what was measured; no core "
        "dumps; the log says when connections cannot be accepted",
        (
            "end_to_end/test_deployment::test_core_dumps_are_off_and_memory_files_and_tasks_are_bounded",
            "saycode/server/test_file_limit::test_the_log_says_once_when_connections_cannot_be_accepted_and_when_they_can_again",
            "saycode/server/test_file_limit::test_at_the_limit_itself_it_still_says_so",
            "saycode/server/test_file_limit::test_the_service_writes_no_core_dumps",
        ),
    ),
    Entry(
        "9.19",
        "Twilio cannot fetch or speak a document of a call",
        "the call's fallback address gives the same prompt again and counts nothing; after an error of the voice the "
        "rest of the call is in the fallback voice, which the addresses remember",
        (
            "end_to_end/calls/test_fallback_voice::test_a_call_whose_voice_fails_goes_on_in_another_one_to_its_end",
            "end_to_end/calls/test_fallback_voice::test_a_voice_that_fails_in_the_middle_says_the_same_again_and_counts_nothing",
            "end_to_end/calls/test_fallback_voice::test_a_document_that_was_lost_is_said_again_in_the_same_voice",
            "end_to_end/calls/test_fallback_voice::test_a_fallback_of_another_call_is_404",
        ),
    ),
    Entry(
        "9.20",
        "An operator must learn of it",
        "one alert for each condition, claimed in a transaction by one of all workers, and one when it is over; a "
        "target that hangs or fails delays no other, and is tried for a day; without the database each worker tells "
        "it by itself",
        (
            "verification/test_alerts::test_of_each_condition_openings_and_resolutions_alternate",
            "saycode/alerts/test_job::test_two_workers_that_look_at_once_send_one_message",
            "saycode/alerts/test_job::test_what_one_of_two_workers_sees_stays_open",
            "saycode/alerts/test_job::test_a_target_that_hangs_or_fails_delays_no_other",
            "saycode/alerts/test_job::test_a_message_of_a_dead_worker_is_sent_by_another",
            "saycode/alerts/test_job::test_a_database_that_does_not_answer_is_told_without_it",
        ),
    ),
)
