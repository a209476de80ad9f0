-- Who gets the log. Times count only where something is missing: the server keeps showing the last ones it measured.
-- The time of a reply is the standby's own word: one that no calendar of a program holds is none.
-- $1 the end of the log
SELECT coalesce(nullif(application_name, ''), 'unnamed'), standby.pid, usename::text, host(client_addr), slot.slot_name::text, state, sync_state,
       pg_wal_lsn_diff($1::text::pg_lsn, sent_lsn)::bigint,
       pg_wal_lsn_diff($1::text::pg_lsn, write_lsn)::bigint,
       pg_wal_lsn_diff($1::text::pg_lsn, flush_lsn)::bigint,
       pg_wal_lsn_diff($1::text::pg_lsn, replay_lsn)::bigint,
       extract(epoch FROM CASE WHEN write_lsn >= $1::text::pg_lsn THEN '0'::interval ELSE write_lag END)::float8,
       extract(epoch FROM CASE WHEN flush_lsn >= $1::text::pg_lsn THEN '0'::interval ELSE flush_lag END)::float8,
       extract(epoch FROM CASE WHEN replay_lsn >= $1::text::pg_lsn THEN '0'::interval ELSE replay_lag END)::float8,
       CASE WHEN reply_time >= make_timestamptz(1, 1, 1, 0, 0, 0, 'UTC') AND reply_time < make_timestamptz(10000, 1, 1, 0, 0, 0, 'UTC') THEN reply_time END,
       age(backend_xmin)::bigint, backend_start
FROM pg_stat_replication AS standby
LEFT JOIN pg_replication_slots AS slot ON slot.active_pid = standby.pid
ORDER BY 1, 2
