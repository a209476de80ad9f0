WITH top AS (
    SELECT regexp_replace(regexp_replace(message, '\S+@\S+', '<address>', 'g'), '\d+', '<n>', 'g') AS message, component, count(*) AS count
    FROM public.error_logs
    WHERE "timestamp" > now() - coalesce($1 ->> 'time_window', '24h')::interval AND severity IN ('error', 'critical')
    GROUP BY 1, 2
    ORDER BY 3 DESC, 1
    LIMIT 5
)
SELECT jsonb_build_object(
    'error_rate', (SELECT round(100.0 * count(*) FILTER (WHERE NOT succeeded) / nullif(count(*), 0), 3)
                   FROM public.query_performance_logs
                   WHERE "timestamp" > now() - coalesce($1 ->> 'time_window', '24h')::interval),
    'critical_errors_count', (SELECT count(*) FROM public.error_logs
                              WHERE "timestamp" > now() - coalesce($1 ->> 'time_window', '24h')::interval AND severity = 'critical'),
    'top_errors', (SELECT coalesce(jsonb_agg(jsonb_build_object('message', message, 'count', count, 'component', component)), '[]') FROM top))
