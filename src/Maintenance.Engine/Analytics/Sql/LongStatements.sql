-- Statements that took more than the limit all in all: no other can be slow on average. The longest first. $1 the limit (ms)
SELECT queryid::text, sum(calls)::float8, sum(total_exec_time)
FROM pg_stat_statements(false)
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND queryid IS NOT NULL
GROUP BY queryid
HAVING sum(total_exec_time) > $1
ORDER BY 3 DESC
LIMIT 500
