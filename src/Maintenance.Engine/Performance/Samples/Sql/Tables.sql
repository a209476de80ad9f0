-- The largest tables with their indexes and TOAST. Those that somebody holds exclusively are left out, since their size could not be read
-- before that is over. $1 how many
WITH held AS MATERIALIZED (
    SELECT relation FROM pg_locks
    WHERE locktype = 'relation' AND mode = 'AccessExclusiveLock' AND pid <> pg_backend_pid()
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
), largest AS MATERIALIZED (
    SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
    WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\_toast%'
      AND c.oid NOT IN (SELECT relation FROM held)
    ORDER BY c.relpages + coalesce(t.relpages, 0) DESC, c.oid
    LIMIT $1
)
SELECT name, pg_total_relation_size(oid)::float8, (SELECT count(DISTINCT h.relation) FROM held h JOIN pg_class c ON c.oid = h.relation AND c.relkind IN ('r', 'm') AND c.oid >= 16384)
FROM largest
