-- Where the log ends here, and what the server is told to keep. On a standby the log ends at what was received, or, without a
-- receiver since the start, at what was applied. Settings that a role may not see come as null.
SELECT wal.lsn::text,
       wal.lsn - '0/0'::pg_lsn,
       (SELECT CASE WHEN setting::bigint >= 0 THEN setting::bigint * 1048576 END FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
       CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('data_directory') END,
       pg_backend_pid(),
       pg_has_role('pg_read_all_stats', 'USAGE'),
       has_function_privilege('pg_ls_waldir()', 'EXECUTE'),
       has_function_privilege('pg_ls_archive_statusdir()', 'EXECUTE'),
       clock_timestamp(),
       current_setting('synchronous_standby_names') <> '',
       quote_ident(current_user)
FROM (SELECT CASE WHEN pg_is_in_recovery() THEN greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()) ELSE pg_current_wal_lsn() END AS lsn) AS wal
