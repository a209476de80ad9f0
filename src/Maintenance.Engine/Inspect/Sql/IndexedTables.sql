-- Tables of ordinary schemas with their size and what was written to them since the statistics began. What somebody else holds
-- exclusively is not opened; then its size is that of the last VACUUM or ANALYZE.
WITH locked AS MATERIALIZED (
    SELECT DISTINCT held.relation
    FROM pg_locks AS held
    WHERE held.locktype = 'relation' AND held.mode = 'AccessExclusiveLock' AND held.pid IS DISTINCT FROM pg_backend_pid()
      AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
SELECT c.oid::bigint, n.nspname::text, c.relname::text, c.relkind::text,
       inherits.inhparent::bigint,
       CASE WHEN c.relkind IN ('p', 'f') THEN 0
            WHEN NOT EXISTS (SELECT FROM locked WHERE locked.relation = c.oid) THEN pg_relation_size(c.oid)
            WHEN c.relpages > 0 THEN c.relpages * current_setting('block_size')::bigint END,
       c.reltuples::float8,
       pg_stat_get_tuples_inserted(c.oid), pg_stat_get_tuples_updated(c.oid), pg_stat_get_tuples_hot_updated(c.oid), pg_stat_get_tuples_deleted(c.oid)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits AS inherits ON c.relispartition AND inherits.inhrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
