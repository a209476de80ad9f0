-- Where the log of this server ends, of which timeline it is, and how its archive is meant to be. A standby tells what it has applied.
SELECT pg_is_in_recovery(),
       wal.lsn::text,
       CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id::bigint FROM pg_control_checkpoint())
            ELSE ('x' || substr(pg_walfile_name(wal.lsn), 1, 8))::bit(32)::bigint END,
       (SELECT setting::bigint FROM pg_settings WHERE name = 'archive_timeout'),
       (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size'),
       (SELECT system_identifier::text FROM pg_control_system())
FROM (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS lsn) AS wal
