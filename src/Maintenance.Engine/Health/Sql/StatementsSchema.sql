-- Puts the schema of pg_stat_statements on the search path, whatever it is called; no row if the extension is missing.
SELECT set_config('search_path', 'pg_catalog, ' || quote_ident(n.nspname), false)
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
