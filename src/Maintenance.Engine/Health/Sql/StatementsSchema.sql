-- Puts the schema of pg_stat_statements on the search path, whatever it is called; no row if the extension is missing. Second column: the
-- version of the extension, which may be older than the server's, and which alone decides what its columns are called. Third: whether the server has
-- loaded its library, without which nothing is counted: its settings are listed only then.
SELECT set_config('search_path', 'pg_catalog, ' || quote_ident(n.nspname), false), e.extversion,
       EXISTS (SELECT FROM pg_settings WHERE name = 'pg_stat_statements.max')
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
