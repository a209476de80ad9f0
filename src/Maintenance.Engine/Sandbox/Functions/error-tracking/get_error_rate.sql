-- Failed requests of all requests; without requests there is no rate, and the answer says null.
SELECT jsonb_build_object('error_rate', round(100.0 * count(*) FILTER (WHERE NOT succeeded) / nullif(count(*), 0), 3))
FROM public.query_performance_logs
WHERE "timestamp" > now() - coalesce($1 ->> 'time_window', '15m')::interval
