-- Mean execution time over all statements of this database, and how many distinct ones are slow on average.
-- showtext = false: the texts are in a file that would be read in full. $1 slow-query limit (ms)
SELECT sum(total_exec_time) / nullif(sum(calls), 0),
       count(*) FILTER (WHERE mean_exec_time > $1)
FROM pg_stat_statements(false)
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
