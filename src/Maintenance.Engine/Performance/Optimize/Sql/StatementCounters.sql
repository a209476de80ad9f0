-- How often statements of this database have run, and how long, since they are counted. $1 their ids
SELECT queryid, sum(calls)::float8, sum(total_exec_time)
FROM pg_stat_statements(false)
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND queryid = ANY ($1)
GROUP BY queryid
