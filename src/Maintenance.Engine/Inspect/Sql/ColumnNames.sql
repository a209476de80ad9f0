-- Columns whose name begins with what was typed, for completion. $1 the table, as name, schema.name or OID, or '' for all; $2 the beginning;
-- $3 whether it has to hold a date or a time; $4 how many.
SELECT a.attname::text, min(format_type(a.atttypid, a.atttypmod))
FROM pg_attribute AS a
JOIN pg_class AS c ON c.oid = a.attrelid
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND a.attnum > 0 AND NOT a.attisdropped
  AND $1 IN ('', c.relname, n.nspname || '.' || c.relname, format('%I.%I', n.nspname, c.relname), c.oid::text)
  AND starts_with(lower(a.attname), lower($2))
  AND (NOT $3 OR a.atttypid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype))
GROUP BY a.attname
ORDER BY a.attname
LIMIT $4
