-- All statements of this database together, when the counting began, and how often statements were discarded for want of room.
-- The last column: statements of other roles whose identity is hidden from this one.
SELECT info.stats_reset, info.dealloc::float8, coalesce(sum(s.calls), 0)::float8, coalesce(sum(s.total_exec_time), 0),
       count(*) FILTER (WHERE s.queryid IS NULL AND s.dbid IS NOT NULL)
FROM pg_stat_statements_info() AS info (dealloc, stats_reset)
LEFT JOIN pg_stat_statements(false) AS s ON s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
GROUP BY info.stats_reset, info.dealloc
