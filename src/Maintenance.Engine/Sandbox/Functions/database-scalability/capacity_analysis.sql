-- Of the sample's database as a whole: it grows about half as fast as its log of requests, which its past (SampleGrowth) shows too.
WITH logged AS (
    SELECT count(*) FILTER (WHERE "timestamp" > now() - interval '30 days')::numeric / nullif(count(*), 0) AS recent,
           coalesce(sum(rows_returned) FILTER (WHERE "timestamp" > now() - interval '7 days'), 0) AS returned
    FROM public.query_performance_logs
)
SELECT jsonb_build_object(
    'database_size_gb', round(pg_database_size(current_database()) / 1024.0 ^ 3, 6),
    'daily_growth_gb', round(pg_database_size(current_database()) / 1024.0 ^ 3 * recent / 60, 8),
    'peak_connections', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
    'daily_bandwidth_gb', round(returned * 1024 / 7 / 1024.0 ^ 3, 8))
FROM logged
