-- The query for the values of an expression in a sample of a table: a JSON array of values, in the order of their type, and how many rows have each.
-- A value is written as its type does, not by a cast, which may be anybody's. $1 schema, $2 table, $3 expression as the server has written it
SELECT format(
  'SELECT pg_catalog.json_agg(pg_catalog.json_build_array(CASE WHEN value IS NOT NULL THEN pg_catalog.format(''%%s'', value) END, rows) ORDER BY value)
   FROM (SELECT value, pg_catalog.count(*) AS rows FROM (SELECT (%s) AS value FROM %I.%I TABLESAMPLE SYSTEM (%s) REPEATABLE (1) LIMIT 100000) AS sample GROUP BY value) AS counted',
  $3::text, $1::text, $2::text, round(least(100, 100 * 30000 / greatest(1, class.reltuples))::numeric, 6))
FROM pg_class AS class
WHERE class.oid = format('%I.%I', $1::text, $2::text)::regclass
