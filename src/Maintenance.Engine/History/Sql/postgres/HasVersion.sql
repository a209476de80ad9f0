-- Whether a history is there at all. Not to_regclass: that may answer from a cache that is older than the lock we waited for.
SELECT EXISTS (
    SELECT 1
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'maintenance' AND c.relname = 'schema_version')
