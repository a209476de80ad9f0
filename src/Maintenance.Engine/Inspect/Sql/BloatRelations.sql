-- Tables, their TOAST tables and the indexes of both: sizes, counters and shapes, a row each, in one pass over the catalogues.
-- $1 patterns of table names (LIKE), $2 patterns of schema names, null for all; $3 true for system catalogues too.
-- A size is asked of the file system only where something has changed since the catalogue's number of pages was written, and never
-- of a relation that is locked exclusively: that would wait.
WITH RECURSIVE named AS (
    SELECT c.oid
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm') AND c.relpersistence <> 't'
      AND ($3 OR (n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'))
      AND ($2::text[] IS NULL OR n.nspname ILIKE ANY ($2::text[]))
      AND ($1::text[] IS NULL OR c.relname ILIKE ANY ($1::text[])
           OR n.nspname || '.' || c.relname ILIKE ANY ($1::text[]) OR format('%I.%I', n.nspname, c.relname) ILIKE ANY ($1::text[]))
),
chosen AS (
    SELECT oid FROM named
    UNION
    SELECT child.oid
    FROM chosen
    JOIN pg_inherits i ON i.inhparent = chosen.oid
    JOIN pg_class child ON child.oid = i.inhrelid AND child.relispartition AND child.relkind IN ('r', 'p')
),
heaps AS (
    SELECT oid, oid AS table_oid FROM chosen
    UNION ALL
    SELECT t.reltoastrelid, t.oid FROM chosen JOIN pg_class t ON t.oid = chosen.oid WHERE t.reltoastrelid <> 0
),
wanted AS (
    SELECT heaps.oid, heaps.table_oid, heaps.oid AS heap_oid FROM heaps
    UNION ALL
    SELECT x.indexrelid, heaps.table_oid, heaps.oid FROM heaps JOIN pg_index x ON x.indrelid = heaps.oid
)
SELECT c.oid::bigint,
       w.table_oid::bigint,
       w.heap_oid::bigint,
       n.nspname::text,
       c.relname::text,
       format('%I.%I', n.nspname, c.relname),
       c.relkind::text,
       am.amname::text,
       CASE
           WHEN c.relkind IN ('p', 'I') THEN NULL
           WHEN pg_stat_get_mod_since_analyze(w.heap_oid) = 0 AND pg_stat_get_dead_tuples(w.heap_oid) = 0
                AND coalesce(pg_stat_get_last_analyze_time(w.heap_oid), pg_stat_get_last_autoanalyze_time(w.heap_oid)) IS NOT NULL
               THEN c.relpages * current_setting('block_size')::bigint
           WHEN c.oid IN (SELECT l.relation FROM pg_locks l
                          WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
                            AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
               THEN NULL
           ELSE pg_relation_size(c.oid)
       END,
       c.relpages,
       c.reltuples::float8,
       c.relallvisible,
       c.reloptions,
       i.inhparent::bigint,
       has_any_column_privilege(w.table_oid, 'SELECT'),
       t.relrowsecurity AND row_security_active(w.table_oid),
       x.indisunique,
       x.indisvalid,
       x.indpred IS NOT NULL,
       x.indnkeyatts,
       x.indkey::int2[],
       x.indclass::oid[]::bigint[],
       x.indcollation::oid[]::bigint[]
FROM wanted w
JOIN pg_class c ON c.oid = w.oid
JOIN pg_class t ON t.oid = w.table_oid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
LEFT JOIN pg_index x ON x.indexrelid = c.oid
