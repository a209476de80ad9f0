-- Answers performance_analysis and performance_baselines.
WITH statements AS (
    SELECT sum(total_exec_time) / nullif(sum(calls), 0) AS mean, count(*) FILTER (WHERE mean_exec_time > 1000) AS slow
    FROM pg_stat_statements
    WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
), sessions AS (
    SELECT 100.0 * count(*) / (current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int) AS used
    FROM pg_stat_activity
    WHERE backend_type = 'client backend'
)
SELECT jsonb_build_object(
    'avg_query_time', round(mean::numeric, 3),
    'slow_queries_count', slow,
    'connection_pool_usage', least(100, round(used, 2)),
    'recommendations', to_jsonb(array_remove(ARRAY[
        CASE WHEN slow > 0 THEN format('Look at %s statements that take more than a second on average.', slow) END,
        CASE WHEN used > 80 THEN 'Put a pool before the database.' END
    ], NULL)))
FROM statements, sessions
