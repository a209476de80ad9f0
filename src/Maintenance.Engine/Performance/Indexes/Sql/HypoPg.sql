-- Puts the schema of HypoPG on the search path for the rest of the transaction; no row where it is missing or not to be used.
SELECT set_config('search_path', 'pg_catalog, ' || quote_ident(n.nspname), true)
FROM pg_extension AS e
JOIN pg_namespace AS n ON n.oid = e.extnamespace
WHERE e.extname = 'hypopg' AND has_schema_privilege(n.oid, 'USAGE')
