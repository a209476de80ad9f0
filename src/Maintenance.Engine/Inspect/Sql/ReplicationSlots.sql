-- The slots. What later versions added is read through JSON, where a column that does not exist is null.
-- $1 the end of the log
SELECT slot_name::text, slot_type = 'logical', plugin::text, database::text, active, temporary, active_pid,
       restart_lsn::text, confirmed_flush_lsn::text,
       pg_wal_lsn_diff($1::text::pg_lsn, restart_lsn)::bigint,
       safe_wal_size, wal_status,
       (more ->> 'inactive_since')::timestamptz,
       coalesce(more ->> 'invalidation_reason', CASE WHEN (more ->> 'conflicting')::boolean THEN 'conflict with recovery' END),
       age(xmin)::bigint, age(catalog_xmin)::bigint,
       (more ->> 'two_phase')::boolean, (more ->> 'failover')::boolean, (more ->> 'synced')::boolean,
       restart_lsn - '0/0'::pg_lsn
FROM pg_replication_slots AS slot, LATERAL to_jsonb(slot) AS more
ORDER BY slot_name
