-- Puts the schemas of the measuring extensions on the search path, whatever they are called, and says which there are.
SELECT set_config('search_path', 'pg_catalog' || coalesce(string_agg(DISTINCT ', ' || quote_ident(n.nspname), ''), ''), false),
       coalesce(bool_or(e.extname = 'pgstattuple'), false),
       coalesce(bool_or(e.extname = 'pg_freespacemap'), false)
FROM pg_extension e
JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname IN ('pgstattuple', 'pg_freespacemap')
