-- What statistics know of the values of a column, as text, and how often the most common ones are there. $1 schema, $2 table, $3 column. With those
-- of partitions where there are any.
SELECT coalesce(stats.most_common_vals::text::text[], '{}'), coalesce(stats.histogram_bounds::text::text[], '{}'), coalesce(stats.most_common_freqs, '{}')::float8[], stats.null_frac::float8
FROM pg_stats AS stats
JOIN pg_attribute AS attribute ON attribute.attrelid = format('%I.%I', $1::text, $2::text)::regclass AND attribute.attname = $3
JOIN pg_type AS type ON type.oid = attribute.atttypid
WHERE stats.schemaname = $1 AND stats.tablename = $2 AND stats.attname = $3
  -- Arrays within arrays cannot be taken apart.
  AND type.typcategory <> 'A'
ORDER BY stats.inherited DESC
LIMIT 1
