-- Answers performance_report, and performance_metrics over a shorter time.
SELECT jsonb_build_object(
    'avg_response_time', round(avg(duration_ms)::numeric, 2),
    'p95_response_time', round(percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms)::numeric, 2),
    'error_rate', round(100.0 * count(*) FILTER (WHERE NOT succeeded) / nullif(count(*), 0), 3),
    'avg_requests_per_second', round((count(*) / extract(epoch FROM coalesce($1 ->> 'time_window', '7d')::interval))::numeric, 5))
FROM public.query_performance_logs
WHERE "timestamp" > now() - coalesce($1 ->> 'time_window', '7d')::interval
