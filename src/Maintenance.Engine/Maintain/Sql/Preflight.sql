-- What decides whether heavy work may begin. On a standby only the first column counts.
SELECT recovering,
       CASE WHEN recovering THEN NULL ELSE (SELECT max(pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn))::bigint FROM pg_stat_replication) END AS standby_lag,
       (SELECT string_agg(slot_name::text, ', ' ORDER BY slot_name) FROM pg_replication_slots WHERE wal_status = 'unreserved') AS endangered_slots,
       (SELECT min(safe_wal_size) FROM pg_replication_slots WHERE wal_status <> 'lost') AS safe_wal_size,
       (SELECT last_failed_time > coalesce(last_archived_time, '-infinity') FROM pg_stat_archiver WHERE last_failed_time IS NOT NULL) AS archiver_fails,
       (SELECT count(*)::int FROM pg_stat_progress_basebackup) AS base_backups,
       CASE WHEN pg_has_role(current_user, 'pg_read_all_settings', 'USAGE') THEN current_setting('data_directory', true) END AS data_directory,
       inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8'::inet OR inet_server_addr() = '::1'::inet AS is_local
FROM (SELECT pg_is_in_recovery() AS recovering) AS server
