-- The counters of the whole server and its limits. None of this consumes a transaction id, and all of it works on a standby.
-- Multixact ids have 32 bits and begin at 1: the age of the first one is the next one, but for the sign.
SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,
       (mxid_age('1'::xid)::bigint + 4294967297) % 4294967296,
       current_setting('autovacuum_freeze_max_age')::bigint,
       current_setting('autovacuum_multixact_freeze_max_age')::bigint,
       current_setting('vacuum_failsafe_age', true)::bigint,
       current_setting('vacuum_multixact_failsafe_age', true)::bigint,
       pg_has_role('pg_read_all_stats', 'USAGE'),
       has_function_privilege('pg_ls_dir(text)', 'EXECUTE')
