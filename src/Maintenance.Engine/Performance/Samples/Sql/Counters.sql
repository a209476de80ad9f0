-- What the server has counted for this database since its statistics began, and where its write-ahead log stands, which only ever grows.
SELECT pg_postmaster_start_time(), clock_timestamp(), d.stats_reset,
       (d.xact_commit + d.xact_rollback)::float8, d.xact_rollback::float8, d.blks_hit::float8, d.blks_read::float8, d.deadlocks::float8, d.temp_bytes::float8,
       (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END - '0/0'::pg_lsn)::float8
FROM pg_stat_database d
WHERE d.datname = current_database()
