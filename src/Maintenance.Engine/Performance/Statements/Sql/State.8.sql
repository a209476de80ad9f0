-- As State.9.sql, of 1.8 (PostgreSQL 13): since when it counts and what was discarded is not told.
SELECT NULL::timestamptz, NULL::bigint, pg_postmaster_start_time(),
       current_setting('track_io_timing')::bool,
       coalesce(current_setting('pg_stat_statements.track_planning', true)::bool, false),
       coalesce(current_setting('pg_stat_statements.track', true), 'top'),
       coalesce(current_setting('compute_query_id', true), 'auto'),
       current_setting('block_size')::int,
       (SELECT oid::bigint FROM pg_database WHERE datname = current_database()),
       -- Which server it is; by a text, since a function that may not be called is an error even where it is not.
       CASE WHEN has_function_privilege('pg_control_system()', 'EXECUTE')
            THEN substring(query_to_xml('SELECT system_identifier AS i FROM pg_control_system()', false, false, '')::text FROM '<i>(-?[0-9]+)</i>')::bigint
       END
