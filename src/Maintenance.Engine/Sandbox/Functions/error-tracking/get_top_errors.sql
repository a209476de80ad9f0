SELECT jsonb_build_object('errors', coalesce(jsonb_agg(jsonb_build_object('message', message, 'count', count, 'component', component) ORDER BY count DESC, message), '[]'))
FROM (
    SELECT regexp_replace(regexp_replace(message, '\S+@\S+', '<address>', 'g'), '\d+', '<n>', 'g') AS message, component, count(*) AS count
    FROM public.error_logs
    WHERE "timestamp" > now() - coalesce($1 ->> 'time_window', '15m')::interval AND severity IN ('error', 'critical')
    GROUP BY 1, 2
    ORDER BY 3 DESC, 1
    LIMIT coalesce(($1 ->> 'limit')::int, 5)
) AS top
