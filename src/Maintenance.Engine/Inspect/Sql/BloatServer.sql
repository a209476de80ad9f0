-- Settings of autovacuum, the size of a page, and what this role may read. autovacuum_vacuum_max_threshold came with PostgreSQL 18.
SELECT current_setting('block_size')::int,
       current_setting('autovacuum')::bool AND current_setting('track_counts')::bool,
       current_setting('autovacuum_vacuum_threshold')::float8,
       current_setting('autovacuum_vacuum_scale_factor')::float8,
       coalesce(current_setting('autovacuum_vacuum_max_threshold', true)::float8, -1),
       current_setting('autovacuum_vacuum_insert_threshold')::float8,
       current_setting('autovacuum_vacuum_insert_scale_factor')::float8,
       current_setting('autovacuum_analyze_threshold')::float8,
       current_setting('autovacuum_analyze_scale_factor')::float8,
       has_table_privilege('pg_statistic', 'SELECT'),
       quote_ident(current_user),
       -- Compiling the queries that follow would take longer than running them.
       set_config('jit', 'off', false)
