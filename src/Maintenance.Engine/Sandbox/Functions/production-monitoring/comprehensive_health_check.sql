-- A score of its own, simpler than the module's: it knows requests, errors and connections, and nothing of backups or bloat.
WITH requests AS (
    SELECT count(*) AS total, 100.0 * count(*) FILTER (WHERE NOT succeeded) / nullif(count(*), 0) AS failed_percent
    FROM public.query_performance_logs
    WHERE "timestamp" > now() - coalesce($1 ->> 'time_window', '24h')::interval
), errors AS (
    SELECT count(*) FILTER (WHERE severity = 'critical') AS critical
    FROM public.error_logs
    WHERE "timestamp" > now() - coalesce($1 ->> 'time_window', '24h')::interval
), judged AS (
    SELECT least(40, 4 * failed_percent) AS for_failures, least(30, critical) AS for_errors, failed_percent, critical
    FROM requests, errors
)
SELECT jsonb_build_object(
    'overall_health_percent', round((100 - for_failures - for_errors)::numeric, 1),
    'issues', to_jsonb(array_remove(ARRAY[
        CASE WHEN failed_percent > 2 THEN format('%s %% of the requests failed', round(failed_percent, 1)) END,
        CASE WHEN critical > 0 THEN format('%s critical errors in 24 hours', critical) END
    ], NULL)))
FROM judged
