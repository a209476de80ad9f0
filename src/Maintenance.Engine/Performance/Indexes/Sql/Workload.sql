-- The statements of this database that took the most time since the counters began, whoever ran them: what the role may not see has no text.
-- $1 how many. The columns have had these names since PostgreSQL 13.
SELECT queryid, query, sum(calls)::float8, sum(total_exec_time)::float8, sum(rows)::float8, count(*) FILTER (WHERE queryid IS NULL)
FROM pg_stat_statements(true)
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
GROUP BY queryid, query
ORDER BY 4 DESC
LIMIT $1::int
