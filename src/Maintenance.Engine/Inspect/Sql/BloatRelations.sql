-- Tables, their TOAST tables and the indexes of both: sizes and shapes, a row each, in one pass over the catalogues.
-- $1 patterns of table names (LIKE), $2 patterns of schema names, null for all; $3 true for system catalogues too.
-- A size is asked of the file system only where something may have changed since the catalogue's number of pages was written, and
-- never of a relation that is locked exclusively: that would wait.
WITH RECURSIVE chosen AS (
    SELECT c.oid
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm')
      AND ($2::text[] IS NULL OR n.nspname ILIKE ANY ($2::text[]))
      AND ($1::text[] IS NULL OR c.relname ILIKE ANY ($1::text[])
           OR n.nspname || '.' || c.relname ILIKE ANY ($1::text[]) OR format('%I.%I', n.nspname, c.relname) ILIKE ANY ($1::text[]))
    UNION
    SELECT child.oid
    FROM chosen
    JOIN pg_inherits i ON i.inhparent = chosen.oid
    JOIN pg_class child ON child.oid = i.inhrelid AND child.relispartition
)
SELECT c.oid::bigint,
       t.oid::bigint,
       coalesce(x.indrelid, c.oid)::bigint,
       n.nspname::text,
       c.relname::text,
       format('%I.%I', n.nspname, c.relname),
       c.relkind::text,
       am.amname::text,
       CASE
           WHEN c.relkind IN ('p', 'I') THEN NULL
           -- Of tables and their indexes: analyzed, and not changed since.
           WHEN pg_stat_get_mod_since_analyze(coalesce(x.indrelid, c.oid)) = 0 AND pg_stat_get_dead_tuples(coalesce(x.indrelid, c.oid)) = 0
                AND coalesce(pg_stat_get_last_analyze_time(coalesce(x.indrelid, c.oid)), pg_stat_get_last_autoanalyze_time(coalesce(x.indrelid, c.oid))) IS NOT NULL
               THEN c.relpages * current_setting('block_size')::bigint
           -- Of a TOAST table that never held anything, and its index: no chunk was counted, by counters that did count all rows of
           -- its table. Counters are lost together, so these were not.
           WHEN t.reltoastrelid = coalesce(x.indrelid, c.oid) AND c.relpages <= 1 AND pg_stat_get_tuples_inserted(t.reltoastrelid) = 0
                AND t.reltuples >= 0 AND pg_stat_get_tuples_inserted(t.oid) >= t.reltuples
                AND coalesce(pg_stat_get_last_analyze_time(t.oid), pg_stat_get_last_autoanalyze_time(t.oid)) IS NOT NULL
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
       CASE WHEN c.oid = t.oid THEN has_any_column_privilege(t.oid, 'SELECT') ELSE true END,
       CASE WHEN c.oid = t.oid AND t.relrowsecurity THEN row_security_active(t.oid) ELSE false END,
       x.indisunique,
       x.indisvalid,
       x.indpred IS NOT NULL,
       x.indnkeyatts,
       x.indkey::int2[],
       x.indclass::oid[]::bigint[],
       x.indcollation::oid[]::bigint[]
FROM pg_class c
LEFT JOIN pg_index x ON x.indexrelid = c.oid
LEFT JOIN pg_class owner ON owner.reltoastrelid = coalesce(x.indrelid, c.oid) AND owner.reltoastrelid <> 0
JOIN pg_class t ON t.oid = coalesce(owner.oid, x.indrelid, c.oid) AND t.relkind IN ('r', 'p', 'm') AND t.relpersistence <> 't'
JOIN pg_namespace tn ON tn.oid = t.relnamespace AND ($3 OR (tn.nspname <> 'information_schema' AND tn.nspname NOT LIKE 'pg\_%'))
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid AND c.relispartition
WHERE c.relkind IN ('r', 'p', 'm', 't', 'i', 'I')
  AND (($1::text[] IS NULL AND $2::text[] IS NULL) OR t.oid IN (SELECT chosen.oid FROM chosen))
