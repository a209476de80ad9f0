-- All statements of this database together; PostgreSQL 13 does not tell when the counting began, nor what was discarded.
-- The last column: statements of other roles whose identity is hidden from this one.
SELECT NULL::timestamptz, 0::float8, coalesce(sum(calls), 0)::float8, coalesce(sum(total_exec_time), 0),
       count(*) FILTER (WHERE queryid IS NULL)
FROM pg_stat_statements(false)
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
