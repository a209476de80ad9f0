-- How far each sequence is towards its end: its own end, or that of the integer column it feeds, whichever comes first.
-- A sequence this role may not read is counted, not passed over.
WITH known AS (
  SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name,
         has_sequence_privilege(c.oid, 'SELECT') OR has_sequence_privilege(c.oid, 'USAGE') AS readable,
         q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcycle,
         (SELECT min(CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 END)
          FROM pg_depend d
          JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
            AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0) AS column_max
  FROM pg_sequence q
  JOIN pg_class c ON c.oid = q.seqrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relpersistence <> 't'
), used AS (
  SELECT name, seqincrement, seqmin::numeric, least(seqmax, coalesce(column_max, seqmax))::numeric AS last_possible, seqmax,
         CASE WHEN readable THEN pg_sequence_last_value(oid) END::numeric AS last_value
  FROM known
  WHERE NOT seqcycle
)
SELECT (SELECT count(*)::int FROM known WHERE NOT readable AND NOT seqcycle),
       name,
       (CASE WHEN seqincrement > 0
             THEN (last_value - seqmin) / nullif(last_possible - seqmin, 0)
             ELSE (seqmax - last_value) / nullif(seqmax - seqmin, 0) END * 100)::float8 AS percent
FROM (SELECT 1) one
LEFT JOIN used ON last_value IS NOT NULL
ORDER BY percent DESC NULLS LAST
LIMIT 1
