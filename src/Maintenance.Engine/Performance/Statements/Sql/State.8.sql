-- As State.9.sql, of 1.8 (PostgreSQL 13): since when it counts and what was discarded is not told.
SELECT NULL::timestamptz, NULL::bigint, pg_postmaster_start_time(),
       current_setting('track_io_timing')::bool,
       coalesce(current_setting('pg_stat_statements.track_planning', true)::bool, false),
       coalesce(current_setting('pg_stat_statements.track', true), 'top'),
       coalesce(current_setting('compute_query_id', true), 'auto'),
       current_setting('block_size')::int,
       (SELECT oid::bigint FROM pg_database WHERE datname = current_database())
