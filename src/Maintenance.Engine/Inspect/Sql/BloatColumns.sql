-- Columns of tables, materialized views and indexes on expressions, with their statistics as far as this role may see them.
-- The view checks a privilege for every row: it is read once as a whole. $1 relations, null for all; $2 true for system catalogues too.
WITH statistics AS MATERIALIZED (
    SELECT schemaname, tablename, attname, avg_width, null_frac, n_distinct
    FROM pg_stats
    WHERE NOT inherited AND ($2 OR (schemaname <> 'information_schema' AND schemaname NOT LIKE 'pg\_%'))
)
SELECT a.attrelid::bigint,
       a.attnum,
       a.attisdropped,
       a.attlen,
       a.attalign::text,
       a.attstorage <> 'p',
       a.atttypid = 'bpchar'::regtype AND a.atttypmod > 0,
       s.avg_width,
       s.null_frac,
       s.n_distinct
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index x ON x.indexrelid = c.oid
LEFT JOIN statistics s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
WHERE a.attnum > 0 AND c.relpersistence <> 't'
  AND (c.relkind IN ('r', 'm') OR (c.relkind = 'i' AND x.indexprs IS NOT NULL))
  AND ($2 OR (n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'))
  AND ($1::bigint[] IS NULL OR a.attrelid = ANY ($1::bigint[]::oid[]))
