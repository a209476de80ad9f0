-- The server's settings that decide when a table is due. Those a version lacks are null.
-- The next transaction id comes by the way of an age, as the ages of all snapshots do.
SELECT current_setting('autovacuum_vacuum_threshold')::float8,
       current_setting('autovacuum_vacuum_scale_factor')::float8,
       current_setting('autovacuum_vacuum_max_threshold', true)::float8,
       current_setting('autovacuum_vacuum_insert_threshold')::float8,
       current_setting('autovacuum_vacuum_insert_scale_factor')::float8,
       current_setting('autovacuum_analyze_threshold')::float8,
       current_setting('autovacuum_analyze_scale_factor')::float8,
       current_setting('autovacuum_freeze_max_age')::int8,
       current_setting('autovacuum_multixact_freeze_max_age')::int8,
       current_setting('vacuum_freeze_table_age')::int8,
       current_setting('vacuum_multixact_freeze_table_age')::int8,
       current_setting('default_statistics_target')::int4,
       current_setting('block_size')::int4,
       current_setting('track_counts')::bool,
       now(),
       quote_ident(current_user),
       age('3'::xid)::int8 + 3 AS next_xid
