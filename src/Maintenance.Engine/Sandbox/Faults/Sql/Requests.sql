-- $1: over so many seconds, $2: so many requests.
INSERT INTO public.query_performance_logs (operation, duration_ms, rows_returned, request_id, "timestamp")
SELECT 'checkout', 90 + n % 5 * 10, 1, gen_random_uuid(), now() - interval '1 second' * $1 * (n - 1) / $2
FROM generate_series(1, $2) AS n
