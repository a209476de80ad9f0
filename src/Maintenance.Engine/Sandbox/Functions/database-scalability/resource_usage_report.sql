-- The sandbox's plan: 500 MB of database, 5 GB of traffic in 30 days, a kilobyte for each row that was returned.
SELECT jsonb_build_object(
    'storage_usage_percent', round(100.0 * pg_database_size(current_database()) / (500 * 1024 * 1024), 2),
    'bandwidth_usage_percent', round(100.0 * coalesce(sum(rows_returned), 0) * 1024 / (5.0 * 1024 * 1024 * 1024), 4))
FROM public.query_performance_logs
WHERE "timestamp" > now() - interval '30 days'
