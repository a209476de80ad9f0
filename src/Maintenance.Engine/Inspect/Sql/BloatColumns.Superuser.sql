-- The same as BloatColumns.sql for a role that may read pg_statistic itself, which takes a tenth of the time.
-- $1 relations, null for all; $2 true for system catalogues too.
SELECT a.attrelid::bigint,
       a.attnum,
       a.attisdropped,
       a.attlen,
       a.attalign::text,
       a.attstorage <> 'p',
       a.atttypid = 'bpchar'::regtype AND a.atttypmod > 0,
       s.stawidth,
       s.stanullfrac,
       s.stadistinct
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_index x ON x.indexrelid = c.oid
LEFT JOIN pg_statistic s ON s.starelid = a.attrelid AND s.staattnum = a.attnum AND NOT s.stainherit
WHERE a.attnum > 0 AND c.relpersistence <> 't'
  AND (c.relkind IN ('r', 'm') OR (c.relkind = 'i' AND x.indexprs IS NOT NULL))
  AND ($2 OR (n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'))
  AND ($1::bigint[] IS NULL OR a.attrelid = ANY ($1::bigint[]::oid[]))
