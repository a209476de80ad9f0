-- A standby's receiver, if there is one. Of another role's the process alone can be seen.
SELECT receiver.pid, receiver.status, receiver.sender_host || ':' || receiver.sender_port, receiver.slot_name,
       pg_last_wal_receive_lsn()::text, pg_last_wal_replay_lsn()::text, receiver.latest_end_lsn::text,
       receiver.last_msg_receipt_time, pg_last_xact_replay_timestamp(),
       pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::bigint,
       pg_is_wal_replay_paused(),
       CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('primary_conninfo') <> '' END,
       greatest(pg_wal_lsn_diff(receiver.latest_end_lsn, pg_last_wal_replay_lsn()), 0)::bigint,
       (SELECT nullif(setting::bigint, 0) FROM pg_settings WHERE name = 'wal_receiver_timeout')
FROM (SELECT) AS one
LEFT JOIN pg_stat_wal_receiver AS receiver ON true
