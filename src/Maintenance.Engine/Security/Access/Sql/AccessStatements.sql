-- Statements of each role in all databases. These counts are hidden from nobody.
SELECT userid::bigint, sum(calls)::float8
FROM pg_stat_statements(false)
GROUP BY userid
