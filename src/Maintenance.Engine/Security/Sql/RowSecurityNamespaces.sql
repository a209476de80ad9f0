-- Schemas but for the system's, those without any relation too.
SELECT n.nspname::text FROM pg_namespace AS n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
